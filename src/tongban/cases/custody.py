# SPDX-License-Identifier: Apache-2.0
"""Who may move a case: at every instant at most one node. Pure.

Held: the holder's node makes moves. Offered: nobody does, until the other has taken it; an offer is
asked again and never taken back alone. Between two organizations of one node the same holds, without messages.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tongban.cases.errors import InTransit, NotHere
from tongban.cases.states import Custody, Part
from tongban.cases.transitions import Move


@dataclass(frozen=True)
class Party:
    """An organization with a part in a case."""

    number: int
    part: Part
    organization: str
    organization_name: str
    region: str
    region_name: str
    node: str
    phone: str = ""


@dataclass(frozen=True)
class Holding:
    """Who holds a case, and to whom it is offered (numbers of parties)."""

    holder: int
    offered_to: int | None = None


def party(parties: Sequence[Party], number: int) -> Party:
    """The party of that number."""
    return next(each for each in parties if each.number == number)


def with_part(parties: Sequence[Party], part: Part) -> Party:
    """The first party with this part."""
    return next(each for each in parties if each.part is part)


def mover(holding: Holding, move: Move, parties: Sequence[Party]) -> Party | None:
    """The one party whose node may make this move now; None while the case is between two hands."""
    if move.custody is Custody.TAKE:
        return None if holding.offered_to is None else party(parties, holding.offered_to)
    return None if holding.offered_to is not None else party(parties, holding.holder)


def require(holding: Holding, move: Move, parties: Sequence[Party], node: str) -> None:
    """InTransit or NotHere unless this node may make the move now."""
    allowed = mover(holding, move, parties)
    if allowed is None:
        target = party(parties, holding.offered_to or holding.holder)
        raise InTransit(holder=target.organization_name)
    if allowed.node != node:
        raise NotHere(holder=allowed.organization_name, move=move.label)


def after(holding: Holding, move: Move, parties: Sequence[Party]) -> Holding:
    """Who holds the case once the move is made."""
    if move.custody is Custody.OFFER:
        return replace(holding, offered_to=with_part(parties, Part.HANDLING).number)
    if move.custody is Custody.TAKE and holding.offered_to is not None:
        return Holding(holder=holding.offered_to)
    return holding
