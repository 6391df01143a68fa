# SPDX-License-Identifier: Apache-2.0
"""Letters enter the outbox with the act they tell of."""

from collections.abc import Collection, Iterable, Mapping, Sequence
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
AT_ONCE = 1000  # letters in one statement: a few megabytes


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


@dataclass(frozen=True)
class News:
    """What several peers are to be told of one subject."""

    kind: str
    subject: str
    body: Mapping[str, Any]


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
    if letters:
        last = {(code, letters[0].subject): number for code, number in sent.items()}
        _post(write, letters, last, key=key, at=at, epoch=queries.epoch() if epoch is None else epoch)


def _post(
    write: Statement,
    letters: Sequence[Letter],
    last: dict[tuple[str, str], int],
    *,
    key: bytes | None,
    at: datetime,
    epoch: int,
) -> None:
    """The same about any number of subjects; last = the numbers given so far, by recipient and subject."""
    listed = trust_list()
    rows = []
    for letter in letters:
        if not listed.may_send(here().code, letter.recipient, letter.kind):
            raise NotAgreed(recipient=letter.recipient, kind=letter.kind)
        place = (letter.recipient, letter.subject)
        last[place] = last.get(place, 0) + 1
        rows.append(_row(letter, last[place], epoch, listed.serial, key, at))
    write.insert(Outbox, rows)
    told = sorted({(letter.recipient, letter.subject) for letter in letters})
    write.insert(
        Sent,
        [{"recipient": code, "subject": subject, "last": last[code, subject]} for code, subject in told],
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
    send_many(list(recipients), [News(kind, subject, body)], at=at, priority=priority)


def send_many(
    recipients: Collection[str], news: Sequence[News], *, at: datetime, priority: Priority = Priority.BULK
) -> None:
    """Tell several peers of many subjects, in as many statements as of one; part of the caller's transaction."""
    letters = [
        Letter(recipient=code, kind=each.kind, subject=each.subject, body=each.body, priority=priority)
        for each in sorted(news, key=lambda each: each.subject)  # whoever tells of the same ones locks them in order
        for code in sorted(recipients)
    ]
    if not letters:
        return
    with transaction.atomic():
        for first in range(0, len(letters), AT_ONCE):
            _send(letters[first : first + AT_ONCE], at)


def _send(letters: Sequence[Letter], at: datetime) -> None:
    places = sorted({(letter.recipient, letter.subject) for letter in letters})
    Sent.objects.bulk_create(
        [Sent(recipient=code, subject=subject, last=0) for code, subject in places], ignore_conflicts=True
    )
    peers, subjects = {code for code, _ in places}, {subject for _, subject in places}
    locked = Sent.objects.select_for_update().filter(recipient__in=peers, subject__in=subjects)
    told = locked.order_by("subject", "recipient").values_list("recipient", "subject", "last")
    last = {(code, subject): number for code, subject, number in told}
    write = Statement()
    write.guard("SELECT 1", [])
    _post(write, letters, last, key=None, at=at, epoch=queries.epoch())
    write.run()
