# SPDX-License-Identifier: Apache-2.0
"""Applying what was received: in order for each subject, each message once, in one transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import DatabaseError, connection, transaction

from tongban.database.statement import Statement
from tongban.exchange import envelope, queries
from tongban.exchange.models import Followed, Inbox
from tongban.exchange.registry import KINDS, Message
from tongban.standards.refusal import Refusal
from tongban.vault import keys

log = structlog.get_logger()

TRIES = 12  # after that a message waits for a person
NEXT = (
    "SELECT i.sender, i.message_id, i.subject, i.content, i.sealed, i.digest, i.received_at, k.wrapped "
    "FROM exchange_inbox i "
    "LEFT JOIN exchange_followed f ON f.sender = i.sender AND f.subject = i.subject "
    "LEFT JOIN vault_subject_key k ON i.sealed AND k.subject = i.subject "
    "WHERE i.state = 'received' AND (i.not_before IS NULL OR i.not_before <= %s) "
    "AND i.sequence = COALESCE(f.last, 0) + 1 "
    "ORDER BY i.received_at, i.sender, i.sequence LIMIT 1 FOR UPDATE OF i SKIP LOCKED"
)


class Overtaken(Exception):
    """What the handler had read changed before it wrote; the message is tried again."""


@dataclass(frozen=True)
class _Taken:
    """The row at work, remembered outside its transaction."""

    sender: str
    message_id: UUID


def apply_once(at: datetime) -> bool:
    """Apply the next message whose turn it is. False when none waits."""
    taken: list[_Taken] = []
    try:
        with transaction.atomic():
            return _apply_next(at, taken)
    except Refusal as no:
        _park(taken[0], f"{no.code}: {no.sentence}")
    except (Overtaken, DatabaseError, OSError) as failed:
        _try_later(taken[0], at, type(failed).__name__) if taken else log.warning("apply", why=str(failed))
    except Exception as odd:  # whatever a peer's words make a reader do: its subject waits, all others go on
        if not taken:
            raise
        log.exception("message_not_understood", sender=taken[0].sender)
        _park(taken[0], f"malformed: {type(odd).__name__}")
    return True


def _apply_next(at: datetime, taken: list[_Taken]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(NEXT, [at])
        row = cursor.fetchone()
    if row is None:
        return False
    sender, message_id, subject, content, sealed, digest, received_at, wrapped = row
    taken.append(_Taken(sender=sender, message_id=message_id))
    read = envelope.read(queries.open_content(bytes(content), sealed, subject, wrapped))
    key = keys.unwrap(wrapped) if wrapped is not None else None
    message = Message(
        id=read.id,
        sender=sender,
        kind=read.kind,
        subject=read.subject,
        sequence=read.sequence,
        occurred_at=read.occurred_at,
        received_at=received_at,
        body=read.body,
        digest=digest,
        key=key,
    )
    _apply(message, at)
    return True


def _apply(message: Message, at: datetime) -> None:
    write = Statement()
    KINDS[message.kind].handler(message, write)
    if not write.guarded:
        write.guard("SELECT 1", [])
    write.insert(
        Followed,
        [{"sender": message.sender, "subject": message.subject, "last": message.sequence}],
        on_conflict="ON CONFLICT (sender, subject) DO UPDATE SET last = EXCLUDED.last",
    )
    write.write(
        "UPDATE exchange_inbox SET state = 'applied', applied_at = %s, reason = '' "
        "WHERE sender = %s AND message_id = %s AND EXISTS (SELECT 1 FROM guard)",
        [at, message.sender, message.id],
    )
    if write.run() is None:
        raise Overtaken()


def _park(taken: _Taken, reason: str) -> None:
    """Set a message aside by name. Its subject waits for a person; all others go on."""
    Inbox.objects.filter(sender=taken.sender, message_id=taken.message_id).update(state="parked", reason=reason[:300])
    log.warning("message_parked", sender=taken.sender, message=str(taken.message_id), why=reason[:60])


def _try_later(taken: _Taken, at: datetime, why: str) -> None:
    row = Inbox.objects.get(sender=taken.sender, message_id=taken.message_id)
    row.tries += 1
    row.reason = why
    row.not_before = at + timedelta(milliseconds=50 * 2 ** min(row.tries, 12))
    if row.tries >= TRIES:
        row.state = "parked"
    row.save(update_fields=["tries", "reason", "not_before", "state"])


def unpark(sender: str, message_id: UUID) -> bool:
    """Let a message that was set aside be tried again."""
    parked = Inbox.objects.filter(sender=sender, message_id=message_id, state="parked")
    return bool(parked.update(state="received", tries=0, not_before=None))
