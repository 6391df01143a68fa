# SPDX-License-Identifier: Apache-2.0
"""Every change of the catalogue: loading the lists, publishing a version, telling the other nodes."""

import csv
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from tongban.catalogue import content as contents
from tongban.catalogue.content import ItemContent
from tongban.catalogue.errors import ItemNotFromPublisher, NotYourItem
from tongban.catalogue.models import BasicItem, ItemVersion, KnownItem
from tongban.exchange import actions as exchange
from tongban.ledger import actions as ledger
from tongban.regions import queries as regions
from tongban.regions.errors import NoTrustList
from tongban.standards import identifiers
from tongban.standards.actor import Actor, Role
from tongban.standards.clock import local_date
from tongban.standards.crypto import suite
from tongban.standards.node import here
from tongban.standards.regions import contains

KNOWN_ITEMS = Path(__file__).parent / "data" / "known_items.csv"
FRESH = timedelta(days=180)  # how long a copy elsewhere counts as fresh


@transaction.atomic
def load_known_items() -> int:
    """Bring the table to what the data file says. How many entries it has."""
    with KNOWN_ITEMS.open(encoding="utf-8", newline="") as lines:
        rows = [KnownItem(**{**row, "number": int(row["number"])}) for row in csv.DictReader(lines)]
    KnownItem.objects.exclude(number__in=[row.number for row in rows]).delete()
    fields = [field.name for field in KnownItem._meta.concrete_fields if not field.primary_key]
    KnownItem.objects.bulk_create(rows, update_conflicts=True, unique_fields=["number"], update_fields=fields)
    return len(rows)


def load_basic_items(items: Iterable[BasicItem]) -> int:
    """Enter entries of the basic catalogue, or what has changed about them."""
    rows = list(items)
    fields = ["name", "item_type", "demonstration", "source"]
    BasicItem.objects.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=fields)
    return len(rows)


@transaction.atomic
def publish(
    content: Mapping[str, Any], *, actor: Actor, at: datetime, effective_from: date | None = None
) -> ItemVersion:
    """Freeze a content as the next version and tell every other node; the same content again changes nothing.

    Refuses by name a content that breaks a rule, and an item that is not this actor's to publish.
    """
    item = contents.convert(dict(content))
    contents.check(item)
    _require_own(item, actor)
    digest = suite(here().suite).digest(contents.document(item))
    last = ItemVersion.objects.select_for_update().filter(task_code=item.task_code).order_by("-version").first()
    if last is not None and (last.digest, last.status) == (digest, "published"):
        return last
    day = effective_from or local_date(at)
    if last is not None:
        _supersede(last, day)
    version = ItemVersion(**row_of(item, last.version + 1 if last else 1, digest, at, day))
    version.save(force_insert=True)
    _tell(version, actor, at)
    return version


def announce(recipients: Iterable[str], at: datetime) -> int:
    """Send all that this node has published, for nodes that have just joined. How many items."""
    mine = list(ItemVersion.objects.filter(origin="own", status="published").order_by("task_code"))
    told = list(recipients)
    for version in mine:
        _send(version, told, at)
    return len(mine)


def row_of(
    item: ItemContent, version: int, digest: str, at: datetime, effective_from: date, node: str = ""
) -> dict[str, Any]:
    """The columns of a version; a copy names the node it came from."""
    identity = {"task_code": item.task_code, "version": version, "publisher": item.publisher.code}
    words = {"publisher_name": item.publisher.name, "name": item.name, "mode": item.mode}
    place = {"node_code": node or here().code, "region_code": item.publisher.region}
    frozen = {"document": contents.document(item), "digest": digest, "search_text": search_text(item)}
    state = {"status": "published", "origin": "copy" if node else "own", "published_at": at}
    dates = {"effective_from": effective_from, "effective_to": None, "fresh_until": at + FRESH if node else None}
    return identity | words | place | frozen | state | dates


def search_text(item: ItemContent) -> str:
    """What a search looks in: names, places and codes, tidied as questions are."""
    place = regions.region_names([item.publisher.region]).get(item.publisher.region, "")
    said = (item.name, item.publisher.name, place, item.task_code, item.summary)
    return " ".join(identifiers.tidy(word).lower() for word in said)


def _require_own(item: ItemContent, actor: Actor) -> None:
    """NotYourItem unless the actor keeps the items of that place; ItemNotFromPublisher at a foreign node."""
    organization = regions.organization(item.publisher.code)
    if organization.node_code != here().code or organization.region_code != item.publisher.region:
        raise ItemNotFromPublisher(node=here().code, region=item.publisher.region)
    keeps = actor.role is Role.ITEM_MANAGER and contains(actor.region, organization.region_code)
    if not (keeps or actor.role is Role.SYSTEM):
        raise NotYourItem(organization=organization.name)


def _supersede(last: ItemVersion, day: date) -> None:
    last.status, last.effective_to = "superseded", max(day - timedelta(days=1), last.effective_from)
    last.save(update_fields=["status", "effective_to"])


def _tell(version: ItemVersion, actor: Actor, at: datetime) -> None:
    facts = {"task_code": version.task_code, "version": version.version, "digest": version.digest}
    ledger.write(subject_of(version.task_code), verb="item.published", actor=actor, at=at, facts=facts)
    try:
        recipients = [node.code for node in regions.trust_list().peers(here().code)]
    except NoTrustList:
        return  # nobody to tell yet: `announce` does it when this node has joined
    _send(version, recipients, at)


def _send(version: ItemVersion, recipients: list[str], at: datetime) -> None:
    body = {
        "version": version.version,
        "document": bytes(version.document).decode(),
        "digest": version.digest,
        "effective_from": version.effective_from.isoformat(),
    }
    subject = subject_of(version.task_code)
    exchange.send(recipients, kind="item.published", subject=subject, body=body, at=at)


def subject_of(task_code: str) -> str:
    """The subject of an item in messages and in the ledger."""
    return f"item/{task_code}"
