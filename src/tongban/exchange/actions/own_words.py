# SPDX-License-Identifier: Apache-2.0
"""What this node once said and has forgotten: its own letters, returned by the peers that have them, followed again."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from tongban.database.statement import Statement
from tongban.exchange.acknowledgement import STORED
from tongban.exchange.actions.misfits import Overtaken, misfit
from tongban.exchange.models import Outbox, Returned, Sent
from tongban.exchange.registry import KINDS, message_of
from tongban.standards.node import here
from tongban.vault import keys as vault
from tongban.vault.queries import subject_key

PARKED = "parked"  # came back, and did not fit when this node began to serve again


def follow_parked(subject: str, at: datetime) -> int:
    """Our own letters about this subject that waited for what has now come. How many were followed."""
    waiting = Returned.objects.filter(subject=subject, state=PARKED).order_by("recipient", "sequence")
    followed = 0
    for recipient, message_id in list(waiting.values_list("recipient", "message_id")):
        followed += follow_own(recipient, message_id, at)
    return followed


def follow_own(recipient: str, message_id: Any, at: datetime) -> bool:
    """One letter of our own, at its place. False while it does not fit yet."""
    try:
        with transaction.atomic():
            return _follow_own_row(Returned.objects.get(recipient=recipient, message_id=message_id), at)
    except Exception as why:  # whatever it is about this one, all others go on
        code = misfit(why)
        Returned.objects.filter(recipient=recipient, message_id=message_id).update(reason=code)
        return False


def _follow_own_row(row: Returned, at: datetime) -> bool:
    last = Sent.objects.filter(recipient=row.recipient, subject=row.subject).values_list("last", flat=True).first() or 0
    if row.sequence > last + 1:
        return False
    write = Statement()
    if row.sequence == last + 1:
        _replay(row, write, at)
    if not write.guarded:
        write.guard("SELECT 1", [])
    _remember(row, write, max(last, row.sequence), at)
    if write.run() is None:
        raise Overtaken()
    return True


def _replay(row: Returned, write: Statement, at: datetime) -> None:
    """Let the noun follow what we once said."""
    kind = KINDS.get(row.kind)
    if kind is None or kind.replay is None:
        return
    key = subject_key(row.subject) if row.sealed else None
    data = bytes(row.content) if key is None else vault.unseal(key, bytes(row.content), row.subject.encode())
    message = message_of(data, here().code, row.digest, at, key)
    kind.replay(replace(message, teller=row.recipient), write)


def _remember(row: Returned, write: Statement, last: int, at: datetime) -> None:
    """The letter stands in our outbox again, answered, and the count of its subject goes on from there."""
    letter: Mapping[str, Any] = {
        "recipient": row.recipient,
        "message_id": row.message_id,
        "subject": row.subject,
        "sequence": row.sequence,
        "kind": row.kind,
        "content": bytes(row.content),
        "sealed": row.sealed,
        "digest": row.digest,
        "written_at": row.received_at,
        "batch_id": row.batch_id,
        "proof": row.proof if isinstance(row.proof, str) else json.dumps(row.proof),
        "answer": STORED,
        "answered_at": at,
    }
    known = Outbox.objects.filter(message_id=row.message_id)
    if known.exists():
        known.update(answer=STORED, answered_at=at, batch_id=row.batch_id, proof=row.proof)
    else:
        write.insert(Outbox, [letter])
    write.insert(
        Sent,
        [{"recipient": row.recipient, "subject": row.subject, "last": last}],
        on_conflict="ON CONFLICT (recipient, subject) DO UPDATE SET last = EXCLUDED.last",
    )
    write.write(
        "UPDATE exchange_returned SET state = 'followed', reason = '' WHERE recipient = %s AND message_id = %s "
        "AND EXISTS (SELECT 1 FROM guard)",
        [row.recipient, row.message_id],
    )
