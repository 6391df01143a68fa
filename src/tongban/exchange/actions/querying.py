# SPDX-License-Identifier: Apache-2.0
"""Asking another node and answering another's question. A page only leaves a row; the worker asks.

Both sides keep what was asked, why, and what was answered, signed; the ledger of each tells of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db import transaction
from uuid_utils.compat import uuid7

from tongban.exchange import keys, question, trust
from tongban.exchange.calling import call
from tongban.exchange.errors import (
    AnswerInvalid,
    IdReused,
    QuestionExpired,
    QuestionKindUnknown,
    Recovering,
    SignatureInvalid,
    WrongRecipient,
    WrongSender,
)
from tongban.exchange.models import Answered, Asked, Peer
from tongban.exchange.queries import is_recovering
from tongban.exchange.question import ANSWERED, Question, Reply
from tongban.exchange.registry import ANSWERS
from tongban.exchange.transport import Transport
from tongban.ledger import actions as ledger
from tongban.standards.actor import Actor, system
from tongban.standards.canonical import canonical
from tongban.standards.crypto import suite
from tongban.standards.node import here
from tongban.standards.refusal import Refusal
from tongban.standards.signer import signed
from tongban.vault import keys as vault

PATH = "/exchange/questions"
OPEN_AFTER = 3  # failures in a row: then nobody waits for that peer until it has been reached again
BETWEEN = timedelta(seconds=2)  # two tries of one question
NOBODY = "peer_unreachable"


@dataclass(frozen=True, kw_only=True)
class Asking:
    """What somebody wants to know from another node, and why they may."""

    peer: str
    kind: str
    purpose: str
    basis: str
    body: Mapping[str, Any]
    subject: str = ""

    @property
    def mark(self) -> str:
        """Equal for equal questions: what a kept answer is found by. It tells nothing of what was asked."""
        words = canonical([self.peer, self.kind, self.subject, dict(self.body)])
        return vault.blind("question", sha256(words).hexdigest()).hex()


def ask(asking: Asking, *, actor: Actor, at: datetime, within: timedelta, fresh: timedelta) -> UUID:
    """Leave a question for the worker, to be answered within a time; or find one whose answer is fresh enough."""
    since = at - fresh
    kept = Asked.objects.filter(mark=asking.mark).order_by("-asked_at").first()
    if kept is not None and (
        kept.expires_at > at if kept.state == "waiting" else (kept.answered_at or since) > since and kept.is_answered
    ):
        return kept.id
    row = Asked(
        id=uuid7(),
        mark=asking.mark,
        peer=asking.peer,
        kind=asking.kind,
        subject=asking.subject,
        asked_at=at,
        expires_at=at + within,
        next_try_at=at,
    )
    document = _question(row, asking, actor).bytes()
    row.document = vault.seal_personal(document, row.id.bytes)
    facts = {"question": str(row.id), "kind": asking.kind, "digest": suite(here().suite).digest(document)}
    with transaction.atomic():
        row.save(force_insert=True)
        ledger.write(f"exchange/{asking.peer}", verb="exchange.question.asked", actor=actor, at=at, facts=facts)
    return row.id


def _question(row: Asked, asking: Asking, actor: Actor) -> Question:
    return Question(
        id=row.id,
        asker=here().code,
        asked=asking.peer,
        kind=asking.kind,
        purpose=asking.purpose,
        basis=asking.basis,
        subject=asking.subject,
        actor=actor.pseudonym,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        body=asking.body,
    )


def put_question_once(code: str, at: datetime, transport: Transport) -> bool:
    """Put the question to this peer that waits longest. False when none is due."""
    row = Asked.objects.filter(peer=code, state="waiting", next_try_at__lte=at).order_by("asked_at").first()
    if row is None:
        return False
    if row.expires_at <= at:
        _end(row, "expired", QuestionExpired.code, at)
    elif Peer.objects.filter(code=code, failures__gte=OPEN_AFTER, next_try_at__gt=at).exists():
        _end(row, "failed", NOBODY, at)  # others have just tried in vain: say so at once
    else:
        _put(row, at, transport)
    return True


def _put(row: Asked, at: datetime, transport: Transport) -> None:
    document = vault.unseal_personal(row.document, row.id.bytes)
    body = question.wire(signed(keys.signer(), document))
    try:
        reply, proof = _replied(row, call(row.peer, "POST", PATH, body, at, transport), at)
    except Refusal as no:
        Asked.objects.filter(id=row.id, state="waiting").update(
            tries=row.tries + 1, next_try_at=at + BETWEEN, outcome=no.code
        )
        return
    sealed = vault.seal_personal(proof, row.id.bytes)
    state = "answered" if reply.outcome == ANSWERED else "refused"
    _end(row, state, reply.outcome, at, reply=sealed, answered_at=reply.answered_at)


def _replied(row: Asked, data: bytes, at: datetime) -> tuple[Reply, bytes]:
    """The peer's signed reply. AnswerInvalid when it is not its word, or not to this question."""
    came = question.unwire(data)
    key = trust.exchange_key(trust.peer(row.peer, at), came.key_id, at)
    if not suite(key.suite).verify(key.public_bytes, came.data, came.signature):
        raise AnswerInvalid(why="签名无效")
    return question.read_reply(came.data, question=row.id), data


