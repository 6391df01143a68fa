# SPDX-License-Identifier: Apache-2.0
"""Giving a licence to an organization that its holder lets have it, and deciding which organizations may ask."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from uuid_utils.compat import uuid7

from tongban.exchange.hop import SKEW
from tongban.identity.sealing import id_index
from tongban.ledger import actions as ledger
from tongban.licences import queries
from tongban.licences.actions import give_copy
from tongban.licences.actions.copies import LONGEST
from tongban.licences.models import Licence, LicenceUse, State, UseGrant
from tongban.licences.uses.errors import (
    CallReused,
    ConsentOver,
    DoesNotCount,
    FieldNotGranted,
    GrantStands,
    NotGranted,
    NotHandedOver,
    NotHeld,
    QuotaSpent,
)
from tongban.licences.uses.queries import FIELDS, GIVEN, KEEPERS
from tongban.regions import queries as regions
from tongban.standards.actor import Actor, Role, system
from tongban.standards.clock import local_date
from tongban.standards.identifiers import is_credit_code
from tongban.standards.refusal import BadInput, NotAllowed, NotFound, Refusal

withheld: list[Callable[[Licence], bool]] = []  # nouns above say which licences their holders do not have yet
MOST_DAILY = 1_000_000
LONGEST_NAME = 100  # characters


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of a licence: whose, which, by whom for what (调用五要素), and what its holder agreed to."""

    id: UUID
    node: str  # that asks
    name: str  # of the licence
    type_code: str
    holder_type: str
    holder_number: str
    organization: str  # credit code
    organization_name: str
    user: str  # pseudonym of who asks
    item_name: str
    item_code: str
    business_code: str  # of the case
    purpose: str
    fields: Sequence[str]
    consented_at: datetime
    until: date  # the last day on which the holder lets it be used


@dataclass(frozen=True)
class Given:
    """What was given: the licence, what may be known of it, and a copy with what it is for across the page."""

    licence: Licence
    fields: Mapping[str, str]
    copy: bytes


def give(call: Call, *, at: datetime) -> Given:
    """A licence for whoever its holder lets have it. Every call is noted, a refused one with the reason.

    The same call again, since who asked never heard the answer, is one call: noted once, counted once. CallReused,
    and nothing is noted, when its identity stands for another one.
    """
    index = id_index(call.holder_type, call.holder_number)
    note = _note(call, index, at)
    try:
        row = _taken(call, note, index, at)
        until = min(call.until, row.valid_until or call.until)
        _, copy = give_copy(row.id, call.item_name[:LONGEST], until, actor=system(call.node), at=at)
    except Refusal as no:
        note.outcome = no.code
        note.save()
        raise
    return Given(row, {name: word for name, word in _words(row).items() if name in call.fields}, copy)


def _note(call: Call, index: bytes, at: datetime) -> LicenceUse:
    """The row of this call: the one that stands, or one to be kept."""
    before = LicenceUse.objects.filter(id=call.id).first()
    if before is not None:
        who = (before.node_code, before.organization, before.licence_name, bytes(before.holder_index))
        if (*who, before.business_code) != (call.node, call.organization, call.name, index, call.business_code):
            raise CallReused()
        return before
    return LicenceUse(
        id=call.id,
        licence_id=None,
        licence_name=call.name,
        holder_index=index,
        node_code=call.node,
        organization=call.organization,
        organization_name=call.organization_name,
        username=call.user,
        item_name=call.item_name,
        item_code=call.item_code,
        business_code=call.business_code,
        purpose=call.purpose,
        fields=list(call.fields),
        outcome=GIVEN,
        consented_at=call.consented_at,
        consented_until=call.until,
        at=at,
        day=local_date(at),
    )


@transaction.atomic
def _taken(call: Call, note: LicenceUse, index: bytes, at: datetime) -> Licence:
    """The licence, once nothing stands against giving it; counted before it is made, so that nobody is given more.

    What was given under this call before is given again: a worker may have died before it kept the answer.
    """
    day = local_date(at)
    if note.licence_id is not None and note.outcome == GIVEN:
        return queries.licence(note.licence_id)
    if call.consented_at > at + SKEW or call.until < day:
        raise ConsentOver()
    granted = _granted(call.organization, day)
    grant = granted.filter(licence_name=call.name).select_for_update().first()
    if grant is None or _node_of(call.organization) != call.node:
        raise NotGranted(organization=call.organization_name, name=call.name)
    for field in call.fields:
        if field not in grant.fields:
            raise FieldNotGranted(name=call.name, what=FIELDS.get(field, field))
    row = _licence(call, index, day)
    if any(is_withheld(row) for is_withheld in withheld):
        raise NotHandedOver(name=call.name)
    today = LicenceUse.objects.filter(organization=call.organization, licence_name=call.name, outcome=GIVEN, day=day)
    if today.exclude(id=call.id).count() >= grant.daily:
        raise QuotaSpent(name=call.name, daily=grant.daily)
    note.licence_id, note.outcome = row.id, GIVEN
    note.save()
    facts = {"use": str(call.id), "organization": call.organization, "item": call.item_code, "case": call.business_code}
    ledger.write(f"licence:{row.id}", verb="licence.used", actor=system(call.node), at=at, facts=facts)
    return row


