# SPDX-License-Identifier: Apache-2.0
"""What a node tells all others of licences: the types it goes by, and what its region accepts (messages.md).

Nothing comes back for them. But a receiver that misses a message asks for it, and says up to which it has applied
(§9): so a number is left out on purpose, and what is asked tells what took effect and what was set aside.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tongban.conformance.peer import Peer
from tongban.conformance.scenarios.asking import handed_back
from tongban.conformance.scenarios.forged import STRANGER
from tongban.conformance.verdict import Book, Fails, Untried
from tongban.exchange.envelope import Envelope, instant
from tongban.standards import clock
from tongban.standards.canonical import canonical
from tongban.standards.clock import local_date
from tongban.standards.crypto import suite
from tongban.standards.identifiers import make_credit_code

BOOK = Book()
scenario = BOOK.scenario
TYPE, RECOGNITION = "licence.type", "licence.recognition"
CATEGORY, REGION = "11", "990000"  # of an authority that does not exist
STORED, UNKNOWN = "stored", "unknown_kind"
SETTLING = 3.0  # seconds between what a node asks of one subject and of another


@dataclass
class Line:
    """Letters of one kind in one subject; the number after the last of them is left out until all is seen."""

    peer: Peer
    kind: str
    subject: str
    letters: list[Envelope] = field(default_factory=list)
    last: int = 0  # number of the last letter before these

    def tell(self, body: dict[str, Any]) -> None:
        """One more."""
        number = self.last + len(self.letters) + 1
        self.letters.append(self.peer.echo("told", number, kind=self.kind, subject=self.subject, body=body))

    @property
    def missing(self) -> int:
        """The number that is left out."""
        return self.last + len(self.letters) + 1

    def after_the_gap(self) -> Envelope:
        """What shows the receiver that one is missing."""
        return replace(self._again(), sequence=self.missing + 1)

    def filling(self) -> Envelope:
        """What was missing, so that nothing of this run waits."""
        return replace(self._again(), sequence=self.missing)

    def applied(self) -> int:
        """Up to which number the node says that it has applied them; 0 when it has not asked."""
        told = [one for one in self.peer.hearing.asked if one["subject"] == self.subject]
        return max((one["after"] for one in told if one["before"] > one["after"] + 1), default=0)

    def _again(self) -> Envelope:
        """The last one in another letter: a version that is known changes nothing."""
        body = self.letters[-1].body
        return self.peer.echo("told", kind=self.kind, subject=self.subject, body=body)


@scenario(
    "告知证照类型和互认清单",
    "messages.md",
    sent="两种报文，各先发较新的版本，再发较旧的，然后空一个序号",
    wanted="都 stored，都生效：来要空着的那一件时，说已经生效到较旧的版本",
)
def told_and_applied(peer: Peer) -> None:
    lines = [_good(peer), _lists(peer)]
    _send(peer, lines)
    for each in lines:
        _await_applied(peer, each)
    peer.give([each.filling() for each in lines])


@scenario(
    "不合格式的证照类型",
    "messages.md",
    sent="缺摘要、版本不是数字、内容不是证照类型、摘要不符、主题是另一类、同一版本换了内容，各一件，后面空一个序号",
    wanted="stored，但不生效：各自的主题停住，别的主题照常",
)
def odd_types(peer: Peer) -> None:
    _require_set_aside(peer, list(_odd(peer)))


@scenario(
    "替别的节点公布互认清单",
    "messages.md",
    sent="两件互认清单：一件信封写着别的发送方，一件主题写着别的节点",
    wanted="前一件 wrong_sender；后一件 stored，但不生效",
)
def list_of_another(peer: Peer) -> None:
    subject = f"recognition/{STRANGER}"
    named = peer.echo("told", kind=RECOGNITION, subject=subject, body=_list(peer, 1), sender=STRANGER)
    peer.give([named], ["wrong_sender"])
    _require_set_aside(peer, [_line(peer, RECOGNITION, f"{subject}/{peer.run}", _list(peer, 1))])


def _good(peer: Peer) -> Line:
    """Two versions of a type that nobody has heard of, the newer one first."""
    code = _code()
    return _line(peer, TYPE, f"licence-type/{code}", _type(peer, code, 2), _type(peer, code, 1))


def _lists(peer: Peer) -> Line:
    """Two versions of the played region's list after those that the node has; what an earlier run left out, too."""
    subject = f"recognition/{peer.code}"
    told = {
        letter.sequence: int(letter.body.get("version", 0))
        for letter in handed_back(peer)
        if (letter.sender, letter.subject) == (peer.code, subject)
    }
    last, version = max(told, default=0), max(told.values(), default=0)
    left_out = [number for number in range(1, last) if number not in told]
    line = _line(peer, RECOGNITION, subject, *(_list(peer, version + more) for more in (2, 1)), last=last)
    older = [replace(line.filling(), sequence=number) for number in left_out]
    if older:
        peer.give(older)
    return line


