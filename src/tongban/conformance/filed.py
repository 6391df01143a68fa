# SPDX-License-Identifier: Apache-2.0
"""A case that the kit has opened at the node, as the peer that it plays knows it."""

from dataclasses import dataclass, field
from uuid import UUID

from tongban.cases.chain import Head, Told
from tongban.cases.custody import Holding, Party
from tongban.cases.states import State


@dataclass
class Filed:
    """Where its chain stands, and what has been sent of it."""

    id: UUID
    parties: list[Party]
    state: State
    head: Head = field(default_factory=lambda: Head(0, "", Holding(1)))
    sequence: int = 0  # of the last letter about it
    moves: list[str] = field(default_factory=list)
    fetched: bool = False  # whether the node has its file

    @property
    def subject(self) -> str:
        """What its letters are about."""
        return f"case:{self.id}"

    def go_on(self, told: Told) -> None:
        """One more line."""
        self.head = Head(told.line.number, told.line.digest, Holding(told.line.holder, told.line.offered_to))
        self.moves.append(told.line.move)
