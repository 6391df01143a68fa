# SPDX-License-Identifier: Apache-2.0
"""Acting for a company across nodes: the case is the company's, and everybody reads who acted."""

import io
import zipfile
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest

from tests import story
from tests.desks import Intake
from tests.federation.test_roaming import meanwhile, sign_in, walk
from tests.people import HAN, MA, PASSWORD, ZHANG, ZHOU, DemoPerson, staff
from tests.portals import Browser
from tests.world import World
from tongban.cases import actions, queries
from tongban.cases.errors import LevelNeeded, NotCovered, NotServed
from tongban.catalogue.search.queries import search
from tongban.identity import actions as identity
from tongban.identity.actions.sessions import begin_session
from tongban.identity.assurance import Level
from tongban.identity.errors import MandateOver
from tongban.identity.models import Mandate, Person
from tongban.identity.queries import SignedIn, applicant, signed_in
from tongban.identity.queries.looks import looks
from tongban.identity.queries.mandates import mandates
from tongban.space import actions as space
from tongban.space.contents import gather
from tongban.space.errors import CasesOpen
from tongban.standards.actor import Actor
from tongban.standards.refusal import NotFound

HUNAN, GANSU = "430000", "620000"
COMPANY = {"name": "长沙星河科技有限公司（演示）", "code": "91994301000200010T"}
YUAN = staff("yuanqing", HUNAN)


@dataclass(frozen=True)
class Scene:
    """At Gansu's portal 张伟, signed in from Hunan, is the agent of a company whose representative is 韩雪."""

    world: World
    zhang: str
    han: str
    mandate: UUID

    def who(self, token: str) -> SignedIn:
        with self.world.at(GANSU):
            found = signed_in(token, self.world.clock.now())
        assert found is not None
        return found

    @property
    def agent(self) -> Actor:
        return self.who(self.zhang).actor


def visit(world: World, who: DemoPerson) -> str:
    """Signed in at Gansu from Hunan; the cookie."""
    actor = story.visitor(world, who, GANSU)
    with world.at(GANSU):
        person = Person.objects.get(id=actor.id)
        return begin_session(person, issuer=HUNAN, level=Level.MATCHED, at=world.clock.now())


@pytest.fixture
def scene(federation: World) -> Scene:
    zhang, han = visit(federation, ZHANG), visit(federation, HAN)
    at = federation.clock.now()
    with federation.at(GANSU):
        identity.ask_company(
            signed_in(zhang, at),  # type: ignore[arg-type]
            **COMPANY,
            representative_name=HAN.name,
            representative_number=HAN.id_number,
            until=(at + timedelta(days=300)).date(),
            at=at,
        )
    federation.settle()
    with federation.at(GANSU):
        found = signed_in(zhang, at)
        assert found is not None
        ((mine,), _) = mandates(found, at)
        identity.confirm(signed_in(han, at), mine.id, at=at)  # type: ignore[arg-type]
        identity.act_for(found, mine.id, at=at)
    return Scene(federation, zhang, han, mine.id)


def task(world: World, item: str) -> str:
    with world.at(GANSU):
        return search(item, "430100").items[0].task_code


def applied(scene: Scene) -> str:
    """The company's application, filled in by its agent; the receipt number."""
    world, agent, now = scene.world, scene.agent, scene.world.clock.now()
    with world.at(GANSU):
        draft = actions.start_draft(task(world, "排污许可"), actor=agent, at=now)
        page = queries.draft(draft, agent)
        known = {field.name: field.value for field in page.fields if field.prefilled}
        assert known["company"] == COMPANY["name"] and known["name"] == ZHANG.name
        actions.answer(draft, "kind", "renew", actor=agent, at=now)
        actions.fill(draft, {"phone": ZHANG.phone, "outlets": "2"}, actor=agent, at=now)
        for material in ("application", "monitoring_plan"):
            actions.add_material(draft, material, f"{material}.png", [story.PNG], actor=agent, at=now)
        number = actions.submit_draft(draft, actor=agent, at=now).receipt_no
    world.settle()
    return number


