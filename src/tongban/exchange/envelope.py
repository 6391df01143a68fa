# SPDX-License-Identifier: Apache-2.0
"""One message as signed bytes. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

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


def read_instant(text: Any) -> datetime:
    """The instant a signed document names. Malformed when it is none."""
    try:
        return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except (TypeError, ValueError) as wrong:
        raise Malformed(why="时间格式") from wrong


def read(data: bytes) -> Envelope:
    """The envelope in these bytes. Malformed names what is wrong; never anything else."""
    try:
        told = parse(data)
    except (ValueError, RecursionError) as wrong:
        raise Malformed(why="不是规范的 JSON") from wrong
    if not isinstance(told, dict) or told.get("v") != VERSION:
        raise Malformed(why="信封版本")
    texts = {key: told.get(key) for key in ("sender", "recipient", "kind", "subject")}
    numbers = {key: told.get(key) for key in ("epoch", "sequence", "trust_serial")}
    if not all(isinstance(value, str) and 0 < len(value) <= 200 for value in texts.values()):
        raise Malformed(why="信封字段")
    if not all(type(value) is int and value >= 0 for value in numbers.values()) or told["sequence"] < 1:
        raise Malformed(why="信封序号")
    if not isinstance(told.get("body"), dict):
        raise Malformed(why="报文体")
    return Envelope(
        id=read_id(told.get("id")),
        occurred_at=read_instant(told.get("occurred_at")),
        body=told["body"],
        **texts,
        **numbers,
    )


def read_id(text: Any) -> UUID:
    """A message or batch id. Malformed when it is none."""
    try:
        return UUID(text)
    except (AttributeError, TypeError, ValueError) as wrong:
        raise Malformed(why="编号") from wrong
