# SPDX-License-Identifier: Apache-2.0
"""Telling the other nodes which types of licences this one goes by, and what its region accepts of others."""

from collections.abc import Collection, Sequence
from datetime import datetime

from tongban.exchange.actions import News, send_many
from tongban.exchange.queries import told_about
from tongban.licences.models import LicenceType, RecognitionList
from tongban.regions.errors import NoTrustList
from tongban.regions.queries import trust_list
from tongban.standards.node import here

TYPE, RECOGNITION = "licence.type", "licence.recognition"


def announce_types(recipient: str, at: datetime) -> int:
    """Send every published version of our types to a node that was never told of them. How many types."""
    rows = list(LicenceType.objects.exclude(effective_from=None).order_by("code", "version"))
    told = told_about(recipient, sorted({type_subject(row.code) for row in rows}))
    new = [row for row in rows if type_subject(row.code) not in told]
    send_many([recipient], [_news_of_type(row) for row in new], at=at)
    return len({row.code for row in new})


def announce_recognition(recipient: str, at: datetime) -> int:
    """Send our list to a node that was never told of it. How many lists: one or none."""
    row = RecognitionList.objects.order_by("-version").first()
    if row is None or told_about(recipient, [list_subject(here().code)]):
        return 0
    send_many([recipient], [_news_of_list(row)], at=at)
    return 1


def tell_type(row: LicenceType, at: datetime) -> None:
    """Tell every node of a version that was published; part of the caller's transaction."""
    _tell(TYPE, [_news_of_type(row)], at)


def tell_list(row: RecognitionList, at: datetime) -> None:
    """Tell every node of a list that was published; part of the caller's transaction."""
    _tell(RECOGNITION, [_news_of_list(row)], at)


def type_subject(code: str) -> str:
    """The subject of a type in messages and in the ledger."""
    return f"licence-type/{code}"


def list_subject(node: str) -> str:
    """The subject of a region's list in messages."""
    return f"recognition/{node}"


def _tell(kind: str, news: Sequence[News], at: datetime) -> None:
    send_many(_hearers(kind), news, at=at)


def _hearers(kind: str) -> Collection[str]:
    try:
        listed = trust_list()
    except NoTrustList:
        return ()  # nobody to tell yet: whoever joins is welcomed
    return [node.code for node in listed.peers(here().code) if listed.may_send(here().code, node.code, kind)]


def _news_of_type(row: LicenceType) -> News:
    assert row.effective_from is not None
    body = {
        "version": row.version,
        "document": bytes(row.document).decode(),
        "digest": row.digest,
        "effective_from": row.effective_from.isoformat(),
    }
    return News(kind=TYPE, subject=type_subject(row.code), body=body)


def _news_of_list(row: RecognitionList) -> News:
    body = {
        "version": row.version,
        "document": bytes(row.document).decode(),
        "digest": row.digest,
        "publisher": row.publisher,
        "publisher_name": row.publisher_name,
        "reason": row.reason,
        "published_at": row.published_at.isoformat(),
    }
    return News(kind=RECOGNITION, subject=list_subject(here().code), body=body)
