# SPDX-License-Identifier: Apache-2.0
"""Ten thousand tampered, replayed and malformed requests: each refused by name, none applied, nothing piles up."""

import json
import random
import resource
import time
from base64 import b64encode
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from tests.world import World
from tongban.database.statement import Statement
from tongban.exchange import batch, hop, keys, question, registry
from tongban.exchange.actions.refusing import NOTED, SAMPLES
from tongban.exchange.envelope import Envelope, instant
from tongban.exchange.models import Batch, Inbox, Outbox, Refused, Sample
from tongban.exchange.question import Question
from tongban.exchange.registry import Message
from tongban.exchange.transport import Answer
from tongban.ledger.queries import story as diary
from tongban.regions.tests.hub import Keys
from tongban.standards import clock
from tongban.standards.canonical import canonical
from tongban.standards.crypto import suite
from tongban.standards.signer import Signer, signed

HUNAN, GANSU, JILIN = "430000", "620000", "220000"
KIND = "test.hostile"
SEED = 20261122
REQUESTS, MOST = 2_000, 10_000  # in make test, in make verify
WARM = 500  # requests after which memory may grow no more
MEMORY = 48_000_000  # bytes, generous: other tests have left room that is taken now
NO_DOOR = "not_found"  # answered by the address, before anybody looks who asks
CODES = {
    *("oversize", "malformed", "unknown_sender", "sender_suspended", "unknown_key", "signature_invalid", "clock_skew"),
    *("wrong_recipient", "wrong_sender", "tampered", "epoch_stale", "replayed", "not_offered", "id_reused"),
    NO_DOOR,
}
ANSWERS = {"duplicate", "id_reused", "sequence_reused", "wrong_sender", "wrong_recipient", "not_agreed"}
BATCHES = "/exchange/batches"


@dataclass(frozen=True)
class Shot:
    """One request, and the family it comes from."""

    family: str
    headers: Mapping[str, str]
    body: bytes
    path: str = BATCHES
    method: str = "POST"
    acknowledged: bool = False  # in good form: every message of it has an answer that keeps nothing


