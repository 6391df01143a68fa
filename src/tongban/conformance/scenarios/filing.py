# SPDX-License-Identifier: Apache-2.0
"""A case with a file, from its opening to its withdrawal: the one way to see how files go, sealed and in parts."""

import os
from collections.abc import Callable
from typing import Any
from uuid import uuid4

from tongban.cases import chain, custody, transitions
from tongban.cases.chain import Told
from tongban.cases.custody import Party
from tongban.cases.states import Part
from tongban.catalogue import content
from tongban.catalogue.content import ItemContent
from tongban.conformance.filed import Filed
from tongban.conformance.peer import Peer, said
from tongban.conformance.scenarios.asking import handed_back
from tongban.conformance.verdict import Book, Fails, Untried
from tongban.exchange import envelope, hop, sealed_part
from tongban.exchange.envelope import Envelope
from tongban.exchange.sealed_part import Place
from tongban.exchange.transport import Answer
from tongban.standards import clock, numbers
from tongban.standards.actor import Actor, Role, system
from tongban.standards.clock import local_date
from tongban.standards.crypto import suite
from tongban.standards.refusal import Refusal

BOOK = Book()
scenario = BOOK.scenario
OPENED, MOVED, REQUESTED, ITEM = "case.opened", "case.moved", "case.requested", "item.published"
CONTENT = b"%PDF-1.7 conformance " + bytes(3_000_000)  # several parts, whatever a node asks for at once
NAMES = {"region_name": "测试", "organization_name": "协议符合性测试"}


@scenario(
    "打开办件",
    "messages.md",
    sent="按对方发布过的一个事项打开一个办件，附一份文件",
    wanted="stored；对方接过办件，发来 take 一行，续在链上",
)
def case_opened(peer: Peer) -> None:
    if not peer.may_open_case:
        raise Untried("会在对方留下一个已撤回的测试办件；确认以后加 --may-open-case")
    version, digest, item = _item(peer)
    filed, told = _begun(peer, item)
    file = {"requirement": "conformance", "filename": "测试.pdf", "media_type": "application/pdf"}
    body = {
        "case": str(filed.id),
        "receipt_no": numbers.receipt_no(filed.parties[0].region, local_date(clock.now()), _serial()),
        "mode": str(item.mode),
        "delivery": "net",
        "item": {"task_code": item.task_code, "version": version, "digest": digest},
        "parties": [_told(each) for each in filed.parties],
        "applicant": _applicant(filed.parties[0].region),
        "answers": {},
        "form": {},
        "materials": [file | {"digest": _digest(), "size": len(CONTENT)}],
        "events": [chain.plain(each) for each in told],
    }
    peer.hearing.offered[filed.subject, _digest()] = CONTENT
    peer.give([_letter(peer, filed, OPENED, body)])
    peer.filed = filed
    _await_move(peer, filed, "take", "没有接过办件")


@scenario("取走附件", "§11", sent="按段供取这份文件，每段加密给对方", wanted="对方逐段取完，每次请求都有签名")
def file_fetched(peer: Peer) -> None:
    filed, hearing = _filed(peer), peer.hearing

    def whole() -> bool:
        taken = sorted((first, last) for digest, first, last in hearing.taken if digest == _digest())
        reached = 0
        for first, last in taken:
            reached = max(reached, last + 1) if first <= reached else reached
        return reached == len(CONTENT)

    peer.wait(whole, "没有把文件取完")
    filed.fetched = True


@scenario(
    "加密的附件",
    "§11",
    sent="取回这份文件：先不带 Range，再分两段",
    wanted="400 range_needed；两段都加密给本节点，用所索取的上下文能打开，内容一致",
)
def file_sealed(peer: Peer) -> None:
    filed = _filed(peer)
    if peer.opening is None:
        raise Untried("名单上没有本节点的加密密钥，或者节点文件夹里没有它")
    if not filed.fetched:
        raise Untried("对方没有取走文件，也就没有可以取回的")
    path = hop.encoded(f"/exchange/files/{filed.subject}/{_digest()}")
    peer.wait(lambda: peer.ask("GET", path).status != 404, "对方说没有这份文件")
    peer.refused(peer.ask("GET", path), "range_needed", status=400)
    half = len(CONTENT) // 2
    for first, last in ((0, half - 1), (half, len(CONTENT) - 1)):
        came = peer.ask("GET", path, headers={"Range": f"bytes={first}-{last}"})
        if _opened(peer, filed, came, first, last) != CONTENT[first : last + 1]:
            raise Fails(f"第 {first} 至 {last} 字节的内容不对")


@scenario("代办请求", "messages.md", sent="请求撤回这个办件", wanted="对方撤回，发来 withdraw 一行，续在链上")
def case_withdrawn(peer: Peer) -> None:
    filed = _filed(peer)
    asked = {"id": str(uuid4()), "role": "applicant", "organization": ""}
    stated = {"reason": "协议符合性测试结束"}
    body = {"case": str(filed.id), "request": str(uuid4()), "move": "withdraw", "stated": stated, "actor": asked}
    peer.give([_letter(peer, filed, REQUESTED, body | {"materials": []})])
    _await_move(peer, filed, "withdraw", "没有撤回办件")


