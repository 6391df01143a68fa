# SPDX-License-Identifier: Apache-2.0
"""The procedure across nodes: silence has its consequence, clocks stop and go on, two people are two people."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import story
from tests.agreements import agreed
from tests.desks import Phone
from tests.federation.test_story_proxy import rule_card, taken_in
from tests.people import CHANGSHA_POLICE, CHEN, LANZHOU_CENTRE, MA, ORGANIZATIONS, PASSWORD, ZHANG
from tests.world import World
from tongban.cases import actions
from tongban.cases.errors import (
    AnotherPerson,
    Assigned,
    ExtendedBefore,
    HearingAwaited,
    NoAgreement,
    NothingProposed,
    NotOffered,
    NotYours,
)
from tongban.cases.models import Case, Clock, Event
from tongban.cases.queries import CasePage
from tongban.cases.queries.limits import running_out
from tongban.catalogue import actions as catalogue
from tongban.catalogue.queries import item
from tongban.identity.actions import add_staff
from tongban.identity.models import Staff
from tongban.identity.queries import staff_actor
from tongban.regions import actions as regions
from tongban.regions import queries as region_queries
from tongban.regions.plans import Day
from tongban.standards import codes, enums
from tongban.standards.actor import Actor, Role, system
from tongban.standards.clock import SHANGHAI

GANSU, HUNAN = "620000", "430000"
CHANGSHA_FUND = ORGANIZATIONS["changsha-fund"]
ENTRUSTED = {"accept", "not_accept", "request_correction"}
LICENCE = "000199001000"  # a basic code of a licence; the number is ours
LICENSING_STEPS = [{"name": name, "text": f"{name}。"} for name in ("受理", "审核", "审批", "办结", "送达")]
TWO_STEPS = [
    {"code": "check", "name": "书面审查"},
    {"code": "review", "name": "复核", "after": ["check"], "apart_from": ["check"]},
]
WEEK = {"days": 7, "unit": "natural_day", "source": "本测试的假定"}
LONGER = {"days": 3, "unit": "working_day", "law": "", "clause": "", "source": "本测试的假定"}


def publish(world: World, **changes: Any) -> str:
    """Changsha's item with other words, as a new version, known everywhere. Its code."""
    told = story.item_of(world, HUNAN, "430100")
    with world.at(HUNAN):
        content = item(told).content | changes
        catalogue.publish(content, actor=system(HUNAN), at=world.clock.now())
    world.settle()
    return str(content["task_code"])


def publish_licence(world: World, **changes: Any) -> str:
    """The same as a licence (行政许可)."""
    code = codes.task_code(CHANGSHA_POLICE.code, enums.UseLevel.CITY, LICENCE)
    words = {"basic_code": LICENCE, "task_code": code, "item_type": "licensing", "steps": LICENSING_STEPS}
    return publish(world, **words, **changes)


def submitted(world: World, task_code: str) -> UUID:
    """A case that 张伟 opens in Gansu and Hunan has taken."""
    given = story.submit(world, story.visitor(world, ZHANG, GANSU), task_code)
    world.settle()
    return given.case_id


def colleague(world: World) -> Actor:
    """A second approver of the same office."""
    with world.at(HUNAN):
        words = {"organization": CHANGSHA_POLICE.code, "region": CHANGSHA_POLICE.region, "roles": [Role.APPROVER]}
        add_staff(login="second", password=PASSWORD, name="演示二", at=world.clock.now(), **words)
        return staff_actor(Staff.objects.get(login="second"))


def move(world: World, who: Actor, case_id: UUID, name: str, **facts: str) -> None:
    """Somebody makes a move where they are, and everybody hears of it."""
    with world.at(who.node):
        actions.make_move(case_id, name, actor=who, at=world.clock.now(), facts=facts)
    world.settle()


def lines(world: World, case_id: UUID, node: str = GANSU) -> list[str]:
    with world.at(node):
        return list(Event.objects.filter(case_id=case_id).order_by("number").values_list("move", flat=True))


def clocks(world: World, case_id: UUID, node: str = GANSU) -> dict[str, Clock]:
    with world.at(node):
        return {row.kind: row for row in Clock.objects.filter(case_id=case_id)}


def seen(world: World, case_id: UUID) -> CasePage:
    return story.page(world, story.visitor(world, ZHANG, GANSU), str(case_id))


