# SPDX-License-Identifier: Apache-2.0
"""The worker's shift: who is attended to, and who joins while it lasts."""

import threading

from tongban.config.worker import Shift
from tongban.exchange.transport import HttpTransport
from tongban.regions.queries import trust_list
from tongban.standards.node import Node


def test_a_peer_that_the_list_names_by_now_gets_a_sender_and_only_one(node: Node) -> None:
    shift = Shift([], threading.Event())

    shift.meet_peers(HttpTransport())
    shift.meet_peers(HttpTransport())

    sent = [duty.name for duty in shift.duties if duty.name.startswith("send:")]
    assert sent == [f"send:{peer.code}" for peer in trust_list().peers(node.code)]
