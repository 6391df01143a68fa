# SPDX-License-Identifier: Apache-2.0
"""Letters enter the outbox with the act they tell of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Any

from django.db import transaction
from uuid_utils.compat import uuid7

from tongban.database.statement import Statement
from tongban.exchange import queries, registry
from tongban.exchange.envelope import Envelope
from tongban.exchange.errors import NotAgreed
from tongban.exchange.models import Offered, Outbox, Sent
from tongban.regions.queries import trust_list
from tongban.standards.crypto import suite
from tongban.standards.node import here
from tongban.vault import keys

OFFERED_BEFORE = (  # what was once to be sealed stays so
    "ON CONFLICT (recipient, subject, digest) DO UPDATE SET sealed = exchange_offered.sealed OR EXCLUDED.sealed"
)


class Priority(IntEnum):
    """What goes first when much waits for one peer. All letters about one subject should have the same."""

    URGENT = 0  # the trust between nodes
    ORDINARY = 1  # people wait for it
    BULK = 2  # catalogues and statistics


@dataclass(frozen=True)
class Letter:
    """What one peer is to be told, and the files it may then fetch."""

    recipient: str
    kind: str
    subject: str
    body: Mapping[str, Any]
    files: Sequence[str] = ()
    priority: Priority = Priority.ORDINARY


def post(
    write: Statement,
    letters: Sequence[Letter],
    *,
    sent: Mapping[str, int],
    key: bytes | None,
    at: datetime,
    epoch: int | None = None,
) -> None:
    """Put letters about one subject into the statement of their act; sent = last numbers given so far.

    With a key the envelope is kept sealed under it; what is signed is always the bytes inside. NotAgreed, and nothing
    of the act is done, when the trust list does not let this kind go there.
    """
    if not letters:
        return
    listed, era = trust_list(), queries.epoch() if epoch is None else epoch
    last = dict(sent)
    rows = []
    for letter in letters:
        if not listed.may_send(here().code, letter.recipient, letter.kind):
            raise NotAgreed(recipient=letter.recipient, kind=letter.kind)
        last[letter.recipient] = last.get(letter.recipient, 0) + 1
        rows.append(_row(letter, last[letter.recipient], era, listed.serial, key, at))
    write.insert(Outbox, rows)
    told = {letter.recipient for letter in letters}
    write.insert(
        Sent,
        [{"recipient": code, "subject": letters[0].subject, "last": last[code]} for code in sorted(told)],
        on_conflict="ON CONFLICT (recipient, subject) DO UPDATE SET last = EXCLUDED.last",
    )
    write.insert(Offered, _offers(letters), on_conflict=OFFERED_BEFORE)


def _row(letter: Letter, sequence: int, epoch: int, serial: int, key: bytes | None, at: datetime) -> dict[str, Any]:
    envelope = Envelope(
        id=uuid7(),
        sender=here().code,
        recipient=letter.recipient,
        epoch=epoch,
        kind=letter.kind,
        subject=letter.subject,
        sequence=sequence,
        occurred_at=at,
        trust_serial=serial,
        body=letter.body,
    )
    data = envelope.bytes()
    return {
        "recipient": letter.recipient,
        "message_id": envelope.id,
        "subject": letter.subject,
        "sequence": sequence,
        "kind": letter.kind,
        "priority": int(letter.priority),
        "content": data if key is None else keys.seal(key, data, letter.subject.encode()),
        "sealed": key is not None,
        "digest": suite(here().suite).digest(data),
        "written_at": at,
    }


def _offers(letters: Iterable[Letter]) -> list[dict[str, Any]]:
    """Each file once for each peer; sealed if any of the letters that name it carries personal data."""
    offers: dict[tuple[str, str, str], bool] = {}
    for letter in letters:
        personal = registry.is_personal(letter.kind)
        for digest in letter.files:
            place = (letter.recipient, letter.subject, digest)
            offers[place] = offers.get(place, False) or personal
    return [
        {"recipient": recipient, "subject": subject, "digest": digest, "sealed": sealed}
        for (recipient, subject, digest), sealed in sorted(offers.items())
    ]


def send(
    recipients: Iterable[str],
    *,
    kind: str,
    subject: str,
    body: Mapping[str, Any],
    at: datetime,
    priority: Priority = Priority.ORDINARY,
) -> None:
    """Tell several peers the same, on the rarer paths; part of the caller's transaction."""
    letters = [Letter(recipient=code, kind=kind, subject=subject, body=body, priority=priority) for code in recipients]
    with transaction.atomic():
        rows = [Sent(recipient=letter.recipient, subject=subject, last=0) for letter in letters]
        Sent.objects.bulk_create(rows, ignore_conflicts=True)
        locked = Sent.objects.select_for_update().filter(subject=subject).order_by("recipient")
        last = dict(locked.values_list("recipient", "last"))
        write = Statement()
        write.guard("SELECT 1", [])
        post(write, letters, sent=last, key=None, at=at)
        write.run()