def test_a_companys_case_crosses_with_who_acts_for_it(scene: Scene) -> None:
    world, number = scene.world, applied(scene)
    own = story.visitor(world, ZHANG, GANSU)
    yuan = story.approver(world, YUAN)

    page = story.page(world, yuan, number)
    assert (page.applicant_name, page.acted_by) == (COMPANY["name"], "张伟（经办人）")
    assert page.level == "姓名和证件号码已核对"
    assert page.timeline[-1].by == "申请人（由经办人代为办理）"
    with world.at(GANSU):
        assert [row.receipt_no for row in queries.my_cases(scene.agent)] == [number]
        assert not queries.my_cases(own)
        actions.make_or_ask(page.id, "withdraw", actor=scene.agent, at=world.clock.now(), facts={"reason": "填错了。"})
    world.settle()
    told = story.page(world, yuan, number).timeline[0]
    assert told.by == "申请人（由经办人代为办理）" and "撤回" in told.title


def test_an_agent_whose_mandate_has_ended_reaches_nothing_of_the_companys(scene: Scene) -> None:
    world, number, agent = scene.world, applied(scene), scene.agent
    with world.at(GANSU):
        identity.end_mandate(scene.who(scene.han), scene.mandate, at=world.clock.now())
        over = scene.who(scene.zhang)
        assert over.is_over
        with pytest.raises(NotFound):
            queries.case_page(number, over.actor)
        with pytest.raises(MandateOver):
            actions.start_draft(task(world, "排污许可"), actor=agent, at=world.clock.now())


def vouched_for(world: World) -> tuple[Browser, str, UUID]:
    """张伟, agent of 韩雪's company at Hunan, signs in there, walks to Gansu and asks for what he may do.

    Browser, 韩雪's cookie at Hunan, the mandate there.
    """
    browser, at = Browser(world, HUNAN), world.clock.now()
    sign_in(browser, roam="1")
    with world.at(HUNAN):
        han = begin_session(Person.objects.get(name=HAN.name), issuer=HUNAN, level=Level.MATCHED, at=at)
        own = signed_in(browser.session(HUNAN), at)
        identity.ask_company(
            own,  # type: ignore[arg-type]
            **COMPANY,
            representative_name=HAN.name,
            representative_number=HAN.id_number,
            until=(at + timedelta(days=300)).date(),
            at=at,
        )
    world.settle()
    with world.at(HUNAN):
        ((mine,), _) = mandates(own, at)  # type: ignore[arg-type]
        identity.confirm(signed_in(han, at), mine.id, at=at)  # type: ignore[arg-type]
    walk(browser, GANSU)
    browser.get("/my/acting/")
    browser.press("/sign-in/mandates")
    meanwhile(browser, GANSU)
    browser.get("/sign-in/wait")
    assert browser.at == HUNAN and COMPANY["name"] in browser.page and "您是经办人" in browser.page
    browser.press("/oidc/agree", agree="1")
    meanwhile(browser, GANSU)
    browser.get("/sign-in/wait")
    assert browser.path == f"{GANSU}/my/acting/" and COMPANY["name"] in browser.page
    return browser, han, mine.id


def test_an_agent_acts_in_another_region_for_the_company_that_home_vouches_for_until_home_ends_it(
    federation: World,
) -> None:
    browser, han, mandate = vouched_for(federation)
    with federation.at(GANSU):
        told = Mandate.objects.get(origin=mandate)
    browser.press("/my/acting/choose", mandate=str(told.id))
    scene = Scene(federation, browser.session(GANSU), "", told.id)
    page = story.page(federation, story.approver(federation, YUAN), applied(scene))
    assert (page.applicant_name, page.acted_by) == (COMPANY["name"], "张伟（经办人）")
    assert scene.agent.pseudonym.endswith(f"/agent:{told.id}") and told.issuer == HUNAN

    with federation.at(HUNAN):
        at = federation.clock.now()
        identity.end_mandate(signed_in(han, at), mandate, at=at)  # type: ignore[arg-type]
    federation.network.down.add(GANSU)
    meanwhile(browser, HUNAN)
    assert browser.who(GANSU) is not None  # nobody can tell it; at the latest the sign-in ends there by itself
    federation.network.down.clear()
    federation.clock.advance(timedelta(seconds=16))
    meanwhile(browser, HUNAN)
    assert browser.who(GANSU) is None and browser.who(HUNAN) is not None
    browser.jars[GANSU].cookies.clear()
    walk(browser, GANSU)
    again = browser.who(GANSU)
    assert again is not None and not again.is_over
    with federation.at(GANSU):
        assert mandates(again, federation.clock.now()) == ([], [])
        with pytest.raises(NotFound):
            identity.act_for(again, told.id, at=federation.clock.now())


