# SPDX-License-Identifier: Apache-2.0
"""What crosses the border for a paper: another node asks how one that was signed here stands today."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tongban.exchange.actions import Asking, ask
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
    row = Licence.objects.filter(file_digest=str(asked.body.get("file", "")), state=State.READY).first()
    if row is None:
        return {"known": False}
    revoked = {} if row.revoked_at is None else {"revoked_on": local_date(row.revoked_at).isoformat()}
    return revoked | {
        "known": True,
        "number": row.number,
        "name": row.name,
        "issuer": row.issuer_name,
        "issued_on": row.issued_at.date().isoformat(),
    }
