# SPDX-License-Identifier: Apache-2.0
"""What a peer and this node told each other since an instant: handed back to a peer that has forgotten it."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db import connection

from tongban.exchange.models import Myself, Offered, Recovery, Wanted
from tongban.exchange.queries.letters import epoch, open_content
from tongban.regions.queries import trust_list
from tongban.standards.node import here
from tongban.vault.errors import KeyDestroyed

PAGE = 200  # messages
WayOut = Literal["open", "sealed"]
BYTES = 8_000_000  # of one page, more or less
TOLD = """
SELECT * FROM (
  SELECT i.received_at AS at, i.message_id, i.content, i.sealed, i.subject, k.wrapped, i.proof, b.head, b.signature
  FROM exchange_inbox i JOIN exchange_batch b ON b.sender = i.sender AND b.batch_id = i.batch_id
  LEFT JOIN vault_subject_key k ON i.sealed AND k.subject = i.subject
  WHERE i.sender = %(peer)s AND i.received_at >= %(since)s AND (i.received_at, i.message_id) > (%(at)s, %(id)s)
  UNION ALL
  SELECT o.answered_at, o.message_id, o.content, o.sealed, o.subject, k.wrapped, o.proof, b.head, b.signature
  FROM exchange_outbox o JOIN exchange_batch b ON b.sender = %(here)s AND b.batch_id = o.batch_id
  LEFT JOIN vault_subject_key k ON o.sealed AND k.subject = o.subject
  WHERE o.recipient = %(peer)s AND o.answer IN ('stored', 'duplicate') AND o.answered_at >= %(since)s
  AND (o.answered_at, o.message_id) > (%(at)s, %(id)s)
) told ORDER BY at, message_id LIMIT %(limit)s
"""


_serving: set[str] = set()  # nodes of this process that have nothing to ask back


@dataclass(frozen=True)
class PeerRecovery:
    """How far one peer is in handing back what this node forgot."""

    code: str
    name: str
    returned: int  # messages
    done_at: datetime | None
    left_out: str
    failure: str

    @property
    def sentence(self) -> str:
        """What an operator reads."""
        if self.left_out:
            return f"不再等候：{self.left_out}"
        if self.done_at is not None:
            return f"已全部归还，{self.returned} 件"
        return f"等待中，已归还 {self.returned} 件" + (f"；上次没有问到：{self.failure}" if self.failure else "")


@dataclass(frozen=True)
class Place:
    """How far somebody has read."""

    at: datetime
    message_id: UUID

    def __str__(self) -> str:
        return f"{self.at.isoformat()} {self.message_id}"


def place(cursor: str, since: datetime) -> Place:
    """The place a cursor names; the beginning for an empty one. ValueError for what is none."""
    if not cursor:
        return Place(at=since, message_id=UUID(int=0))
    at, _, message_id = cursor.partition(" ")
    return Place(at=datetime.fromisoformat(at), message_id=UUID(message_id))


def told(peer: str, since: datetime, after: Place) -> tuple[list[dict[str, Any]], Place | None]:
    """One page of it, each message with its own proof, and where the next page begins; None when it was the last.

    What has been erased since is not handed back.
    """
    words: dict[str, Any] = {
        "peer": peer,
        "here": here().code,
        "since": since,
        "limit": PAGE,
        "at": after.at,
        "id": after.message_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(TOLD, words)
        rows = cursor.fetchall()
    items: list[dict[str, Any]] = []
    size = 0
    for at, message_id, content, sealed, subject, wrapped, proof, head, signature in rows:
        after = Place(at=at, message_id=message_id)
        try:
            data = open_content(bytes(content), sealed, subject, wrapped)
        except KeyDestroyed:
            continue
        items.append(_item(data, proof, head, signature))
        size += len(data)
        if size > BYTES:
            return items, after
    return items, after if len(rows) == PAGE else None


def _item(data: bytes, proof: Any, head: bytes, signature: bytes) -> dict[str, Any]:
    shown = proof if isinstance(proof, dict) else json.loads(proof)
    return {
        "envelope": data.decode(),
        "proof": {"index": shown["index"], "size": shown["size"], "path": list(shown["path"])},
        "head": bytes(head).decode(),
        "signature": bytes(signature).hex(),
    }


def way_out(peer: str, subject: str, digest: str) -> WayOut | None:
    """How a file may be handed to a peer: because a letter to it named the file, or because it gave the file to us.

    None when it may not. What it gave comes back sealed: nobody noted here by which kind of letter it was named.
    """
    these = {"subject": subject, "digest": digest}
    offered = Offered.objects.filter(recipient=peer, **these).values_list("sealed", flat=True).first()
    if offered is not None:
        return "sealed" if offered else "open"
    return "sealed" if Wanted.objects.filter(sender=peer, **these).exists() else None


def is_recovering() -> bool:
    """Whether this node is still asking its peers for what it forgot."""
    return Myself.objects.filter(recovering_since__isnull=False).exists()


def is_serving() -> bool:
    """Whether nothing has to be asked back any more. Looked up until it is so, then known: restores stop processes."""
    if here().code not in _serving:
        if is_recovering():
            return False
        _serving.add(here().code)
    return True


def doubt_serving() -> None:
    """A recovery has begun in this very process."""
    _serving.discard(here().code)


def recovery() -> list[PeerRecovery]:
    """How far each peer is in handing back what this node forgot; empty when it never came back from a backup."""
    names = {node.code: node.name for node in trust_list().nodes.values()}
    return [
        PeerRecovery(row.peer, names.get(row.peer, row.peer), row.returned, row.done_at, row.left_out, row.failure)
        for row in Recovery.objects.filter(epoch=epoch()).order_by("peer")
    ]
