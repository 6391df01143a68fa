# SPDX-License-Identifier: Apache-2.0
"""Our own node conforms, in both suites; a node that does not is found out, scenario by scenario."""

import json
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from tests.federation.test_trust import HEBEI, at_hub, follow
from tests.federation.toy_node import PEER, TOY, ToyNode
from tests.world import Network, World
from tongban.conformance import entering, running, target
from tongban.conformance.hearing import RANGE, Hearing
from tongban.conformance.line import HttpLine
from tongban.conformance.listener import listening
from tongban.conformance.peer import Peer
from tongban.conformance.running import Report
from tongban.conformance.scenarios import ALL, filing, last, listed, telling
from tongban.conformance.verdict import Scenario, Untried, Verdict
from tongban.exchange import actions as exchange
from tongban.exchange.errors import ExchangeRefusal, Malformed, UnknownSender, Unreachable
from tongban.exchange.registry import KINDS, Handler
from tongban.exchange.transport import Answer
from tongban.regions import membership
from tongban.standards.canonical import canonical

HUNAN, GANSU, JILIN = "430000", "620000", "220000"
NEEDS_A_SOCKET = {"慢发送者", "半关闭的连接", "声称过大", "不完整的请求头"}
NEEDS_THE_HUB = {"被暂停的发送方", "被移出名单的节点", "过期的名单"}


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


@pytest.mark.parametrize(("played", "tried"), [(GANSU, JILIN), (JILIN, HUNAN)])
def test_our_node_conforms_in_both_suites(federation: World, played: str, tried: str) -> None:
    peer = peer_of(federation, played, tried)
    peer.may_raise_epoch = peer.may_open_case = True

    report = play(federation, peer)

    assert [(each.name, each.why) for each in report.results if each.verdict is Verdict.FAILS] == []
    assert {each.name for each in report.results if each.verdict is Verdict.UNTRIED} == {
        *NEEDS_A_SOCKET,
        *NEEDS_THE_HUB,
    }
    assert report.conforms


def test_our_node_refuses_who_is_suspended_or_gone_and_everybody_once_its_list_is_over(federation: World) -> None:
    at_hub(federation, lambda listed: membership.suspended(listed, HEBEI, "安全检查"))
    at_hub(federation, lambda listed: membership.left(listed, JILIN, federation.clock.now()))
    follow(federation, GANSU, HUNAN)
    peer = peer_of(federation, GANSU, HUNAN)

    told = verdicts(federation, peer, listed.BOOK.scenarios)
    assert told == dict.fromkeys(told, Verdict.CONFORMS) | {"过期的名单": Verdict.UNTRIED}

    federation.pass_time(peer.target.listed.expires_at - federation.clock.now())
    over = verdicts(federation, peer, ALL)
    assert {name for name, verdict in over.items() if verdict is not Verdict.UNTRIED} == {"过期的名单"}
    assert over["过期的名单"] is Verdict.CONFORMS


def verdicts(world: World, peer: Peer, scenarios: Sequence[Scenario]) -> dict[str, Verdict]:
    """What is said of each of these."""
    with world.at(peer.code):
        report = running.run(peer, scenarios=scenarios)
    return {each.name: each.verdict for each in report.results}


@dataclass
class Bent(Inside):
    """The line to our own node, which does one thing wrong: a request is answered by this, if it says anything."""

    wrong: Callable[[str, str, Mapping[str, str], bytes], Answer | None] = lambda *_: None

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        said = self.wrong(method, url, headers, body)
        return super().ask(method, url, headers, body) if said is None else said


def refusal_of(no: ExchangeRefusal) -> Answer:
    return Answer(no.status, canonical(no.problem()))


