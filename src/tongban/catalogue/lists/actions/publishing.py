# SPDX-License-Identifier: Apache-2.0
"""Publishing a list and changing how its entries stand: told to every node, never rewritten."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from tongban.catalogue.actions.publishing import FRESH
from tongban.catalogue.lists import content as contents
from tongban.catalogue.lists import queries
from tongban.catalogue.lists.content import TongbanList
from tongban.catalogue.lists.errors import (
    EntryStands,
    ListNotFromPublisher,
    ListUnchanged,
    NotYourList,
    StatusReasonMissing,
)
from tongban.catalogue.lists.words import NEEDS_REASON, PUBLISHED, SAYABLE, SUPERSEDED, WITHDRAWN, EntryStatus
from tongban.catalogue.models import ListAct, ListVersion
from tongban.exchange import actions as exchange
from tongban.exchange.actions.writing import Priority
from tongban.exchange.queries import told_about
from tongban.ledger import actions as ledger
from tongban.regions import queries as regions
from tongban.regions.errors import NoTrustList
from tongban.standards.actor import Actor, Role
from tongban.standards.clock import local_date
from tongban.standards.crypto import suite
from tongban.standards.node import here
from tongban.standards.refusal import BadInput, NotFound

AT_ONCE = 500  # acts in one letter


@transaction.atomic
def publish(content: Mapping[str, Any], *, actor: Actor, at: datetime) -> ListVersion:
    """Freeze a list for the node itself; people's drafts are reviewed before they come here.

    The same content again changes nothing.
    """
    of = contents.convert(dict(content))
    contents.check(of)
    if actor.role is not Role.SYSTEM:
        raise NotYourList(organization=of.publisher.name)
    office = regions.organization(of.publisher.code)
    if office.node_code != here().code or office.region_code != of.publisher.region:
        raise ListNotFromPublisher(node=here().code, region=of.publisher.region)
    try:
        return freeze(of, actor=actor, at=at)
    except ListUnchanged:
        return queries.current(of.publisher.code, of.code)


def freeze(of: TongbanList, *, actor: Actor, at: datetime, facts: Mapping[str, Any] = {}) -> ListVersion:
    """The next version of a list that has been checked; part of the caller's transaction. ListUnchanged."""
    digest = suite(here().suite).digest(contents.document(of))
    kept = ListVersion.objects.select_for_update().filter(publisher=of.publisher.code, code=of.code)
    last = kept.order_by("-version").first()
    if last is not None and (last.digest, last.status) == (digest, PUBLISHED):
        raise ListUnchanged()
    version = ListVersion(**row_of(of, last.version + 1 if last else 1, digest, at))
    kept.filter(status__in=(PUBLISHED, WITHDRAWN)).update(status=SUPERSEDED)
    version.save(force_insert=True)
    told = {"code": of.code, "version": version.version, "digest": digest, **facts}
    _write(of.publisher.code, of.code, "list.published", actor, at, told)
    _send(version, _peers(), at)
    return version


@transaction.atomic
def withdraw(code: str, *, reason: str, actor: Actor, at: datetime) -> ListVersion:
    """The list holds no more; it stays to be seen, with the reason. A later version brings it back."""
    row = _own(code, actor)
    if not reason.strip():
        raise StatusReasonMissing()
    if row.status == WITHDRAWN:
        raise EntryStands(name=row.title, status_name="已撤回")
    row.status, row.status_reason = WITHDRAWN, reason.strip()
    row.save(update_fields=["status", "status_reason"])
    told = {"code": code, "version": row.version, "reason": row.status_reason}
    _write(row.publisher, code, "list.withdrawn", actor, at, told)
    _send(row, _peers(), at)
    return row


@transaction.atomic
def set_status(
    code: str,
    entries: Sequence[str],
    status: str,
    *,
    actor: Actor,
    at: datetime,
    reason: str = "",
    on_day: date | None = None,
    own: str = "",
) -> list[ListAct]:
    """How entries stand from a day on: added to their history and to the ledger, and told to every node.

    The node itself names the organization it acts for; people act for theirs.
    """
    row = _own(code, actor, own)
    word = _status(status)
    if word in NEEDS_REASON and not reason.strip():
        raise StatusReasonMissing()
    day = on_day or local_date(at)
    if day > local_date(at):
        raise BadInput("on_day", "状态从今天或者以前的某一天算起，不能写将来的日期。")
    found = _to_change(row, entries, word)
    acts = ListAct.objects.filter(publisher=row.publisher, code=code).order_by("-number")
    last = acts.values_list("number", flat=True).first() or 0
    said = {"publisher": row.publisher, "code": code, "status": str(word), "reason": reason.strip(), "on_day": day}
    made = [
        ListAct(number=last + place, entry=entry, actor=actor.pseudonym, at=at, **said)
        for place, entry in enumerate(found, 1)
    ]
    ListAct.objects.bulk_create(made)
    facts = {"entries": found, "status": str(word), "reason": reason.strip(), "on_day": day.isoformat()}
    _write(row.publisher, code, "list.entries_stand", actor, at, facts)
    _tell_acts(made, _peers(), at)
    return made


