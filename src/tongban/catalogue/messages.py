# SPDX-License-Identifier: Apache-2.0
"""What crosses the border: a published item version, kept here as a copy."""

from datetime import date
from typing import Any

import msgspec

from tongban.catalogue import actions, content
from tongban.catalogue.content import ItemContent
from tongban.catalogue.errors import (
    ContentRefused,
    ItemDigestWrong,
    ItemNotFromPublisher,
    ItemVersionReused,
)
from tongban.catalogue.models import ItemVersion
from tongban.database.statement import Statement
from tongban.exchange.registry import Message, handles, replays
from tongban.regions.queries import trust_list
from tongban.standards.crypto import digest_with
from tongban.standards.node import here

SUPERSEDE = (
    "UPDATE catalogue_item_version SET status = 'superseded', effective_to = GREATEST(effective_from, %s::date - 1) "
    "WHERE task_code = %s AND version < %s AND status = 'published' AND EXISTS (SELECT 1 FROM guard)"
)


class Announced(msgspec.Struct, frozen=True):
    """The body of the message; words that a newer version may add are left aside."""

    version: int
    document: str
    digest: str
    effective_from: date


@handles("item.published")
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


replays("item.published")(store_copy)


def _store(message: Message, told: Announced, item: ItemContent, *, newest: bool, write: Statement) -> None:
    # Our own words come back only when this node had forgotten them: the version is its own again.
    node = "" if message.sender == here().code else message.sender
    row = actions.row_of(item, told.version, told.digest, message.occurred_at, told.effective_from, node=node)
    if newest:
        write.write(SUPERSEDE, [told.effective_from, item.task_code, told.version])
    write.insert(ItemVersion, [row | {"status": "published" if newest else "superseded"}])


def _read(body: dict[str, Any]) -> Announced:
    try:
        return msgspec.convert(body, Announced)
    except msgspec.ValidationError as why:
        raise ContentRefused("body", f"报文内容不合格式：{why}。") from why


def _require_publisher(sender: str, item: ItemContent) -> None:
    if trust_list().node_for_region(item.publisher.region).code != sender:
        raise ItemNotFromPublisher(node=sender, region=item.publisher.region)


def _require_digest(told: Announced, item: ItemContent) -> None:
    """The digest is in the publisher's suite, which its own prefix names."""
    try:
        fits = digest_with(told.digest, told.document.encode()) == told.digest
    except ValueError:  # a hash that we do not know
        fits = False
    if not fits:
        raise ItemDigestWrong(task_code=item.task_code, version=told.version)
