# SPDX-License-Identifier: Apache-2.0
"""Waiting for a quiet moment: others may share the machine. Bounded, so that a run always ends."""

import time
from dataclasses import dataclass, field
from pathlib import Path

from tongban.standards import clock

QUIET = 0.15  # share of the processors that others may use
LOOK = 0.5  # seconds


@dataclass
class Quiet:
    """Waits before a measurement, at most so long each time and all together."""

    each: float  # seconds
    total: float  # seconds
    waited: float = 0.0
    seen: list[float] = field(default_factory=list)  # busy share when each measurement began

    def wait(self) -> None:
        """Until others leave the processors alone, or patience ends."""
        until = clock.monotonic() + min(self.each, max(0.0, self.total - self.waited))
        began = clock.monotonic()
        while (share := busy(LOOK)) > QUIET and clock.monotonic() < until:
            continue
        self.waited += clock.monotonic() - began
        self.seen.append(round(share, 3))


def busy(seconds: float) -> float:
    """The share of all processors that was at work during the next seconds."""
    before = _ticks()
    time.sleep(seconds)
    after = _ticks()
    total = sum(after) - sum(before)
    idle = after[3] + after[4] - before[3] - before[4]
    return 1 - idle / total if total else 0.0


def _ticks() -> list[int]:
    """user nice system idle iowait irq softirq steal, of /proc/stat."""
    return [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
