# SPDX-License-Identifier: Apache-2.0
"""Days and opening hours are seeded, imported and entered; what changes about days is kept with its reason."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tongban.ledger.models import Line
from tongban.regions import actions, errors, holidays, plans, queries
from tongban.regions.models import CalendarChange, CalendarDay, CalendarYear, Organization
from tongban.regions.plans import Day, Year
from tongban.standards.actor import system
from tongban.standards.clock import SHANGHAI
from tongban.standards.identifiers import make_credit_code
from tongban.standards.node import Node
from tongban.standards.opening import USUAL, Opening
from tongban.standards.refusal import BadInput

SYSTEM = system("620000")
NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
OFFICE = make_credit_code("11", "994301", 1)
NOTICE = "关于2027年部分节假日安排的通知"
FESTIVAL = date(2026, 8, 6)
PLAN = """date,kind,name
2027-02-06,放假,春节
2027-02-08,放假,春节
2027-02-20,上班,
"""


@pytest.fixture
def office(node: Node) -> str:
    """An organization, and the days of 2025 to 2028 as far as they are known."""
    Organization(
        code=OFFICE,
        name="某州政务服务局（测试）",
        short_name="某州政务局",
        region_code="430100",
        node_code="430000",
    ).save()
    actions.load_calendar(range(2025, 2029))
    queries.forget()
    return OFFICE


def taken_over(plan: Year) -> CalendarChange | None:
    return actions.import_calendar(plan, actor=SYSTEM, at=NOON)


def plan_of_2027() -> Year:
    return plans.read(PLAN, 2027, NOTICE)


def lines(subject: str) -> int:
    return Line.objects.filter(subject=subject).count()


def test_a_limit_passes_over_a_holiday_and_counts_the_makeup_day(office: str) -> None:
    calendar = queries.calendar_for("")

    assert calendar.add_workdays(date(2026, 9, 30), 3) == date(2026, 10, 10)
    assert not calendar.is_provisional(date(2026, 12, 31))
    assert calendar.is_provisional(date(2027, 1, 1))


def test_loading_again_does_not_undo_what_people_entered(office: str) -> None:
    taken_over(plan_of_2027())

    assert actions.load_calendar([2026, 2027]) == 0
    assert queries.calendar_for("").is_workday(date(2027, 2, 20))


def test_a_published_plan_takes_the_place_of_the_provisional_days_and_says_what_changed(office: str) -> None:
    before = lines("calendar")
    seeded = {day.date for day in holidays.year(2027).days}
    change = taken_over(plan_of_2027())

    assert change is not None
    assert change.days["2027-02-20"] == [None, ["makeup", "调休上班"]]
    assert change.days["2027-01-01"] == [["holiday", "元旦"], None]
    assert {date.fromisoformat(day) for day in change.days} >= seeded - {date(2027, 2, 6), date(2027, 2, 8)}
    assert (change.source, change.published_before) == (NOTICE, date(2026, 12, 31))
    assert lines("calendar") - before == 1
    calendar = queries.calendar_for("")
    assert (calendar.is_workday(date(2027, 2, 20)), calendar.is_workday(date(2027, 2, 8))) == (True, False)
    assert calendar.published_until == date(2027, 12, 31)
    assert not CalendarDay.objects.filter(date__year=2027, provisional=True).exists()


def test_the_same_plan_again_changes_nothing(office: str) -> None:
    assert taken_over(plan_of_2027()) is not None
    assert taken_over(plan_of_2027()) is None
    assert CalendarChange.objects.count() == 1


def test_a_plan_that_confirms_what_was_expected_still_ends_its_being_provisional(office: str) -> None:
    taken_over(plan_of_2027())
    CalendarYear.objects.filter(year=2027).update(provisional=True)
    change = taken_over(plan_of_2027())

    assert change is not None
    assert change.days == {}
    assert queries.calendar_for("").published_until == date(2027, 12, 31)


def test_dates_are_provisional_from_the_first_year_that_lacks_its_notice(office: str) -> None:
    taken_over(plans.read(PLAN.replace("2027", "2028").replace("2028-02-20", "2028-02-19"), 2028, NOTICE))
    assert queries.calendar_for("").published_until == date(2026, 12, 31)

    taken_over(plan_of_2027())
    assert queries.calendar_for("").published_until == date(2028, 12, 31)


def test_the_days_before_a_change_can_be_told_also_after_later_ones(office: str) -> None:
    seeded = queries.hours_for(office).calendar
    first = taken_over(plan_of_2027())
    days = [Day(FESTIVAL, "holiday", "火把节")]
    second = actions.set_days(office, days, source="州规定", actor=SYSTEM, at=NOON)

    assert first is not None
    assert second is not None
    assert [each.number for each in queries.calendar_changes(first.number)] == [second.number]
    assert queries.hours_before(first, office).calendar == seeded
    between = queries.hours_before(second, office).calendar
    assert (between.is_workday(FESTIVAL), between.is_workday(date(2027, 2, 20))) == (True, True)
    assert not queries.hours_before(second, "another").calendar.is_provisional(date(2027, 5, 1))


def test_whoever_hears_of_a_change_that_another_process_made_sees_it(office: str) -> None:
    assert queries.calendar_for(office).is_workday(FESTIVAL)
    CalendarDay.objects.create(date=FESTIVAL, kind="holiday", name="临时放假", source="通知")
    CalendarChange.objects.create(at=NOON, source="通知", days={}, published_before=date(2026, 12, 31))
    assert queries.calendar_for(office).is_workday(FESTIVAL)  # kept for up to a minute

    assert len(queries.calendar_changes()) == 1
    assert not queries.calendar_for(office).is_workday(FESTIVAL)


def test_an_organization_may_have_days_of_its_own(office: str) -> None:
    days = [Day(FESTIVAL, "holiday", "火把节")]
    actions.set_days(office, days, source="州规定", actor=SYSTEM, at=NOON)

    assert not queries.calendar_for(office).is_workday(FESTIVAL)
    assert queries.calendar_for("another").is_workday(FESTIVAL)
    assert actions.set_days(office, days, source="州规定", actor=SYSTEM, at=NOON) is None
    with pytest.raises(errors.UnknownOrganization):
        actions.set_days("nobody", days, source="州规定", actor=SYSTEM, at=NOON)


def test_an_organization_without_hours_of_its_own_has_the_usual_ones(office: str) -> None:
    assert queries.hours_for(office).opening == Opening()
    assert queries.hours_for(office).spans(date(2026, 11, 23)) == USUAL


def test_an_organization_enters_its_week_and_a_day_that_differs(office: str) -> None:
    week = plans.opening(["1-5 09:00-12:00 13:00-17:30", "6 09:00-12:00"])
    actions.set_opening_hours(office, week, source="办事指南", actor=SYSTEM, at=NOON)
    actions.set_opening_on(office, date(2026, 11, 24), (), reason="系统升级", actor=SYSTEM, at=NOON)
    hours = queries.hours_for(office)
    monday = datetime(2026, 11, 23, 17, tzinfo=SHANGHAI)

    assert hours.spans(date(2026, 11, 28)) == ((540, 720),)
    assert hours.add_working_minutes(monday, 60) == datetime(2026, 11, 25, 9, 30, tzinfo=SHANGHAI)
    assert queries.hours_for("another").opening == Opening()
    assert lines(f"organization/{office}") == 2


def test_a_day_that_differs_needs_no_week_of_its_own(office: str) -> None:
    actions.set_opening_on(office, date(2026, 11, 24), ((540, 600),), reason="停电", actor=SYSTEM, at=NOON)

    assert queries.hours_for(office).spans(date(2026, 11, 24)) == ((540, 600),)
    assert queries.hours_for(office).spans(date(2026, 11, 25)) == USUAL


def test_days_and_hours_are_kept_in_the_process(office: str) -> None:
    queries.hours_for("X")

    with CaptureQueriesContext(connection) as asked:
        queries.hours_for("Y")
        queries.calendar_for(office)
    assert len(asked) == 0


# What people type


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("date;kind;name\n", "第一行"),
        ("date,kind,name\n2027-02-30,放假,春节\n", "第2行"),
        ("date,kind,name\n2027-02-08,休息,春节\n", "第2行"),
        ("date,kind,name\n2027-02-08\n", "第2行"),
        (PLAN + "2027-02-08,放假,春节\n", "写了两次"),
        (PLAN + "2027-02-22,上班,\n", "不是周末"),
        (PLAN + "2028-02-08,放假,春节\n", "不属于2027年"),
        (PLAN.replace("2027-02-20,上班,\n", ""), "调休上班"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_its_reason(text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        plans.read(text, 2027, NOTICE)


def test_a_plan_needs_its_source() -> None:
    with pytest.raises(BadInput, match="出处"):
        plans.read(PLAN, 2027, " ")


def test_a_plan_may_begin_in_december_and_come_with_a_mark_of_its_encoding() -> None:
    text = "\ufeff" + PLAN.replace("2027-02-20,上班,", "2026-12-31,放假,元旦\n2027-02-20,上班,")

    assert plans.read(text, 2027, NOTICE).days[2] == Day(date(2026, 12, 31), "holiday", "元旦")


@pytest.mark.parametrize(
    "week",
    [
        "周一 09:00-12:00",
        "1-8 09:00-12:00",
        "1 9-12",
        "1 12:00-09:00",
        "1 09:00-12:00 11:00-13:00",
        "1 09:00-12:60",
    ],
)
def test_opening_hours_that_cannot_be_read_are_refused(week: str) -> None:
    with pytest.raises(BadInput):
        plans.opening([week])


def test_worked_weekends_are_as_mondays_unless_said_otherwise() -> None:
    assert plans.opening(["1-5 09:00-12:00"]).makeup == ((540, 720),)
    assert plans.opening(["1-5 09:00-12:00"], "10:00-11:00").makeup == ((600, 660),)