def pass_until(world: World, at: datetime) -> None:
    """Let time pass with every node at work, a quarter of a day at a time."""
    while world.clock.now() < at:
        world.pass_time(min(timedelta(hours=6), at - world.clock.now()))
        world.settle()


def test_a_licence_that_nobody_answers_counts_as_accepted_from_the_day_of_receipt(federation: World) -> None:
    case_id = submitted(federation, publish_licence(federation))
    received = clocks(federation, case_id)["acceptance"]
    assert received.due_at is not None
    said = next(clock.lines[-1] for clock in seen(federation, case_id).clocks if clock.kind == "acceptance")
    assert "即为受理" in said and "第三十二条" in said

    pass_until(federation, received.due_at - timedelta(minutes=1))
    assert "deem_accepted" not in lines(federation, case_id)
    pass_until(federation, received.due_at + timedelta(minutes=1))

    assert lines(federation, case_id)[-1] == "deem_accepted"
    found = clocks(federation, case_id)
    assert found["decision"].words["started_at"] == found["acceptance"].words["started_at"]
    page = seen(federation, case_id)
    assert page.project_no is not None
    assert any(clock.kind == "decision" and "第四十二条" in "".join(clock.lines) for clock in page.clocks)


def test_an_item_without_a_law_is_only_overdue_when_nobody_answers(federation: World) -> None:
    case_id = submitted(federation, story.item_of(federation, GANSU, "430100"))
    due = clocks(federation, case_id)["acceptance"].due_at
    assert due is not None
    pass_until(federation, due + timedelta(days=1))

    assert lines(federation, case_id)[-1] == "take"
    with federation.at(HUNAN):
        (late,) = running_out([CHANGSHA_POLICE.code], federation.clock.now())
        assert (late.case_id, late.kind, late.due_at, late.standing) == (case_id, "acceptance", due, "overdue")
        (soon,) = running_out([CHANGSHA_POLICE.code], due - timedelta(minutes=1))
        assert soon.standing == "due_soon"
        assert running_out([CHANGSHA_POLICE.code], soon.soon_at - timedelta(seconds=1)) == []
        assert running_out([CHANGSHA_POLICE.code], due, after=late.place) == []
    overdue = next(clock for clock in seen(federation, case_id).clocks if clock.kind == "acceptance")
    assert overdue.standing == "overdue"
    assert overdue.left.startswith("已超期")


@pytest.mark.parametrize(
    ("consequence", "state", "last"),
    [("withdrawn", "withdrawn", "lapse_withdrawn"), ("not_accepted", "not_accepted", "lapse_not_accepted")],
)
def test_a_correction_that_does_not_come_has_the_consequence_that_the_item_declares(
    federation: World, consequence: str, state: str, last: str
) -> None:
    case_id = submitted(federation, publish(federation, correction=WEEK | {"consequence": consequence}))
    chen = story.approver(federation, CHEN)
    move(federation, chen, case_id, "request_correction", what="请补交背面。")
    due = clocks(federation, case_id)["correction"].due_at
    assert due == datetime(2026, 11, 30, 16, 0, tzinfo=UTC)  # seven days after Monday the 23rd, to the end of the day

    pass_until(federation, due - timedelta(minutes=1))
    assert lines(federation, case_id)[-1] == "request_correction"
    pass_until(federation, due + timedelta(minutes=1))

    assert lines(federation, case_id)[-1] == last
    page = seen(federation, case_id)
    assert (page.state, page.ended, page.due_on) == (state, True, None)
    assert all(clock.ended_at for clock in page.clocks)


def test_a_special_procedure_takes_no_time_from_the_limit(federation: World) -> None:
    case_id = submitted(federation, publish_licence(federation))
    chen = story.approver(federation, CHEN)
    move(federation, chen, case_id, "accept")
    before = clocks(federation, case_id)["promised"].due_at
    assert before is not None
    move(federation, chen, case_id, "start_special", procedure="expert_review", reason="须由专家评审。")

    paused = seen(federation, case_id)
    assert paused.state_name == "特别程序中"
    assert {c.standing for c in paused.clocks if c.kind in ("promised", "decision")} == {"paused"}
    assert any("第四十五条" in line for clock in paused.clocks for line in clock.lines)
    pass_until(federation, federation.clock.now() + timedelta(days=2))
    move(federation, chen, case_id, "end_special", note="评审通过。")

    assert clocks(federation, case_id)["promised"].due_at == before + timedelta(days=2)  # Monday and two working days
    assert seen(federation, case_id).state == "accepted"


