# SPDX-License-Identifier: Apache-2.0
"""Changing the register of seals, noting each use, and the papers that wait for a seal."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet
from uuid_utils.compat import uuid7

from tongban.identity.queries import staff_of
from tongban.ledger import actions as ledger
from tongban.licences.errors import (
    AnotherPersonNeeded,
    NothingToSeal,
    OrderAnswered,
    OrderOpen,
    SealChangeNotPossible,
    SealNotInUse,
    SealRegistered,
)
from tongban.licences.models import Licence, Seal, SealChange, SealOrder, SealUse, State
from tongban.licences.said import require_said
from tongban.licences.seals.queries import hands_of, seal_of, waiting
from tongban.licences.seals.signing import Sealed, require_usable
from tongban.licences.seals.states import BULK, CHANGES, KINDS, Change, Hand, SealState
from tongban.licences.stock import queries as stock
from tongban.standards.actor import Actor, Role, system
from tongban.standards.node import here
from tongban.standards.refusal import BadInput, NotAllowed, NotFound

YEARS = 5
DEMONSTRATION = "（演示）"  # never stands on a seal: the foot says it


@transaction.atomic
def register_seal(
    organization: str,
    organization_name: str,
    *,
    actor: Actor,
    at: datetime,
    kind: str = "document",
    custodian: str = "",
    valid_until: datetime | None = None,
) -> Seal:
    """Enter the seal of an organization; `custodian` is the login of one of its staff.

    Whoever runs the node does so, or the node itself when it is set up. Papers that waited for it go on, unless they
    are so many that a second person has to look. SealRegistered when there is one.
    """
    if actor.role not in (Role.OPERATOR, Role.SYSTEM):
        raise NotAllowed()
    if kind not in KINDS:
        raise BadInput("kind", "没有这种印章。")
    _alone(organization)
    if seal_of(organization, kind) is not None:
        raise SealRegistered(organization=organization_name)
    until = valid_until or at + timedelta(days=365 * YEARS)
    if until <= at:
        raise BadInput("valid_until", "有效期须晚于今天。")
    keeper, keeper_name = _custodian(organization, custodian) if custodian else (None, "")
    row = Seal.objects.create(
        id=uuid7(),
        organization=organization,
        organization_name=organization_name,
        kind=kind,
        name=organization_name.replace(DEMONSTRATION, ""),
        valid_from=at,
        valid_until=until,
        custodian=keeper,
        custodian_name=keeper_name,
        state=SealState.IN_USE,
        state_since=at,
        changes=0,
        made_at=at,
    )
    _note(row, "register", f"有效期至 {until:%Y-%m-%d}。", actor, at)
    _go_on(row, "登记印章", actor, at)
    return row


@transaction.atomic
def change_seal(seal_id: UUID, name: str, *, reason: str, actor: Actor, at: datetime) -> Seal:
    """Suspend, resume or destroy a seal. From the moment of suspension nothing more is sealed with it.

    NotFound for whoever has nothing to do with it, SealChangeNotPossible as it stands, AnotherPersonNeeded for
    destroying what one has suspended oneself.
    """
    row, hands = _mine(seal_id, actor)
    reason = require_said("reason", reason, "原因")
    wanted, state = CHANGES.get(name), SealState(row.state)
    if wanted is None or state not in wanted.origins:
        raise SealChangeNotPossible(wanted=wanted.label if wanted else name, state=state.label)
    if not hands & wanted.hands:
        raise NotAllowed()
    _require_another(row, wanted, actor)
    row.state, row.state_since = wanted.to, at
    _note(row, wanted.name, reason, actor, at)
    row.save(update_fields=["state", "state_since"])
    if wanted.to is SealState.IN_USE:
        _go_on(row, reason, actor, at)
    elif wanted.to is SealState.DESTROYED:
        SealOrder.objects.filter(seal_id=row.id, answer="").update(
            answer="refused", answered_by=actor.pseudonym, answered_name=actor.name, answered_at=at
        )
    return row


@transaction.atomic
def entrust_seal(seal_id: UUID, login: str, *, reason: str, actor: Actor, at: datetime) -> Seal:
    """Give a seal into the hands of another of its organization's staff. Whoever runs the node does so."""
    row, hands = _mine(seal_id, actor)
    if Hand.OPERATOR not in hands:
        raise NotAllowed()
    reason = require_said("reason", reason, "原因")
    if row.state == SealState.DESTROYED:
        raise SealChangeNotPossible(wanted="更换保管人", state=SealState.DESTROYED.label)
    row.custodian, row.custodian_name = _custodian(row.organization, login)
    row.save(update_fields=["custodian", "custodian_name"])
    _note(row, "entrust", f"保管人改为{row.custodian_name}。{reason}", actor, at)
    return row


