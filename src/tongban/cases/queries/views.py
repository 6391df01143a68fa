# SPDX-License-Identifier: Apache-2.0
"""A case as its pages show it: values in words, nothing to compute."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tongban.cases.queries.fields import FieldView
from tongban.catalogue.content import ItemContent


@dataclass(frozen=True)
class PartyView:
    role: str
    role_name: str
    organization_name: str
    region_name: str
    node_name: str
    phone: str


@dataclass(frozen=True)
class MaterialView:
    number: int
    name: str
    filename: str
    media_type: str
    size: int
    here: bool  # whether the file has arrived at this node
    level: str = ""  # 可信等级: A to D
    mark: str = ""  # its watermark, in words
    former: bool = False  # a correction has put another in its place
    scanned: bool = False  # for malware where it was handed in, and nothing was found


@dataclass(frozen=True)
class TriedView:
    """One way that was tried for a material, and what it brought."""

    material: str
    way_name: str
    is_met: bool
    source: str  # the node that was asked
    name: str  # of what was brought
    number: str
    issuer: str
    at: datetime
    until: date | None  # the last day on which its holder lets it be used
    standing: str  # of a licence that counts no more, in a word


@dataclass(frozen=True)
class OriginalView:
    """A paper original and who has it."""

    number: int
    name: str
    holder_name: str
    parcel_no: str
    since: datetime


@dataclass(frozen=True)
class TimelineEntry:
    """One step; a hop is one at which the case crossed to another node."""

    number: int
    at: datetime
    title: str
    by: str
    place: str
    node_name: str
    hop: bool
    details: tuple[tuple[str, str], ...]
    disputed: bool


@dataclass(frozen=True)
class ClockView:
    name: str
    kind: str
    nature: str  # whose limit it is: statutory and promised the organ's, applicant, transit
    standing: str  # running, due_soon, overdue, paused, ended_in_time, ended_late
    left: str  # in words
    due_on: date | None  # None while it is paused
    pause: str  # why it stands still and by which clause; empty while it runs
    ended_at: datetime | None
    lines: tuple[str, ...]
    law: str


@dataclass(frozen=True)
class StepView:
    """A step of the examination: who signed it and when, or that somebody can, or what it waits for."""

    name: str
    state: str  # signed, open, waiting
    signed: tuple[tuple[str, datetime], ...]  # who, when
    persons: int  # how many different people sign it
    after: tuple[str, ...]  # names of the steps that it waits for
    due_on: date | None
    left: str  # in words, empty where it has no limit of its own
    standing: str


@dataclass(frozen=True)
class CorrectionView:
    """What the applicant was told to correct, until when, and what happens otherwise."""

    what: str
    due_on: date | None
    left: str
    standing: str
    consequence: str
    wrong: tuple[str, ...] = ()  # codes of the materials that it is about
    fields: tuple[tuple[FieldView, str], ...] = ()  # of the form, and what is wrong with each

    @property
    def is_open(self) -> bool:
        """Whether it names nothing in particular, so that whatever was asked for may be handed in."""
        return not (self.wrong or self.fields)


@dataclass(frozen=True)
class ChangeView:
    """What a correction changed: fields with what stood there, and materials with what was there for each."""

    at: datetime
    title: str
    fields: tuple[tuple[str, str, str], ...]  # label, before, now
    files: tuple[tuple[str, tuple[MaterialView, ...], tuple[MaterialView, ...]], ...]  # name, before, new


@dataclass(frozen=True)
class PromiseView:
    """A promise in writing: one that can be made now, or one that was made, with its exact words."""

    kind: str  # supplement, commitment
    name: str
    words: tuple[str, ...]  # paragraphs
    made_at: datetime | None  # None: it can be made
    by: str  # where it was confirmed
    may_be_withdrawn: bool


@dataclass(frozen=True)
class LaterView:
    """Materials that may come later and are not there yet."""

    materials: tuple[tuple[str, str], ...]  # code and name
    awaited: bool  # the case was accepted without them
    due_on: date | None
    left: str
    standing: str
    stalled: bool  # the promised limit stands still because of them
    consequence: str
    returned: str  # why what had been handed in was sent back


@dataclass(frozen=True)
class FeeView:
    """What the case costs: how much, to whom and how, until when, what follows otherwise."""

    stands: str  # asked, paid, waived, over: the case ended before it was paid
    amount: int  # fen, of what was not let off; none once it is over
    lines: tuple[tuple[str, int, str], ...]  # name, fen, basis
    spared: tuple[str, ...]  # names of what was let off
    basis: str
    payee: str
    how: str
    due_on: date | None
    left: str
    standing: str
    consequence: str
    bill: str  # the number under which it was paid


@dataclass(frozen=True)
class VerificationView:
    """How the verification stands of what was decided on a promise."""

    phase: str  # due, ordered, reported, kept, false
    sentence: str
    what: str  # what is to be put right
    due_on: date | None
    left: str
    standing: str
    consequence: str


@dataclass(frozen=True)
class ProblemView:
    """Something that went wrong, and who puts it right."""

    number: int
    kind: str
    owner_name: str
    state: str  # open, offered, settled
    sentence: str
    about: str  # what was said of it last
    raised_at: datetime


@dataclass(frozen=True)
class NeedView:
    """A field of a move's form; a choice has options."""

    name: str
    label: str
    kind: str  # text, textarea, choice or colleague
    most: int  # characters
    internal: bool  # stays inside the organization
    help: str
    options: tuple[tuple[str, str], ...]  # value and words
    optional: bool = False


