# SPDX-License-Identifier: Apache-2.0
"""One message as signed bytes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

import msgspec

from tongban.exchange.errors import Malformed
from tongban.standards.canonical import canonical, parse

VERSION = 1


@dataclass(frozen=True)
class Envelope:
    """What a message says about itself, and its body."""

    id: UUID
    sender: str
    recipient: str
    epoch: int
    kind: str
    subject: str
    sequence: int  # counts the messages of one subject from one sender to one recipient, from 1
    occurred_at: datetime
    trust_serial: int
    body: Mapping[str, Any]

    def bytes(self) -> bytes:
        """The exact bytes that are digested, signed and stored (JCS)."""
        return canonical(
            {
                "v": VERSION,
                "id": str(self.id),
                "sender": self.sender,
                "recipient": self.recipient,
                "epoch": self.epoch,
                "kind": self.kind,
                "subject": self.subject,
                "sequence": self.sequence,
                "occurred_at": instant(self.occurred_at),
                "trust_serial": self.trust_serial,
                "body": dict(self.body),
            }
        )


def instant(at: datetime) -> str:
    """An instant in signed bytes: UTC with microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_instant(text: str) -> datetime:
    """The instant a signed document names. Malformed when it is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise Malformed(why="时间格式") from wrong
    if at.tzinfo is None or instant(at) != text:
        raise Malformed(why="时间格式")
    return at.astimezone(UTC)


Word = Annotated[str, msgspec.Meta(max_length=200, pattern=r"^[^\x00-\x1f\x7f]+\Z")]  # a table can hold it
Count = Annotated[int, msgspec.Meta(ge=0)]


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An envelope as it is written; a field that this version does not know is refused, not ignored."""

    v: Literal[1]
    id: Word
    sender: Word
    recipient: Word
    epoch: Count
    kind: Word
    subject: Word
    sequence: Annotated[int, msgspec.Meta(ge=1)]
    occurred_at: Word
    trust_serial: Count
    body: dict[str, Any]


Shape = TypeVar("Shape", bound=msgspec.Struct)


def shaped(data: bytes, shape: type[Shape]) -> Shape:
    """Canonical JSON of this shape. Malformed names what is wrong; never anything else."""
    try:
        return msgspec.convert(parse(data, strict=True), shape)
    except msgspec.ValidationError as wrong:
        raise Malformed(why=str(wrong)[:120]) from wrong
    except (ValueError, RecursionError) as wrong:
        raise Malformed(why="不是规范的 JSON") from wrong


def fitting(body: Mapping[str, Any], shape: type[Shape]) -> Shape:
    """What a body says, if it has the shape that its kind declares. Malformed names what is wrong."""
    try:
        return msgspec.convert(dict(body), shape)
    except msgspec.ValidationError as wrong:
        raise Malformed(why=str(wrong)[:120]) from wrong


def read(data: bytes) -> Envelope:
    """The envelope in these bytes. Malformed names what is wrong; never anything else."""
    told = shaped(data, Words)
    return Envelope(
        id=read_id(told.id),
        sender=told.sender,
        recipient=told.recipient,
        epoch=told.epoch,
        kind=told.kind,
        subject=told.subject,
        sequence=told.sequence,
        occurred_at=read_instant(told.occurred_at),
        trust_serial=told.trust_serial,
        body=told.body,
    )


def read_id(text: str) -> UUID:
    """A message or batch id. Malformed when it is none, or is written in another way."""
    try:
        read = UUID(text)
    except ValueError as wrong:
        raise Malformed(why="编号") from wrong
    if str(read) != text:  # or one id would have several spellings
        raise Malformed(why="编号")
    return read
