# SPDX-License-Identifier: Apache-2.0
"""Letters that wait, and letters that came: the exact bytes, opened."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from tongban.database import reading
from tongban.exchange.models import Inbox, Myself, Sent
from tongban.exchange.registry import Message, message_of
from tongban.vault import keys
from tongban.vault.errors import KeyDestroyed

DUE = (
    "SELECT o.position, o.message_id, o.content, o.sealed, o.subject, k.wrapped, "
    "COALESCE((SELECT epoch FROM exchange_myself LIMIT 1), 1) FROM exchange_outbox o "
    "LEFT JOIN vault_subject_key k ON o.sealed AND k.subject = o.subject "
    "WHERE o.recipient = %s AND o.answered_at IS NULL AND (NOT o.sealed OR k.wrapped IS NOT NULL) "
    "AND NOT EXISTS (SELECT 1 FROM exchange_peer WHERE next_try_at > %s AND code = %s) "
    "ORDER BY o.priority, o.position LIMIT %s"
)


@dataclass(frozen=True)
class Due:
    """An outbox row that is to be sent."""

    position: int
    message_id: Any
    data: bytes
    epoch: int  # of this node at that moment


@dataclass(frozen=True)
class Received:
    """A message with all that proves its sender: the envelope's exact bytes, its path to the root, the signed head."""

    sender: str
    envelope: str
    index: int
    size: int
    path: tuple[str, ...]  # hexadecimal
    head: str
    signature: str  # hexadecimal


def told_about(recipient: str, subjects: Sequence[str]) -> set[str]:
    """Of these subjects those about which a node was ever sent a letter."""
    told = Sent.objects.filter(recipient=recipient, subject__in=subjects, last__gt=0)
    return set(told.values_list("subject", flat=True))


def received_about(subject: str) -> list[Received]:
    """Every message about a subject that reached this node, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.sender, i.content, i.sealed, k.wrapped, i.proof, b.head, b.signature FROM exchange_inbox i "
            "JOIN exchange_batch b ON b.sender = i.sender AND b.batch_id = i.batch_id "
            "LEFT JOIN vault_subject_key k ON i.sealed AND k.subject = i.subject "
            "WHERE i.subject = %s ORDER BY i.received_at, i.sequence",
            [subject],
        )
        rows = cursor.fetchall()
    return [_received(row, subject) for row in rows]


def kept_messages(subject: str, kind: str, key: bytes) -> list[Message]:
    """The messages of one kind about a subject that reached this node, oldest first, for their reader."""
    rows = Inbox.objects.filter(subject=subject, kind=kind).order_by("received_at", "sequence")
    return [
        message_of(
            keys.unseal(key, bytes(row.content), subject.encode()) if row.sealed else bytes(row.content),
            row.sender,
            row.digest,
            row.received_at,
            key,
        )
        for row in rows
    ]


def _received(row: tuple[Any, ...], subject: str) -> Received:
    sender, content, sealed, wrapped, proof, head, signature = row
    told = proof if isinstance(proof, dict) else json.loads(proof)
    return Received(
        sender=sender,
        envelope=open_content(bytes(content), sealed, subject, wrapped).decode(),
        index=told["index"],
        size=told["size"],
        path=tuple(told["path"]),
        head=bytes(head).decode(),
        signature=bytes(signature).hex(),
    )


def epoch() -> int:
    """This node's epoch."""
    return Myself.objects.values_list("epoch", flat=True).first() or 1


def sent(subject: str) -> dict[str, int]:
    """The last sequence number given to each recipient of a subject."""
    return dict(Sent.objects.filter(subject=subject).values_list("recipient", "last"))


def due(recipient: str, limit: int, most_bytes: int, *, at: datetime | None = None) -> list[Due]:
    """What waits for a peer, in the order it was written, opened for sending; what was erased is not sent.

    With an instant: nothing while its line rests.
    """
    found: list[Due] = []
    size = 0
    rows = reading.rows(DUE, [recipient, at, recipient, limit])
    for position, message_id, content, sealed, subject, wrapped, era in rows:
        data = open_content(bytes(content), sealed, subject, wrapped)
        size += len(data)
        if found and size > most_bytes:
            break
        found.append(Due(position=position, message_id=message_id, data=data, epoch=era))
    return found


def open_content(content: bytes, sealed: bool, subject: str, wrapped: bytes | None) -> bytes:
    """The exact envelope bytes of a kept message. KeyDestroyed when its subject was erased."""
    if not sealed:
        return content
    if wrapped is None:
        raise KeyDestroyed()
    return keys.unseal(keys.unwrap(wrapped), content, subject.encode())
