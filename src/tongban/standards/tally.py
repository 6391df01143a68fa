# SPDX-License-Identifier: Apache-2.0
"""Sums over days: a week that repeats itself for ever, and the days that differ from it."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import accumulate

LAST = date.max.toordinal()


class Tally:
    """What the days before any day add up to, without walking there; days are ordinals, of which 1 was a Monday."""

    def __init__(self, week: Sequence[int], differing: Mapping[date, int]) -> None:
        self._week = [0, *accumulate(week)]
        more = {day: n - week[day.weekday()] for day, n in differing.items() if n != week[day.weekday()]}
        self._days = sorted(day.toordinal() for day in more)
        self._more = [0, *accumulate(more[date.fromordinal(day)] for day in self._days)]

    def before(self, day: int) -> int:
        """The sum over all days before this one."""
        weeks, rest = divmod(day - 1, 7)
        return weeks * self._week[7] + self._week[rest] + self._more[bisect_left(self._days, day)]

    def reaching(self, total: int, near: int) -> int:
        """The first day by whose end the sum is this much. ValueError when it lies beyond the years that there are."""
        low, high = self._around(total, near)
        while low < high:
            middle = (low + high) // 2
            if self.before(middle + 1) >= total:
                high = middle
            else:
                low = middle + 1
        return low

    def _around(self, total: int, near: int) -> tuple[int, int]:
        """Two days between which it must be."""
        low = high = near
        step = 8
        while self.before(high + 1) < total:
            low, high, step = high + 1, high + step, step * 2
            if high > LAST:
                raise ValueError("there are not so many days")
        while low > 1 and self.before(low) >= total:
            low, step = max(1, low - step), step * 2
        return low, high
