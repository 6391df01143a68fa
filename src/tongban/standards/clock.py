# SPDX-License-Identifier: Apache-2.0
"""The only file that asks what time it is, so that a test can answer."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class VirtualClock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> datetime:
        """Move on; a clock never goes back."""
        if by < timedelta(0):
            raise ValueError("a clock does not go back")
        self._at += by
        return self._at


_virtual: ContextVar[VirtualClock] = ContextVar("tongban_clock")


def now() -> datetime:
    """The present instant, aware, UTC."""
    virtual = _virtual.get(None)
    return virtual.now() if virtual is not None else datetime.now(UTC)


def monotonic() -> float:
    """Seconds for measuring how long something took; no date can be read from it."""
    return time.perf_counter()


def local_date(at: datetime) -> date:
    """The day that an instant falls on in China: legal days are counted in this zone."""
    return at.astimezone(SHANGHAI).date()


def today() -> date:
    """The present day in China."""
    return local_date(now())


@contextmanager
def running(virtual: VirtualClock) -> Iterator[VirtualClock]:
    """Let this clock answer until the block ends."""
    token = _virtual.set(virtual)
    try:
        yield virtual
    finally:
        _virtual.reset(token)
