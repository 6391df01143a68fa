# SPDX-License-Identifier: Apache-2.0
"""Revoked in Jilin, refused in Gansu within a minute: by the nodes' own clock, whatever happens to the letters."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from tests import story
from tests.federation.test_materials import MAHUI, WHY, agreed, begun, granted, issued
from tests.people import LIU, WANG
from tests.world import Sent, World
from tongban.cases import actions as cases
from tongban.cases.errors import LicenceGone
from tongban.cases.queries import case_page
from tongban.licences.actions import change

GANSU, JILIN = "620000", "220000"
MINUTE = 60  # seconds of the nodes' clock
LONG = 10 * 60  # so long a node is away that nobody hurries to it any more


class Relied:
    """A case of Lanzhou's fund, about to be granted, that rests on an identity card of Jilin."""

    def __init__(self, world: World) -> None:
        self.world, wang = world, story.visitor(world, WANG, GANSU)
        self.card = issued(world, story.visitor(world, WANG, JILIN))
        granted(world)
        made = begun(world, wang)
        agreed(world, made, wang)
        with world.at(GANSU):
            given = cases.submit_draft(made, actor=wang, at=world.clock.now())
        self.case_id, self.number = given.case_id, given.receipt_no
        self.clerk = story.approver(world, MAHUI)
        self.move("accept")
        self.move("sign_step", step="review", opinion="材料齐全。")
        world.settle()

    def move(self, name: str, **facts: str) -> None:
        with self.world.at(GANSU):
            cases.make_move(self.case_id, name, actor=self.clerk, at=self.world.clock.now(), facts=facts)

    def revoke(self) -> None:
        liu = story.approver(self.world, LIU)
        with self.world.at(JILIN):
            change(self.card, "withdraw", actor=liu, at=self.world.clock.now(), **WHY)

    def is_refused(self) -> bool:
        """Whether Gansu knows; asking changes nothing."""
        with self.world.at(GANSU):
            return case_page(self.number, self.clerk).tried[0].standing == "吊销"


def seconds(world: World, done: Callable[[], bool], most: int = MINUTE) -> int:
    """After how many seconds of the nodes' clock it is so; each second every worker makes its ordinary round once."""
    for passed in range(most + 1):
        if done():
            return passed
        for code in world.nodes:
            world.work(code)
        world.pass_time(timedelta(seconds=1))
    raise AssertionError(f"not within {most} seconds")


def away(world: World, code: str, long: int) -> None:
    """Nobody reaches the node for a time; all go on with their rounds."""
    world.network.down.add(code)
    for _ in range(long // 15):
        for each in world.nodes:
            world.work(each)
        world.pass_time(timedelta(seconds=15))
    world.network.down.clear()


@pytest.fixture
def relied(federation: World) -> Relied:
    return Relied(federation)


def refused(relied: Relied) -> None:
    """The grant is refused by name, and nothing of it is done."""
    with pytest.raises(LicenceGone, match="吊销"):
        relied.move("grant", note="同意。")
    with relied.world.at(GANSU):
        assert case_page(relied.number, relied.clerk).state != "granted"


def test_within_a_minute_when_all_are_there(federation: World, relied: Relied) -> None:
    relied.revoke()
    assert seconds(federation, relied.is_refused) <= MINUTE
    refused(relied)


def test_within_a_minute_though_the_letter_is_lost_and_repeated(federation: World, relied: Relied) -> None:
    lost: list[UUID | bytes] = []

    def lose(sent: Sent) -> Sent | None:
        if b"licence.standing" in sent.body and sent.recipient == GANSU and len(lost) < 4:
            lost.append(sent.body)
            return None
        return sent

    federation.network.faults.append(lose)
    relied.revoke()
    assert seconds(federation, relied.is_refused) <= MINUTE
    assert len(lost) == 4
    refused(relied)


@pytest.mark.parametrize("gone", [GANSU, JILIN], ids=["who relies on it", "who issued it"])
def test_within_a_minute_after_a_node_that_was_long_away_is_back(federation: World, relied: Relied, gone: str) -> None:
    relied.revoke()
    away(federation, gone, LONG)
    assert not relied.is_refused()
    assert seconds(federation, relied.is_refused) <= MINUTE
    refused(relied)
