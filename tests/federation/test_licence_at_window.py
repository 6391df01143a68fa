# SPDX-License-Identifier: Apache-2.0
"""At a window: the holder stands there and agrees, and the licence comes from where it was issued."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests import story
from tests.desks import Desk, Intake, Phone
from tests.federation.test_materials import WHY, issued
from tests.people import LANZHOU_CENTRE, LANZHOU_POLICE, LIU, MA, WANG, ZHANG, ZHOU, staff
from tests.world import World
from tongban.cases.models import Attempt
from tongban.cases.queries import attempts
from tongban.catalogue import actions as catalogue
from tongban.catalogue.models import ItemVersion
from tongban.demo import identity_cards
from tongban.demo.content import IDENTITY_CARD
from tongban.demo.people import ORGANIZATIONS, DemoPerson
from tongban.ledger.queries import story as diary
from tongban.licences.actions import change
from tongban.licences.models import Licence, LicenceUse
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


def at_materials(world: World, who: DemoPerson = WANG) -> Intake:
    """王芳, or whoever, at Lanzhou's window, up to the papers."""
    window = Intake(world, who.name, who.id_number, phone=who.phone)
    window.settled()
    with world.at(GANSU):
        task = item().task_code
    window.step("item", {"task_code": task})
    window.step("situation", {"q-who": "self", "loan_city": "兰州市", "phone": who.phone})
    return window


def test_a_licence_is_fetched_for_whom_the_window_has_verified_and_the_holder_reads_who_used_it(
    federation: World, card: UUID
) -> None:
    window = at_materials(federation)
    assert "申请人在场，调取“居民身份证”" in window.step("materials")
    page = window.step("materials", {"fetch": "id_card", "node-id_card": JILIN})
    assert "征得同意" in page and f'<option value="{JILIN}" selected>' in page
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
    stands_for_them(window)
    assert "须本人在场同意" in window.step("materials")
    assert "须持证人本人在场同意" in window.step("materials", dict(FETCH))
    with federation.at(JILIN):
        assert not LicenceUse.objects.exists()


def stands_for_them(window: Intake) -> None:
    """Somebody who came for the applicant was entered."""
    with window.world.at(GANSU):
        row = IntakeRow.objects.get(id=window.id)
        kept = opened(row) | {"agent": {"name": ZHANG.name, "verification": str(row.verification_id)}}
        row.sealed = keys.seal(keys.unwrap(row.wrapped), canonical(kept), context(row.id))
        row.save()


def test_who_stands_there_for_somebody_else_hands_in_no_licence_of_theirs_that_lies_here(
    federation: World, card: UUID
) -> None:
    window, use = holding_one_here(federation)
    assert "调取这份电子证照" in window.step("materials")
    stands_for_them(window)
    assert "调取这份电子证照" not in window.step("materials")
    assert "须持证人本人在场同意" in window.step("materials", use)
    assert had(window)[0] == []


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
    for words in ("没有调取到", "调取电子证照（吉林）：签发地的系统暂时没有答复", 'name="file-id_card"'):
        assert words in page
    with federation.at(GANSU):
        assert [each.way for each in Attempt.objects.filter(case_id=window.id)] == ["licence"]


def had(window: Intake) -> tuple[list[str], list[str]]:
    """What is handed in at this window, and what came of every try."""
    with window.world.at(GANSU):
        row = IntakeRow.objects.get(id=window.id)
        tries = Attempt.objects.filter(case_id=row.id).order_by("number")
        return [file["filename"] for file in opened(row)["files"]], [each.outcome for each in tries]


