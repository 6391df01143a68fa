# SPDX-License-Identifier: Apache-2.0
"""At a window: the holder stands there and agrees, and the licence comes from where it was issued."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest

from tests import story
from tests.desks import Desk, Intake, Phone
from tests.federation.test_materials import WHY, issued
from tests.people import LANZHOU_CENTRE, LANZHOU_POLICE, LIU, MA, WANG, ZHANG, staff
from tests.world import World
from tongban.cases.models import Attempt
from tongban.cases.queries import attempts
from tongban.catalogue import actions as catalogue
from tongban.catalogue.models import ItemVersion
from tongban.demo.content import IDENTITY_CARD
from tongban.demo.people import ORGANIZATIONS
from tongban.ledger.queries import story as diary
from tongban.licences.actions import change
from tongban.licences.models import LicenceUse
from tongban.licences.uses.actions import grant_use
from tongban.licences.uses.queries import FIELDS, standing_grants, uses_of
from tongban.standards.actor import Role, system
from tongban.standards.canonical import canonical
from tongban.standards.refusal import NotAllowed, NotFound
from tongban.vault import keys
from tongban.windows.actions import agree_at_window
from tongban.windows.errors import NotVerified
from tongban.windows.models import Intake as IntakeRow
from tongban.windows.queries import context, intake, opened

GANSU, JILIN, HUNAN = "620000", "220000", "430000"
CARD = {"licence_name": "居民身份证", "licence_type": IDENTITY_CARD}
HE = staff("hefang", HUNAN)
FETCH: dict[str, object] = {"fetch": "id_card", "node-id_card": JILIN, "consent-id_card": "on"}


@pytest.fixture
def card(federation: World) -> UUID:
    """王芳's identity card, issued in Jilin, that Lanzhou's window may call and Changsha's fund takes for a paper."""
    made = issued(federation, story.visitor(federation, WANG, JILIN))
    now = federation.clock.now()
    with federation.at(JILIN):
        held = {(each.organization, each.licence_name) for each in standing_grants()}
        if (LANZHOU_CENTRE.code, "居民身份证") not in held:
            more = {"fields": list(FIELDS), "daily": 9, "until": date(2027, 1, 1), "actor": system(JILIN), "at": now}
            grant_use(LANZHOU_CENTRE.code, LANZHOU_CENTRE.name, "居民身份证", **more)
    with federation.at(HUNAN):
        version = item()
        materials = [
            each | ({"more": CARD} if each["code"] == "id_card" else {}) for each in version.content["materials"]
        ]
        catalogue.publish(version.content | {"materials": materials}, actor=system(HUNAN), at=now)
    federation.settle()
    return made


def item() -> ItemVersion:
    """What the loan of somebody who moved has to show, of Changsha's fund."""
    of_fund = ItemVersion.objects.filter(publisher=ORGANIZATIONS["changsha-fund"].code, mode="proxy")
    return of_fund.get(status="published", name__contains="住房公积金缴存使用证明")


def at_materials(world: World) -> Intake:
    """王芳 at Lanzhou's window, up to her papers."""
    window = Intake(world, WANG.name, WANG.id_number, phone=WANG.phone)
    window.settled()
    with world.at(GANSU):
        task = item().task_code
    window.step("item", {"task_code": task})
    window.step("situation", {"q-who": "self", "loan_city": "兰州市", "phone": WANG.phone})
    return window


