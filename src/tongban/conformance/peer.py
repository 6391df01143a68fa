# SPDX-License-Identifier: Apache-2.0
"""The peer that the kit plays: it writes, signs, sends, and reads what comes back as strictly as the protocol is."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from tongban.conformance.filed import Filed
from tongban.conformance.hearing import BATCHES, ECHO, Echoed, Hearing
from tongban.conformance.line import Line
from tongban.conformance.target import Target
from tongban.conformance.verdict import Fails
from tongban.exchange import acknowledgement, batch, hop
from tongban.exchange.batch import Batch
from tongban.exchange.envelope import Envelope, read_instant
from tongban.exchange.errors import AnswerInvalid, Malformed, Unreachable
from tongban.exchange.key_store import Held
from tongban.exchange.transport import Answer
from tongban.standards import clock
from tongban.standards.canonical import parse
from tongban.standards.crypto import suite
from tongban.standards.signer import Signer

LINES, JSON = "application/x-ndjson", "application/json"
UNREAD = "conformance.unknown"  # a kind that no node reads
STEP = 0.5  # seconds between two looks whether something has come
Request = tuple[str, str, dict[str, str], bytes]  # method, path, headers, body
FIELDS = {"v", "batch", "recipient", "root", "at", "answers"}


@dataclass
class Peer:
    """A node on the target's trust list, with nothing behind it."""

    code: str
    signer: Signer
    target: Target
    line: Line
    hearing: Hearing
    epoch: int = 1
    patience: float = 60.0  # seconds that an echo or a question may take
    may_raise_epoch: bool = False
    may_open_case: bool = False
    filed: Filed | None = None  # the case that it has opened
    opening: Held | None = None  # what opens what is sealed to it
    run: str = field(default_factory=lambda: uuid4().hex[:12])
    echoed: list[UUID] = field(default_factory=list)  # echoes that must come back exactly once

    @property
    def unread(self) -> str:
        """A kind of message, or of question, that no node reads."""
        return UNREAD

    # Writing

    def subject(self, name: str) -> str:
        """A subject of this run alone."""
        return f"echo/{self.code}/{self.run}/{name}"

    def echo(self, name: str, sequence: int = 1, **changed: Any) -> Envelope:
        """An echo in a subject of its own."""
        words: dict[str, Any] = {
            "id": uuid4(),
            "sender": self.code,
            "recipient": self.target.code,
            "epoch": self.epoch,
            "kind": ECHO,
            "subject": self.subject(name),
            "sequence": sequence,
            "occurred_at": clock.now(),
            "trust_serial": self.target.listed.serial,
            "body": {"text": f"回声 {name} {sequence}"},
        }
        return Envelope(**(words | changed))

    def pack(self, letters: Sequence[Envelope | bytes], *, signer: Signer | None = None, **changed: Any) -> Batch:
        """A signed batch of these."""
        by = signer or self.signer
        words: dict[str, Any] = {
            "batch": uuid4(),
            "sender": self.code,
            "recipient": self.target.code,
            "epoch": self.epoch,
            "trust_serial": self.target.listed.serial,
            "at": clock.now(),
        }
        data = [one if isinstance(one, bytes) else one.bytes() for one in letters]
        return batch.pack(data, suite=suite(by.suite), signer=by, **(words | changed))

    # Sending

    def ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        kind: str = JSON,
        node: str = "",
        signer: Signer | None = None,
        at: datetime | None = None,
        sent: bytes | None = None,
        keep: list[Request] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """A request signed over this body; `sent` is what really goes, `keep` keeps it. Fails without an answer."""
        given = ({"Content-Type": kind} if body else {}) | dict(headers or {})
        asked = hop.Hop(method, self.target.url + path, given, body)
        hop.sign(asked, node=node or self.code, signer=signer or self.signer, at=at or clock.now())
        request: Request = (method, path, asked.headers, body if sent is None else sent)
        if keep is not None:
            keep.append(request)
        return self.put(*request)

    def put(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """A request as it is given."""
        try:
            return self.line.ask(method, self.target.url + path, headers, body)
        except Unreachable as no:
            raise Fails(f"没有得到答复：{no.facts.get('why', '')}") from no

    def post(self, packed: Batch | bytes, **more: Any) -> Answer:
        """A batch by a signed hop."""
        data = packed if isinstance(packed, bytes) else packed.bytes()
        return self.ask("POST", BATCHES, data, kind=LINES, **more)

    # Judging

    def answers(self, packed: Batch, came: Answer) -> dict[str, str]:
        """The answers in a valid acknowledgement of this very batch. Fails otherwise."""
        if came.status != 200:
            raise Fails(f"应当以 200 签收，实际为 {said(came)}")
        try:
            signed = acknowledgement.unwire(came.body)
            self.target.verify(signed, clock.now())
            told = parse(signed.data, strict=True)
            if set(told) != FIELDS or told["v"] != 1:
                raise Fails("回执的字段与协议不同")
            read_instant(str(told["at"]))
            head = packed.head
            return acknowledgement.answers(signed.data, batch=head.batch, recipient=self.target.code, root=head.root)
        except (AnswerInvalid, Malformed, ValueError, TypeError) as no:
            raise Fails(f"回执不能确认：{no}") from no

    def give(self, letters: Sequence[Envelope], wanted: Sequence[str] = (), **changed: Any) -> Batch:
        """Send these in one batch, and expect these answers in their order; stored when nothing is said."""
        packed = self.pack(letters, **changed)
        self.answered(packed, list(zip(letters, wanted or ["stored"] * len(letters), strict=True)))
        return packed

    def answered(self, packed: Batch, wanted: Sequence[tuple[Envelope, str]]) -> None:
        """Send a batch, and fail unless each of these is answered so."""
        came = self.answers(packed, self.post(packed))
        expected = {str(letter.id): word for letter, word in wanted}
        if came != expected:
            words = [came.get(name, "没有回答") for name in expected]
            raise Fails(f"应当逐件回答 {'、'.join(expected.values())}，实际为 {'、'.join(words)}，共 {len(came)} 件")

    def refused(self, came: Answer, *codes: str, status: int = 0) -> None:
        """Fails unless the answer is a refusal with one of these codes."""
        if came.status == status and came.status >= 400 and code_of(came) in codes:
            return
        raise Fails(f"应当以 {status} {'或'.join(codes)} 拒绝，实际为 {said(came)}")

    def back(self, subject: str) -> list[Echoed]:
        """The echoes of a subject so far, in the order of the node's own numbers."""
        return sorted((one for one in self.hearing.echoes if one.subject == subject), key=lambda one: one.place)

    def await_echoes(self, letters: Sequence[Envelope]) -> None:
        """Fails unless these come back, in the order of their numbers, each with what it said."""
        subject = letters[0].subject
        self.echoed += [letter.id for letter in letters]
        self.wait(lambda: len(self.back(subject)) >= len(letters), f"没有在 {self.patience:.0f} 秒内收到全部回声")
        came = [(one.sequence, one.of, one.text) for one in self.back(subject)]
        wanted = [
            (one.sequence, str(one.id), str(one.body["text"])) for one in sorted(letters, key=lambda o: o.sequence)
        ]
        if came != wanted:
            order = "、".join(str(sequence) for sequence, _, _ in came)
            raise Fails(f"回声的次序或内容不对：收到的依次是第 {order} 件")

    def wait(self, come: Callable[[], bool], otherwise: str) -> None:
        """Fails, with this sentence, unless it comes in time."""
        for _ in range(max(1, int(self.patience / STEP))):
            if come():
                return
            self.line.pause(STEP)
        if not come():
            raise Fails(otherwise)

    def rest(self, seconds: float) -> None:
        """Let the node have time to do what it must not."""
        for _ in range(int(seconds / STEP)):
            self.line.pause(STEP)


def told(came: Answer) -> dict[str, Any]:
    """The JSON object of an answer; Fails when it is none."""
    try:
        read = json.loads(came.body)
    except (ValueError, RecursionError) as wrong:
        raise Fails(f"答复不是 JSON（HTTP {came.status}）") from wrong
    if not isinstance(read, dict):
        raise Fails(f"答复不是 JSON 对象（HTTP {came.status}）")
    return read


def code_of(came: Answer) -> str:
    """The refusal that an answer names; empty when it names none."""
    try:
        return str(told(came).get("code", ""))[:60]
    except Fails:
        return ""


def said(came: Answer) -> str:
    """An answer in short."""
    return f"{came.status} {code_of(came)}".strip()
