# SPDX-License-Identifier: Apache-2.0
"""What proves a case's chain to somebody who believes nobody: exact lines, and the signed messages they came in."""

from dataclasses import dataclass
from typing import Any

from tongban.cases.models import Event
from tongban.cases.queries.pages import visible
from tongban.exchange.queries import Received, received_about
from tongban.standards.actor import Actor, Role
from tongban.standards.refusal import NotAllowed


@dataclass(frozen=True)
class LineProof:
    """One line of the chain, exact bytes as text."""

    number: int
    move: str
    node: str
    line: str
    digest: str


@dataclass(frozen=True)
class Evidence:
    """All lines, and every message about the case that reached this node."""

    case: str
    lines: tuple[LineProof, ...]
    messages: tuple[Received, ...]


def evidence(number_or_id: str, actor: Actor) -> Evidence:
    """The proofs of a case. Envelopes hold what the applicant sent, so they are for staff with a part in it."""
    held = visible(number_or_id, actor)
    if actor.role is Role.APPLICANT:
        raise NotAllowed()
    rows: Any = Event.objects.filter(case_id=held.id).order_by("number")
    lines = tuple(LineProof(row.number, row.move, row.node, bytes(row.line).decode(), row.digest) for row in rows)
    return Evidence(case=str(held.id), lines=lines, messages=tuple(received_about(held.subject)))
