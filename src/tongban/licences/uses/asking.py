# SPDX-License-Identifier: Apache-2.0
"""A licence asked for at the node that issued it: the signed question with the five elements, and its answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import msgspec

from tongban.exchange import keys, sealed_part, trust
from tongban.exchange.actions import Asking
from tongban.exchange.envelope import fitting
from tongban.exchange.errors import AnswerInvalid
from tongban.exchange.question import Question
from tongban.exchange.registry import answers
from tongban.exchange.sealed_part import Place
from tongban.licences.uses.actions import Call, give
from tongban.standards import base64url
from tongban.standards.node import here
from tongban.vault.files import digest_of

USE = "licence.use"
WITHIN = timedelta(seconds=30)  # then whoever asked is told that no answer came
BASIS = "《国务院关于在线政务服务的若干规定》（国务院令第716号）第七条、第十条；持证人同意"

Line = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Maybe = Annotated[str, msgspec.Meta(max_length=200)]


class Consented(msgspec.Struct, frozen=True):
    """What the holder agreed to."""

    at: Annotated[datetime, msgspec.Meta(tz=True)]
    until: date  # the last day


class UseAsked(msgspec.Struct, frozen=True):
    """The body of the question `licence.use`: which licence of whom, and the five elements of a call."""

    name: Line
    holder_type: Line
    holder_number: Line
    organization: Line  # credit code
    organization_name: Line
    user: Line  # pseudonym of who asks
    item_name: Line
    item_code: Line
    business_code: Line
    fields: Annotated[list[Line], msgspec.Meta(min_length=1, max_length=20)]
    consent: Consented
    type_code: Maybe = ""


class UseGiven(msgspec.Struct, frozen=True):
    """The body of its answer: what may be known, and a copy for this use, sealed to the node that asked."""

    file: Line  # digest of the licence's own file, by which nodes tell how it stands
    fields: dict[str, str]
    digest: Line  # of the copy
    size: Annotated[int, msgspec.Meta(ge=1)]
    copy: str  # base64url
    key: Maybe = ""  # that opens it; empty when the asking node has none to seal to


@dataclass(frozen=True)
class Got:
    """What another node gave."""

    file: str
    fields: Mapping[str, str]
    copy: bytes


def asking(call: Call, peer: str, subject: str) -> Asking:
    """The question for a worker to put to the node that issued it."""
    asked = UseAsked(
        name=call.name,
        holder_type=call.holder_type,
        holder_number=call.holder_number,
        organization=call.organization,
        organization_name=call.organization_name,
        user=call.user,
        item_name=call.item_name,
        item_code=call.item_code,
        business_code=call.business_code,
        fields=list(call.fields),
        consent=Consented(call.consented_at, call.until),
        type_code=call.type_code,
    )
    return Asking(peer=peer, kind=USE, purpose=call.purpose, basis=BASIS, body=_plain(asked), subject=subject)


@answers(USE)
def tell(asked: Question, at: datetime) -> Mapping[str, Any]:
    """Give it, or the code of why not; both are noted where its holder reads them."""
    told = fitting(asked.body, UseAsked)
    call = Call(
        id=asked.id,
        node=asked.asker,
        name=told.name,
        type_code=told.type_code,
        holder_type=told.holder_type,
        holder_number=told.holder_number,
        organization=told.organization,
        organization_name=told.organization_name,
        user=told.user,
        item_name=told.item_name,
        item_code=told.item_code,
        business_code=told.business_code,
        purpose=asked.purpose,
        fields=told.fields,
        consented_at=told.consent.at,
        until=told.consent.until,
    )
    given = give(call, at=at)
    key = trust.encryption_key(asked.asker, at)
    place = _place(here().code, asked.asker, asked.subject, digest_of(given.copy), len(given.copy))
    content = sealed_part.seal(place, given.copy, key) if key else given.copy
    return _plain(
        UseGiven(
            file=given.licence.file_digest,
            fields=dict(given.fields),
            digest=place.digest,
            size=place.size,
            copy=base64url.encode(content),
            key=key.id if key else "",
        )
    )


def got(body: Mapping[str, Any], peer: str, subject: str, at: datetime) -> Got:
    """What an answer brings. AnswerInvalid when the copy is not what it says."""
    told = fitting(body, UseGiven)
    try:
        content = base64url.decode(told.copy)
    except ValueError as why:
        raise AnswerInvalid(why="副本不能读出") from why
    place = _place(peer, here().code, subject, told.digest, told.size)
    copy = sealed_part.unseal(place, content, keys.opener(told.key, at)) if told.key else content
    if digest_of(copy) != told.digest:
        raise AnswerInvalid(why="副本与摘要不符")
    return Got(told.file, told.fields, copy)


def _place(sender: str, recipient: str, subject: str, digest: str, size: int) -> Place:
    return Place(sender, recipient, subject, digest, size, 0, size - 1)


def _plain(told: msgspec.Struct) -> dict[str, Any]:
    words: dict[str, Any] = msgspec.to_builtins(told)
    return words
