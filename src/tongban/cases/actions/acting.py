# SPDX-License-Identifier: Apache-2.0
"""One act on one case: its moves become one statement of rows, lines and letters."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tongban.cases import chain, clocks, course, custody, transitions
from tongban.cases.actions.correcting import corrected
from tongban.cases.chain import Head, Told
from tongban.cases.clocks import Clock
from tongban.cases.custody import Party
from tongban.cases.errors import ChainForged
from tongban.cases.models import NEVER, Case, Event, Material, Original, Untold
from tongban.cases.models import Clock as ClockRow
from tongban.cases.models import Party as PartyRow
from tongban.cases.papers import Given
from tongban.cases.queries.held import Held
from tongban.cases.sealed import event_context, filename_context
from tongban.cases.situation import COURIER, Paper, Situation, papers_after
from tongban.cases.states import ENDED, Part, State
from tongban.cases.transitions import Move
from tongban.catalogue.content import ItemContent
from tongban.catalogue.queries import item_cached
from tongban.database.statement import Statement
from tongban.exchange.actions import Letter, post
from tongban.ledger.actions import continue_chain
from tongban.ledger.lines import Entry
from tongban.regions.queries import calendar_for
from tongban.standards.actor import Actor, Role
from tongban.standards.canonical import canonical
from tongban.standards.clock import local_date
from tongban.standards.crypto import suite
from tongban.standards.node import here
from tongban.vault import keys

MOVED = "case.moved"
MOVED_ON = (  # an original that somebody else has now
    "ON CONFLICT (case_id, number) DO UPDATE SET holder = EXCLUDED.holder, parcel_no = EXCLUDED.parcel_no, "
    "changed_at = EXCLUDED.changed_at"
)


class Act:
    """The moves of one act, gathered; nothing is written before the statement runs."""

    def __init__(self, held: Held, at: datetime) -> None:
        self.held, self.at = held, at
        self.head = held.head
        self.case = None if held.state is None else held.situation(at, held.state)
        self.told: list[Told] = []
        self.changes: dict[str, Any] = {}
        self.given: list[Given] = []

    @property
    def state(self) -> State:
        """Where the case stands after the moves so far."""
        assert self.case is not None
        return self.case.state

    def move(
        self,
        move: Move,
        actor: Actor,
        stated: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
        notice: Callable[[Situation], Given] | None = None,
    ) -> None:
        """Make a move that has been checked. `more` are facts the system adds; `notice` makes what the move gives."""
        custody.require(self.head.holding, move, self.held.parties, here().code)
        case = self.case or self.held.situation(self.at, first_state(move))
        holding = custody.after(self.head.holding, move, self.held.parties)
        case = replace(case, papers=(*case.papers, *papers_begun(more or {}, case.intake)))
        self.case, changed = course.after(case, move, stated or {}, actor=actor.pseudonym)
        seen, internal = transitions.split(move, stated or {})
        facts = {"stated": seen, **told_clocks(self.case, changed), **(more or {})}
        if notice is not None:
            self.given.append(notice(self.case))
            facts["notice"] = self.given[-1].told
        told = chain.next_line(
            suite(here().suite),
            self.head,
            case=self.held.id,
            move=move,
            state=self.case.state,
            holding=holding,
            at=self.at,
            node=here().code,
            actor=actor,
            facts=facts,
            internal=internal,
        )
        self.told.append(told)
        self.head = Head(length=told.line.number, digest=told.line.digest, holding=holding)
        self.changes |= changes_told(move.name, facts) | corrected(self.held, [told])

    def peers(self) -> list[str]:
        """The other nodes with a part in the case."""
        return sorted({party.node for party in self.held.parties} - {here().code})

    def moved(self, files: Sequence[str] = ()) -> list[Letter]:
        """What the others are told of this act."""
        body = {"case": str(self.held.id), "events": [chain.plain(told) for told in self.told]}
        return [
            Letter(recipient=code, kind=MOVED, subject=self.held.subject, body=body, files=files)
            for code in self.peers()
        ]

    def write(self, write: Statement, letters: Sequence[Letter]) -> None:
        """Put events, lines, clocks and letters into the statement; the case row is its own part."""
        write.insert(Event, [event_row(self.held, told, self.at) for told in self.told])
        entries = [
            Entry(verb=f"case.{told.line.move}", actor=told.line.actor, at=self.at, facts={"line": told.line.digest})
            for told in self.told
        ]
        continue_chain(write, self.held.subject, self.held.tip, entries)
        write_effects(write, self.held, self.told, self.at)
        write_given(write, self.given)
        post(write, letters, sent=self.held.sent, key=self.held.key, at=self.at, epoch=self.held.epoch)

    def update(self, write: Statement) -> None:
        """The guard: the case as it will be, if nobody was faster."""
        assert self.case is not None
        update_case(write, self.held, self.head, self.state, self.changes | kept_course(self.case), self.at)


def write_given(write: Statement, given: Sequence[Given]) -> None:
    """The rows of notices, whose files a worker makes."""
    for each in given:
        for model, row in each.rows.items():
            write.insert(model, [row])


def first_state(move: Move) -> State:
    """Where a case begins."""
    if move.target is None:
        raise ValueError(f"{move.name} begins no case")
    return move.target


def told_clocks(case: Situation, changed: Mapping[str, Clock]) -> dict[str, Any]:
    """The clocks that a move changed, with the dates by the calendar of whoever decides: nobody else computes them."""
    if not changed:
        return {}
    due = course.due_on(case)
    return {
        "clocks": [clocks.plain(each) | _dates(each, case) for each in changed.values()],
        "due_on": None if due is None else due.isoformat(),
    }


def _dates(clock: Clock, case: Situation) -> dict[str, Any]:
    """When it is due, and the days on which who decides differs from the country, so that a mirror can explain."""
    due, soon = clocks.due_and_soon(clock, case.hours)
    own = case.hours.calendar.own_days(calendar_for(""), local_date(clock.started_at), local_date(due or case.at))
    days = {"days": {day.isoformat(): list(what) for day, what in own.items()}} if own else {}
    return {"due_at": _stamp(due), "soon_at": _stamp(soon)} | days


def _stamp(at: datetime | None) -> str | None:
    return None if at is None else clocks.stamp(at)


def changes_told(move: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What a line's facts change on the case row, here and at every mirror alike."""
    changes: dict[str, Any] = {}
    if "due_on" in facts:
        changes["due_on"] = facts["due_on"] or NEVER
    if "project_no" in facts:
        changes["project_no"] = facts["project_no"]
    if move in transitions.ISSUING:
        stated = facts["stated"]
        changes["licence_number"] = stated["licence_number"]
        changes["file_digest"], changes["file_size"] = stated["file_digest"], int(stated["file_size"])
    return changes


