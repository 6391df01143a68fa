# SPDX-License-Identifier: Apache-2.0
"""The good path, and that nothing is taken in twice."""

from dataclasses import replace

from tongban.conformance.peer import Peer, Request
from tongban.conformance.verdict import Book
from tongban.standards import clock

BOOK = Book()
scenario = BOOK.scenario


@scenario("良好路径", "§6–§8", sent="一批一件回声请求", wanted="签名有效的回执 stored；回声按时回来，内容一致")
def good_path(peer: Peer) -> None:
    one = peer.echo("good")
    peer.give([one])
    peer.await_echoes([one])


@scenario("整批重放", "§8", sent="同一批报文，逐跳签名是新的", wanted="409 replayed，什么也不保存")
def replayed(peer: Peer) -> None:
    one = peer.echo("replayed")
    packed = peer.give([one])
    peer.refused(peer.post(packed), "replayed", status=409)
    peer.await_echoes([one])


@scenario("请求原样重放", "§8", sent="刚才的请求，连签名一字不差", wanted="409 replayed")
def same_request(peer: Peer) -> None:
    one = peer.echo("same-request")
    kept: list[Request] = []
    packed = peer.pack([one])
    peer.answers(packed, peer.post(packed, keep=kept))
    peer.refused(peer.put(*kept[0]), "replayed", status=409)
    peer.await_echoes([one])


@scenario("重复报文", "§8", sent="同一件报文，放进新的一批", wanted="duplicate；不会再有一次回声")
def duplicate(peer: Peer) -> None:
    one = peer.echo("duplicate")
    peer.give([one])
    peer.give([one], ["duplicate"])
    peer.await_echoes([one])


@scenario("一批之内重复", "§8", sent="同一批里两份一字不差的报文", wanted="当作一件，stored")
def twice_in_a_batch(peer: Peer) -> None:
    one = peer.echo("twice")
    packed = peer.pack([one, one])
    peer.answered(packed, [(one, "stored")])
    peer.await_echoes([one])


@scenario("一批之内编号冲突", "§8", sent="同一批里编号相同、内容不同的两份报文", wanted="400 malformed，整批不收")
def crossed_in_a_batch(peer: Peer) -> None:
    one = peer.echo("crossed")
    peer.refused(peer.post(peer.pack([one, replace(one, body={"text": "另一份"})])), "malformed", status=400)
    peer.give([one])  # nothing of the refused batch was kept
    peer.await_echoes([one])


@scenario("编号重用", "§8", sent="用过的编号，另一份内容", wanted="id_reused；先到的不受影响")
def id_reused(peer: Peer) -> None:
    one = peer.echo("id-reused")
    peer.give([one])
    peer.give([replace(one, body={"text": "另一份"})], ["id_reused"])
    peer.await_echoes([one])


@scenario("序号重用", "§8", sent="另一件报文，占用已有的主题和序号", wanted="sequence_reused；先到的不受影响")
def sequence_reused(peer: Peer) -> None:
    one = peer.echo("sequence-reused")
    peer.give([one])
    peer.give([peer.echo("sequence-reused", occurred_at=clock.now())], ["sequence_reused"])
    peer.await_echoes([one])
