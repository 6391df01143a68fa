# SPDX-License-Identifier: Apache-2.0
"""What one member of staff has in hand, for who gives it to another."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from tongban.cases.models import NEVER, Case
from tongban.cases.states import NAMES, State
from tongban.standards.actor import Actor, Role
from tongban.standards.refusal import NotAllowed

MOST = 100


@dataclass(frozen=True)
class InHand:
    """A case that was given to one person. Who manages staff has no part in it, so it says no more."""

    receipt_no: str
    item_name: str
    state_name: str
    due_on: date | None


def in_hand(staff: UUID, organization: str, actor: Actor) -> list[InHand]:
    """The open cases that are this approver's, the most urgent first. NotAllowed. One select."""
    if actor.role not in (Role.OPERATOR, Role.HALL_MANAGER, Role.AUDITOR, Role.SYSTEM):
        raise NotAllowed()
    if actor.role is Role.HALL_MANAGER and actor.organization != organization:
        raise NotAllowed()
    rows = Case.objects.filter(
        holder_organization=organization, ended=False, progress__assignee=f"{Role.APPROVER}:{staff}"
    ).order_by("due_on", "id")
    told = rows.values_list("receipt_no", "item_name", "state", "due_on")[:MOST]
    return [
        InHand(number, item, NAMES.get(State(state), state), None if due == NEVER else due)
        for number, item, state, due in told
    ]
