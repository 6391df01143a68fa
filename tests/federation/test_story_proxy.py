# SPDX-License-Identifier: Apache-2.0
"""Story two, mode proxy: a window in Lanzhou takes in for Changsha; receipt is not acceptance."""

from uuid import UUID

import pytest

from tests import story
from tests.people import CHEN, MA, ZHANG, DemoPerson, staff
from tests.world import World
from tongban.cases import actions as cases
from tongban.cases.queries import CasePage, case_page, notice_file
from tongban.catalogue.search.queries import search
from tongban.demo.people import ORGANIZATIONS
from tongban.licences.queries import check_file
from tongban.standards.actor import Actor
from tongban.standards.refusal import Refusal
from tongban.windows import actions as windows
from tongban.windows.errors import NotVerified
from tongban.windows.queries import intake, my_intakes

HUNAN, GANSU = "430000", "620000"
ITEM = "出具贷款职工住房公积金缴存使用证明"
HE = staff("hefang", HUNAN)  # approver, Changsha housing fund


def rule_card(world: World, node: str, office: str) -> str:
    """The task code of the story's item at an office."""
    with world.at(node):
        return next(i.task_code for i in search(ITEM).items if i.publisher == ORGANIZATIONS[office].code)


def at_the_window(world: World, clerk: Actor, who: DemoPerson, task_code: str, way: str = "net") -> UUID:
    """Everything up to the verdict."""
    now = world.clock.now()
    with world.at(clerk.node):
        made = windows.start_intake(actor=clerk, at=now)
        given = {"name": who.name, "id_number": who.id_number, "phone": who.phone}
        windows.set_applicant(made, given, "card", actor=clerk, at=now)
    world.settle()
    with world.at(clerk.node):
        windows.choose_item(made, task_code, actor=clerk, at=now)
        windows.answer(made, "who", "self", actor=clerk, at=now)
        windows.fill(made, form(made, clerk), actor=clerk, at=now)
        windows.add_file(made, "id_card", "身份证.png", [story.PNG], actor=clerk, at=now)
        windows.check_material(made, {"id_card": {"verdict": "good", "original": True}}, actor=clerk, at=now)
        windows.set_delivery(made, way, "兰州市城关区演示路1号", "SF0000000001", actor=clerk, at=now)
    return made


def form(intake_id: UUID, clerk: Actor) -> dict[str, str]:
    """Something sensible in every field."""
    samples = {"date": "2026-01-01", "phone": "19900000001"}
    fields = intake(intake_id, clerk).fields
    return {f.name: f.choices[0][0] if f.choices else f.value or samples.get(f.type, "演示内容") for f in fields}


def seen(world: World, who: Actor, number: str) -> CasePage:
    with world.at(who.node):
        return case_page(number, who)


def taken_in(world: World, clerk: Actor, way: str = "net") -> str:
    """A case that Changsha has received."""
    made = at_the_window(world, clerk, ZHANG, rule_card(world, GANSU, "changsha-fund"), way)
    with world.at(GANSU):
        given = windows.conclude(made, "collect", "", actor=clerk, at=world.clock.now())
    world.settle()
    assert given is not None
    return given.receipt_no


def test_a_window_case_goes_from_receipt_through_correction_to_hand_over(world: World) -> None:
    ma, he = story.officer(world, MA), story.approver(world, HE)
    number = taken_in(world, ma, way="window")
    first = seen(world, ma, number)
    assert (first.state_name, first.custody.holder_name) == ("已收件", "长沙住房公积金管理中心（演示）")
    assert first.originals[0].holder_name == "快递途中，寄往办理地"
    case_id, now = first.id, world.clock.now()

    with world.at(HUNAN):
        cases.make_move(case_id, "receive_originals", actor=he, at=now)
        cases.make_move(case_id, "request_correction", actor=he, at=now, facts={"what": "请补一份清晰的身份证背面。"})
    world.settle()
    with world.at(GANSU):
        scan = cases.take_file(number, "id_card", "背面.png", [story.PNG + b"back"], actor=ma)
        real = cases.make_or_ask(case_id, "hand_in", actor=ma, at=now, facts={"note": "补交背面。"}, files=[scan])
    waiting = seen(world, ma, number)
    world.settle()

    assert not real
    assert "已提交，待长沙住房公积金管理中心（演示）确认" in waiting.requests[0].sentence
    back = seen(world, he, number)
    assert [m.filename for m in back.materials] == ["身份证.png", "背面.png"]
    assert all(m.here for m in back.materials)
    assert seen(world, ma, number).originals[0].holder_name == "长沙住房公积金管理中心（演示）"

    story.decide(world, he, case_id)
    world.settle()
    with world.at(GANSU):
        paper = b"".join(cases.fetch_result(number, actor=ma, at=now).chunks)
        cases.make_or_ask(case_id, "hand_over", actor=ma, at=now, facts={"proof": "张伟本人签收。"})
    world.settle()
    with world.at("220000"):
        assert check_file(paper).intact
    assert (seen(world, ma, number).state_name, seen(world, he, number).state_name) == ("已办结", "已办结")


