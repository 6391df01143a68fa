# SPDX-License-Identifier: Apache-2.0
"""Carrying the outbox: one signed batch at a time to one peer."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from psycopg.types.numeric import Int8
from uuid_utils.compat import uuid7

from tongban.database.columns import columns
from tongban.database.statement import Statement
from tongban.exchange import acknowledgement, batch, keys, queries, trust
from tongban.exchange.actions.keeping import BATCHES
from tongban.exchange.calling import call
from tongban.exchange.errors import AnswerInvalid
from tongban.exchange.gathering import Gathering
from tongban.exchange.models import Peer
from tongban.exchange.transport import Transport
from tongban.regions.queries import trust_list
from tongban.regions.trustlist import TrustedNode
from tongban.standards.canonical import canonical
from tongban.standards.crypto import suite
from tongban.standards.node import here
from tongban.standards.refusal import Refusal

PATH, LINES = "/exchange/batches", "application/x-ndjson"
LONGEST_WAIT = 45.0  # seconds between two tries of a silent peer: who comes back hears all within a minute
BYTES = 4_000_000  # of one batch, before its head
MOST = 16  # batches whose answers are noted together
CLOSED = (
    "UPDATE exchange_outbox SET batch_id = closed.batch_id, proof = closed.proof::jsonb, answer = closed.answer, "
    "answered_at = closed.at FROM unnest(%s::bigint[], %s::uuid[], %s::text[], %s::text[], %s::timestamptz[]) "
    "AS closed (position, batch_id, proof, answer, at) "
    "WHERE exchange_outbox.position = closed.position AND EXISTS (SELECT 1 FROM guard)"
)
LINE_IS_GOOD = (  # left alone while it says so already, give or take a second
    "INSERT INTO exchange_peer (code, epoch, failures, last_ok_at, last_error, skew_ms) "
    "SELECT %s, 0, 0, %s, '', %s::bigint "
    "WHERE NOT EXISTS (SELECT 1 FROM exchange_peer WHERE code = %s AND failures = 0 AND next_try_at IS NULL "
    "AND last_ok_at > %s) ON CONFLICT (code) DO UPDATE SET failures = 0, next_try_at = NULL, "
    "last_ok_at = EXCLUDED.last_ok_at, last_error = '', "
    "skew_ms = COALESCE(EXCLUDED.skew_ms, exchange_peer.skew_ms)"
)
ALREADY = timedelta(seconds=1)  # an answer is not noted again within


@dataclass(frozen=True)
class Delivered:
    """What one try brought."""

    messages: int
    fault: str = ""  # why nothing was; the line rests

    @property
    def failed(self) -> bool:
        """Whether the peer could not be reached or its answer was not in order."""
        return bool(self.fault)


@dataclass(frozen=True)
class Answered:
    """A batch of ours with the verified word of the peer about it."""

    peer: str
    packed: batch.Batch
    waiting: Sequence[queries.Due]
    answers: Mapping[str, str]  # by message id
    document: bytes  # the acknowledgement as it came: the proof
    skew: int | None  # milliseconds by which the peer's clock is ahead of ours, the way there included
    at: datetime


NOTHING = Delivered(messages=0)


def deliver_once(code: str, at: datetime, transport: Transport) -> Delivered:
    """Send what waits for a peer, once, unless its line rests. The rows stay open until it answers."""
    waiting = queries.due(code, batch.MOST, BYTES, at=at)
    return deliver(code, waiting, at, transport) if waiting else NOTHING


def deliver(code: str, waiting: Sequence[queries.Due], at: datetime, transport: Transport) -> Delivered:
    """Send these rows as one batch; a failure lets the line rest."""
    try:
        answered = _carry(trust.peer(code, at), waiting, at, transport)
    except Refusal as failed:
        fault = f"{failed.code}: {failed.sentence}"
        _line_is_bad(code, at, fault)
        return Delivered(messages=0, fault=fault)
    _gatherings.setdefault(here().code, Gathering(_note, most=MOST)).do(answered)
    return Delivered(messages=len(waiting))


def _carry(peer: TrustedNode, waiting: Sequence[queries.Due], at: datetime, transport: Transport) -> Answered:
    """The peer's verified answers, and the bytes of its acknowledgement as proof."""
    packed = _pack(peer, waiting, at)
    came = call(peer.code, "POST", PATH, packed.bytes(), at, transport, kind=LINES)
    signed = acknowledgement.unwire(came)
    key = trust.exchange_key(peer, signed.key_id, at)
    if not suite(key.suite).verify(key.public_bytes, signed.data, signed.signature):
        raise AnswerInvalid(why="签名无效")
    told = acknowledgement.answers(signed.data, batch=packed.head.batch, recipient=peer.code, root=packed.head.root)
    said = acknowledgement.said_at(signed.data)
    skew = None if said is None else round((said - at).total_seconds() * 1000)
    return Answered(peer.code, packed, waiting, told, came, skew, at)


def _pack(peer: TrustedNode, waiting: Sequence[queries.Due], at: datetime) -> batch.Batch:
    return batch.pack(
        [row.data for row in waiting],
        batch=uuid7(),
        sender=here().code,
        recipient=peer.code,
        epoch=waiting[0].epoch,
        trust_serial=trust_list().serial,
        at=at,
        suite=suite(here().suite),
        signer=keys.signer(),
    )


def _note(several: Sequence[Answered]) -> Sequence[None]:
    """Keep the proofs and close the rows that were answered; an unanswered one goes with the next batch."""
    write = Statement()
    write.guard(BATCHES, columns(_batch(answered) for answered in several))
    if closed := [row for answered in several for row in _closed(answered)]:
        write.write(CLOSED, columns(closed))
    for code, answered in {answered.peer: answered for answered in several}.items():
        at = answered.at
        write.write(LINE_IS_GOOD, [code, at, answered.skew, code, at - ALREADY])
    write.run()
    return [None] * len(several)


def _batch(answered: Answered) -> Sequence[object]:
    packed, head = answered.packed, answered.packed.head
    return head.sender, head.batch, head.recipient, packed.head_bytes, packed.signature, answered.document, answered.at


def _closed(answered: Answered) -> list[Sequence[object]]:
    told = answered.answers
    rows = zip(answered.waiting, batch.proofs(answered.packed, suite(here().suite)), strict=True)
    return [
        (Int8(row.position), answered.packed.head.batch, canonical(path).decode(), told[name], answered.at)
        for row, path in rows
        if (name := str(row.message_id)) in told
    ]


def _line_is_bad(code: str, at: datetime, why: str) -> None:
    """Back off, twice as long each time, with jitter so that nodes do not knock in step."""
    with transaction.atomic():
        peer, _ = Peer.objects.select_for_update().get_or_create(code=code)
        peer.failures += 1
        wait = min(LONGEST_WAIT, 0.5 * 2 ** min(peer.failures, 20)) * random.uniform(0.5, 1)  # noqa: S311
        peer.next_try_at = at + timedelta(seconds=wait)
        peer.last_error, peer.last_error_at = why[:300], at
        peer.save()


_gatherings: dict[str, Gathering[Answered, None]] = {}  # by node: those of tests live in one process
