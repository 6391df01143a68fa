# SPDX-License-Identifier: Apache-2.0
"""Offices of the federation with desks of several people, and items as different as the law lets them be."""

import random
from dataclasses import dataclass
from typing import Any

from tests import story
from tests.agreements import agreed
from tests.people import CHANGSHA_POLICE, LANZHOU_CENTRE, LANZHOU_POLICE, ORGANIZATIONS, PASSWORD
from tests.procedure_simulation import items
from tests.world import World
from tongban.catalogue import actions as catalogue
from tongban.catalogue.models import ItemVersion
from tongban.catalogue.queries import item
from tongban.catalogue.tests.items import material
from tongban.demo.people import DemoOrganization
from tongban.identity.actions import add_staff
from tongban.identity.models import Staff
from tongban.identity.queries import staff_actor
from tongban.standards import codes, enums
from tongban.standards.actor import Actor, Role, system

OFFICES = (CHANGSHA_POLICE, LANZHOU_POLICE, ORGANIZATIONS["changchun-police"])  # the last one's node runs SM2
DESK = 5  # people who decide in an office
ITEMS = 8  # of an office
STEPS = [{"name": name, "text": f"{name}。"} for name in ("受理", "审核", "审批", "办结", "送达")]
FAQ = [{"question": "可以代办吗？", "answer": "可以，须有授权委托书。"}]


@dataclass(frozen=True)
class Office:
    """Who decides, and what they publish."""

    organization: DemoOrganization
    desk: list[Actor]
    published: list[ItemVersion]

    @property
    def node(self) -> str:
        return self.organization.node


def opened(world: World, dice: random.Random) -> list[Office]:
    """All of them, known to everybody."""
    made = [Office(one, _desk(world, one), _published(world, one, dice)) for one in OFFICES]
    for office in OFFICES:
        agreed(world, office, LANZHOU_CENTRE, moves=list(items.ENTRUSTED))
    return made


def _desk(world: World, office: DemoOrganization) -> list[Actor]:
    with world.at(office.node):
        for n in range(DESK):
            add_staff(
                login=f"{office.key}-{n}",
                password=PASSWORD,
                name=f"演示{n}",
                organization=office.code,
                region=office.region,
                roles=[Role.APPROVER],
                at=world.clock.now(),
            )
        return [staff_actor(Staff.objects.get(login=f"{office.key}-{n}")) for n in range(DESK)]


def _published(world: World, office: DemoOrganization, dice: random.Random) -> list[ItemVersion]:
    told = story.item_of(world, office.node, office.region)
    with world.at(office.node):
        content = item(told).content
        return [
            catalogue.publish(
                content | _changes(office, content, n, dice), actor=system(office.node), at=world.clock.now()
            )
            for n in range(ITEMS)
        ]


def _changes(office: DemoOrganization, content: dict[str, Any], number: int, dice: random.Random) -> dict[str, Any]:
    drawn = items.drawn(dice, "online", "proxy", "proxy")
    kind = "01" if drawn["item_type"] == "licensing" else "20"
    basic = f"00{kind}99{100 + number}000"
    papers = items.originals(dice) if drawn["mode"] == "proxy" else []
    types = {"types": ["image/png"]}
    return drawn | {
        "name": f"模拟事项{number}",
        "basic_code": basic,
        "task_code": codes.task_code(office.code, enums.UseLevel.CITY, basic),
        "steps": STEPS,
        "faq": FAQ,
        "questions": [],
        "materials": [material("id_card", **types), *({**paper, **types} for paper in [*papers, *items.later(drawn)])],
    }
