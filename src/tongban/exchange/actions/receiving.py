# SPDX-License-Identifier: Apache-2.0
"""Receiving a batch: check, keep, acknowledge. What it means is applied afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, connection

from tongban.database.statement import Statement
from tongban.exchange import acknowledgement, batch, envelope, hop, keys, trust
from tongban.exchange.acknowledgement import DUPLICATE, STORED
from tongban.exchange.actions.sending import KEPT
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
from tongban.exchange.models import Inbox
from tongban.exchange.registry import KINDS
from tongban.regions.trustlist import Key, TrustedNode
from tongban.standards.canonical import canonical
from tongban.standards.crypto import suite
from tongban.standards.node import here
from tongban.standards.signer import signed
from tongban.vault import keys as vault_keys
from tongban.vault.models import SubjectKey

LINE = (
    "SELECT (SELECT epoch FROM exchange_peer WHERE code = %s), "
    "(SELECT next_try_at IS NULL FROM exchange_peer WHERE code = %s), "
    "EXISTS (SELECT 1 FROM exchange_batch WHERE sender = %s AND batch_id = %s)"
)
BEFORE = (
    "SELECT (SELECT json_object_agg(subject, encode(wrapped, 'hex')) FROM vault_subject_key "
    "WHERE subject = ANY(%s)), (SELECT json_object_agg(message_id, digest) FROM exchange_inbox "
    "WHERE sender = %s AND message_id = ANY(%s::uuid[]))"
)
PEER = (
    "INSERT INTO exchange_peer (code, epoch, failures, last_error, skew_ms) VALUES (%s, %s, 0, '', %s) "
    "ON CONFLICT (code) DO UPDATE SET epoch = GREATEST(exchange_peer.epoch, EXCLUDED.epoch), next_try_at = NULL, "
    "skew_ms = EXCLUDED.skew_ms"
)


@dataclass(frozen=True)
class Arrival:
    """One message of a batch, read."""

    envelope: Envelope
    data: bytes
    digest: str
    proof: dict[str, Any]


@dataclass(frozen=True)
class Line:
    """How the line from the sender stands."""

    epoch: int  # the highest seen of theirs
    is_open: bool  # we have heard of them, and our own letters to them do not wait


@dataclass(frozen=True)
class Before:
    """What is kept already of what a batch brings."""

    wrapped: Mapping[str, bytes | None]  # data keys by subject; None was destroyed
    digests: Mapping[str, str]  # by message id


def receive(request: hop.Hop, at: datetime) -> bytes:
    """Take a batch in. The signed acknowledgement to answer with, or an ExchangeRefusal and nothing kept."""
    packed = batch.unpack(request.body)
    node, key = _authenticate(request, packed, at)
    batch.check_root(packed, suite(key.suite))
    line = _in_order(node, packed, at)
    arrivals, refused = _read_all(node, packed, key)
    try:
        return _keep(packed, line, arrivals, refused, at)
    except IntegrityError:  # the same batch, or another with a new subject of ours, at the same instant
        return _keep(packed, _in_order(node, packed, at), arrivals, refused, at)


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


def _in_order(node: TrustedNode, packed: batch.Batch, at: datetime) -> Line:
    """Fresh, of the sender's present epoch, and not this very batch again."""
    if abs(packed.head.created_at - at) > hop.SKEW:
        raise ClockSkew()
    epoch, is_open, is_kept = _fetched(LINE, [node.code, node.code, node.code, packed.head.batch])
    if packed.head.epoch < (epoch or 0):
        raise EpochStale()
    if is_kept:
        raise Replayed()
    return Line(epoch=epoch or 0, is_open=bool(is_open))


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