def _granted(organization: str, day: date) -> "QuerySet[UseGrant]":
    """What an organization may call on a day."""
    in_force: dict[str, Any] = {"ended_at": None, "valid_from__lte": day, "valid_until__gte": day}
    return UseGrant.objects.filter(organization=organization, **in_force)


def _node_of(organization: str) -> str:
    """The node that speaks for an organization: no other may ask in its name."""
    try:
        return regions.organization(organization).node_code
    except NotFound:
        return ""


def _licence(call: Call, index: bytes, day: date) -> Licence:
    """The newest of this name or type that counts. NotHeld, or DoesNotCount when there are only others.

    Regions may call one type by different names. A licence that is found by its type is given by its own name: to whom
    that is not granted as well, it is as if there were none.
    """
    names = _granted(call.organization, day).filter(fields__contains=list(call.fields)).values("licence_name")
    of_type = Q(definition=call.type_code, name__in=names) if call.type_code else Q()
    asked = Q(name=call.name) | of_type
    mine = Licence.objects.filter(asked, holder_index=index, state=State.READY, is_notice=False, replaced_by=None)
    held = mine.order_by("-issued_at")
    stand = [(row, queries.stands(row, day)) for row in held[: queries.MOST_OF_HOLDER]]
    if not stand:
        raise NotHeld(name=call.name)
    good = next((row for row, standing in stand if standing.counts), None)
    if good is None:
        raise DoesNotCount(name=call.name, standing=stand[0][1].label)
    return good


def _words(row: Licence) -> dict[str, str]:
    """What may be told of a licence, by the names of FIELDS."""
    return {
        "number": row.number,
        "issuer": row.issuer_name,
        "issued_on": local_date(row.issued_at).isoformat(),
        "valid_until": row.valid_until.isoformat() if row.valid_until else "",
    }


def grant_use(
    organization: str,
    organization_name: str,
    licence_name: str,
    *,
    fields: Sequence[str],
    daily: int,
    until: date,
    actor: Actor,
    at: datetime,
) -> UUID:
    """Let an organization call licences of a type: so often a day, so much of each, until that day."""
    if actor.role not in (*KEEPERS, Role.SYSTEM):
        raise NotAllowed()
    if not is_credit_code(organization):
        raise BadInput("organization", "统一社会信用代码不对，请核对。")
    name, office = licence_name.strip(), organization_name.strip()
    for field, text, what in (("organization_name", office, "机构名称"), ("licence_name", name, "证照名称")):
        if not text or len(text) > LONGEST_NAME:
            raise BadInput(field, f"请填写{what}，不超过 {LONGEST_NAME} 字。")
    if not fields or not set(fields) <= set(FIELDS):
        raise BadInput("fields", "请选择可以提供的内容。")
    if not 1 <= daily <= MOST_DAILY:
        raise BadInput("daily", f"每天的次数请填 1 至 {MOST_DAILY}。")
    if until < local_date(at):
        raise BadInput("until", "截止日期不能早于今天。")
    row = UseGrant(
        id=uuid7(),
        organization=organization,
        organization_name=office,
        licence_name=name,
        fields=[field for field in FIELDS if field in fields],
        daily=daily,
        valid_from=local_date(at),
        valid_until=until,
        made_by=actor.pseudonym,
        made_at=at,
    )
    with transaction.atomic():
        standing = UseGrant.objects.select_for_update().filter(
            organization=organization, licence_name=name, ended_at=None
        )
        if any(each.valid_until >= local_date(at) for each in standing):
            raise GrantStands(field="licence_name", organization=office, name=name)
        standing.update(ended_at=at)
        row.save(force_insert=True)
        facts = {"organization": organization, "licence": name, "daily": daily, "fields": row.fields}
        ledger.write(f"licence-use:{row.id}", verb="licence_use.granted", actor=actor, at=at, facts=facts)
    return row.id


def end_grant(grant_id: UUID, *, actor: Actor, at: datetime) -> None:
    """From now on the organization may not call them any more."""
    if actor.role not in KEEPERS:
        raise NotAllowed()
    with transaction.atomic():
        if not UseGrant.objects.filter(id=grant_id, ended_at=None).update(ended_at=at):
            raise NotFound(what="这项授权")
        ledger.write(f"licence-use:{grant_id}", verb="licence_use.ended", actor=actor, at=at, facts={})
