# SPDX-License-Identifier: Apache-2.0
"""Coming back from a backup: raise the epoch, ask every peer what was told since, follow it, and only then serve.

What this node decided before it was lost comes back as its own signed words; nothing is decided anew until
everything has been returned. An act that reached no peer is lost with the machine, and no other.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import structlog
from django.db import connection, transaction

from tongban.database.statement import Statement
from tongban.exchange import batch, envelope, queries
from tongban.exchange.actions import trusting, witnessing
from tongban.exchange.actions.applying import follow_again
from tongban.exchange.actions.own_words import follow_own
from tongban.exchange.calling import call
from tongban.exchange.envelope import Envelope, instant, shaped
from tongban.exchange.errors import EpochStale, Malformed, NotRecovering, SignatureInvalid, Tampered
from tongban.exchange.models import Batch, Inbox, Myself, Recovery, Returned
from tongban.exchange.registry import AFTER_RECOVERY, BEFORE_RECOVERY, KINDS
from tongban.exchange.transport import Transport
from tongban.ledger import actions as ledger
from tongban.regions.queries import trust_list
from tongban.standards.actor import Actor, system
from tongban.standards.canonical import canonical
from tongban.standards.crypto import merkle, suite
from tongban.standards.node import here
from tongban.standards.refusal import Refusal
from tongban.vault import keys as vault
from tongban.vault.actions import keep_key
from tongban.vault.queries import subject_key

log = structlog.get_logger()

PATH = "/exchange/returned"
MARGIN = timedelta(minutes=10)  # asked for besides: clocks differ, and a backup is not made in an instant
PAUSE = timedelta(seconds=5)  # between two questions to a silent peer: all of this node waits for its answer
SUBJECT = "exchange/recovery"
NOT_LISTED = "信任名单上已暂停或移除"
HIGHER = (
    "INSERT INTO exchange_peer (code, epoch, failures, last_error) VALUES (%s, %s, 0, '') "
    "ON CONFLICT (code) DO UPDATE SET epoch = EXCLUDED.epoch WHERE exchange_peer.epoch <= EXCLUDED.epoch RETURNING 1"
)
FORGOTTEN = (
    "SELECT recipient, message_id FROM exchange_returned WHERE state = 'returned' ORDER BY received_at, sequence"
)


class Item(msgspec.Struct, frozen=True):
    """One message as a peer hands it back; it proves itself."""

    envelope: str
    proof: "Shown"
    head: str
    signature: str


class Shown(msgspec.Struct, frozen=True):
    """The path from one message to the signed root."""

    index: int
    size: int
    path: list[str]


class Page(msgspec.Struct, frozen=True):
    """What one answer holds; an empty `next` says that it was the last."""

    v: int
    items: tuple[Item, ...]
    next: str


# The peer's side


def give_back(code: str, epoch: int, since: datetime, cursor: str) -> dict[str, Any]:
    """What this node and that peer told each other since then. EpochStale when the peer has risen higher already.

    From now on nothing of its lower epochs is believed: the machine that was lost may not speak again.
    """
    try:
        after = queries.place(cursor, since)
    except ValueError as wrong:
        raise Malformed(why="续取位置") from wrong
    with connection.cursor() as write:
        write.execute(HIGHER, [code, epoch])
        if write.fetchone() is None:
            raise EpochStale().said_to(code)
    items, following = queries.told(code, since, after)
    return {"items": items, "next": "" if following is None else str(following)}


# The side that forgot


def begin_recovery(since: datetime, *, actor: Actor, at: datetime) -> int:
    """Declare that everything after this instant was forgotten. The new epoch."""
    with transaction.atomic():
        myself, _ = Myself.objects.select_for_update().get_or_create(id=1)
        # The same backup may be restored twice, and the first life in between has an epoch that nobody here knows.
        myself.epoch = max(myself.epoch + 1, int(at.timestamp()))
        myself.recovering_since = since - MARGIN
        myself.save()
        queries.doubt_serving()
        for prepare in BEFORE_RECOVERY:
            prepare()
        _ask_whom_the_list_names(myself, at)
        facts = {"epoch": myself.epoch, "since": instant(since), "peers": _active()}
        ledger.write(SUBJECT, verb="exchange.recovery.begun", actor=actor, at=at, facts=facts)
    return myself.epoch


def recover_once(at: datetime, transport: Transport) -> bool:
    """Ask one peer for one page, follow what can be followed, and end the recovery when all is there."""
    myself = Myself.objects.filter(recovering_since__isnull=False).first()
    if myself is None:
        return False
    asked = _ask_one(myself, at, transport)
    followed = _follow_all(at)
    _ask_whom_the_list_names(myself, at)
    open_peers = Recovery.objects.filter(epoch=myself.epoch, done_at=None, left_out="").exists()
    if asked or followed or open_peers:
        return asked or followed > 0
    return _finish(myself, at, transport)


def go_on_without(code: str, *, reason: str, actor: Actor, at: datetime) -> None:
    """Stop waiting for a peer that cannot be asked; what only it knows may be missing, and the ledger says so."""
    with transaction.atomic():
        waiting = Recovery.objects.filter(epoch=queries.epoch(), peer=code, left_out="")
        if not (queries.is_recovering() and waiting.update(left_out=reason[:300])):
            raise NotRecovering()
        facts = {"peer": code, "reason": reason[:300]}
        ledger.write(SUBJECT, verb="exchange.recovery.without", actor=actor, at=at, facts=facts)


def _active() -> list[str]:
    return [node.code for node in trust_list().peers(here().code) if node.status == "active"]


def _ask_whom_the_list_names(myself: Myself, at: datetime) -> None:
    """Every active peer is asked, also one that joined in the lost time; one that may not speak is not waited for."""
    rows = Recovery.objects.filter(epoch=myself.epoch)
    active, asked = _active(), set(rows.values_list("peer", flat=True))
    new = [Recovery(epoch=myself.epoch, peer=code, next_try_at=at) for code in active if code not in asked]
    Recovery.objects.bulk_create(new)
    if asked - set(active):
        rows.filter(left_out="", done_at=None).exclude(peer__in=active).update(left_out=NOT_LISTED)


def _ask_one(myself: Myself, at: datetime, transport: Transport) -> bool:
    """The next page of the first peer whose turn it is. True when one came."""
    waiting = Recovery.objects.filter(epoch=myself.epoch, done_at=None, left_out="", next_try_at__lte=at)
    row = waiting.order_by("next_try_at", "peer").first()
    if row is None or myself.recovering_since is None:
        return False
    asked = {"v": 1, "epoch": myself.epoch, "since": instant(myself.recovering_since), "cursor": row.cursor}
    these = Recovery.objects.filter(epoch=row.epoch, peer=row.peer)
    try:
        if not row.cursor:  # lists that were signed meanwhile, by the hub that forgot them perhaps: they name the keys
            trusting.follow_lists_of(row.peer, at, transport)
        page = shaped(call(row.peer, "POST", PATH, canonical(asked), at, transport), Page)
        with transaction.atomic():
            for item in page.items:
                _keep(row.peer, item, at)
            these.update(
                cursor=page.next,
                returned=row.returned + len(page.items),
                failure="",
                done_at=None if page.next else at,
            )
    except Refusal as no:
        return _wait(row, no, at)
    except (ValueError, TypeError, LookupError) as odd:  # whatever a peer answers must not stop the others
        return _wait(row, Malformed(why=type(odd).__name__), at)
    return True


def _wait(row: Recovery, no: Refusal, at: datetime) -> bool:
    """Ask this peer again a little later."""
    Recovery.objects.filter(epoch=row.epoch, peer=row.peer).update(failure=no.sentence[:300], next_try_at=at + PAUSE)
    log.warning("recovery_waits", peer=row.peer, why=no.code)
    return False


def _keep(peer: str, item: Item, at: datetime) -> None:
    """Keep what came back, unless it was never forgotten. Refuses by name what does not prove itself."""
    data = item.envelope.encode()
    told = envelope.read(data)
    head = _proven(item, data, told, peer, at)
    key = _key(told)
    kept = {
        "subject": told.subject,
        "sequence": told.sequence,
        "kind": told.kind,
        "content": data if key is None else vault.seal(key, data, told.subject.encode()),
        "sealed": key is not None,
        "digest": suite(head.suite).digest(data),
        "batch_id": head.batch,
        "proof": canonical(msgspec.to_builtins(item.proof)).decode(),
        "received_at": at,
    }
    write = Statement()
    if told.sender == here().code:
        write.guard(
            "SELECT 1 WHERE NOT EXISTS "
            "(SELECT 1 FROM exchange_outbox WHERE message_id = %s AND answered_at IS NOT NULL)",
            [told.id],
        )
        row = {"recipient": peer, "message_id": told.id, "state": "returned", "reason": "", **kept}
        write.insert(Returned, [row], on_conflict="ON CONFLICT DO NOTHING")
    else:
        write.guard("SELECT 1", [])
        more = {"sender": peer, "message_id": told.id, "epoch": told.epoch, "occurred_at": told.occurred_at}
        is_known = told.kind in KINDS
        state = {"state": "received" if is_known else "parked", "reason": "" if is_known else "unknown_kind"}
        write.insert(Inbox, [{**more, **kept, **state, "tries": 0}], on_conflict="ON CONFLICT DO NOTHING")
    signed = {
        "sender": told.sender,
        "batch_id": head.batch,
        "recipient": told.recipient,
        "head": item.head.encode(),
        "signature": bytes.fromhex(item.signature),
        "at": head.created_at,
    }
    write.insert(Batch, [signed], on_conflict="ON CONFLICT DO NOTHING")
    write.run()


def _proven(item: Item, data: bytes, told: Envelope, peer: str, at: datetime) -> batch.Head:
    """The signed head under which this message stands, ours or the peer's own."""
    if {told.sender, told.recipient} != {here().code, peer}:
        raise Tampered()
    head = batch.read_head(item.head.encode())
    author = trust_list().node(told.sender)
    key = next((key for key in author.keys if key.use == "exchange" and key.id == head.key_id), None)
    try:
        signature, path = bytes.fromhex(item.signature), [bytes.fromhex(step) for step in item.proof.path]
        root = bytes.fromhex(head.root)
    except ValueError as wrong:
        raise Malformed(why="签名或路径的编码") from wrong
    theirs = suite(head.suite) if key and key.suite == head.suite else None
    if key is None or theirs is None or not theirs.verify(key.public_bytes, item.head.encode(), signature):
        raise SignatureInvalid()
    leaf, place = merkle.leaf_hash(theirs, data), item.proof
    if head.sender != told.sender or not merkle.verify_path(theirs, leaf, place.index, place.size, path, root):
        raise Tampered()
    return head