def test_a_licence_is_fetched_for_whom_the_window_has_verified_and_the_holder_reads_who_used_it(
    federation: World, card: UUID
) -> None:
    window = at_materials(federation)
    assert "申请人在场，调取“居民身份证”" in window.step("materials")
    assert "征得同意" in window.step("materials", {"fetch": "id_card", "node-id_card": JILIN})
    assert "请选择证照是在哪里签发的" in window.step("materials", FETCH | {"node-id_card": "999999"})
    assert "正在调取“居民身份证”" in window.step("materials", dict(FETCH))
    federation.settle()
    page = window.step("materials")
    assert "已调取" in page and "可信等级 A" in page

    window.step("materials", {"verdict-id_card": "good"})
    window.step("verdict", {"delivery": "net", "verdict": "collect"})
    assert window.path.endswith("/done/"), window.answer.content.decode()
    federation.settle()
    with federation.at(GANSU):
        number = intake(window.id, story.officer(federation, MA)).receipt_no
    shown = Desk(federation, HE).open(number)
    assert "材料从哪里来" in shown and "A级" in shown
    home, ma = story.visitor(federation, WANG, JILIN), story.officer(federation, MA)
    with federation.at(JILIN):
        (use,) = uses_of(home.index)
    assert (use.organization, use.username) == (LANZHOU_CENTRE.code, ma.pseudonym)
    assert (use.business_code, use.outcome) == (str(window.id), "given")
    assert "窗口办理，持证人在场同意" in use.purpose
    with federation.at(GANSU):
        (agreed,) = [line for line in diary(f"intake:{window.id}") if line.verb == "material.agreed"]
        row = IntakeRow.objects.get(id=window.id)
        (had,) = attempts.of(keys.unwrap(row.wrapped), row.id)
    assert agreed.actor == ma.pseudonym
    assert had.plain()["verification"] == str(row.verification_id)  # how the clerk knew who stood there
    assert (had.told["by"], had.told["method"], "holder" in had.told) == (ma.pseudonym, "typed", False)
    assert LANZHOU_CENTRE.name in Phone(federation, WANG).get("/my/licence-uses/")


def test_what_was_taken_back_after_it_was_fetched_is_not_taken_in(federation: World, card: UUID) -> None:
    window = at_materials(federation)
    window.step("materials", dict(FETCH))
    federation.settle()
    with federation.at(JILIN):
        change(card, "suspend", actor=story.approver(federation, LIU), at=federation.clock.now(), **WHY)
    federation.settle()

    window.step("materials", {"verdict-id_card": "good"})
    page = window.step("verdict", {"delivery": "net", "verdict": "collect"})
    assert window.answer.status_code == 409
    assert "现在是“暂扣”状态" in page


def test_who_stands_there_for_somebody_else_cannot_agree_for_them(federation: World, card: UUID) -> None:
    window = at_materials(federation)
    with federation.at(GANSU):
        row = IntakeRow.objects.get(id=window.id)
        kept = opened(row) | {"agent": {"name": ZHANG.name, "verification": str(row.verification_id)}}
        row.sealed = keys.seal(keys.unwrap(row.wrapped), canonical(kept), context(row.id))
        row.save()

    assert "须本人在场同意" in window.step("materials")
    assert "须持证人本人在场同意" in window.step("materials", dict(FETCH))
    with federation.at(JILIN):
        assert not LicenceUse.objects.exists()


def test_only_a_clerk_of_this_window_asks_and_nothing_crosses_before_the_applicant_is_verified(
    federation: World, card: UUID
) -> None:
    window, now = at_materials(federation), federation.clock.now()
    ma = story.officer(federation, MA)
    with federation.at(GANSU):
        for who, refusal in (
            (replace(ma, organization=LANZHOU_POLICE.code), NotFound),
            (replace(ma, role=Role.APPROVER), NotAllowed),
        ):
            with pytest.raises(refusal):
                agree_at_window(window.id, "id_card", JILIN, consented=True, actor=who, at=now)
        with pytest.raises(NotFound):
            agree_at_window(window.id, "authorization", JILIN, consented=True, actor=ma, at=now)
        IntakeRow.objects.filter(id=window.id).update(verification_id=None)
        with pytest.raises(NotVerified):
            agree_at_window(window.id, "id_card", JILIN, consented=True, actor=ma, at=now)
        assert not Attempt.objects.exists()


def test_a_source_that_is_silent_leaves_the_scan_and_pressing_twice_is_one_call(federation: World, card: UUID) -> None:
    window = at_materials(federation)
    federation.network.down.add(JILIN)
    window.step("materials", dict(FETCH))
    window.step("materials", dict(FETCH))
    federation.settle()
    federation.pass_time(timedelta(seconds=31))
    federation.settle()

    page = window.step("materials")
    assert "没有调取到" in page and "签发地的系统暂时没有答复" in page and 'name="file-id_card"' in page
    with federation.at(GANSU):
        assert [each.way for each in Attempt.objects.filter(case_id=window.id)] == ["licence"]
