# SPDX-License-Identifier: Apache-2.0
"""容缺受理 and 告知承诺 across nodes: only on a written promise in good credit, with every consequence the item has."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from uuid_utils.compat import uuid7

from tests import story
from tests.desks import Desk, Phone
from tests.federation.test_procedure import GANSU, HUNAN, clocks, kept, lines, move, pass_until, publish, seen
from tests.federation.test_story_proxy import HE, rule_card
from tests.federation.test_story_proxy import at_the_window as taking_in
from tests.people import CHANGSHA_POLICE, CHEN, MA, ZHANG, ZHOU, DemoPerson
from tests.world import World
from tongban.cases import actions
from tongban.cases.errors import (
    CreditUnknown,
    Discredited,
    ExaminedFirst,
    NotComplete,
    NotConfirmed,
    NothingPromised,
    NotOffered,
    NotRevocable,
    NotVerified,
    ResultRevoked,
    StillLacking,
)
from tongban.cases.models import Case
from tongban.cases.queries import my_cases, worklist
from tongban.cases.queries.limits import running_out
from tongban.cases.queries.views import CasePage
from tongban.catalogue import actions as catalogue
from tongban.catalogue.queries import item
from tongban.catalogue.tests.items import material
from tongban.exchange.question import Question
from tongban.licences.messages import STATUS, tell_status
from tongban.standards.actor import Actor, system
from tongban.windows import actions as windows

OURS = {"law": "", "clause": "", "source": "本测试的假定"}
LETTER = material("letter", name="用途说明", necessity="tolerated", types=["image/png"])
SUPPLEMENT = {"days": 3, "unit": "working_day", "consequence": "withdrawn", "promise": "我承诺按时补齐。", **OURS}
COMMITMENT: dict[str, Any] = {
    "covers": ["letter"],
    "promise": "我承诺用途属实。",
    "at_once": True,
    "verification": {"days": 20, "unit": "working_day", **OURS},
    "consequence": "put_right",
    "put_right": {"days": 5, "unit": "working_day", **OURS},
    "excluded": [],
    "basis": "不直接涉及国家安全等领域（测试）",
    "source": "本测试的假定",
}


def publish_with(world: World, **changes: Any) -> str:
    """The story's item with one paper that may come later."""
    told = story.item_of(world, HUNAN, "430100")
    with world.at(HUNAN):
        materials = [*item(told).content["materials"], LETTER]
    return publish(world, materials=materials, **changes)


def submitted(world: World, task_code: str, who: DemoPerson = ZHANG) -> UUID:
    given = story.submit(world, story.visitor(world, who, GANSU), task_code)
    world.settle()
    return given.case_id


def ask(world: World, who: Actor, case_id: UUID, name: str, *scans: str, **facts: str) -> None:
    """Somebody asks for a move where they are, and everybody hears of it."""
    with world.at(who.node):
        files = [actions.take_file(case_id, code, "补交.png", [story.PNG], actor=who) for code in scans]
        actions.make_or_ask(case_id, name, actor=who, at=world.clock.now(), facts=facts, files=files)
    world.settle()


def promise(world: World, case_id: UUID, kind: str) -> None:
    ask(world, story.visitor(world, ZHANG, GANSU), case_id, "promise", promise=kind, confirmed="yes")


def trust(world: World, case_id: UUID, found: str = "clear") -> None:
    move(world, story.approver(world, CHEN), case_id, "check_credit", credit=found, register="national")


def accepted_lacking(world: World, **changes: Any) -> UUID:
    """A case that was accepted without its letter."""
    case_id = submitted(world, publish_with(world, supplement=SUPPLEMENT | changes))
    promise(world, case_id, "supplement")
    trust(world, case_id)
    move(world, story.approver(world, CHEN), case_id, "accept_lacking", lacking="letter")
    return case_id


def granted_on_promise(world: World, **changes: Any) -> UUID:
    """A case that was decided on a promise, and whose paper is there."""
    case_id = submitted(world, publish_with(world, commitment=COMMITMENT | changes))
    chen = story.approver(world, CHEN)
    promise(world, case_id, "commitment")
    trust(world, case_id)
    move(world, chen, case_id, "accept")
    move(world, chen, case_id, "grant_on_promise", note="依承诺准予。")
    return case_id


