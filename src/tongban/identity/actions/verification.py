# SPDX-License-Identifier: Apache-2.0
"""Whether somebody is who they say: a clerk asks, or a person about their own; the worker asks the source."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from uuid_utils.compat import uuid7

from tongban.database.statement import Statement
from tongban.identity import documents, logins, sealing
from tongban.identity.actions import answers
from tongban.identity.actions.looking import KEEP, look_row
from tongban.identity.errors import NotByHand, NoteMissing
from tongban.identity.models import Look, Verification
from tongban.identity.outcomes import OUTCOMES, Trouble
from tongban.identity.queries import may_see_verification, state_at
from tongban.identity.source import Source, SourceSilent
from tongban.ledger import actions as ledger
from tongban.ledger.lines import START, Entry
from tongban.standards import clock, identifiers
from tongban.standards.actor import Actor, Role, system
from tongban.standards.node import here
from tongban.standards.refusal import BadInput, NotAllowed, NotFound

CLAIMED = timedelta(seconds=10)  # longer than the source's patience: nobody else asks meanwhile
SLOWEST = 15  # seconds between two tries
LONGEST_NOTE = 500  # characters
ASKED, ANSWERED, VOUCHED = (f"person.verification.{verb}" for verb in ("asked", "answered", "vouched"))

CLAIM = """
UPDATE identity_verification SET try_at = %(again)s WHERE id = (
    SELECT id FROM identity_verification WHERE state = 'waiting' AND try_at <= %(at)s
    ORDER BY tries, try_at LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING *"""

Method = Verification.Method
Purpose = Verification.Purpose
State = Verification.State
log = structlog.get_logger()


@dataclass(frozen=True)
class _Start:
    """Whether anybody can be asked."""

    state: str
    trouble: str
    source: str


def ask_verification(*, name: str, id_type: str, id_number: str, method: str, clerk: Actor, at: datetime) -> UUID:
    """Ask who is at the window; the worker brings the answer. NotAllowed, BadInput."""
    if clerk.role is not Role.CLERK or not clerk.organization:
        raise NotAllowed()
    if method not in (Method.CARD, Method.TYPED):
        raise BadInput("method", "请选择读卡或者录入。")
    verification, start = uuid7(), _start(id_type)
    row = {
        "id": verification,
        "purpose": Purpose.WINDOW,
        "person": None,
        "beside": None,
        "name": identifiers.name(name),
        **_number(verification, id_type, id_number),
        "method": method,
        **_settled(start, at),
        **_asking(clerk, at),
    }
    _insert(row, clerk, at)
    return verification


def ask_about(
    purpose: Verification.Purpose,
    *,
    name: str,
    id_type: str,
    id_number: str,
    beside: Mapping[str, Any] | None = None,
    actor: Actor,
    at: datetime,
) -> UUID:
    """A person asks about themselves, their company or their child; `answers` has what follows from a match.

    Name and number are checked by whoever calls; `beside` names who belongs to them, and what is wanted of it.
    """
    verification = uuid7()
    row = {
        "id": verification,
        "purpose": purpose,
        "person": actor.id,
        "beside": None if beside is None else sealing.sealed(verification, "beside", json.dumps(beside)),
        "name": name,
        "id_type": id_type,
        "id_index": sealing.id_index(id_type, id_number),
        "id_sealed": sealing.sealed(verification, "id_number", id_number),
        "method": Method.SELF,
        **_settled(_start(id_type), at),
        **_asking(actor, at),
    }
    _insert(row, actor, at)
    return verification


def _asking(actor: Actor, at: datetime) -> dict[str, Any]:
    """The columns that tell who asks, and until when."""
    return {
        "clerk": actor.id,
        "clerk_name": actor.name,
        "organization": actor.organization,
        "note": "",
        "tries": 0,
        "asked_at": at,
        "ends_at": at + timedelta(seconds=here().identity_limit),
    }


def verify_once(at: datetime, source: Source) -> bool:
    """Ask the source about one of those that wait, fresh ones first. False when none is due."""
    claimed = list(Verification.objects.raw(CLAIM, {"again": at + CLAIMED, "at": at}))
    for row in claimed:
        if row.ends_at <= at:
            _answer(row, State.UNAVAILABLE, at, trouble=Trouble.SILENT)
        else:
            _ask(row, at, source)
    return bool(claimed)


@transaction.atomic
def verify_by_hand(verification: UUID, note: str, *, clerk: Actor, at: datetime) -> None:
    """The clerk vouches from the document where the source gave no answer. NotFound, NoteMissing, NotByHand."""
    row = Verification.objects.select_for_update().filter(id=verification).first()
    if row is None or not may_see_verification(row, clerk):
        raise NotFound(what="这次身份核验")
    said = _note(note)
    if (row.state, row.clerk, row.note) == (State.MANUAL, clerk.id, said):
        return  # the button was pressed twice
    state = state_at(row, at)
    if state != State.UNAVAILABLE:
        raise NotByHand(outcome=OUTCOMES[state])
    row.state, row.method, row.note, row.answered_at, row.try_at = State.MANUAL, Method.MANUAL, said, at, None
    row.clerk, row.clerk_name = clerk.id, clerk.name
    row.trouble = row.trouble or Trouble.SILENT
    row.save()
    facts = {"method": row.method, "result": row.state, "why": row.trouble}
    ledger.write(_subject(row.id), verb=VOUCHED, actor=clerk, at=at, facts=facts)


def _start(id_type: str) -> _Start:
    if not here().identity_source:
        return _Start(State.UNAVAILABLE, Trouble.NO_SOURCE, "")
    if id_type not in (logins.RESIDENT_ID, logins.CREDIT_CODE):
        return _Start(State.UNAVAILABLE, Trouble.NOT_COVERED, "")
    return _Start(State.WAITING, "", here().identity_source)


def _settled(start: _Start, at: datetime) -> dict[str, Any]:
    """The columns that tell whether there is something to wait for."""
    waits = start.state == State.WAITING
    return {
        "source": start.source,
        "state": start.state,
        "trouble": start.trouble,
        "try_at": at if waits else None,
        "answered_at": None if waits else at,
    }


def _number(verification: UUID, id_type: str, text: str) -> dict[str, Any]:
    """The columns that keep the number. BadInput when it cannot be one of its kind."""
    number = documents.number_of(id_type, text)
    return {
        "id_type": id_type,
        "id_index": sealing.id_index(id_type, number),
        "id_sealed": sealing.sealed(verification, "id_number", number),
    }


def _insert(row: dict[str, Any], clerk: Actor, at: datetime) -> None:
    """Row and lines in one statement; the chain is new, so its tip is known."""
    facts = {"method": str(row["method"]), "organization": clerk.organization, "source": row["source"]}
    entries = [Entry(verb=ASKED, actor=clerk.pseudonym, at=at, facts=facts)]
    if row["state"] != State.WAITING:
        told = {"result": str(row["state"]), "tries": 0, "why": str(row["trouble"])}
        entries.append(Entry(verb=ANSWERED, actor=system(here().code).pseudonym, at=at, facts=told))
    write = Statement()
    write.guard("SELECT 1", [])
    write.insert(Verification, [row])
    if row["purpose"] is Purpose.WINDOW:
        seen = look_row(row["id_index"], "", "verification", actor=clerk, at=at)
        write.insert(Look, [seen], on_conflict=KEEP)
    ledger.continue_chain(write, _subject(row["id"]), START, entries)
    write.run()


def _ask(row: Verification, at: datetime, source: Source) -> None:
    began = clock.monotonic()
    number = sealing.opened(row.id, "id_number", row.id_sealed)
    row.tries += 1
    try:
        said = source.ask(row.name, row.id_type, number, answers.beside(row))
    except SourceSilent as silence:
        log.warning("identity_source_silent", verification=str(row.id), tries=row.tries, why=str(silence))
        _delay(row, _after(at, began))
    else:
        _answer(row, State(said), _after(at, began))


def _after(at: datetime, began: float) -> datetime:
    """The instant after so much waiting, in whole seconds."""
    return at + timedelta(seconds=int(clock.monotonic() - began))


def _delay(row: Verification, at: datetime) -> None:
    """Later, a little later each time, and at the limit for the last time."""
    pause = timedelta(seconds=min(2 ** (row.tries - 1), SLOWEST))
    waiting = Verification.objects.filter(id=row.id, state=State.WAITING)
    waiting.update(try_at=min(at + pause, row.ends_at), tries=row.tries, trouble=Trouble.SILENT)


@transaction.atomic
def _answer(row: Verification, state: State, at: datetime, *, trouble: str = "") -> None:
    """Keep the answer, unless a clerk has vouched meanwhile."""
    waiting = Verification.objects.filter(id=row.id, state=State.WAITING)
    if waiting.update(state=state, trouble=trouble, answered_at=at, tries=row.tries, try_at=None):
        answers.follow(row, state, at)
        facts = {"result": str(state), "tries": row.tries, "why": trouble}
        ledger.write(_subject(row.id), verb=ANSWERED, actor=system(here().code), at=at, facts=facts)


def _note(text: str) -> str:
    """As it was written, without line ends and what nobody sees."""
    said = " ".join("".join(char for char in text if char.isprintable() or char.isspace()).split())
    if not said:
        raise NoteMissing(field="note")
    if len(said) > LONGEST_NOTE:
        raise BadInput("note", f"核对情况请控制在{LONGEST_NOTE}字以内，您填写了{len(said)}字。")
    return said


def _subject(verification: UUID) -> str:
    return f"verification/{verification}"
