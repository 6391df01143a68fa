# SPDX-License-Identifier: Apache-2.0
"""What is not in the form of the protocol is refused whole, by name, and nothing of it is kept."""

from dataclasses import replace

from tongban.conformance.hearing import BATCHES
from tongban.conformance.peer import Peer, said
from tongban.conformance.verdict import Book, Fails
from tongban.exchange.batch import LIMIT, MOST, Batch

BOOK = Book()
scenario = BOOK.scenario
DEEP = 70  # more nesting than allowed


@scenario("更新的协议版本：信封", "§1", sent="信封的 v 为 2", wanted="400 malformed")
def newer_envelope(peer: Peer) -> None:
    _refused_with(peer, peer.echo("v2").bytes().replace(b'"v":1', b'"v":2'))


@scenario("更新的协议版本：批次头", "§1", sent="批次头的 v 为 2，签名有效", wanted="400 malformed")
def newer_head(peer: Peer) -> None:
    _refused_head(peer, b'"v":1', b'"v":2')


@scenario("批次头多一个字段", "§6", sent="批次头多一个字段，签名有效", wanted="400 malformed")
def head_with_more(peer: Peer) -> None:
    _refused_head(peer, b'"v":1', b'"v":1,"w":1')


@scenario("件数与批次头不符", "§6", sent="批次头说 1 件，实际 2 件", wanted="400 malformed")
def miscounted(peer: Peer) -> None:
    packed = peer.pack([peer.echo("miscounted")])
    more = replace(packed, messages=(*packed.messages, peer.echo("miscounted", 2).bytes()))
    peer.refused(peer.post(more), "malformed", status=400)


@scenario("信封多一个、少一个字段", "§5", sent="两批，各有一件这样的信封", wanted="400 malformed")
def fields_wrong(peer: Peer) -> None:
    data = peer.echo("fields").bytes()
    _refused_with(peer, data.replace(b'"v":1', b'"v":1,"w":1'))
    _refused_with(peer, data.replace(b',"v":1', b""))


@scenario(
    "不规范的 JSON",
    "§2",
    sent="空格、键的次序、重复的键、小数、过大的整数、过深的嵌套、非 UTF-8，各一批",
    wanted="都是 400 malformed",
)
def not_canonical(peer: Peer) -> None:
    data = peer.echo("canonical").bytes()
    body = b'"body":{"text":'
    for odd in (
        data.replace(body, b'"body": {"text":'),
        data.replace(body, b'"body":{"z":1,"text":'),
        data.replace(body, b'"body":{"text":"","text":'),
        data.replace(body, b'"body":{"a":1.5,"text":'),
        data.replace(body, b'"body":{"a":1e3,"text":'),
        data.replace(body, b'"body":{"a":9007199254740993,"text":'),
        data.replace(body, b'"body":{"a":' + b"[" * DEEP + b"]" * DEEP + b',"text":'),
        data.replace(body, b'"body":{"a":"\xff","text":'),
        data.replace(body, b'"body":{"a":"\\ud800","text":'),
    ):
        _refused_with(peer, odd)


@scenario("不是批次", "§6", sent="空内容、只有头、一段网页、一串字节", wanted="都是 400 malformed")
def no_batch(peer: Peer) -> None:
    head = peer.pack([peer.echo("no-batch")]).head_bytes
    for odd in (b"", head, b"<html></html>", bytes(range(256))):
        peer.refused(peer.ask("POST", BATCHES, odd), "malformed", status=400)


@scenario("件数太多", "§6", sent=f"一批 {MOST + 1} 件", wanted="400 malformed")
def too_many(peer: Peer) -> None:
    letters = [peer.echo("too-many", number) for number in range(1, MOST + 2)]
    peer.refused(peer.post(peer.pack(letters)), "malformed", status=400)


@scenario("超过大小", "§6", sent=f"一批 {LIMIT + 1} 字节，全部送到", wanted="413 oversize")
def oversize(peer: Peer) -> None:
    packed = peer.pack([peer.echo("oversize", body={"text": ""})])
    short = LIMIT + 1 - len(packed.bytes())
    packed = peer.pack([peer.echo("oversize", body={"text": "x" * short})])
    peer.refused(peer.post(packed), "oversize", status=413)


@scenario("满批", "§6", sent=f"一批 {MOST} 件，不到上限", wanted=f"{MOST} 件都 stored")
def full_batch(peer: Peer) -> None:
    letters = [peer.echo(f"full-{number % 10}", number // 10 + 1) for number in range(MOST)]
    peer.give(letters)
    for name in range(10):
        peer.await_echoes(letters[name::10])


@scenario("别的方法", "§7", sent="用 GET 访问收件的地址", wanted="以 4xx 拒绝")
def other_method(peer: Peer) -> None:
    came = peer.ask("GET", BATCHES)
    if not 400 <= came.status < 500:
        raise Fails(f"应当以 4xx 拒绝，实际为 {said(came)}")


def _refused_with(peer: Peer, odd: bytes) -> None:
    """One such message makes the whole batch malformed, the good one beside it too."""
    good = peer.echo("beside")
    peer.refused(peer.post(peer.pack([good, odd])), "malformed", status=400)


def _refused_head(peer: Peer, old: bytes, new: bytes) -> None:
    packed = peer.pack([peer.echo("head")])
    data = packed.head_bytes.replace(old, new)
    changed = Batch(packed.head, data, peer.signer.sign(data), packed.messages)
    peer.refused(peer.post(changed), "malformed", status=400)