def same_everywhere(world: World, case_id: UUID) -> None:
    assert kept(world, case_id, GANSU) == kept(world, case_id, HUNAN)
    here, there = clocks(world, case_id, GANSU), clocks(world, case_id, HUNAN)
    assert {kind: (row.due_at, row.ended_at) for kind, row in here.items()} == {
        kind: (row.due_at, row.ended_at) for kind, row in there.items()
    }


def status(world: World, case_id: UUID) -> Mapping[str, Any]:
    """What the office's node answers whoever asks how the paper stands."""
    with world.at(HUNAN):
        digest = Case.objects.get(id=case_id).file_digest
        now = world.clock.now()
        asked = Question(
            id=uuid7(),
            asker=GANSU,
            asked=HUNAN,
            kind=STATUS,
            purpose="核实",
            basis="（测试）",
            subject="",
            actor="system:620000",
            asked_at=now,
            expires_at=now,
            body={"file": digest},
        )
        return tell_status(asked, now)


def test_what_lacks_is_handed_in_later_against_a_promise_in_writing(federation: World) -> None:
    world = federation
    case_id = submitted(world, publish_with(world, supplement=SUPPLEMENT))
    zhang, chen = story.visitor(world, ZHANG, GANSU), story.approver(world, CHEN)
    with pytest.raises(StillLacking, match="用途说明"):
        move(world, chen, case_id, "accept")
    with pytest.raises(NothingPromised):
        move(world, chen, case_id, "accept_lacking", lacking="letter")
    with pytest.raises(NotConfirmed, match="勾选"):
        ask(world, zhang, case_id, "promise", promise="supplement")
    promise(world, case_id, "supplement")
    with pytest.raises(CreditUnknown):
        move(world, chen, case_id, "accept_lacking", lacking="letter")
    trust(world, case_id)
    with pytest.raises(NotOffered):
        move(world, chen, case_id, "accept_lacking", lacking="id_card")
    move(world, chen, case_id, "accept_lacking", lacking="letter")

    page = seen(world, case_id)
    assert (page.state, page.project_no is not None) == ("accepted", True)
    assert page.later is not None and page.later.due_on is not None
    assert "视为撤回申请" in page.later.consequence
    with world.at(GANSU):
        assert [row.waiting for row in my_cases(zhang) if row.id == case_id] == ["待补齐后补的材料"]
    (made,) = page.promises
    assert made.words[:2] == ("我承诺按时补齐。", "需要补齐的材料：用途说明。")
    assert "3 个工作日" in made.words[2] and made.by == "本人在网上确认"
    assert page.credit == "经“信用中国”网站查询，没有尚未修复的严重失信记录。"
    assert any(clock.kind == "supplement" and clock.nature == "applicant" and clock.lines for clock in page.clocks)
    move(world, chen, case_id, "sign_step", step="review", opinion="待补齐后决定。")
    with pytest.raises(StillLacking):
        move(world, chen, case_id, "grant", note="同意。")
    with pytest.raises(NotComplete):
        ask(world, zhang, case_id, "supplement", handed="letter")
    ask(world, zhang, case_id, "supplement", "letter", handed="letter")

    assert clocks(world, case_id)["supplement"].ended_at is not None
    assert seen(world, case_id).later is None
    move(world, chen, case_id, "return_supplement", returned="letter", note="没有盖章。")
    again = seen(world, case_id).later
    assert again is not None and again.returned == "没有盖章。"
    ask(world, zhang, case_id, "supplement", "letter", handed="letter")
    move(world, chen, case_id, "grant", note="同意。")
    assert seen(world, case_id).state == "issued"
    same_everywhere(world, case_id)


def test_whoever_has_a_serious_discredit_is_trusted_with_neither_until_it_is_repaired(federation: World) -> None:
    world = federation
    case_id = submitted(world, publish_with(world, supplement=SUPPLEMENT))
    promise(world, case_id, "supplement")
    trust(world, case_id, "serious")
    with pytest.raises(Discredited, match="信用修复后"):
        move(world, story.approver(world, CHEN), case_id, "accept_lacking", lacking="letter")
    trust(world, case_id, "clear")
    move(world, story.approver(world, CHEN), case_id, "accept_lacking", lacking="letter")
    assert seen(world, case_id).state == "accepted"


