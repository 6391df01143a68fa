# SPDX-License-Identifier: Apache-2.0
"""What the node says to the kit: every batch is checked as a strict receiver would, and acknowledged."""

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID

from tongban.conformance.target import LIST, Target
from tongban.conformance.verdict import Fails
from tongban.exchange import acknowledgement, batch, envelope, hop, sealed_part
from tongban.exchange.acknowledgement import DUPLICATE, STORED, Acknowledgement
from tongban.exchange.envelope import Envelope
from tongban.exchange.errors import (
    ClockSkew,
    ExchangeRefusal,
    Malformed,
    NotOffered,
    RangeNeeded,
    Recovering,
    Replayed,
    SignatureInvalid,
    WrongRecipient,
    WrongSender,
)
from tongban.exchange.sealed_part import Place
from tongban.exchange.transport import Answer
from tongban.standards import clock
from tongban.standards.canonical import canonical, parse
from tongban.standards.crypto import suite
from tongban.standards.refusal import Refusal
from tongban.standards.signer import Signer, signed

ECHO, ECHOED = "exchange.echo", "exchange.echoed"
BATCHES, AGAIN, RETURNED = "/exchange/batches", "/exchange/again", "/exchange/returned"
FILES = re.compile(r"/exchange/files/(.+)/([^/]+)")
RANGE = re.compile(r"bytes=(\d{1,15})-(\d{1,15})")
MISSED = {"v", "subject", "after", "before"}


@dataclass(frozen=True)
class Part(Answer):
    """Some bytes of a file, sealed where the node has a key for it, and which they are."""

    shown: str = ""  # Content-Range


@dataclass(frozen=True)
class Echoed:
    """An echo that came back."""

    subject: str
    place: int  # in its subject, of the answer
    of: str
    sequence: int  # in its subject, of the echo
    text: str