def event_row(held: Held, told: Told, at: datetime, *, disputed: bool = False) -> dict[str, Any]:
    """A line with its sealed facts, as it is kept."""
    line = told.line
    names = {party.node: party.organization_name for party in held.parties}
    doing = custody.party(held.parties, line.holder)
    name = doing.organization_name if doing.node == line.node else names.get(line.node, "")
    kept = canonical({"facts": dict(told.facts), "salt": told.salt.hex(), "internal": dict(told.internal)})
    return {
        "case": held.id,
        "number": line.number,
        "move": line.move,
        "state": line.state,
        "occurred_at": line.at,
        "received_at": at,
        "node": line.node,
        "actor": line.actor,
        "organization_name": name,
        "line": line.data,
        "digest": line.digest,
        "sealed": keys.seal(held.key, kept, event_context(line.number)),
        "disputed": disputed,
    }


def kept_progress(case: Situation) -> str:
    """Progress as the case row keeps it."""
    return canonical(case.progress.plain()).decode()


def kept_course(case: Situation) -> dict[str, Any]:
    """How far the case is, as its row keeps it: one that is over is on no list any more."""
    return {"progress": kept_progress(case), "ended": case.is_over}


def followed(case: Situation, told: Told) -> Situation:
    """The case once a peer's line is followed: clocks as it tells them, the rest as our own table has it.

    ChainForged when its facts make no sense here.
    """
    move = transitions.MOVES.get(told.line.move)
    try:
        running = {each.regime.kind: each for each in map(clocks.clock, told.facts.get("clocks", ()))}
        papers = (*case.papers, *papers_begun(told.facts, case.intake))
        known = replace(
            case,
            at=told.line.at,
            state=transitions.known(told.line.state) or case.state,
            papers=papers,
            clocks={**case.clocks, **running},
        )
        if move is None:
            return known
        stated = told.facts.get("stated", {})
        kept = papers_after(papers, move.originals, stated, intake=case.intake, handling=case.handling)
        said = course.Said(stated, told.line.actor, told.line.at, case.rules)
        done = course.progress_after(case.progress, move.name, said)
        return replace(known, papers=kept, progress=done)
    except (KeyError, ValueError, TypeError, IndexError, AttributeError) as wrong:
        raise ChainForged() from wrong


def papers_begun(facts: Mapping[str, Any], intake: int) -> tuple[Paper, ...]:
    """The originals that a line says the window took in; with a parcel number they are on their way."""
    return tuple(
        Paper(original["name"], COURIER if original["parcel_no"] else intake, original["parcel_no"])
        for original in facts.get("originals", ())
    )


def write_effects(write: Statement, held: Held, told: Sequence[Told], at: datetime, *, restored: bool = False) -> None:
    """What lines change beside the case row, here and at every mirror alike: clocks, originals, materials.

    Of what comes back after a restore people have heard before.
    """
    write_clocks(write, held, told)
    write.insert(Untold, [] if restored else untold_rows(held, told, at))
    write.insert(Original, originals_moved(held, told, at), on_conflict=MOVED_ON)
    for each in told:
        if each.facts.get("materials"):
            item = item_cached(held.task_code, held.item_version).item
            write.insert(Material, material_rows(held, each.facts["materials"], item))