def test_a_hearing_is_asked_for_on_the_page_and_held_before_anybody_decides(federation: World) -> None:
    case_id, chen = submitted(federation, publish_licence(federation)), story.approver(federation, CHEN)
    move(federation, chen, case_id, "accept")
    move(federation, chen, case_id, "offer_hearing", reason="涉及您的重大利益。")
    phone, number = Phone(federation, ZHANG), seen(federation, case_id).receipt_no
    assert 'id="hear"' in phone.open(number)

    phone.post(f"/cases/{number}/hearing/", {"note": "请求举行听证。"})
    federation.settle()
    assert 'id="hear"' not in phone.open(number)
    assert clocks(federation, case_id)["hearing_request"].ended_at is not None
    assert clocks(federation, case_id)["hearing"].ended_at is None
    move(federation, chen, case_id, "sign_step", step="review", opinion="请先听证。")
    reasons = {"reason": "不符合条件。", "basis": "（演示）", "remedies": "六十日内申请行政复议。"}
    with pytest.raises(HearingAwaited):
        move(federation, chen, case_id, "deny", **reasons)

    move(federation, chen, case_id, "send_back", step="review", opinion="举行听证。")
    move(federation, chen, case_id, "start_special", procedure="hearing", reason="申请人申请听证。")
    assert clocks(federation, case_id)["hearing"].ended_at is not None
    move(federation, chen, case_id, "end_special", note="听证笔录见卷。")
    move(federation, chen, case_id, "sign_step", step="review", opinion="不同意。")
    move(federation, chen, case_id, "deny", **reasons)
    assert seen(federation, case_id).state == "denied"


def test_outside_the_licensing_law_a_special_procedure_stops_only_what_was_promised(federation: World) -> None:
    limits = {
        "promised": {**LONGER, "days": 5},
        "statutory": {**LONGER, "days": 10, "law": "《示例条例》", "clause": "第一条"},
    }
    case_id = submitted(federation, publish(federation, limits=limits))
    chen = story.approver(federation, CHEN)
    move(federation, chen, case_id, "accept")
    move(federation, chen, case_id, "start_special", procedure="appraisal", reason="须先鉴定。")

    found = {clock.kind: clock for clock in seen(federation, case_id).clocks if clock.ended_at is None}
    assert (found["promised"].standing, found["decision"].standing) == ("paused", "running")
    assert not any("行政许可法" in line for line in found["promised"].lines)


def test_a_limit_is_extended_once_and_by_another_person(federation: World) -> None:
    case_id = submitted(federation, publish(federation, extension=LONGER))
    chen, second = story.approver(federation, CHEN), colleague(federation)
    move(federation, chen, case_id, "accept")
    before = clocks(federation, case_id)["promised"].due_at
    with pytest.raises(NothingProposed):
        move(federation, second, case_id, "extend", note="情况复杂。")
    move(federation, chen, case_id, "propose_extension", reason="需要向外省核实。")
    with pytest.raises(AnotherPerson):
        move(federation, chen, case_id, "extend", note="情况复杂。")
    move(federation, second, case_id, "extend", note="需要向外省核实，延长三个工作日。")

    assert before is not None
    assert clocks(federation, case_id)["promised"].due_at == before + timedelta(days=3)
    with pytest.raises(ExtendedBefore):
        move(federation, chen, case_id, "propose_extension", reason="还需要时间。")


