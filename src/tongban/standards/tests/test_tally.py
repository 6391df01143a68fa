# SPDX-License-Identifier: Apache-2.0
"""Sums over days are those that walking would give."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.standards.tally import Tally

weights = st.integers(0, 500)
weeks = st.lists(weights, min_size=7, max_size=7)
days = st.dates(date(2025, 1, 1), date(2026, 12, 31))
differing = st.dictionaries(days, weights, max_size=30)


def walked(week: list[int], other: dict[date, int], first: date, last: date) -> int:
    span = (first + timedelta(n) for n in range((last - first).days))
    return sum(other.get(day, week[day.weekday()]) for day in span)


@given(weeks, differing, days, days)
def test_the_sum_between_two_days_is_what_walking_gives(
    week: list[int], other: dict[date, int], a: date, b: date
) -> None:
    tally = Tally(week, other)
    first, last = min(a, b), max(a, b)

    assert tally.before(last.toordinal()) - tally.before(first.toordinal()) == walked(week, other, first, last)


@given(weeks.filter(any), differing, days, st.integers(-5000, 5000))
def test_the_day_that_reaches_a_sum_is_the_first_that_does(
    week: list[int], other: dict[date, int], near: date, more: int
) -> None:
    tally = Tally(week, other)
    total = tally.before(near.toordinal()) + more
    found = tally.reaching(total, near.toordinal())

    assert tally.before(found + 1) >= total > tally.before(found)


def test_a_sum_that_no_day_reaches_is_refused() -> None:
    with pytest.raises(ValueError):
        Tally([0] * 7, {}).reaching(1, date(2026, 1, 1).toordinal())