def test_what_was_promised_and_does_not_come_is_the_end_where_the_item_says_so(federation: World) -> None:
    case_id = accepted_lacking(federation)
    row = clocks(federation, case_id)["supplement"]
    assert row.due_at is not None and row.soon_at is not None
    with federation.at(HUNAN):
        (soon,) = running_out([CHANGSHA_POLICE.code], row.due_at - timedelta(minutes=1))[:1]
        assert (soon.kind, soon.standing) == ("supplement", "due_soon")
    pass_until(federation, row.due_at - timedelta(minutes=1))
    assert lines(federation, case_id)[-1] == "accept_lacking"
    pass_until(federation, row.due_at + timedelta(minutes=1))

    assert lines(federation, case_id)[-1] == "lapse_lacking_withdrawn"
    page = seen(federation, case_id)
    assert (page.state, page.ended) == ("withdrawn", True)
    assert all(clock.ended_at for clock in page.clocks)
    same_everywhere(federation, case_id)


def test_elsewhere_the_promised_limit_first_stands_still_and_goes_on_when_it_comes(federation: World) -> None:
    case_id = accepted_lacking(federation, grace=15, consequence="terminated")
    before = clocks(federation, case_id)
    due, promised = before["supplement"].due_at, before["promised"].due_at
    assert due is not None and promised is not None
    pass_until(federation, due + timedelta(hours=1))

    assert lines(federation, case_id)[-1] == "stall"
    page = seen(federation, case_id)
    assert page.state == "accepted" and page.later is not None and page.later.stalled
    stopped = next(clock for clock in page.clocks if clock.kind == "promised")
    assert stopped.standing == "paused" and "没有补齐" in stopped.pause
    pass_until(federation, due + timedelta(days=4))
    ask(federation, story.visitor(federation, ZHANG, GANSU), case_id, "supplement", "letter", handed="letter")

    after = clocks(federation, case_id)
    assert after["grace"].ended_at is not None
    assert after["promised"].due_at is not None and after["promised"].due_at > promised
    assert any("没有补齐" in line for clock in seen(federation, case_id).clocks for line in clock.lines)
    same_everywhere(federation, case_id)


def test_what_does_not_come_in_the_time_that_is_added_either_is_the_end(federation: World) -> None:
    case_id = accepted_lacking(federation, grace=2, consequence="terminated")
    due = clocks(federation, case_id)["supplement"].due_at
    assert due is not None
    pass_until(federation, due + timedelta(days=5))

    assert lines(federation, case_id)[-2:] == ["stall", "lapse_lacking_terminated"]
    assert seen(federation, case_id).state == "terminated"


def test_a_promise_can_be_taken_back_until_somebody_relies_on_it(federation: World) -> None:
    case_id = submitted(federation, publish_with(federation, supplement=SUPPLEMENT, commitment=COMMITMENT))
    zhang, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    promise(federation, case_id, "commitment")
    trust(federation, case_id)
    move(federation, chen, case_id, "accept")
    assert [each.may_be_withdrawn for each in seen(federation, case_id).promises] == [True]
    ask(federation, zhang, case_id, "withdraw_promise", promise="commitment")
    with pytest.raises(NothingPromised):
        move(federation, chen, case_id, "grant_on_promise", note="依承诺准予。")
    move(federation, chen, case_id, "sign_step", step="review", opinion="须补交。")
    with pytest.raises(StillLacking):
        move(federation, chen, case_id, "grant", note="同意。")
    ask(federation, zhang, case_id, "supplement", "letter", handed="letter")
    move(federation, chen, case_id, "grant", note="同意。")
    assert seen(federation, case_id).verification is None