def test_steps_are_signed_in_order_by_different_people_and_can_be_sent_back(federation: World) -> None:
    case_id = submitted(federation, publish(federation, examination=TWO_STEPS, two_persons=True))
    chen, second = story.approver(federation, CHEN), colleague(federation)
    move(federation, chen, case_id, "accept")
    with pytest.raises(NotOffered):
        move(federation, chen, case_id, "sign_step", step="review", opinion="同意。")
    move(federation, chen, case_id, "sign_step", step="check", opinion="材料齐全。")
    with pytest.raises(AnotherPerson):
        move(federation, chen, case_id, "sign_step", step="review", opinion="同意。")
    move(federation, second, case_id, "sign_step", step="review", opinion="同意。")
    assert seen(federation, case_id).state == "examined"
    with pytest.raises(AnotherPerson):
        move(federation, chen, case_id, "grant", note="同意出具。")
    move(federation, chen, case_id, "send_back", step="review", opinion="请核对起止日期。")
    move(federation, second, case_id, "sign_step", step="review", opinion="已核对。")

    names = lines(federation, case_id)
    assert names[3:] == ["accept", "sign_step", "sign_step", "examine", "send_back", "sign_step", "examine"]
    told = [detail for entry in seen(federation, case_id).timeline for detail in entry.details]
    assert ("审查环节", "复核") in told
    assert "请核对起止日期。" not in {words for _, words in told}  # an internal opinion stays inside


def test_a_case_that_was_given_to_a_colleague_is_that_colleagues(federation: World) -> None:
    case_id = submitted(federation, story.item_of(federation, GANSU, "430100"))
    chen, second = story.approver(federation, CHEN), colleague(federation)
    move(federation, chen, case_id, "accept")
    with pytest.raises(NotOffered):
        move(federation, chen, case_id, "assign", assignee="approver:somebody", opinion="休假代班。")
    move(federation, chen, case_id, "assign", assignee=second.pseudonym, opinion="休假代班。")

    with pytest.raises(Assigned):
        move(federation, chen, case_id, "sign_step", step="review", opinion="同意。")
    move(federation, second, case_id, "sign_step", step="review", opinion="同意。")
    assert "assignee" not in kept(federation, case_id, GANSU)
    assert kept(federation, case_id, HUNAN)["assignee"] == second.pseudonym
    confirming = replace(second, id=UUID(int=7), role=Role.SECOND_APPROVER, roles=frozenset({Role.SECOND_APPROVER}))
    with pytest.raises(NotYours):  # a second approver decides what others examined, and does nothing else
        move(federation, confirming, case_id, "send_back", step="review", opinion="请核对。")
    move(federation, confirming, case_id, "grant", note="同意出具。")
    assert seen(federation, case_id).state in ("granted", "issued")


def kept(world: World, case_id: UUID, node: str) -> Mapping[str, Any]:
    """The progress of a case at a node."""
    with world.at(node):
        return dict(Case.objects.get(id=case_id).progress)


def asked_for(page: CasePage) -> set[str]:
    """What the page offers to ask the other place for."""
    return {each.name for each in page.moves if each.asked}


def test_a_window_accepts_in_the_name_of_the_organ_while_an_agreement_is_in_force(federation: World) -> None:
    ma = story.officer(federation, MA)
    number = taken_in(federation, ma)
    assert not ENTRUSTED & asked_for(story.page(federation, ma, number))
    with federation.at(GANSU), pytest.raises(NoAgreement, match="长沙住房公积金管理中心"):
        actions.make_or_ask(story.page(federation, ma, number).id, "accept", actor=ma, at=federation.clock.now())

    agreed(federation, CHANGSHA_FUND, LANZHOU_CENTRE)
    page = story.page(federation, ma, number)
    assert ENTRUSTED & asked_for(page) == {"accept"}
    with federation.at(GANSU):
        assert not actions.make_or_ask(page.id, "accept", actor=ma, at=federation.clock.now())
    federation.settle()

    page = story.page(federation, ma, number)
    assert page.state == "accepted"
    assert page.project_no is not None
    accepted = next(entry for entry in page.timeline if entry.title == "受理")
    assert accepted.by == "兰州市政务服务中心（演示）（以长沙住房公积金管理中心（演示）名义）"
    assert [request.state for request in page.requests] == ["accepted"]


@pytest.mark.parametrize(("said", "open_to_it"), [([], set()), (["accept"], {"accept"})], ids=["silent", "says-so"])
def test_what_a_region_s_centre_has_signed_binds_an_organ_whose_item_says_so_too(
    federation: World, said: list[str], open_to_it: set[str]
) -> None:
    agreed(federation, ORGANIZATIONS["changsha-centre"], LANZHOU_CENTRE, moves=["accept", "not_accept"])
    with federation.at(HUNAN):
        lent = [{"region": "620000", "moves": said, "basis": "点对点协议（演示）"}] if said else []
        content = item(rule_card(federation, HUNAN, "changsha-fund")).content | {"entrusted": lent}
        catalogue.publish(content, actor=system(HUNAN), at=federation.clock.now())
    federation.settle()

    ma = story.officer(federation, MA)
    page = story.page(federation, ma, taken_in(federation, ma))
    assert ENTRUSTED & asked_for(page) == open_to_it


