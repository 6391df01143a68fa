# SPDX-License-Identifier: Apache-2.0
"""kill -9 of any process, at any moment between submit and delivery: it comes back, nothing is lost or doubled."""

import os
import random
import signal
from collections.abc import Callable

import pytest

from tests.journeys.running import Demo, wait_until
from tests.journeys.walking import HUNAN, JILIN, MIDDLE, Interrupted, counted, walk
from tongban.demo import processes
from tongban.demo.check import Told
from tongban.demo.plan import NODES
from tongban.demo.telling import Telling

WHOLE = ["submit", "offer", "take", "accept", "sign_step", "examine", "grant", "issue", "deliver"]
DOORS = ("web", "exchange", "worker")
IN_THE_STORY = [("620000", "web"), ("430000", "exchange"), ("620000", "worker")]  # one of each; all are verified
ALL = [(node.code, name) for node in NODES for name in DOORS]


@pytest.mark.parametrize(("node", "name"), IN_THE_STORY)
def test_a_killed_process_comes_back_and_the_story_ends(demo: Demo, node: str, name: str) -> None:
    before = demo.pid(node, name)

    interrupt(demo, HUNAN, f"{node} {name}", lambda: kill(before))

    wait_until(lambda: demo.pid(node, name) not in (before, None), lambda: f"{node} {name} is still dead")


@pytest.mark.slow
@pytest.mark.parametrize("told", [HUNAN, JILIN], ids=["ed25519", "sm2"])
@pytest.mark.parametrize(("node", "name"), ALL)
def test_any_process_of_any_node_may_be_killed(demo: Demo, node: str, name: str, told: Told) -> None:
    before = demo.pid(node, name)

    interrupt(demo, told, f"any {node} {name}", lambda: kill(before))

    wait_until(lambda: demo.pid(node, name) not in (before, None), lambda: f"{node} {name} is still dead")


@pytest.mark.slow
@pytest.mark.parametrize("node", ["620000", "430000"])
@pytest.mark.parametrize("name", ["web", "exchange"])
def test_the_server_behind_a_door_may_be_killed(demo: Demo, node: str, name: str) -> None:
    before = demo.pid(node, name)
    assert before is not None
    behind = processes.family(before)[1]

    interrupt(demo, HUNAN, f"behind {node} {name}", lambda: kill(behind))

    wait_until(lambda: demo.pid(node, name) is not None, lambda: f"{node} {name} is dead")


@pytest.mark.slow
@pytest.mark.parametrize("after", MIDDLE)
def test_the_database_may_be_killed(demo: Demo, after: str) -> None:
    before = demo.server.pid

    interrupt(demo, HUNAN, f"database {after}", lambda: kill(before), after)

    wait_until(lambda: demo.server.pid not in (before, None), lambda: "the database is still dead")


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_both_workers_may_die_at_once(demo: Demo, seed: int) -> None:
    pids = [demo.pid("620000", "worker"), demo.pid("430000", "worker")]

    interrupt(demo, HUNAN, f"workers {seed}", lambda: kill(*pids))


def interrupt(demo: Demo, told: Told, seed: str, strike: Callable[[], None], after: str = "") -> None:
    """Walk a story, strike at a moment that the seed chooses, and find everything whole afterwards."""
    demo.settle()
    before, chance = counted(demo, told), random.Random(seed)
    moment, delay = after or chance.choice(MIDDLE), chance.uniform(0, 0.4)
    transcript = Interrupted(Telling(), demo.nodes, after=moment, delay=delay, strike=strike)
    story = walk(demo, told, transcript)

    story.submit(story.begin())
    lines = story.end()

    assert transcript.struck
    assert [line.move for line in lines] == WHOLE
    assert counted(demo, told) == {what: count + 1 for what, count in before.items()}
    demo.settle()


def kill(*pids: int | None) -> None:
    for pid in pids:
        assert pid
        os.kill(pid, signal.SIGKILL)
