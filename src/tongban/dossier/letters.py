# SPDX-License-Identifier: Apache-2.0
"""Messages in a dossier: who signed each, who acknowledged it, and what it told of the case. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import Any

from tongban.dossier.contents import Letter, SignedText
from tongban.dossier.report import Report, when
from tongban.dossier.trust import Trust
from tongban.exchange import acknowledgement, batch, envelope
from tongban.exchange.batch import Head
from tongban.exchange.envelope import Envelope
from tongban.standards.crypto import merkle, suite
from tongban.standards.refusal import Refusal
from tongban.standards.signer import Signed

PART = "报文"
TAKEN = (acknowledgement.STORED, acknowledgement.DUPLICATE)
KINDS = {
    "case.opened": "打开办件",
    "case.moved": "办件进展",
    "case.requested": "代办请求",
    "case.answered": "对请求的答复",
}


@dataclass
class Heard:
    """What proven messages told; bodies are not kept."""

    lines: dict[bytes, set[str]] = field(default_factory=dict)  # hash of a chain line's text → who signed it
    acknowledged: set[bytes] = field(default_factory=set)  # likewise: told in a message that the other side took
    files: set[str] = field(default_factory=set)  # digests
    opened: Mapping[str, Any] | None = None
    sequences: dict[tuple[str, str], set[int]] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)


def line_key(text: str) -> bytes:
    """A chain line as it is remembered."""
    return sha256(text.encode()).digest()


def check(name: str, letter: Letter, subject: str, node: str, trust: Trust, heard: Heard, report: Report) -> None:
    """One message: everything that proves it, or the first thing that does not fit."""
    try:
        head, message = batch.read_head(letter.head.encode()), envelope.read(letter.envelope.encode())
    except Refusal as no:
        report.broken(PART, f"{name}：{no.sentence}")
        return
    why = _why_not(letter, head, message, subject, node, trust)
    if not why and str(message.id) in heard.ids:
        why = "同一报文出现了两次"
    if why:
        report.broken(PART, f"{name}：{why}。")
        return
    heard.ids.add(str(message.id))
    heard.sequences.setdefault((message.sender, message.recipient), set()).add(message.sequence)
    what = f"{trust.name(message.sender)}发给{trust.name(message.recipient)}的第 {message.sequence} 号报文"
    kind = KINDS.get(message.kind, message.kind)
    at = when(message.occurred_at)
    report.proven(PART, f"{name}：{what}（{kind}，{at}），发送方签名有效，一字未改。")
    taken = _acknowledged(name, letter.acknowledgement, head, message, trust, report)
    _listen(message, taken, heard)


def _why_not(letter: Letter, head: Head, message: Envelope, subject: str, node: str, trust: Trust) -> str:
    if message.subject != subject:
        return f"这是另一对象（{message.subject}）的报文，不属于本办件"
    if (message.sender, message.recipient) != (head.sender, head.recipient):
        return "报文的收发双方与批次不一致"
    if node not in (head.sender, head.recipient):
        return "报文与导出节点无关"
    signed = Signed(letter.head.encode(), bytes.fromhex(letter.signature), head.key_id, head.suite)
    why = trust.signature(head.sender, signed, head.created_at, head.trust_serial)
    if not why and not _is_in_batch(letter, head):
        why = "报文不在已签名的批次中，内容或路径被改动过"
    return why


def _is_in_batch(letter: Letter, head: Head) -> bool:
    theirs = suite(head.suite)
    leaf, root = merkle.leaf_hash(theirs, letter.envelope.encode()), bytes.fromhex(head.root)
    path = [bytes.fromhex(step) for step in letter.path]
    return letter.size == head.count and merkle.verify_path(theirs, leaf, letter.index, letter.size, path, root)


def _acknowledged(
    name: str, word: SignedText | None, head: Head, message: Envelope, trust: Trust, report: Report
) -> bool:
    """Whether the recipient's signed acknowledgement says that it has this message."""
    to = trust.name(head.recipient)
    if word is None:
        report.missing(PART, f"{name}：没有{to}的回执，不能证明对方已经收到。")
        return False
    signed = Signed(word.document.encode(), bytes.fromhex(word.signature), word.key_id, word.suite)
    at: datetime | None = acknowledgement.said_at(signed.data)
    why = "回执没有时间" if at is None else trust.signature(head.recipient, signed, at)
    try:
        told = acknowledgement.answers(signed.data, batch=head.batch, recipient=head.recipient, root=head.root)
    except Refusal as no:
        why = why or no.sentence.rstrip("。")
        told = {}
    if why or at is None:
        report.broken(PART, f"{name}：回执不能采信，{why}。")
        return False
    answer = told.get(str(message.id), "")
    if answer in TAKEN:
        report.proven(PART, f"{name}：{to}于 {when(at)} 签名确认收到。")
        return True
    report.unproven(PART, f"{name}：{to}答复“{answer or '未提及'}”，没有收下这份报文。")
    return False


def _listen(message: Envelope, taken: bool, heard: Heard) -> None:
    """Remember what the body tells of lines and files; a body of an odd shape tells nothing."""
    body = message.body
    for event in _dicts(body.get("events")):
        key = line_key(str(event.get("line")))
        heard.lines.setdefault(key, set()).add(message.sender)
        if taken:
            heard.acknowledged.add(key)
        facts = event.get("facts")
        _files(facts if isinstance(facts, dict) else {}, heard)
    _files(body, heard)
    if message.kind == "case.opened" and heard.opened is None:
        heard.opened = {**body, "node": message.sender}


def _files(told: Mapping[str, Any], heard: Heard) -> None:
    heard.files |= {str(file.get("digest")) for file in _dicts(told.get("materials"))}


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def gaps(heard: Heard, trust: Trust, report: Report) -> None:
    """Numbers of messages that must have been sent and are not here."""
    for (sender, recipient), numbers in sorted(heard.sequences.items()):
        absent = [number for number in range(1, min(max(numbers), 100_000)) if number not in numbers]
        if absent:
            told = "、".join(map(str, absent[:10])) + ("……" if len(absent) > 10 else "")
            report.missing(PART, f"{trust.name(sender)}发给{trust.name(recipient)}的报文缺少第 {told} 号。")
