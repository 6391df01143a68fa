# SPDX-License-Identifier: Apache-2.0
"""Echoes: a message that does nothing but come back, so that a line can be tried from end to end."""

from datetime import datetime
from typing import Annotated

import msgspec
from uuid_utils.compat import uuid7

from tongban.database.statement import Statement
from tongban.exchange.actions.writing import Letter, post, send
from tongban.exchange.errors import Malformed
from tongban.exchange.models import Sent
from tongban.exchange.registry import Message
from tongban.regions.errors import UnknownNode
from tongban.regions.queries import trust_list
from tongban.standards.node import here

ECHO, ECHOED = "exchange.echo", "exchange.echoed"
LONGEST = 200  # characters


class Words(msgspec.Struct, frozen=True):
    """The body of `exchange.echo`."""

    text: Annotated[str, msgspec.Meta(max_length=LONGEST)]


class Echoed(Words, frozen=True):
    """The body of `exchange.echoed`."""

    of: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")]
    sequence: Annotated[int, msgspec.Meta(ge=1)]


def echo(code: str, text: str, at: datetime) -> str:
    """Ask a peer to say this back. The subject under which its answer will come; one for each, so none waits."""
    if code == here().code:
        raise UnknownNode(node=code)
    trust_list().node(code)
    subject = f"{_subjects_of(here().code)}/{uuid7()}"
    send([code], kind=ECHO, subject=subject, body={"text": text[:LONGEST]}, at=at)
    return subject


def say_back(message: Message, write: Statement) -> None:
    """Answer in the subject of the echo, which is the asker's own: it can cross nothing that this node says."""
    if not f"{message.subject}/".startswith(f"{_subjects_of(message.sender)}/"):
        raise Malformed(why="回声的主题不是发送节点自己的")
    try:
        told = msgspec.convert(dict(message.body), Words)
    except msgspec.ValidationError as wrong:
        raise Malformed(why="回声的内容") from wrong
    body = {"text": told.text, "of": str(message.id), "sequence": message.sequence}
    sent = Sent.objects.filter(recipient=message.sender, subject=message.subject).values_list("recipient", "last")
    letter = Letter(recipient=message.sender, kind=ECHOED, subject=message.subject, body=body)
    post(write, [letter], sent=dict(sent), key=None, at=message.received_at)


def _subjects_of(code: str) -> str:
    return f"echo/{code}"
