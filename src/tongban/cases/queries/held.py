# SPDX-License-Identifier: Apache-2.0
"""Everything an act must know about a case, in one SELECT."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import product
from typing import Any
from uuid import UUID

from tongban.cases import clocks as timing
from tongban.cases import custody
from tongban.cases.chain import Head
from tongban.cases.clocks import Clock
from tongban.cases.custody import Holding, Party
from tongban.cases.rules import Rules, rules_of
from tongban.cases.sealed import open_envelope
from tongban.cases.situation import BEGINNING, Paper, Progress, Situation, progress
from tongban.cases.states import Delivery, Mode, Part, State
from tongban.cases.transitions import Relation, known
from tongban.catalogue.queries import item_cached
from tongban.catalogue.scenario import guide
from tongban.database import reading
from tongban.ledger.lines import START, Tip
from tongban.regions.queries import hours_for
from tongban.standards.actor import Actor
from tongban.standards.node import here
from tongban.standards.opening import Hours
from tongban.standards.refusal import NotFound
from tongban.vault import keys
from tongban.vault.errors import KeyDestroyed

READ = """
SELECT c.id, c.receipt_no, c.project_no, c.task_code, c.item_version, c.item_name, c.mode, c.delivery, c.state,
       c.revision, c.applicant_index, c.applicant_name, c.chain_length, c.chain_digest, c.holder, c.offered_to,
       c.sealed, c.licence_number, c.file_digest, k.wrapped, l.length, l.head,
       (SELECT json_agg(row_to_json(p) ORDER BY p.number) FROM cases_party p WHERE p.case_id = c.id),
       (SELECT json_object_agg(s.recipient, s.last) FROM exchange_sent s WHERE s.subject = k.subject),
       (SELECT json_agg(row_to_json(r)) FROM (SELECT id, move FROM cases_request
         WHERE case_id = c.id AND state = 'submitted') r),
       (SELECT json_agg(m.requirement) FROM cases_material m WHERE m.case_id = c.id),
       (SELECT json_object_agg(t.kind, t.words) FROM cases_clock t WHERE t.case_id = c.id),
       (SELECT json_agg(json_build_array(o.name, o.holder, o.parcel_no) ORDER BY o.number) FROM cases_original o
         WHERE o.case_id = c.id),
       c.progress::json,
       (SELECT epoch FROM exchange_myself WHERE id = 1),
       (SELECT array_agg(s.person_index) FROM cases_signer s WHERE s.case_id = c.id)
       {serial}{more}
