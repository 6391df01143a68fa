# SPDX-License-Identifier: Apache-2.0
"""缴费 across nodes: only what the item declares, known at both places; decision or result waits for it."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests import story
from tests.desks import Desk, Phone
from tests.federation.test_api import ask
from tests.federation.test_notices import accepted, pdf, text
from tests.federation.test_procedure import GANSU, HUNAN, lines, move, pass_until, publish, seen, submitted
from tests.people import CHEN, ZHANG
from tests.procedure import FEE, LATE_FEE
from tests.world import World
from tongban.cases import actions
from tongban.cases.errors import FeeAsked, FeeNotAsked, FeeNotNow, FeeSettled, FeeToAsk, FeeUnpaid, NoFee, NotOffered
from tongban.cases.queries.views import FeeView
from tongban.catalogue.queries import item
from tongban.demo.content import ORGANIZATIONS
from tongban.identity.actions import issue_token
from tongban.identity.logins import RESIDENT_ID
from tongban.licences.models import Licence
from tongban.licences.queries import check_file
from tongban.licences.uses.actions import Call, give, grant_use
from tongban.licences.uses.errors import NotHandedOver
from tongban.standards.actor import Actor, system

FUND = ORGANIZATIONS["lanzhou-fund"]
REASON = {"reason": "属于最低生活保障对象。", "basis": "《某条例》第八条"}


def examined(world: World, fee: dict[str, Any]) -> UUID:
    """A case of an item with this fee, examined in Changsha."""
    case_id, chen = submitted(world, publish(world, fee=fee)), story.approver(world, CHEN)
    move(world, chen, case_id, "accept")
    move(world, chen, case_id, "sign_step", step="review", opinion="符合。")
    return case_id


def granted(world: World) -> UUID:
    """The same, granted and made, where only the result waits for the fee."""
    case_id = examined(world, LATE_FEE)
    move(world, story.approver(world, CHEN), case_id, "grant", note="同意。")
    return case_id


def fee(world: World, case_id: UUID, who: Actor) -> FeeView:
    found = story.page(world, who, str(case_id)).fee
    assert found is not None
    return found


def program(world: World, *scopes: str) -> Actor:
    """The payment system of the organ, with a token of its own."""
    chen = story.approver(world, CHEN)
    with world.at(HUNAN):
        issue_token(
            name="非税收入收缴系统", at=world.clock.now(), token=f"test_{chen.id}", staff=chen.id, scopes=list(scopes)
        )
    return chen


def test_a_fee_is_asked_for_there_seen_here_and_the_decision_waits_for_the_payment(
    federation: World, tmp_path: Path
) -> None:
    federation.resting = set()
    case_id, chen, zhang = (
        examined(federation, FEE),
        story.approver(federation, CHEN),
        story.visitor(federation, ZHANG, GANSU),
    )
    with pytest.raises(FeeToAsk):
        move(federation, chen, case_id, "grant", note="同意。")
    with pytest.raises(NotOffered) as no:
        move(federation, chen, case_id, "ask_fee", charges="9")
    assert no.value.field == "charges"
    move(federation, chen, case_id, "ask_fee", charges="1,2")
    with pytest.raises(FeeAsked):
        move(federation, chen, case_id, "ask_fee", charges="1")

    here, there = fee(federation, case_id, zhang), fee(federation, case_id, chen)
    assert here == there
    assert (here.stands, here.amount, here.payee) == ("asked", 14_050, FEE["payment"]["payee"])
    assert "视为撤回" in here.consequence and here.due_on is not None
    page = seen(federation, case_id)
    assert "已经通知缴费" in page.next_step
    assert {c.kind for c in page.clocks if c.pause} == {"promised"} and "缴费" in next(
        c.pause for c in page.clocks if c.pause
    )
    (notice,) = (each for each in page.notices if each.name == "缴费通知书")
    file = pdf(federation, zhang, str(case_id), notice.key)
    assert file == pdf(federation, chen, str(case_id), notice.key) and accepted(file, tmp_path)
    with federation.at("220000"):
        assert check_file(file).intact
    assert "人民币壹佰肆拾元伍角" in text(file, tmp_path) and "140.50元" in text(file, tmp_path)

    with pytest.raises(FeeUnpaid, match=r"140\.50 元"):
        move(federation, chen, case_id, "grant", note="同意。")
    system, path = program(federation, "payments:write"), f"/payments/{page.receipt_no}"
    assert ask(federation, system, "GET", f"/cases/{page.receipt_no}")[1]["code"] == "scope_missing"
    assert ask(federation, system, "GET", path)[1]["fen"] == 14_050
    wrong = ask(federation, system, "POST", path, {"fen": 14_049, "bill": "4300001234567890"})
    assert (wrong[0], wrong[1]["code"], wrong[1]["field"]) == (422, "option_not_offered", "paid")
    for _ in range(2):  # told twice, done once
        assert ask(federation, system, "POST", path, {"fen": 14_050, "bill": "4300001234567890"}) == (
            200,
            {"real": True},
        )
    other = ask(federation, system, "POST", path, {"fen": 14_050, "bill": "4300009999999999"})
    assert (other[0], other[1]["code"]) == (409, "fee_settled")
    federation.settle()
    here = fee(federation, case_id, zhang)
    assert (here.stands, here.bill) == ("paid", "4300001234567890")
    assert not any(clock.pause for clock in seen(federation, case_id).clocks)
    move(federation, chen, case_id, "grant", note="同意。")
    with federation.at(GANSU):
        assert b"".join(actions.fetch_result(str(case_id), actor=zhang, at=federation.clock.now()).chunks)
    federation.settle()
    assert lines(federation, case_id)[-5:] == ["ask_fee", "confirm_payment", "grant", "issue", "deliver"]
    assert not any(event.disputed for event in seen(federation, case_id).timeline)


def test_the_result_is_nobodys_to_download_before_the_fee_is_settled(federation: World) -> None:
    case_id, chen, zhang = (
        granted(federation),
        story.approver(federation, CHEN),
        story.visitor(federation, ZHANG, GANSU),
    )
    at_home, now = story.visitor(federation, ZHANG, HUNAN), federation.clock.now()
    with federation.at(HUNAN):
        licence = Licence.objects.get(case_id=case_id, is_notice=False).id

    phone = Phone(federation, ZHANG)

    def downloads() -> list[int]:
        """At home: from the case, and from one's licences."""
        with federation.at(HUNAN):
            ways = phone.client.post(f"/cases/{case_id}/result/"), phone.client.get(f"/my/licences/{licence}/file/")
        return [each.status_code for each in ways]

    with pytest.raises(FeeNotNow):
        move(federation, chen, examined(federation, LATE_FEE), "ask_fee", charges="1")
    for who, node in ((zhang, GANSU), (at_home, HUNAN)):
        with federation.at(node), pytest.raises(FeeToAsk):
            actions.fetch_result(str(case_id), actor=who, at=now)
    page = seen(federation, case_id)
    assert page.licence is not None and page.licence.state == "unpaid" and "等待" in page.next_step
    assert downloads() == [409, 409]

    desk = Desk(federation, CHEN)
    shown = desk.open(page.receipt_no)
    assert "通知缴费" in shown and "工本费，40.00 元" in shown
    assert not re.search(r'name="charges"[^>]*checked', shown), "who asks chooses; nothing is ticked beforehand"
    preview = desk.post(f"/desk/cases/{case_id}/moves/ask_fee/preview/", {"charges": ["1"]})
    assert "人民币肆拾元整" in preview and "还没有办理" in preview
    desk.make(page.receipt_no, "ask_fee", charges=["1"])
    with federation.at(GANSU), pytest.raises(FeeUnpaid):
        actions.fetch_result(str(case_id), actor=zhang, at=now)
    told = phone.open(page.receipt_no)
    for words in (
        "应缴",
        "40.00 元",
        LATE_FEE["payment"]["payee"],
        "缴费以前，办理机关不交付办理结果。",
        "缴费以后交付",
    ):
        assert words in told
    refused = desk.post(f"/desk/cases/{case_id}/moves/confirm_payment/", {"paid": "4000", "bill": "", "proved": "bill"})
    assert "请填写" in refused and desk.answer.status_code == 422
    desk.make(page.receipt_no, "confirm_payment", paid="4000", bill="00-12345678", proved="bill")
    assert downloads() == [200, 200]
    federation.settle()
    assert seen(federation, case_id).state == "delivered"
    assert "00-12345678" in Desk(federation, CHEN).open(page.receipt_no)


