# SPDX-License-Identifier: Apache-2.0
"""Whatever bytes a peer sends, a parser reads them or refuses them by name; nothing else comes of it."""

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import pytest

from tongban.exchange import acknowledgement, batch, envelope, hop, question, witness
from tongban.regions import requests, trustlist
from tongban.standards.canonical import canonical
from tongban.standards.refusal import Refusal

SEED, DOCUMENTS = 20261122, 600
Parser = Callable[[bytes], object]
SUBJECT, NAME = UUID(int=7), "620000"
PARSERS: dict[str, Parser] = {
    "batch": batch.unpack,
    "head": batch.read_head,
    "envelope": envelope.read,
    "acknowledgement": acknowledgement.unwire,
    "answers": lambda data: acknowledgement.answers(data, batch=SUBJECT, recipient=NAME, root=""),
    "said_at": acknowledgement.said_at,
    "question": question.read,
    "reply": lambda data: question.read_reply(data, question=SUBJECT),
    "wire": question.unwire,
    "witness": lambda data: witness.read(read_object(data), NAME),
    "trust list": lambda data: trustlist.read(trustlist.unpacked(data).data),
    "trust lists": trustlist.unpacked_lists,
    "list": trustlist.read,
    "request": requests.read,
    "key": lambda data: hop.key_id_of({"Signature-Input": data.decode("latin-1")}),
}
LETTERS = ["", "x", "你好", "\x00", "\u202e", "é", "𠮷", "\ud800", "a" * 201, "1" * 64, "00" * 32, "620000", "{", '"']
WORDS = [*LETTERS, "2026-11-23T01:30:00.000000Z", "2026-11-23T01:30:00Z", str(SUBJECT), str(SUBJECT).upper(), "sha256:"]


def read_object(data: bytes) -> Mapping[str, Any]:
    """What a reader of a body is given: always an object."""
    try:
        read = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return read if isinstance(read, dict) else {}


def some_value(chance: random.Random, names: list[str], depth: int = 0) -> Any:
    """A value that the grammar of JSON, or of Python's reader, allows; with names that mean something here."""
    kind = chance.randrange(6 if depth > 4 else 9)
    if kind < 3:
        return chance.choice(WORDS)
    if kind < 5:
        return chance.choice([0, 1, -1, 2**53, 10**30, 1.5, float("inf")])
    if kind == 5:
        return chance.choice([None, True, False])
    if kind == 6:
        return [some_value(chance, names, depth + 1) for _ in range(chance.randrange(4))]
    chosen = chance.sample(names, chance.randrange(len(names))) if chance.random() < 0.7 else names
    return {name: some_value(chance, names, depth + 1) for name in chosen}


def spoken(chance: random.Random, value: Any) -> bytes:
    """Bytes for it, canonical or nearly so."""
    try:
        data = canonical(value) if chance.random() < 0.6 else json.dumps(value).encode()
    except ValueError:
        data = json.dumps(value).encode()
    if chance.random() < 0.2:
        place = chance.randrange(len(data))
        data = data[:place] + chance.choice([b"", b"\xff", b"\n", b"[" * 5000, b"\x00", b'","v":1']) + data[place:]
    return data


@pytest.mark.parametrize("name", PARSERS)
def test_a_parser_takes_what_it_can_read_and_refuses_the_rest_by_name(name: str) -> None:
    chance = random.Random(f"{SEED} {name}")
    found: Counter[str] = Counter()
    for _ in range(DOCUMENTS):
        names = chance.choice(SHAPES)
        data = spoken(chance, some_value(chance, names))
        if chance.random() < 0.2:
            data = b"\n".join(spoken(chance, some_value(chance, names)) for _ in range(chance.randrange(5)))
        try:
            PARSERS[name](data)
            found["read"] += 1
        except Refusal as no:
            assert no.sentence
            found[no.code] += 1
    assert sum(found.values()) == DOCUMENTS


SHAPES: list[list[str]] = [
    ["v", "id", "sender", "recipient", "epoch", "kind", "subject", "sequence", "occurred_at", "trust_serial", "body"],
    [*("v", "batch", "sender", "recipient", "epoch", "trust_serial", "created_at", "count", "root", "suite", "key_id")],
    ["acknowledgement", "signature", "key_id", "suite", "document"],
    ["v", "batch", "recipient", "root", "at", "answers"],
    [*("v", "id", "asker", "asked", "kind", "purpose", "basis", "subject", "actor", "asked_at", "expires_at", "body")],
    ["v", "id", "question", "answered_at", "outcome", "body"],
    ["head", "signature", "key_id", "suite", "since", "proof", "epoch", "size", "root"],
    ["v", "federation", "hub", "serial", "issued_at", "expires_at", "nodes", "agreements", "lists"],
    ["request", "proofs", "v", "kind", "code", "at", "keys", "name", "regions", "address", "dial"],
]
