# SPDX-License-Identifier: Apache-2.0
"""Whatever line, machines and people do: nothing acknowledged is lost, nothing is doubled, all can be proven."""

import os
import re

import pytest
from django.db import DatabaseError

from tests.federation.simulation.planted import PLANTED, Planting
from tests.federation.simulation.simulation import Simulation
from tests.federation.simulation.story import Broken
from tests.ground import undone
from tests.world import World

ONE, MANY = os.environ.get("SEED"), int(os.environ.get("SEEDS", "200"))
SEEDS = range(MANY) if ONE is None else [int(ONE)]
ENOUGH = 40  # seeds in which a planted fault must come out
FOUND = {  # the seed in which a fault came out last; any other will do as well
    "a_sender_that_forgets_what_was_not_answered": 7,
    "a_submission_without_its_key": 9,
    "a_form_that_is_taken_twice": 5,
    "an_act_in_several_commits": 2,
    "a_sequencer_without_a_transaction": 24,
    "an_opinion_that_crosses_the_border": 16,
    "a_refusal_that_nobody_hears": 8,
}
DRAWN = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9]{22}|sha256:[0-9a-f]+|\([0-9]+ bytes\)")  # anew in every process
REFUSED = re.compile(r"(is altered\n.*refuses: ).*")  # by which name depends on the byte that was there: a drawn one


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happens_nothing_is_lost_or_doubled(federation: World, seed: int) -> None:
    Simulation(federation, seed).run()


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_fault_comes_out(standing: World, monkeypatch: pytest.MonkeyPatch, plant: Planting) -> None:
    plant(monkeypatch)

    told = next(filter(None, (broken(standing, seed) for seed in seeds(plant.__name__))), "")

    assert "BROKEN" in told
    assert "again:  SEED=" in told


def test_a_seed_tells_the_same_story_twice(standing: World) -> None:
    stories = []
    for _ in range(2):
        with undone(standing) as world:
            stories.append(REFUSED.sub(r"\1…", DRAWN.sub("…", Simulation(world, 7).run().told())))

    assert stories[0] == stories[1]


def seeds(plant: str) -> list[int]:
    """Every seed; first of all the one in which this fault came out when it was last looked for."""
    first = FOUND.get(plant, 0)
    return [*range(first, ENOUGH), *range(first)]


def broken(standing: World, seed: int) -> str:
    """The story of a seed that fails; nothing when it does not."""
    try:
        with undone(standing) as world:
            Simulation(world, seed).run()
    except Broken as found:
        return str(found)
    except DatabaseError as refused:  # what could not even have been committed
        return f"BROKEN: {refused} again:  SEED={seed}"
    return ""
