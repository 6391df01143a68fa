# SPDX-License-Identifier: Apache-2.0
"""Many messages under one signature: a head that names the Merkle root, then the exact bytes. Pure.

On the wire one item a line (JCS never holds a line break): the head, its signature, the envelopes.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from tongban.exchange.envelope import VERSION, Count, Word, instant, read_id, read_instant, shaped
from tongban.exchange.errors import Malformed, Oversize, Tampered
from tongban.standards.canonical import canonical
from tongban.standards.crypto import Suite, merkle
from tongban.standards.signer import Signer, signed

LIMIT = 16_000_000  # bytes of one batch
MOST = 500  # messages in one batch


@dataclass(frozen=True)
class Head:
    """What the sender signs."""

    batch: UUID
    sender: str
    recipient: str
    epoch: int
    trust_serial: int
    created_at: datetime
    count: int
    root: str  # hexadecimal
    suite: str
    key_id: str


@dataclass(frozen=True)
class Batch:
    """A batch as it is on the wire."""

    head: Head
    head_bytes: bytes
    signature: bytes
    messages: tuple[bytes, ...]

    def bytes(self) -> bytes:
        """What is sent."""
        return b"\n".join([self.head_bytes, urlsafe_b64encode(self.signature), *self.messages])

    def tree(self, suite: Suite) -> merkle.Tree:
        """The tree over these messages, hashed once: the root is checked and every proof read off the same one."""
        if suite.name not in self._trees:
            self._trees[suite.name] = merkle.Tree(suite, [merkle.leaf_hash(suite, data) for data in self.messages])
        return self._trees[suite.name]

    @cached_property
    def _trees(self) -> dict[str, merkle.Tree]:
        return {}


def pack(
    messages: Sequence[bytes],
    *,
    batch: UUID,
    sender: str,
    recipient: str,
    epoch: int,
    trust_serial: int,
    at: datetime,
    suite: Suite,
    signer: Signer,
) -> Batch:
    """Sign these messages together."""
    root = merkle.root(suite, [merkle.leaf_hash(suite, data) for data in messages])
    head = Head(
        batch=batch,
        sender=sender,
        recipient=recipient,
        epoch=epoch,
        trust_serial=trust_serial,
        created_at=at,
        count=len(messages),
        root=root.hex(),
        suite=suite.name,
        key_id=signer.key_id,
    )
    sealed = signed(signer, _head_bytes(head))
    return Batch(head=head, head_bytes=sealed.data, signature=sealed.signature, messages=tuple(messages))


def unpack(data: bytes) -> Batch:
    """The batch in these bytes, unverified. Malformed or Oversize, never anything else."""
    if len(data) > LIMIT:
        raise Oversize(limit=LIMIT)
    lines = data.split(b"\n")
    if not 3 <= len(lines) <= MOST + 2:
        raise Malformed(why="批次行数")
    head = read_head(lines[0])
    if head.count != len(lines) - 2:
        raise Malformed(why="批次条数")
    try:
        signature = urlsafe_b64decode(lines[1])
    except (Base64Error, ValueError) as wrong:
        raise Malformed(why="签名编码") from wrong
    return Batch(head=head, head_bytes=lines[0], signature=signature, messages=tuple(lines[2:]))


def check_root(batch: Batch, suite: Suite) -> None:
    """Tampered unless the signed root is that of these very messages."""
    if batch.tree(suite).root.hex() != batch.head.root:
        raise Tampered()


def proofs(batch: Batch, suite: Suite) -> list[dict[str, Any]]:
    """For each message the path that ties it alone to the signed root."""
    tree = batch.tree(suite)
    return [
        {"index": index, "size": tree.size, "path": [step.hex() for step in tree.path(index)]}
        for index in range(tree.size)
    ]


def _head_bytes(head: Head) -> bytes:
    return canonical(
        {
            "v": VERSION,
            "batch": str(head.batch),
            "sender": head.sender,
            "recipient": head.recipient,
            "epoch": head.epoch,
            "trust_serial": head.trust_serial,
            "created_at": instant(head.created_at),
            "count": head.count,
            "root": head.root,
            "suite": head.suite,
            "key_id": head.key_id,
        }
    )


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A head as it is written."""

    v: Literal[1]
    batch: Word
    sender: Word
    recipient: Word
    epoch: Count
    trust_serial: Count
    created_at: Word
    count: Count
    root: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
    suite: Word
    key_id: Word


def read_head(data: bytes) -> Head:
    """The head in these bytes, unverified. Malformed when it is none."""
    told = shaped(data, Words)
    return Head(
        batch=read_id(told.batch),
        sender=told.sender,
        recipient=told.recipient,
        epoch=told.epoch,
        trust_serial=told.trust_serial,
        created_at=read_instant(told.created_at),
        count=told.count,
        root=told.root,
        suite=told.suite,
        key_id=told.key_id,
    )
