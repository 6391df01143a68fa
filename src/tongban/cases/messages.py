# SPDX-License-Identifier: Apache-2.0
"""What crosses the border for a case: opened, moved, requested, answered."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from tongban.cases import bodies, chain, transitions
from tongban.cases.actions.acting import (
    Act,
    changes_told,
    event_row,
    followed,
    insert_case,
    kept_course,
    material_rows,
    update_case,
    write_effects,
)
from tongban.cases.actions.correcting import corrected
from tongban.cases.actions.following import answer_row, settle_requests
from tongban.cases.actions.moving import advance, checked, draws, request_row, require_files
from tongban.cases.actions.opening import signer_rows, told_beside
from tongban.cases.chain import Head, Told
from tongban.cases.custody import Holding, Party
from tongban.cases.errors import CaseUnknown, ChainBroken, ChainForged, ItemNotInForce, NotYours
from tongban.cases.models import Event, Material, Notice, Number, Request, Signer
from tongban.cases.queries.held import Held, party, read
from tongban.cases.queries.repeats import others_open
from tongban.cases.sealed import envelope, envelope_context, event_context
from tongban.cases.sealed import opened as sealed_facts
from tongban.cases.situation import Situation
from tongban.cases.states import Delivery, Mode, Part, State
from tongban.catalogue import queries as catalogue
from tongban.catalogue.queries import item_cached
from tongban.database.statement import Statement
from tongban.exchange.actions import Letter, post, unwant_file, want_files
from tongban.exchange.envelope import fitting
from tongban.exchange.registry import Message, handles
from tongban.identity.sealing import id_index
from tongban.ledger.actions import continue_chain
from tongban.ledger.lines import START, Entry
from tongban.regions.queries import trust_list_named
from tongban.standards.actor import Actor, Behalf, Role, system
from tongban.standards.canonical import canonical
from tongban.standards.clock import local_date
from tongban.standards.node import here
from tongban.standards.refusal import NotFound, Refusal
from tongban.vault import keys

OPENED, MOVED, REQUESTED, ANSWERED = "case.opened", "case.moved", "case.requested", "case.answered"
NOTICED = "case.noticed"
MADE_ANEW = (  # a file that was lost and is sealed once more
    "ON CONFLICT (case_id, number) DO UPDATE SET file_digest = EXCLUDED.file_digest, file_size = EXCLUDED.file_size, "
    "told_at = EXCLUDED.told_at WHERE cases_notice.node = EXCLUDED.node"
)
SUPERSEDED = "item_version_superseded"  # in the facts of the line that takes a case
AS_TOLD = (  # of a draft that came back with a backup, and was submitted in the lost time
    "ON CONFLICT (case_id, number) DO UPDATE SET role = EXCLUDED.role, person_index = EXCLUDED.person_index, "
    "sealed = EXCLUDED.sealed, state = EXCLUDED.state, actor = EXCLUDED.actor, answered_at = EXCLUDED.answered_at"
)
DECIDED = (  # a request that was kept without an answer when this node came back from a backup
    "ON CONFLICT (case_id, id) DO UPDATE SET state = EXCLUDED.state, answer = EXCLUDED.answer, "
    "answered_at = EXCLUDED.answered_at"
)


@handles(OPENED, body=bodies.Opened, personal=True)
def open_here(message: Message, write: Statement) -> None:
    """A case that another node took in: kept, and custody taken, in one statement."""
    fitting(message.body, bodies.Opened)
    require_given_to_us(message)
    held, told, head, case = opened(message)
    act = Act(reached(held, head, case), message.received_at)
    act.move(transitions.MOVES["take"], system(here().code), more=_beside(held, message) | _superseded(held, told))
    assert act.case is not None
    insert_opened(write, message, held, told, act.head, act.case, act.changes)
    act.write(write, act.moved())


def _beside(held: Held, message: Message) -> dict[str, Any]:
    """Open cases of the same person and item that came another way: found by this node's own blind index."""
    item = item_cached(held.task_code, held.item_version).item
    return told_beside(others_open(held.applicant_index, held.task_code, held.id, item, message.received_at))