def _end(row: Asked, state: str, outcome: str, at: datetime, **more: Any) -> None:
    with transaction.atomic():
        if not Asked.objects.filter(id=row.id, state="waiting").update(state=state, outcome=outcome, **more):
            return
        facts = {"question": str(row.id), "kind": row.kind, "outcome": outcome}
        ledger.write(
            f"exchange/{row.peer}", verb="exchange.question.ended", actor=system(here().code), at=at, facts=facts
        )


# The other side


def answer(code: str, data: bytes, at: datetime) -> bytes:
    """The signed reply to a peer's signed question; the same question again gets the same reply.

    ExchangeRefusal when it is no question of that peer to us; what the noun refuses is a signed reply too.
    """
    came = question.unwire(data)
    key = trust.exchange_key(trust.peer(code, at), came.key_id, at)
    if not suite(key.suite).verify(key.public_bytes, came.data, came.signature):
        raise SignatureInvalid()
    if is_recovering():  # what it has forgotten it would deny
        raise Recovering().said_to(code)
    asked = question.read(came.data)
    if asked.asker != code:
        raise WrongSender().said_to(code)
    if asked.asked != here().code:
        raise WrongRecipient().said_to(code)
    digest = suite(here().suite).digest(came.data)
    kept = Answered.objects.filter(asker=code, id=asked.id).first()
    if kept is not None:
        if kept.digest != digest:
            raise IdReused().said_to(code)
        return vault.unseal_personal(kept.reply, asked.id.bytes)
    return _answer(asked, digest, data, at)


def _answer(asked: Question, digest: str, data: bytes, at: datetime) -> bytes:
    outcome, body = _outcome(asked, at)
    reply = Reply(id=asked.id, question=digest, answered_at=at, outcome=outcome, body=body)
    wire = question.wire(signed(keys.signer(), reply.bytes()))
    context = asked.id.bytes
    with transaction.atomic():
        Answered.objects.create(
            asker=asked.asker,
            id=asked.id,
            kind=asked.kind,
            subject=asked.subject,
            digest=digest,
            document=vault.seal_personal(data, context),
            reply=vault.seal_personal(wire, context),
            outcome=outcome,
            at=at,
        )
        facts = {"question": str(asked.id), "kind": asked.kind, "digest": digest, "outcome": outcome}
        ledger.write(
            f"exchange/{asked.asker}",
            verb="exchange.question.answered",
            actor=system(asked.asker),
            at=at,
            facts=facts,
        )
    return wire


def _outcome(asked: Question, at: datetime) -> tuple[str, Mapping[str, Any]]:
    """What the noun says, or the code of its refusal."""
    try:
        if asked.expires_at <= at:
            raise QuestionExpired()
        if asked.kind not in ANSWERS:
            raise QuestionKindUnknown(kind=asked.kind)
        return ANSWERED, ANSWERS[asked.kind](asked, at)
    except Refusal as no:
        return no.code, {}
