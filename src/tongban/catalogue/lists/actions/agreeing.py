# SPDX-License-Identifier: Apache-2.0
"""An agreement between two regions: offered by one side, confirmed by the other, ended by either with notice."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from uuid_utils.compat import uuid7

from tongban.catalogue.lists import agreement as agreements
from tongban.catalogue.lists import queries, signing
from tongban.catalogue.lists.agreement import Agreement
from tongban.catalogue.lists.errors import (
    AgreementNotYours,
    AgreementStands,
    NoticeTooShort,
    StatusReasonMissing,
)
from tongban.catalogue.lists.signing import Side
from tongban.catalogue.lists.words import CONFIRMED, ENDED, OFFERED, REFUSED, RETRACTED, AgreementStanding
from tongban.catalogue.models import RegionAgreement
from tongban.exchange import actions as exchange
from tongban.exchange import keys
from tongban.ledger import actions as ledger
from tongban.regions import queries as regions
from tongban.standards.actor import Actor, Role
from tongban.standards.clock import local_date
from tongban.standards.crypto import suite
from tongban.standards.node import here
from tongban.standards.refusal import BadInput, NotFound
from tongban.standards.signer import signed


@transaction.atomic
def offer(
    words: Mapping[str, Any], *, side: Side, other: str, actor: Actor, at: datetime, own: str = ""
) -> RegionAgreement:
    """Sign an agreement and lay it before the other organization. `side` is what the actor's own is in it.

    The node itself names the organization it acts for; people act for theirs.
    """
    mine, theirs = _office(own if actor.role is Role.SYSTEM else queries.manages(actor)), _office(other)
    if regions.organization(mine["code"]).node_code != here().code:
        raise AgreementNotYours()
    handling, intake = (mine, theirs) if side == "handling" else (theirs, mine)
    id = uuid7()
    said = dict(words) | {"id": str(id), "handling": handling, "intake": intake}
    agreement = agreements.convert(said)
    agreements.check(agreement)
    if agreement.until is not None and agreement.until < local_date(at):
        raise BadInput("until", "截止日期不能早于今天。")
    document = agreements.document(agreement)
    row = RegionAgreement(**row_of(agreement, document, suite(here().suite).digest(document), side, at))
    row.signatures = _signed(row, side, actor, at)
    row.save(force_insert=True)
    _tell(row, "offered", side, actor, at)
    return row


@transaction.atomic
def confirm(agreement_id: UUID, *, actor: Actor, at: datetime, own: str = "") -> RegionAgreement:
    """The other organization signs too: from its first day the agreement is in force."""
    row, side = _to_answer(agreement_id, actor, own)
    row.signatures, row.standing, row.changed_at = _signed(row, side, actor, at), CONFIRMED, at
    row.save()
    _tell(row, "confirmed", side, actor, at)
    return row


@transaction.atomic
def refuse(agreement_id: UUID, *, reason: str, actor: Actor, at: datetime) -> RegionAgreement:
    """The other organization does not sign, and why."""
    row, side = _to_answer(agreement_id, actor)
    if not reason.strip():
        raise StatusReasonMissing()
    row.standing, row.reason, row.changed_at = REFUSED, reason.strip(), at
    row.save()
    _tell(row, "refused", side, actor, at)
    return row


@transaction.atomic
def retract(agreement_id: UUID, *, actor: Actor, at: datetime) -> RegionAgreement:
    """Whoever offered it takes it back before it was answered."""
    row = _mine(agreement_id, actor)
    if row.standing != OFFERED or _side(row, queries.manages(actor)) != row.offered_by:
        raise AgreementStands(standing=AgreementStanding(row.standing).label)
    row.standing, row.changed_at = RETRACTED, at
    row.save()
    _tell(row, "retracted", _side(row, queries.manages(actor)), actor, at)
    return row


@transaction.atomic
def end(agreement_id: UUID, *, ends_on: date, reason: str, actor: Actor, at: datetime) -> RegionAgreement:
    """Either side gives notice; it holds until that day is over. Cases that were accepted under it stay accepted."""
    row = _mine(agreement_id, actor)
    if row.standing != CONFIRMED:
        raise AgreementStands(standing=AgreementStanding(row.standing).label)
    if not reason.strip():
        raise StatusReasonMissing()
    require_notice(row.agreement, ends_on, local_date(at))
    row.standing, row.reason, row.ends_on, row.changed_at = ENDED, reason.strip(), ends_on, at
    row.save()
    _tell(row, "ended", _side(row, queries.manages(actor)), actor, at)
    return row


def require_notice(agreement: Agreement, ends_on: date, today: date) -> None:
    """NoticeTooShort unless the last day is as far away as the agreement says."""
    earliest = today + timedelta(days=agreement.notice_days)
    if ends_on < earliest:
        raise NoticeTooShort(agreement.notice_days, earliest.isoformat())


def row_of(agreement: Agreement, document: bytes, digest: str, offered_by: Side, at: datetime) -> dict[str, Any]:
    """The columns of an agreement that was just offered."""
    return {
        "id": UUID(agreement.id),
        "title": agreement.title,
        "handling": agreement.handling.code,
        "handling_region": agreement.handling.region,
        "intake": agreement.intake.code,
        "intake_region": agreement.intake.region,
        "document": document,
        "digest": digest,
        "standing": OFFERED,
        "offered_by": offered_by,
        "reason": "",
        "begins": agreement.begins,
        "until": agreement.until,
        "ends_on": None,
        "signatures": [],
        "offered_at": at,
        "changed_at": at,
    }


def _office(code: str) -> dict[str, str]:
    found = regions.organization(code)
    return {"code": found.code, "name": found.name, "region": found.region_code}


def _mine(agreement_id: UUID, actor: Actor) -> RegionAgreement:
    """The agreement, locked. NotFound for anybody but the item managers of its two organizations."""
    own = queries.manages(actor)
    row = RegionAgreement.objects.select_for_update().filter(id=agreement_id).first()
    if row is None or own not in (row.handling, row.intake):
        raise NotFound(what="这份协议")
    if regions.organization(own).node_code != here().code:
        raise AgreementNotYours()
    return row


def _to_answer(agreement_id: UUID, actor: Actor, own: str = "") -> tuple[RegionAgreement, Side]:
    if actor.role is Role.SYSTEM:
        row = RegionAgreement.objects.select_for_update().get(id=agreement_id)
        side = _side(row, own)
    else:
        row = _mine(agreement_id, actor)
        side = _side(row, queries.manages(actor))
    if row.standing != OFFERED:
        raise AgreementStands(standing=AgreementStanding(row.standing).label)
    if side == row.offered_by:
        raise AgreementNotYours()
    return row, side


def _side(row: RegionAgreement, organization: str) -> Side:
    return "handling" if organization == row.handling else "intake"


def _signed(row: RegionAgreement, side: Side, actor: Actor, at: datetime) -> list[dict[str, Any]]:
    own = signing.made(signed(keys.signer(), bytes(row.document)), side, here().code, actor.pseudonym, at)
    return signing.put_under(row.signatures or [], own)


def _tell(row: RegionAgreement, verb: str, side: Side, actor: Actor, at: datetime) -> None:
    """Into the ledger, and to the other side where another node speaks for it."""
    subject = f"agreement/{row.id}"
    facts = {"digest": row.digest, "side": side, "reason": row.reason, "ends_on": str(row.ends_on or "")}
    ledger.write(subject, verb=f"agreement.{verb}", actor=actor, at=at, facts=facts)
    other = regions.organization(row.intake if side == "handling" else row.handling).node_code
    if other == here().code:
        return
    body: dict[str, Any] = {"standing": row.standing, "side": side, "digest": row.digest}
    body |= {"document": bytes(row.document).decode()} if verb == "offered" else {}
    body |= {"signature": _own_signature(row, side)} if verb in ("offered", "confirmed") else {}
    body |= {"reason": row.reason} if row.reason else {}
    body |= {"ends_on": row.ends_on.isoformat()} if row.ends_on else {}
    exchange.send([other], kind="agreement.told", subject=subject, body=body, at=at)


def _own_signature(row: RegionAgreement, side: Side) -> dict[str, Any]:
    return next(dict(one) for one in row.signatures if one["side"] == side)
