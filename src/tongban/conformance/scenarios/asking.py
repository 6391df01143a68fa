# SPDX-License-Identifier: Apache-2.0
"""The other doors: the trust list, witnesses, files, questions, gaps, and what is handed back after a restore."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tongban.conformance.hearing import AGAIN, ECHO, ECHOED, RETURNED
from tongban.conformance.peer import Peer, said, told
from tongban.conformance.target import LIST
from tongban.conformance.verdict import Book, Fails
from tongban.exchange import batch, envelope, hop, question
from tongban.exchange.envelope import Envelope, instant, read_instant
from tongban.exchange.errors import ExchangeRefusal
from tongban.exchange.question import Question
from tongban.regions import trustlist
from tongban.standards import clock
from tongban.standards.canonical import canonical, parse
from tongban.standards.crypto import merkle, suite
from tongban.standards.refusal import Refusal
from tongban.standards.signer import Signed, signed

BOOK = Book()
scenario = BOOK.scenario
QUESTIONS, WITNESS = "/exchange/questions", "/exchange/witness"
MINUTE = timedelta(minutes=1)
PAGES = 500  # of what is handed back
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@scenario(
    "信任名单", "§4", sent="GET 信任名单；再带 after 索取，after 为非数字", wanted="现行名单；其后的名单；400 malformed"
)
def trust_lists(peer: Peer) -> None:
    serial = peer.target.listed.serial
    came = peer.put("GET", f"{LIST}?after={serial - 1}", {}, b"")
    try:
        lists = trustlist.unpacked_lists(came.body) if came.status == 200 else None
    except Refusal as no:
        raise Fails(f"after 的答复不能读：{no.sentence}") from no
    if not lists or trustlist.read(lists[0].data).serial != serial:
        raise Fails(f"after={serial - 1} 应当给出第 {serial} 号名单，实际为 {said(came)}")
    peer.refused(peer.put("GET", f"{LIST}?after=x", {}, b""), "malformed", status=400)
    peer.target.listed.require_unexpired(clock.now())


@scenario("见证", "§14", sent="GET 本节点树头的见证", wanted="对方签名的声明，字段完整，说的是本节点")
def witnessed(peer: Peer) -> None:
    came = peer.ask("GET", WITNESS)
    if came.status != 200:
        raise Fails(f"应当给出声明，实际为 {said(came)}")
    words = _signed_document(peer, told(came), "statement")
    if set(words) != {"v", "witness", "of", "at", "heads"} or not isinstance(words["heads"], list):
        raise Fails("声明的字段与协议不同")
    if (words["v"], words["witness"], words["of"]) != (1, peer.target.code, peer.code):
        raise Fails("声明说的不是对方所见证的本节点")


@scenario("没有提供的文件", "§11", sent="GET 一份从未提供给本节点的文件", wanted="404 not_offered")
def file_not_offered(peer: Peer) -> None:
    path = hop.encoded(f"/exchange/files/{peer.subject('文件 1')}/sha256:{'0' * 64}")
    peer.refused(peer.ask("GET", path), "not_offered", status=404)


@scenario("没有签名而索取", "§7", sent="不签名，索取见证", wanted="以 403 拒绝")
def unsigned_get(peer: Peer) -> None:
    peer.refused(
        peer.put("GET", WITNESS, {"Tongban-Node": peer.code}, b""), "unknown_key", "signature_invalid", status=403
    )


@scenario(
    "查询：不认识的种类",
    "§12",
    sent="一问没有人会答的；同一问再问一次；同一编号换一问",
    wanted="签了名的 unknown_question；同样的答复；409 id_reused",
)
def unknown_question(peer: Peer) -> None:
    asked = _question(peer)
    first = _ask(peer, asked)
    reply = question.read_reply(_document(peer, told(first), "document"), question=asked.id)
    key = peer.target.key(str(told(first)["key_id"]), clock.now())
    if reply.question != suite(key.suite).digest(asked.bytes()):
        raise Fails("答复里的摘要不是这一问的")
    if reply.outcome != "unknown_question":
        raise Fails(f"应当答 unknown_question，实际为 {reply.outcome[:60]}")
    if _ask(peer, asked).body != first.body:
        raise Fails("同一问再问一次，答复不同")
    peer.refused(_put_question(peer, replace(asked, purpose="另一问")), "id_reused", status=409)


@scenario("查询：过期的", "§12", sent="时限已过的一问", wanted="签了名的 question_expired")
def expired_question(peer: Peer) -> None:
    asked = _question(peer, asked_at=clock.now() - 2 * MINUTE, expires_at=clock.now() - MINUTE)
    reply = question.read_reply(_document(peer, told(_ask(peer, asked)), "document"), question=asked.id)
    if reply.outcome != "question_expired":
        raise Fails(f"应当答 question_expired，实际为 {reply.outcome[:60]}")


@scenario(
    "查询：冒别人之名", "§12", sent="写着别的节点所问、问别的节点的两问", wanted="403 wrong_sender；421 wrong_recipient"
)
def question_of_others(peer: Peer) -> None:
    peer.refused(_put_question(peer, _question(peer, asker="990000")), "wrong_sender", status=403)
    peer.refused(_put_question(peer, _question(peer, asked="990000")), "wrong_recipient", status=421)


@scenario("请对方补发", "§9", sent="说自己缺少一件回声", wanted="答 again 1；那一件以同样的字节再来一次")
def asked_again(peer: Peer) -> None:
    one = peer.echo("again")
    peer.give([one])
    peer.await_echoes([one])
    place, came = peer.back(one.subject)[0].place, peer.hearing.arrivals(ECHOED, one.subject)
    body = canonical({"v": 1, "subject": one.subject, "after": place - 1, "before": place + 1})

    def says() -> bool:  # what came may still be on its way to being noted as acknowledged
        answer = peer.ask("POST", AGAIN, body)
        if answer.status != 200 or told(answer) not in ({"again": n, "refused": [], "v": 1} for n in (0, 1)):
            raise Fails(f"应当答 again 与 refused，实际为 {said(answer)}")
        return bool(told(answer)["again"] == 1)

    peer.wait(says, "对方说没有可以补发的")
    peer.wait(lambda: peer.hearing.arrivals(ECHOED, one.subject) > came, "说了补发，却没有再来")


@scenario(
    "从备份恢复",
    "§9",
    sent="以现在的纪元索取一刻钟来的往来",
    wanted="本节点的回声请求和对方的回声都在，每件都带证明且能核验",
)
def returned(peer: Peer) -> None:
    one = peer.echo("returned")
    peer.give([one])
    peer.await_echoes([one])
    peer.wait(lambda: _handed_back(peer) >= {(ECHO, one.subject), (ECHOED, one.subject)}, "没有归还刚才的往来")


def _handed_back(peer: Peer) -> set[tuple[str, str]]:
    """Kind and subject of all that is handed back, each item proven."""
    return {_proven(peer, item) for item in _items(peer, clock.now() - 15 * MINUTE)}


def handed_back(peer: Peer) -> Iterator[Envelope]:
    """All that ever crossed between the two, as the node hands it back."""
    for item in _items(peer, LONG_AGO):
        try:
            yield envelope.read(str(item["envelope"]).encode())
        except (KeyError, TypeError, Refusal) as wrong:
            raise Fails(f"归还的一件读不懂：{type(wrong).__name__}") from wrong


def _items(peer: Peer, since: datetime) -> Iterator[Mapping[str, Any]]:
    """Every item on every page."""
    cursor = ""
    for _ in range(PAGES):
        body = canonical({"v": 1, "epoch": peer.epoch, "since": instant(since), "cursor": cursor})
        came = peer.ask("POST", RETURNED, body)
        page = told(came)
        if came.status != 200 or set(page) != {"v", "items", "next"}:
            raise Fails(f"应当给出 v、items、next，实际为 {said(came)}")
        yield from page["items"]
        cursor = str(page["next"])
        if not cursor:
            return
    raise Fails(f"翻了 {PAGES} 页还没有完")


def _proven(peer: Peer, item: Mapping[str, Any]) -> tuple[str, str]:
    """What an item is; Fails unless it proves itself."""
    try:
        data, head_bytes = str(item["envelope"]).encode(), str(item["head"]).encode()
        letter, head, shown = envelope.read(data), batch.read_head(head_bytes), item["proof"]
        path = [bytes.fromhex(step) for step in shown["path"]]
        author = peer.target.listed.node(letter.sender)
        key = next(key for key in author.keys if key.use == "exchange" and key.id == head.key_id)
        theirs = suite(key.suite)
        genuine = theirs.verify(key.public_bytes, head_bytes, bytes.fromhex(item["signature"]))
        leaf, root = merkle.leaf_hash(theirs, data), bytes.fromhex(head.root)
        held = merkle.verify_path(theirs, leaf, shown["index"], shown["size"], path, root)
    except (KeyError, TypeError, ValueError, StopIteration, Refusal) as wrong:
        raise Fails(f"归还的一件读不懂：{type(wrong).__name__}") from wrong
    if not (genuine and held and head.sender == letter.sender):
        raise Fails(f"归还的报文 {letter.id} 的证明不成立")
    if {letter.sender, letter.recipient} != {peer.code, peer.target.code}:
        raise Fails("归还了与本节点无关的报文")
    return letter.kind, letter.subject


def _question(peer: Peer, **changed: Any) -> Question:
    words: dict[str, Any] = {
        "id": uuid4(),
        "asker": peer.code,
        "asked": peer.target.code,
        "kind": peer.unread,
        "purpose": "协议符合性测试",
        "basis": "节点间协议第 12 节",
        "subject": "",
        "actor": f"system:{peer.code}",
        "asked_at": clock.now(),
        "expires_at": clock.now() + MINUTE,
        "body": {},
    }
    return Question(**(words | changed))


def _put_question(peer: Peer, asked: Question) -> Any:
    return peer.ask("POST", QUESTIONS, question.wire(signed(peer.signer, asked.bytes())))


def _ask(peer: Peer, asked: Question) -> Any:
    came = _put_question(peer, asked)
    if came.status != 200:
        raise Fails(f"应当给出签名的答复，实际为 {said(came)}")
    return came


def _document(peer: Peer, words: Mapping[str, Any], name: str) -> bytes:
    """The signed document of this name in an answer. Fails unless the node signed it."""
    try:
        document = str(words[name]).encode()
        peer.target.verify(
            Signed(document, bytes.fromhex(words["signature"]), str(words["key_id"]), str(words["suite"])), clock.now()
        )
        return document
    except (KeyError, TypeError, ValueError) as wrong:
        raise Fails(f"答复没有签名的 {name}") from wrong


def _signed_document(peer: Peer, words: Mapping[str, Any], name: str) -> dict[str, Any]:
    try:
        read = parse(_document(peer, words, name), strict=True)
        read_instant(str(read["at"]))
    except (ValueError, KeyError, TypeError, ExchangeRefusal) as wrong:
        raise Fails(f"{name} 不是规范的 JSON，或缺少时间") from wrong
    return dict(read)
