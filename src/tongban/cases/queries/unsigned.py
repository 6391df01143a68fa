# SPDX-License-Identifier: Apache-2.0
"""Where a case stands, for whoever knows its number and the end of the applicant's ID number; nothing personal."""

import hmac
from dataclasses import dataclass
from datetime import date, datetime

from tongban.cases import course, custody
from tongban.cases.errors import ProgressUnknown
from tongban.cases.models import Case
from tongban.cases.queries.held import Held, read_with
from tongban.cases.queries.pages import next_steps
from tongban.cases.sealed import open_envelope
from tongban.cases.states import ENDED, NAMES, Part, State
from tongban.standards import clock
from tongban.standards.refusal import Refusal

TAIL = 4  # characters of the ID number


@dataclass(frozen=True)
class UnsignedView:
    """What is shown without a sign-in: no name, no number, no reason, no file."""

    receipt_no: str
    item_name: str
    state_name: str
    ended: bool
    office: str
    holder: str  # on whose desk it lies
    next_step: str
    submitted_at: datetime
    due_on: date | None
    days_left: int | None


def unsigned(number: str, tail: str) -> UnsignedView:
    """The progress. ProgressUnknown, in the same words, for a number that is not there and for a wrong end."""
    try:
        held, _ = read_with(number, ())
    except Refusal:
        raise ProgressUnknown(field="number") from None
    kept = str(open_envelope(held)["applicant"]["id_number"])[-TAIL:]
    if len(kept) < TAIL or not hmac.compare_digest(kept.upper().encode(), tail.upper().encode()):
        raise ProgressUnknown(field="number")
    return _view(held)


def _view(held: Held) -> UnsignedView:
    case = held.situation(clock.now(), held.state or State.SUBMITTED)
    due = None if held.state in ENDED else course.due_on(case)
    holding = held.head.holding
    return UnsignedView(
        receipt_no=held.receipt_no,
        item_name=held.item_name,
        state_name=NAMES[held.state] if held.state else held.state_word,
        ended=held.state in ENDED,
        office=custody.with_part(held.parties, Part.HANDLING).organization_name,
        holder=custody.party(held.parties, holding.offered_to or holding.holder).organization_name,
        next_step=next_steps(held, case),
        submitted_at=Case.objects.values_list("submitted_at", flat=True).get(id=held.id),
        due_on=due,
        days_left=None if due is None else case.hours.calendar.count_workdays(clock.today(), due),
    )
