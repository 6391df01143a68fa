# SPDX-License-Identifier: Apache-2.0
"""What waits for a person: refused letters, parked messages, gaps, and who was refused at the door."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tongban.exchange.acknowledgement import DUPLICATE, STORED
from tongban.exchange.models import Gap, Inbox, Outbox, Refused


@dataclass(frozen=True)
class RefusedView:
    """What was refused of one sender for one reason."""

    sender: str
    code: str
    count: int
    last_at: datetime


@dataclass(frozen=True)
class ParkedView:
    """A message that is kept and cannot be applied yet."""

    sender: str
    kind: str
    reason: str
    received_at: datetime
    message_id: UUID
    note: str  # who looks after it


@dataclass(frozen=True)
class DeadLetter:
    """A letter of ours that its recipient refused."""

    message_id: UUID
    recipient: str
    kind: str
    subject: str
    answer: str  # the code of the refusal
    answered_at: datetime


def dead_letters(limit: int = 50) -> list[DeadLetter]:
    """Letters that were refused and that nobody has dealt with, the oldest first."""
    refused = Outbox.objects.filter(answered_at__isnull=False, settled="").exclude(answer__in=(STORED, DUPLICATE))
    names = ("message_id", "recipient", "kind", "subject", "answer", "answered_at")
    return [DeadLetter(*row) for row in refused.order_by("position").values_list(*names)[:limit]]


def gaps(limit: int = 50) -> list[Gap]:
    """Messages that are missing, and what their sender says about them; the longest missing first."""
    return list(Gap.objects.order_by("seen_at")[:limit])


def refusals(limit: int = 50) -> list[RefusedView]:
    """What was refused by sender and reason, the latest first."""
    rows = Refused.objects.order_by("-last_at")[:limit]
    return [RefusedView(row.sender, row.code, row.count, row.last_at) for row in rows]


def parked(limit: int = 50) -> list[ParkedView]:
    """Messages that wait for an earlier one or for an upgrade, the oldest first."""
    names = ("sender", "kind", "reason", "received_at", "message_id", "note")
    rows = Inbox.objects.filter(state="parked").order_by("received_at").values_list(*names)[:limit]
    return [ParkedView(*row) for row in rows]