class Hearing:
    """All that has come so far. Asked from the listener's threads."""

    def __init__(self, code: str, signer: Signer, target: Target) -> None:
        self.code, self.signer, self.target = code, signer, target
        self.echoes: list[Echoed] = []
        self.asked: list[Mapping[str, Any]] = []  # bodies of `again`
        self.faults: list[str] = []  # where the node's own words were not in order
        self.messages: dict[UUID, bytes] = {}
        self.batches = 0
        self.offered: dict[tuple[str, str], bytes] = {}  # files by subject and digest
        self.taken: list[tuple[str, int, int]] = []  # digest, first and last byte of each part that was fetched
        self.came: list[tuple[str, str]] = []  # kind and subject of each message, those that came again too
        self._seen: set[UUID] = set()
        self._alone = threading.Lock()

    def arrivals(self, kind: str, subject: str) -> int:
        """How often something of this kind and subject came, again or not."""
        return self.came.count((kind, subject))

    def answer(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """What a peer would say."""
        path = urlsplit(url).path
        with self._alone:
            if (method, path) == ("GET", LIST):
                return Answer(200, self.target.document)
            try:
                key = self._signed_by(hop.Hop(method, url, dict(headers), body))
                if method == "GET":
                    return self._part(path, {name.lower(): value for name, value in headers.items()})
                return Answer(200, self._answered(path, body, key))
            except Refusal as no:
                if not isinstance(no, NotOffered | RangeNeeded | ClockSkew | Recovering):
                    self.faults.append(f"{path}：{no.sentence}")
                return Answer(no.status, canonical(no.problem()))
            except Fails as no:
                self.faults.append(f"{path}：{no}")
                return Answer(403, canonical(SignatureInvalid().problem()))

    def _answered(self, path: str, body: bytes, key: str) -> bytes:
        if path == BATCHES:
            return self._take(body, key)
        if path == AGAIN:
            return self._note_missed(body)
        if path == RETURNED:
            return canonical({"v": 1, "items": [], "next": ""})
        raise NotOffered()

    def _part(self, path: str, headers: Mapping[str, str]) -> Part:
        """Some bytes of a file that was offered, sealed to the node if the list has a key for it."""
        named = FILES.fullmatch(path)
        subject, digest = (unquote(named[1]), unquote(named[2])) if named else ("", "")
        content = self.offered.get((subject, digest))
        if content is None:
            raise NotOffered()
        wanted = RANGE.fullmatch(headers.get("range", ""))
        if wanted is None or int(wanted[1]) >= len(content):
            raise RangeNeeded()
        first, last = int(wanted[1]), min(int(wanted[2]), len(content) - 1)
        self.taken.append((digest, first, last))
        part, kind = content[first : last + 1], "application/octet-stream"
        key = next(self.target.listed.node(self.target.code).keys_for("encryption", clock.now()), None)
        if key is not None:
            place = Place(self.code, self.target.code, subject, digest, len(content), first, last)
            part, kind = sealed_part.seal(place, part, key), sealed_part.content_type(key.id)
        return Part(206, part, kind, f"bytes {first}-{last}/{len(content)}")

    def _signed_by(self, asked: hop.Hop) -> str:
        """The key that signed the hop, which must be the target's. Other nodes are to keep what they have for us."""
        at = clock.now()
        said = {name.lower(): value for name, value in asked.headers.items()}
        if said.get(hop.SENDER.lower()) in self.target.listed.nodes.keys() - {self.target.code}:
            raise Recovering()
        if said.get(hop.SENDER.lower()) != self.target.code:
            raise WrongSender()
        key = self.target.key(hop.key_id_of(asked.headers), at)
        hop.check(asked, suite_name=key.suite, public=key.public_bytes, at=at)
        return key.id

    def _take(self, body: bytes, key: str) -> bytes:
        """The acknowledgement of a batch."""
        at, packed = clock.now(), batch.unpack(body)
        head = packed.head
        if head.batch in self._seen:
            raise Replayed()
        if (head.sender, head.recipient) != (self.target.code, self.code):
            raise WrongRecipient()
        if head.key_id != key:
            raise SignatureInvalid()
        mine = self.target.key(key, at)
        if not suite(mine.suite).verify(mine.public_bytes, packed.head_bytes, packed.signature):
            raise SignatureInvalid()
        batch.check_root(packed, suite(mine.suite))
        if abs(head.created_at - at) > hop.SKEW:
            raise ClockSkew()
        letters = [(envelope.read(data), data) for data in packed.messages]
        answers = {str(letter.id): self._keep(letter, data) for letter, data in letters}
        self._seen.add(head.batch)
        self.batches += 1
        word = Acknowledgement(head.batch, self.code, head.root, at, answers)
        return acknowledgement.wire(signed(self.signer, word.bytes()))

    def _keep(self, letter: Envelope, data: bytes) -> str:
        try:
            self._require_fitting(letter, data)
        except ExchangeRefusal as no:
            self.faults.append(f"报文 {letter.id}：{no.sentence}")
            return no.code
        self.came.append((letter.kind, letter.subject))
        if letter.id in self.messages:
            return DUPLICATE
        self.messages[letter.id] = data
        if letter.kind == ECHOED:
            self._note_echoed(letter)
        return STORED

    def _require_fitting(self, letter: Envelope, data: bytes) -> None:
        if letter.sender != self.target.code:
            raise WrongSender()
        if letter.recipient != self.code:
            raise WrongRecipient()
        if self.messages.get(letter.id, data) != data:
            raise Malformed(why="同一编号用于两份不同的内容")

    def _note_echoed(self, letter: Envelope) -> None:
        told = letter.body
        try:
            back = Echoed(letter.subject, letter.sequence, str(told["of"]), int(told["sequence"]), str(told["text"]))
        except (KeyError, ValueError, TypeError):
            self.faults.append(f"回声 {letter.id} 缺少 text、of 或 sequence")
            return
        self.echoes.append(back)

    def _note_missed(self, body: bytes) -> bytes:
        try:
            told = parse(body, strict=True)
        except ValueError as wrong:
            raise Malformed(why="补发的请求不是规范的 JSON") from wrong
        if not isinstance(told, dict) or set(told) != MISSED or told["v"] != 1:
            raise Malformed(why="补发的请求须恰好有 v、subject、after、before")
        self.asked.append(told)
        return canonical({"v": 1, "again": 1, "refused": []})
