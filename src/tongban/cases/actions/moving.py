# SPDX-License-Identifier: Apache-2.0
"""Making a move, and asking for one where another node holds the case."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from uuid_utils.compat import uuid7

from tongban.cases import course, custody, promises, transitions
from tongban.cases import once as forms
from tongban.cases.actions.acting import Act, write_given
from tongban.cases.actions.correcting import tidied
from tongban.cases.application import GivenFile
from tongban.cases.errors import (
    AlreadyAsked,
    Changed,
    GuardRefusal,
    InTransit,
    NotComplete,
    NotHere,
    NotNow,
    NotOffered,
    NotOpened,
    Repeated,
)
from tongban.cases.models import Event, Number, Request, Submission
from tongban.cases.notices import BY_WINDOW, TEMPLATES
from tongban.cases.papers import Given, give, grant_of
from tongban.cases.queries.agreed import with_agreement
from tongban.cases.queries.held import Held, read
from tongban.cases.queries.relying import require_decidable
from tongban.cases.sealed import event_context, opened, request_context
from tongban.cases.situation import Progress, Situation
from tongban.cases.transitions import Move
from tongban.database.statement import Statement
from tongban.exchange.actions import Letter, post, unwant_file
from tongban.identity.queries import colleagues
from tongban.ledger.actions import continue_chain
from tongban.ledger.lines import Entry
from tongban.licences.actions import decided_by_case, issue_rows, take_serial
from tongban.standards import numbers
from tongban.standards.actor import Actor, system
from tongban.standards.canonical import canonical
from tongban.standards.clock import local_date
from tongban.standards.node import here
from tongban.vault import keys

REQUESTED = "case.requested"
TRIES = 4  # two acts at the same instant: the later one reads again
SERIALS = {"accept": "project", "accept_lacking": "project", "deem_accepted": "project"}
SERIALS |= dict.fromkeys(transitions.GRANTING, "licence")

Done = TypeVar("Done")


class Draws(TypedDict):
    """What is drawn when a case is read."""

    serial: str
    notice: bool


def make_move(
    case_id: UUID,
    name: str,
    *,
    actor: Actor,
    at: datetime,
    facts: Mapping[str, str] | None = None,
    files: Sequence[GivenFile] = (),
    once: str = "",
) -> None:
    """One person makes one move here; the other nodes are told. One SELECT, one statement."""
    move = transitions.move_named(name)
    until_written(lambda: attempt_move(case_id, move, actor, at, facts or {}, files, once))


def ask(
    case_id: UUID,
    name: str,
    *,
    actor: Actor,
    at: datetime,
    facts: Mapping[str, str] | None = None,
    files: Sequence[GivenFile] = (),
    once: str = "",
) -> None:
    """Ask for a move where another node holds the case; real when the custodian's event returns."""
    move = transitions.move_named(name)
    until_written(lambda: _ask(case_id, move, actor, at, facts or {}, files, once))


def make_or_ask(
    case_id: UUID,
    name: str,
    *,
    actor: Actor,
    at: datetime,
    facts: Mapping[str, str] | None = None,
    files: Sequence[GivenFile] = (),
    once: str = "",
) -> bool:
    """Make the move where the case is held, else ask for it. True when it is already real.

    Repeated when a form with the same token did it before, whatever the case has become since.
    """
    try:
        return _make_or_ask(case_id, name, actor, at, facts, files, once)
    except (AlreadyAsked, Changed, NotNow, NotOffered, GuardRefusal):
        if forms.is_spent(case_id, once):
            raise Repeated() from None
        raise


def _make_or_ask(
    case_id: UUID,
    name: str,
    actor: Actor,
    at: datetime,
    facts: Mapping[str, str] | None,
    files: Sequence[GivenFile],
    once: str,
) -> bool:
    try:
        make_move(case_id, name, actor=actor, at=at, facts=facts, files=files, once=once)
    except (NotHere, InTransit):  # between two hands the one who is to hold it is asked
        ask(case_id, name, actor=actor, at=at, facts=facts, files=files, once=once)
        return False
    return True


def withdraw(case_id: UUID, *, actor: Actor, at: datetime, reason: str, once: str = "") -> bool:
    """The applicant takes the application back. True when it is already real, False when asked for."""
    return make_or_ask(case_id, "withdraw", actor=actor, at=at, facts={"reason": reason}, once=once)


def attempt_move(
    case_id: UUID,
    move: Move,
    actor: Actor,
    at: datetime,
    facts: Mapping[str, str],
    files: Sequence[GivenFile] = (),
    once: str = "",
) -> bool:
    """Make the move if nobody writes in between; False when somebody did."""
    held = read(case_id, **draws(move.name))
    held.require_visible(actor)
    stated = checked(held, move, actor, facts, at)
    require_files(move, stated, [file.requirement for file in files], held.progress)
    write = Statement()
    advance(write, held, move, actor, stated, at, handed_in(move, files))
    write.insert(Submission, forms.rows(held.id, held.receipt_no, once, at))
    return write.run() is not None


