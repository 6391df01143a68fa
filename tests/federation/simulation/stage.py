# SPDX-License-Identifier: Apache-2.0
"""What everybody in a run shares: the world, the dice, the story, and how an act is made that may be cut short."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import DatabaseError

from tests.federation.simulation.crashes import Crash, Crashes
from tests.federation.simulation.network import Line, codes, doomed
from tests.federation.simulation.plan import Plan
from tests.federation.simulation.story import Story
from tests.world import World
from tongban.standards.refusal import Refusal

Done = TypeVar("Done")


@dataclass
class Died:
    """Nobody heard how an act ended."""


@dataclass
class Stage:
    """One run as everybody sees it."""

    world: World
    dice: random.Random
    plan: Plan
    story: Story
    crashes: Crashes
    line: Line

    def attempt(self, code: str, act: Callable[[datetime], Done]) -> Done | Refusal | Died:
        """Let a process of a node do something: what came of it, a refusal, or nobody knows."""
        doom = None if self.line.calm else doomed(self.dice, self.plan.odds.crash)
        try:
            with self.world.at(code), self.crashes.process(code, doom) as process:
                return act(self.world.clock.now())
        except Crash:
            return Died()
        except DatabaseError:
            if not process.lost:
                raise
            return Died()
        except Refusal as no:
            if no.code not in codes() or no.status >= 500:
                self.story.breaks(f"refused as {no.code} ({no.status})")
            return no

    def is_up(self, code: str) -> bool:
        """Whether anybody can do anything at a node."""
        return code not in self.line.down | self.line.recovering
