# SPDX-License-Identifier: Apache-2.0
"""A case as its pages show it: values in words, nothing to compute."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tongban.cases.transitions import Need
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
    due_on: date
    days_left: int
    stopped_at: datetime | None
    lines: tuple[str, ...]
    law: str


@dataclass(frozen=True)
class MoveView:
    """A move as a form."""

    name: str
    label: str
    needs: tuple[Need, ...]
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
    requests: tuple[RequestView, ...]
    custody: CustodyView
    licence: LicenceView | None
    notices: tuple[NoticeView, ...]
    next_step: str
    submitted_at: datetime
    moving: bool  # something is under way that a person may wait for in front of the page
    waits_for: str | None  # code of a node that the case waits for