def test_a_request_that_arrives_after_the_agreement_has_ended_is_refused_by_name(federation: World) -> None:
    agreed(federation, CHANGSHA_FUND, LANZHOU_CENTRE, notice_days=0, until=date(2026, 11, 24))
    ma = story.officer(federation, MA)
    page = story.page(federation, ma, taken_in(federation, ma))
    with federation.at(GANSU):
        assert not actions.make_or_ask(page.id, "accept", actor=ma, at=federation.clock.now())
    federation.network.down.add(HUNAN)
    federation.pass_time(timedelta(days=2))
    federation.network.down.clear()
    federation.settle()

    page = story.page(federation, ma, page.receipt_no)
    assert page.state == "collected"
    (request,) = page.requests
    assert request.state == "refused"
    assert "点对点协议" in request.sentence
    with federation.at(GANSU), pytest.raises(NoAgreement):
        actions.make_or_ask(page.id, "not_accept", actor=ma, at=federation.clock.now())


def test_only_a_window_s_act_in_another_s_name_reads_agreements(federation: World) -> None:
    agreed(federation, CHANGSHA_FUND, LANZHOU_CENTRE)
    ma, chen = story.officer(federation, MA), story.approver(federation, CHEN)
    page = story.page(federation, ma, taken_in(federation, ma))
    case_id = submitted(federation, story.item_of(federation, GANSU, "430100"))

    def reads(node: str, act: Callable[[datetime], object]) -> int:
        with federation.at(node), CaptureQueriesContext(connection) as asked:
            act(federation.clock.now())
            return sum("catalogue_agreement" in each["sql"] for each in asked)

    assert reads(HUNAN, lambda at: actions.make_move(case_id, "accept", actor=chen, at=at)) == 0
    assert reads(GANSU, lambda at: actions.ask(page.id, "urge", actor=ma, at=at, facts={"note": "请加快。"})) == 0
    assert reads(GANSU, lambda at: actions.ask(page.id, "accept", actor=ma, at=at)) == 1


def test_a_new_plan_of_days_off_moves_dates_and_says_why(federation: World) -> None:
    case_id = submitted(federation, story.item_of(federation, GANSU, "430100"))
    move(federation, story.approver(federation, CHEN), case_id, "accept")
    before = clocks(federation, case_id)["promised"].due_at
    assert before is not None
    festival = Day(date(2026, 11, 26), "holiday", "本地节日（演示）")
    with federation.at(HUNAN):
        now, words = federation.clock.now(), "演示通知"
        regions.set_days(CHANGSHA_POLICE.code, [festival], source=words, actor=system(HUNAN), at=now)
        region_queries.forget()
    federation.settle()

    assert clocks(federation, case_id)["promised"].due_at == before + timedelta(days=1)
    assert clocks(federation, case_id, HUNAN)["promised"].due_at == before + timedelta(days=1)
    page = seen(federation, case_id)
    assert page.due_on == (before + timedelta(days=1)).astimezone(SHANGHAI).date() - timedelta(days=1)
    told = page.timeline[0]
    assert told.title == "放假安排调整，期限重新计算"
    assert "11月26日" in dict(told.details)["理由"]
    assert lines(federation, case_id).count("reckon") == 1


def test_a_case_comes_back_by_the_decision_of_a_superior_organ_and_is_put_on_file(federation: World) -> None:
    case_id = submitted(federation, story.item_of(federation, GANSU, "430100"))
    chen = story.approver(federation, CHEN)
    move(federation, chen, case_id, "not_accept", reason="不属于本机关。", where_to_go="向户籍地申请。")
    move(federation, chen, case_id, "archive")
    move(
        federation,
        chen,
        case_id,
        "reopen_acceptance",
        organ="湖南省人民政府（演示）",
        document="行政复议决定书〔2026〕1号",
    )

    page = seen(federation, case_id)
    assert (page.state, page.ended) == ("submitted", False)
    assert clocks(federation, case_id)["acceptance"].ended_at is None
    move(federation, chen, case_id, "accept")
    assert seen(federation, case_id).project_no is not None