def _superseded(held: Held, told: Sequence[Told]) -> dict[str, Any]:
    """That the item version was not in force when it was asked for, and what has to be looked at again.

    The node that took the case in had an older copy. The case stays under the version that the applicant saw.
    """
    found = catalogue.superseded(held.task_code, held.item_version, local_date(told[0].line.at))
    return {} if found is None else {SUPERSEDED: {"version": found.current, "changed": list(found.changed)}}


def opened(message: Message) -> tuple[Held, list[Told], Head, Situation]:
    """The case that a message opens, its first lines, and how it stands after them."""
    held = _new(message, message.body)
    told, head = follow_all(message.body["events"], held, message.sender)
    state = transitions.known(told[-1].line.state)
    if state is None:
        raise ChainBroken()
    case = held.situation(message.received_at, state)
    for each in told:
        case = followed(case, each)
    return held, told, head, case


def reached(held: Held, head: Head, case: Situation) -> Held:
    """The case as an act finds it once lines were followed that are not kept yet."""
    return replace(held, head=head, state=case.state, clocks=case.clocks, papers=case.papers, progress=case.progress)


def insert_opened(
    write: Statement,
    message: Message,
    held: Held,
    told: Sequence[Told],
    head: Head,
    case: Situation,
    changes: Mapping[str, Any],
    *,
    restored: bool = False,
) -> None:
    """The rows of a case that was taken in elsewhere or forgotten here; its files are fetched."""
    body = message.body
    write.guard(
        "INSERT INTO cases_number (number, case_id) VALUES (%s, %s) ON CONFLICT DO NOTHING RETURNING 1",
        [held.receipt_no, held.id],
    )
    facts = {
        "item_digest": body["item"]["digest"],
        "submitted_at": told[0].line.at,
        "changed_at": message.received_at,
    }
    insert_case(write, held, head, case.state, {**changes, **kept_course(case)}, facts)
    item = item_cached(held.task_code, held.item_version).item
    people = signer_rows(held, body.get("signers", ()), told[0].facts.get("signers", ()))
    write.insert(Signer, people, on_conflict=AS_TOLD)
    write.insert(Material, material_rows(held, body["materials"], item))
    write.insert(Event, [event_row(held, each, message.received_at) for each in told])
    write_effects(write, held, told, message.received_at, restored=restored)
    want_files(write, message.files_at, message.subject, body["materials"], message.received_at)


@handles(MOVED, body=bodies.Moved, personal=True)
def follow(message: Message, write: Statement) -> None:
    """What the custodian did: checked against our copy of the chain, then followed."""
    fitting(message.body, bodies.Moved)
    held = known_case(message)
    told, head = follow_all(message.body["events"], held, message.sender)
    follow_lines(message, write, held, told, head)


def follow_lines(
    message: Message, write: Statement, held: Held, told: Sequence[Told], head: Head, *, restored: bool = False
) -> None:
    """Put lines that have been checked into the statement, with all that they change here."""
    changes: dict[str, Any] = {}
    case = held.situation(message.received_at, held.state or State.SUBMITTED)
    for each in told:
        changes |= changes_told(each.line.move, each.facts)
        case = followed(case, each)
    changes |= kept_course(case) | corrected(held, told)
    disputed = [chain.is_disputed(each, before) for each, before in _with_state_before(told, held.state)]
    if any(disputed):
        changes["disputed"] = True
    update_case(write, held, head, told[-1].line.state, changes, message.received_at)
    rows = [
        event_row(held, each, message.received_at, disputed=flag) for each, flag in zip(told, disputed, strict=True)
    ]
    write.insert(Event, rows)
    write_effects(write, held, told, message.received_at, restored=restored)
    entries = [_followed(each, message) for each in told]
    continue_chain(write, held.subject, held.tip, entries)
    settle_requests(write, held, told, message.received_at)
    for each in told:  # whoever has them asks nobody; a machine that was lost in between may have lost its own
        want_files(write, message.files_at, message.subject, each.facts.get("materials", ()), message.received_at)
    if changes.get("project_no"):
        number = {"number": changes["project_no"], "case_id": held.id}
        write.insert(Number, [number], on_conflict="ON CONFLICT DO NOTHING")
    if changes.get("file_digest"):
        if held.file_digest:
            unwant_file(write, message.subject, held.file_digest)
        file = {"digest": changes["file_digest"], "size": changes["file_size"]}
        want_files(write, message.files_at, message.subject, [file], message.received_at)


