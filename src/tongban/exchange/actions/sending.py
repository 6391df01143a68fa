# SPDX-License-Identifier: Apache-2.0
"""Carrying the outbox: one signed batch at a time to one peer."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from uuid_utils.compat import uuid7

from tongban.database.statement import Statement
from tongban.exchange import acknowledgement, batch, keys, queries, trust
from tongban.exchange.calling import call
from tongban.exchange.errors import AnswerInvalid
from tongban.exchange.models import Peer
from tongban.exchange.transport import Transport
from tongban.regions.queries import trust_list
from tongban.regions.trustlist import TrustedNode
from tongban.standards.canonical import canonical
from tongban.standards.crypto import suite
from tongban.standards.node import here
from tongban.standards.refusal import Refusal

PATH, LINES = "/exchange/batches", "application/x-ndjson"
LONGEST_WAIT = 300.0  # seconds between two tries of a silent peer
BYTES = 4_000_000  # of one batch, before its head
KEPT = (
    "INSERT INTO exchange_batch (sender, batch_id, recipient, head, signature, answer, at) "
    "VALUES (%s, %s, %s, %s, %s, %s, %s) RETURNING batch_id"
)
ALREADY = timedelta(seconds=1)  # an answer is not noted again within


@dataclass(frozen=True)
class Delivered:
    """What one try brought."""

    messages: int
    failed: bool


NOTHING = Delivered(messages=0, failed=False)


def deliver_once(code: str, at: datetime, transport: Transport) -> Delivered:
    """Send what waits for a peer, once, unless its line rests. The rows stay open until it answers."""
    if _resting(code, at):
        return NOTHING
    waiting = queries.due(code, batch.MOST, BYTES)
    return deliver(code, waiting, at, transport) if waiting else NOTHING


def deliver(code: str, waiting: Sequence[queries.Due], at: datetime, transport: Transport) -> Delivered:
    """Send these rows as one batch; a failure lets the line rest."""
    try:
        peer = trust.peer(code, at)
        packed = _pack(peer, [row.data for row in waiting], at)
        answers, answer = _carry(peer, packed, at, transport)
    except Refusal as failed:
        _line_is_bad(code, at, f"{failed.code}: {failed.sentence}")
        return Delivered(messages=0, failed=True)
    _answered(peer.code, packed, [(row.position, str(row.message_id)) for row in waiting], answers, answer, at)
    return Delivered(messages=len(waiting), failed=False)


def _resting(code: str, at: datetime) -> bool:
    return Peer.objects.filter(code=code, next_try_at__gt=at).exists()


def _pack(peer: TrustedNode, messages: list[bytes], at: datetime) -> batch.Batch:
    return batch.pack(
        messages,
        batch=uuid7(),
        sender=here().code,
        recipient=peer.code,
        epoch=queries.epoch(),
        trust_serial=trust_list().serial,
        at=at,
        suite=suite(here().suite),
        signer=keys.signer(),
    )


def _carry(peer: TrustedNode, packed: batch.Batch, at: datetime, transport: Transport) -> tuple[dict[str, str], bytes]:
    """The peer's verified answers, and the bytes of its acknowledgement as proof."""
    came = call(peer.code, "POST", PATH, packed.bytes(), at, transport, kind=LINES)
    signed = acknowledgement.unwire(came)
    key = trust.exchange_key(peer, signed.key_id, at)
    if not suite(key.suite).verify(key.public_bytes, signed.data, signed.signature):
        raise AnswerInvalid(why="签名无效")
    told = acknowledgement.answers(signed.data, batch=packed.head.batch, recipient=peer.code, root=packed.head.root)
    return told, came


def _answered(
    code: str,
    packed: batch.Batch,
    rows: list[tuple[int, str]],
    answers: dict[str, str],
    answer: bytes,
    at: datetime,
) -> None:
    """Keep the proof and close the rows that were answered; an unanswered one goes with the next batch."""
    paths = batch.proofs(packed, suite(here().suite))
    closed = [(row, path) for row, path in zip(rows, paths, strict=True) if row[1] in answers]
    write = Statement()
    write.guard(KEPT, [here().code, packed.head.batch, code, packed.head_bytes, packed.signature, answer, at])
    write.write(
        "UPDATE exchange_outbox SET batch_id = %s, proof = closed.proof::jsonb, answer = closed.answer, "
        "answered_at = %s FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS closed (position, proof, answer) "
        "WHERE exchange_outbox.position = closed.position AND EXISTS (SELECT 1 FROM guard)",
        [
            packed.head.batch,
            at,
            [position for (position, _), _ in closed],
            [canonical(path).decode() for _, path in closed],
            [answers[name] for (_, name), _ in closed],
        ],
    )
    _line_is_good(write, code, at, _skew(answer, at))
    write.run()


def _skew(answer: bytes, at: datetime) -> int | None:
    """Milliseconds by which the peer's clock is ahead of ours, the way there included."""
    said = acknowledgement.said_at(acknowledgement.unwire(answer).data)
    return None if said is None else round((said - at).total_seconds() * 1000)


def _line_is_good(write: Statement, code: str, at: datetime, skew: int | None) -> None:
    """Note that the peer answered; its row is left alone while it says so already, give or take a second."""
    write.write(
        "INSERT INTO exchange_peer (code, epoch, failures, last_ok_at, last_error, skew_ms) "
        "SELECT %s, 0, 0, %s, '', %s::bigint "
        "WHERE NOT EXISTS (SELECT 1 FROM exchange_peer WHERE code = %s AND failures = 0 AND next_try_at IS NULL "
        "AND last_ok_at > %s) ON CONFLICT (code) DO UPDATE SET failures = 0, next_try_at = NULL, "
        "last_ok_at = EXCLUDED.last_ok_at, last_error = '', "
        "skew_ms = COALESCE(EXCLUDED.skew_ms, exchange_peer.skew_ms)",
        [code, at, skew, code, at - ALREADY],
    )


def _line_is_bad(code: str, at: datetime, why: str) -> None:
    """Back off, twice as long each time, with jitter so that nodes do not knock in step."""
    with transaction.atomic(), connection.cursor():
        peer, _ = Peer.objects.select_for_update().get_or_create(code=code)
        peer.failures += 1
        wait = min(LONGEST_WAIT, 0.5 * 2 ** min(peer.failures, 20)) * random.uniform(0.5, 1)  # noqa: S311
        peer.next_try_at = at + timedelta(seconds=wait)
        peer.last_error, peer.last_error_at = why[:300], at
        peer.save()
