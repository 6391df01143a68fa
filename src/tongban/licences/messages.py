# SPDX-License-Identifier: Apache-2.0
"""What crosses the border for a paper: another node asks how one that was signed here stands today."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec

from tongban.exchange.actions import Asking, ask
from tongban.exchange.envelope import fitting
from tongban.exchange.question import Question
from tongban.exchange.registry import answers
from tongban.licences.models import Licence, State
from tongban.standards.actor import system
from tongban.standards.clock import local_date
from tongban.standards.node import here

STATUS = "licence.status"
WITHIN = timedelta(seconds=30)  # then whoever asked is told that no answer came
FRESH = timedelta(minutes=10)  # an answer that is younger need not be asked for again
PURPOSE = "核实电子文件现状"
BASIS = "《国务院关于在线政务服务的若干规定》（国务院令第716号）第十条"


class StatusAsked(msgspec.Struct, frozen=True):
    """The body of the question `licence.status`: the SHA-256 of the sealed PDF."""

    file: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class StatusTold(msgspec.Struct, frozen=True, omit_defaults=True):
    """The body of its answer; all but the first only where the paper is known."""

    known: bool
    number: str = ""
    name: str = ""
    issuer: str = ""
    issued_on: str = ""
    revoked_on: str = ""


def ask_status(node: str, file_digest: str, *, at: datetime) -> UUID:
    """Have the node that signed a file asked how it stands today. The question, whose answer comes later."""
    asking = status_of(node, file_digest)
    return ask(asking, actor=system(here().code), at=at, within=WITHIN, fresh=FRESH)


def status_of(node: str, file_digest: str) -> Asking:
    """The question how a file stands that this node has found genuine by its signature."""
    return Asking(peer=node, kind=STATUS, purpose=PURPOSE, basis=BASIS, body={"file": file_digest})


@answers(STATUS)
def tell_status(asked: Question, at: datetime) -> Mapping[str, Any]:
    """By the digest of the file, which only whoever has the file can know; nothing of its holder is told."""
    digest = fitting(asked.body, StatusAsked).file
    row = Licence.objects.filter(file_digest=digest, state=State.READY).first()
    if row is None:
        return _plain(StatusTold(known=False))
    told = StatusTold(
        known=True,
        number=row.number,
        name=row.name,
        issuer=row.issuer_name,
        issued_on=local_date(row.issued_at).isoformat(),
        revoked_on="" if row.revoked_at is None else local_date(row.revoked_at).isoformat(),
    )
    return _plain(told)


def _plain(told: StatusTold) -> dict[str, Any]:
    words: dict[str, Any] = msgspec.to_builtins(told)
    return words