@transaction.atomic
def answer_order(seal_id: UUID, *, allow: bool, actor: Actor, at: datetime, order_id: UUID | None = None) -> int:
    """Let many waiting papers be sealed, or not, as the second person. How many go on.

    `order_id` is the order that was looked at: OrderAnswered when it is not the one that waits.
    """
    row, _ = _mine(seal_id, actor)
    order = SealOrder.objects.select_for_update().filter(seal_id=row.id, answer="").first()
    if order_id is not None and (order is None or order.id != order_id):
        raise OrderAnswered()
    if order is None:
        raise NotFound(what="等待复核的盖章申请")
    if order.asked_by.partition(":")[2] == str(actor.id):
        raise AnotherPersonNeeded(what="批量盖章的复核")
    order.answer = "allowed" if allow else "refused"
    order.answered_by, order.answered_name, order.answered_at = actor.pseudonym, actor.name, at
    order.ended_at = None if allow and order.chosen else at
    order.save(update_fields=["answer", "answered_by", "answered_name", "answered_at", "ended_at"])
    released = _let_go(order, row.organization) if allow else 0
    facts = {"order": str(order.id), "answer": order.answer, "papers": released}
    ledger.write(f"seal:{row.id}", verb="seal.order_answered", actor=actor, at=at, facts=facts)
    return released


@transaction.atomic
def order_again(seal_id: UUID, *, reason: str, actor: Actor, at: datetime) -> int:
    """Ask once more for what waits to be sealed, e.g. after a second person has refused. How many papers wait."""
    row, hands = _mine(seal_id, actor)
    if Hand.CUSTODIAN not in hands:
        raise NotAllowed()
    require_usable(row, at)
    return _go_on(row, require_said("reason", reason, "原因"), actor, at)


@transaction.atomic
def order_batch(batch_id: UUID, *, reason: str, actor: Actor, at: datetime) -> SealOrder:
    """Ask for the files of a batch of existing certificates to be made and sealed, those that failed among them.

    Whoever looks after the seal lets it be. NotFound for another organization's batch; SealNotInUse; OrderOpen while
    another one waits; NothingToSeal.
    """
    batch = stock.batch(batch_id, actor)
    whose, count = (batch.organization, batch.organization_name), _unsealed(batch.id).count()
    return open_order(*whose, count, reason, actor=actor, at=at, stock_id=batch.id)


def open_order(
    organization: str, organization_name: str, count: int, reason: str, *, actor: Actor, at: datetime, **more: Any
) -> SealOrder:
    """Ask for a chosen set to be sealed; part of the caller's transaction. SealNotInUse; OrderOpen; NothingToSeal."""
    row = require_usable(seal_of(organization), at, organization_name)
    _alone(organization)
    if SealOrder.objects.filter(seal_id=row.id, answer="").exists():
        raise OrderOpen()
    if not count:
        raise NothingToSeal()
    return _order(row, count, require_said("reason", reason, "原因"), actor, at, **more)


def still_usable(licence: Licence, at: datetime) -> Seal:
    """The seal for a paper; until the transaction ends nobody suspends it. SealNotInUse when it may not be used."""
    organization = licence.issuer_organization
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0))", [f"seal:{organization}"])
    return require_usable(seal_of(organization), at, licence.issuer_name)


def note_use(row: Seal, licence: Licence, sealed: Sealed, file_digest: str, at: datetime) -> None:
    """The use of a seal, in the transaction that makes the file known: without it nobody gets the file."""
    SealUse.objects.create(
        seal_id=row.id,
        licence_id=licence.id,
        case_id=licence.case_id,
        number=licence.number,
        name=licence.name,
        person=licence.granted_by or system(here().code).pseudonym,
        file_digest=file_digest,
        certificate_id=sealed.certificate_id,
        provider=sealed.provider,
        at=at,
    )