def test_a_result_that_is_not_paid_for_is_handed_in_for_nothing_else_either(federation: World) -> None:
    case_id, chen = granted(federation), story.approver(federation, CHEN)
    with federation.at(HUNAN):
        first, *others = item(story.item_of(federation, HUNAN, "430100")).content["materials"]
    task = publish(federation, materials=[first | {"more": {"licence_name": "无犯罪记录证明"}}, *others])
    zhang, now = story.visitor(federation, ZHANG, HUNAN), federation.clock.now()
    made = story.draft(federation, zhang, task)

    def hand_it_in() -> None:
        with federation.at(HUNAN):
            licence = Licence.objects.get(case_id=case_id, is_notice=False).id
            actions.use_licence(made, first["code"], licence, actor=zhang, at=now)

    with pytest.raises(FeeToAsk):
        hand_it_in()
    move(federation, chen, case_id, "ask_fee", charges="1")
    with pytest.raises(FeeUnpaid):
        hand_it_in()
    move(federation, chen, case_id, "confirm_payment", paid="4000", bill="1", proved="bill")
    hand_it_in()


def test_a_result_that_is_not_paid_for_is_given_to_nobody_in_its_holders_name(federation: World) -> None:
    case_id, chen, now = granted(federation), story.approver(federation, CHEN), federation.clock.now()
    until = now.date() + timedelta(days=30)
    with federation.at(HUNAN):
        name = Licence.objects.get(case_id=case_id, is_notice=False).name
    call = Call(
        id=uuid4(),
        node=GANSU,
        organization=FUND.code,
        organization_name=FUND.name,
        user="",
        name=name,
        type_code="",
        holder_type=RESIDENT_ID,
        holder_number=ZHANG.id_number,
        item_name="住房公积金提取",
        item_code="",
        business_code="",
        purpose="核对",
        fields=("number",),
        consented_at=now,
        until=until,
    )
    with federation.at(HUNAN):
        grant_use(FUND.code, FUND.name, name, fields=call.fields, daily=9, until=until, actor=system(HUNAN), at=now)
        with pytest.raises(NotHandedOver):
            give(call, at=now)
    move(federation, chen, case_id, "ask_fee", charges="1")
    move(federation, chen, case_id, "confirm_payment", paid="4000", bill="1", proved="bill")
    with federation.at(HUNAN):
        assert give(replace(call, id=uuid4()), at=now).licence.case_id == case_id


