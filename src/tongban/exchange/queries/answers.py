# SPDX-License-Identifier: Apache-2.0
"""What other nodes answered to our questions, with the age of the answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.exchange import question
from tongban.exchange.models import Asked
from tongban.standards.refusal import NotFound
from tongban.vault import keys


@dataclass(frozen=True)
class AnswerView:
    """A question and how it stands."""

    id: UUID
    peer: str
    kind: str
    state: str  # waiting, answered, refused, failed, expired
    outcome: str  # answered, or the code of what went wrong
    asked_at: datetime
    answered_at: datetime | None  # by the other node's clock: as of when the answer is true
    body: Mapping[str, Any]


def answer_to(question_id: UUID) -> AnswerView:
    """How a question of ours stands. NotFound."""
    row = Asked.objects.filter(id=question_id).first()
    if row is None:
        raise NotFound(what="这次查询")
    body: Mapping[str, Any] = {}
    if row.is_answered and row.reply is not None:
        wire = keys.unseal_personal(row.reply, row.id.bytes)
        body = question.read_reply(question.unwire(wire).data, question=row.id).body
    return AnswerView(row.id, row.peer, row.kind, row.state, row.outcome, row.asked_at, row.answered_at, body)
