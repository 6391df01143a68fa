# SPDX-License-Identifier: Apache-2.0
"""Witnessing: peers are told this node's tree heads, and keep those of others, honest or not."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction

from tongban.database.statement import Statement
from tongban.exchange import trust, witness, witnesses
from tongban.exchange.actions.writing import send
from tongban.exchange.calling import call
from tongban.exchange.errors import AnswerInvalid, ExchangeRefusal, HeadInvalid
from tongban.exchange.models import Outbox, ToldHead, WitnessedHead
from tongban.exchange.registry import Message
from tongban.exchange.transport import Transport
from tongban.ledger import actions as ledger
from tongban.ledger import queries as diary
from tongban.ledger.heads import Mark
from tongban.ledger.lines import Entry
from tongban.regions.queries import trust_list
from tongban.regions.trustlist import TrustedNode
from tongban.standards.actor import Actor, system
from tongban.standards.crypto import suite
from tongban.standards.node import here
from tongban.standards.signer import Signed

log = structlog.get_logger()

KIND = "ledger.head"
DOOR = "/exchange/witness"
MOST_CONFLICTS = 50  # of one node; the messages themselves stay in the inbox however many there are
NOTEWORTHY = {witness.Standing.CONFLICT: "ledger.conflict", witness.Standing.RESTARTED: "ledger.peer_restarted"}


def tell_heads(at: datetime, every: timedelta) -> bool:
    """Tell every peer our newest head, unless it knows it, was told one just now, or has one still on its way."""
    newest = diary.newest_head()
    if newest is None:
        return False
    told = {row.recipient: row for row in ToldHead.objects.all()}
    on_its_way = set(Outbox.objects.filter(kind=KIND, answered_at=None).values_list("recipient", flat=True))
    due = [
        peer.code
        for peer in trust_list().peers(here().code)
        if peer.status == "active" and peer.code not in on_its_way and _is_due(told.get(peer.code), newest, at, every)
    ]
    for code in due:
        _tell(code, newest, told.get(code), at)
    return False  # the next look is one pause away, whether anybody was told or not


def _is_due(row: ToldHead | None, newest: diary.SignedHead, at: datetime, every: timedelta) -> bool:
    return row is None or ((row.epoch, row.size) != (newest.mark.epoch, newest.mark.size) and at - row.at >= every)


@transaction.atomic
def _tell(code: str, newest: diary.SignedHead, row: ToldHead | None, at: datetime) -> None:
    mark = newest.mark
    since = Mark(row.epoch, row.size, row.root) if row else None
    proof = diary.consistency(since.size, mark.size) if since else ()
    said = witness.body(newest.signed, since, proof)
    send([code], kind=KIND, subject=f"ledger/{here().code}", body=said, at=at)
    fresh = {"epoch": mark.epoch, "size": mark.size, "root": mark.root, "at": at}
    ToldHead.objects.update_or_create(recipient=code, defaults=fresh)


def hear(message: Message, write: Statement) -> None:
    """Keep a peer's head. One that contradicts another is kept too, and the diary says so."""
    told = witness.read(message.body, message.sender)
    node = trust_list().node(message.sender)
    _require_signed(node, told.signed, told.head.at)
    theirs = suite(told.signed.suite)
    verdict = witness.judge(theirs, told, witnesses.held(message.sender, told))
    if verdict is None or (verdict.standing is witness.Standing.CONFLICT and _is_full(message.sender)):
        return
    row = _row(told, verdict, theirs.digest(told.signed.data), message.received_at)
    write.insert(WitnessedHead, [row], on_conflict="ON CONFLICT DO NOTHING")
    verb = NOTEWORTHY.get(verdict.standing)
    if verb is None:
        return
    log.warning("witnessed", node=message.sender, standing=str(verdict.standing), size=told.head.size)
    facts = {"head": row["digest"], "against": row["against"], "why": verdict.why}
    entry = Entry(verb=verb, actor=system(message.sender).pseudonym, at=message.received_at, facts=facts)
    ledger.continue_chain(write, message.subject, diary.tip(message.subject), [entry])


def _require_signed(node: TrustedNode, signed: Signed, at: datetime) -> None:
    """HeadInvalid unless a key of that node which was in force then signed the head."""
    for key in node.keys_for("exchange", at):
        if (key.id, key.suite) == (signed.key_id, signed.suite):
            if suite(key.suite).verify(key.public_bytes, signed.data, signed.signature):
                return
            raise HeadInvalid(why="签名无效")
    raise HeadInvalid(why="签名所用的密钥不在信任名单上，或当时不在有效期内")


def _is_full(node: str) -> bool:
    rows = WitnessedHead.objects.filter(node=node, standing=witness.Standing.CONFLICT)
    return rows.count() >= MOST_CONFLICTS


def _row(told: witness.Told, verdict: witness.Verdict, digest: str, at: datetime) -> dict[str, object]:
    head, signed = told.head, told.signed
    return {
        "node": head.node,
        "digest": digest,
        "epoch": head.epoch,
        "size": head.size,
        "root": head.root,
        "document": signed.data,
        "signature": signed.signature,
        "key_id": signed.key_id,
        "suite": signed.suite,
        "standing": str(verdict.standing),
        "why": verdict.why,
        "against": "" if verdict.against is None else f"{verdict.against.epoch}:{verdict.against.size}",
        "received_at": at,
    }


def ask_witness(code: str, at: datetime, transport: Transport) -> tuple[witness.Testimony, Signed]:
    """What a peer says it holds of us, checked to be its word. Unreachable, or AnswerInvalid."""
    peer = trust.peer(code, at)
    signed = witness.unwire(call(code, "GET", DOOR, b"", at, transport))
    key = trust.exchange_key(peer, signed.key_id, at)
    if key.suite != signed.suite or not suite(key.suite).verify(key.public_bytes, signed.data, signed.signature):
        raise AnswerInvalid(why="签名无效")
    said = witness.read_statement(signed.data)
    if (said.witness, said.of) != (code, here().code):
        raise AnswerInvalid(why="不是对本节点树头的见证")
    return said, signed


def ask_witnesses(
    at: datetime, transport: Transport
) -> tuple[list[tuple[witness.Testimony, Signed]], dict[str, ExchangeRefusal]]:
    """The statements of all active peers, and why the others gave none."""
    said, silent = [], {}
    for peer in trust_list().peers(here().code):
        if peer.status != "active":
            continue
        try:
            said.append(ask_witness(peer.code, at, transport))
        except ExchangeRefusal as no:
            silent[peer.code] = no
    return said, silent


@transaction.atomic
def begin_again(epoch: int, statements: Sequence[witness.Testimony], *, actor: Actor, at: datetime) -> None:
    """After a restore: go on in a new epoch behind the last head that any of these peers holds.

    What each peer is told next begins with the last head it holds of what the backup kept.
    """
    size, good, lost = diary.tree_size(), 0, list[Mark]()
    held = [each for each in witnesses.own_heads(statements) if each.head.epoch < epoch]
    for each in sorted(held, key=lambda each: each.head.size):
        mark = each.head.mark
        if mark.size > size or diary.root_at(mark.size).hex() != mark.root:
            lost.append(mark)
            continue
        good = mark.size
        fresh = {"epoch": mark.epoch, "size": mark.size, "root": mark.root, "at": at}
        ToldHead.objects.update_or_create(recipient=each.witness, defaults=fresh)
    behind = max(lost, key=lambda mark: (mark.epoch, mark.size), default=None)
    kept = good if behind and behind.size <= size else size  # lines that were added since are not of the old tree
    ledger.begin_epoch(epoch, behind, kept, actor=actor, at=at)