def _keep(
    packed: batch.Batch, line: Line, arrivals: Sequence[Arrival], refused: Mapping[str, str], at: datetime
) -> bytes:
    """Keep the batch, its new messages and our acknowledgement in one statement. IntegrityError when overtaken."""
    head = packed.head
    before = _before(head.sender, arrivals)
    answers = {str(a.envelope.id): _word(before.digests.get(str(a.envelope.id)), a) for a in arrivals}
    word = acknowledgement.Acknowledgement(
        batch=head.batch, recipient=here().code, root=head.root, at=at, answers={**refused, **answers}
    )
    wire = acknowledgement.wire(signed(keys.signer(), word.bytes()))
    write = Statement()
    write.guard(
        KEPT, [packed.head.sender, packed.head.batch, here().code, packed.head_bytes, packed.signature, wire, at]
    )
    if not (line.is_open and line.epoch == packed.head.epoch):
        # A peer that speaks is reachable: what waits for it need not wait longer.
        skew = round((head.created_at - at).total_seconds() * 1000)
        write.write(PEER, [head.sender, head.epoch, skew])
    subject_keys = _subject_keys(write, before, arrivals)
    fresh = [_row(a, packed, subject_keys, at) for a in arrivals if str(a.envelope.id) not in before.digests]
    write.insert(Inbox, fresh, on_conflict="ON CONFLICT DO NOTHING")
    write.run()
    return wire


def _before(sender: str, arrivals: Sequence[Arrival]) -> Before:
    wrapped, digests = _fetched(BEFORE, [_subjects(arrivals), sender, [a.envelope.id for a in arrivals]])
    found = {subject: None if key is None else bytes.fromhex(key) for subject, key in (wrapped or {}).items()}
    return Before(wrapped=found, digests=digests or {})


def _word(before: str | None, arrival: Arrival) -> str:
    """What the sender is told. A kind we do not know is kept all the same, parked until this node is upgraded."""
    if before is not None:
        return DUPLICATE if before == arrival.digest else IdReused.code
    return STORED if arrival.envelope.kind in KINDS else UnknownKind.code


def _is_personal(message: Envelope) -> bool:
    """What we cannot read we treat as personal."""
    return message.kind not in KINDS or KINDS[message.kind].personal


def _row(arrival: Arrival, packed: batch.Batch, subject_keys: Mapping[str, bytes], at: datetime) -> dict[str, object]:
    message = arrival.envelope
    key = subject_keys.get(message.subject) if _is_personal(message) else None
    is_known = message.kind in KINDS
    return {
        "sender": message.sender,
        "message_id": message.id,
        "epoch": message.epoch,
        "subject": message.subject,
        "sequence": message.sequence,
        "kind": message.kind,
        "content": arrival.data if key is None else vault_keys.seal(key, arrival.data, message.subject.encode()),
        "sealed": key is not None,
        "digest": arrival.digest,
        "occurred_at": message.occurred_at,
        "received_at": at,
        "batch_id": packed.head.batch,
        "proof": canonical(arrival.proof).decode(),
        "state": "received" if is_known else "parked",
        "reason": "" if is_known else UnknownKind.code,
        "tries": 0,
    }


def _subject_keys(write: Statement, before: Before, arrivals: Sequence[Arrival]) -> dict[str, bytes]:
    """The data key of each subject; one that is met for the first time gets its own, with these messages.

    The insert has no ON CONFLICT: what another process sealed at the same instant must open with one key.
    """
    found = {subject: vault_keys.unwrap(key) for subject, key in before.wrapped.items() if key is not None}
    new = {subject: vault_keys.new_key() for subject in _subjects(arrivals) if subject not in before.wrapped}
    write.insert(SubjectKey, [{"subject": subject, "wrapped": wrapped} for subject, (_, wrapped) in new.items()])
    return found | {subject: key for subject, (key, _) in new.items()}


def _subjects(arrivals: Sequence[Arrival]) -> list[str]:
    """Whose data keys seal these messages."""
    return sorted({a.envelope.subject for a in arrivals if _is_personal(a.envelope)})


def _fetched(sql: str, values: Sequence[Any]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchone()  # type: ignore[no-any-return]


def count_refusal(sender: str, code: str, at: datetime) -> None:
    """Count what was refused: one row for each known sender and reason, one for all strangers together."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO exchange_refused (sender, code, count, last_at) VALUES (%s, %s, 1, %s) "
            "ON CONFLICT (sender, code) DO UPDATE SET count = exchange_refused.count + 1, last_at = EXCLUDED.last_at",
            [sender, code, at],
        )
