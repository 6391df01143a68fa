# SPDX-License-Identifier: Apache-2.0
"""Envelopes and batches for the tests of this noun, with real keys of both suites."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tongban.exchange import batch
from tongban.exchange.envelope import Envelope
from tongban.regions.tests.hub import Keys
from tongban.standards.crypto import suite

AT = datetime(2026, 11, 23, 1, 0, 0, 123456, tzinfo=UTC)
ID = UUID("0196a1f2-7c3e-7d10-9c55-2b9a4a8f1c77")
KEYS = {name: Keys.fresh(name) for name in ("ed25519", "sm2")}


def envelope(**changed: Any) -> Envelope:
    """A letter from Gansu to Hunan, with the words of a test put over it."""
    words: dict[str, Any] = {
        "id": ID,
        "sender": "620000",
        "recipient": "430000",
        "epoch": 1,
        "kind": "case.moved",
        "subject": "case:1",
        "sequence": 1,
        "occurred_at": AT,
        "trust_serial": 1,
        "body": {"名": "张伟", "n": [1, None, True]},
    }
    return Envelope(**(words | changed))


def packed(count: int = 3, name: str = "ed25519") -> batch.Batch:
    """A signed batch of so many letters."""
    letters = [envelope(id=UUID(int=number + 1), sequence=number + 1).bytes() for number in range(count)]
    return batch.pack(
        letters,
        batch=ID,
        sender="620000",
        recipient="430000",
        epoch=1,
        trust_serial=1,
        at=AT,
        suite=suite(name),
        signer=KEYS[name],
    )
