# SPDX-License-Identifier: Apache-2.0
"""Cases after a restore from a backup: what peers hand back is followed, never decided a second time."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tongban.cases import custody, messages
from tongban.cases.actions.acting import MOVED
from tongban.cases.actions.following import answer_row
from tongban.cases.actions.moving import REQUESTED, request_row
from tongban.cases.actions.opening import OPENED
from tongban.cases.actions.settling import settle
from tongban.cases.chain import Told, number_of
from tongban.cases.errors import CaseUnknown, ChainForged
from tongban.cases.messages import ANSWERED
from tongban.cases.models import Event, Request
from tongban.cases.notices import giver
from tongban.cases.papers import grant_again, grant_of
from tongban.cases.queries.held import Held
from tongban.cases.transitions import ISSUING, STANDING
from tongban.database.statement import Statement
from tongban.exchange.actions import want_files
from tongban.exchange.registry import Message, after_recovery, before_recovery, replays
from tongban.ledger.actions import continue_chain
from tongban.ledger.lines import Entry
from tongban.licences.actions import adopt_file, adopt_paper, decided_by_case
from tongban.licences.models import Licence
from tongban.standards.node import here

SKIPPED = 100_000  # numbers left out after a restore: they may have been given to somebody


@before_recovery
def leave_numbers_out() -> None:
    """Numbers of the lost time may stand on somebody's paper: they are not given again."""
    with connection.cursor() as cursor:
        for sequence in ("cases_receipt_serial", "cases_project_serial", "licences_serial"):
            cursor.execute("SELECT max(nextval(%s)) FROM generate_series(1, %s)", [sequence, SKIPPED])


@replays(OPENED)
def open_again(message: Message, write: Statement) -> None:
    """A case that was opened in the lost time, here or elsewhere. Taking custody comes back as a line of its own."""
    if message.sender != here().code:
        messages.require_given_to_us(message)
    held, told, head, case = messages.opened(message)
    messages.insert_opened(write, message, held, told, head, case, {}, restored=True)
    continue_chain(write, held.subject, held.tip, [_restored(each, message) for each in told])
    _give_again(write, held, told)


@replays(MOVED)
def move_again(message: Message, write: Statement) -> None:
    """Lines of a chain; those we have already came back from more than one peer."""
    held = messages.known_case(message)
    fresh = [given for given in message.body["events"] if not _is_ours(given, held)]
    if not fresh:
        return
    told, head = messages.follow_all(fresh, held, message.sender)
    messages.follow_lines(message, write, held, told, head, restored=True)
    _give_again(write, held, told)
    for each in told:
        if each.line.move in ISSUING and message.sender == here().code:
            _adopt(write, held, each)
        if each.line.move in STANDING and message.sender == here().code:
            decided_by_case(write, held.id, revoked=each.line.move == "revoke", at=each.line.at)


@replays(REQUESTED)
def ask_again(message: Message, write: Statement) -> None:
    """A request, ours or a peer's: kept without an answer, which comes back too or is given at the end."""
    held, body = messages.known_case(message), message.body
    stated = {str(name): str(value) for name, value in body["stated"].items()}
    told = body["actor"]
    asked_by, request_id = f"{told['role']}:{told['id']}", UUID(body["request"])
    row = request_row(held, request_id, str(body["move"]), stated, asked_by, message.sender, message.occurred_at)
    if messages.granted_before(held, request_id):
        row |= {"state": "accepted", "answered_at": message.received_at}
    write.guard("SELECT 1", [])
    write.insert(Request, [row], on_conflict="ON CONFLICT (case_id, id) DO NOTHING")
    if body.get("notice"):
        _adopt_notice(write, held, str(body["move"]), body["notice"], message.occurred_at)
    if message.sender != here().code:  # ours come with the line that granted it; of a refused one nobody kept them
        want_files(write, message.files_at, message.subject, body["materials"], message.received_at)


@replays(ANSWERED)
def answer_again(message: Message, write: Statement) -> None:
    """A refusal of a request, given here or elsewhere."""
    held = messages.known_case(message)
    if not Request.objects.filter(case_id=held.id, id=message.body["request"]).exists():
        raise CaseUnknown()  # the request itself is still to come back
    answer_row(write, held, UUID(message.body["request"]), str(message.body["sentence"])[:300], message.received_at)


@replays(messages.NOTICED)
def notice_again(message: Message, write: Statement) -> None:
    """The file of a notice: a peer's as always; ours is fetched back, and made no second time."""
    if message.sender != here().code:
        messages.hear_notice(message, write)
        return
    messages.known_case(message)
    body = message.body
    if not adopt_file(body["number"], file_digest=body["file"], file_size=body["size"], at=message.occurred_at):
        raise CaseUnknown()  # the line that gave it is still to come back
    write.guard("SELECT 1", [])
    file = {"digest": body["file"], "size": body["size"]}
    want_files(write, message.files_at, message.subject, [file], message.received_at)


after_recovery(settle)


def _is_ours(given: Mapping[str, Any], held: Held) -> bool:
    """Whether our chain has this very line. ChainForged when it has another in its place."""
    number = number_of(given)
    if number > held.head.length:
        return False
    if not Event.objects.filter(case_id=held.id, number=number, digest=str(given["digest"])).exists():
        raise ChainForged()
    return True


def _restored(told: Told, message: Message) -> Entry:
    return Entry(
        verb=f"case.restored.{told.line.move}",
        actor=told.line.actor,
        at=message.received_at,
        facts={"line": told.line.digest, "message": str(message.id)},
    )


def _give_again(write: Statement, held: Held, told: Sequence[Told]) -> None:
    """Notices that this node gave and forgot: the same number, the same words; the file comes back or is made."""
    for each in told:
        if each.facts.get("notice"):
            _adopt_notice(write, held, each.line.move, each.facts["notice"], each.line.at)


def _adopt_notice(write: Statement, held: Held, move: str, words: Mapping[str, Any], at: datetime) -> None:
    """A notice of ours, which a request may have told before its line did."""
    is_ours = custody.with_part(held.parties, giver(move)).node == here().code
    if is_ours and not Licence.objects.filter(number=words["number"]).exists():
        adopt_paper(write, grant_again(held, move, words), number=str(words["number"]), key=held.key, at=at)


def _adopt(write: Statement, held: Held, issued: Told) -> None:
    """The paper that this node made and forgot: it is the same paper, with the same number and the same file."""
    stated = issued.facts["stated"]
    grant = grant_of(held, stated, issued.line.at)
    adopt_paper(
        write,
        grant,
        number=stated["licence_number"],
        file_digest=stated["file_digest"],
        file_size=int(stated["file_size"]),
        key=held.key,
        at=issued.line.at,
    )
