# SPDX-License-Identifier: Apache-2.0
"""What crosses the border of types and recognition lists: kept under the name of whoever says it, for its region alone.

What another node goes by decides nothing here but what that node will accept: whoever takes in for it checks by it.
"""

from datetime import date, datetime
from typing import Annotated

import msgspec

from tongban.database.statement import Statement
from tongban.exchange.envelope import fitting
from tongban.exchange.registry import Message, handles, replays
from tongban.licences.errors import ListOdd, ToldDigestWrong, ToldVersionReused, TypeOdd
from tongban.licences.models import LicenceType, RecognitionList, ToldRecognition, ToldType
from tongban.licences.types import content, listing, queries
from tongban.licences.types.content import TypeContent
from tongban.licences.types.telling import RECOGNITION, TYPE, list_subject, type_subject
from tongban.standards.crypto import is_digest
from tongban.standards.node import here

ONCE = "ON CONFLICT DO NOTHING"
# A backup may hold the draft of what was published afterwards.
PUBLISHED_AFTER_ALL = (
    "ON CONFLICT (code, version) DO UPDATE SET name = EXCLUDED.name, document = EXCLUDED.document, "
    "digest = EXCLUDED.digest, effective_from = EXCLUDED.effective_from, published_at = EXCLUDED.published_at "
    "WHERE licences_type.effective_from IS NULL"
)

Version = Annotated[int, msgspec.Meta(ge=1, le=32_767)]
Digest = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Line = Annotated[str, msgspec.Meta(max_length=200)]


class TypeTold(msgspec.Struct, frozen=True):
    """The body of `licence.type`: one published version of a type of licence, frozen."""

    version: Version
    document: str
    digest: Digest
    effective_from: date


class ListTold(msgspec.Struct, frozen=True):
    """The body of `licence.recognition`: one version of what the sender's region accepts of others, frozen."""

    version: Annotated[int, msgspec.Meta(ge=1, le=2_147_483_647)]
    document: str
    digest: Digest
    published_at: Annotated[datetime, msgspec.Meta(tz=True)]
    publisher: Line = ""  # credit code; empty: the node itself
    publisher_name: Line = ""
    reason: Annotated[str, msgspec.Meta(max_length=500)] = ""


@handles(TYPE, body=TypeTold)
def store_type(message: Message, write: Statement) -> None:
    """Keep a version of a type by which the sender goes."""
    told, of = _type(message)
    rows = ToldType.objects.filter(node_code=message.sender, code=of.code, version=told.version)
    if _is_known(told, rows.values_list("digest", flat=True).first(), f"证照类型“{of.name}”"):
        return
    row = {
        "node_code": message.sender,
        "code": of.code,
        "version": told.version,
        "document": told.document.encode(),
        "digest": told.digest,
        "effective_from": told.effective_from,
        "heard_at": message.received_at,
    }
    write.insert(ToldType, [row], on_conflict=ONCE)


@replays(TYPE)
def follow_type(message: Message, write: Statement) -> None:
    """After a restore: a peer's word as always; our own gives the version back."""
    if message.sender != here().code:
        store_type(message, write)
        return
    told, of = _type(message)
    row = {
        "code": of.code,
        "version": told.version,
        "name": of.name,
        "definer": of.definer,
        "document": told.document.encode(),
        "digest": told.digest,
        "effective_from": told.effective_from,
        "drafted_at": message.occurred_at,
        "published_at": message.occurred_at,
    }
    nobody = dict.fromkeys(("drafted_by", "drafted_name", "published_by", "published_name"), "")
    write.insert(LicenceType, [row | nobody], on_conflict=PUBLISHED_AFTER_ALL)
    queries.forget()


@handles(RECOGNITION, body=ListTold)
def store_list(message: Message, write: Statement) -> None:
    """Keep what the sender's region accepts of others."""
    told = _list(message)
    rows = ToldRecognition.objects.filter(node_code=message.sender, version=told.version)
    if _is_known(told, rows.values_list("digest", flat=True).first(), "互认清单"):
        return
    row = {
        "node_code": message.sender,
        "version": told.version,
        "publisher_name": told.publisher_name,
        "document": told.document.encode(),
        "digest": told.digest,
        "published_at": told.published_at,
        "heard_at": message.received_at,
    }
    write.insert(ToldRecognition, [row], on_conflict=ONCE)


@replays(RECOGNITION)
def follow_list(message: Message, write: Statement) -> None:
    """After a restore: a peer's word as always; our own gives the version back."""
    if message.sender != here().code:
        store_list(message, write)
        return
    told = _list(message)
    row = {
        "version": told.version,
        "publisher": told.publisher,
        "publisher_name": told.publisher_name,
        "document": told.document.encode(),
        "digest": told.digest,
        "reason": told.reason,
        "published_by": "",
        "published_name": "",
        "published_at": told.published_at,
    }
    write.insert(RecognitionList, [row], on_conflict=ONCE)


def _type(message: Message) -> tuple[TypeTold, TypeContent]:
    """What a message says, and the type in it. A refusal when it is none, or another than the message is about."""
    told = fitting(message.body, TypeTold)
    try:
        plain = msgspec.json.decode(told.document, type=dict)
    except msgspec.DecodeError as why:
        raise TypeOdd(field="document", why="证照类型的内容不能读出。") from why
    of = content.convert(plain)
    if message.subject != type_subject(of.code):
        raise TypeOdd(field="subject", why="报文的主题不是这一类证照。")
    _require_digest(told, f"证照类型“{of.name}”")
    return told, of


def _list(message: Message) -> ListTold:
    told = fitting(message.body, ListTold)
    if message.subject != list_subject(message.sender):
        raise ListOdd(field="subject", why="报文的主题不是发送节点的互认清单。")
    listing.read_told(told.document.encode())
    _require_digest(told, "互认清单")
    return told


def _is_known(told: TypeTold | ListTold, kept: str | None, what: str) -> bool:
    if kept is not None and kept != told.digest:
        raise ToldVersionReused(what=what, version=told.version)
    return kept is not None


def _require_digest(told: TypeTold | ListTold, what: str) -> None:
    """The digest is in its publisher's suite, which its own prefix names."""
    if not is_digest(told.digest, told.document.encode()):
        raise ToldDigestWrong(what=what)