def _filed(peer: Peer) -> Filed:
    if peer.filed is None:
        raise Untried("没有打开办件")
    return peer.filed


def _item(peer: Peer) -> tuple[int, str, ItemContent]:
    """The newest version of some item that the node published; it has told us of all its items."""
    found: dict[str, tuple[int, str, ItemContent]] = {}
    for letter in handed_back(peer):
        if letter.kind != ITEM or letter.sender != peer.target.code or letter.body.get("status"):
            continue
        try:
            version, item = int(letter.body["version"]), content.read(str(letter.body["document"]).encode())
        except (KeyError, ValueError, Refusal) as wrong:
            raise Fails("对方发布的事项读不懂") from wrong
        if version >= found.get(item.task_code, (0, "", item))[0]:
            found[item.task_code] = (version, str(letter.body["digest"]), item)
    if not found:
        raise Untried("对方没有向本节点发布过事项")
    return found[min(found)]


def _begun(peer: Peer, item: ItemContent) -> tuple[Filed, list[Told]]:
    """The case as its first two lines have it: submitted here, offered there."""
    own = next(iter(peer.target.listed.node(peer.code).regions)).ljust(6, "0")
    office = item.publisher
    parties = [
        Party(1, Part.INTAKE, f"11{own}TB0000000X"[:18], region=own, node=peer.code, **NAMES),
        Party(2, Part.HANDLING, office.code, office.name, office.region, office.name, peer.target.code),
    ]
    filed = Filed(uuid4(), parties, next(iter(transitions.NEW)))
    applicant = Actor(uuid4(), Role.APPLICANT, "", peer.code)
    told = [_line(peer, filed, name, by) for name, by in (("submit", applicant), ("offer", system(peer.code)))]
    return filed, told


def _line(peer: Peer, filed: Filed, name: str, by: Actor) -> Told:
    move = transitions.move_named(name)
    told = chain.next_line(
        suite(peer.signer.suite),
        filed.head,
        case=filed.id,
        move=move,
        state=move.leads_to(filed.state),
        holding=custody.after(filed.head.holding, move, filed.parties),
        at=clock.now(),
        node=peer.code,
        actor=by,
        facts={"stated": {}},
        internal={},
    )
    filed.state = move.leads_to(filed.state)
    filed.go_on(told)
    return told


def _await_move(peer: Peer, filed: Filed, move: str, otherwise: str) -> None:
    """Fails unless the node tells of this move, in lines that continue the chain."""
    peer.wait(_telling(peer, filed, move), f"{peer.patience:.0f} 秒内{otherwise}")


def _telling(peer: Peer, filed: Filed, move: str) -> Callable[[], bool]:
    def told() -> bool:
        letters = [envelope.read(data) for data in list(peer.hearing.messages.values())]
        about = sorted((one for one in letters if one.subject == filed.subject), key=lambda one: one.sequence)
        events = [event for one in about if one.kind == MOVED for event in one.body["events"]]
        try:
            for event in events[max(0, filed.head.length - 2) :]:
                sender, case = peer.target.code, str(filed.id)
                filed.go_on(chain.follow(event, filed.head, case=case, sender=sender, parties=filed.parties))
        except Refusal as no:
            raise Fails(f"对方发来的一行接不上：{no.sentence}") from no
        return move in filed.moves

    return told


def _opened(peer: Peer, filed: Filed, came: Answer, first: int, last: int) -> bytes:
    """The content of a part. Fails unless it is sealed to this peer, for exactly what was asked."""
    assert peer.opening is not None
    if came.status != 206:
        raise Fails(f"应当以 206 给出一段，实际为 {said(came)}")
    place = Place(peer.target.code, peer.code, filed.subject, _digest(), len(CONTENT), first, last)
    try:
        key_id = sealed_part.key_in(came.content_type)
        if key_id != peer.opening.key_id:
            raise Fails(f"应当加密给 {peer.opening.key_id}，实际{'没有加密' if key_id is None else f'为 {key_id}'}")
        return sealed_part.unseal(place, came.body, peer.opening)
    except Refusal as no:
        raise Fails(f"加密的一段打不开：{no.sentence}") from no


def _letter(peer: Peer, filed: Filed, kind: str, body: dict[str, Any]) -> Envelope:
    filed.sequence += 1
    return peer.echo("case", filed.sequence, kind=kind, subject=filed.subject, body=body)


def _told(party: Party) -> dict[str, Any]:
    words = {name: getattr(party, name) for name in ("number", "organization", "organization_name", "region")}
    return words | {
        "part": str(party.part),
        "region_name": party.region_name,
        "node": party.node,
        "phone": party.phone,
    }


def _applicant(region: str) -> dict[str, str]:
    """Nobody: a number that no person can have."""
    who = {"name": "协议符合性测试", "id_type": "resident_id", "id_number": "990000199001010010"}
    return who | {"phone": "", "home_region": region, "level": "real_name"}


def _digest() -> str:
    return suite("ed25519").digest(CONTENT)


def _serial() -> int:
    return 1 + int.from_bytes(os.urandom(3)) % 9_000_000
