# SPDX-License-Identifier: Apache-2.0
"""The days and opening hours of the organizations that people meet: the published plans, and what differs locally."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from tongban.cases.tests.clocks_at_work import PUBLISHED
from tongban.standards.opening import USUAL, Hours, Opening
from tongban.standards.workdays import Calendar

FIRST = datetime(2025, 1, 1, tzinfo=UTC)  # the plans of these years are published
LENGTH = timedelta(days=2 * 365)
SATURDAYS: tuple[tuple[int, int], ...] = ((9 * 60, 12 * 60),)
FESTIVAL = frozenset({date(2025, 3, 31), date(2025, 4, 1), date(2026, 4, 20), date(2026, 4, 21)})  # 三月三

PLAN_AT = datetime(2025, 12, 19, 4, 0, tzinfo=UTC)  # when everybody has entered the plan of 2026, some weeks late
BEFORE = replace(
    PUBLISHED,
    holidays=frozenset(day for day in PUBLISHED.holidays if day.year < 2026),
    makeup=frozenset(day for day in PUBLISHED.makeup if day.year < 2026),
    published_until=date(2025, 12, 31),
)


def _with_festival(calendar: Calendar) -> Calendar:
    names = {**calendar.names} | dict.fromkeys(FESTIVAL, "三月三")
    return replace(calendar, holidays=calendar.holidays | FESTIVAL, names=names)


def _plans(opening: Opening, local: Callable[[Calendar], Calendar]) -> tuple[Hours, Hours]:
    """An organization's hours before and after the plan of 2026."""
    return Hours(local(BEFORE), opening), Hours(local(PUBLISHED), opening)


USUALLY = _plans(Opening(), lambda calendar: calendar)
ON_SATURDAYS = _plans(Opening(week=(USUAL,) * 5 + (SATURDAYS, ())), lambda calendar: calendar)
WITH_A_FESTIVAL = _plans(Opening(), _with_festival)
EVERY = (USUALLY, USUALLY, ON_SATURDAYS, WITH_A_FESTIVAL)
