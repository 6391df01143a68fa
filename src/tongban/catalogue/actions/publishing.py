# SPDX-License-Identifier: Apache-2.0
"""Publishing an item version: frozen, in force on its day, told to the other nodes; suspended, resumed, retired."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from tongban.catalogue import content as contents
from tongban.catalogue.content import ItemContent
from tongban.catalogue.errors import ItemNotFromPublisher, NotThisStanding, NotYourItem, ReasonMissing
from tongban.catalogue.models import ItemVersion
from tongban.catalogue.standing import PUBLISHED, RETIRED, SCHEDULED, SUPERSEDED, SUSPENDED
from tongban.exchange import actions as exchange
from tongban.exchange.actions.writing import News
from tongban.exchange.queries import told_about
from tongban.ledger import actions as ledger
from tongban.regions import queries as regions
from tongban.regions.errors import NoTrustList
from tongban.standards.actor import Actor, Role
from tongban.standards.clock import local_date
from tongban.standards.crypto import suite
from tongban.standards.node import here
from tongban.standards.refusal import NotFound

IN_USE = (PUBLISHED, SUSPENDED)
VERBS = {SUSPENDED: "item.suspended", PUBLISHED: "item.resumed", RETIRED: "item.retired"}
AT_ONCE = 200  # item versions in memory, and told in one statement
FRESH = timedelta(days=180)  # how long a copy elsewhere counts as fresh


@transaction.atomic
def publish(
    content: Mapping[str, Any], *, actor: Actor, at: datetime, effective_from: date | None = None
) -> ItemVersion:
    """Freeze a content as the next version for the node itself; people's drafts are reviewed before they come here.

    Refuses by name a content that breaks a rule, and an item of another node. The same content again changes nothing.
    """
    item = contents.convert(dict(content))
    contents.check(item)
    organization = regions.organization(item.publisher.code)
    if actor.role is not Role.SYSTEM:
        raise NotYourItem(organization=organization.name)
    if organization.node_code != here().code or organization.region_code != item.publisher.region:
        raise ItemNotFromPublisher(node=here().code, region=item.publisher.region)
    return freeze(item, actor=actor, at=at, effective_from=effective_from)


def freeze(
    item: ItemContent, *, actor: Actor, at: datetime, effective_from: date | None = None, facts: Mapping[str, Any] = {}
) -> ItemVersion:
    """The next version of an item whose content has been checked; part of the caller's transaction."""
    digest = suite(here().suite).digest(contents.document(item))
    last = ItemVersion.objects.select_for_update().filter(task_code=item.task_code).order_by("-version").first()
    if last is not None and last.digest == digest and last.status in (PUBLISHED, SCHEDULED):
        return last
    today, day = local_date(at), effective_from or local_date(at)
    row = row_of(item, last.version + 1 if last else 1, digest, at, day)
    version = ItemVersion(**row | {"status": SCHEDULED if day > today else PUBLISHED})
    _make_room(item.task_code, day, today)
    version.save(force_insert=True)
    told = {"task_code": version.task_code, "version": version.version, "digest": version.digest, **facts}
    ledger.write(subject_of(version.task_code), verb="item.published", actor=actor, at=at, facts=told)
    _tell(version, at)
    return version


@transaction.atomic
def begin_due(at: datetime) -> int:
    """Bring into force what was published for a day that has come, own items and copies. How many."""
    due = ItemVersion.objects.select_for_update().filter(status=SCHEDULED, effective_from__lte=local_date(at))
    begun = list(due.order_by("task_code", "version"))
    for version in begun:
        version.status = PUBLISHED
        _make_room(version.task_code, version.effective_from, local_date(at), begins=True)
        version.save(update_fields=["status"])
    return len(begun)


@transaction.atomic
def suspend(task_code: str, *, reason: str, actor: Actor, at: datetime) -> ItemVersion:
    """No new applications for the time being; cases under way go on. Every node is told why."""
    return _stand(task_code, PUBLISHED, SUSPENDED, reason, actor, at)


@transaction.atomic
def resume(task_code: str, *, reason: str, actor: Actor, at: datetime) -> ItemVersion:
    """Applications are taken again."""
    return _stand(task_code, SUSPENDED, PUBLISHED, reason, actor, at)


@transaction.atomic
def retire(task_code: str, *, reason: str, actor: Actor, at: datetime) -> ItemVersion:
    """The item is no more (取消): today is its last day. Cases under way go on under it."""
    return _stand(task_code, PUBLISHED, RETIRED, reason, actor, at)


