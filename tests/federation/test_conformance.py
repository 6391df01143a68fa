# SPDX-License-Identifier: Apache-2.0
"""Our own node conforms, in both suites; a node that does not is found out, scenario by scenario."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.world import Network, World
from tongban.conformance import entering, running, target
from tongban.conformance.hearing import Hearing
from tongban.conformance.peer import Peer
from tongban.conformance.running import Report
from tongban.conformance.verdict import Untried, Verdict
from tongban.exchange import actions as exchange
from tongban.exchange.errors import Unreachable
from tongban.exchange.transport import Answer

HUB, HUNAN, GANSU, JILIN = "000000", "430000", "620000", "220000"
NEEDS_A_SOCKET = {"慢发送者", "半关闭的连接", "声称过大", "不完整的请求头"}


@dataclass
class Inside:
    """The kit's line to a node in this process: only the socket is missing."""

    world: World
    code: str

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        return self.world.request(self.code, method, url, headers, body, door="exchange")

    def pause(self, seconds: float) -> None:
        """Let the node under test work, and nobody else."""
        self.world.pass_time(timedelta(seconds=seconds))
        while self.world.work(self.code):
            pass
        with self.world.at(self.code):
            exchange.mend_gaps_once(self.world.clock.now(), self.world.network)

    def connect(self) -> socket.socket:
        raise Untried("没有套接字")


class Played(Network):
    """The network in which one node is only played."""

    def __init__(self, world: World, hearing: Hearing) -> None:
        super().__init__(world)
        self.hearing = hearing

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if self.world.code_at(url) == self.hearing.code:
            return self.hearing.answer(method, url, headers, body)
        raise Unreachable(why="not part of this")


def peer_of(world: World, played: str, tried: str) -> Peer:
    """The kit as one node, before another."""
    line = Inside(world, tried)
    with world.at(played):
        made = entering.peer(target.find(world.nodes[tried].dial, line), line, world.clock.now())
    world.network = Played(world, made.hearing)
    return made


def play(world: World, peer: Peer) -> Report:
    with world.at(peer.code):
        return running.run(peer)


@pytest.mark.parametrize(("played", "tried"), [(GANSU, HUNAN), (GANSU, JILIN), (JILIN, HUNAN)])
def test_our_node_conforms_in_both_suites(federation: World, played: str, tried: str) -> None:
    peer = peer_of(federation, played, tried)
    peer.may_raise_epoch = True

    report = play(federation, peer)

    assert [(each.name, each.why) for each in report.results if each.verdict is Verdict.FAILS] == []
    assert {each.name for each in report.results if each.verdict is Verdict.UNTRIED} == NEEDS_A_SOCKET
    assert report.conforms
