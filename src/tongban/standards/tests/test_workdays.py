# SPDX-License-Identifier: Apache-2.0
"""Working days around real holidays, and the laws that every calendar obeys."""

from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.standards.workdays import Calendar, Run


def published(year: int) -> Calendar:
    """The State Council's days off of one year as a public package knows them."""
    found = holidays.country_holidays("CN", years=year, language="zh_CN", categories=("public",))
    makeup = {day for day in found.weekend_workdays if day.year == year}
    return Calendar(frozenset(found), frozenset(makeup), date(year, 12, 31), dict(found.items()))


CHINA_2024 = published(2024)
AUTUMN = Calendar(
    holidays=frozenset(date(2026, 10, d) for d in range(1, 8)),
    makeup=frozenset({date(2026, 9, 20), date(2026, 10, 10)}),
    published_until=date(2026, 12, 31),
    names={date(2026, 10, d): "国庆节" for d in range(1, 8)},
)
days = st.dates(date(2023, 6, 1), date(2025, 6, 1))
limits = st.integers(0, 60)


def test_a_holiday_does_not_count_and_a_makeup_saturday_does() -> None:
    assert AUTUMN.add_workdays(date(2026, 9, 30), 3) == date(2026, 10, 10)


def test_the_first_day_does_not_count() -> None:
    assert AUTUMN.add_workdays(date(2026, 9, 21), 1) == date(2026, 9, 22)
    assert AUTUMN.add_workdays(date(2026, 9, 21), 0) == date(2026, 9, 21)


def test_a_limit_that_begins_on_a_day_off_runs_from_the_next_workday() -> None:
    assert AUTUMN.add_workdays(date(2026, 10, 3), 1) == date(2026, 10, 8)


def test_twenty_days_around_spring_festival_2024_end_as_counted_by_hand() -> None:
    # off: 10–17 February; worked: Sunday 4 and 18 February 2024
    assert not CHINA_2024.is_workday(date(2024, 2, 12))
    assert CHINA_2024.is_workday(date(2024, 2, 4))
    assert CHINA_2024.is_workday(date(2024, 2, 18))
    assert CHINA_2024.add_workdays(date(2024, 2, 1), 20) == date(2024, 3, 5)


def test_overdue_days_are_negative() -> None:
    assert AUTUMN.count_workdays(date(2026, 9, 30), date(2026, 10, 10)) == 3
    assert AUTUMN.count_workdays(date(2026, 10, 10), date(2026, 9, 30)) == -3
    assert AUTUMN.count_workdays(date(2026, 10, 10), date(2026, 10, 10)) == 0


def test_a_limit_that_ended_on_friday_is_late_on_saturday() -> None:
    friday, days = date(2026, 10, 16), [date(2026, 10, d) for d in (14, 16, 17, 19, 20)]

    assert [AUTUMN.days_left(day, friday) for day in days] == [2, 0, -1, -1, -2]


def test_runs_are_ordinary_days_holidays_with_their_weekends_and_worked_weekends() -> None:
    runs = list(AUTUMN.runs(date(2026, 9, 30), date(2026, 10, 13)))

    assert [(run.kind, run.first.day, run.last.day, run.worked) for run in runs] == [
        ("ordinary", 30, 30, 1),
        ("holiday", 1, 7, 0),
        ("ordinary", 8, 9, 2),
        ("makeup", 10, 10, 1),
        ("ordinary", 11, 13, 2),
    ]
    assert runs[1].names == ("国庆节",)


def test_a_weekend_beside_a_holiday_belongs_to_it_and_is_named_after_it() -> None:
    friday, monday = date(2026, 9, 25), date(2026, 9, 28)
    named = {friday: "中秋节", monday: "调休"}
    calendar = Calendar(frozenset(named), frozenset(), date(2026, 12, 31), named)

    assert [run for run in calendar.runs(date(2026, 9, 24), date(2026, 9, 29)) if run.kind == "holiday"] == [
        Run("holiday", friday, monday, 0, ("中秋节",))
    ]


def test_a_day_beyond_what_is_published_is_provisional() -> None:
    assert AUTUMN.is_provisional(date(2027, 1, 1))
    assert not AUTUMN.is_provisional(date(2026, 12, 31))


def test_a_limit_below_zero_is_refused() -> None:
    with pytest.raises(ValueError):
        AUTUMN.add_workdays(date(2026, 9, 30), -1)


def test_a_limit_that_ends_on_a_day_off_moves_to_the_next_workday() -> None:
    assert AUTUMN.next_workday(date(2026, 10, 2)) == date(2026, 10, 8)
    assert AUTUMN.next_workday(date(2026, 10, 10)) == date(2026, 10, 10)


@given(days, limits)
def test_counting_undoes_adding(start: date, n: int) -> None:
    due = CHINA_2024.add_workdays(start, n)

    assert CHINA_2024.count_workdays(start, due) == n
    assert n == 0 or CHINA_2024.is_workday(due)


@given(days, limits, limits)
def test_two_limits_in_a_row_are_one(start: date, n: int, m: int) -> None:
    add = CHINA_2024.add_workdays

    assert add(add(start, n), m) == add(start, n + m)


@given(days, days, days)
def test_counts_add_up(a: date, b: date, c: date) -> None:
    count = CHINA_2024.count_workdays

    assert count(a, b) + count(b, c) == count(a, c)


@given(days, limits)
def test_without_holidays_only_weekends_are_left_out(start: date, n: int) -> None:
    plain = Calendar(frozenset(), frozenset(), date(2030, 1, 1))
    counted = [start + timedelta(days=d) for d in range(1, 200)]

    assert plain.add_workdays(start, n) == [start, *[d for d in counted if d.weekday() < 5]][n]


@given(days, st.integers(0, 40))
def test_runs_hold_every_day_once_and_count_the_worked_ones(start: date, n: int) -> None:
    last = start + timedelta(days=n)
    runs = list(CHINA_2024.runs(start, last))

    assert [run.first for run in runs] == [start, *(run.last + timedelta(days=1) for run in runs[:-1])]
    assert runs[-1].last == last
    assert sum(run.worked for run in runs) == CHINA_2024.count_workdays(start - timedelta(days=1), last)


@given(days, st.integers(0, 40))
def test_the_workday_before_is_the_first_after_which_so_few_are_left(start: date, n: int) -> None:
    due = CHINA_2024.add_workdays(start, 60)
    found = CHINA_2024.workday_before(due, n)

    assert CHINA_2024.count_workdays(found, due) == n
    assert CHINA_2024.count_workdays(found - timedelta(days=1), due) == n + 1