def test_a_decision_on_a_promise_is_verified_afterwards_and_stays_on_the_desk_until_then(federation: World) -> None:
    case_id = granted_on_promise(federation)
    chen = story.approver(federation, CHEN)
    page = seen(federation, case_id)
    assert page.state == "issued" and page.verification is not None and page.verification.phase == "due"
    with federation.at(GANSU):
        zhang = story.visitor(federation, ZHANG, GANSU)
        b"".join(actions.fetch_result(page.receipt_no, actor=zhang, at=federation.clock.now()).chunks)
    federation.settle()

    assert seen(federation, case_id).state == "delivered"
    assert clocks(federation, case_id)["verification"].ended_at is None
    with federation.at(HUNAN):
        assert [row.state_name for row in worklist(chen).rows if row.id == case_id] == ["已办结，待核查承诺"]
    with pytest.raises(NotVerified):
        move(federation, chen, case_id, "archive")
    move(federation, chen, case_id, "confirm_promise", note="与单位核实，属实。")

    assert clocks(federation, case_id)["verification"].ended_at is not None
    for node in (GANSU, HUNAN):
        with federation.at(node):
            assert Case.objects.get(id=case_id).ended
    move(federation, chen, case_id, "archive")
    same_everywhere(federation, case_id)


def test_an_untrue_promise_is_first_put_right_and_then_costs_the_decision(federation: World) -> None:
    case_id = granted_on_promise(federation)
    zhang, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    reasons = {"reason": "用途不属实。", "basis": "（演示）", "remedies": "六十日内申请行政复议。"}
    with pytest.raises(NotRevocable):
        move(federation, chen, case_id, "revoke", **reasons)
    move(federation, chen, case_id, "order_to_correct", what="请提交真实的用途说明。", basis="（演示）")
    ordered = seen(federation, case_id).verification
    assert ordered is not None and ordered.what == "请提交真实的用途说明。" and ordered.due_on is not None
    ask(federation, zhang, case_id, "report_correction", "letter", note="已改正，见附件。")
    assert clocks(federation, case_id)["put_right"].ended_at is not None
    assert clocks(federation, case_id)["verification"].ended_at is None
    move(federation, chen, case_id, "revoke", **reasons)

    page = seen(federation, case_id)
    assert (page.state, page.ended, page.state_name) == ("revoked", True, "已撤销")
    assert page.licence is not None and page.licence.state == "revoked"
    assert page.outcome is not None and ("理由", "用途不属实。") in page.outcome.details
    with federation.at(GANSU), pytest.raises(ResultRevoked):
        actions.fetch_result(page.receipt_no, actor=zhang, at=federation.clock.now())
    told = status(federation, case_id)
    assert (told["standing"], told["since"]) == ("revoked", "2026-11-23")
    same_everywhere(federation, case_id)
    move(federation, chen, case_id, "reinstate", organ="某某人民法院（演示）", document="判决书（2026）1号")
    assert seen(federation, case_id).state == "issued"
    assert status(federation, case_id).get("standing", "valid") == "valid"
    with federation.at(GANSU):
        assert b"".join(actions.fetch_result(page.receipt_no, actor=zhang, at=federation.clock.now()).chunks)


def test_who_does_not_put_it_right_in_time_loses_the_decision_by_a_persons_word_never_by_time_alone(
    federation: World,
) -> None:
    case_id = granted_on_promise(federation)
    chen = story.approver(federation, CHEN)
    move(federation, chen, case_id, "order_to_correct", what="请改正。", basis="（演示）")
    due = clocks(federation, case_id)["put_right"].due_at
    assert due is not None
    reasons = {"reason": "到期没有改正。", "basis": "（演示）", "remedies": "六十日内申请行政复议。"}
    with pytest.raises(NotRevocable):
        move(federation, chen, case_id, "revoke", **reasons)
    pass_until(federation, due + timedelta(hours=1))
    assert lines(federation, case_id)[-1] == "order_to_correct"
    move(federation, chen, case_id, "revoke", **reasons)
    assert seen(federation, case_id).state == "revoked"


def test_where_the_item_examines_first_a_promise_replaces_only_the_paper(federation: World) -> None:
    case_id = submitted(federation, publish_with(federation, commitment=COMMITMENT | {"at_once": False}))
    chen = story.approver(federation, CHEN)
    promise(federation, case_id, "commitment")
    trust(federation, case_id)
    move(federation, chen, case_id, "accept")
    with pytest.raises(ExaminedFirst):
        move(federation, chen, case_id, "grant_on_promise", note="依承诺准予。")
    move(federation, chen, case_id, "sign_step", step="review", opinion="符合。")
    move(federation, chen, case_id, "grant_on_promise", note="依承诺准予。")
    assert seen(federation, case_id).state == "issued"


