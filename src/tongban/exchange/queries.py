# SPDX-License-Identifier: Apache-2.0
"""Reading how the exchange stands."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Max

from tongban.exchange.models import Inbox, Myself, Outbox, Peer, Refused, Sent, Wanted
from tongban.regions.queries import trust_list
from tongban.standards.node import here
from tongban.vault import keys
from tongban.vault.errors import KeyDestroyed

# What the resident worker asks, all together: is there work? (%(at)s is the present instant.)
APPLY_DUE = "SELECT 1 FROM exchange_inbox WHERE state = 'received' AND (not_before IS NULL OR not_before <= %(at)s)"
FETCH_DUE = "SELECT 1 FROM exchange_wanted WHERE fetched_at IS NULL AND not_before <= %(at)s"


def send_due(code: str) -> str:
    """Whether anything waits for this peer and its line does not rest. ValueError for what is no node's code."""
    if not (code.isdigit() and len(code) == 6):
        raise ValueError(f"{code!r} is no node")
    return (
        f"SELECT 1 FROM exchange_outbox WHERE recipient = '{code}' AND answered_at IS NULL AND NOT EXISTS "  # noqa: S608
        f"(SELECT 1 FROM exchange_peer WHERE code = '{code}' AND next_try_at > %(at)s)"
    )


@dataclass(frozen=True)
class PeerView:
    """The line to one peer, for people."""

    code: str
    name: str
    last_ok_at: datetime | None
    backlog: int
    failing: bool
    next_try_at: datetime | None
    last_error: str
    skew_ms: int | None = None  # their clock less ours at the last exchange; None before the first


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


@dataclass(frozen=True)
class Load:
    """How much waits where."""

    outbox: dict[str, int]
    inbox_waiting: int
    inbox_parked: int
    files_wanted: int
    refused: dict[tuple[str, str], int]


@dataclass(frozen=True)
class Due:
    """An outbox row that is to be sent."""

    position: int
    message_id: Any
    data: bytes


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


def peers() -> list[PeerView]:
    """Every other node on the trust list, with how the line to it is."""
    kept = {peer.code: peer for peer in Peer.objects.all()}
    waiting = backlog()
    return [
        _view(node.code, node.name, kept.get(node.code), waiting.get(node.code, 0))
        for node in trust_list().peers(here().code)
    ]


def _view(code: str, name: str, peer: Peer | None, waiting: int) -> PeerView:
    return PeerView(
        code=code,
        name=name,
        last_ok_at=peer.last_ok_at if peer else None,
        backlog=waiting,
        failing=bool(peer and peer.failures),
        next_try_at=peer.next_try_at if peer else None,
        last_error=peer.last_error if peer else "",
        skew_ms=peer.skew_ms if peer else None,
    )


def backlog() -> dict[str, int]:
    """Messages that wait for each peer."""
    rows = Outbox.objects.filter(answered_at=None).values_list("recipient").annotate(Count("position"))
    return dict(rows)


def load() -> Load:
    """All that the metrics and the operator's page show."""
    states = dict(
        Inbox.objects.filter(state__in=("received", "parked")).values_list("state").annotate(Count("message_id"))
    )
    return Load(
        outbox=backlog(),
        inbox_waiting=states.get("received", 0),
        inbox_parked=states.get("parked", 0),
        files_wanted=Wanted.objects.filter(fetched_at=None).count(),
        refused={(row.sender, row.code): row.count for row in Refused.objects.all()},
    )


def refusals(limit: int = 50) -> list[RefusedView]:
    """What was refused by sender and reason, the latest first."""
    rows = Refused.objects.order_by("-last_at")[:limit]
    return [RefusedView(row.sender, row.code, row.count, row.last_at) for row in rows]


def parked(limit: int = 50) -> list[ParkedView]:
    """Messages that wait for an earlier one or for an upgrade, the oldest first."""
    rows = Inbox.objects.filter(state="parked").order_by("received_at").only("kind", "reason", "received_at")[:limit]
    return [ParkedView(row.sender, row.kind, row.reason, row.received_at) for row in rows]


def failing(codes: set[str]) -> set[str]:
    """Those of these peers that could not be reached at the last try."""
    return set(Peer.objects.filter(code__in=codes, failures__gt=0).values_list("code", flat=True))


def sent(subject: str) -> dict[str, int]:
    """The last sequence number given to each recipient of a subject."""
    return dict(Sent.objects.filter(subject=subject).values_list("recipient", "last"))


def last_exchange() -> datetime | None:
    """When any peer last answered."""
    return Peer.objects.aggregate(at=Max("last_ok_at"))["at"]  # type: ignore[no-any-return]


def due(recipient: str, limit: int, most_bytes: int) -> list[Due]:
    """What waits for a peer, in the order it was written, opened for sending; what was erased is not sent."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT o.position, o.message_id, o.content, o.sealed, o.subject, k.wrapped FROM exchange_outbox o "
            "LEFT JOIN vault_subject_key k ON o.sealed AND k.subject = o.subject "
            "WHERE o.recipient = %s AND o.answered_at IS NULL AND (NOT o.sealed OR k.wrapped IS NOT NULL) "
            "ORDER BY o.position LIMIT %s",
            [recipient, limit],
        )
        rows = cursor.fetchall()
    found: list[Due] = []
    size = 0
    for position, message_id, content, sealed, subject, wrapped in rows:
        data = open_content(bytes(content), sealed, subject, wrapped)
        size += len(data)
        if found and size > most_bytes:
            break
        found.append(Due(position=position, message_id=message_id, data=data))
    return found


def open_content(content: bytes, sealed: bool, subject: str, wrapped: bytes | None) -> bytes:
    """The exact envelope bytes of a kept message. KeyDestroyed when its subject was erased."""
    if not sealed:
        return content
    if wrapped is None:
        raise KeyDestroyed()
    return keys.unseal(keys.unwrap(wrapped), content, subject.encode())