def untold_rows(held: Held, told: Sequence[Told], at: datetime) -> list[dict[str, Any]]:
    """The lines that the table wants people of this node to hear of; the applicant may be anywhere."""
    here_too = (party.part for party in held.parties if party.node == here().code)
    hear = {Role.APPLICANT, *(Role.CLERK if part is Part.INTAKE else Role.APPROVER for part in here_too)}
    return [
        {"case": held.id, "number": each.line.number, "at": at}
        for each in told
        if each.line.move in transitions.MOVES and transitions.MOVES[each.line.move].tells & hear
    ]


def originals_moved(held: Held, told: Sequence[Told], at: datetime) -> list[dict[str, Any]]:
    """The papers that lines take in or give to somebody else, as they are afterwards."""
    intake, handling = (custody.with_part(held.parties, part).number for part in (Part.INTAKE, Part.HANDLING))
    papers = held.papers
    for each in told:
        papers = (*papers, *papers_begun(each.facts, intake))
        move = transitions.MOVES.get(each.line.move)
        if move is not None:
            stated = each.facts.get("stated", {})
            papers = papers_after(papers, move.originals, stated, intake=intake, handling=handling)
    known: dict[int, Paper] = dict(enumerate(held.papers, start=1))
    return [
        {"case": held.id, "number": number, **vars(paper), "changed_at": at}
        for number, paper in enumerate(papers, start=1)
        if known.get(number) != paper
    ]


def material_rows(held: Held, files: Sequence[Mapping[str, Any]], item: ItemContent) -> list[dict[str, Any]]:
    """Files as the case keeps them, numbered after those it has; what the applicant called them is sealed."""
    rows = []
    for number, file in enumerate(files, start=held.materials + 1):
        requirement = item.material(str(file["requirement"]))
        rows.append(
            {
                "case": held.id,
                "number": number,
                "requirement": file["requirement"],
                "name": requirement.name if requirement else file["requirement"],
                "media_type": file["media_type"],
                "size": file["size"],
                "digest": file["digest"],
                "scanned": bool(file.get("scanned")),
                "filename": keys.seal(held.key, str(file["filename"]).encode(), filename_context(number)),
            }
        )
    return rows


def write_clocks(write: Statement, held: Held, told: Sequence[Told]) -> None:
    """Keep the clocks that changed, whole, as the last line that told of each has it."""
    changed = {given["regime"]["kind"]: given for each in told for given in each.facts.get("clocks", ())}
    write.insert(
        ClockRow,
        [
            {
                "case": held.id,
                "kind": kind,
                "words": canonical(given).decode(),
                "soon_at": given["soon_at"],
                "due_at": given["due_at"],
                "ended_at": given["ended_at"],
                "acted_at": None,
            }
            for kind, given in changed.items()
        ],
        on_conflict="ON CONFLICT (case_id, kind) DO UPDATE SET words = EXCLUDED.words, soon_at = EXCLUDED.soon_at, "
        "due_at = EXCLUDED.due_at, ended_at = EXCLUDED.ended_at, acted_at = NULL",
    )


def update_case(
    write: Statement, held: Held, head: Head, state: State | str, changes: Mapping[str, Any], at: datetime
) -> None:
    """Say the guard: the row moves on from the revision that was read."""
    values = {
        "state": str(state),
        "ended": str(state) in ENDED,
        "chain_length": head.length,
        "chain_digest": head.digest,
        "holder": head.holding.holder,
        "offered_to": head.holding.offered_to,
        "holder_organization": desk(held.parties, head),
        "changed_at": at,
        **changes,
    }
    columns = ", ".join(f"{name} = %s" for name in values)
    write.guard(
        f"UPDATE cases_case SET revision = revision + 1, {columns} WHERE id = %s AND revision = %s RETURNING id",  # noqa: S608
        [*values.values(), held.id, held.revision],
    )


def desk(parties: Sequence[Party], head: Head) -> str:
    """The organization on whose desk the case lies."""
    return custody.party(parties, head.holding.holder).organization


def insert_case(
    write: Statement, held: Held, head: Head, state: State, changes: Mapping[str, Any], facts: Mapping[str, Any]
) -> None:
    """The first row of a case, with its parties; `facts` are the columns the held case does not know."""
    row = {
        "id": held.id,
        "receipt_no": held.receipt_no,
        "project_no": None,
        "task_code": held.task_code,
        "item_version": held.item_version,
        "item_name": held.item_name,
        "mode": str(held.mode),
        "delivery": str(held.delivery),
        "state": str(state),
        "ended": False,
        "revision": 1,
        "applicant_index": held.applicant_index,
        "applicant_name": held.applicant_name,
        "sealed": held.sealed,
        "chain_length": head.length,
        "chain_digest": head.digest,
        "holder": head.holding.holder,
        "offered_to": head.holding.offered_to,
        "holder_organization": desk(held.parties, head),
        "due_on": NEVER,
        "progress": "{}",
        "disputed": False,
        "licence_number": "",
        "file_digest": "",
        "file_size": None,
    }
    write.insert(Case, [row | dict(facts) | dict(changes)])
    write.insert(PartyRow, [party_row(held, party) for party in held.parties])


def party_row(held: Held, party: Party) -> dict[str, Any]:
    """A party as it is kept."""
    return {"case": held.id, **vars(party), "part": str(party.part)}
