# SPDX-License-Identifier: Apache-2.0
"""A node written in an afternoon: it answers in good form and checks next to nothing."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from msgspec import structs

from tongban.conformance.hearing import ECHO, ECHOED, Hearing
from tongban.conformance.target import LIST
from tongban.conformance.verdict import Untried
from tongban.exchange import acknowledgement, batch, envelope, hop
from tongban.exchange.acknowledgement import Acknowledgement
from tongban.exchange.envelope import Envelope
from tongban.exchange.transport import Answer
from tongban.regions import trustlist
from tongban.regions.tests import hub
from tongban.standards import clock
from tongban.standards.crypto import suite
from tongban.standards.refusal import Refusal
from tongban.standards.signer import Signed, signed

TOY, PEER = "430000", "620000"
YEAR = timedelta(days=365)


@dataclass
class ToyNode:
    """Says "stored" to whatever it can read, and echoes as it comes. `forges` gives its word by another key."""

    keys: hub.Keys = field(default_factory=hub.Keys.fresh)
    peer_keys: hub.Keys = field(default_factory=hub.Keys.fresh)
    forges: bool = False
    hearing: Hearing | None = None
    waiting: list[Envelope] = field(default_factory=list)
    last: dict[str, int] = field(default_factory=dict)  # by subject
    document: bytes = b""

    def __post_init__(self) -> None:
        at = clock.now()
        entries = [hub.node(TOY, "43", keys=self.keys, since=at - YEAR)]
        entries += [hub.node(PEER, "62", keys=self.peer_keys, since=at - YEAR)]
        entries += [structs.replace(hub.node("220000", "22", keys=self.keys), status="suspended")]
        entries += [structs.replace(hub.node("130000", "13", keys=self.keys), status="removed")]
        listed = trustlist.TrustList("玩具", TOY, 1, at, at + YEAR, {one.code: one for one in entries})
        self.document = trustlist.packed(self._signed(trustlist.compose(listed)))

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        path = urlsplit(url).path
        if path == LIST:
            return Answer(200, self.document)
        if path != "/exchange/batches":
            return Answer(404, b"not here")
        try:
            packed = batch.unpack(body)
            letters = [envelope.read(data) for data in packed.messages]
        except Refusal as no:
            return Answer(no.status, b'{"code":"%s"}' % no.code.encode())
        self.waiting += [letter for letter in letters if letter.kind == ECHO]
        answers = {str(letter.id): "stored" for letter in letters}
        word = Acknowledgement(packed.head.batch, TOY, packed.head.root, clock.now(), answers)
        return Answer(200, acknowledgement.wire(self._signed(word.bytes())))

    def _signed(self, data: bytes) -> Signed:
        if not self.forges:
            return signed(self.keys, data)
        return Signed(data, hub.Keys.fresh().sign(data), self.keys.key_id, self.keys.suite)

    def pause(self, seconds: float) -> None:
        """Its only work: say everything back at once, in the order in which it came."""
        letters = [self._echoed(one) for one in self.waiting]
        self.waiting.clear()
        if letters and self.hearing:
            self._send(letters, self.hearing)

    def _echoed(self, one: Envelope) -> Envelope:
        self.last[one.subject] = self.last.get(one.subject, 0) + 1
        body: dict[str, Any] = {"text": one.body["text"], "of": str(one.id), "sequence": one.sequence}
        words = {"id": uuid4(), "sender": TOY, "recipient": PEER, "kind": ECHOED, "sequence": self.last[one.subject]}
        more = {"epoch": 1, "subject": one.subject, "occurred_at": clock.now(), "trust_serial": 1, "body": body}
        return Envelope(**(words | more))

    def _send(self, letters: list[Envelope], to: Hearing) -> None:
        head = {"batch": uuid4(), "sender": TOY, "recipient": PEER, "epoch": 1, "trust_serial": 1, "at": clock.now()}
        data = [letter.bytes() for letter in letters]
        packed = batch.pack(data, suite=suite(self.keys.suite), signer=self.keys, **head)  # type: ignore[arg-type]
        asked = hop.Hop("POST", "http://peer/exchange/batches", {}, packed.bytes())
        hop.sign(asked, node=TOY, signer=self.keys, at=clock.now())
        to.answer("POST", asked.url, asked.headers, asked.body)

    def connect(self) -> socket.socket:
        raise Untried("没有套接字")