def test_the_receipt_is_a_sealed_paper_that_says_it_is_no_acceptance(world: World) -> None:
    ma = story.officer(world, MA)
    world.resting = set()
    number = taken_in(world, ma)
    notice = seen(world, ma, number).notices[0]

    with world.at(GANSU):
        paper = b"".join(notice_file(number, notice.key, ma).chunks)
        verdict = check_file(paper)

    assert (notice.name, notice.state) == ("收件凭证", "ready")
    assert (verdict.intact, verdict.signer_node) == (True, GANSU)


def test_nobody_is_taken_in_whose_identity_does_not_match(world: World) -> None:
    ma = story.officer(world, MA)
    with world.at(GANSU):
        made = windows.start_intake(actor=ma, at=world.clock.now())
        given = {"name": "张三", "id_number": ZHANG.id_number, "phone": ZHANG.phone}
        windows.set_applicant(made, given, "typed", actor=ma, at=world.clock.now())
    world.settle()

    with world.at(GANSU):
        view = intake(made, ma).verification
        assert view is not None
        assert view.state == "mismatch"
        windows.choose_item(made, rule_card(world, GANSU, "changsha-fund"), actor=ma, at=world.clock.now())
        with pytest.raises(NotVerified):
            windows.conclude(made, "collect", "", actor=ma, at=world.clock.now())


def test_what_is_lacking_is_told_at_once_in_a_numbered_notice(world: World) -> None:
    ma = story.officer(world, MA)
    made = at_the_window(world, ma, ZHANG, rule_card(world, GANSU, "changsha-fund"))
    now = world.clock.now()
    with world.at(GANSU):
        windows.check_material(made, {"id_card": {"verdict": "lacking", "note": "缺背面"}}, actor=ma, at=now)
        with pytest.raises(Refusal, match="缺背面"):
            windows.conclude(made, "collect", "", actor=ma, at=now)
        windows.conclude(made, "complete", "请于方便时再来。", actor=ma, at=now)
        row = my_intakes(ma)[0]
    assert row.state_name == "一次性告知，待补齐"


def test_two_districts_of_one_node_need_no_messages(world: World) -> None:
    ma, mahui = story.officer(world, MA), story.approver(world, staff("mahui", GANSU))
    made = at_the_window(world, ma, ZHANG, rule_card(world, GANSU, "lanzhou-fund"))
    sent = len(world.network.seen)
    with world.at(GANSU):
        given = windows.conclude(made, "collect", "", actor=ma, at=world.clock.now())
    assert given is not None
    story.decide(world, mahui, given.case_id)
    world.settle()

    assert seen(world, ma, given.receipt_no).state_name == "已出证，待领取"
    assert len(world.network.seen) == sent


def test_another_window_sees_neither_the_intake_nor_the_case(world: World) -> None:
    ma, tang, chen = story.officer(world, MA), story.officer(world, staff("tangli", HUNAN)), story.approver(world, CHEN)
    number = taken_in(world, ma)

    with world.at(HUNAN):
        assert my_intakes(tang) == []
        with pytest.raises(Refusal, match="没有找到"):
            case_page(number, tang)
        with pytest.raises(Refusal, match="没有找到"):
            case_page(number, chen)
