# SPDX-License-Identifier: Apache-2.0
"""What the receiver signs: which messages of which batch it keeps, or why not. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from tongban.exchange.envelope import VERSION, Word, instant, read_instant
from tongban.exchange.errors import AnswerInvalid, Malformed
from tongban.standards.canonical import canonical, parse
from tongban.standards.signer import Signed

STORED, DUPLICATE = "stored", "duplicate"


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An acknowledgement as it is written."""

    v: Literal[1]
    batch: Word
    recipient: Word
    root: Word
    at: Word
    answers: dict[str, Word]


class Wire(msgspec.Struct, frozen=True):
    """An acknowledgement as it travels: the signed bytes as text, then who signed."""

    acknowledgement: str
    signature: Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{2})+\Z")]
    key_id: Word
    suite: Word


@dataclass(frozen=True)
class Acknowledgement:
    """The receiver's word: stored, duplicate, or the code of a refusal, message by message."""

    batch: UUID
    recipient: str
    root: str
    at: datetime
    answers: Mapping[str, str]

    def bytes(self) -> bytes:
        """The exact bytes that are signed."""
        return canonical(
            {
                "v": VERSION,
                "batch": str(self.batch),
                "recipient": self.recipient,
                "root": self.root,
                "at": instant(self.at),
                "answers": dict(self.answers),
            }
        )


def wire(answer: Signed) -> bytes:
    """An acknowledgement as it travels: the signed bytes as text, then who signed."""
    return canonical(
        {
            "acknowledgement": answer.data.decode(),
            "signature": answer.signature.hex(),
            "key_id": answer.key_id,
            "suite": answer.suite,
        }
    )


def unwire(data: bytes) -> Signed:
    """The signed acknowledgement in an answer, unverified. AnswerInvalid when it is none."""
    try:
        told = msgspec.convert(parse(data), Wire)
        return Signed(told.acknowledgement.encode(), bytes.fromhex(told.signature), told.key_id, told.suite)
    except (ValueError, RecursionError) as wrong:
        raise AnswerInvalid(why="格式") from wrong


def said_at(document: bytes) -> datetime | None:
    """When the receiver says it took the batch in, by its own clock."""
    try:
        return read_instant(str(parse(document)["at"]))
    except (Malformed, ValueError, KeyError, TypeError, RecursionError):
        return None


def answers(document: bytes, *, batch: UUID, recipient: str, root: str) -> dict[str, str]:
    """The answers for this very batch. AnswerInvalid when it speaks of another."""
    try:
        told = msgspec.convert(parse(document), Words)
        if (told.batch, told.recipient, told.root) != (str(batch), recipient, root):
            raise AnswerInvalid(why="不是对这一批报文的回执")
        read_instant(told.at)
        return dict(told.answers)
    except (ValueError, RecursionError, Malformed) as wrong:
        raise AnswerInvalid(why="内容") from wrong