@dataclass(frozen=True)
class MoveView:
    """A move as a form."""

    name: str
    label: str
    needs: tuple[NeedView, ...]
    asked: bool  # the page says that another place must confirm
    primary: bool  # the straight way on; those come first
    group: str  # under which heading the others stand
    against: bool  # ends the case without what was applied for
    files: bool  # the form takes files
    notice: str = ""  # the 文书 that it gives, which can be read before


@dataclass(frozen=True)
class RequestView:
    id: UUID
    label: str
    state: str
    at: datetime
    sentence: str


@dataclass(frozen=True)
class CustodyView:
    holder_name: str
    holder_node: str
    state: str  # held, offered
    sentence: str


@dataclass(frozen=True)
class LicenceView:
    number: str
    name: str
    state: str  # pending, ready, failed, elsewhere
    size: int | None
    sentence: str
    has_ofd: bool = False


@dataclass(frozen=True)
class FileView:
    """A file to hand over."""

    filename: str
    media_type: str
    size: int | None
    chunks: Iterator[bytes]


@dataclass(frozen=True)
class NoticeWords:
    """What a 文书 says, word for word as its PDF."""

    addressee: str
    paragraphs: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class NoticeView:
    """A 文书 given at a step of the case."""

    key: str  # in its address: the number of the line that gave it
    number: str
    name: str
    state: str  # of its file: pending, ready, failed, or elsewhere until it arrives
    sentence: str
    office: str
    at: datetime
    words: NoticeWords | None = None
    to_applicant: bool = True


@dataclass(frozen=True)
class JoinedView:
    """Somebody who confirmed the application beside the applicant."""

    role_name: str
    name: str
    confirmed_at: datetime | None


@dataclass(frozen=True)
class BesideView:
    """Another open case of the same person and item; without words where this node does not have it."""

    receipt_no: str
    words: str


@dataclass(frozen=True)
class SupersededView:
    """The version that was asked for was not in force any more; what has to be looked at again."""

    asked: int
    current: int | None
    changed: tuple[str, ...]


@dataclass(frozen=True)
class CasePage:
    id: UUID
    receipt_no: str
    project_no: str | None
    item_name: str
    item: ItemContent
    mode: str
    state: str
    state_name: str
    ended: bool
    applicant_name: str
    is_company: bool  # the applicant is a legal person
    acted_by: str  # who acts for the applicant, and as what; empty where nobody does
    level: str  # how surely the applicant was known when the case was opened, in words
    id_masked: str
    phone_masked: str
    answers: tuple[tuple[str, str], ...]
    form: tuple[tuple[str, str], ...]
    materials: tuple[MaterialView, ...]
    tried: tuple[TriedView, ...]  # how the system had them, or could not
    originals: tuple[OriginalView, ...]
    delivery: str
    parties: tuple[PartyView, ...]
    timeline: tuple[TimelineEntry, ...]  # newest first
    clocks: tuple[ClockView, ...]  # what matters most first
    forecast: str  # what is to be expected, from the item's own history; empty where that is too short
    steps: tuple[StepView, ...]  # of the examination, once it has begun
    correction: CorrectionView | None  # while one is awaited
    changes: tuple[ChangeView, ...]  # what was handed in since the application, newest first
    outcome: TimelineEntry | None  # the line that says why the case stands where it does, if that needs a reason
    extended: TimelineEntry | None  # the line that put the limit off
    remedy: str  # what can be done against an outcome
    special: str  # the special procedure that is under way
    assignee: str  # who of the office has it, for the office itself
    due_on: date | None
    days_left: int | None
    moves: tuple[MoveView, ...]
    hindrances: tuple[str, ...]  # why the next move is another person's
    problems: tuple[ProblemView, ...]
    promises: tuple[PromiseView, ...]
    later: LaterView | None
    credit: str  # what was found in which register, in a sentence
    verification: VerificationView | None
    fee: FeeView | None  # once somebody is asked for it, or it is let off
    requests: tuple[RequestView, ...]
    custody: CustodyView
    licence: LicenceView | None
    notices: tuple[NoticeView, ...]
    next_step: str
    submitted_at: datetime
    moving: bool  # something is under way that a person may wait for in front of the page
    waits_for: str | None  # code of a node that the case waits for
    joined: tuple[JoinedView, ...]  # who confirmed beside the applicant
    is_own: bool  # whether whoever looks applied for it; who joined sees no files of others
    beside: tuple[BesideView, ...]  # for the applicant and the office that decides
    superseded: SupersededView | None