def test_what_was_fetched_of_one_applicant_is_handed_in_for_no_other(federation: World, card: UUID) -> None:
    window = at_materials(federation)
    window.step("materials", dict(FETCH))
    federation.settle()
    scan = SimpleUploadedFile("身份证.png", story.PNG, "image/png")
    window.step("materials", {"verdict-id_card": "good", "file-id_card": scan, "stay": "1"})
    assert len(had(window)[0]) == 2

    same = {"name": WANG.name, "id_type": "resident_id", "id_number": WANG.id_number, "method": "typed"}
    window.step("applicant", same | {"phone": "19900000009"})  # another telephone is the same person
    assert len(had(window)[0]) == 2
    window.step("applicant", same | {"name": ZHANG.name, "id_number": ZHANG.id_number, "phone": ZHANG.phone})
    window.settled()
    assert had(window) == (["身份证.png"], ["withdrawn"])
    assert "已调取" not in window.step("materials")
    window.step("verdict", {"delivery": "net", "verdict": "collect", "again": story.AGAIN})
    assert window.path.endswith("/done/"), window.answer.content.decode()
    federation.settle()
    with federation.at(GANSU):
        number = intake(window.id, story.officer(federation, MA)).receipt_no
    assert "材料从哪里来" not in Desk(federation, HE).open(number)


def test_what_is_on_its_way_for_one_item_is_not_handed_in_for_another(federation: World, card: UUID) -> None:
    window = at_materials(federation)
    window.step("materials", dict(FETCH))
    with federation.at(GANSU):
        other = ItemVersion.objects.get(
            publisher=ORGANIZATIONS["changsha-fund"].code, status="published", name__contains="全部还清证明"
        )
    window.step("item", {"task_code": other.task_code})
    federation.settle()
    assert had(window) == ([], ["withdrawn"])
    with federation.at(JILIN):
        assert not LicenceUse.objects.exists()

    with federation.at(GANSU):  # the holder agrees to this one as well
        ma, now = story.officer(federation, MA), federation.clock.now()
        agree_at_window(window.id, "id_card", JILIN, consented=True, actor=ma, at=now)
    federation.settle()
    assert had(window)[1] == ["withdrawn", "met"]


def test_a_try_for_what_an_item_asks_no_longer_keeps_nobody_waiting(federation: World, card: UUID) -> None:
    first, second = at_materials(federation), at_materials(federation)
    for window in (first, second):
        window.step("materials", dict(FETCH))
    with federation.at(GANSU):
        Attempt.objects.filter(case_id=first.id).update(requirement="asked_no_more")
    federation.settle()

    assert had(first) == ([], ["withdrawn"])
    assert had(second)[1] == ["met"]


def test_a_page_that_is_old_fetches_nothing_twice(federation: World, card: UUID) -> None:
    window = at_materials(federation)
    for _ in range(2):
        window.step("materials", dict(FETCH))
        federation.settle()
    assert had(window)[1] == ["met"]
    with federation.at(JILIN):
        assert LicenceUse.objects.count() == 1
    window.step("materials", {"remove": f"id_card/{digest_of_first(window)}"})
    window.step("materials", dict(FETCH))  # taken off, it may be fetched again
    federation.settle()
    assert had(window)[1] == ["met", "met"]


def digest_of_first(window: Intake) -> str:
    with window.world.at(GANSU):
        return str(opened(IntakeRow.objects.get(id=window.id))["files"][0]["digest"])


def holding_one_here(world: World) -> tuple[Intake, dict[str, object]]:
    """周敏 at the window, whose card this very node issued; and what the button sends that hands it in."""
    with world.at(GANSU):
        identity_cards.issue(GANSU, world.clock.now())
    world.settle()
    with world.at(GANSU):
        held = Licence.objects.get(holder_name=ZHOU.name)
    return at_materials(world, ZHOU), {"use": f"id_card/{held.id}"}


def test_a_licence_of_this_node_is_not_handed_in_for_the_next_applicant(federation: World, card: UUID) -> None:
    window, use = holding_one_here(federation)
    window.step("materials", use)
    assert len(had(window)[0]) == 1
    who = {"name": ZHANG.name, "id_type": "resident_id", "id_number": ZHANG.id_number, "phone": ZHANG.phone}
    window.step("applicant", who | {"method": "typed"})
    assert had(window)[0] == []
