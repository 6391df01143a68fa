# SPDX-License-Identifier: Apache-2.0
"""What the kit says about one scenario, and how a scenario is declared."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tongban.conformance.peer import Peer


class Verdict(StrEnum):
    """Whether the node does what the protocol says."""

    CONFORMS = "conforms"
    FAILS = "fails"
    UNTRIED = "untried"

    @property
    def word(self) -> str:
        """What a person reads."""
        return {"conforms": "符合", "fails": "不符合", "untried": "未能测试"}[self.value]


class Fails(Exception):
    """The node did something else; the sentence says what."""


class Untried(Exception):
    """This could not be tried here; the sentence says why."""


@dataclass(frozen=True)
class Scenario:
    """One thing that is tried: what is sent, what must come, and the section of the protocol that says so."""

    name: str
    section: str
    sent: str
    wanted: str
    play: Callable[["Peer"], None]
    stale: bool = False  # tried when the node's list has expired, and only then


@dataclass(frozen=True)
class Result:
    """What came of a scenario."""

    name: str
    section: str
    sent: str
    wanted: str
    verdict: Verdict
    why: str = ""


Play = Callable[["Peer"], None]
Declare = Callable[[Play], Play]


class Book:
    """Scenarios in the order in which they are written down."""

    def __init__(self) -> None:
        self.scenarios: list[Scenario] = []

    def scenario(self, name: str, section: str, *, sent: str, wanted: str, stale: bool = False) -> Declare:
        """Declare one."""

        def declare(play: Play) -> Play:
            self.scenarios.append(Scenario(name, section, sent, wanted, play, stale))
            return play

        return declare
