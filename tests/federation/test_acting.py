# SPDX-License-Identifier: Apache-2.0
"""Acting for a company across nodes: the case is the company's, and everybody reads who acted."""

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import pytest

from tests import story
from tests.desks import Intake
from tests.people import HAN, MA, ZHANG, DemoPerson, staff
from tests.world import World
from tongban.cases import actions, queries
from tongban.cases.errors import LevelNeeded, NotCovered, NotServed
from tongban.catalogue.search.queries import search
from tongban.identity import actions as identity
from tongban.identity.actions.sessions import begin_session
from tongban.identity.assurance import Level
from tongban.identity.errors import MandateOver
from tongban.identity.models import Person
from tongban.identity.queries import SignedIn, applicant, signed_in
from tongban.identity.queries.looks import looks
from tongban.identity.queries.mandates import mandates
from tongban.space import actions as space
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