def test_items_say_how_surely_and_for_whom(scene: Scene) -> None:
    world, now = scene.world, scene.world.clock.now()
    zhang = story.visitor(world, ZHANG, GANSU)
    narrow = replace(scene.agent, behalf=replace(scene.agent.behalf, items=frozenset({"other"})))  # type: ignore[type-var]
    with world.at(GANSU):
        with pytest.raises(LevelNeeded) as needed:
            actions.start_draft(task(world, "正常退休提取住房公积金"), actor=zhang, at=now)
        assert "本人到场已核验" in needed.value.sentence
        with pytest.raises(NotServed):
            actions.start_draft(task(world, "开具无犯罪记录证明"), actor=scene.agent, at=now)
        with pytest.raises(NotCovered):
            actions.start_draft(task(world, "排污许可"), actor=narrow, at=now)


def test_who_looked_is_told_and_an_account_with_an_open_case_is_not_closed(federation: World) -> None:
    zhang = story.visitor(federation, ZHANG, HUNAN)
    number = story.submit(federation, zhang, story.item_of(federation, HUNAN, "430100")).receipt_no
    federation.settle()
    chen = story.approver(federation, staff("chenjing", HUNAN))
    with federation.at(HUNAN):
        now = federation.clock.now()
        page = queries.case_page(number, chen)
        for _ in range(2):
            actions.note_look(page.id, "case", actor=chen, at=now)
        actions.note_look(page.id, "case", actor=zhang, at=now)
        (seen,) = looks(zhang.index)
        assert (seen.staff_name, seen.matter, seen.times, seen.purpose) == ("陈静", number, 2, "办理办件：查看申请内容")

        token = begin_session(Person.objects.get(id=zhang.id), issuer=HUNAN, level=Level.MATCHED, at=now)
        own = signed_in(token, now)
        assert own is not None
        with pytest.raises(CasesOpen):
            space.close_account(own, is_sure=True, at=now)


def test_a_copy_of_ones_data_holds_the_files_one_gave(federation: World) -> None:
    zhang = story.visitor(federation, ZHANG, HUNAN)
    item = story.item_of(federation, HUNAN, "430100")
    number = story.submit(federation, zhang, item).receipt_no
    draft = story.draft(federation, zhang, item)
    with federation.at(HUNAN):
        content = b"".join(gather(zhang.id, zhang, federation.clock.now()))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        given = [name for name in archive.namelist() if name.startswith("材料/")]
        assert given[0].startswith(f"材料/{number}/01-") and given[-1].startswith(f"材料/草稿-{draft}/")
        assert archive.read(given[0]) == archive.read(given[-1]) == story.PNG and archive.testzip() is None


def test_who_has_no_mainland_number_is_taken_in_at_a_window_and_is_the_same_person_later(federation: World) -> None:
    world, clerk = federation, story.officer(federation, MA)
    window = Intake(world, "Anna Lindt", "E12345678", "passport")
    assert "不核验这类证件" in window.settled()
    window.step("verification/by-hand", {"note": "核对护照原件，照片与本人一致。"})
    number = window.receipt()
    world.settle()

    page = story.page(world, story.approver(world, staff("hefang", HUNAN)), number)
    assert (page.applicant_name, page.level) == ("Anna Lindt", "本人到场已核验")
    with world.at(GANSU):
        met = Person.objects.get(name="Anna Lindt")
        assert met.evidence_set.get().by == clerk.pseudonym  # type: ignore[attr-defined]
        assert [row.receipt_no for row in queries.my_cases(applicant(met.id))] == [number]


CHILD = ("周小禾", "996201201506010242")
GUARDIAN = {
    "agent_role": "guardian",
    "agent_name": ZHOU.name,
    "agent_id_type": "resident_id",
    "agent_id_number": ZHOU.id_number,
    "agent_paper": "户口簿",
    "agent_seen": "1",
}


