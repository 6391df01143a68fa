# SPDX-License-Identifier: Apache-2.0
"""Limits end on the right day, whatever happens to them, and what is left never lies."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.cases import clocks, reasons
from tongban.cases.clocks import Clock, Extension, Nature, Pause, Regime, Standing, Unit, begin
from tongban.cases.tests.clocks_at_work import CLAUSE, HOURS, PUBLISHED, a_regime, at, instants, paused
from tongban.cases.tests.clocks_at_work import clocks as any_clocks
from tongban.standards.canonical import canonical
from tongban.standards.clock import local_date
from tongban.standards.opening import Hours
from tongban.standards.workdays import Calendar

DAYS = (Unit.WORKING_DAY, Unit.NATURAL_DAY, Unit.MONTH)
FIVE = a_regime(5)
MONDAY = date(2026, 11, 23)


def due(clock: Clock) -> date | None:
    return clocks.due_on(clock, HOURS)


# What every clock keeps


@given(any_clocks())
def test_a_due_date_is_never_before_the_beginning(clock: Clock) -> None:
    found = clocks.due_at(clock, HOURS)

    assert found is None or found >= clock.started_at


@given(any_clocks())
def test_what_its_days_count_adds_up_to_the_limit(clock: Clock) -> None:
    legs = reasons.steps(clock, HOURS)
    counted = sum(leg.counted for leg in legs)
    found = clocks.due_at(clock, HOURS)

    assert all(leg.counted == 0 for leg in legs if leg.kind in {"paused", "holiday"})
    if found is None:
        assert counted <= clocks.total(clock)
    elif clock.regime.unit is not Unit.MONTH or not clock.extensions:
        assert counted == clocks.total(clock)


@given(any_clocks(units=DAYS))
def test_its_days_follow_one_another_from_the_first_to_the_last(clock: Clock) -> None:
    legs = reasons.steps(clock, HOURS)
    ends = [local_date(clock.started_at), *(leg.last for leg in legs)]

    assert [leg.first for leg in legs] == [day + timedelta(days=1) for day in ends[:-1]]
    assert due(clock) in {ends[-1], None}
    assert all(leg.first <= leg.last for leg in legs)


@given(any_clocks(units=DAYS), st.integers(0, 40))
def test_it_never_runs_while_paused(clock: Clock, days: int) -> None:
    if clock.is_paused and clocks.due_at(clock, HOURS) is None:
        since = clock.pauses[-1].since
        at_first, later = (clocks.left(clock, since + timedelta(days=n), HOURS) for n in (0, days))

        assert at_first == later
        assert clocks.state(clock, since + timedelta(days=days), HOURS) is Standing.PAUSED


@pytest.mark.parametrize("days", range(12))
def test_paused_on_its_last_day_it_has_no_day_more_on_a_weekend_than_on_a_friday(days: int) -> None:
    stopped = paused(begin(FIVE, at(MONDAY)), at(date(2026, 11, 30)), None)

    assert clocks.left(stopped, at(date(2026, 11, 30)) + timedelta(days=days), HOURS).amount == 0


@given(st.integers(1, 40), instants, st.integers(0, 40), st.timedeltas(timedelta(0), timedelta(days=60)))
def test_a_pause_of_k_working_days_moves_the_due_date_by_k(
    amount: int, start: datetime, after: int, length: timedelta
) -> None:
    clock = begin(a_regime(amount), start)
    planned = due(clock)
    assert planned is not None
    since = min(start + timedelta(days=after), at(planned))
    since = max(since, start)
    resumed = local_date(since + length)
    k = PUBLISHED.count_workdays(local_date(since), resumed)

    found = due(paused(clock, since, since + length))
    assert found == max(PUBLISHED.add_workdays(planned, k), PUBLISHED.next_workday(resumed))


@given(st.integers(0, 40), st.integers(0, 40), instants, st.timedeltas(timedelta(0), timedelta(days=60)))
def test_more_time_or_a_later_beginning_never_ends_sooner(a: int, b: int, start: datetime, later: timedelta) -> None:
    for unit in Unit:
        few, many = (clocks.due_at(begin(a_regime(n, unit), start), HOURS) for n in sorted((a, b)))
        moved = clocks.due_at(begin(a_regime(min(a, b), unit), start + later), HOURS)

        assert few is not None
        assert many is not None
        assert moved is not None
        assert few <= many
        assert few <= moved


@given(any_clocks())
def test_it_survives_being_stored(clock: Clock) -> None:
    stored = json.loads(canonical(clocks.plain(clock)))

    assert clocks.clock(stored) == clock
    assert clocks.plain(clocks.clock(stored)) == stored


@given(any_clocks(), st.timedeltas(timedelta(0), timedelta(days=90)))
def test_how_it_stands_agrees_with_what_is_left(clock: Clock, later: timedelta) -> None:
    now = clock.started_at + later
    standing, left = clocks.state(clock, now, HOURS), clocks.left(clock, now, HOURS)

    if standing is Standing.OVERDUE:
        assert left.amount < 0
    else:
        assert left.amount >= 0
    assert (standing is Standing.PAUSED) == (clocks.due_at(clock, HOURS) is None)


@given(st.integers(0, 40), instants, st.timedeltas(timedelta(0), timedelta(days=90)), st.integers(0, 20))
def test_what_a_clock_took_is_counted_without_its_pause(
    amount: int, start: datetime, length: timedelta, after: int
) -> None:
    clock = begin(a_regime(amount), start)
    now = start + length
    in_time = due(clock) or date.max
    worked = PUBLISHED.count_workdays(local_date(start), local_date(now))

    if local_date(now) <= in_time and (amount or PUBLISHED.is_workday(local_date(start))):
        assert clocks.spent(clock, now, HOURS) == worked
        resumed = now + timedelta(days=after)
        # What was stopped on its last day and goes on on a day off has the next working day besides.
        more = local_date(now) == in_time and not PUBLISHED.is_workday(local_date(resumed))
        assert clocks.spent(paused(clock, now, resumed), resumed, HOURS) == max(worked - more, 0)
    elif local_date(now) > in_time:
        assert clocks.spent(clock, now, HOURS) > amount


@given(any_clocks(ends=True))
def test_an_ended_clock_stands_still(clock: Clock) -> None:
    assert clock.ended_at is not None
    found = clocks.due_at(clock, HOURS)
    assert found is not None
    in_time = clock.ended_at < found
    for days in (0, 1, 400):
        now = clock.ended_at + timedelta(days=days)
        assert clocks.state(clock, now, HOURS) is (Standing.ENDED_IN_TIME if in_time else Standing.ENDED_LATE)
        assert clocks.left(clock, now, HOURS) == clocks.left(clock, clock.ended_at, HOURS)


@given(st.integers(0, 40), instants)
def test_yellow_comes_when_nine_tenths_are_spent_and_then_red(amount: int, start: datetime) -> None:
    for unit in Unit:
        clock = begin(a_regime(amount, unit), start)
        end, soon = clocks.due_and_soon(clock, HOURS)
        assert soon is not None
        assert end is not None
        before = soon - timedelta(minutes=1)

        assert start <= soon <= end
        assert clocks.left(clock, soon, HOURS).amount * 10 <= clocks.total(clock) or soon == end
        assert before < start or clocks.left(clock, before, HOURS).amount * 10 > clocks.total(clock)
        assert soon == end or clocks.state(clock, soon, HOURS) is Standing.DUE_SOON
        assert clocks.state(clock, end, HOURS) is Standing.OVERDUE


# Days, weeks and hours


def test_the_day_is_the_one_in_china() -> None:
    late = begin(FIVE, datetime(2026, 11, 23, 15, 59, tzinfo=UTC))
    later = begin(FIVE, datetime(2026, 11, 23, 16, tzinfo=UTC))  # already the 24th in Shanghai

    assert (due(late), due(later)) == (date(2026, 11, 30), date(2026, 12, 1))


def test_it_is_in_time_until_the_last_day_is_over() -> None:
    clock = begin(FIVE, at(MONDAY))

    assert clocks.due_at(clock, HOURS) == datetime(2026, 11, 30, 16, tzinfo=UTC)  # 24:00 in Shanghai
    assert clocks.state(clock, datetime(2026, 11, 30, 15, 59, tzinfo=UTC), HOURS) is Standing.DUE_SOON
    assert clocks.state(clock, datetime(2026, 11, 30, 16, tzinfo=UTC), HOURS) is Standing.OVERDUE


def test_what_is_left_counts_down_to_nothing_and_then_below() -> None:
    clock = begin(FIVE, at(date(2026, 9, 29)))  # until Monday 12 October
    days = [date(2026, 9, 29), date(2026, 10, 3), date(2026, 10, 9), date(2026, 10, 12), date(2026, 10, 13)]

    assert [clocks.left(clock, at(day), HOURS).amount for day in days] == [5, 4, 2, 0, -1]


def test_the_weekend_after_the_last_day_is_late_already() -> None:
    clock = begin(a_regime(4), at(MONDAY))  # until Friday

    assert clocks.left(clock, at(date(2026, 11, 27)), HOURS).words == "今天到期"
    assert clocks.left(clock, at(date(2026, 11, 28)), HOURS).words == "已超期 1 个工作日"
    assert clocks.left(clock, at(date(2026, 12, 1)), HOURS).words == "已超期 2 个工作日"


def test_a_limit_of_no_days_ends_on_its_day() -> None:
    clock = begin(a_regime(0), at(MONDAY))

    assert due(clock) == MONDAY
    assert clocks.state(clock, at(MONDAY, 16), HOURS) is Standing.DUE_SOON


def test_natural_days_of_an_organ_end_also_on_a_day_off_those_of_an_applicant_do_not() -> None:
    organ = a_regime(10, Unit.NATURAL_DAY)

    assert due(begin(organ, at(date(2026, 9, 23)))) == date(2026, 10, 3)
    assert due(begin(replace(organ, nature=Nature.APPLICANT), at(date(2026, 9, 23)))) == date(2026, 10, 8)


@pytest.mark.parametrize(
    ("start", "months", "last"),
    [
        (date(2026, 3, 15), 1, date(2026, 4, 15)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2023, 11, 30), 3, date(2024, 2, 29)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
    ],
)
def test_a_month_ends_on_the_same_number_or_on_its_last_day(start: date, months: int, last: date) -> None:
    assert due(begin(a_regime(months, Unit.MONTH), at(start))) == last


def test_hours_are_those_in_which_the_organization_is_open() -> None:
    clock = begin(a_regime(2, Unit.WORKING_HOUR), at(MONDAY, 16))

    assert clocks.due_at(clock, HOURS) == at(date(2026, 11, 24), 10)
    assert clocks.left(clock, at(MONDAY, 16, 15), HOURS).words == "剩余 1 小时 45 分钟"
    assert clocks.left(clock, at(MONDAY, 20), HOURS).words == "剩余 1 小时"
    assert clocks.left(clock, at(date(2026, 11, 24), 11, 30), HOURS).words == "已超期 1 小时 30 分钟"
    assert clocks.state(clock, at(date(2026, 11, 24), 9, 47), HOURS) is Standing.RUNNING
    assert clocks.state(clock, at(date(2026, 11, 24), 9, 48), HOURS) is Standing.DUE_SOON


def test_minutes_do_not_run_over_noon_nor_in_a_pause() -> None:
    clock = begin(a_regime(30, Unit.WORKING_MINUTE), at(MONDAY, 11, 50))

    assert clocks.due_at(clock, HOURS) == at(MONDAY, 13, 50)
    assert clocks.due_at(paused(clock, at(MONDAY, 13, 40), at(MONDAY, 14)), HOURS) == at(MONDAY, 14, 10)


@pytest.mark.parametrize(
    ("days", "yellow"), [(20, 18), (10, 9), (5, 5), (1, 1), (30, 27)], ids=["20", "10", "5", "1", "30"]
)
def test_a_limit_turns_yellow_when_nine_tenths_of_it_are_spent_or_on_its_last_day(days: int, yellow: int) -> None:
    clock = begin(a_regime(days), at(MONDAY))
    _, soon = clocks.due_and_soon(clock, HOURS)

    assert soon is not None
    assert local_date(soon) == PUBLISHED.add_workdays(MONDAY, yellow)


# Pauses and extensions


def test_a_pause_on_the_last_day_still_stops_it() -> None:
    last = date(2026, 11, 30)
    clock = paused(begin(FIVE, at(MONDAY)), at(last), None)

    assert clocks.due_at(clock, HOURS) is None
    assert due(clock.resume(at(date(2026, 12, 3)))) == date(2026, 12, 3)


def test_a_pause_on_the_last_day_that_ends_on_a_weekend_leaves_the_monday() -> None:
    """Were it the Friday, the limit would be over before it went on."""
    thursday, saturday, monday = date(2026, 11, 26), date(2026, 11, 28), date(2026, 11, 30)
    clock = paused(begin(a_regime(3), at(MONDAY)), at(thursday), at(saturday))
    legs = reasons.steps(clock, HOURS)

    assert (due(clock), legs[-1].kind, legs[-1].last) == (monday, "moved", monday)
    assert sum(leg.counted for leg in legs) == 3
    assert clocks.state(clock, at(saturday), HOURS) is not Standing.OVERDUE

    again = paused(clock, at(monday), at(date(2026, 12, 2)))
    assert due(again) == date(2026, 12, 2)
    assert sum(leg.counted for leg in reasons.steps(again, HOURS)) == 3


def test_a_pause_that_begins_when_it_is_late_changes_nothing() -> None:
    clock = paused(begin(FIVE, at(MONDAY)), at(date(2026, 12, 1)), None)

    assert due(clock) == date(2026, 11, 30)
    assert clocks.state(clock, at(date(2026, 12, 10)), HOURS) is Standing.OVERDUE
    assert due(clock.resume(at(date(2026, 12, 10)))) == date(2026, 11, 30)


def test_a_pause_over_a_weekend_or_within_a_day_takes_no_time() -> None:
    friday = date(2026, 11, 27)
    clock = begin(FIVE, at(MONDAY))

    assert due(paused(clock, at(friday), at(date(2026, 11, 29)))) == due(clock)
    assert due(paused(clock, at(friday), at(friday, 16))) == due(clock)


def test_a_pause_over_the_national_day_takes_only_its_working_days() -> None:
    clock = paused(begin(FIVE, at(date(2026, 9, 28))), at(date(2026, 9, 30)), at(date(2026, 10, 8)))

    # counted: 29 and 30 September, 9, 10 (a worked Saturday) and 12 October; 8 October belongs to the pause
    assert due(clock) == date(2026, 10, 12)


def test_an_extension_is_added_at_the_end() -> None:
    clock = begin(a_regime(20), at(MONDAY)).extend(Extension(10, Unit.WORKING_DAY, "某法", "第一条", at(MONDAY)))

    assert due(clock) == due(begin(a_regime(30), at(MONDAY)))


def test_only_a_clause_of_law_stops_a_limit_of_the_law() -> None:
    with pytest.raises(ValueError):
        Pause("", "等待补充", at(MONDAY), None, "all")
    guide = Pause("", "等待补充", at(MONDAY), None, "promised")
    law = Pause(CLAUSE, "听证", at(MONDAY), None, "all")

    reached = {nature: (guide.reaches(r), law.reaches(r)) for nature in Nature for r in [a_regime(1, nature=nature)]}
    assert reached == {
        Nature.STATUTORY: (False, True),
        Nature.PROMISED: (True, True),
        Nature.APPLICANT: (False, False),
        Nature.TRANSIT: (False, False),
    }
    with pytest.raises(ValueError):
        begin(a_regime(20, nature="statutory"), at(MONDAY)).pause(guide)


def test_what_makes_no_sense_is_refused() -> None:
    clock = begin(FIVE, at(MONDAY))
    stopped = paused(clock, at(MONDAY, 11), None)
    hearing = Pause(CLAUSE, "听证", at(MONDAY, 12), None, "all")
    nonsense: list[Callable[[], object]] = [
        lambda: clock.resume(at(MONDAY, 11)),
        lambda: stopped.pause(hearing),
        lambda: stopped.resume(at(MONDAY, 10)),
        lambda: clock.end(at(MONDAY, 9)),
        lambda: clock.end(at(MONDAY, 11)).end(at(MONDAY, 12)),
        lambda: clock.end(at(MONDAY, 11)).pause(hearing),
        lambda: clock.extend(Extension(1, Unit.NATURAL_DAY, "某法", "第一条", at(MONDAY))),
        lambda: Extension(0, Unit.WORKING_DAY, "某法", "第一条", at(MONDAY)),
        lambda: begin(FIVE, at(MONDAY).replace(tzinfo=None)),
        lambda: clock.end(at(date(2026, 11, 24)).replace(tzinfo=None)),
        lambda: a_regime(-1),
        lambda: replace(hearing, until=at(MONDAY, 11)),
    ]
    for each in nonsense:
        with pytest.raises(ValueError):
            each()


def test_a_clock_that_ends_while_paused_ends_its_pause() -> None:
    ended = paused(begin(FIVE, at(MONDAY)), at(MONDAY, 11), None).end(at(date(2026, 12, 20)))

    assert not ended.is_paused
    assert clocks.state(ended, at(date(2027, 1, 1)), HOURS) is Standing.ENDED_IN_TIME


# Regimes as they are stored


def test_a_regime_of_an_older_version_is_still_read() -> None:
    words = {"law": "", "clause": "", "source": "办事指南", "unit": "working_day"}
    promised = clocks.regime({"kind": "decision", "days": 7, **words})
    law = clocks.regime({"kind": "acceptance", "days": 5, **words, "law": "某法"})

    assert promised == Regime("promised", 7, Unit.WORKING_DAY, "", "", "办事指南", Nature.PROMISED)
    assert (promised.name, law.nature) == ("承诺办结时限", Nature.STATUTORY)


STORED = clocks.plain(paused(begin(FIVE, at(MONDAY)), at(MONDAY, 12), at(MONDAY, 14)))
REGIME, PAUSE = STORED["regime"], STORED["pauses"][0]
EXTENSION = Extension(1, Unit.WORKING_DAY, "某法", "第一条", at(MONDAY)).plain()


@pytest.mark.parametrize(
    "changed",
    [
        {"regime": REGIME | {"amount": 10**9}},
        {"regime": REGIME | {"amount": -1}},
        {"regime": REGIME | {"amount": "5"}},
        {"regime": REGIME | {"amount": True}},
        {"regime": REGIME | {"unit": "fortnight"}},
        {"regime": REGIME | {"nature": "whim"}},
        {"regime": REGIME | {"law": 7}},
        {"regime": {"kind": "promised"}},
        {"started_at": "9999-12-31T00:00:00Z"},
        {"started_at": "2026-11-23T02:00:00"},
        {"started_at": "soon"},
        {"started_at": None},
        {"ended_at": "2026-11-22T02:00:00Z"},
        {"pauses": [PAUSE | {"stops": "some"}]},
        {"pauses": [PAUSE | {"clause": ""}]},
        {"pauses": [PAUSE | {"until": None}, PAUSE]},
        {"pauses": [PAUSE, PAUSE]},
        {"pauses": [PAUSE | {"until": PAUSE["since"]}] * 51},
        {"pauses": None},
        {"extensions": [EXTENSION | {"unit": "month"}]},
        {"extensions": [EXTENSION | {"amount": 0}]},
        {"extensions": [EXTENSION | {"at": "2026-11-22T02:00:00Z"}]},
    ],
    ids=lambda changed: json.dumps(changed, ensure_ascii=False)[:60],
)
def test_a_told_clock_that_makes_no_sense_is_not_read(changed: dict[str, object]) -> None:
    assert clocks.clock(STORED)
    with pytest.raises((ValueError, TypeError, KeyError)):
        clocks.clock({**STORED, **changed})


@pytest.mark.parametrize("unit", list(Unit))
def test_the_longest_clock_that_is_read_still_has_a_date(unit: Unit) -> None:
    last = datetime(clocks.YEARS[-1], 12, 31, 12, tzinfo=UTC)
    extensions = (Extension(clocks.MOST, unit, "某法", "第一条", last),) * clocks.MOST_EVENTS
    clock = replace(begin(a_regime(clocks.MOST, unit), last), extensions=extensions)

    assert clocks.due_at(clocks.clock(clocks.plain(clock)), HOURS) is not None
    assert clocks.state(clock, last, HOURS) is Standing.RUNNING


def test_every_kind_has_a_name_and_a_part_its_own() -> None:
    assert a_regime(1, kind="transit").name == "材料在途时限"
    assert a_regime(1, kind="part:old_place", label="原参保地转出").name == "原参保地转出"


# Calendars that change


def test_a_plan_that_is_published_moves_the_date_and_says_which_days_are_why() -> None:
    eve, festival = date(2027, 2, 5), date(2027, 2, 8)
    new = Calendar(frozenset({festival}), frozenset({date(2027, 2, 6)}), date(2027, 12, 31), {festival: "春节"})
    clock = begin(FIVE, at(date(2027, 2, 1)))
    old_hours, new_hours = Hours(Calendar(frozenset(), frozenset(), date(2026, 12, 31))), Hours(new)

    assert (clocks.is_provisional(clock, old_hours), clocks.is_provisional(clock, new_hours)) == (True, False)
    moved = reasons.moved(clock, old_hours, new_hours)
    assert moved is not None
    assert (moved.old_due, moved.new_due) == (at(date(2027, 2, 9), 0), at(date(2027, 2, 7), 0))  # the ends of 8 and 6
    assert moved.why == ["2月6日（周六）由周末改为调休上班。", "2月8日（周一）由工作日改为春节放假。"]
    assert reasons.moved(begin(a_regime(1), at(eve)), old_hours, old_hours) is None
