# SPDX-License-Identifier: Apache-2.0
"""A line that loses, doubles, delays and parts: in the end both sides hold the same chains, nothing doubled."""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests import story
from tests.people import CHEN, LIU, ZHANG
from tests.world import Sent, World
from tongban.cases import actions
from tongban.cases.actions import Submitted
from tongban.cases.models import Case, Event, Request
from tongban.exchange.models import Inbox, Outbox
from tongban.ledger.queries import first_broken
from tongban.standards.actor import Actor
from tongban.standards.refusal import Refusal

HUNAN, GANSU, JILIN = "430000", "620000", "220000"
PARTS = {"430100": (HUNAN, CHEN), "220100": (JILIN, LIU)}
MOVES = ("accept", "examine", "not_accept", "request_correction")
FACTS = {
    "opinion": "材料齐全。",
    "reason": "不属于本机关。",
    "where_to_go": "长沙市公安局。",
    "what": "请补交证明。",
    "note": "已补交。",
}
STEPS = 40


@dataclass
class Line:
    """Faults as a seed throws them."""

    dice: random.Random
    delayed: list[Sent] = field(default_factory=list)

    def __call__(self, sent: Sent) -> Sent | None:
        chance = self.dice.random()
        if chance < 0.25:
            return None  # lost
        if chance < 0.45:
            self.delayed.append(sent)  # arrives some time, the sender has long given up
            return None
        if chance < 0.55:
            self.delayed.append(sent)  # arrives now and once more
        return sent


@dataclass
class Play:
    """A few cases, and people who act on them while the line does what it likes."""

    world: World
    dice: random.Random
    line: Line
    zhang: Actor
    officers: dict[str, Actor]
    items: dict[str, str]
    given: dict[UUID, tuple[str, Submitted]] = field(default_factory=dict)

    def submit(self) -> None:
        region = self.dice.choice(sorted(PARTS))
        made = story.submit(self.world, self.zhang, self.items[region])
        self.given[made.case_id] = (region, made)

    def decide(self) -> None:
        if not self.given:
            return
        case_id = self.dice.choice(sorted(self.given))
        officer = self.officers[self.given[case_id][0]]
        self.attempt(officer, case_id, self.dice.choice(MOVES))

    def wish(self) -> None:
        if self.given:
            case_id = self.dice.choice(sorted(self.given))
            self.attempt(self.zhang, case_id, self.dice.choice(("withdraw", "correct")))

    def attempt(self, who: Actor, case_id: UUID, move: str) -> None:
        """What is not possible now is refused by name, and that is all that may happen."""
        with self.world.at(who.node):
            try:
                actions.make_or_ask(case_id, move, actor=who, at=self.world.clock.now(), facts=FACTS)
            except Refusal as no:
                assert no.status < 500

    def work(self) -> None:
        self.world.work(self.dice.choice((GANSU, HUNAN, JILIN)))

    def part(self) -> None:
        """A node disappears, or all are back."""
        down = self.world.network.down
        if down:
            down.clear()
        else:
            down.add(self.dice.choice((HUNAN, JILIN, GANSU)))

    def late(self) -> None:
        """Something that was long on its way arrives."""
        if self.line.delayed:
            sent = self.line.delayed.pop(self.dice.randrange(len(self.line.delayed)))
            came = self.world.request(sent.recipient, sent.method, sent.url, sent.headers, sent.body, door="exchange")
            assert came.status < 500

    def wait(self) -> None:
        self.world.pass_time(timedelta(seconds=self.dice.choice((1, 20, 200))))


@pytest.mark.parametrize("seed", range(20))
def test_whatever_the_line_does_both_sides_end_with_the_same_chains(federation: World, seed: int) -> None:
    play = begun(federation, seed)
    for _ in range(STEPS):
        step = play.dice.choices(
            (play.submit, play.decide, play.wish, play.work, play.part, play.late, play.wait), (1, 4, 1, 8, 1, 2, 3)
        )[0]
        step()
    while play.line.delayed:
        play.late()
    federation.network.faults.clear()
    federation.network.down.clear()
    federation.pass_time(timedelta(minutes=6))
    federation.settle()

    for case_id, (region, _) in play.given.items():
        agree(federation, case_id, PARTS[region][0])
    for code in (GANSU, HUNAN, JILIN):
        with federation.at(code):
            assert not Outbox.objects.filter(answered_at=None).exists()
            assert not Inbox.objects.exclude(state="applied").exists()
            assert not Case.objects.filter(disputed=True).exists()
            assert first_broken() is None


def begun(world: World, seed: int) -> Play:
    """People and a line that this seed rules."""
    dice = random.Random(seed)
    play = Play(
        world=world,
        dice=dice,
        line=Line(dice),
        zhang=story.visitor(world, ZHANG, GANSU),
        officers={region: story.approver(world, who) for region, (_, who) in PARTS.items()},
        items={region: story.item_of(world, GANSU, region) for region in PARTS},
    )
    play.submit()
    world.network.faults.append(play.line)
    return play


def agree(world: World, case_id: UUID, other: str) -> None:
    """Both nodes hold the same lines, the same state, and no request is left open at one side only."""
    here, there = as_kept(world, GANSU, case_id), as_kept(world, other, case_id)
    assert here == there
    numbers = [number for number, *_ in here["lines"]]
    assert numbers == list(range(1, len(numbers) + 1))


def as_kept(world: World, code: str, case_id: UUID) -> dict[str, Any]:
    with world.at(code):
        case = Case.objects.get(id=case_id)
        lines = Event.objects.filter(case_id=case_id).order_by("number").values_list("number", "move", "digest")
        requests = Request.objects.filter(case_id=case_id).order_by("id").values_list("id", "state")
        return {
            "lines": list(lines),
            "state": (case.state, case.chain_digest, case.holder, case.offered_to, case.project_no),
            "requests": list(requests),
        }
