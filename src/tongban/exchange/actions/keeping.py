# SPDX-License-Identifier: Apache-2.0
"""Keeping what was received, with our word for it: batches that arrive at the same time share one commit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from psycopg.types.numeric import Int8

from tongban.database import reading
from tongban.database.columns import array, columns
from tongban.database.statement import Statement
from tongban.exchange import acknowledgement, batch, keys
from tongban.exchange.acknowledgement import DUPLICATE, STORED
from tongban.exchange.envelope import Envelope
from tongban.exchange.errors import (
    EpochStale,
    ExchangeRefusal,
    IdReused,
    Recovering,
    Replayed,
    SequenceReused,
    UnknownKind,
)
from tongban.exchange.registry import KINDS, is_personal
from tongban.standards.canonical import canonical
from tongban.standards.node import here
from tongban.standards.signer import signed
from tongban.vault import keys as vault_keys

KEPT_ANSWERS = (STORED, UnknownKind.code)  # a kind that nobody here reads yet is kept all the same
KNOWN = (
    "SELECT (SELECT json_object_agg(code, json_build_array(epoch, next_try_at IS NULL)) FROM exchange_peer "
    "WHERE code = ANY(%s)), EXISTS (SELECT 1 FROM exchange_myself WHERE recovering_since IS NOT NULL), "
    "(SELECT json_agg(json_build_array(sender, batch_id)) FROM exchange_batch "
    "WHERE sender = ANY(%s) AND batch_id = ANY(%s::uuid[])), "
    "(SELECT json_object_agg(subject, encode(wrapped, 'hex')) FROM vault_subject_key WHERE subject = ANY(%s)), "
    "(SELECT json_agg(json_build_array(sender, message_id, digest)) FROM exchange_inbox "
    "WHERE sender = ANY(%s) AND message_id = ANY(%s::uuid[])), "
    "(SELECT json_agg(json_build_array(kept.sender, given.id)) "
    "FROM unnest(%s::text[], %s::text[], %s::bigint[], %s::uuid[]) AS given (sender, subject, sequence, id) "
    "JOIN exchange_inbox kept ON kept.subject = given.subject AND kept.sender = given.sender "
    "AND kept.sequence = given.sequence AND kept.message_id <> given.id)"
)
BATCHES = (
    "INSERT INTO exchange_batch (sender, batch_id, recipient, head, signature, answer, at) SELECT * FROM unnest("
    "%s::text[], %s::uuid[], %s::text[], %s::bytea[], %s::bytea[], %s::bytea[], %s::timestamptz[]) RETURNING batch_id"
)
MESSAGES = (
    "INSERT INTO exchange_inbox (sender, message_id, epoch, subject, sequence, kind, content, sealed, digest, "
    "occurred_at, received_at, batch_id, proof, state, reason, tries) SELECT *, 0 FROM unnest(%s::text[], %s::uuid[], "
    "%s::bigint[], %s::text[], %s::bigint[], %s::text[], %s::bytea[], %s::boolean[], %s::text[], %s::timestamptz[], "
    "%s::timestamptz[], %s::uuid[], %s::text[]::jsonb[], %s::text[], %s::text[]) "
    "WHERE EXISTS (SELECT 1 FROM guard) ON CONFLICT (sender, message_id) DO NOTHING"
)
SUBJECT_KEYS = (  # no ON CONFLICT: what another process sealed at the same instant must open with one key
    "INSERT INTO vault_subject_key (subject, wrapped) SELECT * FROM unnest(%s::text[], %s::bytea[]) "
    "WHERE EXISTS (SELECT 1 FROM guard)"
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
class Brought:
    """A batch that its sender has signed."""

    packed: batch.Batch
    arrivals: Sequence[Arrival]  # that can be kept
    refused: Mapping[str, str]  # those that cannot, by message id
    unreadable: ExchangeRefusal | None  # one of its envelopes: then nothing of it is kept
    at: datetime

    @property
    def head(self) -> batch.Head:
        """What was signed."""
        return self.packed.head

    @cached_property
    def marks(self) -> frozenset[object]:
        """What must not come twice into one statement."""
        sender, letters = self.head.sender, [arrival.envelope for arrival in self.arrivals]
        ids = {(sender, letter.id) for letter in letters}
        places = {(sender, letter.subject, letter.sequence) for letter in letters}
        return frozenset({("batch", sender, self.head.batch)} | ids | places)


@dataclass(frozen=True)
class Known:
    """What this node has already of what was brought."""

    lines: Mapping[str, tuple[int, bool]]  # by sender: the highest epoch seen, and that our letters do not rest
    recovering: bool
    batches: frozenset[tuple[str, str]]  # sender and id
    wrapped: Mapping[str, bytes | None]  # data keys by subject; None was destroyed
    digests: Mapping[tuple[str, str], str]  # by sender and message id
    crossed: frozenset[tuple[str, str]]  # sender and id of messages whose place in their subject another message has


Outcome = bytes | ExchangeRefusal


def keep(several: Sequence[Brought]) -> list[Outcome]:
    """Keep batches, in the order they came. For each the signed acknowledgement, once all is durable; or a refusal."""
    turns: list[list[Brought]] = []
    taken: frozenset[object] = frozenset()
    for brought in several:
        if not turns or not taken.isdisjoint(brought.marks):  # what cannot stand in one statement stands in two
            turns.append([])
            taken = frozenset()
        turns[-1].append(brought)
        taken |= brought.marks
    return [outcome for turn in turns for outcome in _keep_turn(turn)]


def _keep_turn(turn: Sequence[Brought]) -> list[Outcome]:
    try:
        return _keep(turn)
    except IntegrityError:  # the same batch, or another with a new subject of ours, at the same instant
        return [outcome for brought in turn for outcome in _keep([brought])]


def _keep(turn: Sequence[Brought]) -> list[Outcome]:
    """One reading, then the batches, their new messages and our acknowledgements in one statement."""
    known = _known(turn)
    kept: list[tuple[Brought, bytes]] = []
    fresh: list[tuple[Brought, Arrival]] = []
    outcomes: list[Outcome] = []
    epochs = {code: epoch for code, (epoch, _) in known.lines.items()}
    for brought in turn:
        if (no := _refusal(known, brought, epochs.get(brought.head.sender, 0))) is not None:
            outcomes.append(no)
            continue
        epochs[brought.head.sender] = brought.head.epoch
        answers = {str(a.envelope.id): _word(known, a) for a in brought.arrivals}
        wire = _acknowledgement(brought, answers)
        outcomes.append(wire)
        kept.append((brought, wire))
        fresh += [(brought, a) for a in brought.arrivals if answers[str(a.envelope.id)] in KEPT_ANSWERS]
    if kept:
        _write(known, kept, fresh)
    return outcomes


def _known(turn: Sequence[Brought]) -> Known:
    letters = [arrival.envelope for brought in turn for arrival in brought.arrivals]
    names, ids = array(str, [one.sender for one in letters]), array(UUID, [one.id for one in letters])
    senders = array(str, sorted({brought.head.sender for brought in turn}))
    batches = array(UUID, [brought.head.batch for brought in turn])
    subjects = array(str, sorted({letter.subject for letter in letters if is_personal(letter.kind)}))
    places = array(str, [one.subject for one in letters]), array(Int8, [one.sequence for one in letters])
    found = reading.row(KNOWN, [senders, senders, batches, subjects, senders, ids, names, *places, ids])
    lines, recovering, taken, wrapped, digests, crossed = found or (None,) * 6
    return Known(
        lines={code: tuple(line) for code, line in (lines or {}).items()},
        recovering=recovering,
        batches=frozenset(map(tuple, taken or ())),
        wrapped={subject: key and bytes.fromhex(key) for subject, key in (wrapped or {}).items()},
        digests={(sender, name): digest for sender, name, digest in digests or ()},
        crossed=frozenset(map(tuple, crossed or ())),
    )


def _refusal(known: Known, brought: Brought, epoch: int) -> ExchangeRefusal | None:
    """Why nothing of this batch is kept, in the order that the protocol says; epoch = the sender's highest so far."""
    head = brought.head
    if known.recovering:
        return Recovering()
    if head.epoch < epoch:
        return EpochStale()
    if (head.sender, str(head.batch)) in known.batches:
        return Replayed()
    return brought.unreadable


