# SPDX-License-Identifier: Apache-2.0
"""All that the procedure must know of a case to judge its next move, and how each move changes it. Pure.

A situation follows from the lines of a case's chain alone, so it is the same at every node that holds them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from tongban.cases import clocks
from tongban.cases.clocks import Clock, Standing
from tongban.cases.promises import COMMITMENT
from tongban.cases.rules import Rules
from tongban.cases.states import ENDED, Delivery, Mode, Originals, Part, State
from tongban.standards.opening import Hours

# Who has an original, beside the parties by their numbers.
COURIER = 0  # on its way to the organ
APPLICANT = -1  # back with whoever gave it
TO_WINDOW, TO_APPLICANT = -2, -3  # on its way back
UNDERWAY = frozenset({COURIER, TO_WINDOW, TO_APPLICANT})


@dataclass(frozen=True)
class Paper:
    """One paper original, and the number of the party that has it; its place in the case is its own number."""

    name: str
    holder: int
    parcel_no: str = ""


@dataclass(frozen=True)
class Problem:
    """Something went wrong, and whose it is to put right: the first receiver's until the other takes it."""

    kind: str
    owner: Part
    offered: bool = False  # to the other side
    settled: bool = False


LISTS = ("promised", "awaited", "supplied", "fields", "materials", "charges", "spared")
APART = ("signed", "problems", *LISTS)
AFTERWARDS = frozenset({"due", "ordered", "reported"})  # how a verification stands that is not over


@dataclass(frozen=True)
class Progress:
    """What the lines of a case have brought about beside state, clocks and papers."""

    signed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # by step of examination: pseudonyms
    problems: tuple[Problem, ...] = ()
    assignee: str = ""  # pseudonym of the member of staff whose case it is; empty: anybody's at that desk
    proposed_by: str = ""  # who proposed an extension that nobody has approved yet
    extended: bool = False
    told: bool = False  # that the application must be corrected
    fields: tuple[str, ...] = ()  # names of those in the form that are to be corrected
    materials: tuple[str, ...] = ()  # codes of those that are to be handed in anew
    narrowed: bool = False  # fields or materials were named: nothing else is open to be corrected
    reviewed: bool = False  # before the originals travelled
    urged_at: str = ""  # UTC instant
    archived: bool = False
    hearing: str = ""  # offered, requested or held
    promised: tuple[str, ...] = ()  # kinds of promise that the applicant made and has not taken back
    credit: str = ""  # clear or serious, as it was looked up last
    awaited: tuple[str, ...] = ()  # codes of materials that are to be handed in later
    supplied: tuple[str, ...] = ()  # those that were
    stalled: bool = False  # the promised limit stands still because they did not come in time
    verification: str = ""  # of what was decided on a promise: due, ordered, reported, kept or false
    fee: str = ""  # asked, paid or waived
    charges: tuple[str, ...] = ()  # numbers of the item's lines that are asked for and not let off
    spared: tuple[str, ...] = ()  # those that are let off

    def plain(self) -> dict[str, Any]:
        """As it is kept; what is not said is left out."""
        words = {name: value for name, value in vars(self).items() if value and name not in APART}
        words |= {name: list(getattr(self, name)) for name in LISTS if getattr(self, name)}
        if self.signed:
            words["signed"] = {step: list(people) for step, people in self.signed.items()}
        if self.problems:
            words["problems"] = [vars(problem) | {"owner": str(problem.owner)} for problem in self.problems]
        return words


BEGINNING = Progress()


def progress(kept: Mapping[str, Any]) -> Progress:
    """What was kept, read back."""
    words = dict(kept)
    signed = {step: tuple(people) for step, people in words.pop("signed", {}).items()}
    problems = tuple(Problem(**{**one, "owner": Part(one["owner"])}) for one in words.pop("problems", ()))
    words |= {name: tuple(words.get(name, ())) for name in LISTS}
    return Progress(signed=signed, problems=problems, **words)