def draws(move: str) -> Draws:
    """The serials that a move needs, drawn with the case."""
    return {"serial": SERIALS.get(move, ""), "notice": move in TEMPLATES}


def handed_in(move: Move, files: Sequence[GivenFile]) -> list[dict[str, Any]]:
    """The files of a move that hands in materials, as its facts tell of them."""
    return [file.plain() for file in files] if move.files else []


def require_files(move: Move, stated: Mapping[str, str], requirements: Sequence[str], went: Progress) -> None:
    """NotComplete unless whatever is said to be handed in comes with the move; NotOpened for what nobody asked for."""
    for code in requirements if "correction" in move.stops else ():
        if went.narrowed and code not in went.materials:
            raise NotOpened(field=code)
    for need in move.needs:
        for code in stated[need.name].split(",") if need.kind == "handed" else ():
            if code not in requirements:
                raise NotComplete(field=code, what="请选择要补交的文件。")


def checked(held: Held, move: Move, actor: Actor, facts: Mapping[str, str], at: datetime) -> dict[str, str]:
    """The move's facts, if this actor may make it here and now; the refusal names what stands against it."""
    if held.state is None:
        raise NotNow(move=move.label, state=held.state_word)
    case = with_agreement(held, held.situation(at, held.state), actor, move)
    stated = transitions.check(move, case, actor, held.relation(actor), facts)
    custody.require(held.head.holding, move, held.parties, here().code)
    _require_colleagues(move, actor, stated)
    if move.name in transitions.GRANTING:
        require_decidable(held, at)
    return tidied(held, stated, at)


def _require_colleagues(move: Move, actor: Actor, stated: Mapping[str, str]) -> None:
    """Whoever is named works at the same desk."""
    for need in move.needs:
        if need.kind == "colleague" and stated[need.name] not in dict(colleagues(actor.organization, actor.role)):
            raise NotOffered(field=need.name, label=need.label)


def advance(
    write: Statement,
    held: Held,
    move: Move,
    actor: Actor,
    stated: Mapping[str, str],
    at: datetime,
    materials: Sequence[Mapping[str, Any]] = (),
    request: UUID | None = None,
    notice: Mapping[str, Any] | None = None,
) -> None:
    """Put a checked move into a statement, with papers and numbers; its line names the request that it grants.

    What the window that asked has given already is its notice and is told as such.
    """
    act = Act(held, at)
    more = _numbers(held, move, at) | _words(act, stated) | _taken_in(act, move, stated)
    more |= {"materials": [dict(file) for file in materials]} if materials else {}
    more |= {"request": str(request)} if request else {}
    is_given = request is not None and move.name in BY_WINDOW
    more |= {"notice": notice} if notice and is_given else {}
    act.move(move, actor, stated, more, None if is_given else giving(held, move, actor, stated, more))
    follow_on(act)
    files = [stated["file_digest"]] if move.name in transitions.ISSUING else []
    if files and held.file_digest:
        unwant_file(write, held.subject, held.file_digest)
    act.update(write)
    act.write(write, act.moved(files))
    write.insert(Number, _number_rows(act))
    if move.name in transitions.STANDING:
        decided_by_case(write, held.id, revoked=move.name == "revoke", at=at)
    if move.name in transitions.GRANTING:
        paper = grant_of(held, stated, at)
        for model, row in issue_rows(paper, serial=held.serial, key=held.key, at=at, by=actor.pseudonym).items():
            write.insert(model, [row])


def follow_on(act: Act) -> None:
    """What the node itself does in the same breath, e.g. close the examination with its last step."""
    assert act.case is not None
    for after, name in transitions.FOLLOWED_BY.items():
        move, myself = transitions.MOVES[name], system(here().code)
        if act.told[-1].line.move == after and transitions.refused(move, act.case, myself) is None:
            act.move(move, myself)


def giving(
    held: Held, move: Move, actor: Actor, stated: Mapping[str, str], more: Mapping[str, Any]
) -> Callable[[Situation], Given] | None:
    """How the notice of this move is made once the move is; None when it gives none."""
    if move.name not in TEMPLATES:
        return None
    told = {"project_no": more.get("project_no", ""), "promised_words": more.get("words", "")} | said_before(held, move)
    return lambda case: give(held, move.name, stated, case, by=actor, serial=held.notice or take_serial(), more=told)


def said_before(held: Held, move: Move) -> dict[str, str]:
    """What the notice says that an earlier line has told: why a limit is to be longer."""
    if move.name != "extend":
        return {}
    proposed = Event.objects.filter(case_id=held.id, move="propose_extension").latest("number")
    kept = opened(held.key, bytes(proposed.sealed), event_context(proposed.number))
    return {"why_longer": kept["facts"]["stated"]["reason"]}


def _words(act: Act, stated: Mapping[str, str]) -> dict[str, Any]:
    """The exact words of a promise, so that the line proves what was confirmed."""
    if "confirmed" not in stated or act.case is None:
        return {}
    return {"words": promises.words(stated["promise"], act.case.rules, act.case.lacking)}


