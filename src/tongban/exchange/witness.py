# SPDX-License-Identifier: Apache-2.0
"""What a witness makes of a peer's tree head, and how witnesses tell what they hold. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal

import msgspec

from tongban.exchange.envelope import Word, instant, read_instant, shaped
from tongban.exchange.errors import AnswerInvalid, ExchangeRefusal, HeadInvalid
from tongban.ledger import heads
from tongban.ledger.heads import After, Mark, NotAHead, TreeHead
from tongban.standards.canonical import canonical, parse
from tongban.standards.crypto import Suite
from tongban.standards.signer import Signed

VERSION = 1
LONGEST = 128  # hashes of a proof: two for each level of any tree there will ever be
Hex = Annotated[str, msgspec.Meta(max_length=2000, pattern=r"^([0-9a-f]{2})+\Z")]
Step = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class Standing(StrEnum):
    """How a head stands to those that the witness held before it."""

    FIRST = "first"
    CONSISTENT = "consistent"
    RESTARTED = "restarted"  # a new epoch, declared: the node came back from a backup
    UNLINKED = "unlinked"  # a head in between is missing here, so nothing can be said
    CONFLICT = "conflict"  # one of the two heads is not of an honest diary


@dataclass(frozen=True)
class Verdict:
    """What was found; `against` is the head that a conflict contradicts."""

    standing: Standing
    why: str = ""
    against: Mark | None = None


class Words(msgspec.Struct, frozen=True):
    """The body of `ledger.head`."""

    head: Annotated[str, msgspec.Meta(max_length=2000)]
    signature: Hex
    key_id: Word
    suite: Word
    since: Mark | None
    proof: Annotated[tuple[Step, ...], msgspec.Meta(max_length=LONGEST)]


@dataclass(frozen=True)
class Told:
    """A head as a peer told it, with the proof that it goes on from an earlier one."""

    head: TreeHead
    signed: Signed
    since: Mark | None
    proof: tuple[bytes, ...]


def body(signed: Signed, since: Mark | None, proof: Sequence[bytes]) -> dict[str, Any]:
    """What a message of kind `ledger.head` says."""
    return _plain(signed) | {
        "since": None if since is None else msgspec.to_builtins(since),
        "proof": [step.hex() for step in proof],
    }


def read(told: Mapping[str, Any], node: str) -> Told:
    """The head in a body, of this very node. HeadInvalid when it is none; its signature is still to be checked."""
    try:
        words = msgspec.convert(dict(told), Words)
        head = heads.read(words.head.encode())
    except (msgspec.ValidationError, NotAHead, ValueError) as wrong:
        raise HeadInvalid(why="格式不符") from wrong
    if head.node != node:
        raise HeadInvalid(why="树头写的是另一个节点")
    signed = Signed(words.head.encode(), bytes.fromhex(words.signature), words.key_id, words.suite)
    return Told(head, signed, words.since, tuple(bytes.fromhex(step) for step in words.proof))


@dataclass(frozen=True)
class Held:
    """What the witness holds that bears on a head."""

    newest: TreeHead | None  # the last one that stood
    same_place: Mark | None  # of the same epoch and size
    base: Mark | None  # the one the proof begins with
    holds_kept: bool  # whether any head lies in what a new epoch claims to have kept


def judge(suite: Suite, told: Told, held: Held) -> Verdict | None:
    """How a head stands to what is held; None when it is held already."""
    head, newest = told.head, held.newest
    if held.same_place is not None:
        same = held.same_place.root == head.root
        return None if same else _conflict("同一长度的账本树有两个不同的根", held.same_place)
    if newest is None:
        return Verdict(Standing.FIRST)
    if head.epoch == newest.epoch:
        return _continued(suite, told, held, newest)
    if head.epoch < newest.epoch:
        return _conflict("树头属于已经被取代的纪元", newest.mark)
    return _restarted(suite, told, held, newest)


def _continued(suite: Suite, told: Told, held: Held, newest: TreeHead) -> Verdict:
    """Within an epoch a head must be proven to go on from the newest one that is held."""
    head = told.head
    if head.size < newest.size:
        return _conflict("账本树比见证过的短，又没有申明新的纪元", newest.mark)
    if head.after != newest.after:
        return _conflict("同一纪元申明了不同的起点", newest.mark)
    if told.since is not None and held.base is None and told.since.size > newest.size:
        return Verdict(Standing.UNLINKED, "中间的树头没有收到，不能核对是否衔接")
    if held.base != newest.mark:
        return _conflict("没有给出与最近一个树头衔接的证明", newest.mark)
    if not heads.continues(suite, newest.mark, head.mark, told.proof):
        return _conflict("账本树不是在见证过的树头上续写的", newest.mark)
    return Verdict(Standing.CONSISTENT)


def _restarted(suite: Suite, told: Told, held: Held, newest: TreeHead) -> Verdict:
    """A new epoch must say behind which head it goes on, not less than what is held, and keep what it kept."""
    after = told.head.after
    if after is None:
        return _conflict("进入新的纪元却没有申明起点", newest.mark)
    if (after.epoch, after.size) < (newest.epoch, newest.size):
        return _conflict("申明的起点早于本节点见证过的树头", newest.mark)
    if (after.epoch, after.size) == (newest.epoch, newest.size) and after.root != newest.root:
        return _conflict("申明的起点与本节点见证过的树头不同", newest.mark)
    return _kept(suite, told, held, after, newest)


def _kept(suite: Suite, told: Told, held: Held, after: After, newest: TreeHead) -> Verdict:
    """What the backup is said to have kept must be what was witnessed."""
    base = held.base
    lost = _lost(after.size - after.kept)
    if base is None and held.holds_kept:
        return _conflict("没有证明恢复后保留的部分未被改动", newest.mark)
    if base is None:
        return Verdict(Standing.RESTARTED, f"{lost}保留的部分在本节点没有见证过")
    if base.size > after.kept or not heads.continues(suite, base, told.head.mark, told.proof):
        return _conflict("恢复后保留的部分与见证过的树头不一致", base)
    return Verdict(Standing.RESTARTED, f"{lost}前 {base.size} 行与见证过的一致")


def _lost(lines: int) -> str:
    return f"从备份恢复，失去 {lines} 行；" if lines else "从备份恢复，没有失去见证过的行；"


def _conflict(why: str, against: Mark) -> Verdict:
    return Verdict(Standing.CONFLICT, why, against)


# What a witness answers when it is asked what it holds


class HeldHead(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One head as a witness holds it."""

    head: Annotated[str, msgspec.Meta(max_length=2000)]
    signature: Hex
    key_id: Word
    suite: Word
    standing: Standing
    received_at: Word

    @property
    def signed(self) -> Signed:
        """The head with its maker's signature."""
        return Signed(self.head.encode(), bytes.fromhex(self.signature), self.key_id, self.suite)