FROM cases_case c
LEFT JOIN vault_subject_key k ON k.subject = 'case:' || c.id
LEFT JOIN ledger_chain l ON l.subject = 'case:' || c.id
WHERE c.id = {which}
"""
SERIALS = {"": ", 0", "project": ", nextval('cases_project_serial')", "licence": ", nextval('licences_serial')"}
NOTICES = {False: ", 0", True: ", nextval('licences_serial')"}
READS = {
    (name, notice): READ.format(serial=SERIALS[name] + NOTICES[notice], more="", which="%s")
    for name, notice in product(SERIALS, NOTICES)
}
BY_NUMBER = "(SELECT case_id FROM cases_number WHERE number = %s)"
KEPT = 500  # rules of item versions in this process


@dataclass(frozen=True)
class Held:
    """A case as an act finds it."""

    id: UUID
    receipt_no: str
    project_no: str | None
    task_code: str
    item_version: int
    item_name: str
    mode: Mode
    delivery: Delivery
    state: State | None  # None before the first line, and in a state that only a newer table knows
    state_word: str
    revision: int
    applicant_index: bytes
    applicant_name: str
    head: Head
    sealed: bytes
    licence_number: str
    file_digest: str
    key: bytes
    tip: Tip
    parties: tuple[Party, ...]
    sent: Mapping[str, int]
    asked: tuple[tuple[UUID, str], ...]
    materials: int  # how many are kept
    epoch: int
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    due: Mapping[str, datetime | None] = field(default_factory=dict)  # by kind of clock, as the custodian told it
    days: Mapping[date, tuple[str, str]] = field(default_factory=dict)  # on which that organization differs, as told
    papers: tuple[Paper, ...] = ()
    progress: Progress = BEGINNING
    joined: tuple[bytes, ...] = ()  # blind indexes of those who confirmed beside the applicant
    given: frozenset[str] = frozenset()  # codes of the materials of which a file was handed in
    serial: int = 0
    notice: int = 0  # serial for the notice that the act gives

    @property
    def subject(self) -> str:
        """What the ledger, the vault and the exchange call this case."""
        return subject(self.id)

    def situation(self, at: datetime, state: State) -> Situation:
        """The case as the procedure sees it at this instant."""
        handling = custody.with_part(self.parties, Part.HANDLING)
        intake = custody.with_part(self.parties, Part.INTAKE)
        return Situation(
            state=state,
            mode=self.mode,
            way=self.delivery,
            rules=rules_cached(self.task_code, self.item_version),
            hours=self._hours(handling),
            at=at,
            clocks=self.clocks,
            papers=self.papers,
            progress=self.progress,
            handling=handling.number,
            intake=intake.number,
            lacking=self._lacking(),
        )

    def _lacking(self) -> tuple[str, ...]:
        """What may be handed in later, was asked of this applicant, and is there neither as a file nor on paper."""
        later = rules_cached(self.task_code, self.item_version).tolerated
        if not later:
            return ()
        item = item_cached(self.task_code, self.item_version).item
        asked = {each.code for each in guide(item, open_envelope(self)["answers"]).materials}
        on_paper = {paper.name for paper in self.papers}
        return tuple(code for code, name in later.items() if code in asked - self.given and name not in on_paper)

    def _hours(self, handling: Party) -> Hours:
        """The days of the organization that decides; at a mirror as that organization told them."""
        known = hours_for(handling.organization)
        if not self.days or handling.node == here().code:
            return known
        return replace(known, calendar=known.calendar.with_days(self.days))

    def relation(self, actor: Actor) -> Relation:
        """How somebody stands to this case."""
        parts = frozenset(p.part for p in self.parties if p.organization == actor.organization and actor.organization)
        index = bytes(actor.index) if actor.covers(self.task_code) else b""
        applied = bool(index) and index == self.applicant_index
        joined = bool(index) and index in self.joined
        return Relation(parts=parts, applied=applied, joined=joined)

    def require_visible(self, actor: Actor) -> None:
        """NotFound unless the actor has anything to do with the case: it does not exist for them."""
        relation = self.relation(actor)
        if not (relation.parts or relation.applied or relation.joined):
            raise NotFound(what="这个办件")


_rules_kept: dict[str, Rules] = {}


def rules_cached(task_code: str, version: int) -> Rules:
    """What an item version says about the procedure; its content never changes."""
    found = item_cached(task_code, version)
    if found.digest not in _rules_kept:
        if len(_rules_kept) >= KEPT:
            _rules_kept.pop(next(iter(_rules_kept)), None)
        _rules_kept[found.digest] = rules_of(found.item, found.content)
    return _rules_kept[found.digest]


def subject(case_id: UUID) -> str:
    """What the ledger, the vault and the exchange call a case."""
    return f"case:{case_id}"


def read(case_id: UUID, *, serial: str = "", notice: bool = False) -> Held:
    """The case for an act; with serials drawn in the same breath when the move gives numbers. NotFound."""
    return _held(_fetch(READS[serial, notice], case_id))


def read_with(number_or_id: str, more: Sequence[str]) -> tuple[Held, tuple[Any, ...]]:
    """The case that a receipt number, a project number or an id opens, with more columns of it. One SELECT."""
    try:
        key: UUID | str = UUID(number_or_id)
        which = "%s"
    except ValueError:
        key, which = number_or_id, BY_NUMBER
        if not number_or_id.isprintable():
            raise NotFound(what="这个办件") from None  # no number has such signs, and no query may hold them
    columns = "".join(f", ({column})" for column in more)
    row = _fetch(READ.format(serial=SERIALS[""] + NOTICES[False], more=columns, which=which), key)
    width = len(row) - len(more)
    return _held(row[:width]), row[width:]


def _fetch(sql: str, key: UUID | str) -> tuple[Any, ...]:
    row = reading.row(sql, [key])
    if row is None:
        raise NotFound(what="这个办件")
    return row


def _held(row: tuple[Any, ...]) -> Held:
    (case_id, receipt_no, project_no, task_code, item_version, item_name, mode, delivery, state, revision) = row[:10]
    (index, name, length, digest, holder, offered_to, sealed, licence, file_digest) = row[10:19]
    (wrapped, tip_length, tip_head, parties, sent, asked, materials, running, papers, went, epoch, joined) = row[19:31]
    serial, notice = row[31:]
    if wrapped is None:
        raise KeyDestroyed()
    return Held(
        id=case_id,
        receipt_no=receipt_no,
        project_no=project_no,
        task_code=task_code,
        item_version=item_version,
        item_name=item_name,
        mode=Mode(mode),
        delivery=Delivery(delivery),
        state=known(state),
        state_word=state,
        revision=revision,
        applicant_index=bytes(index),
        applicant_name=name,
        head=Head(length=length, digest=digest, holding=Holding(holder=holder, offered_to=offered_to)),
        sealed=bytes(sealed),
        licence_number=licence,
        file_digest=file_digest,
        key=keys.unwrap(wrapped),
        tip=START if tip_length is None else Tip(length=tip_length, head=tip_head),
        parties=tuple(party(given) for given in parties),
        sent=sent or {},
        asked=tuple((UUID(each["id"]), each["move"]) for each in asked or ()),
        materials=len(materials or ()),
        given=frozenset(materials or ()),
        epoch=epoch or 1,
        clocks={kind: timing.clock(words) for kind, words in (running or {}).items()},
        due={kind: words["due_at"] and timing.instant(words["due_at"]) for kind, words in (running or {}).items()},
        days=_days(running or {}),
        papers=tuple(Paper(*told) for told in papers or ()),
        progress=progress(went) if went else BEGINNING,
        joined=tuple(bytes(index) for index in joined or ()),
        serial=serial,
        notice=notice,
    )


def _days(running: Mapping[str, Mapping[str, Any]]) -> dict[date, tuple[str, str]]:
    told = (day for words in running.values() for day in words.get("days", {}).items())
    return {date.fromisoformat(day): (kind, name) for day, (kind, name) in told}


def party(given: Mapping[str, Any]) -> Party:
    """A party as it was stored or sent."""
    return Party(
        number=int(given["number"]),
        part=Part(given["part"]),
        organization=str(given["organization"]),
        organization_name=str(given["organization_name"]),
        region=str(given["region"]),
        region_name=str(given["region_name"]),
        node=str(given["node"]),
        phone=str(given["phone"]),
    )
