# SPDX-License-Identifier: Apache-2.0
"""Limits end on the right day, and the explanation adds up."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.cases import clocks
from tongban.cases.clocks import Regime, Running
from tongban.regions.queries import calendar_for
from tongban.standards.node import Node
from tongban.standards.workdays import Calendar

LAW = Regime("decision", 5, "working_day", "《中华人民共和国行政许可法》", "第四十二条", "法律规定")
NATURAL = Regime("delivery", 10, "natural_day", "", "", "本系统默认时限")


@pytest.fixture
def calendar(node: Node) -> Calendar:
    """The country's working days as the node has them."""
    return calendar_for("")


def at(year: int, month: int, day: int, hour: int = 2) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def test_five_working_days_before_the_national_day_of_2026_end_after_it(calendar: Calendar) -> None:
    running = clocks.start(LAW, at(2026, 9, 29), calendar)

    # 30 September, 8, 9, 10 (a Saturday that is worked), 12 October
    assert (running.started_on, running.due_on) == (date(2026, 9, 29), date(2026, 10, 12))
    lines = clocks.explain(running, calendar)
    assert lines[0] == "办结时限为 5 个工作日，依据：《中华人民共和国行政许可法》第四十二条。"
    assert "10月1日（周四）至10月3日（周六）为国庆节放假，不计入。" in lines
    assert "10月10日（周六）为调休上班，计入工作日。" in lines
    assert lines[-1] == "第5个工作日为2026年10月12日（周一）。"


def test_a_sunday_that_is_worked_counts(calendar: Calendar) -> None:
    running = clocks.start(LAW, at(2026, 9, 17), calendar)  # Friday 18th, Sunday 20th, 21st, 22nd, 23rd

    assert running.due_on == date(2026, 9, 23)
    assert "9月20日（周日）为调休上班，计入工作日。" in clocks.explain(running, calendar)


def test_what_is_left_counts_down_to_nothing_and_then_below(calendar: Calendar) -> None:
    running = clocks.start(LAW, at(2026, 9, 29), calendar)

    days = [date(2026, 9, 29), date(2026, 10, 3), date(2026, 10, 9), date(2026, 10, 12), date(2026, 10, 13)]
    assert [clocks.left(running, day, calendar) for day in days] == [5, 4, 2, 0, -1]


def test_the_day_is_the_one_in_china(calendar: Calendar) -> None:
    late = clocks.start(LAW, at(2026, 11, 23, 15), calendar)
    later = clocks.start(LAW, at(2026, 11, 23, 16), calendar)  # already the 24th in Shanghai

    assert (late.started_on, later.started_on) == (date(2026, 11, 23), date(2026, 11, 24))


def test_natural_days_count_every_day_but_the_first(calendar: Calendar) -> None:
    running = clocks.start(NATURAL, at(2026, 9, 29), calendar)

    assert running.due_on == date(2026, 10, 9)
    assert clocks.explain(running, calendar) == [
        "送达时限为 10 个自然日，依据：本系统默认时限。",
        "2026年9月29日（周二）为起算日，当日不计入期限。",
        "第 10 日为 2026年10月9日（周五）。",
    ]


def test_beyond_the_published_calendar_the_day_is_said_to_be_provisional(calendar: Calendar) -> None:
    running = clocks.start(LAW, at(2027, 3, 1), calendar)

    assert "暂定" in clocks.explain(running, calendar)[-1]


@given(
    first=st.dates(date(2025, 1, 1), date(2027, 12, 31)),
    days=st.integers(0, 60),
    holidays=st.frozensets(st.dates(date(2025, 1, 1), date(2028, 6, 1)), max_size=60),
    makeup=st.frozensets(st.dates(date(2025, 1, 1), date(2028, 6, 1)), max_size=20),
)
def test_the_explanation_adds_up(first: date, days: int, holidays: frozenset[date], makeup: frozenset[date]) -> None:
    calendar = Calendar(holidays=holidays - makeup, makeup=makeup, published_until=date(2026, 12, 31))
    regime = Regime("decision", days, "working_day", "", "", "测试")
    due = clocks.due(regime, first, calendar)

    counted = [first + timedelta(n) for n in range(1, (due - first).days + 1)]
    assert sum(map(calendar.is_workday, counted)) == days
    assert not days or calendar.is_workday(due)
    assert clocks.left(Running(regime, first, due), first, calendar) == days
    lines = "".join(clocks.explain(Running(regime, first, due), calendar))
    assert clocks.chinese(due) in lines
    ends = [day for day in counted if day in makeup and {day - timedelta(1), day + timedelta(1)}.isdisjoint(makeup)]
    assert all(f"{day.month}月{day.day}日（周{'一二三四五六日'[day.weekday()]}）为调休上班" in lines for day in ends)


def test_a_regime_survives_being_stored(calendar: Calendar) -> None:
    assert clocks.regime(LAW.plain()) == LAW