def _key(told: Envelope) -> bytes | None:
    """The data key of a personal message's subject, which may be as new to us as the message."""
    if told.kind in KINDS and not KINDS[told.kind].personal:
        return None
    key = subject_key(told.subject)
    if key is None:
        key, wrapped = vault.new_key()
        write = Statement()
        write.guard("SELECT 1", [])
        keep_key(write, told.subject, wrapped)
        write.run()
    return key


def _follow_all(at: datetime) -> int:
    """Everything whose turn has come, ours and theirs, until nothing more fits. How many were followed."""
    followed = 0
    while True:
        more = follow_again(at) + sum(follow_own(*which, at) for which in _forgotten())
        if not more:
            return followed
        followed += more


def _forgotten() -> Sequence[tuple[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(FORGOTTEN)
        return cursor.fetchall()  # type: ignore[no-any-return]


def _finish(myself: Myself, at: datetime, transport: Transport) -> bool:
    """Serve again; what peers still wait for is done now, and what never fitted is told to a person.

    The diary goes on behind the last tree head that any peer holds, so every peer still waited for is asked. False
    when one does not answer yet.
    """
    statements, silent = witnessing.ask_witnesses(at, transport)
    left_out = Recovery.objects.filter(epoch=myself.epoch).exclude(left_out="").values_list("peer", flat=True)
    for code in silent.keys() - set(left_out):
        log.warning("recovery_waits", peer=code, why=silent[code].code)
        return False
    with transaction.atomic():
        left = Returned.objects.filter(state="returned").update(state="parked")
        returned = sum(Recovery.objects.filter(epoch=myself.epoch).values_list("returned", flat=True))
        Myself.objects.filter(id=1).update(recovering_since=None)
        actor = system(here().code)
        facts = {"epoch": myself.epoch, "returned": returned, "left": left}
        ledger.write(SUBJECT, verb="exchange.recovery.ended", actor=actor, at=at, facts=facts)
        witnessing.begin_again(myself.epoch, [said for said, _ in statements], actor=actor, at=at)
        for settle in AFTER_RECOVERY:
            settle(at)
    log.info("recovered", epoch=myself.epoch, messages=returned, left=left)
    return True
