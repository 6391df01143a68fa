# SPDX-License-Identifier: Apache-2.0
"""Five hundred lawful cases over the databases of three nodes: mirrors equal, ledgers whole, every date by law."""

import os
from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.procedure_simulation import reckoning
from tests.procedure_simulation.town import Town
from tests.world import World

SEED, MANY = int(os.environ.get("SEED", "1")), int(os.environ.get("CASES", "500"))
WITHIN = timedelta(days=240)  # in which they begin; they end when they end


def test_a_few_cases_end_as_the_law_says_at_every_node(federation: World) -> None:
    reckoning.require(Town(federation, seed=SEED, cases=4, within=timedelta(days=5)).run())


@pytest.mark.slow
def test_five_hundred_cases_end_as_the_law_says_at_every_node(
    federation: World, record_property: Callable[[str, object], None]
) -> None:
    town = Town(federation, seed=SEED, cases=MANY, within=WITHIN).run()

    reckoning.require(town)
    record_property("办件", len(town.matters))
    record_property("办理步骤", sum(town.done.values()))
