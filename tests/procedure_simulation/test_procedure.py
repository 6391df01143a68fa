# SPDX-License-Identifier: Apache-2.0
"""Ten thousand lawful cases over two years with their holidays: all end, and each limit is what the law says."""

import os
from collections import Counter

import pytest

from tests.procedure_simulation.life import Life
from tests.procedure_simulation.planted import PLANTED, Planting
from tests.procedure_simulation.story import Broken
from tongban.cases.states import ENDED
from tongban.cases.transitions import MOVES

ONE, MANY = os.environ.get("CASE"), int(os.environ.get("CASES", "10000"))
BLOCKS = 8  # may run side by side
ENOUGH = 1000  # cases in which a planted fault must come out
SEEDS = [range(MANY)[n::BLOCKS] for n in range(BLOCKS)] if ONE is None else [[int(ONE)]]


@pytest.mark.parametrize("seeds", SEEDS, ids=lambda seeds: f"{len(seeds)} from {seeds[0]}")
def test_every_case_ends_and_every_limit_is_what_the_law_says(seeds: list[int]) -> None:
    made, ends = Counter[str](), Counter[str]()
    for seed in seeds:
        life = Life(seed).run()
        made += life.made
        ends[str(life.case.state)] += 1

    if len(seeds) >= 1000:
        assert made.keys() == MOVES.keys()
        assert ends.keys() == ENDED


def test_a_seed_tells_the_same_story_twice() -> None:
    one, other = (Life(7).run().story.told() for _ in range(2))

    assert one == other


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_fault_comes_out(monkeypatch: pytest.MonkeyPatch, plant: Planting) -> None:
    plant(monkeypatch)

    with pytest.raises(Broken) as found:
        for seed in range(ENOUGH):
            Life(seed).run()
    assert "BROKEN" in str(found.value)
    assert "again:  CASE=" in str(found.value)