@handles(REQUESTED, body=bodies.Requested, personal=True)
def decide_request(message: Message, write: Statement) -> None:
    """An act asked for elsewhere: made here if the table allows it, else refused with a sentence."""
    fitting(message.body, bodies.Requested)
    body = message.body
    move, stated = str(body["move"]), {str(k): str(v) for k, v in body["stated"].items()}
    held = known_case(message, **draws(move))
    actor = _asking(message, held)
    request_id = UUID(body["request"])
    row = request_row(held, request_id, move, stated, actor.pseudonym, message.sender, message.occurred_at)
    try:
        known = transitions.move_named(move)
        facts = checked(held, known, actor, stated, message.received_at)
        if not transitions.may_ask(known, actor):
            raise NotYours(move=known.label)
        require_files(known, facts, [str(file["requirement"]) for file in body["materials"]], held.progress)
    except Refusal as no:
        if granted_before(held, request_id):  # its answer was lost, and this node has been restored since
            accepted = {"state": "accepted", "answered_at": message.received_at}
            write.insert(Request, [row | accepted], on_conflict=DECIDED)
            return
        _refuse(message, write, held, row, no)
        return
    files = body["materials"] if known.files else []
    advance(write, held, known, actor, facts, message.received_at, files, request_id, body.get("notice"))
    want_files(write, message.sender, message.subject, files, message.received_at)
    answered = {"state": "accepted", "answered_at": message.received_at}
    write.insert(Request, [row | answered], on_conflict=DECIDED)


def granted_before(held: Held, request_id: UUID) -> bool:
    """Whether a line of the chain was made because of this request."""
    events = Event.objects.filter(case_id=held.id).values_list("number", "sealed")
    facts = (sealed_facts(held.key, bytes(sealed), event_context(number))["facts"] for number, sealed in events)
    return any(each.get("request") == str(request_id) for each in facts)


@handles(ANSWERED, body=bodies.Answered, personal=True)
def hear_answer(message: Message, write: Statement) -> None:
    """The custodian refused what was asked for; an accepted request is answered by its event instead."""
    fitting(message.body, bodies.Answered)
    held = known_case(message)
    answer_row(write, held, UUID(message.body["request"]), str(message.body["sentence"])[:300], message.received_at)
    entry = Entry(
        verb="case.answered",
        actor=system(message.sender).pseudonym,
        at=message.received_at,
        facts={"request": message.body["request"], "code": message.body["code"]},
    )
    continue_chain(write, held.subject, held.tip, [entry])


@handles(NOTICED, body=bodies.Noticed, personal=True)
def hear_notice(message: Message, write: Statement) -> None:
    """A notice that another node gave has its sealed file: it is fetched, so that people can have it here."""
    fitting(message.body, bodies.Noticed)
    held, body = known_case(message), message.body
    row = {
        "case": held.id,
        "number": body["number"],
        "node": message.sender,
        "file_digest": body["file"],
        "file_size": body["size"],
        "told_at": message.received_at,
    }
    write.guard("SELECT 1", [])
    write.insert(Notice, [row], on_conflict=MADE_ANEW)
    file = {"digest": body["file"], "size": body["size"]}
    want_files(write, message.files_at, message.subject, [file], message.received_at)


def _new(message: Message, body: Mapping[str, Any]) -> Held:
    """The case a message opens, before its first line. Refuses what we would not handle."""
    parties = tuple(party(given) for given in body["parties"])
    require_spoken_for(message, parties)
    item = item_cached(str(body["item"]["task_code"]), int(body["item"]["version"]))
    if item.digest != body["item"]["digest"]:
        raise ItemNotInForce()
    assert message.key is not None
    applicant = body["applicant"]
    case_id = UUID(body["case"])
    kept = envelope(applicant, body["answers"], body["form"], body.get("signers", ()))
    return Held(
        id=case_id,
        receipt_no=str(body["receipt_no"]),
        project_no=None,
        task_code=item.task_code,
        item_version=item.version,
        item_name=item.name,
        mode=Mode(body["mode"]),
        delivery=Delivery(body["delivery"]),
        state=None,
        state_word="",
        revision=0,
        applicant_index=id_index(applicant["id_type"], applicant["id_number"]),
        applicant_name=str(applicant["name"]),
        head=Head(length=0, digest="", holding=Holding(holder=1)),
        sealed=keys.seal(message.key, canonical(kept), envelope_context(case_id)),
        licence_number="",
        file_digest="",
        key=message.key,
        tip=START,
        parties=parties,
        sent={},
        asked=(),
        materials=0,
        epoch=1,
    )