def _word(known: Known, arrival: Arrival) -> str:
    """What the sender is told. A kind we do not know is kept all the same, parked until this node is upgraded."""
    name = (arrival.envelope.sender, str(arrival.envelope.id))
    if name in known.digests:
        return DUPLICATE if known.digests[name] == arrival.digest else IdReused.code
    if name in known.crossed:
        return SequenceReused.code
    return STORED if arrival.envelope.kind in KINDS else UnknownKind.code


def _acknowledgement(brought: Brought, answers: Mapping[str, str]) -> bytes:
    word = acknowledgement.Acknowledgement(
        batch=brought.head.batch,
        recipient=here().code,
        root=brought.head.root,
        at=brought.at,
        answers={**brought.refused, **answers},
    )
    return acknowledgement.wire(signed(keys.signer(), word.bytes()))


def _write(known: Known, kept: Sequence[tuple[Brought, bytes]], fresh: Sequence[tuple[Brought, Arrival]]) -> None:
    write = Statement()
    write.guard(BATCHES, columns(_batch(brought, wire) for brought, wire in kept))
    lines = {brought.head.sender: brought for brought, _ in kept if not _is_open(known, brought.head)}
    for code, brought in lines.items():  # a peer that speaks is reachable: what waits for it need not wait longer
        skew = round((brought.head.created_at - brought.at).total_seconds() * 1000)
        write.write(PEER, [code, brought.head.epoch, skew])
    if fresh:
        subject_keys = _subject_keys(write, known, [arrival for _, arrival in fresh])
        write.write(MESSAGES, columns(_message(brought, arrival, subject_keys) for brought, arrival in fresh))
    write.run()


