# SPDX-License-Identifier: Apache-2.0
"""Minutes of opening time are counted as a clerk with a watch would count them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.standards.clock import SHANGHAI
from tongban.standards.opening import USUAL, Hours, Opening, Spans
from tongban.standards.workdays import Calendar

AUTUMN = Calendar(
    holidays=frozenset(date(2026, 10, d) for d in range(1, 8)),
    makeup=frozenset({date(2026, 9, 20), date(2026, 10, 10)}),
    published_until=date(2026, 12, 31),
)
USUALLY = Hours(AUTUMN)
MINUTE = timedelta(minutes=1)


def at(month: int, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, second, tzinfo=SHANGHAI)


openings = st.builds(
    lambda week, makeup, others: Opening(
        tuple(((n, n + 37),) if n % 2 else () for n in week), ((makeup, makeup + 90),), others
    ),
    st.lists(st.integers(0, 1400), min_size=7, max_size=7).filter(lambda week: any(n % 2 for n in week)),
    st.integers(0, 1300),
    st.dictionaries(
        st.dates(date(2026, 9, 15), date(2026, 10, 12)),
        st.sampled_from([(), USUAL, ((0, 1440),), ((600, 601), (700, 777))]),
        max_size=5,
    ),
)
instants = st.integers(0, 20 * 24 * 60).map(lambda n: at(9, 18, 0) + n * MINUTE)


def walked(hours: Hours, a: datetime, b: datetime) -> int:
    """Minute by minute."""
    minutes = 0
    while a < b:
        minute = a.hour * 60 + a.minute
        minutes += any(opens <= minute < shuts for opens, shuts in hours.spans(a.date()))
        a += MINUTE
    return minutes


@given(openings, instants, instants)
def test_minutes_between_are_what_walking_gives(opening: Opening, a: datetime, b: datetime) -> None:
    hours = Hours(AUTUMN, opening)
    first, last = min(a, b), min(max(a, b), min(a, b) + timedelta(days=4))

    assert hours.working_minutes_between(first, last) == walked(hours, first, last)
    assert hours.working_minutes_between(last, first) == -walked(hours, first, last)
    stretches = list(hours.open_between(first, last))
    assert sum(int((until - since) / MINUTE) for since, until in stretches) == walked(hours, first, last)


@given(openings, instants, st.integers(1, 3000))
def test_adding_minutes_ends_at_the_first_instant_by_which_they_were_open(
    opening: Opening, a: datetime, n: int
) -> None:
    hours = Hours(AUTUMN, opening)
    end = hours.add_working_minutes(a, n)

    assert hours.working_minutes_between(a, end) == n
    assert hours.working_minutes_between(a, end - MINUTE) == n - 1
    assert hours.working_minutes_between(hours.back(end, n), end) == n
    assert hours.back(end, n) <= a


def test_an_hour_late_in_the_day_ends_on_the_next() -> None:
    assert USUALLY.add_working_minutes(at(9, 21, 16, 30), 60) == at(9, 22, 9, 30)


def test_an_hour_that_ends_at_noon_ends_at_noon() -> None:
    assert USUALLY.add_working_minutes(at(9, 21, 11), 60) == at(9, 21, 12)
    assert USUALLY.add_working_minutes(at(9, 21, 11), 61) == at(9, 21, 13, 31)


def test_hours_pass_over_a_holiday_and_a_worked_saturday_counts() -> None:
    assert USUALLY.add_working_minutes(at(9, 30, 16, 30), 60) == at(10, 8, 9, 30)
    assert USUALLY.add_working_minutes(at(10, 9, 16, 30), 60) == at(10, 10, 9, 30)


def test_a_begun_minute_does_not_count() -> None:
    assert USUALLY.add_working_minutes(at(9, 21, 9, 0, 1), 10) == at(9, 21, 9, 11)
    assert USUALLY.add_working_minutes(at(9, 21, 9, 0, 1), 0) == at(9, 21, 9, 1)


def test_a_day_may_differ_from_its_week() -> None:
    hours = Hours(AUTUMN, Opening(overrides={date(2026, 9, 22): (), date(2026, 9, 26): ((600, 660),)}))

    assert hours.add_working_minutes(at(9, 21, 17), 30) == at(9, 23, 9, 30)
    assert hours.add_working_minutes(at(9, 25, 17), 30) == at(9, 26, 10, 30)


def test_answers_are_in_utc() -> None:
    assert USUALLY.add_working_minutes(at(9, 21, 11), 60).tzinfo is UTC


@pytest.mark.parametrize(
    "week",
    [(USUAL,) * 6, (((600, 500),),) + ((),) * 6, (((600, 700), (650, 800)),) + ((),) * 6, (((0, 1441),),) + ((),) * 6],
    ids=["six days", "ends before it begins", "overlapping", "longer than a day"],
)
def test_hours_that_cannot_be_are_refused(week: tuple[Spans, ...]) -> None:
    with pytest.raises(ValueError):
        Opening(week)
    with pytest.raises(ValueError):
        USUALLY.add_working_minutes(at(9, 21, 11), -1)