def stood_for(world: World, applicant: tuple[str, str], acting: dict[str, str]) -> Intake:
    """An intake of an applicant for whom somebody else stands at the window."""
    window = Intake(world, *applicant)
    who = {"name": applicant[0], "id_type": "resident_id", "id_number": applicant[1], "phone": ZHOU.phone}
    window.step("applicant", {**who, "method": "typed", **acting})
    return window


def test_a_guardian_who_shows_the_paper_at_a_window_acts_online_too(federation: World) -> None:
    world = federation
    window = stood_for(world, CHILD, GUARDIAN)
    number = window.receipt()
    world.settle()
    page = story.page(world, story.approver(world, staff("hefang", HUNAN)), number)
    assert (page.applicant_name, page.acted_by) == (CHILD[0], f"{ZHOU.name}（监护人）")
    assert page.level == "姓名和证件号码已核对"  # the child was not there

    with world.at(GANSU):
        at = world.clock.now()
        token = begin_session(Person.objects.get(name=ZHOU.name), issuer=GANSU, level=Level.PRESENT, at=at)
        ((mine,), _) = mandates(signed_in(token, at), at)  # type: ignore[arg-type]
        assert (mine.role, mine.basis, str(mine.ends_on)) == ("guardian", "户口簿（窗口核对原件）", "2033-05-31")
        identity.act_for(signed_in(token, at), mine.id, at=at)  # type: ignore[arg-type]
        acting = signed_in(token, at)
        assert acting is not None and [row.receipt_no for row in queries.my_cases(acting.actor)] == [number]


def test_who_has_no_mainland_number_helps_with_what_the_paper_is_about(federation: World) -> None:
    helper = {
        "agent_role": "helper",
        "agent_name": "Anna Lindt",
        "agent_id_type": "passport",
        "agent_id_number": "E12345678",
        "agent_paper": "申请人签名的授权委托书",
        "agent_seen": "1",
    }
    at = federation.clock.now()
    helper["agent_until"] = (at + timedelta(days=30)).date().isoformat()
    number = stood_for(federation, (ZHANG.name, ZHANG.id_number), helper).receipt()
    with federation.at(GANSU):
        anna = Person.objects.get(name="Anna Lindt")
        row = Mandate.objects.get(agent_index=bytes(anna.id_index or b""))
        assert len(row.items) == 1 and row.person is not None and row.person.name == ZHANG.name
        registered = {"name": "Anna Lindt", "id_type": "passport", "id_number": "E12345678", "home_region": "620000"}
        identity.register(**registered, phone="19900000077", password=PASSWORD, at=at)
        assert Person.objects.filter(name="Anna Lindt").count() == 2
    again = Intake(federation, "Anna Lindt", "E12345678", "passport", phone="19900000077")
    again.settled()
    again.step("verification/by-hand", {"note": "核对护照原件，照片与本人一致。"})
    again.receipt()
    with federation.at(GANSU):
        token = identity.sign_in("19900000077", PASSWORD, address="a", at=at)
        own = signed_in(token, at)
        assert own is not None and own.level == Level.PRESENT and Person.objects.filter(name="Anna Lindt").count() == 1
        ((mine,), _) = mandates(own, at)
        identity.act_for(own, mine.id, at=at)
        assert number in [row.receipt_no for row in queries.my_cases(signed_in(token, at).actor)]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("applicant", "changed", "words"),
    [
        ((ZHANG.name, ZHANG.id_number), {}, "已满十八周岁"),
        (CHILD, {"agent_seen": ""}, "请核对原件后勾选"),
        (CHILD, {"agent_paper": "借条"}, "请选择来人出示的材料"),
        (CHILD, {"agent_id_number": "1"}, "错误："),
        (CHILD, {"agent_id_number": CHILD[1]}, "这是您本人的证件号码"),
        (CHILD, {"agent_role": "helper", "agent_paper": "经公证的授权委托书"}, "请填写材料写明的截止日期"),
    ],
)
def test_what_a_window_cannot_record_is_said_at_its_field(
    federation: World, applicant: tuple[str, str], changed: dict[str, str], words: str
) -> None:
    window = stood_for(federation, applicant, GUARDIAN | changed)
    assert window.answer.status_code == 422 and words in window.answer.content.decode()
