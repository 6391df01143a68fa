# SPDX-License-Identifier: Apache-2.0
"""Applying what was received: in order for each subject, each message once, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import DatabaseError, connection, transaction

from tongban.database.statement import Statement
from tongban.exchange import queries
from tongban.exchange.actions.misfits import Overtaken, misfit
from tongban.exchange.actions.own_words import follow_parked
from tongban.exchange.errors import UnknownKind
from tongban.exchange.models import Followed, Inbox
from tongban.exchange.registry import AFTER_RECOVERY, KINDS, Handler, Message, message_of
from tongban.standards.refusal import Refusal
from tongban.vault import keys

log = structlog.get_logger()

TRIES = 12  # after that a message waits for a person
TURN = (
    "FROM exchange_inbox i LEFT JOIN exchange_followed f ON f.sender = i.sender AND f.subject = i.subject "
    "LEFT JOIN vault_subject_key k ON i.sealed AND k.subject = i.subject "
    "WHERE i.state = 'received' AND i.sequence = COALESCE(f.last, 0) + 1 "
)
ROW = (
    "SELECT i.sender, i.message_id, i.subject, i.content, i.sealed, i.digest, i.received_at, k.wrapped, "
    "EXISTS (SELECT 1 FROM exchange_returned r WHERE r.subject = i.subject AND r.state = 'parked') "
)
NEXT = (
    f"{ROW}{TURN}AND (i.not_before IS NULL OR i.not_before <= %s) "
    "ORDER BY i.received_at, i.sender, i.sequence, i.message_id LIMIT 1 FOR UPDATE OF i SKIP LOCKED"
)
THIS = f"{ROW}{TURN}AND i.sender = %s AND i.message_id = %s FOR UPDATE OF i SKIP LOCKED"
TURNS = f"SELECT i.sender, i.message_id {TURN}ORDER BY i.received_at, i.sender, i.sequence, i.message_id"


@dataclass(frozen=True)
class _Taken:
    """The row at work, remembered outside its transaction."""

    sender: str
    message_id: UUID


def apply_once(at: datetime) -> bool:
    """Apply the next message whose turn it is. False when none waits; what hinders even the look is raised."""
    taken: list[_Taken] = []
    try:
        with transaction.atomic():
            row = _fetched(NEXT, [at])
            if row is not None:
                _apply_row(row, at, taken)
            return row is not None
    except Refusal as no:
        _park(taken[0], f"{no.code}: {no.sentence}")
    except (Overtaken, DatabaseError, OSError) as failed:
        if not taken:
            raise
        _try_later(taken[0], at, type(failed).__name__)
    except Exception as odd:  # whatever a peer's words make a reader do: its subject waits, all others go on
        if not taken:
            raise
        log.exception("message_not_understood", sender=taken[0].sender)
        _park(taken[0], f"malformed: {type(odd).__name__}")
    return True


def follow_again(at: datetime) -> int:
    """After a restore: follow, without acting on it, what peers had told us before. How many were followed.

    One that does not fit yet waits for another that is still to be returned.
    """
    with connection.cursor() as cursor:
        cursor.execute(TURNS)
        turns = cursor.fetchall()
    return sum(_follow_again(sender, message_id, at) for sender, message_id in turns)


def _follow_again(sender: str, message_id: UUID, at: datetime) -> bool:
    try:
        with transaction.atomic():
            row = _fetched(THIS, [sender, message_id])
            if row is None:
                return False
            _apply_row(row, at, [], again=True)
            return True
    except Exception as why:  # whatever it is about this one, all others go on
        Inbox.objects.filter(sender=sender, message_id=message_id).update(reason=misfit(why))
        return False


def _fetched(sql: str, values: Sequence[Any]) -> tuple[Any, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()  # type: ignore[no-any-return]


def _apply_row(row: tuple[Any, ...], at: datetime, taken: list[_Taken], *, again: bool = False) -> None:
    sender, message_id, subject, content, sealed, digest, received_at, wrapped, is_late = row
    taken.append(_Taken(sender=sender, message_id=message_id))
    key = keys.unwrap(wrapped) if wrapped is not None else None
    message = message_of(
        queries.open_content(bytes(content), sealed, subject, wrapped), sender, digest, received_at, key
    )
    kind = KINDS[message.kind]
    _apply(message, (kind.replay or kind.handler) if again or is_late else kind.handler, at)
    if is_late and not again:
        _settle_late(subject, at)


def _settle_late(subject: str, at: datetime) -> None:
    """A message of the lost time that no peer could return, since its answer had not arrived there.

    What we had made of it then has come back as our own words, which waited for it: they are followed now. Acting on
    the message instead would decide a second time.
    """
    if follow_parked(subject, at):
        for settle in AFTER_RECOVERY:
            settle(at)


def _apply(message: Message, handler: Handler, at: datetime) -> None:
    write = Statement()
    handler(message, write)
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


def unpark_known() -> int:
    """After an upgrade: let messages be read whose kind nobody here knew before. How many there are."""
    parked = Inbox.objects.filter(state="parked", reason=UnknownKind.code, kind__in=list(KINDS))
    return parked.update(state="received", tries=0, not_before=None)
