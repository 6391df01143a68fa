# SPDX-License-Identifier: Apache-2.0
"""Agreements between two regions, signed by both sides, for tests of what windows do in another organ's name."""

from datetime import date
from typing import Any

from tests.world import World
from tongban.catalogue.lists import actions
from tongban.catalogue.models import RegionAgreement
from tongban.demo.people import DemoOrganization
from tongban.licences.actions import register_seal
from tongban.licences.seals.queries import seal_of
from tongban.standards.actor import system

WORDS: dict[str, Any] = {
    "title": "政务服务跨省通办点对点协议（演示）",
    "moves": ["accept"],
    "begins": "2026-11-01",
    "notice_days": 30,
    "basis": "两地协议（演示）",
}


def agreed(world: World, handling: DemoOrganization, intake: DemoOrganization, **said: Any) -> RegionAgreement:
    """Offered by whoever decides, confirmed by whoever takes in; both have heard of it."""
    row = offered(world, handling, intake, **said)
    world.settle()
    with world.at(intake.node):
        row = actions.confirm(row.id, actor=system(intake.node), at=world.clock.now(), own=intake.code)
        if seal_of(handling.code) is None:  # lent with the moves
            register_seal(handling.code, handling.name, actor=system(intake.node), at=world.clock.now())
    world.settle()
    return row


def offered(world: World, handling: DemoOrganization, intake: DemoOrganization, **said: Any) -> RegionAgreement:
    """Laid before the other side, which has not answered."""
    with world.at(handling.node):
        return actions.offer(
            plain(**said),
            side="handling",
            other=intake.code,
            actor=system(handling.node),
            at=world.clock.now(),
            own=handling.code,
        )


def plain(**said: Any) -> dict[str, Any]:
    """The words of an agreement; days may be given as such."""
    told = {name: value.isoformat() if isinstance(value, date) else value for name, value in said.items()}
    return WORDS | told