@dataclass
class Attacker:
    """Somebody with all that Gansu ever sent to Hunan, and in some families with Gansu's key as well."""

    world: World
    chance: random.Random
    signer: Signer
    good: list[batch.Batch] = field(default_factory=list)  # never delivered
    known: list[Envelope] = field(default_factory=list)  # delivered and applied
    signed: list[tuple[batch.Batch, dict[str, str]]] = field(default_factory=list)
    delivered: list[batch.Batch] = field(default_factory=list)

    def letter(self, **changed: Any) -> Envelope:
        words: dict[str, Any] = {
            "id": uuid7(),
            "sender": GANSU,
            "recipient": HUNAN,
            "epoch": 1,
            "kind": KIND,
            "subject": f"hostile:{self.chance.randrange(10**9)}",
            "sequence": 1,
            "occurred_at": clock.now(),
            "trust_serial": 1,
            "body": {"word": "你好", "list": [1, {"two": None}], "yes": True},
        }
        return Envelope(**(words | changed))

    def pack(self, letters: list[bytes], signer: Signer | None = None, **changed: Any) -> batch.Batch:
        words: dict[str, Any] = {
            "batch": uuid7(),
            "sender": GANSU,
            "recipient": HUNAN,
            "epoch": 1,
            "trust_serial": 1,
            "at": clock.now(),
        }
        by = signer or self.signer
        return batch.pack(letters, suite=suite(by.suite), signer=by, **(words | changed))

    def hop(self, body: bytes, path: str = BATCHES, method: str = "POST", **more: Any) -> dict[str, str]:
        asked = hop.Hop(method, self.world.nodes[HUNAN].dial + path, {}, body)
        hop.sign(asked, **({"node": GANSU, "signer": self.signer, "at": clock.now()} | more))
        return asked.headers

    def prepare(self, good: int = 20) -> None:
        """What lies about: batches that were caught on the way, with their hops."""
        for _ in range(good):
            packed = self.pack([self.letter().bytes() for _ in range(self.chance.randint(1, 4))])
            self.good.append(packed)
            self.signed.append((packed, self.hop(packed.bytes())))

    # Families

    def flipped_body(self) -> Shot:
        packed, headers = self.chance.choice(self.signed)
        return Shot("flipped_body", headers, self.flip(packed.bytes()))

    def cut_body(self) -> Shot:
        packed, headers = self.chance.choice(self.signed)
        data = packed.bytes()
        return Shot("cut_body", headers, data[: self.chance.randrange(len(data))])

    def cut_and_signed(self) -> Shot:
        """Whoever has the key and loses the end on the way."""
        data = self.chance.choice(self.good).bytes()
        data = data[: self.chance.randrange(1, len(data))]
        return Shot("cut_and_signed", self.hop(data), data)

    def flipped_and_signed(self) -> Shot:
        data = self.flip(self.chance.choice(self.good).bytes())
        return Shot("flipped_and_signed", self.hop(data), data)

    def flipped_header(self) -> Shot:
        packed, headers = self.chance.choice(self.signed)
        name = self.chance.choice(list(headers))
        return Shot("flipped_header", {**headers, name: self.flip_text(headers[name])}, packed.bytes())

    def header_games(self) -> Shot:
        packed, headers = self.chance.choice(self.signed)
        games: list[Callable[[dict[str, str]], object]] = [
            lambda h: h.pop(self.chance.choice(list(h))),
            lambda h: h.update({"Signature": f"{h['Signature']}, other=:AAAA:"} | {"Signature-Input": "("}),
            lambda h: h.update({"Signature-Input": h["Signature-Input"] * 2}),
            lambda h: h.update({"Signature-Input": h["Signature-Input"].replace('"@path" ', "")}),
            lambda h: h.update({"Signature-Input": h["Signature-Input"].replace('"@method" ', '"@authority" ')}),
            lambda h: h.update({"Signature-Input": h["Signature-Input"].replace("tongban=", "other=")}),
            lambda h: h.update({"Signature-Input": h["Signature-Input"].replace("created=", "created=9")}),
            lambda h: h.update({"Signature-Input": h["Signature-Input"].replace("created=", 'created="')}),
            lambda h: h.update({"Signature": ""}),
            lambda h: h.update({"Signature": "tongban=:" + "A" * self.chance.randrange(5000) + ":"}),
            lambda h: h.update({"Content-Digest": "md5=:AAAA:"}),
            lambda h: h.update({"Content-Digest": "sha-256=:%%%:"}),
            lambda h: h.update({"Content-Digest": f"sha-256=:{b64encode(sha256(b'').digest()).decode()}:"}),
            lambda h: h.update({"Tongban-Node": self.chance.choice(["", JILIN, "\x00", "’" * 300, "a" * 5000])}),
            lambda h: h.update({"Content-Length": self.chance.choice(["x", "-1", "9" * 30, "9" * 6000, "²", "1e3"])}),
        ]
        changed = dict(headers)
        self.chance.choice(games)(changed)
        return Shot("header_games", changed, packed.bytes())

    def wrong_digest(self) -> Shot:
        """The hop of one batch with the body of another."""
        (first, _), (_, headers) = self.chance.sample(self.signed, 2)
        return Shot("wrong_digest", headers, first.bytes())

    def swapped_letters(self) -> Shot:
        """A head with letters of another batch, in another order, doubled, or one too few."""
        packed, other = self.chance.sample(self.good, 2)
        letters = list(packed.messages)
        made = self.chance.choice(
            [other.messages, (*letters, letters[0]), tuple(letters[:-1]), (*letters, *other.messages), (b"",)]
        )
        changed = replace(packed, messages=tuple(made))
        if changed.messages == packed.messages:
            changed = replace(packed, messages=(b"",))
        return Shot("swapped_letters", self.hop(changed.bytes()), changed.bytes())

    def batch_of_batches(self) -> Shot:
        first, second = self.chance.sample(self.good, 2)
        data = self.chance.choice(
            [
                first.bytes() + b"\n" + second.bytes(),
                self.pack([second.head_bytes, b64encode(second.signature), *second.messages]).bytes(),
                b"\n".join([first.head_bytes, second.bytes()]),
                first.bytes() + b"\n",
                first.bytes().replace(b"\n", b"\r\n"),
            ]
        )
        return Shot("batch_of_batches", self.hop(data), data)

    def odd_letter(self) -> Shot:
        """Signed with the real key all through: only the letter is out of form."""
        odd = self.odd_json(self.letter().bytes())
        letters = [odd] if self.chance.random() < 0.5 else [self.letter().bytes(), odd]
        data = self.pack(letters).bytes()
        return Shot("odd_letter", self.hop(data), data)

    def odd_head(self) -> Shot:
        packed = self.chance.choice(self.good)
        odd = self.odd_json(packed.head_bytes)
        data = replace(packed, head_bytes=odd, signature=self.signer.sign(odd)).bytes()
        return Shot("odd_head", self.hop(data), data)

    def noise(self) -> Shot:
        data = self.chance.randbytes(self.chance.randrange(400))
        headers = self.hop(data) if self.chance.random() < 0.3 else {"Tongban-Node": GANSU}
        return Shot("noise", headers, data)

    def replay(self) -> Shot:
        packed = self.delivered[self.chance.randrange(len(self.delivered))]
        return Shot("replay", self.hop(packed.bytes()), packed.bytes())

    def old(self) -> Shot:
        packed, by = self.chance.choice(self.good), timedelta(minutes=self.chance.choice([-600, -6, 6, 600]))
        if self.chance.random() < 0.5:
            return Shot("old", self.hop(packed.bytes(), at=clock.now() + by), packed.bytes())
        data = self.pack([self.letter().bytes()], at=clock.now() + by).bytes()
        return Shot("old", self.hop(data), data)

    def stranger(self) -> Shot:
        """A key that is on no list, under its own name or Gansu's, for itself or for a node that does not exist."""
        own = STRAY if self.chance.random() < 0.5 else Called(self.signer.key_id)
        code = self.chance.choice([GANSU, JILIN, "990000", HUNAN])
        data = self.pack([self.letter(sender=code).bytes()], own, sender=code).bytes()
        return Shot("stranger", self.hop(data, signer=own, node=code), data)

    def elsewhere(self) -> Shot:
        data = self.pack([self.letter(recipient=JILIN).bytes()], recipient=JILIN).bytes()
        return Shot("elsewhere", self.hop(data), data)

    def known_again(self) -> Shot:
        """In good form and of the sender: known letters, their ids and places, and letters of others."""
        one = self.chance.choice(self.known)
        made = self.chance.choice(
            [
                one,
                replace(one, body={"word": "something else"}),
                replace(one, id=uuid7()),
                self.letter(sender=JILIN),
                self.letter(recipient=JILIN),
            ]
        )
        data = self.pack([made.bytes()]).bytes()
        return Shot("known_again", self.hop(data), data, acknowledged=True)

    def other_doors(self) -> Shot:
        path = self.chance.choice(["/exchange/again", "/exchange/returned", "/exchange/questions"])
        good: Mapping[str, Any] = {
            "/exchange/again": {"v": 1, "subject": "hostile:1", "after": 1, "before": 3},
            "/exchange/returned": {"v": 1, "epoch": 0, "since": instant(clock.now()), "cursor": ""},
            "/exchange/questions": {
                "document": "{}",
                "signature": "00",
                "key_id": self.signer.key_id,
                "suite": "ed25519",
            },
        }[path]
        data = self.odd_json(canonical(dict(good)))
        return Shot("other_doors", self.hop(data, path), data, path)

    def odd_question(self) -> Shot:
        """A question signed with the real key whose document is out of form, or of somebody else."""
        words: dict[str, Any] = {"asker": GANSU, "asked": HUNAN, "kind": "test.none", "purpose": "核验", "basis": ""}
        words |= {"id": uuid7(), "subject": "", "actor": "system:1", "body": {}}
        words |= {"asked_at": clock.now(), "expires_at": clock.now() + timedelta(minutes=1)}
        if self.chance.random() < 0.3:
            words |= self.chance.choice([{"asker": JILIN}, {"asked": JILIN}])
            document = Question(**words).bytes()
        else:
            document = self.odd_json(Question(**words).bytes())
        told = {"document": document.decode("utf-8", "replace"), "signature": self.signer.sign(document).hex()}
        data = canonical(told | {"key_id": self.signer.key_id, "suite": "ed25519"})
        return Shot("odd_question", self.hop(data, "/exchange/questions"), data, "/exchange/questions")

    def odd_get(self) -> Shot:
        files = ["case:1/sha256:" + "0" * 64, "..%2F../x", "%00/%FF"]
        path = self.chance.choice(["/exchange/witness", *(f"/exchange/files/{file}" for file in files)])
        headers = self.hop(b"", path, "GET")
        if path == "/exchange/witness":
            headers = {**headers, "Signature": self.flip_text(headers["Signature"])}
        headers["Range"] = self.chance.choice(["", "bytes=0-", "bytes=9-1", "bytes=0-" + "9" * 400, "x"])
        return Shot("odd_get", headers, b"", path, "GET")

    # Ways to spoil

    def flip(self, data: bytes) -> bytes:
        """One to three bits, at least one of them really."""
        made = bytearray(data)
        for place in self.chance.sample(range(len(made) * 8), self.chance.randint(1, 3)):
            made[place // 8] ^= 1 << (place % 8)
        return bytes(made)

    def flip_text(self, text: str) -> str:
        """The same for a header, as a server would hand it over.

        Not at the end: the last digit of a signature in base64 has bits that mean nothing.
        """
        data, end = text.encode("latin-1"), len(text) - 5
        return (self.flip(data[:end]) + data[end:]).decode("latin-1") if end > 0 else f"x{text}"

    def odd_json(self, data: bytes) -> bytes:
        """Bytes that are no canonical object of this shape any more, whatever they are."""
        read: dict[str, Any] = json.loads(data)
        name = self.chance.choice(list(read))
        ways: list[Callable[[], bytes]] = [
            lambda: data.replace(b":", b": ", 1),
            lambda: data + b" ",
            lambda: data[:-1],
            lambda: data[:-1] + b',"' + name.encode() + b'":1}',
            lambda: canonical({**read, f"{name}2": 1}),
            lambda: canonical({key: value for key, value in read.items() if key != name}),
            lambda: canonical({**read, name: self.wrong(read[name])}),
            lambda: canonical(list(read.values())),
            lambda: self.raw(data, name, b"1.5"),
            lambda: self.raw(data, name, b"1e400"),
            lambda: self.raw(data, name, b"NaN"),
            lambda: self.raw(data, name, b"-0"),
            lambda: self.raw(data, name, b"9" * self.chance.choice([17, 400, 5000])),
            lambda: self.raw(data, name, b"[" * 100_000),
            lambda: self.raw(data, name, b'{"a":' * 70 + b"1" + b"}" * 70),
            lambda: self.raw(data, name, b'"\xff\xfe"'),
            lambda: self.raw(data, name, b'"\\ud800"'),
            lambda: self.raw(data, name, b'"\\u0041"'),
            lambda: self.raw(data, name, b'"' + b"x" * 100_000 + b'"') if name not in FREE else data + b" ",
            lambda: self.raw(data, name, b'"\\u0000"') if name not in FREE else data + b"\n",
            lambda: b"\xef\xbb\xbf" + data,
            lambda: data.decode().encode("utf-16"),
        ]
        return self.chance.choice(ways)()

    def wrong(self, value: Any) -> Any:
        """Something of another type, or out of bounds."""
        others: list[Any] = [None, True, [], [[]], -1, "", {"a": 1}, "2026-02-30T00:00:00.000000Z"]
        return self.chance.choice([other for other in others if type(other) is not type(value) or value == 1])

    def raw(self, data: bytes, name: str, value: bytes) -> bytes:
        """The bytes of one member exchanged for others."""
        read = json.loads(data)
        mark = "\x1amark\x1a"
        return canonical({**read, name: mark}).replace(canonical(mark), value, 1)


FREE = {"cursor", "document", "body"}  # members whose text may be anything


@dataclass(frozen=True)
class Called:
    """A key of its own under somebody else's name."""

    key_id: str
    suite: str = "ed25519"

    def sign(self, data: bytes) -> bytes:
        return STRAY.sign(data)


STRAY = Keys.fresh()
FAMILIES = [
    *("flipped_body", "flipped_body", "cut_body", "cut_and_signed", "flipped_and_signed", "flipped_header"),
    *("flipped_header", "header_games", "header_games", "wrong_digest", "swapped_letters", "batch_of_batches"),
    *("odd_letter", "odd_letter", "odd_letter", "odd_head", "odd_head", "noise", "replay", "old", "stranger"),
    *("elsewhere", "known_again", "other_doors", "odd_question", "odd_get"),
]


@pytest.fixture
def applied() -> Iterator[list[UUID]]:
    """Messages of the attacked kind that took effect."""
    found: list[UUID] = []

    def note(message: Message, write: Statement) -> None:
        found.append(message.id)

    registry.handles(KIND)(note)
    yield found
    registry.KINDS.pop(KIND)


@pytest.fixture
def attacker(federation: World, applied: list[UUID]) -> Attacker:
    """Who has seen what Gansu sent: some of it has arrived and been applied."""
    with federation.at(GANSU):
        made = Attacker(federation, random.Random(SEED), keys.signer())
    made.prepare()
    made.known = [made.letter() for _ in range(5)]
    packed = made.pack([letter.bytes() for letter in made.known])
    made.delivered.append(packed)
    assert shoot(federation, Shot("good", made.hop(packed.bytes()), packed.bytes())).status == 200
    federation.settle()
    assert len(applied) == len(made.known)
    return made


def shoot(world: World, shot: Shot) -> Answer:
    url = world.nodes[HUNAN].dial + shot.path
    return world.request(HUNAN, shot.method, url, shot.headers, shot.body, door="exchange")


def verdict(shot: Shot, came: Answer) -> str:
    """The code by which it was refused or answered; raises when that is not as the protocol says."""
    told = json.loads(came.body) if came.body[:1] == b"{" else {}
    if shot.acknowledged:
        assert came.status == 200, (shot.family, came.status, told)
        (word,) = json.loads(told["acknowledgement"])["answers"].values()
        assert word in ANSWERS, (shot.family, word)
        return str(word)
    assert 400 <= came.status < 500, (shot.family, came.status, came.body[:200], shot)
    assert told.get("code") in CODES and told["status"] == came.status, (shot.family, came.status, came.body[:200])
    return str(told["code"])


def counts(world: World) -> tuple[int, ...]:
    """All that a batch could leave behind at Hunan."""
    with world.at(HUNAN):
        kept = Inbox.objects.filter(sender=GANSU), Batch.objects.filter(sender=GANSU), Outbox.objects.all()
        return tuple(rows.count() for rows in kept)


def memory() -> int:
    """Bytes that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def attack(attacker: Attacker, requests: int) -> Counter[tuple[str, str]]:
    """So many shots; what each family was told."""
    found: Counter[tuple[str, str]] = Counter()
    for number in range(requests):
        shot: Shot = getattr(attacker, FAMILIES[number % len(FAMILIES)])()
        found[shot.family, verdict(shot, shoot(attacker.world, shot))] += 1
    return found


@pytest.mark.parametrize("requests", [REQUESTS, pytest.param(MOST, marks=pytest.mark.slow)])
def test_hostile_requests_are_refused_by_name_and_leave_nothing(
    attacker: Attacker, applied: list[UUID], requests: int, record_property: Callable[[str, object], None]
) -> None:
    world, seen, before = attacker.world, len(applied), counts(attacker.world)
    began = time.process_time()
    found = attack(attacker, WARM)
    held = memory()
    found += attack(attacker, requests - WARM)
    grown = memory() - held
    no_door = sum(count for (_, code), count in found.items() if code == NO_DOOR)
    answered = sum(count for (family, _), count in found.items() if family == "known_again")
    record_property("请求", requests)
    record_property("拒绝", requests - answered)
    record_property("内存增长 MB", round(grown / 1e6, 1))
    record_property("处理器秒", round(time.process_time() - began, 1))
    world.settle()

    assert len(applied) == seen
    inbox, batches, outbox = counts(world)
    assert (inbox, outbox) == (before[0], before[2])
    assert batches == before[1] + answered  # acknowledgements of batches in good form, each once
    assert {family for family, _ in found} == set(FAMILIES)
    assert grown < MEMORY
    with world.at(HUNAN):
        assert Sample.objects.count() <= SAMPLES
        assert max(len(bytes(row.beginning)) for row in Sample.objects.all()) <= 300
        assert Refused.objects.count() <= 2 * len(CODES)
        assert sum(row.count for row in Refused.objects.all()) == requests - answered - no_door
        lines = [line for line in diary(f"exchange/{GANSU}") if line.verb == "exchange.refused"]
    assert 0 < len(lines) <= NOTED * len(CODES)


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "2026-11-23 x",
        "0001-01-01T00:00:00+23:59 {}",
        "9999-12-31T23:59:59-23:59 {}",
        "\x00",
        "2026-11-23T00:00:00 {}",
    ],
)
def test_an_odd_place_to_go_on_from_is_no_fault_of_ours(attacker: Attacker, cursor: str) -> None:
    place = cursor.format(UUID(int=7))
    data = canonical({"v": 1, "epoch": 1, "since": instant(clock.now()), "cursor": place})
    came = shoot(attacker.world, Shot("cursor", attacker.hop(data, "/exchange/returned"), data, "/exchange/returned"))

    assert (came.status, json.loads(came.body).get("code")) in ((200, None), (400, "malformed"))


@pytest.mark.parametrize("length", ["²", "٣", "9" * 6000, "-1", "x", "1e3", "0x10"])
def test_a_length_that_is_no_number_of_ours_is_refused_by_name(attacker: Attacker, length: str) -> None:
    packed, headers = attacker.signed[0]

    shot = Shot("length", {**headers, "Content-Length": length}, packed.bytes())

    assert verdict(shot, shoot(attacker.world, shot)) == "oversize"


@pytest.mark.parametrize("word", ["subject", "basis", "purpose", "kind"])
def test_a_question_with_what_no_table_can_hold_is_malformed(attacker: Attacker, word: str) -> None:
    words: dict[str, Any] = {"asker": GANSU, "asked": HUNAN, "kind": "test.none", "purpose": "核验", "basis": ""}
    words |= {"id": uuid7(), "subject": "", "actor": "system:1", "body": {}, "asked_at": clock.now()}
    asked = Question(**(words | {"expires_at": clock.now() + timedelta(minutes=1), word: "a\x00b"}))
    data = question.wire(signed(attacker.signer, asked.bytes()))

    shot = Shot("question", attacker.hop(data, "/exchange/questions"), data, "/exchange/questions")

    assert verdict(shot, shoot(attacker.world, shot)) == "malformed"