def test_what_is_let_off_is_paid_by_nobody_and_what_is_not_reducible_by_everybody(federation: World) -> None:
    federation.resting = set()
    case_id, chen, zhang = (
        examined(federation, FEE),
        story.approver(federation, CHEN),
        story.visitor(federation, ZHANG, GANSU),
    )
    move(federation, chen, case_id, "ask_fee", charges="1,2")
    with pytest.raises(NotOffered):
        move(federation, chen, case_id, "waive_fee", spared="2", **REASON)
    move(federation, chen, case_id, "waive_fee", spared="1", **REASON)
    rest = fee(federation, case_id, zhang)
    assert (rest.stands, rest.amount, rest.spared) == ("asked", 10_050, ("工本费",))
    (notice,) = (each for each in seen(federation, case_id).notices if each.name == "减免缴费通知书")
    assert notice.words is not None
    assert (
        "减免以后应当缴纳 100.50 元（人民币壹佰元伍角），怎样缴纳、何时缴纳以缴费通知书为准。"
        in notice.words.paragraphs
    )
    with pytest.raises(NotOffered):
        move(federation, chen, case_id, "confirm_payment", paid="14050", bill="1", proved="bill")
    move(federation, chen, case_id, "confirm_payment", paid="10050", bill="1", proved="bill")
    with pytest.raises(FeeSettled):
        move(federation, chen, case_id, "waive_fee", spared="2", **REASON)

    free = examined(federation, {**FEE, "lines": FEE["lines"][:1]})
    move(federation, chen, free, "waive_fee", spared="1", **REASON)
    assert fee(federation, free, zhang).stands == "waived"
    with pytest.raises(FeeSettled):
        move(federation, chen, free, "ask_fee", charges="1")
    move(federation, chen, free, "grant", note="同意。")


def test_nobody_is_charged_where_the_item_declares_no_fee(federation: World) -> None:
    case_id, chen = examined(federation, {"charged": False}), story.approver(federation, CHEN)
    for name, facts in (
        ("ask_fee", {"charges": "1"}),
        ("confirm_payment", {"paid": "1", "bill": "1", "proved": "bill"}),
        ("waive_fee", {"spared": "1", **REASON}),
    ):
        with pytest.raises(NoFee):
            move(federation, chen, case_id, name, **facts)
    assert seen(federation, case_id).fee is None
    assert ask(federation, program(federation, "payments:write"), "GET", f"/payments/{case_id}")[1]["stands"] == ""
    assert "通知缴费" not in Desk(federation, CHEN).open(str(case_id))
    with pytest.raises(FeeNotAsked):
        move(federation, chen, examined(federation, FEE), "confirm_payment", paid="1", bill="1", proved="bill")


def test_who_does_not_pay_in_time_has_taken_the_application_back_where_the_item_says_so(federation: World) -> None:
    lapses = examined(federation, FEE)
    waits = examined(federation, {**FEE, "payment": FEE["payment"] | {"consequence": ""}})
    chen = story.approver(federation, CHEN)
    for case_id in (lapses, waits):
        move(federation, chen, case_id, "ask_fee", charges="1")
    due = next(clock for clock in seen(federation, lapses).clocks if clock.kind == "payment")
    assert due.nature == "applicant" and due.due_on is not None
    pass_until(federation, federation.clock.now() + timedelta(days=9))
    assert lines(federation, lapses)[-1] == "lapse_unpaid" and seen(federation, lapses).state == "withdrawn"
    shown = Phone(federation, ZHANG).open(seen(federation, lapses).receipt_no)
    assert "没有缴的费用不用再缴" in shown and "应缴" not in shown and "缴给谁" not in shown
    system, path = program(federation, "payments:write"), f"/payments/{lapses}"
    told = ask(federation, system, "GET", path)[1]
    assert (told["stands"], told["fen"]) == ("over", 0)
    late = ask(federation, system, "POST", path, {"fen": 4000, "bill": "1"})
    assert (late[0], late[1]["code"]) == (409, "not_now")
    assert fee(federation, waits, chen).stands == "asked"
    move(federation, chen, waits, "confirm_payment", paid="4000", bill="1", proved="system")