class Said(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A statement as it is written."""

    v: Literal[1]
    witness: Word
    of: Word
    at: Word
    heads: Annotated[tuple[HeldHead, ...], msgspec.Meta(max_length=500)]


@dataclass(frozen=True)
class Testimony:
    """What a witness says it holds of a node's diary."""

    witness: str
    of: str
    at: datetime
    heads: tuple[HeldHead, ...]  # newest first


def held_head(signed: Signed, standing: str, received_at: datetime) -> dict[str, Any]:
    """One head of a statement."""
    return _plain(signed) | {"standing": standing, "received_at": instant(received_at)}


def statement(witness: str, of: str, at: datetime, held: Sequence[Mapping[str, Any]]) -> bytes:
    """The bytes that a witness signs."""
    told = [dict(each) for each in held]
    return canonical({"v": VERSION, "witness": witness, "of": of, "at": instant(at), "heads": told})


def read_statement(document: bytes) -> Testimony:
    """The statement in these bytes, unverified. AnswerInvalid when it is none."""
    try:
        told = shaped(document, Said)
        return Testimony(told.witness, told.of, read_instant(told.at), told.heads)
    except ExchangeRefusal as wrong:
        raise AnswerInvalid(why="内容") from wrong


def wire(answer: Signed) -> bytes:
    """A statement as it travels: the signed bytes as text, then who signed."""
    return canonical(
        {
            "statement": answer.data.decode(),
            "signature": answer.signature.hex(),
            "key_id": answer.key_id,
            "suite": answer.suite,
        }
    )


def unwire(data: bytes) -> Signed:
    """The signed statement in an answer, unverified. AnswerInvalid when it is none."""
    try:
        told = parse(data, strict=True)
        signature = bytes.fromhex(told["signature"])
        signed = Signed(told["statement"].encode(), signature, str(told["key_id"]), str(told["suite"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise AnswerInvalid(why="格式") from wrong
    if wire(signed) != data:
        raise AnswerInvalid(why="格式")
    return signed


def _plain(signed: Signed) -> dict[str, Any]:
    return {
        "head": signed.data.decode(),
        "signature": signed.signature.hex(),
        "key_id": signed.key_id,
        "suite": signed.suite,
    }
