# SPDX-License-Identifier: Apache-2.0
"""A question to another node and its answer, as signed documents that both sides keep. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from tongban.exchange.envelope import VERSION, Word, instant, read_id, read_instant, shaped
from tongban.exchange.errors import AnswerInvalid, Malformed
from tongban.standards.canonical import canonical
from tongban.standards.signer import Signed

ANSWERED = "answered"
Hex = Annotated[str, msgspec.Meta(max_length=1000, pattern=r"^([0-9a-f]{2})+\Z")]
Text = Annotated[str, msgspec.Meta(max_length=500, pattern=r"^[^\x00-\x1f\x7f]*\Z")]  # a table can hold it


@dataclass(frozen=True, kw_only=True)
class Question:
    """What one node asks another, why it may, and for which case and person."""

    id: UUID
    asker: str
    asked: str
    kind: str
    purpose: str  # in words, e.g. 核验申请材料
    basis: str  # the law and clause, or the item's declaration, that allows asking
    subject: str  # the case for which it is asked; empty when for none
    actor: str  # pseudonym of who asks
    asked_at: datetime
    expires_at: datetime
    body: Mapping[str, Any]

    def bytes(self) -> bytes:
        """The exact bytes that are signed."""
        return canonical(
            {
                "v": VERSION,
                "id": str(self.id),
                "asker": self.asker,
                "asked": self.asked,
                "kind": self.kind,
                "purpose": self.purpose,
                "basis": self.basis,
                "subject": self.subject,
                "actor": self.actor,
                "asked_at": instant(self.asked_at),
                "expires_at": instant(self.expires_at),
                "body": dict(self.body),
            }
        )


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What was answered: a body, or the code of a refusal."""

    id: UUID
    question: str  # digest of the question's bytes, in the answering node's suite
    answered_at: datetime
    outcome: str  # answered, or the code of a refusal
    body: Mapping[str, Any]

    def bytes(self) -> bytes:
        """The exact bytes that are signed."""
        return canonical(
            {
                "v": VERSION,
                "id": str(self.id),
                "question": self.question,
                "answered_at": instant(self.answered_at),
                "outcome": self.outcome,
                "body": dict(self.body),
            }
        )


class QuestionWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A question as it is written."""

    v: Literal[1]
    id: Word
    asker: Word
    asked: Word
    kind: Word
    purpose: Word
    basis: Text
    subject: Text
    actor: Word
    asked_at: Word
    expires_at: Word
    body: dict[str, Any]


class ReplyWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reply as it is written."""

    v: Literal[1]
    id: Word
    question: Word
    answered_at: Word
    outcome: Word
    body: dict[str, Any]


class Wire(msgspec.Struct, frozen=True):
    """A signed document as it travels: its bytes as text, then who signed."""

    document: str
    signature: Hex
    key_id: Word
    suite: Word


def wire(signed: Signed) -> bytes:
    """What is sent."""
    return canonical(
        {
            "document": signed.data.decode(),
            "signature": signed.signature.hex(),
            "key_id": signed.key_id,
            "suite": signed.suite,
        }
    )


def unwire(data: bytes) -> Signed:
    """A signed document, unverified. Malformed when it is none."""
    told = shaped(data, Wire)
    return Signed(told.document.encode(), bytes.fromhex(told.signature), told.key_id, told.suite)


def read(data: bytes) -> Question:
    """The question in these bytes. Malformed names what is wrong."""
    told = shaped(data, QuestionWords)
    return Question(
        id=read_id(told.id),
        asker=told.asker,
        asked=told.asked,
        kind=told.kind,
        purpose=told.purpose,
        basis=told.basis,
        subject=told.subject,
        actor=told.actor,
        asked_at=read_instant(told.asked_at),
        expires_at=read_instant(told.expires_at),
        body=told.body,
    )


def read_reply(data: bytes, *, question: UUID) -> Reply:
    """The reply to this very question. AnswerInvalid when it is none."""
    try:
        told = shaped(data, ReplyWords)
        if told.id != str(question):
            raise AnswerInvalid(why="答复的不是这一问")
        return Reply(
            id=question,
            question=told.question,
            answered_at=read_instant(told.answered_at),
            outcome=told.outcome,
            body=told.body,
        )
    except Malformed as wrong:
        raise AnswerInvalid(why=wrong.sentence) from wrong