def announce(recipient: str, at: datetime) -> int:
    """Send what this node has published to a node that was never told of it. How many items."""
    mine = ItemVersion.objects.filter(origin="own", status__in=IN_USE).order_by("task_code")
    codes = list(mine.values_list("task_code", flat=True))
    told = told_about(recipient, [subject_of(code) for code in codes])
    new = [code for code in codes if subject_of(code) not in told]
    for first in range(0, len(new), AT_ONCE):
        some = mine.filter(task_code__in=new[first : first + AT_ONCE])
        exchange.send_many([recipient], [_news(version) for version in some], at=at)
    return len(new)


def row_of(
    item: ItemContent, version: int, digest: str, at: datetime, effective_from: date, node: str = ""
) -> dict[str, Any]:
    """The columns of a version; a copy names the node it came from."""
    identity = {"task_code": item.task_code, "version": version, "publisher": item.publisher.code}
    words = {"publisher_name": item.publisher.name, "name": item.name, "mode": item.mode}
    place = {"node_code": node or here().code, "region_code": item.publisher.region}
    frozen = {"document": contents.document(item), "digest": digest}
    state = {"status": "published", "origin": "copy" if node else "own", "published_at": at}
    dates = {"effective_from": effective_from, "effective_to": None, "fresh_until": at + FRESH if node else None}
    return identity | words | place | frozen | state | dates


def subject_of(task_code: str) -> str:
    """The subject of an item in messages and in the ledger."""
    return f"item/{task_code}"


def _make_room(task_code: str, day: date, today: date, *, begins: bool = False) -> None:
    """End what is in force the day before; until then it is asked for as before. What waits for later never begins."""
    eve = day - timedelta(days=1)
    for last in ItemVersion.objects.select_for_update().filter(task_code=task_code, status__in=IN_USE):
        last.effective_to = max(min(eve, last.effective_to or eve), last.effective_from)
        last.status = last.status if day > today else SUPERSEDED
        last.save(update_fields=["status", "effective_to"])
    if begins:
        return
    waiting = ItemVersion.objects.select_for_update().filter(task_code=task_code, status=SCHEDULED)
    for other in waiting.filter(effective_from__gte=day):
        other.effective_to, other.status = other.effective_from - timedelta(days=1), SUPERSEDED
        other.save(update_fields=["status", "effective_to"])


def _stand(task_code: str, before: str, after: str, reason: str, actor: Actor, at: datetime) -> ItemVersion:
    version = ItemVersion.objects.select_for_update().filter(task_code=task_code, origin="own").order_by("-version")
    last = version.filter(status__in=(before, after) if after != RETIRED else (*IN_USE, RETIRED)).first()
    if last is None:
        raise NotFound(what="这个事项")
    require_keeper(actor, last.publisher)
    if not reason.strip():
        raise ReasonMissing("reason")
    if last.status == after:
        raise NotThisStanding(name=last.name)
    last.status, last.status_reason, last.status_at = after, reason.strip(), at
    last.effective_to = local_date(at) if after == RETIRED else last.effective_to
    last.save(update_fields=["status", "status_reason", "status_at", "effective_to"])
    told = {"task_code": task_code, "version": last.version, "status": after, "reason": last.status_reason}
    ledger.write(subject_of(task_code), verb=VERBS[after], actor=actor, at=at, facts=told)
    _tell(last, at)
    return last


def require_keeper(actor: Actor, organization: str) -> None:
    """NotYourItem unless the actor manages the items of exactly this organization, which is one of this node's."""
    found = regions.organization(organization)
    own = actor.role is Role.ITEM_MANAGER and actor.organization == organization and found.node_code == here().code
    if not (own or (actor.role is Role.SYSTEM and found.node_code == here().code)):
        raise NotYourItem(organization=found.name)


def _tell(version: ItemVersion, at: datetime) -> None:
    try:
        recipients = [node.code for node in regions.trust_list().peers(here().code)]
    except NoTrustList:
        return  # nobody to tell yet: `announce` does it when this node has joined
    exchange.send_many(recipients, [_news(version)], at=at)


def _news(version: ItemVersion) -> News:
    body = {
        "version": version.version,
        "document": bytes(version.document).decode(),
        "digest": version.digest,
        "effective_from": version.effective_from.isoformat(),
    }
    if version.status_reason:  # somebody has changed how it stands
        body |= {"status": version.status, "reason": version.status_reason}
    return News(kind="item.published", subject=subject_of(version.task_code), body=body)