def _batch(brought: Brought, wire: bytes) -> Sequence[object]:
    packed, head = brought.packed, brought.head
    return head.sender, head.batch, here().code, packed.head_bytes, packed.signature, wire, brought.at


def _is_open(known: Known, head: batch.Head) -> bool:
    """Whether we know already that this peer speaks, and of this epoch."""
    return known.lines.get(head.sender) == (head.epoch, True)


def _message(brought: Brought, arrival: Arrival, subject_keys: Mapping[str, bytes]) -> Sequence[object]:
    message = arrival.envelope
    key = subject_keys.get(message.subject) if is_personal(message.kind) else None
    is_known = message.kind in KINDS
    return (
        message.sender,
        message.id,
        Int8(message.epoch),
        message.subject,
        Int8(message.sequence),
        message.kind,
        arrival.data if key is None else vault_keys.seal(key, arrival.data, message.subject.encode()),
        key is not None,
        arrival.digest,
        message.occurred_at,
        brought.at,
        brought.head.batch,
        canonical(arrival.proof).decode(),
        "received" if is_known else "parked",
        "" if is_known else UnknownKind.code,
    )


def _subject_keys(write: Statement, known: Known, arrivals: Sequence[Arrival]) -> dict[str, bytes]:
    """The data key of each subject; one that is met for the first time gets its own, with these messages."""
    found = {subject: vault_keys.unwrap(key) for subject, key in known.wrapped.items() if key is not None}
    subjects = {arrival.envelope.subject for arrival in arrivals if is_personal(arrival.envelope.kind)}
    new = {subject: vault_keys.new_key() for subject in sorted(subjects - known.wrapped.keys())}
    if new:
        write.write(SUBJECT_KEYS, columns((subject, wrapped) for subject, (_, wrapped) in new.items()))
    return found | {subject: key for subject, (key, _) in new.items()}
