# SPDX-License-Identifier: Apache-2.0
"""How long a case is likely to take, from those of its item that were decided. A forecast, never a promise. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from tongban.cases.clocks import UNITS, Unit, in_hours

FEWEST = 10  # cases; fewer say nothing about the next one


@dataclass(frozen=True)
class Forecast:
    """What half of the cases took from acceptance to decision, what nine in ten took, and how many there were."""

    likely: int
    latest: int
    n: int
    unit: Unit

    @property
    def words(self) -> str:
        """The sentence that goes with it wherever it is shown."""
        return (
            f"根据本事项最近作出决定的 {self.n} 件推算：受理后，一半在{self._within(self.likely)}决定，"
            f"九成在{self._within(self.latest)}决定。这只是推算，不是承诺；期限以到期日为准。"
        )

    def _within(self, amount: int) -> str:
        if self.unit is Unit.WORKING_MINUTE:
            return f"办公时间 {in_hours(amount)}内"
        return f" {amount} {UNITS[self.unit]}内" if amount else "当天"


def forecast(durations: Sequence[int], unit: Unit = Unit.WORKING_DAY) -> Forecast | None:
    """The forecast from what decided cases took, in days or minutes of opening time. None when they are too few."""
    if len(durations) < FEWEST:
        return None
    ranked = sorted(durations)
    return Forecast(_percentile(ranked, 50), _percentile(ranked, 90), len(ranked), unit)


def _percentile(ranked: Sequence[int], percent: int) -> int:
    """The smallest value that so many percent do not exceed."""
    return ranked[-(-len(ranked) * percent // 100) - 1]
