# SPDX-License-Identifier: Apache-2.0
"""Defining types of licences, and publishing what this region accepts of others."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from tongban.ledger import actions as ledger
from tongban.licences.errors import AnotherPersonNeeded, TypeNotDraft, TypeOdd
from tongban.licences.models import LicenceType, RecognitionList
from tongban.licences.said import require_said
from tongban.licences.types import queries
from tongban.licences.types.content import TypeContent, convert, document
from tongban.licences.types.listing import document as list_document
from tongban.licences.types.listing import typed
from tongban.licences.types.telling import tell_list, tell_type, type_subject
from tongban.regions.queries import organization
from tongban.standards.actor import Actor, Role
from tongban.standards.clock import local_date
from tongban.standards.crypto import suite
from tongban.standards.node import here
from tongban.standards.refusal import BadInput, NotAllowed, NotFound

MOST_YEARS = 100  # that a licence of a type holds
LOCK = 7_230_196  # of the mutual recognition list; no other lock has this number


@transaction.atomic
def draft_type(told: Mapping[str, Any], *, actor: Actor, at: datetime) -> LicenceType:
    """Keep a draft of the next version of a type, in the place of the draft before it.

    NotAllowed but for item managers of the organization whose code the type's begins with; TypeOdd.
    """
    content = convert(told)
    _require_keeper(actor, content.code)
    _require_fit(content)
    last = LicenceType.objects.select_for_update().filter(code=content.code).order_by("-version").first()
    row = last if last is not None and last.effective_from is None else LicenceType(code=content.code)
    if row is not last:
        row.version = last.version + 1 if last else 1
    row.name, row.definer, row.document = content.name, content.definer, document(content)
    row.digest = suite(here().suite).digest(row.document)
    row.drafted_by, row.drafted_name, row.drafted_at = actor.pseudonym, actor.name, at
    row.save()
    _tell(row, "drafted", actor, at)
    return row


@transaction.atomic
def publish_type(code: str, effective_from: date, *, actor: Actor, at: datetime) -> LicenceType:
    """Freeze the draft of a type; it holds from that day on, tomorrow at the earliest.

    NotFound without a draft; AnotherPersonNeeded for who wrote it.
    """
    row = _draft(code, actor)
    if row.drafted_by.partition(":")[2] == str(actor.id) and actor.role is not Role.SYSTEM:
        raise AnotherPersonNeeded(what="证照类型的发布")
    last = LicenceType.objects.filter(code=code).exclude(effective_from=None).order_by("-version").first()
    if effective_from <= local_date(at) and actor.role is not Role.SYSTEM:
        raise BadInput("effective_from", "生效日期最早为明天。")
    if last is not None and last.effective_from is not None and effective_from <= last.effective_from:
        raise BadInput("effective_from", f"生效日期须晚于上一版的生效日期 {last.effective_from:%Y-%m-%d}。")
    row.effective_from = effective_from
    row.published_by, row.published_name, row.published_at = actor.pseudonym, actor.name, at
    row.save()
    queries.forget()
    _tell(row, "published", actor, at)
    tell_type(row, at)
    return row


@transaction.atomic
def drop_type(code: str, *, actor: Actor, at: datetime) -> None:
    """Nothing becomes of a draft. NotFound without one."""
    row = _draft(code, actor)
    _tell(row, "dropped", actor, at)
    row.delete()


@transaction.atomic
def lay_down_type(told: Mapping[str, Any], *, actor: Actor, at: datetime) -> LicenceType:
    """A type that the node itself brings along, in force at once; what is laid down already stays as it is."""
    content = convert(told)
    last = LicenceType.objects.filter(code=content.code).order_by("-version").first()
    if last is not None and bytes(last.document) == document(content):
        return last
    draft_type(told, actor=actor, at=at)
    return publish_type(content.code, local_date(at), actor=actor, at=at)


@transaction.atomic
def publish_recognition(text: str, *, reason: str, actor: Actor, at: datetime) -> RecognitionList:
    """Publish the next version of what this region accepts of others, and why.

    NotAllowed but for item managers of an organization that stands for the whole region of the node; ListOdd.
    """
    publisher = "" if actor.role is Role.SYSTEM else actor.organization
    name = here().name
    if actor.role is not Role.SYSTEM:
        if not speaks_for_region(actor):
            raise NotAllowed()
        name = organization(publisher).name
    lines = typed(text)
    reason = require_said("reason", reason, "发布或者修改的原因")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    last = RecognitionList.objects.order_by("-version").first()
    kept = list_document(lines)
    row = RecognitionList.objects.create(
        version=last.version + 1 if last else 1,
        publisher=publisher,
        publisher_name=name,
        document=kept,
        digest=suite(here().suite).digest(kept),
        reason=reason,
        published_by=actor.pseudonym,
        published_name=actor.name,
        published_at=at,
    )
    facts = {"version": row.version, "digest": row.digest, "lines": len(lines), "reason": reason}
    ledger.write("recognition", verb="recognition.published", actor=actor, at=at, facts=facts)
    tell_list(row, at)
    return row


def speaks_for_region(actor: Actor) -> bool:
    """Whether somebody keeps the mutual recognition list: an item manager of the region's own organization."""
    if actor.role is not Role.ITEM_MANAGER or not actor.organization:
        return False
    office = organization(actor.organization)
    return office.node_code == here().code and office.region_code[:6] == here().code


def _draft(code: str, actor: Actor) -> LicenceType:
    """The draft, locked. NotFound for whoever does not keep it, TypeNotDraft when the newest version is published."""
    row = LicenceType.objects.select_for_update().filter(code=code).order_by("-version").first()
    if row is None or not (actor.role is Role.SYSTEM or queries.keeps(actor, code)):
        raise NotFound(what="这一类证照的草稿")
    if row.effective_from is not None:
        raise TypeNotDraft()
    return row


def _require_keeper(actor: Actor, code: str) -> None:
    if actor.role is not Role.SYSTEM and not queries.keeps(actor, code):
        raise NotAllowed()


def _require_fit(content: TypeContent) -> None:
    """TypeOdd for what no database keeps, and for what no calendar reaches; others' types are read as they are told."""
    if "\0" in content.name:
        raise TypeOdd(field="name", why="证照名称中有不能保存的字符，请重新填写。")
    if content.validity.rule == "years" and content.validity.length > MOST_YEARS:
        raise TypeOdd(field="validity.length", why=f"有效期不能超过 {MOST_YEARS} 年。")


def _tell(row: LicenceType, verb: str, actor: Actor, at: datetime) -> None:
    facts: dict[str, Any] = {"type": row.code, "version": row.version, "digest": row.digest}
    if row.effective_from:
        facts["effective_from"] = row.effective_from.isoformat()
    ledger.write(type_subject(row.code), verb=f"licence_type.{verb}", actor=actor, at=at, facts=facts)