def _odd(peer: Peer) -> Iterator[Line]:
    """Letters that are no type by which the sender goes, each in the subject of a type of its own."""

    def of(code: str, *bodies: dict[str, Any]) -> Line:
        return _line(peer, TYPE, f"licence-type/{code}", *bodies)

    codes = [_code() for _ in range(7)]
    bodies = [_type(peer, code, 1) for code in codes]
    yield of(codes[0], {name: word for name, word in bodies[0].items() if name != "digest"})
    yield of(codes[1], bodies[1] | {"version": "1"})
    yield of(codes[2], bodies[2] | _frozen(peer, {"code": codes[2]}))
    yield of(codes[3], bodies[3] | {"digest": bodies[4]["digest"]})
    yield of(codes[4], bodies[5])
    yield of(codes[6], bodies[6], _type(peer, codes[6], 1, name="另一个名称"))


def _line(peer: Peer, kind: str, subject: str, *bodies: dict[str, Any], last: int = 0) -> Line:
    """Letters with these bodies, after the one with number `last`."""
    line = Line(peer, kind, subject, last=last)
    for body in bodies:
        line.tell(body)
    return line


def _send(peer: Peer, lines: Sequence[Line]) -> None:
    """All of them in one batch. Untried when the node reads no such kind, Fails when it does not store one."""
    letters = [letter for each in lines for letter in [*each.letters, each.after_the_gap()]]
    packed = peer.pack(letters)
    answers = peer.answers(packed, peer.post(packed))
    if unread := sorted({letter.kind for letter in letters if answers.get(str(letter.id)) == UNKNOWN}):
        raise Untried(f"对方不认识 {'、'.join(unread)}：这是后来增加的种类")
    if set(answers.values()) != {STORED}:
        raise Fails(f"应当逐件回答 {STORED}，实际为 {'、'.join(sorted(set(answers.values())))}")


def _await_applied(peer: Peer, line: Line) -> None:
    """Fails unless the node asks for what was left out, and has applied all before it."""
    peer.wait(lambda: line.applied() > 0, f"{peer.patience:.0f} 秒内没有来要 {line.subject} 中空着的一件")
    if line.applied() != line.missing - 1:
        raise Fails(f"{line.subject} 应当生效到第 {line.missing - 1} 件，实际为第 {line.applied()} 件")


def _require_set_aside(peer: Peer, odd: Sequence[Line]) -> None:
    """Fails when the last of an odd line took effect; a good one shows that the node has had the time to say so."""
    good = _good(peer)
    _send(peer, [good, *odd])
    _await_applied(peer, good)
    peer.give([good.filling()])
    peer.rest(SETTLING)
    for each in odd:
        if each.applied() >= each.missing - 1:
            raise Fails(f"{each.subject} 第 {each.missing - 1} 件应当搁置，实际已经生效")


def _code() -> str:
    """Of a type that no other run has told of."""
    return f"{make_credit_code(CATEGORY, REGION, random.randrange(10**8))}001"  # noqa: S311  no secret


def _type(peer: Peer, code: str, version: int, name: str = "协议符合性测试") -> dict[str, Any]:
    """A version of a type of licence that nobody gives."""
    said: dict[str, Any] = {"code": code, "name": name, "definer_name": "协议符合性测试", "holders": ["person"]}
    said |= {"fields": [], "validity": {"rule": "none"}, "wording": {"style": "certificate"}}
    return {"version": version, "effective_from": local_date(clock.now()).isoformat()} | _frozen(peer, said)


def _list(peer: Peer, version: int) -> dict[str, Any]:
    """A version of a list on which nothing stands."""
    return {"version": version, "published_at": instant(clock.now())} | _frozen(peer, [])


def _frozen(peer: Peer, said: dict[str, Any] | list[Any]) -> dict[str, Any]:
    """The document with its digest in the sender's suite."""
    document = canonical(said)
    return {"document": document.decode(), "digest": suite(peer.signer.suite).digest(document)}
