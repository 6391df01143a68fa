# SPDX-License-Identifier: Apache-2.0
"""A basic item and the people who keep it, for the tests of layers, claims and drafts."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tests.people import LANZHOU_POLICE
from tongban.catalogue import actions
from tongban.catalogue.models import BasicVersion
from tongban.catalogue.tests.items import content as words
from tongban.demo.people import ORGANIZATIONS
from tongban.standards.actor import Actor, Role, system

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
BASIC = "622099777000"  # begins with Gansu, whose node the tests work at
GANSU, LANZHOU = ORGANIZATIONS["gansu-centre"], ORGANIZATIONS["lanzhou-centre"]
NODE = system("620000")
KEEPER = Actor(UUID(int=7), Role.ITEM_MANAGER, "杨磊", "620000", LANZHOU_POLICE.region, LANZHOU_POLICE.code)
SECOND = replace(KEEPER, id=UUID(int=8), name="何静")
STRANGER = replace(KEEPER, id=UUID(int=9), name="马可", organization=LANZHOU.code)
PROVINCIAL = replace(KEEPER, id=UUID(int=10), name="周青", organization=GANSU.code, region=GANSU.region)
PROVINCIAL_SECOND = replace(PROVINCIAL, id=UUID(int=11), name="吴敏")
FOUR = {"name": "开具居住证明", "item_type": "public_service", "law": ["《居住证暂行条例》"]}


def layer(office: Any = GANSU, levels: tuple[str, ...] = ("city", "county"), **fixed: Any) -> dict[str, Any]:
    """What an organization's level lays down; the four elements with it where the item begins."""
    publisher = {"code": office.code, "name": office.name, "region": office.region}
    told = (FOUR if office is GANSU else {}) | fixed
    return {"code": BASIC, "region": office.region, "publisher": publisher, "levels": list(levels), "elements": told}


def laid(office: Any = GANSU, **fixed: Any) -> BasicVersion:
    """The same, published."""
    return actions.publish_basic(layer(office, **fixed), actor=NODE, at=NOON)


def local(**changed: Any) -> dict[str, Any]:
    """What an organization writes itself: everything that the levels above leave open."""
    made = {"basic_code", "task_code", "publisher", *FOUR}
    return {name: value for name, value in words().items() if name not in made} | changed
