# SPDX-License-Identifier: Apache-2.0
"""Working days: weekends, public holidays and 调休, for limits that the law counts in them.

行政许可法 art. 82: limits of organs are working days, public holidays excluded; the first day does not count.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby
from typing import Literal

from tongban.standards.tally import Tally

WEEKDAYS = "一二三四五六日"
MOVED = "调休"  # what a day off is called that was exchanged for a worked weekend
MAKEUP = "调休上班"
_DAY = timedelta(days=1)
KEPT = 4096  # answers of one calendar
_WEEK = (1, 1, 1, 1, 1, 0, 0)


@dataclass(frozen=True)
class Run:
    """Days next to each other that are alike, and how many of them are worked."""

    kind: Literal["ordinary", "holiday", "makeup"]  # ordinary: working days and plain weekends
    first: date
    last: date
    worked: int
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Calendar:
    """The days of one organization as far as they are published; later days are weekends and no more."""

    holidays: frozenset[date]  # days off, the weekends among them included or not
    makeup: frozenset[date]  # weekend days worked to make up for a holiday bridge
    published_until: date
    names: Mapping[date, str] = field(default_factory=dict, hash=False, compare=False)

    def is_workday(self, day: date) -> bool:
        """Whether the organization works on this day."""
        return day in self.makeup or (day.weekday() < 5 and day not in self.holidays)

    def is_provisional(self, day: date) -> bool:
        """Whether the holidays of this day are not published yet, so that the answer may change."""
        return day > self.published_until

    def add_workdays(self, start: date, n: int) -> date:
        """The nth working day after start, which itself does not count; start when n is 0. ValueError below 0."""
        if n < 0:
            raise ValueError("a limit is not negative")
        if n == 0:
            return start
        found = self._found.get((start, n))
        return found or self._find(start, n)

    def count_workdays(self, a: date, b: date) -> int:
        """Working days after a, up to and with b; negative when b is before a (so many days overdue)."""
        return self._tally.before(b.toordinal() + 1) - self._tally.before(a.toordinal() + 1)

    def days_left(self, today: date, last: date) -> int:
        """Working days after today until the last one; 0 on it, and below zero from the day after, worked or not."""
        days = self.count_workdays(today, last)
        return min(days, -1) if today > last else days

    def next_workday(self, day: date) -> date:
        """This day or the first working day after it (民法典 art. 203, when a limit ends on a day off)."""
        return day if self.is_workday(day) else self.add_workdays(day, 1)

    def workday_before(self, day: date, n: int) -> date:
        """The first day after which at most n working days are left until this one."""
        return self._found.get((day, -n)) or self._find(day, -n)

    def own_days(self, other: "Calendar", first: date, last: date) -> dict[date, tuple[str, str]]:
        """The days from first to last on which this calendar differs from the other: kind and name of each."""
        if self is other:
            return {}
        differing = (self.holidays ^ other.holidays) | (self.makeup ^ other.makeup)
        return {
            day: ("makeup" if self.is_workday(day) else "holiday", self.names.get(day, ""))
            for day in sorted(differing)
            if first <= day <= last
        }

    def with_days(self, days: Mapping[date, tuple[str, str]]) -> "Calendar":
        """The same with these days put over it, by kind (holiday or makeup) and name."""
        off = {day for day, (kind, _) in days.items() if kind == "holiday"}
        return Calendar(
            holidays=(self.holidays - days.keys()) | off,
            makeup=(self.makeup - days.keys()) | (days.keys() - off),
            published_until=self.published_until,
            names={**self.names, **{day: name for day, (_, name) in days.items() if name}},
        )

    def runs(self, first: date, last: date) -> Iterator[Run]:
        """These days in order: ordinary ones, stretches off with a holiday among them, worked weekend days."""
        stretches = [list(days) for _, days in groupby(_days(first, last), self._sort)]
        named = [(self._kind(days), days) for days in stretches]
        for kind, group in groupby(named, lambda each: each[0]):
            days = [day for _, stretch in group for day in stretch]
            worked = self.count_workdays(days[0] - _DAY, days[-1])
            yield Run(kind, days[0], days[-1], worked, self._names(days) if kind == "holiday" else ())

    def _find(self, start: date, n: int) -> date:
        """The first day by whose end n more days are worked than by the end of the first; 0 and less look back."""
        if len(self._found) >= KEPT:
            self._found.clear()
        first = start.toordinal()
        reached = self._tally.reaching(self._tally.before(first + 1) + n, first)
        return self._found.setdefault((start, n), date.fromordinal(reached))

    @cached_property
    def _found(self) -> dict[tuple[date, int], date]:
        """What was asked before: the same limits begin on the same days all day long."""
        return {}

    @cached_property
    def _tally(self) -> Tally:
        return Tally(_WEEK, {day: int(self.is_workday(day)) for day in self.holidays | self.makeup})

    def _sort(self, day: date) -> str:
        if day in self.makeup:
            return "makeup"
        return "worked" if self.is_workday(day) else "off"

    def _kind(self, days: list[date]) -> Literal["ordinary", "holiday", "makeup"]:
        if days[0] in self.makeup:
            return "makeup"
        return "ordinary" if self.holidays.isdisjoint(days) else "holiday"

    def _names(self, days: list[date]) -> tuple[str, ...]:
        """What the days are called; that some of them were moved goes without saying beside a festival."""
        said = tuple(dict.fromkeys(self.names[day] for day in days if day in self.names))
        return tuple(name for name in said if name != MOVED) or said


def long_day(day: date) -> str:
    """2026年5月3日（周日）"""
    return f"{day.year}年{short_day(day)}"


def short_day(day: date) -> str:
    """5月3日（周日）"""
    return f"{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）"


def span(first: date, last: date) -> str:
    """One day, or from one to the other."""
    return short_day(first) if first == last else f"{short_day(first)}至{short_day(last)}"


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=offset) for offset in range((last - first).days + 1))
