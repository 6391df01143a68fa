# SPDX-License-Identifier: Apache-2.0
"""Limits across 春节 and 国庆 of 2020 to 2026, counted by hand from the State Council's yearly arrangements."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import chinese_calendar
import pytest

from tongban.cases import clocks, reasons
from tongban.cases.clocks import begin
from tongban.cases.tests.clocks_at_work import HOURS, PUBLISHED, a_regime, at

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Example:
    """A festival as 国务院办公厅关于某年部分节假日安排的通知 has it, and one limit across it."""

    year: int
    festival: str
    off: tuple[int, int, int, int]  # from month, day to month, day
    worked: tuple[tuple[int, int], ...]
    start: tuple[int, int]
    days: int
    counted: str  # by hand
    due: tuple[int, int]

    def day(self, month_and_day: tuple[int, int]) -> date:
        return date(self.year, *month_and_day)

    def days_off(self) -> Iterator[date]:
        first, last = self.day(self.off[:2]), self.day(self.off[2:])
        return (first + n * DAY for n in range((last - first).days + 1))


# fmt: off
EXAMPLES = [
    # 2020: the notice had 24–30 January with Saturday 1 February worked; 国办发明电〔2020〕1号 prolonged it for the
    # epidemic to 2 February and took back the worked Saturday.
    Example(2020, "春节", (1, 24, 2, 2), ((1, 19),), (1, 16), 10,
            "17, Sun 19, 20-23 January, 3-6 February", (2, 6)),
    Example(2020, "国庆节、中秋节", (10, 1, 10, 8), ((9, 27), (10, 10)), (9, 25), 6,
            "Sun 27, 28-30 September, 9, Sat 10 October", (10, 10)),
    Example(2021, "春节", (2, 11, 2, 17), ((2, 7), (2, 20)), (2, 8), 5,
            "9, 10, 18, 19, Sat 20 February", (2, 20)),
    Example(2021, "国庆节", (10, 1, 10, 7), ((9, 26), (10, 9)), (9, 29), 5,
            "30 September, 8, Sat 9, 11, 12 October", (10, 12)),
    Example(2022, "春节", (1, 31, 2, 6), ((1, 29), (1, 30)), (1, 27), 5,
            "28, Sat 29, Sun 30 January, 7, 8 February", (2, 8)),
    Example(2022, "国庆节", (10, 1, 10, 7), ((10, 8), (10, 9)), (9, 30), 3,
            "Sat 8, Sun 9, 10 October", (10, 10)),
    Example(2023, "春节", (1, 21, 1, 27), ((1, 28), (1, 29)), (1, 19), 5,
            "20, Sat 28, Sun 29, 30, 31 January", (1, 31)),
    Example(2023, "中秋节、国庆节", (9, 29, 10, 6), ((10, 7), (10, 8)), (9, 27), 5,
            "28 September, Sat 7, Sun 8, 9, 10 October", (10, 10)),
    # 2024: 除夕, 9 February, was a working day; taking leave on it was only encouraged.
    Example(2024, "春节", (2, 10, 2, 17), ((2, 4), (2, 18)), (2, 2), 8,
            "Sun 4, 5-9, Sun 18, 19 February", (2, 19)),
    Example(2024, "国庆节", (10, 1, 10, 7), ((9, 29), (10, 12)), (9, 27), 7,
            "Sun 29, 30 September, 8-11, Sat 12 October", (10, 12)),
    Example(2025, "春节", (1, 28, 2, 4), ((1, 26), (2, 8)), (1, 24), 6,
            "Sun 26, 27 January, 5-7, Sat 8 February", (2, 8)),
    Example(2025, "国庆节、中秋节", (10, 1, 10, 8), ((9, 28), (10, 11)), (9, 26), 6,
            "Sun 28, 29, 30 September, 9, 10, Sat 11 October", (10, 11)),
    Example(2026, "春节", (2, 15, 2, 23), ((2, 14), (2, 28)), (2, 12), 7,
            "13, Sat 14, 24-27, Sat 28 February", (2, 28)),
    Example(2026, "国庆节", (10, 1, 10, 7), ((9, 20), (10, 10)), (9, 18), 15,
            "Sun 20, 21-24, 28-30 September, 8, 9, Sat 10, 12-15 October (25-27 September is 中秋节)", (10, 15)),
]
# fmt: on
each_example = pytest.mark.parametrize(
    "example", EXAMPLES, ids=[f"{e.year} {e.festival}: {e.counted}" for e in EXAMPLES]
)


@each_example
def test_the_days_off_and_worked_are_those_of_the_notice(example: Example) -> None:
    assert not any(PUBLISHED.is_workday(day) for day in example.days_off())
    assert all(PUBLISHED.is_workday(example.day(day)) for day in example.worked)


@each_example
def test_the_limit_ends_on_the_day_counted_by_hand(example: Example) -> None:
    clock = begin(a_regime(example.days), at(example.day(example.start)))

    assert clocks.due_on(clock, HOURS) == example.day(example.due)
    assert sum(leg.counted for leg in reasons.steps(clock, HOURS)) == example.days


@each_example
def test_an_independent_calendar_counts_as_many_days(example: Example) -> None:
    first, last = example.day(example.start), example.day(example.due)
    counted = [first + n * DAY for n in range(1, (last - first).days + 1)]

    assert sum(map(chinese_calendar.is_workday, counted)) == example.days
    assert chinese_calendar.is_workday(last)


def test_every_day_of_these_years_is_as_an_independent_calendar_has_it() -> None:
    first, last = date(2020, 1, 1), date(2026, 12, 31)
    days = [first + n * DAY for n in range((last - first).days + 1)]

    assert [day for day in days if chinese_calendar.is_workday(day) != PUBLISHED.is_workday(day)] == []
