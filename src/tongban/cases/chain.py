# SPDX-License-Identifier: Apache-2.0
"""The chain of a case: one line for each move, across all nodes. Pure.

Line n+1 names the digest of line n, whoever made it. Facts enter as salted digests, told and internal apart,
so that a mirror can check what it was told and the rest can be erased.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from tongban.cases import custody, transitions
from tongban.cases.bodies import ChainLine
from tongban.cases.custody import Holding, Party
from tongban.cases.errors import ChainBroken, ChainForged
from tongban.cases.states import Custody, State
from tongban.cases.transitions import Move
from tongban.standards.actor import Actor
from tongban.standards.canonical import canonical, parse
from tongban.standards.crypto import Suite, digest_with


@dataclass(frozen=True)
class Line:
    """One line as it was made."""

    number: int
    move: str
    state: str
    holder: int
    offered_to: int | None
    at: datetime
    node: str
    actor: str
    data: bytes
    digest: str


@dataclass(frozen=True)
class Head:
    """Where a chain stands: what the next line must continue."""

    length: int
    digest: str
    holding: Holding


@dataclass(frozen=True)
class Told:
    """A line with the facts it covers, as they are kept or sent."""

    line: Line
    facts: Mapping[str, Any]
    salt: bytes
    internal: Mapping[str, str]


def next_line(
    suite: Suite,
    head: Head,
    *,
    case: UUID,
    move: Move,
    state: State,
    holding: Holding,
    at: datetime,
    node: str,
    actor: Actor,
    facts: Mapping[str, Any],
    internal: Mapping[str, str],
) -> Told:
    """The line that this move adds."""
    salt = os.urandom(16)
    words = {
        "case": str(case),
        "number": head.length + 1,
        "move": move.name,
        "state": str(state),
        "holder": holding.holder,
        "offered_to": holding.offered_to,
        "at": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        "node": node,
        "actor": actor.pseudonym,
        "facts": suite.digest(salt + canonical(dict(facts))),
        "internal": suite.digest(salt + canonical(dict(internal))) if internal else "",
        "previous": head.digest,
        "table": transitions.VERSION,
    }
    data = canonical(words)
    line = Line(
        number=head.length + 1,
        move=move.name,
        state=str(state),
        holder=holding.holder,
        offered_to=holding.offered_to,
        at=at,
        node=node,
        actor=actor.pseudonym,
        data=data,
        digest=suite.digest(data),
    )
    return Told(line=line, facts=facts, salt=salt, internal=internal)


def plain(told: Told) -> dict[str, Any]:
    """What a peer is sent of a line: the exact bytes as text, the facts it may see, the salt."""
    return {
        "line": told.line.data.decode(),
        "digest": told.line.digest,
        "facts": dict(told.facts),
        "salt": told.salt.hex(),
    }


def number_of(given: Mapping[str, Any]) -> int:
    """The place in its chain that a peer's line claims, unchecked. ChainBroken when it is no line."""
    return _read(given)[0].line.number


def follow(given: Mapping[str, Any], head: Head, *, case: str, sender: str, parties: Sequence[Party]) -> Told:
    """A peer's line, checked: it continues our chain and was made by the node that had custody.

    ChainBroken when it does not fit, ChainForged when its maker had no right to it.
    """
    told, words = _read(given)
    if (words["case"], words["number"], words["previous"]) != (case, head.length + 1, head.digest):
        raise ChainBroken()
    if not _is_whole(told, words):
        raise ChainForged()
    if told.line.node != sender:
        raise ChainForged()
    if head.length and _maker(told.line, head.holding, parties).node != sender:
        raise ChainForged()
    _require_custody(told.line, words, head, parties)
    return told


def _is_whole(told: Told, words: Mapping[str, Any]) -> bool:
    """Whether the line has the digest it claims, and covers these very facts."""
    claimed = told.line.digest
    try:
        facts = digest_with(claimed, told.salt + canonical(dict(told.facts)))
        return digest_with(claimed, told.line.data) == claimed and facts == words["facts"]
    except ValueError:  # an algorithm that nobody knows, or facts that cannot be written
        return False


def _require_custody(line: Line, words: Mapping[str, Any], head: Head, parties: Sequence[Party]) -> None:
    """ChainForged when the line gives the case to nobody, or to somebody to whom our own table does not give it."""
    numbers = {party.number for party in parties}
    if line.holder not in numbers or (line.offered_to is not None and line.offered_to not in numbers):
        raise ChainForged()
    move = transitions.MOVES.get(line.move)
    if move is None or words["table"] != transitions.VERSION:
        return  # a newer table may do it otherwise; such a move is flagged
    if Holding(line.holder, line.offered_to) != custody.after(head.holding, move, parties):
        raise ChainForged()


def is_disputed(told: Told, state: State | None) -> bool:
    """Whether our own table does not know or forbids this move: it is followed all the same, and flagged."""
    move = transitions.MOVES.get(told.line.move)
    if move is None:
        return True
    known = state is None or state in move.sources
    return not known or (state is not None and str(move.leads_to(state)) != told.line.state)


def _maker(line: Line, holding: Holding, parties: Sequence[Party]) -> Party:
    """The party whose node alone may have made this line."""
    takes = line.move in transitions.MOVES and transitions.MOVES[line.move].custody is Custody.TAKE
    if takes and holding.offered_to is not None:
        return custody.party(parties, holding.offered_to)
    if holding.offered_to is not None or takes:
        raise ChainForged()
    return custody.party(parties, holding.holder)


def _read(given: Mapping[str, Any]) -> tuple[Told, Mapping[str, Any]]:
    """A line as it was sent, and its words. ChainBroken when it is none."""
    try:
        data = str(given["line"]).encode()
        words = msgspec.convert(parse(data), ChainLine)
        line = Line(
            number=words.number,
            move=words.move,
            state=words.state,
            holder=words.holder,
            offered_to=words.offered_to,
            at=datetime.strptime(words.at, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC),
            node=words.node,
            actor=words.actor,
            data=data,
            digest=str(given["digest"]),
        )
        told = Told(line=line, facts=dict(given["facts"]), salt=bytes.fromhex(given["salt"]), internal={})
        return told, {name: getattr(words, name) for name in ("case", "number", "previous", "facts", "table")}
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as wrong:
        raise ChainBroken() from wrong