def require_given_to_us(message: Message) -> None:
    """ChainForged unless whoever opens the case took it in itself and offers it to an organization of ours."""
    nodes = {str(given["part"]): str(given["node"]) for given in message.body["parties"]}
    if (nodes.get(Part.INTAKE), nodes.get(Part.HANDLING)) != (message.sender, here().code):
        raise ChainForged()


def require_spoken_for(message: Message, parties: Sequence[Party]) -> None:
    """ChainForged unless each organization is at the node that spoke for its region when the message was written."""
    listed = trust_list_named(message.serial, message.received_at)
    spoken_for = all(listed.node_for_region(each.region).code == each.node for each in parties)
    if not (spoken_for and message.subject == f"case:{message.body['case']}"):
        raise ChainForged()


def known_case(message: Message, *, serial: str = "", notice: bool = False) -> Held:
    """Our copy of the case a message is about."""
    case_id = str(message.body.get("case", ""))
    if message.subject != f"case:{case_id}":
        raise CaseUnknown()
    try:
        held = read(UUID(case_id), serial=serial, notice=notice)
    except (NotFound, ValueError) as unknown:
        raise CaseUnknown() from unknown
    if message.sender not in {each.node for each in held.parties}:
        raise ChainForged()
    return held


def follow_all(events: Sequence[Mapping[str, Any]], held: Held, sender: str) -> tuple[list[Told], Head]:
    """A peer's lines, each checked against the one before."""
    told: list[Told] = []
    head = held.head
    for given in events:
        each = chain.follow(given, head, case=str(held.id), sender=sender, parties=held.parties)
        holding = Holding(holder=each.line.holder, offered_to=each.line.offered_to)
        head = Head(length=each.line.number, digest=each.line.digest, holding=holding)
        told.append(each)
    if not told:
        raise ChainBroken()
    return told, head


def _with_state_before(told: Sequence[Told], state: State | None) -> list[tuple[Told, State | None]]:
    states = [state, *(transitions.known(each.line.state) for each in told)]
    return list(zip(told, states, strict=False))


def _followed(told: Told, message: Message) -> Entry:
    return Entry(
        verb=f"case.followed.{told.line.move}",
        actor=told.line.actor,
        at=message.received_at,
        facts={"line": told.line.digest, "message": str(message.id)},
    )


def _asking(message: Message, held: Held) -> Actor:
    """Who asked: the asking node vouches for the person; for applicants the case itself says who that is."""
    told = message.body["actor"]
    role = Role(told["role"])
    return Actor(
        id=UUID(told["id"]),
        role=role,
        name="",
        node=message.sender,
        organization=str(told["organization"]),
        index=held.applicant_index if role is Role.APPLICANT else b"",
        behalf=_behalf(str(told.get("mandate", ""))),
    )


def _behalf(mandate: str) -> Behalf | None:
    """That somebody acts for the applicant, as the asking node says; how far is its to know."""
    role, _, number = mandate.partition(":")
    return Behalf(UUID(int=0), "", False, role, UUID(number)) if number else None


def _refuse(message: Message, write: Statement, held: Held, row: dict[str, Any], no: Refusal) -> None:
    """Keep the request as refused and tell the asking place why, in words for people."""
    write.guard(
        "UPDATE cases_case SET revision = revision + 1 WHERE id = %s AND revision = %s RETURNING id",
        [held.id, held.revision],
    )
    answered = {"state": "refused", "answer": no.sentence, "answered_at": message.received_at}
    write.insert(Request, [row | answered], on_conflict=DECIDED)
    entry = Entry(
        verb="case.request.refused",
        actor=str(row["asked_by"]),
        at=message.received_at,
        facts={"request": str(row["id"]), "code": no.code},
    )
    continue_chain(write, held.subject, held.tip, [entry])
    body = {"case": str(held.id), "request": str(row["id"]), "code": no.code, "sentence": no.sentence[:300]}
    letter = Letter(recipient=message.sender, kind=ANSWERED, subject=held.subject, body=body)
    post(write, [letter], sent=held.sent, key=held.key, at=message.received_at, epoch=held.epoch)