@transaction.atomic
def hold(licence: Licence, at: datetime) -> None:
    """Let a paper wait for its seal; its page says why. When the seal can be used after all it goes on."""
    mine = Licence.objects.filter(id=licence.id, state=State.PENDING, claimed_until=licence.claimed_until)
    try:
        still_usable(licence, at)
    except SealNotInUse as why:
        held = {"failure": why.code, "failure_says": why.sentence, "attempts": 0, "claimed_until": None}
        if mine.update(**held):
            facts = {"number": licence.number, "why": why.code}
            ledger.write(f"licence:{licence.id}", verb="licence.waits", actor=system(here().code), at=at, facts=facts)
        return
    mine.update(claimed_until=None)


def _mine(seal_id: UUID, actor: Actor) -> tuple[Seal, frozenset[Hand]]:
    """The seal, alone with it until the transaction ends, and what the actor is to it. NotFound for strangers."""
    found = Seal.objects.filter(id=seal_id).first()
    if found is None or not hands_of(actor, found):
        raise NotFound(what="印章")
    _alone(found.organization)
    row = Seal.objects.select_for_update().get(id=seal_id)
    return row, hands_of(actor, row)


def _alone(organization: str) -> None:
    """Wait until nobody finishes a paper under this organization's seal, and let nobody begin to."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"seal:{organization}"])


def _require_another(row: Seal, wanted: Change, actor: Actor) -> None:
    last = SealChange.objects.filter(seal_id=row.id).order_by("-number").first()
    if wanted.by_another and last is not None and last.actor.partition(":")[2] == str(actor.id):
        raise AnotherPersonNeeded(what=f"印章停用之后的{wanted.label}")


def _go_on(row: Seal, reason: str, actor: Actor, at: datetime) -> int:
    """Papers that waited are sealed now; of many at once a second person has to say so. How many waited."""
    count = waiting(row.organization)
    if count <= BULK:
        _release(row.organization, at)
    elif not SealOrder.objects.filter(seal_id=row.id, answer="").exists():
        _order(row, count, reason, actor, at)
    return count


def _order(row: Seal, count: int, reason: str, actor: Actor, at: datetime, **more: Any) -> SealOrder:
    order = SealOrder.objects.create(
        id=uuid7(),
        seal_id=row.id,
        organization=row.organization,
        count=count,
        until=at,
        reason=reason,
        asked_by=actor.pseudonym,
        asked_name=actor.name,
        asked_at=at,
        answer="",
        answered_by="",
        answered_name="",
        **more,
    )
    facts = {"order": str(order.id), "papers": count, "reason": reason}
    facts |= {name: str(value) for name, value in more.items() if value}
    ledger.write(f"seal:{row.id}", verb="seal.order_asked", actor=actor, at=at, facts=facts)
    return order


def _let_go(order: SealOrder, organization: str) -> int:
    """How many papers go on; those of a chosen set are rows that the worker takes one by one."""
    if order.chosen:
        return order.count
    return _queue(order.stock_id) if order.stock_id else _release(organization, order.until)


def _unsealed(stock_id: UUID) -> QuerySet[Licence]:
    """The licences of a batch that have no file and wait for none."""
    return Licence.objects.filter(stock_id=stock_id, state__in=(State.TAKEN_OVER, State.FAILED), replaced_by=None)


def _queue(stock_id: UUID) -> int:
    fresh = {"state": State.QUEUED, "failure": "", "failure_says": "", "attempts": 0, "claimed_until": None}
    return _unsealed(stock_id).update(**fresh)


def _release(organization: str, until: datetime) -> int:
    held = Licence.objects.filter(
        state=State.PENDING, failure=SealNotInUse.code, issuer_organization=organization, issued_at__lte=until
    )
    return held.update(failure="", failure_says="")


def _note(row: Seal, change: str, reason: str, actor: Actor, at: datetime) -> None:
    row.changes += 1
    row.save(update_fields=["changes"])
    SealChange.objects.create(
        seal_id=row.id,
        number=row.changes,
        change=change,
        reason=reason,
        actor=actor.pseudonym,
        actor_name=actor.name,
        at=at,
    )
    facts = {"organization": row.organization, "change": change, "state": str(row.state), "reason": reason}
    ledger.write(f"seal:{row.id}", verb=f"seal.{change}", actor=actor, at=at, facts=facts)


def _custodian(organization: str, login: str) -> tuple[UUID, str]:
    found = next((each for each in staff_of(organization) if each.login == login.strip()), None)
    if found is None:
        raise BadInput("custodian", "保管人须是该机构的在职工作人员，请核对工号。")
    return found.id, found.name