def announce(recipient: str, at: datetime) -> int:
    """Send the lists of this node, with the standing of their entries, to a node never told of them. How many."""
    mine = list(ListVersion.objects.filter(origin="own", status__in=queries.CURRENT))
    told = told_about(recipient, [subject_of(row.publisher, row.code) for row in mine])
    new = [row for row in mine if subject_of(row.publisher, row.code) not in told]
    for row in new:
        _send(row, [recipient], at)
        _tell_acts(queries.acts(row.publisher, row.code), [recipient], at)
    return len(new)


def row_of(of: TongbanList, version: int, digest: str, at: datetime, node: str = "") -> dict[str, Any]:
    """The columns of a version; a copy names the node it came from."""
    return {
        "publisher": of.publisher.code,
        "code": of.code,
        "version": version,
        "publisher_name": of.publisher.name,
        "node_code": node or here().code,
        "region_code": of.publisher.region,
        "scope": str(of.scope),
        "title": of.title,
        "document": contents.document(of),
        "digest": digest,
        "status": PUBLISHED,
        "status_reason": "",
        "origin": "copy" if node else "own",
        "published_at": at,
        "fresh_until": at + FRESH if node else None,
    }


def subject_of(publisher: str, code: str) -> str:
    """The subject of a list in messages and in the ledger."""
    return f"list/{publisher}/{code}"


def require_keeper(actor: Actor, organization: str) -> None:
    """NotYourList unless the actor keeps the lists of exactly this organization, which is one of this node's."""
    found = regions.organization(organization)
    own = actor.role is Role.ITEM_MANAGER and actor.organization == organization
    if found.node_code != here().code or not (own or actor.role is Role.SYSTEM):
        raise NotYourList(organization=found.name)


def _own(code: str, actor: Actor, own: str = "") -> ListVersion:
    """The current version of a list of the actor's organization, locked."""
    organization = own if actor.role is Role.SYSTEM else queries.manages(actor)
    require_keeper(actor, organization)
    rows = ListVersion.objects.select_for_update().filter(publisher=organization, code=code, origin="own")
    row = rows.filter(status__in=queries.CURRENT).order_by("-version").first()
    if row is None:
        raise NotFound(what="这份清单")
    return row


def _to_change(row: ListVersion, entries: Sequence[str], status: EntryStatus) -> list[str]:
    known, stands = row.content, queries.standing(row.publisher, row.code)
    found = list(dict.fromkeys(entries))
    if not found:
        raise BadInput("entries", "请选择要变更的条目。")
    for code in found:
        if known.entry(code) is None:
            raise NotFound(what="这个条目")
    now = {code: stands[code].status if code in stands else EntryStatus.UNSAID for code in found}
    changed = [code for code in found if now[code] != status]
    if not changed:
        entry = known.entry(found[0])
        raise EntryStands(name=entry.name if entry else "", status_name=status.label)
    return changed


def _status(word: str) -> EntryStatus:
    if word not in SAYABLE:
        raise BadInput("status", "请选择一个状态。")
    return EntryStatus(word)


def _write(publisher: str, code: str, verb: str, actor: Actor, at: datetime, facts: Mapping[str, Any]) -> None:
    ledger.write(subject_of(publisher, code), verb=verb, actor=actor, at=at, facts=facts)


def _peers() -> list[str]:
    try:
        return [node.code for node in regions.trust_list().peers(here().code)]
    except NoTrustList:
        return []  # `announce` does it when this node has joined


def _send(row: ListVersion, recipients: list[str], at: datetime) -> None:
    body = {"version": row.version, "document": bytes(row.document).decode(), "digest": row.digest}
    if row.status == WITHDRAWN:
        body |= {"status": row.status, "reason": row.status_reason}
    subject = subject_of(row.publisher, row.code)
    exchange.send(recipients, kind="list.published", subject=subject, body=body, at=at, priority=Priority.BULK)


def _tell_acts(acts: Sequence[ListAct], recipients: list[str], at: datetime) -> None:
    for first in range(0, len(acts), AT_ONCE):
        told = [_plain(act) for act in acts[first : first + AT_ONCE]]
        subject = subject_of(acts[0].publisher, acts[0].code)
        body = {"acts": told}
        exchange.send(recipients, kind="list.standing", subject=subject, body=body, at=at, priority=Priority.BULK)


def _plain(act: ListAct) -> dict[str, Any]:
    """An act as it travels."""
    return {
        "number": act.number,
        "entry": act.entry,
        "status": act.status,
        "reason": act.reason,
        "on_day": act.on_day.isoformat(),
        "actor": act.actor,
        "at": act.at.isoformat(),
    }
