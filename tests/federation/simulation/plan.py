# SPDX-License-Identifier: Apache-2.0
"""What a seed decides before anything happens: who takes part, and what goes wrong how often."""

import random
from dataclasses import dataclass
from datetime import timedelta

REGIONS = ("430000", "620000", "220000", "130000")
STEPS = (30, 60)  # fewest and most
SLIGHT = 115  # seconds that any clock may be off: two of them are never five minutes apart
GRAVE = (360, 1200)  # seconds that a broken clock is off


@dataclass(frozen=True)
class Odds:
    """How likely each trouble is: of a request, or of an act. Most seeds know only some of them."""

    lost: float
    unanswered: float
    late: float
    twice: float
    tampered: float
    crash: float
    parting: float  # weight among the steps, where work has 10
    stopping: float


@dataclass(frozen=True)
class Plan:
    """One run."""

    nodes: tuple[str, ...]
    steps: int
    cases: int  # at most: few that go far show more than many that do not
    odds: Odds
    clocks: dict[str, timedelta]  # how far off
    broken: str | None  # the node whose clock is gravely off until somebody mends it
    lost: str | None  # the node whose machine is lost, and that comes back from a backup

    def told(self) -> str:
        """The plan as the first line of the story."""
        odds = ", ".join(f"{word} {value:g}" for word, value in vars(self.odds).items() if value)
        return f"nodes {' '.join(self.nodes)}; {odds or 'no trouble'}"


def drawn(dice: random.Random) -> Plan:
    """The plan of these dice."""
    nodes = tuple(sorted(dice.sample(REGIONS, dice.choice((2, 2, 2, 3, 4)))))
    clocks = {code: timedelta(seconds=dice.randint(-SLIGHT, SLIGHT)) for code in nodes}
    broken = dice.choice(nodes) if dice.random() < 0.15 else None
    if broken is not None:
        clocks[broken] = timedelta(seconds=dice.choice((-1, 1)) * dice.randint(*GRAVE))
    odds = Odds(
        lost=_some(dice, 0.1, 0.2),
        unanswered=_some(dice, 0.1, 0.3),
        late=_some(dice, 0.1, 0.2),
        twice=_some(dice, 0.1, 0.3),
        tampered=_some(dice, 0.05, 0.2),
        crash=_some(dice, 0.05, 0.15, 0.4),
        parting=_some(dice, 0.5, 1.5),
        stopping=_some(dice, 0.5, 1),
    )
    lost = dice.choice(nodes) if broken is None and dice.random() < 0.2 else None
    steps, cases = dice.randint(*STEPS), dice.choice((1, 2, 2, 3))
    return Plan(nodes, steps, cases, odds, clocks, broken, lost)


def _some(dice: random.Random, *values: float) -> float:
    """Half of the seeds do not know this trouble: what hides behind another one comes out in them."""
    return dice.choice((0.0,) * len(values) + values)