@dataclass(frozen=True, kw_only=True)
class Situation:
    """A case as the procedure sees it at one instant."""

    state: State
    mode: Mode
    way: Delivery = Delivery.NET
    rules: Rules
    hours: Hours
    at: datetime
    clocks: Mapping[str, Clock] = field(default_factory=dict)  # by kind
    papers: tuple[Paper, ...] = ()
    progress: Progress = BEGINNING
    handling: int = 2  # number of the party that decides
    intake: int = 1
    entrusted: frozenset[str] = frozenset()  # what an agreement lets the window do in the organ's name (异地受理)
    lacking: tuple[str, ...] = ()  # codes of materials asked of this applicant that may come later and have not come

    @cached_property
    def open_steps(self) -> tuple[str, ...]:
        """Codes of the steps of examination that can be signed now."""
        return self.rules.open_steps(self.progress.signed)

    @property
    def awaits_originals(self) -> bool:
        """Whether an original that the item asks for on paper has not reached the organization that decides."""
        return any(p.holder != self.handling for p in self.papers if p.name in self.rules.on_paper)

    def is_running(self, kind: str) -> bool:
        """Whether this clock has begun and not ended; a paused one runs in this sense."""
        return kind in self.clocks and self.clocks[kind].ended_at is None

    def is_overdue(self, kind: str) -> bool:
        """Whether this clock has run out."""
        return self.is_running(kind) and clocks.state(self.clocks[kind], self.at, self.hours) is Standing.OVERDUE

    @property
    def unsecured(self) -> tuple[str, ...]:
        """What lacks, and is covered by no commitment of the applicant's."""
        covered = self.rules.covered if COMMITMENT in self.progress.promised else frozenset()
        return tuple(code for code in self.lacking if code not in covered)

    @property
    def to_come(self) -> tuple[str, ...]:
        """What can be handed in: that which is awaited, and whatever else lacks."""
        rest = (code for code in self.lacking if code not in self.progress.awaited)
        return (*self.progress.awaited, *rest)

    @property
    def open_problems(self) -> tuple[int, ...]:
        """The numbers of those that nobody has settled; they outlive the decision, as whatever was lost still is."""
        return tuple(n for n, each in enumerate(self.progress.problems, start=1) if not each.settled)

    @property
    def loose_papers(self) -> tuple[Paper, ...]:
        """Originals that are neither with the organ, whose file they belong to, nor back with the applicant."""
        return tuple(each for each in self.papers if each.holder not in (self.handling, APPLICANT))

    @property
    def is_over(self) -> bool:
        """Whether nobody has anything to do any more: no promise to verify, no problem, no paper to give back."""
        is_verified = self.progress.verification not in AFTERWARDS
        return self.state in ENDED and is_verified and not self.open_problems and not self.loose_papers

    def examiners(self) -> frozenset[str]:
        """Everybody who has signed a step."""
        return frozenset(person for people in self.progress.signed.values() for person in people)


def papers_after(
    papers: tuple[Paper, ...], originals: Originals, stated: Mapping[str, str], *, intake: int, handling: int
) -> tuple[Paper, ...]:
    """Who has the papers once a move was made. ValueError or KeyError for a paper that there is not."""
    parcel_no = stated.get("parcel_no", "")
    if originals is Originals.STAY:
        return papers
    if originals is Originals.LEAVE:
        return _given(papers, {intake}, COURIER, parcel_no)
    if originals is Originals.ARRIVE:
        sent = any(paper.holder == COURIER for paper in papers)
        return _given(papers, {COURIER if sent else intake}, handling)
    if originals is Originals.POST:
        return _given(papers, {handling}, TO_APPLICANT, parcel_no)
    if originals is Originals.RECEIVED:
        return _given(papers, {TO_APPLICANT}, APPLICANT)
    named = numbers_in(stated["papers"])
    if not named <= {*range(1, len(papers) + 1)}:
        raise ValueError("no such paper")
    if originals is Originals.SEND_BACK:
        holder = TO_WINDOW if stated["to"] == "window" else TO_APPLICANT
    else:
        holder, parcel_no = (intake if originals is Originals.TO_WINDOW else APPLICANT), ""
    return tuple(
        replace(paper, holder=holder, parcel_no=parcel_no) if number in named else paper
        for number, paper in enumerate(papers, start=1)
    )


def numbers_in(told: str) -> set[int]:
    """Numbers with commas between."""
    return {int(number) for number in told.split(",")}


def _given(papers: tuple[Paper, ...], by: set[int], to: int, parcel_no: str = "") -> tuple[Paper, ...]:
    return tuple(replace(each, holder=to, parcel_no=parcel_no) if each.holder in by else each for each in papers)
