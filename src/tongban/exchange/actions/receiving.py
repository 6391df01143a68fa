# SPDX-License-Identifier: Apache-2.0
"""Receiving a batch: check, keep, acknowledge. What it means is applied afterwards."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

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
    Malformed,
    NotAgreed,
    Recovering,
    Replayed,
    SequenceReused,
    SignatureInvalid,
    UnknownKind,
    WrongRecipient,
    WrongSender,
)
from tongban.exchange.models import Inbox
from tongban.exchange.registry import KINDS
from tongban.regions.queries import trust_list
from tongban.regions.trustlist import Key, TrustedNode
from tongban.standards.canonical import canonical
from tongban.standards.crypto import suite
from tongban.standards.node import here
from tongban.standards.signer import signed
from tongban.vault import keys as vault_keys
from tongban.vault.models import SubjectKey

KEPT_ANSWERS = (STORED, UnknownKind.code)  # a kind that nobody here reads yet is kept all the same
LINE = (
    "SELECT (SELECT epoch FROM exchange_peer WHERE code = %s), "
    "(SELECT next_try_at IS NULL FROM exchange_peer WHERE code = %s), "
    "EXISTS (SELECT 1 FROM exchange_batch WHERE sender = %s AND batch_id = %s), "
    "EXISTS (SELECT 1 FROM exchange_myself WHERE recovering_since IS NOT NULL)"
)
BEFORE = (
    "SELECT (SELECT json_object_agg(subject, encode(wrapped, 'hex')) FROM vault_subject_key "
    "WHERE subject = ANY(%s)), (SELECT json_object_agg(message_id, digest) FROM exchange_inbox "
    "WHERE sender = %s AND message_id = ANY(%s::uuid[])), "
    "(SELECT json_agg(given.id) FROM unnest(%s::text[], %s::bigint[], %s::uuid[]) AS given (subject, sequence, id) "
    "JOIN exchange_inbox kept ON kept.subject = given.subject AND kept.sender = %s "
    "AND kept.sequence = given.sequence AND kept.message_id <> given.id)"
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
    crossed: frozenset[str]  # ids of messages whose place in their subject another message has


def receive(request: hop.Hop, at: datetime) -> bytes:
    """Take a batch in. The signed acknowledgement to answer with, or an ExchangeRefusal and nothing kept."""
    packed = batch.unpack(request.body)
    node, key = _authenticate(request, packed, at)
    try:
        return _take(node, key, packed, at)
    except ExchangeRefusal as no:
        no.proven = node.code
        raise


def _take(node: TrustedNode, key: Key, packed: batch.Batch, at: datetime) -> bytes:
    """Keep what a node sent that has proven who it is."""
    if packed.head.recipient != here().code:
        raise WrongRecipient()
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
    return node, key


def _in_order(node: TrustedNode, packed: batch.Batch, at: datetime) -> Line:
    """Fresh, of the sender's present epoch, and not this very batch again."""
    if abs(packed.head.created_at - at) > hop.SKEW:
        raise ClockSkew()
    epoch, is_open, is_kept, recovering = _fetched(LINE, [node.code, node.code, node.code, packed.head.batch])
    if recovering:
        raise Recovering()
    if packed.head.epoch < (epoch or 0):
        raise EpochStale()
    if is_kept:
        raise Replayed()
    return Line(epoch=epoch or 0, is_open=bool(is_open))


def _read_all(node: TrustedNode, packed: batch.Batch, key: Key) -> tuple[list[Arrival], dict[str, str]]:
    """The messages that can be kept, and the refusals of those that cannot, by message id."""
    arrivals: list[Arrival] = []
    refused: dict[str, str] = {}
    theirs = suite(key.suite)
    places: set[tuple[str, int]] = set()
    seen: dict[UUID, bytes] = {}
    for data, proof in zip(packed.messages, batch.proofs(packed, theirs), strict=True):
        message = envelope.read(data)
        if message.id in seen:
            if seen[message.id] != data:
                raise Malformed(why="同一批中两份报文用了同一编号")
            continue
        seen[message.id] = data
        try:
            _require_fitting(message, node, places)
        except ExchangeRefusal as no:
            refused[str(message.id)] = no.code
            continue
        places.add((message.subject, message.sequence))
        arrivals.append(Arrival(envelope=message, data=data, digest=theirs.digest(data), proof=proof))
    return arrivals, refused


def _require_fitting(message: Envelope, node: TrustedNode, places: Collection[tuple[str, int]]) -> None:
    if message.sender != node.code:
        raise WrongSender()
    if message.recipient != here().code:
        raise WrongRecipient()
    if not trust_list().may_send(node.code, here().code, message.kind):
        raise NotAgreed(recipient=here().code, kind=message.kind)
    if (message.subject, message.sequence) in places:
        raise SequenceReused()


def _keep(
    packed: batch.Batch, line: Line, arrivals: Sequence[Arrival], refused: Mapping[str, str], at: datetime
) -> bytes:
    """Keep the batch, its new messages and our acknowledgement in one statement. IntegrityError when overtaken."""
    head = packed.head
    before = _before(head.sender, arrivals)
    answers = {str(a.envelope.id): _word(before, a) for a in arrivals}
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
    fresh = [_row(a, packed, subject_keys, at) for a in arrivals if answers[str(a.envelope.id)] in KEPT_ANSWERS]
    write.insert(Inbox, fresh, on_conflict="ON CONFLICT (sender, message_id) DO NOTHING")
    write.run()
    return wire


def _before(sender: str, arrivals: Sequence[Arrival]) -> Before:
    letters = [a.envelope for a in arrivals]
    ids = [letter.id for letter in letters]
    places = [[letter.subject for letter in letters], [letter.sequence for letter in letters], ids]
    wrapped, digests, crossed = _fetched(BEFORE, [_subjects(arrivals), sender, ids, *places, sender])
    found = {subject: None if key is None else bytes.fromhex(key) for subject, key in (wrapped or {}).items()}
    return Before(wrapped=found, digests=digests or {}, crossed=frozenset(crossed or ()))


def _word(before: Before, arrival: Arrival) -> str:
    """What the sender is told. A kind we do not know is kept all the same, parked until this node is upgraded."""
    name = str(arrival.envelope.id)
    if name in before.digests:
        return DUPLICATE if before.digests[name] == arrival.digest else IdReused.code
    if name in before.crossed:
        return SequenceReused.code
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
