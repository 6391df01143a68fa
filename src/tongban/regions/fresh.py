# SPDX-License-Identifier: Apache-2.0
"""Values kept in this process per node, so that hot paths do not ask the database for what rarely changes."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar

from tongban.standards import clock
from tongban.standards.node import here

Value = TypeVar("Value")


@dataclass(frozen=True)
class Kept(Generic[Value]):
    """A value, what it was made from, and when that was last looked at."""

    stamp: Hashable
    value: Value
    looked_at: float


class Fresh(Generic[Value]):
    """Looks at a cheap stamp at most every `seconds`, and makes the value again when the stamp has changed."""

    def __init__(self, stamp: Callable[[], Hashable], make: Callable[[], Value], seconds: float) -> None:
        self._stamp, self._make, self._seconds = stamp, make, seconds
        self._kept: dict[str, Kept[Value]] = {}

    def get(self) -> Value:
        """The value of the present node; at most one SELECT in `seconds` while nothing changes."""
        node, now = here().code, clock.monotonic()
        kept = self._kept.get(node)
        if kept is not None and now - kept.looked_at < self._seconds:
            return kept.value
        stamp = self._stamp()
        value = kept.value if kept is not None and kept.stamp == stamp else self._make()
        self._kept[node] = Kept(stamp, value, now)
        return value

    def forget(self) -> None:
        """Look again next time: what it is made from was changed here."""
        self._kept.pop(here().code, None)