def at_the_window(world: World) -> CasePage:
    """A case that a window in Lanzhou took in for Changsha, without a paper that may come later."""
    fund = rule_card(world, HUNAN, "changsha-fund")
    with world.at(HUNAN):
        content = item(fund).content
        changes = {"materials": [*content["materials"], LETTER], "supplement": SUPPLEMENT}
        catalogue.publish(content | changes, actor=system(HUNAN), at=world.clock.now())
    world.settle()
    ma = story.officer(world, MA)
    made = taking_in(world, ma, ZHANG, str(content["task_code"]))
    with world.at(GANSU):
        windows.check_material(
            made, {"letter": {"verdict": "lacking", "note": "没有带。"}}, actor=ma, at=world.clock.now()
        )
        given = windows.conclude(made, "collect", "", actor=ma, at=world.clock.now())
    assert given is not None
    world.settle()
    return story.page(world, ma, given.receipt_no)


def test_at_a_window_the_promise_is_signed_on_paper_and_the_rest_is_brought_there(federation: World) -> None:
    page = at_the_window(federation)
    window, office = Desk(federation, MA), Desk(federation, HE)
    number = page.receipt_no
    shown = window.open(number)
    assert "用途说明" in shown and "我承诺按时补齐。" in shown and "代收书面承诺" in shown
    signed = {"promise": "supplement", "signed": "2026年11月23日签，本窗口存。"}
    answer = window.post(f"/desk/cases/{page.id}/moves/take_promise/", dict(signed))
    assert "请先阅读承诺书全文" in answer and window.answer.status_code == 422
    window.make(number, "take_promise", **signed, confirmed="yes")
    office.make(number, "check_credit", credit="clear", register="local")
    assert "窗口签署" in office.open(number)
    office.make(number, "accept_lacking", lacking=["letter"])

    scan = SimpleUploadedFile("用途说明.png", story.PNG, "image/png")
    window.make(number, "supplement", **{"file-letter": scan})
    office.make(number, "sign_step", step="review", opinion="齐全。")
    office.make(number, "grant", note="同意。")
    assert story.page(federation, story.officer(federation, MA), number).state == "issued"


def test_the_applicant_reads_the_whole_promise_and_confirms_it_on_the_phone(federation: World) -> None:
    case_id = submitted(federation, publish_with(federation, supplement=SUPPLEMENT, commitment=COMMITMENT), ZHOU)
    number = story.page(federation, story.visitor(federation, ZHOU, GANSU), str(case_id)).receipt_no
    phone, office = Phone(federation, ZHOU), Desk(federation, CHEN)
    page = phone.open(number)
    for words in ("我承诺按时补齐。", "需要补齐的材料：用途说明。", "自受理之日起 3 个工作日", "我承诺用途属实。"):
        assert words in page
    refused = phone.post(f"/cases/{number}/promise/", {"promise": "supplement"})
    assert phone.answer.status_code == 422 and "请先阅读承诺书全文，再勾选确认。" in refused
    phone.post(f"/cases/{number}/promise/", {"promise": "supplement", "confirmed": "yes"})
    federation.settle()
    assert "您的容缺受理承诺书" in phone.open(number)
    office.make(number, "check_credit", credit="clear", register="national")
    assert "没有尚未修复的严重失信记录" in office.open(number)
    office.make(number, "accept_lacking", lacking=["letter"])

    page = phone.open(number)
    assert "请补交后补的材料" in page and "视为撤回申请" in page
    refused = phone.post(f"/cases/{number}/supplement/", {})
    assert phone.answer.status_code == 422 and "补交的材料" in refused
    phone.post(
        f"/cases/{number}/supplement/", {"file-letter": SimpleUploadedFile("用途说明.png", story.PNG, "image/png")}
    )
    federation.settle()
    assert "请补交后补的材料" not in phone.open(number)
    office.make(number, "sign_step", step="review", opinion="齐全。")
    office.make(number, "grant", note="同意。")
    assert "证明已出具" in phone.open(number)