def sends_files_open(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
    """Whoever has the right to a file gets it as it is."""
    found = RANGE.fullmatch(headers.get("Range", ""))
    if "/files/case" not in url or found is None:
        return None
    return Answer(206, filing.CONTENT[int(found[1]) : int(found[2]) + 1], "application/octet-stream")


def wants_the_newest_list(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
    """A sender that has not yet heard of the newest list is refused."""
    older = url.endswith("/batches") and b'"trust_serial":0,' in body.split(b"\n")[0]
    return refusal_of(Malformed(why="名单")) if older else None


def takes_the_suspended_for_strangers(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer | None:
    return refusal_of(UnknownSender()) if headers.get("Tongban-Node") == HEBEI else None


@pytest.mark.parametrize(
    ("wrong", "scenario"),
    [
        (sends_files_open, "加密的附件"),
        (wants_the_newest_list, "发送方的名单较旧"),
        (takes_the_suspended_for_strangers, "被暂停的发送方"),
    ],
)
def test_a_node_that_breaks_one_rule_is_found_out_by_the_scenario_of_that_rule(
    federation: World, wrong: Callable[..., Answer | None], scenario: str
) -> None:
    at_hub(federation, lambda listed: membership.suspended(listed, HEBEI, "安全检查"))
    follow(federation, GANSU, HUNAN)
    peer = peer_of(federation, GANSU, HUNAN)
    peer.line, peer.may_open_case = Bent(federation, HUNAN, wrong), True
    if wrong is wants_the_newest_list:
        peer.target = replace(peer.target, listed=replace(peer.target.listed, serial=1))

    told = verdicts(federation, peer, [*listed.BOOK.scenarios, *filing.BOOK.scenarios, *last.BOOK.scenarios[:2]])

    assert {name for name, verdict in told.items() if verdict is Verdict.FAILS} == {scenario}


def test_a_node_that_leaves_files_where_they_are_is_found_out(federation: World) -> None:
    peer = peer_of(federation, GANSU, HUNAN)
    peer.may_open_case, peer.patience = True, 3
    peer.hearing.answer = without_files(peer.hearing.answer)  # type: ignore[method-assign]

    told = verdicts(federation, peer, filing.BOOK.scenarios)

    assert {name for name, verdict in told.items() if verdict is Verdict.FAILS} == {"取走附件"}
    assert told["加密的附件"] is Verdict.UNTRIED


def without_files(answer: Callable[..., Answer]) -> Callable[..., Answer]:
    """As if nobody ever came for a file."""

    def answered(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        if "/files/" in url:
            raise Unreachable(why="nobody came")
        return answer(method, url, headers, body)

    return answered


def takes_all(*_: object) -> None:
    """Applies whatever comes."""


def takes_none(*_: object) -> None:
    raise Malformed(why="不读")


TOLD, ODD, ANOTHERS = "告知证照类型和互认清单", "不合格式的证照类型", "替别的节点公布互认清单"


@pytest.mark.parametrize(
    ("kind", "reader", "found"),
    [
        (telling.TYPE, takes_all, {ODD}),
        (telling.RECOGNITION, takes_all, {ANOTHERS}),
        (telling.TYPE, takes_none, {TOLD, ODD, ANOTHERS}),
        (telling.RECOGNITION, takes_none, {TOLD}),
    ],
)
def test_a_node_that_takes_types_and_lists_otherwise_than_told_is_found_out(
    federation: World, monkeypatch: pytest.MonkeyPatch, kind: str, reader: Handler, found: set[str]
) -> None:
    peer = peer_of(federation, GANSU, HUNAN)
    monkeypatch.setitem(KINDS, kind, replace(KINDS[kind], handler=reader))
    told = verdicts(federation, peer, telling.BOOK.scenarios)
    assert {name for name, verdict in told.items() if verdict is Verdict.FAILS} == found


def test_what_one_run_told_does_not_stand_in_the_way_of_the_next_and_an_older_node_is_not_blamed(
    federation: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(2):
        told = verdicts(federation, peer_of(federation, GANSU, HUNAN), telling.BOOK.scenarios)
        assert set(told.values()) == {Verdict.CONFORMS}

    monkeypatch.delitem(KINDS, telling.TYPE)  # a version that knew nothing of it
    told = verdicts(federation, peer_of(federation, GANSU, HUNAN), telling.BOOK.scenarios)
    assert set(told.values()) == {Verdict.UNTRIED}


SLOPPY = {  # what the toy does wrong, by the scenario that must find it
    "整批重放",
    "请求原样重放",
    "重复报文",
    "编号重用",
    "序号重用",
    "先后颠倒",
    "缺口",
    "不认识的种类",
    "报文被改一个字节",
    "批次头被改一个字节",
    "路上被改",
    "没有签名",
    "冒名的密钥",
    "名单上没有的密钥",
    "名单上没有的节点",
    "被暂停的发送方",
    "被移出名单的节点",
    "发给别人的批次",
    "批内混有别人的报文",
    "旧请求重放",
    "时钟快了",
    "批次的时间不对",
    "见证",
    "没有提供的文件",
    "从备份恢复",
    "恰好一次",
    "旧的纪元",
    "告知证照类型和互认清单",
    "不合格式的证照类型",
    "替别的节点公布互认清单",
}


def toy(**faults: bool) -> tuple[ToyNode, Peer]:
    """A node that is deliberately wrong, and the kit before it."""
    node = ToyNode(**faults)
    found = target.find("http://toy", node, TOY)
    hearing = Hearing(PEER, node.peer_keys, found)
    node.hearing = hearing
    return node, Peer(PEER, node.peer_keys, found, node, hearing, patience=2, may_raise_epoch=True)


def test_a_node_that_checks_nothing_is_found_out() -> None:
    report = running.run(toy()[1])

    found = {each.name: each for each in report.results}
    assert not report.conforms
    assert {name for name in SLOPPY if found[name].verdict is not Verdict.FAILS} == set()
    assert found["良好路径"].verdict is Verdict.CONFORMS, "it is told apart from a node that does not work at all"
    assert found["不是批次"].verdict is Verdict.CONFORMS
    assert "409 replayed" in found["整批重放"].why
    assert "次序" in found["先后颠倒"].why


def test_a_node_that_does_not_sign_its_own_word_is_found_out() -> None:
    node, peer = toy()
    node.forges = True

    report = running.run(peer)

    good = report.results[0]
    assert (good.verdict, good.name) == (Verdict.FAILS, "良好路径")
    assert "签名" in good.why


def test_what_the_node_says_is_checked_as_strictly_as_what_it_answers() -> None:
    node, peer = toy()
    altered = hearing_with(node, lambda body: body.replace("回声".encode(), "回生".encode()))

    report = running.run(peer)

    assert altered
    found = {each.name: each for each in report.results}
    assert found["对方发来的批次"].verdict is Verdict.FAILS


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b"null", b"\xff", b"[" * 9999, b'{"code":[],"key_id":1,"items":[1]}']
)
@pytest.mark.parametrize("status", [200, 204, 302, 500])
def test_whatever_a_node_answers_the_kit_goes_on_to_the_end(status: int, body: bytes) -> None:
    node, peer = toy()
    node.ask = lambda *_: Answer(status, body)  # type: ignore[method-assign]
    peer.patience = 1

    report = running.run(peer)

    assert len(report.results) == len(ALL)
    assert {each.verdict for each in report.results} == {Verdict.FAILS, Verdict.UNTRIED}


def hearing_with(node: ToyNode, change: Callable[[bytes], bytes]) -> list[bytes]:
    """Alter what the toy sends on its way to the kit. What was altered."""
    heard, altered = node.hearing, []
    assert heard is not None
    answer = heard.answer

    def changed(method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        altered.append(change(body))
        return answer(method, url, headers, altered[-1])

    heard.answer = changed  # type: ignore[method-assign]
    return altered


def test_the_report_tells_people_what_was_sent_and_programs_the_same() -> None:
    report = running.run(toy()[1])

    words, plain = "\n".join(report.lines()), report.plain()
    for each in report.results:
        assert each.name in words
        assert any("一" <= sign <= "鿿" for sign in each.sent + each.wanted)
        if each.verdict is Verdict.UNTRIED:
            assert f"原因：{each.why}" in words
            continue
        assert f"发出：{each.sent}" in words
        came = (
            f"得到：{each.wanted}" if each.verdict is Verdict.CONFORMS else f"应得：{each.wanted}\n    实际：{each.why}"
        )
        assert came in words
    assert plain["conforms"] is False
    assert len(plain["results"]) == len({each["name"] for each in plain["results"]}) == len(ALL)
    assert json.dumps(plain, ensure_ascii=False)


def test_the_kit_does_not_begin_where_it_would_not_be_believed(federation: World) -> None:
    with federation.at(HUNAN), pytest.raises(Untried, match="它自己"):
        line = Inside(federation, HUNAN)
        entering.peer(target.find(federation.nodes[HUNAN].dial, line), line, federation.clock.now())
    node, _ = toy()
    with federation.at(GANSU), pytest.raises(Untried, match="密钥"):
        entering.peer(target.find("http://toy", node, TOY), node, federation.clock.now())
    with federation.at(JILIN), pytest.raises(Untried, match="名单"):
        entering.peer(target.find("http://toy", node, TOY), node, federation.clock.now())
    with pytest.raises(Untried, match="--node"):
        target.find("http://elsewhere", node)


def test_what_comes_by_a_real_socket_is_answered() -> None:
    node, peer = toy()
    with listening(peer.hearing, "127.0.0.1", 0) as port:
        line = HttpLine(f"http://127.0.0.1:{port}")
        came = line.ask("GET", f"http://127.0.0.1:{port}{target.LIST}", {}, b"")
        refused = line.ask("POST", f"http://127.0.0.1:{port}/exchange/batches", {}, b"nonsense")
        with line.connect() as bare:
            bare.sendall(b"POST /exchange/batches HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n")
            assert b" 413 " in bare.recv(100)

    assert (came.status, came.body) == (200, node.document)
    assert refused.status == 403
    assert peer.hearing.faults
