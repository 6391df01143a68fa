# SPDX-License-Identifier: Apache-2.0
"""Receiving a batch: check, keep, acknowledge. What it means is applied afterwards."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection, transaction

from tongban.exchange import acknowledgement, batch, envelope, hop, keys, trust
from tongban.exchange.acknowledgement import DUPLICATE, STORED
from tongban.exchange.envelope import Envelope
from tongban.exchange.errors import (
    ClockSkew,
    EpochStale,
    ExchangeRefusal,
    IdReused,
    Replayed,
    SignatureInvalid,
    UnknownKind,
    WrongRecipient,
    WrongSender,
)
from tongban.exchange.models import Batch, Inbox, Peer
from tongban.exchange.registry import KINDS
from tongban.regions.trustlist import Key, TrustedNode
from tongban.standards.crypto import suite
from tongban.standards.node import here
from tongban.standards.signer import signed
from tongban.vault import keys as vault_keys
from tongban.vault.models import SubjectKey


@dataclass(frozen=True)
class Arrival:
    """One message of a batch, read."""

    envelope: Envelope
    data: bytes
    digest: str
    proof: dict[str, Any]


def receive(request: hop.Hop, at: datetime) -> bytes:
    """Take a batch in. The signed acknowledgement to answer with, or an ExchangeRefusal and nothing kept."""
    packed = batch.unpack(request.body)
    node, key = _authenticate(request, packed, at)
    batch.check_root(packed, suite(key.suite))
    _in_order(node, packed, at)
    arrivals, refused = _read_all(node, packed, key)
    with transaction.atomic():
        answers = refused | _keep(node, packed, arrivals, at)
        word = acknowledgement.Acknowledgement(
            batch=packed.head.batch, recipient=here().code, root=packed.head.root, at=at, answers=answers
        )
        wire = acknowledgement.wire(signed(keys.signer(), word.bytes()))
        Batch.objects.filter(sender=node.code, batch_id=packed.head.batch).update(answer=wire)
    return wire


def _authenticate(request: hop.Hop, packed: batch.Batch, at: datetime) -> tuple[TrustedNode, Key]:
    """Who sent it: the hop and the head must be signed by the same key of one active node."""
    head = packed.head
    node = trust.peer(head.sender, at)
    key = trust.exchange_key(node, head.key_id, at)
    if hop.key_id_of(request.headers) != key.id:
        raise SignatureInvalid()
    hop.check(request, suite_name=key.suite, public=key.public_bytes, at=at)
    if not suite(key.suite).verify(key.public_bytes, packed.head_bytes, packed.signature):
        raise SignatureInvalid()
    if head.recipient != here().code:
        raise WrongRecipient()
    return node, key


def _in_order(node: TrustedNode, packed: batch.Batch, at: datetime) -> None:
    """Fresh, of the sender's present epoch, and not this very batch again."""
    if abs(packed.head.created_at - at) > hop.SKEW:
        raise ClockSkew()
    known = Peer.objects.filter(code=node.code).values_list("epoch", flat=True).first() or 0
    if packed.head.epoch < known:
        raise EpochStale()
    if Batch.objects.filter(sender=node.code, batch_id=packed.head.batch).exists():
        raise Replayed()


def _read_all(node: TrustedNode, packed: batch.Batch, key: Key) -> tuple[list[Arrival], dict[str, str]]:
    """The messages that can be kept, and the refusals of those that cannot, by message id."""
    arrivals, refused = [], {}
    theirs = suite(key.suite)
    for data, proof in zip(packed.messages, batch.proofs(packed, theirs), strict=True):
        message = envelope.read(data)
        try:
            _require_fitting(message, node)
        except ExchangeRefusal as no:
            refused[str(message.id)] = no.code
            continue
        arrivals.append(Arrival(envelope=message, data=data, digest=theirs.digest(data), proof=proof))
    return arrivals, refused


def _require_fitting(message: Envelope, node: TrustedNode) -> None:
    if message.sender != node.code:
        raise WrongSender()
    if message.recipient != here().code:
        raise WrongRecipient()


