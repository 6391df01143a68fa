# SPDX-License-Identifier: Apache-2.0
"""Publishing what a level lays down for a basic item, and telling the nodes inside its region."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from tongban.catalogue import basics, queries
from tongban.catalogue.basics import BasicContent
from tongban.catalogue.errors import ItemNotFromPublisher, NotYourItem
from tongban.catalogue.models import BasicItem, BasicVersion
from tongban.catalogue.standing import PUBLISHED, SUPERSEDED
from tongban.exchange import actions as exchange
from tongban.exchange.actions.writing import News
from tongban.exchange.queries import told_about
from tongban.ledger import actions as ledger
from tongban.regions import queries as regions
from tongban.regions.errors import NoTrustList
from tongban.regions.trustlist import TrustedNode
from tongban.standards.actor import Actor, Role
from tongban.standards.clock import local_date
from tongban.standards.crypto import suite
from tongban.standards.node import here
from tongban.standards.regions import NATION, contains

AT_ONCE = 200  # layers told in one statement


@transaction.atomic
def publish_basic(
    content: Mapping[str, Any], *, actor: Actor, at: datetime, effective_from: date | None = None
) -> BasicVersion:
    """Lay a level's word down for the node itself; people's drafts are reviewed before they come here."""
    layer = basics.convert(dict(content))
    basics.check(layer, queries.layers_above(layer.code, layer.region))
    organization = regions.organization(layer.publisher.code)
    if actor.role is not Role.SYSTEM:
        raise NotYourItem(organization=organization.name)
    if organization.node_code != here().code or organization.region_code != layer.region:
        raise ItemNotFromPublisher(node=here().code, region=layer.region)
    return lay_down(layer, actor=actor, at=at, effective_from=effective_from)


def lay_down(
    layer: BasicContent,
    *,
    actor: Actor,
    at: datetime,
    effective_from: date | None = None,
    facts: Mapping[str, Any] = {},
) -> BasicVersion:
    """The next version of a layer that has been checked; part of the caller's transaction."""
    digest = suite(here().suite).digest(basics.document(layer))
    kept = BasicVersion.objects.select_for_update().filter(code=layer.code, region_code=layer.region)
    last = kept.order_by("-version").first()
    if last is not None and last.digest == digest:
        return last
    day = effective_from or local_date(at)
    version = BasicVersion(**basic_row_of(layer, last.version + 1 if last else 1, digest, at, day))
    kept.filter(status=PUBLISHED).update(status=SUPERSEDED)
    version.save(force_insert=True)
    list_basic(layer)
    told = {"code": layer.code, "region": layer.region, "version": version.version, "digest": digest, **facts}
    ledger.write(basic_subject(layer.code, layer.region), verb="basic.published", actor=actor, at=at, facts=told)
    exchange.send_many(_inside(layer.region), [_news(version)], at=at)
    return version


def announce_basics(recipient: str, at: datetime) -> int:
    """Send what this node lays down to a node inside that was never told of it. How many layers."""
    mine = list(BasicVersion.objects.filter(origin="own", status=PUBLISHED).order_by("code", "region_code"))
    told = told_about(recipient, [basic_subject(each.code, each.region_code) for each in mine])
    new = [each for each in mine if basic_subject(each.code, each.region_code) not in told]
    new = [each for each in new if recipient in _inside(each.region_code)]
    for first in range(0, len(new), AT_ONCE):
        exchange.send_many([recipient], [_news(version) for version in new[first : first + AT_ONCE]], at=at)
    return len(new)


def basic_row_of(
    layer: BasicContent, version: int, digest: str, at: datetime, effective_from: date, node: str = ""
) -> dict[str, Any]:
    """The columns of a layer's version; a copy names the node it came from."""
    return {
        "code": layer.code,
        "region_code": layer.region,
        "version": version,
        "publisher": layer.publisher.code,
        "publisher_name": layer.publisher.name,
        "node_code": node or here().code,
        "document": basics.document(layer),
        "digest": digest,
        "status": PUBLISHED,
        "origin": "copy" if node else "own",
        "published_at": at,
        "effective_from": effective_from,
    }


def list_basic(layer: BasicContent) -> None:
    """Where an item begins, its entry in the list of the basic catalogue is what the layer says."""
    if not basics.is_top(layer.code, layer.region):
        return
    said = {"name": layer.elements["name"], "item_type": layer.elements["item_type"]}
    BasicItem.objects.update_or_create(code=layer.code, defaults=said)


def basic_subject(code: str, region: str) -> str:
    """The subject of a layer in messages and in the ledger."""
    return f"basic/{code}/{region}"


def _inside(region: str) -> list[str]:
    """The other nodes that speak for something inside a region."""
    try:
        peers = regions.trust_list().peers(here().code)
    except NoTrustList:
        return []  # `announce_basics` does it when this node has joined
    return [node.code for node in peers if region == NATION or _speaks_inside(node, region)]


def _speaks_inside(node: TrustedNode, region: str) -> bool:
    return any(contains(region, prefix.ljust(6 if len(prefix) <= 6 else 12, "0")) for prefix in node.regions)


def _news(version: BasicVersion) -> News:
    body = {
        "version": version.version,
        "document": bytes(version.document).decode(),
        "digest": version.digest,
        "effective_from": version.effective_from.isoformat(),
    }
    return News(kind="basic.published", subject=basic_subject(version.code, version.region_code), body=body)
