# SPDX-License-Identifier: Apache-2.0
"""Working days: weekends, public holidays and 调休, for limits that the law counts in them.

行政许可法 art. 82: limits of organs are working days, public holidays excluded; the first day does not count.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

WEEKDAYS = "一二三四五六日"
_DAY = timedelta(days=1)


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
        day, left = start, n
        while left:
            day += _DAY
            left -= self.is_workday(day)
        return day

    def count_workdays(self, a: date, b: date) -> int:
        """Working days after a, up to and with b; negative when b is before a (so many days overdue)."""
        if b < a:
            return -self.count_workdays(b, a)
        return sum(map(self.is_workday, _days(a + _DAY, b)))

    def next_workday(self, day: date) -> date:
        """This day or the first working day after it (民法典 art. 203, when a limit ends on a day off)."""
        return day if self.is_workday(day) else self.add_workdays(day, 1)

    def explain(self, start: date, n: int) -> list[str]:
        """Why a limit of n working days from start ends when it does, in Chinese, line by line."""
        due = self.add_workdays(start, n)
        lines = [f"{_long(start)}为起算日，当日不计入期限。"]
        lines += [_about(run, self) for run in self._runs(start + _DAY, due) if _is_news(run, self)]
        lines.append(f"第{n}个工作日为{_long(due)}。" if n else f"期限为0个工作日，当日{_long(due)}到期。")
        if self.is_provisional(due):
            lines.append(f"{_long(self.published_until)}以后的放假安排尚未公布，到期日为暂定。")
        return lines

    def _runs(self, first: date, last: date) -> Iterator[list[date]]:
        """Days next to each other that are alike: off for the same reason, or worked."""
        run: list[date] = []
        for day in _days(first, last):
            if run and self._kind(day) != self._kind(run[0]):
                yield run
                run = []
            run.append(day)
        if run:
            yield run

    def _kind(self, day: date) -> str:
        if day in self.makeup:
            return "makeup"
        if day in self.holidays:
            return "holiday"
        return "workday" if day.weekday() < 5 else "weekend"


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=offset) for offset in range((last - first).days + 1))


def _is_news(run: list[date], calendar: Calendar) -> bool:
    """Everybody knows weekends; holidays and worked weekends need saying."""
    return run[0] in calendar.makeup or run[0] in calendar.holidays


def _about(run: list[date], calendar: Calendar) -> str:
    span = _short(run[0]) if len(run) == 1 else f"{_short(run[0])}至{_short(run[-1])}"
    if run[0] in calendar.makeup:
        return f"{span}为调休上班，计入工作日。"
    return f"{span}为{_reason(run, calendar)}，不计入。"


def _reason(run: list[date], calendar: Calendar) -> str:
    names = dict.fromkeys(calendar.names[day] for day in run if day in calendar.names)
    return f"{'、'.join(names)}放假" if names else "法定节假日"


def _long(day: date) -> str:
    return f"{day.year}年{_short(day)}"


def _short(day: date) -> str:
    return f"{day.month}月{day.day}日（周{WEEKDAYS[day.weekday()]}）"
