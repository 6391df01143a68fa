# SPDX-License-Identifier: Apache-2.0
"""What the receiver signs: which messages of which batch it keeps, or why not. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tongban.exchange.envelope import VERSION, instant, read_instant
from tongban.exchange.errors import AnswerInvalid, Malformed
from tongban.standards.canonical import canonical, parse
from tongban.standards.signer import Signed

STORED, DUPLICATE = "stored", "duplicate"


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
        told = parse(data)
        return Signed(
            data=told["acknowledgement"].encode(),
            signature=bytes.fromhex(told["signature"]),
            key_id=str(told["key_id"]),
            suite=str(told["suite"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
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
        told = parse(document)
        if (told["batch"], told["recipient"], told["root"]) != (str(batch), recipient, root):
            raise AnswerInvalid(why="不是对这一批报文的回执")
        return {str(key): str(value) for key, value in told["answers"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as wrong:
        raise AnswerInvalid(why="内容") from wrong
