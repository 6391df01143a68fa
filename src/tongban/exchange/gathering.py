# SPDX-License-Identifier: Apache-2.0
"""Work that several threads want at the same time, done for all of them at once.

Whoever comes while a round is under way makes the next one, together with all who come meanwhile. So a commit costs
what it costs once for many, and who comes alone is served alone, at once: nobody ever waits for company.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


class Gathering(Generic[Item, Made]):
    """One kind of such work. When a shared round fails, each of its items is tried again alone, by its own thread."""

    def __init__(self, serve: Callable[[Sequence[Item]], Sequence[Made]], *, most: int) -> None:
        self._serve, self._most = serve, most
        self._waiting: list[_Place[Item, Made]] = []
        self._busy = False
        self._lock = threading.Lock()

    def do(self, item: Item) -> Made:
        """What is made of this item; whatever serving it alone raises."""
        mine: _Place[Item, Made] = _Place(item)
        with self._lock:
            self._waiting.append(mine)
            mine.leads, self._busy = not self._busy, True
        if not mine.leads:
            mine.called.acquire()
        if mine.leads:
            self._lead()
        return mine.made[0] if mine.made else self._serve([item])[0]

    def _lead(self) -> None:
        with self._lock:
            turn, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
        try:
            for place, made in zip(turn, self._serve([place.item for place in turn]), strict=True):
                place.made.append(made)
        except Exception:
            if len(turn) == 1:
                raise
        finally:
            self._go_on(turn)

    def _go_on(self, turn: "Sequence[_Place[Item, Made]]") -> None:
        """Let those of this round go, and the first of those who came meanwhile lead the next."""
        with self._lock:
            self._busy = bool(self._waiting)
            following = self._waiting[:1]
            for place in following:
                place.leads = True
        for place in (*turn[1:], *following):  # who leads stands first
            place.called.release()


class _Place(Generic[Item, Made]):
    """One item on its way through."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.made: list[Made] = []
        self.leads = False
        self.called = threading.Lock()  # of those who wait; an Event costs four times as much
        self.called.acquire()
