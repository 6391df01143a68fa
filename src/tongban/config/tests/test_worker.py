# SPDX-License-Identifier: Apache-2.0
"""The worker's shift: who is attended to, and who joins while it lasts."""

import threading

import pytest

from tongban.config.worker import POLL, Duty, Shift, _attend
from tongban.exchange.transport import HttpTransport
from tongban.identity.transport import PageTransport
from tongban.regions.queries import trust_list
from tongban.standards.node import Node


def test_a_peer_that_the_list_names_by_now_gets_a_sender_and_only_one(node: Node) -> None:
    shift = Shift([], threading.Event())

    shift.meet_peers(HttpTransport(), PageTransport())
    shift.meet_peers(HttpTransport(), PageTransport())

    sent = [duty.name for duty in shift.duties if duty.name.startswith("send:")]
    assert sent == [f"send:{peer.code}" for peer in trust_list().peers(node.code)]


class Stopping(threading.Event):
    """Notes how long somebody would wait, and stops at the sixth time."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0.0)
        if len(self.waits) == 6:
            self.set()
        return self.is_set()


@pytest.mark.parametrize(
    ("breath", "waits"),
    [(0.02, [0.02, 0.02, 0.04, 0.08, POLL, POLL]), (0.0, [0.0, POLL, POLL, POLL, POLL, POLL])],
)
def test_who_breathes_looks_again_soon_and_ever_later(node: Node, breath: float, waits: list[float]) -> None:
    results = iter([True, *[False] * 9])
    duty, stop = Duty("send", lambda at: next(results), rest=0.0, breath=breath), Stopping()

    _attend(duty, stop)

    assert stop.waits == waits
