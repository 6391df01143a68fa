# SPDX-License-Identifier: Apache-2.0
"""When a window is open: its week as it was entered, and the days of the next weeks that differ from it."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby

from tongban.regions import queries as regions
from tongban.standards.opening import Hours, Opening, Spans
from tongban.web import words
from tongban.web.guides.parts import Fact

AHEAD = 14  # days that are looked at for another opening time
NOT_ENTERED = "这是通常的办公时间，该窗口没有登记自己的，去之前请打电话确认"


def open_hours(organization: str, today: date) -> Fact:
    """The opening hours of a window; where it has entered none the usual ones, and that they are not its word."""
    entered, hours = regions.opening_of(organization), regions.hours_for(organization)
    notes = () if entered else (NOT_ENTERED,)
    return Fact("办理时间", words.week(entered or hours.opening), (*notes, *_differing(hours, today)))


def _differing(hours: Hours, today: date) -> Iterator[str]:
    """The days ahead on which it opens otherwise than its week says, those that are alike together."""
    days = [today + timedelta(days=n) for n in range(AHEAD)]
    for spans, alike in groupby(days, key=lambda day: _other(hours, day)):
        if spans is not None:
            first, *rest = alike
            last = f"至{_short(rest[-1])}" if rest else ""
            yield f"{_short(first)}{last} {words.open_at(spans)}"


def _other(hours: Hours, day: date) -> Spans | None:
    """What it says of this day, where that is not what it says of such a weekday."""
    said = hours.spans(day)
    return None if said == _of_week(hours.opening, day) else said


def _of_week(opening: Opening, day: date) -> Spans:
    return opening.week[day.weekday()]


def _short(day: date) -> str:
    return f"{day.month}月{day.day}日"
