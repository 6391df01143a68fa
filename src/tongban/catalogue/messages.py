# SPDX-License-Identifier: Apache-2.0
"""What crosses the border: published item versions and what is laid down for basic items, kept here as copies."""

from datetime import date
from typing import Any

import msgspec

from tongban.catalogue import actions, basics, content
from tongban.catalogue.basics import BasicContent
from tongban.catalogue.content import ItemContent
from tongban.catalogue.errors import (
    BasicVersionReused,
    ContentRefused,
    ItemDigestWrong,
    ItemNotFromPublisher,
    ItemVersionReused,
)
from tongban.catalogue.models import BasicItem, BasicVersion, ItemVersion
from tongban.catalogue.standing import PUBLISHED, SCHEDULED, SUPERSEDED, TOLD
from tongban.database.statement import Statement
from tongban.exchange.registry import Message, handles, replays
from tongban.regions.queries import trust_list
from tongban.standards.clock import local_date
from tongban.standards.crypto import is_digest
from tongban.standards.node import here
from tongban.standards.regions import NATION

# What is in force ends the day before; until then it goes on as it is.
SUPERSEDE = (
    "UPDATE catalogue_item_version SET status = CASE WHEN %s THEN 'superseded' ELSE status END, "
    "effective_to = GREATEST(effective_from, LEAST(effective_to, %s::date - 1)) "
    "WHERE task_code = %s AND version < %s AND status IN ('published', 'suspended') AND EXISTS (SELECT 1 FROM guard)"
)
# What waits for a day on or after that of a newer version never begins.
GIVE_UP = (
    "UPDATE catalogue_item_version SET status = 'superseded', effective_to = effective_from - 1 "
    "WHERE task_code = %s AND version < %s AND status = 'scheduled' AND effective_from >= %s "
    "AND EXISTS (SELECT 1 FROM guard)"
)
STAND = (
    "UPDATE catalogue_item_version SET status = %s, status_reason = %s, status_at = %s, "
    "effective_to = CASE WHEN %s = 'retired' THEN %s::date ELSE effective_to END "
    "WHERE task_code = %s AND version = %s AND node_code = %s AND EXISTS (SELECT 1 FROM guard)"
)
REPLACE_LAYER = (
    "UPDATE catalogue_basic_version SET status = 'superseded' "
    "WHERE code = %s AND region_code = %s AND version < %s AND status = 'published' AND EXISTS (SELECT 1 FROM guard)"
)
LIST_BASIC = "ON CONFLICT (code) DO UPDATE SET name = EXCLUDED.name, item_type = EXCLUDED.item_type"


class Announced(msgspec.Struct, frozen=True):
    """The body of the message; words that a newer version may add are left aside."""

    version: int
    document: str
    digest: str
    effective_from: date
    status: str = ""  # said when somebody has suspended, resumed or retired it
    reason: str = ""


@handles("item.published", body=Announced)
def store_copy(message: Message, write: Statement) -> None:
    """Keep another node's version as it was published; refuse by name what is not its to publish."""
    told = _read(dict(message.body))
    item = content.read(told.document.encode())
    _require_publisher(message.sender, item)
    _require_digest(told, item)
    kept = {row.version: row.digest for row in ItemVersion.objects.filter(task_code=item.task_code)}
    if kept.get(told.version, told.digest) != told.digest:
        raise ItemVersionReused(task_code=item.task_code, version=told.version)
    if told.version not in kept:
        _store(message, told, item, newest=told.version > max(kept, default=0), write=write)
    elif told.status in TOLD:
        day = local_date(message.occurred_at)
        said = [told.status, told.reason, message.occurred_at]
        these = [*said, told.status, day, item.task_code, told.version, message.sender]
        write.write(STAND, these)


replays("item.published")(store_copy)


@handles("basic.published", body=Announced)
def store_layer(message: Message, write: Statement) -> None:
    """Keep what a level above lays down for a basic item, as it was published."""
    told = _read(dict(message.body))
    layer = basics.read(told.document.encode())
    if _speaker_for(layer.region) != message.sender or layer.publisher.region != layer.region:
        raise ItemNotFromPublisher(node=message.sender, region=layer.region)
    if not _is_digest(told):
        raise ContentRefused("digest", "基本目录的内容与其摘要不符，不予保存。")
    rows = BasicVersion.objects.filter(code=layer.code, region_code=layer.region)
    kept = {row.version: row.digest for row in rows}
    if kept.get(told.version, told.digest) != told.digest:
        raise BasicVersionReused(basic=layer.code, region=layer.region, version=told.version)
    if told.version not in kept:
        _store_layer(message, told, layer, newest=told.version > max(kept, default=0), write=write)


replays("basic.published")(store_layer)


def _store_layer(message: Message, told: Announced, layer: BasicContent, *, newest: bool, write: Statement) -> None:
    node = "" if message.sender == here().code else message.sender
    row = actions.basic_row_of(layer, told.version, told.digest, message.occurred_at, told.effective_from, node)
    if newest:
        write.write(REPLACE_LAYER, [layer.code, layer.region, told.version])
    write.insert(BasicVersion, [row | {"status": PUBLISHED if newest else SUPERSEDED}])
    if newest and basics.is_top(layer.code, layer.region):
        said = {"name": layer.elements["name"], "item_type": layer.elements["item_type"]}
        entry = {"code": layer.code, "demonstration": False, "source": "", **said}
        write.insert(BasicItem, [entry], on_conflict=LIST_BASIC)


def _speaker_for(region: str) -> str:
    """The node whose word on a region counts; on the whole country it is the hub's."""
    listed = trust_list()
    return listed.hub if region == NATION else listed.node_for_region(region).code


def _store(message: Message, told: Announced, item: ItemContent, *, newest: bool, write: Statement) -> None:
    # Our own words come back only when this node had forgotten them: the version is its own again.
    node = "" if message.sender == here().code else message.sender
    row = actions.row_of(item, told.version, told.digest, message.occurred_at, told.effective_from, node=node)
    waits = told.effective_from > local_date(message.received_at)
    if newest:
        write.write(SUPERSEDE, [not waits, told.effective_from, item.task_code, told.version])
        write.write(GIVE_UP, [item.task_code, told.version, told.effective_from])
    begun = SCHEDULED if waits else told.status if told.status in TOLD else PUBLISHED
    said = {"status_reason": told.reason, "status_at": message.occurred_at if told.status else None}
    write.insert(ItemVersion, [row | said | {"status": begun if newest else SUPERSEDED}])


def _read(body: dict[str, Any]) -> Announced:
    try:
        return msgspec.convert(body, Announced)
    except msgspec.ValidationError as why:
        raise ContentRefused("body", f"报文内容不合格式：{why}。") from why


def _require_publisher(sender: str, item: ItemContent) -> None:
    if trust_list().node_for_region(item.publisher.region).code != sender:
        raise ItemNotFromPublisher(node=sender, region=item.publisher.region)


def _require_digest(told: Announced, item: ItemContent) -> None:
    if not _is_digest(told):
        raise ItemDigestWrong(task_code=item.task_code, version=told.version)


def _is_digest(told: Announced) -> bool:
    """The digest is in the publisher's suite, which its own prefix names."""
    return is_digest(told.digest, told.document.encode())
