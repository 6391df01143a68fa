# SPDX-License-Identifier: Apache-2.0
"""A node's signed, dated list of its licences that do not count: enough to check one's own file without any node. Pure.

An entry is half a SHA-256 over the digest of a sealed file and how the licence stands. Only whoever has the file can
find it; what does count is not in it; and entries that stand for nothing hide how many there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated, Literal

import msgspec

from tongban.licences.standings import Standing
from tongban.standards.base64url import decode, encode
from tongban.standards.canonical import NotCanonical, canonical, parse
from tongban.standards.signer import Signed

FRESH = timedelta(hours=24)  # how long the node lets its word be relied upon
RENEW = timedelta(hours=1)  # after which it says the same anew
LEAST = 64  # entries
SIZE = 16  # bytes of an entry
MAX_BYTES = 64_000_000
STATES = tuple(each for each in Standing if not each.counts)

Time = Annotated[datetime, msgspec.Meta(tz=True)]


class StatusListOdd(ValueError):
    """These bytes are no such list."""


class _Written(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    v: Literal[1]
    kind: Literal["licence-status"]
    node: Annotated[str, msgspec.Meta(pattern="^[0-9]{6}$")]
    issued_at: Time
    fresh_until: Time
    entries: str


class _Packed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    document: str
    signature: str
    key_id: str
    suite: str


@dataclass(frozen=True)
class StatusList:
    """A list that has been read; whose it is its signature says."""

    node: str
    issued_at: datetime
    fresh_until: datetime
    entries: frozenset[bytes]

    def standing(self, file_digest: str) -> Standing:
        """How the licence of this file stood when the list was made."""
        return next((each for each in STATES if entry(file_digest, each) in self.entries), Standing.VALID)


def entry(file_digest: str, standing: Standing) -> bytes:
    """What stands in the list for a file; nobody can tell it from any other bytes without having the file."""
    return sha256(b"tongban licence status\0" + f"{file_digest}\0{standing}".encode()).digest()[:SIZE]


def room(count: int) -> int:
    """How many entries a list has that needs so many: a power of two, so that it tells little."""
    return max(LEAST, 1 << count.bit_length())


def compose(node: str, entries: Iterable[bytes], at: datetime, fresh: timedelta = FRESH) -> bytes:
    """The bytes that are signed: RFC 8785, times to the second in UTC."""
    words = {
        "v": 1,
        "kind": "licence-status",
        "node": node,
        "issued_at": _stamp(at),
        "fresh_until": _stamp(at + fresh),
        "entries": encode(b"".join(sorted(set(entries)))),
    }
    return canonical(words)


def pack(signed: Signed) -> bytes:
    """The list with its signature, as it is published."""
    words = {"key_id": signed.key_id, "suite": signed.suite, "signature": encode(signed.signature)}
    return canonical(words | {"document": encode(signed.data)})


def unpack(data: bytes) -> tuple[StatusList, Signed]:
    """A published list and what proves whose it is, not believed yet. StatusListOdd when one byte is not as written."""
    try:
        told = msgspec.convert(parse(data, strict=True), _Packed)
        signed = Signed(decode(told.document), decode(told.signature), told.key_id, told.suite)
        if pack(signed) != data:
            raise StatusListOdd("another spelling")
        return _read(signed.data), signed
    except (NotCanonical, msgspec.ValidationError, ValueError) as why:
        raise StatusListOdd(str(why)) from why


def _read(document: bytes) -> StatusList:
    told = msgspec.convert(parse(document, strict=True), _Written)
    packed = decode(told.entries)
    entries = [packed[start : start + SIZE] for start in range(0, len(packed), SIZE)]
    issued, fresh = told.issued_at.astimezone(UTC), told.fresh_until.astimezone(UTC)
    if compose(told.node, entries, issued, fresh - issued) != document:
        raise StatusListOdd("another spelling")
    return StatusList(told.node, issued, fresh, frozenset(entries))


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
