# SPDX-License-Identifier: Apache-2.0
"""What people outside the act are to be told of a line, or of a limit that runs out: whom, of what, until when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import UUID

from tongban.cases import custody, transitions
from tongban.cases.models import Event
from tongban.cases.queries.held import Held, read
from tongban.cases.sealed import event_context, open_envelope, opened
from tongban.cases.states import Part
from tongban.identity.sealing import id_index
from tongban.standards.actor import Role
from tongban.standards.clock import local_date
from tongban.standards.node import here
from tongban.standards.refusal import NotFound

UNTOLD = "SELECT 1 FROM cases_untold"  # what the resident worker asks


@dataclass(frozen=True)
class Telling:
    """One thing that happened or is about to, and everybody at this node who is to hear of it."""

    case_id: UUID
    event: str  # names it within the case: nobody is told twice of the same
    about: str  # a move, or the kind of a clock
    at: datetime
    receipt_no: str
    item: str
    notice: str = ""
    due: Mapping[str, date] = field(default_factory=dict)  # by kind of clock
    applicants: tuple[bytes, ...] = ()  # blind indexes of the applicant and of who acts for them
    joined: tuple[bytes, ...] = ()  # of who applied together with them: they hear on the site and by mail
    phone: str = ""  # where this node is the one that writes to it
    desks: Mapping[Role, str] = field(default_factory=dict)  # organizations of this node, by the role that hears
    assignee: str = ""  # pseudonym of whose case it is


def of_line(case_id: UUID, number: int) -> Telling:
    """Who hears of a line here. NotFound when there is no such line."""
    held = read(case_id)
    event = Event.objects.filter(case_id=case_id, number=number).first()
    move = transitions.MOVES.get(event.move) if event else None
    if event is None or move is None:
        raise NotFound(what="这一步")
    told = opened(held.key, bytes(event.sealed), event_context(number))["facts"]
    words = told.get("notice") or {}
    by = event.actor.partition(":")[0]
    return _telling(
        held,
        event=f"line:{number}",
        about=move.name,
        at=event.occurred_at,
        notice=f"《{words['name']}》{words['number']}" if words else "",
        due={given["regime"]["kind"]: day for given in told.get("clocks", ()) if (day := _day(given))},
        to=frozenset(role for role in move.tells if role != by),
    )


def phone_of(case_id: UUID) -> str:
    """The telephone that the applicant gave for this case."""
    return _applicants(read(case_id))[1]


def of_limit(case_id: UUID, kind: str, due_at: datetime) -> Telling:
    """Who is warned here of a limit."""
    due = {kind: _last_day(due_at)}
    return _telling(
        read(case_id), event=f"limit:{kind}:{due[kind]}", about=kind, at=due_at, due=due, to=frozenset({Role.APPLICANT})
    )


def _day(given: Mapping[str, object]) -> date | None:
    due = given.get("due_at")
    return None if due is None or given.get("ended_at") else _last_day(datetime.fromisoformat(str(due)))


def _last_day(due_at: datetime) -> date:
    """The day on which there is still time; what is told is the first instant at which there is none."""
    return local_date(due_at - timedelta(seconds=1))


def _telling(
    held: Held,
    *,
    event: str,
    about: str,
    at: datetime,
    to: frozenset[Role],
    due: Mapping[str, date],
    notice: str = "",
) -> Telling:
    mine = [party for party in held.parties if party.node == here().code]
    sides = {Role.CLERK: {Part.INTAKE}, Role.APPROVER: set(Part) - {Part.INTAKE}}
    desks = {role: party.organization for role in to & set(sides) for party in mine if party.part in sides[role]}
    applicants, phone = _applicants(held) if Role.APPLICANT in to else ((), "")
    return Telling(
        case_id=held.id,
        event=event,
        about=about,
        at=at,
        receipt_no=held.receipt_no,
        item=held.item_name,
        notice=notice,
        due=due,
        applicants=applicants,
        joined=held.joined if applicants else (),
        # One node writes to the telephone: the one where the application was made.
        phone=phone if custody.with_part(held.parties, Part.INTAKE).node == here().code else "",
        desks=desks,
        assignee=held.progress.assignee,
    )


def _applicants(held: Held) -> tuple[tuple[bytes, ...], str]:
    applicant = open_envelope(held)["applicant"]
    agent = applicant.get("agent") or {}
    acting = (id_index(agent["id_type"], agent["id_number"]),) if agent else ()
    return (held.applicant_index, *acting), str(applicant.get("phone", ""))
