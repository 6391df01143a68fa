# SPDX-License-Identifier: Apache-2.0
"""Story one as steps that tests share: somebody in Lanzhou asks Changsha for a paper, and gets it."""

from dataclasses import replace
from uuid import UUID

from tests.people import DemoPerson, DemoStaff
from tests.world import World
from tongban.cases import actions
from tongban.cases.actions import Submitted
from tongban.cases.queries import CasePage, case_page
from tongban.catalogue.search.queries import search
from tongban.identity.actions import person_from_claims
from tongban.identity.models import Person, Staff
from tongban.identity.oidc import Claims
from tongban.identity.queries import person_actor, person_details, staff_actor
from tongban.standards.actor import Actor, Role

PNG = b"\x89PNG\r\n\x1a\n" + b"a small picture" * 40
ITEM = "开具无犯罪记录证明"


def visitor(world: World, who: DemoPerson, node: str) -> Actor:
    """A person as this node knows them: at home, or vouched for by their home node."""
    with world.at(who.node):
        row = Person.objects.get(name=who.name)
        details = person_details(person_actor(row))
    if node == who.node:
        with world.at(node):
            return person_actor(row)
    with world.at(node):
        claims = Claims(
            subject=f"at-{node}-{row.id}",
            level=details.level,
            name=details.name,
            id_type=details.id_type,
            id_number=details.id_number,
            phone=details.phone,
            home_region=details.home_region,
        )
        return person_actor(person_from_claims(who.node, claims, at=world.clock.now()))


def officer(world: World, who: DemoStaff) -> Actor:
    """A member of staff at their node, in their first role."""
    with world.at(who.node):
        return staff_actor(Staff.objects.get(login=who.login))


def approver(world: World, who: DemoStaff) -> Actor:
    """The same as an approver."""
    return replace(officer(world, who), role=Role.APPROVER)


def item_of(world: World, node: str, region: str) -> str:
    """The task code of the story's item in a region, as a node's search finds it."""
    with world.at(node):
        return search(ITEM, region).items[0].task_code


def draft(world: World, who: Actor, task_code: str) -> UUID:
    """An application filled in as a person would, at the node where they are."""
    now = world.clock.now()
    with world.at(who.node):
        made = actions.start_draft(task_code, actor=who, at=now)
        actions.answer(made, "who", "self", actor=who, at=now)
        actions.answer(made, "purpose", "job", actor=who, at=now)
        actions.fill(made, FORM, actor=who, at=now)
        actions.add_material(made, "id_card", "身份证.png", [PNG], actor=who, at=now)
    return made


FORM = {
    "phone": "19900000001",
    "receiver": "某某科技有限公司",
    "from": "2016-01-01",
    "until": "2026-11-01",
    "residence": "甘肃省兰州市城关区（演示地址）",
}


AGAIN = "另一家单位也需要一份。"  # why one more of the same item


def submit(world: World, who: Actor, task_code: str) -> Submitted:
    """Fill in and submit, even where there is one already."""
    return hand_in(world, who, draft(world, who, task_code))


def hand_in(world: World, who: Actor, made: UUID) -> Submitted:
    """Submit what was filled in before."""
    with world.at(who.node):
        return actions.submit_draft(made, actor=who, at=world.clock.now(), again=AGAIN)


def decide(world: World, who: Actor, case_id: UUID) -> None:
    """Accept, examine, grant."""
    now = world.clock.now()
    with world.at(who.node):
        actions.make_move(case_id, "accept", actor=who, at=now)
        actions.make_move(
            case_id, "sign_step", actor=who, at=now, facts={"step": "review", "opinion": "材料齐全，核查无犯罪记录。"}
        )
        actions.make_move(case_id, "grant", actor=who, at=now, facts={"note": "同意出具。"})


def page(world: World, who: Actor, number: str) -> CasePage:
    """The case as this person sees it where they are."""
    with world.at(who.node):
        return case_page(number, who)
