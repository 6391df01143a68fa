# SPDX-License-Identifier: Apache-2.0
"""Remembering who was refused and why, so that nobody can fill the disk by being refused."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from tongban.exchange.models import Sample
from tongban.ledger import actions as ledger
from tongban.standards.actor import system
from tongban.standards.crypto import suite
from tongban.standards.node import here

STRANGERS = "unknown"
HOUR = timedelta(hours=1)
NOTED = 60  # lines of the ledger for one sender and reason in an hour; more are only counted
SAMPLES = 100  # beginnings of what strangers sent
BEGINNING = 300  # bytes
COUNT = (
    "INSERT INTO exchange_refused (sender, code, count, last_at, noted_since, noted) VALUES (%s, %s, 1, %s, %s, 1) "
    "ON CONFLICT (sender, code) DO UPDATE SET count = exchange_refused.count + 1, last_at = EXCLUDED.last_at, "
    "noted = CASE WHEN exchange_refused.noted_since > %s THEN exchange_refused.noted + 1 ELSE 1 END, "
    "noted_since = CASE WHEN exchange_refused.noted_since > %s THEN exchange_refused.noted_since "
    "ELSE EXCLUDED.noted_since END RETURNING count, noted"
)


def note_refusal(sender: str, code: str, data: bytes, at: datetime) -> None:
    """Note that a node which proved who it is was refused: counted, and told in the ledger, so many an hour."""
    with transaction.atomic():
        _, noted = _count(sender, code, at)
        if noted <= NOTED:
            facts = {"code": code, "digest": suite(here().suite).digest(data)}
            ledger.write(f"exchange/{sender}", verb="exchange.refused", actor=system(sender), at=at, facts=facts)


def note_stranger(claimed: str, code: str, data: bytes, at: datetime) -> None:
    """Count a refusal of somebody who proved nothing; of the last few the beginning is kept for the operator."""
    with transaction.atomic():
        count, _ = _count(STRANGERS, code, at)
        kept = {"at": at, "code": code, "claimed": _printable(claimed), "beginning": data[:BEGINNING]}
        Sample.objects.update_or_create(slot=count % SAMPLES, defaults=kept)


def _count(sender: str, code: str, at: datetime) -> tuple[int, int]:
    """How often this was refused in all, and in the hour that runs."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, [sender, code, at, at, at - HOUR, at - HOUR])
        count, noted = cursor.fetchone()
    return count, noted


def _printable(text: str) -> str:
    """What a stranger calls itself, fit for a table and a page."""
    return "".join(sign for sign in text if sign.isprintable())[:80]
