# SPDX-License-Identifier: Apache-2.0
"""What happened to one case, line by line, for the person who has to understand why it is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tongban.standards.clock import SHANGHAI

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Broken(AssertionError):
    """Something is so that must never be so."""


@dataclass
class Story:
    """Lines that are only put into words when somebody wants to read them."""

    again: str  # how to see it once more
    heading: str
    lines: list[tuple[datetime, Sequence[object]]] = field(default_factory=list)

    def tell(self, at: datetime, *words: object) -> None:
        """Add a line."""
        self.lines.append((at, words))

    def require(self, holds: bool, what: str, *more: object) -> None:
        """Broken, with the whole story, unless it holds."""
        if not holds:
            self.lines.append((self.lines[-1][0], ("BROKEN:", what, *more)))
            raise Broken(self.told())

    def told(self) -> str:
        """The story, what is broken, and how to see it again."""
        said = [f"{n:4}  {when(at)}  {' '.join(map(str, words))}" for n, (at, words) in enumerate(self.lines, start=1)]
        return "\n".join(["", self.heading, *said, f"again:  {self.again}"])


def when(at: datetime) -> str:
    """2026-10-08 Thu 09:30:00, as it is in China."""
    local = at.astimezone(SHANGHAI)
    return f"{local:%Y-%m-%d} {DAYS[local.weekday()]} {local:%H:%M:%S}"