def _keep(node: TrustedNode, packed: batch.Batch, arrivals: list[Arrival], at: datetime) -> dict[str, str]:
    """Keep the batch and its new messages; the answers by message id."""
    _keep_batch(node, packed, at)
    subject_keys = _subject_keys({a.envelope.subject for a in arrivals if _is_personal(a.envelope)})
    rows = [_row(arrival, packed, subject_keys, at) for arrival in arrivals]
    before = _digests(node.code, arrivals)
    fresh = [row for row in rows if row.message_id not in before]
    Inbox.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=500)
    return {str(a.envelope.id): _word(before.get(a.envelope.id), a) for a in arrivals}


def _word(before: str | None, arrival: Arrival) -> str:
    """What the sender is told. A kind we do not know is kept all the same, parked until this node is upgraded."""
    if before is not None:
        return DUPLICATE if before == arrival.digest else IdReused.code
    return STORED if arrival.envelope.kind in KINDS else UnknownKind.code


def _is_personal(message: Envelope) -> bool:
    """What we cannot read we treat as personal."""
    return message.kind not in KINDS or KINDS[message.kind].personal


def _keep_batch(node: TrustedNode, packed: batch.Batch, at: datetime) -> None:
    try:
        Batch.objects.create(
            sender=node.code,
            batch_id=packed.head.batch,
            recipient=here().code,
            head=packed.head_bytes,
            signature=packed.signature,
            at=at,
        )
    except IntegrityError as twice:  # the same batch twice at the same instant
        raise Replayed() from twice
    # A peer that speaks is reachable: what waits for it need not wait longer.
    Peer.objects.update_or_create(
        code=node.code,
        defaults={"epoch": packed.head.epoch, "next_try_at": None},
        create_defaults={"epoch": packed.head.epoch},
    )


def _digests(sender: str, arrivals: list[Arrival]) -> dict[Any, str]:
    ids = [arrival.envelope.id for arrival in arrivals]
    return dict(Inbox.objects.filter(sender=sender, message_id__in=ids).values_list("message_id", "digest"))


def _row(arrival: Arrival, packed: batch.Batch, subject_keys: dict[str, bytes], at: datetime) -> Inbox:
    message = arrival.envelope
    key = subject_keys.get(message.subject) if _is_personal(message) else None
    data = arrival.data if key is None else vault_keys.seal(key, arrival.data, message.subject.encode())
    return Inbox(
        sender=message.sender,
        message_id=message.id,
        epoch=message.epoch,
        subject=message.subject,
        sequence=message.sequence,
        kind=message.kind,
        content=data,
        sealed=key is not None,
        digest=arrival.digest,
        occurred_at=message.occurred_at,
        received_at=at,
        batch_id=packed.head.batch,
        proof=arrival.proof,
        state="received" if message.kind in KINDS else "parked",
        reason="" if message.kind in KINDS else UnknownKind.code,
    )


def _subject_keys(subjects: set[str]) -> dict[str, bytes]:
    """The data key of each subject; one that is met for the first time gets its own."""
    wrapped = dict(SubjectKey.objects.filter(subject__in=subjects).values_list("subject", "wrapped"))
    missing = subjects - set(wrapped)
    if missing:
        made = [SubjectKey(subject=subject, wrapped=vault_keys.new_key()[1]) for subject in sorted(missing)]
        SubjectKey.objects.bulk_create(made, ignore_conflicts=True)
        found = SubjectKey.objects.filter(subject__in=missing).values_list("subject", "wrapped")
        wrapped |= dict(found)
    return {subject: vault_keys.unwrap(value) for subject, value in wrapped.items() if value is not None}


def count_refusal(sender: str, code: str, at: datetime) -> None:
    """Count what was refused: one row for each known sender and reason, one for all strangers together."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO exchange_refused (sender, code, count, last_at) VALUES (%s, %s, 1, %s) "
            "ON CONFLICT (sender, code) DO UPDATE SET count = exchange_refused.count + 1, last_at = EXCLUDED.last_at",
            [sender, code, at],
        )