def _taken_in(act: Act, move: Move, stated: Mapping[str, str]) -> dict[str, Any]:
    """A promise that was signed on paper is an original too: the window has it until it goes into the file."""
    if move.name != "take_promise" or act.case is None:
        return {}
    number, name = len(act.case.papers) + 1, f"{promises.NAMES[stated['promise']]}（签字纸质件）"
    return {"originals": [{"number": number, "name": name, "parcel_no": ""}]}


def _numbers(held: Held, move: Move, at: datetime) -> dict[str, Any]:
    if SERIALS.get(move.name) != "project" or held.project_no:
        return {}
    return {"project_no": numbers.project_no(held.task_code, local_date(at), held.serial)}


def _number_rows(act: Act) -> list[dict[str, Any]]:
    number = act.changes.get("project_no")
    return [{"number": number, "case_id": act.held.id}] if number else []


def _ask(
    case_id: UUID,
    move: Move,
    actor: Actor,
    at: datetime,
    facts: Mapping[str, str],
    files: Sequence[GivenFile],
    once: str,
) -> bool:
    held = read(case_id)
    held.require_visible(actor)
    if held.state is None:
        raise NotNow(move=move.label, state=held.state_word)
    case = with_agreement(held, held.situation(at, held.state), actor, move)
    stated = tidied(held, transitions.check(move, case, actor, held.relation(actor), facts), at)
    require_files(move, stated, [file.requirement for file in files], held.progress)
    # While the case is between two hands the request goes to the one it is offered to, who will hold it.
    holding = held.head.holding
    holder = custody.party(held.parties, holding.offered_to or holding.holder)
    if holder.node == here().code:
        raise InTransit(holder=holder.organization_name)
    if any(asked == move.name for _, asked in held.asked):
        raise AlreadyAsked(holder=holder.organization_name)
    request_id = uuid7()
    given = _given_at_the_window(held, move, actor, stated, case)
    body: dict[str, Any] = {
        "case": str(held.id),
        "request": str(request_id),
        "move": move.name,
        "stated": stated,
        "actor": asker(actor),
        "materials": handed_in(move, files),
    }
    body |= {"notice": given[0].told} if given else {}
    write = Statement()
    write.guard(
        "UPDATE cases_case SET revision = revision + 1, changed_at = %s WHERE id = %s AND revision = %s RETURNING id",
        [at, held.id, held.revision],
    )
    write.insert(Request, [request_row(held, request_id, move.name, stated, actor.pseudonym, here().code, at)])
    entry = Entry(verb=f"case.ask.{move.name}", actor=actor.pseudonym, at=at, facts={"request": str(request_id)})
    continue_chain(write, held.subject, held.tip, [entry])
    letter = Letter(
        recipient=holder.node,
        kind=REQUESTED,
        subject=held.subject,
        body=body,
        files=[file.digest for file in files],
    )
    post(write, [letter], sent=held.sent, key=held.key, at=at, epoch=held.epoch)
    write_given(write, given)
    write.insert(Submission, forms.rows(held.id, held.receipt_no, once, at))
    return write.run() is not None


def _given_at_the_window(
    held: Held, move: Move, actor: Actor, stated: Mapping[str, str], case: Situation
) -> list[Given]:
    """What the window does with its own hands it certifies at once, whoever holds the case."""
    notice = giving(held, move, actor, stated, {}) if move.name in BY_WINDOW else None
    if notice is None:
        return []
    went, _ = course.after(case, move, stated, actor=actor.pseudonym)
    return [notice(went)]


def asker(actor: Actor) -> dict[str, str]:
    """Who asks, as the other node is told; this node vouches for the mandate."""
    told = {"id": str(actor.id), "role": str(actor.role), "organization": actor.organization}
    under = {"mandate": f"{actor.behalf.role}:{actor.behalf.mandate}"} if actor.behalf else {}
    return told | under


def request_row(
    held: Held, request_id: UUID, move: str, stated: Mapping[str, str], asked_by: str, node: str, at: datetime
) -> dict[str, Any]:
    """A request as it is kept, at the asking place and at the custodian's alike."""
    return {
        "case": held.id,
        "id": request_id,
        "move": move,
        "state": "submitted",
        "asked_at": at,
        "asked_by": asked_by,
        "asking_node": node,
        "sealed": keys.seal(held.key, canonical(dict(stated)), request_context(request_id)),
        "answer": "",
        "answered_at": None,
    }


def until_written(attempt: Callable[[], bool]) -> None:
    """Try again when somebody else wrote in between; Changed when that keeps happening."""
    for _ in range(TRIES):
        try:
            if attempt():
                return
        except IntegrityError:
            continue  # a line of the ledger was taken by another act on the same case
    raise Changed()


def make_move_as_system(case_id: UUID, name: str, stated: Mapping[str, str], *, at: datetime) -> None:
    """The node itself makes a move that the table gives to the system."""
    move = transitions.move_named(name)

    def attempt() -> bool:
        held = read(case_id, **draws(name))
        write = Statement()
        actor = system(here().code)
        advance(write, held, move, actor, checked(held, move, actor, stated, at), at)
        with transaction.atomic():  # the caller may be in a transaction of its own, which a collision must not end
            return write.run() is not None

    until_written(attempt)
