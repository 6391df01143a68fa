# SPDX-License-Identifier: Apache-2.0
"""New days off move dates: each case that is held here says so in its own chain, with the days that did it."""

from collections.abc import Iterator
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from tongban.cases import clocks, custody
from tongban.cases.actions.moving import make_move_as_system
from tongban.cases.models import Reckoned
from tongban.cases.queries.held import Held, read
from tongban.cases.reasons import moved
from tongban.cases.states import Part
from tongban.cases.transitions import MOVES
from tongban.database import reading
from tongban.regions.models import CalendarChange
from tongban.regions.queries import calendar_changes, hours_before, hours_for
from tongban.standards.node import here
from tongban.standards.refusal import Refusal

log = structlog.get_logger()

RECKONING_DUE = (
    "SELECT 1 FROM regions_calendar_change WHERE number > COALESCE((SELECT max(number) FROM cases_reckoned), 0)"
)
AT_ONCE = 200  # cases that are read before the next are asked for
RUNNING = (
    "SELECT DISTINCT t.case_id FROM cases_clock t JOIN cases_case c ON c.id = t.case_id "
    "JOIN cases_party p ON p.case_id = c.id AND p.number = c.holder "
    "WHERE t.ended_at IS NULL AND t.due_at >= %s AND t.case_id > %s AND p.node = %s AND c.offered_to IS NULL "
    "ORDER BY t.case_id LIMIT %s"
)
MOST = MOVES["reckon"].needs[0].most


def reckon_once(at: datetime) -> bool:
    """Tell new dates where days were changed since the last time. Whether there was such a change.

    A case whose dates have been told already is left alone, so that whoever was interrupted may begin again.
    """
    last = Reckoned.objects.order_by("-number").values_list("number", flat=True).first()
    changes = calendar_changes(last or 0)
    if not changes:
        return False
    told = sum(_reckon(case_id, changes[0], at) for case_id in _running(at))
    Reckoned.objects.create(number=changes[-1].number, at=at, cases=told)
    log.info("reckoned", change=changes[-1].number, cases=told)
    return True


def _running(at: datetime) -> Iterator[UUID]:
    """The cases held here in which a limit runs that is not over yet."""
    last = UUID(int=0)
    while rows := reading.rows(RUNNING, (at, last, here().code, AT_ONCE)):
        yield from (case_id for (case_id,) in rows)
        last = rows[-1][0]


def _reckon(case_id: UUID, change: CalendarChange, at: datetime) -> bool:
    """Whether the case has new dates, and says so."""
    held = read(case_id)
    why = list(dict.fromkeys(_why(held, change)))
    if not why:
        return False
    try:
        with transaction.atomic():
            make_move_as_system(case_id, "reckon", {"reason": "".join(why)[:MOST]}, at=at)
    except Refusal as no:
        log.warning("not_reckoned", case=str(case_id), why=no.code)
        return False
    return True


def _why(held: Held, change: CalendarChange) -> Iterator[str]:
    """What moved the clocks of a case whose kept dates are no longer those of the calendar."""
    organization = custody.with_part(held.parties, Part.HANDLING).organization
    now = hours_for(organization)
    running = {kind: each for kind, each in held.clocks.items() if each.ended_at is None}
    shifted = [each for kind, each in running.items() if clocks.due_at(each, now) != held.due.get(kind)]
    before = hours_before(change, organization) if shifted else now  # a SELECT
    for each in shifted:
        found = moved(each, before, now)
        yield from found.why if found else [f"{each.regime.name}按新的放假安排重新计算。"]
