# SPDX-License-Identifier: Apache-2.0
"""A case as its pages show it: values in words, nothing to compute."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

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
    standing: str  # running, due_soon, overdue, paused, ended_in_time, ended_late
    left: str  # in words
    due_on: date | None  # None while it is paused
    ended_at: datetime | None
    lines: tuple[str, ...]
    law: str


@dataclass(frozen=True)
class ProblemView:
    """Something that went wrong, and who puts it right."""

    number: int
    kind: str
    owner_name: str
    state: str  # open, offered, settled
    sentence: str


@dataclass(frozen=True)
class NeedView:
    """A field of a move's form; a choice has options."""

    name: str
    label: str
    kind: str  # text, textarea or choice
    most: int  # characters
    internal: bool  # stays inside the organization
    help: str
    options: tuple[tuple[str, str], ...]  # value and words


@dataclass(frozen=True)
class MoveView:
    """A move as a form."""

    name: str
    label: str
    needs: tuple[NeedView, ...]
    asked: bool  # the page says that another place must confirm
    primary: bool
    files: bool  # the form takes files


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


@dataclass(frozen=True)
class FileView:
    """A file to hand over."""

    filename: str
    media_type: str
    size: int | None
    chunks: Iterator[bytes]


@dataclass(frozen=True)
class NoticeView:
    """A 文书 given at a step of the case."""

    id: UUID
    number: str
    name: str
    state: str  # pending, ready, failed
    sentence: str


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
    id_masked: str
    phone_masked: str
    answers: tuple[tuple[str, str], ...]
    form: tuple[tuple[str, str], ...]
    materials: tuple[MaterialView, ...]
    originals: tuple[OriginalView, ...]
    delivery: str
    parties: tuple[PartyView, ...]
    timeline: tuple[TimelineEntry, ...]  # newest first
    clocks: tuple[ClockView, ...]
    due_on: date | None
    days_left: int | None
    moves: tuple[MoveView, ...]
    problems: tuple[ProblemView, ...]
    requests: tuple[RequestView, ...]
    custody: CustodyView
    licence: LicenceView | None
    notices: tuple[NoticeView, ...]
    next_step: str
    submitted_at: datetime
    moving: bool  # something is under way that a person may wait for in front of the page
    waits_for: str | None  # code of a node that the case waits for
