# SPDX-License-Identifier: Apache-2.0
"""What happened, line by line, for the person who has to understand a failing seed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from tongban.standards.clock import SHANGHAI

NAMES = {"000000": "Hub", "430000": "Hunan", "620000": "Gansu", "220000": "Jilin", "130000": "Hebei"}


class Broken(AssertionError):
    """Something is so that must never be so."""


def name(code: str) -> str:
    """How the story calls a node."""
    return NAMES.get(code, code)


@dataclass
class Story:
    """Numbered lines: when, where, who and what, what the network did."""

    seed: int
    now: Callable[[], datetime]
    lines: list[str] = field(default_factory=list)
    wrong: str = ""  # the first thing that must never be so
    _heading: tuple[str, str] | None = None

    def begin(self, where: str, what: str) -> None:
        """Something begins that is only told when anything comes of it."""
        self._heading = where, what

    def end(self, *, worth_telling: bool) -> None:
        """It is over."""
        if worth_telling:
            self._tell_heading()
        self._heading = None

    def tell(self, where: str, what: str) -> None:
        """Add a line."""
        self._tell_heading()
        self._add(where, what)

    def _tell_heading(self) -> None:
        if self._heading is not None:
            (where, what), self._heading = self._heading, None
            self._add(where, what)

    def _add(self, where: str, what: str) -> None:
        at = self.now().astimezone(SHANGHAI).strftime("%d %H:%M:%S.%f")[:-3]
        self.lines.append(f"{len(self.lines) + 1:4}  {at}  {name(where):6} {what}")

    def breaks(self, what: str) -> None:
        """Note what must never be so: the product's code may be on the stack and is not to answer it."""
        self.wrong = self.wrong or what

    def check(self) -> None:
        """Broken, with the whole story, when something was wrong."""
        if self.wrong:
            raise Broken(self.told())

    def told(self) -> str:
        """The story, what is broken, and how to see it again."""
        return "\n".join(
            [
                f"the story of seed {self.seed}",
                *self.lines,
                "",
                f"BROKEN: {self.wrong}",
                f"again:  SEED={self.seed} make soak",
            ]
        )
