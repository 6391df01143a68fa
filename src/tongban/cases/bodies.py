# SPDX-License-Identifier: Apache-2.0
"""The shapes of what crosses the border for a case: what a reader needs. What a newer node adds is left aside. Pure."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from tongban.cases.clocks import MOST, MOST_EVENTS, Nature, Unit
from tongban.cases.states import Delivery, Mode, Part

Uuid = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+:[0-9a-f]{64}\Z")]
Hex = Annotated[str, msgspec.Meta(pattern=r"^([0-9a-f]{2})*\Z")]
Node = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}\Z")]
Region = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{6}([0-9]{6})?\Z")]
Number = Annotated[int, msgspec.Meta(ge=1)]
Count = Annotated[int, msgspec.Meta(ge=0)]
Amount = Annotated[int, msgspec.Meta(ge=0, le=MOST)]
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=500)]


class ChainLine(msgspec.Struct, frozen=True):
    """One line of a case's chain: the text whose digest the next line names."""

    case: str
    number: Number
    move: str
    state: str
    holder: int
    offered_to: int | None
    at: str
    node: str
    actor: str
    facts: str
    internal: str
    previous: str
    table: int


class RegimeWords(msgspec.Struct, frozen=True):
    """A limit as the item or the law declares it (时限规则)."""

    kind: str
    amount: Amount
    unit: Unit
    law: str
    clause: str
    source: str
    nature: Nature
    label: str = ""


class PauseWords(msgspec.Struct, frozen=True):
    """Time that does not count (时限中止)."""

    clause: str
    basis: str
    since: str
    until: str | None
    stops: Literal["all", "promised"]


class ExtensionWords(msgspec.Struct, frozen=True):
    """Time added at the end (时限延长)."""

    amount: Amount
    unit: Unit
    law: str
    clause: str
    at: str


class ClockWords(msgspec.Struct, frozen=True):
    """A whole clock (时限) as it stands after the move that told of it."""

    regime: RegimeWords
    started_at: str
    pauses: Annotated[tuple[PauseWords, ...], msgspec.Meta(max_length=MOST_EVENTS)]
    extensions: Annotated[tuple[ExtensionWords, ...], msgspec.Meta(max_length=MOST_EVENTS)]
    ended_at: str | None
    soon_at: str | None
    due_at: str | None
    days: dict[str, tuple[str, str]] = {}


class FileWords(msgspec.Struct, frozen=True):
    """A file that is handed in for a material (申请材料); it is fetched by its digest."""

    requirement: Line
    filename: Line
    digest: Digest
    size: Count
    media_type: Line
    scanned: bool = False


class NoticeWords(msgspec.Struct, frozen=True):
    """A notice (文书) that is given with a move: its number and its exact words, which its sealed file shows too."""

    number: Line
    name: Line
    version: Number
    addressee: Line
    paragraphs: Annotated[tuple[str, ...], msgspec.Meta(max_length=200)]
    rows: Annotated[tuple[tuple[Line, str], ...], msgspec.Meta(max_length=50)]


class WayWords(msgspec.Struct, frozen=True):
    """One way that was tried to have a material without asking the applicant for it (材料从哪里来), and its outcome."""

    requirement: Line
    way: Line
    source: str
    at: Annotated[datetime, msgspec.Meta(tz=True)]
    outcome: Line
    digest: str = ""
    file: str = ""
    type: str = ""
    name: str = ""
    number: str = ""
    issuer: str = ""
    agreed_at: str = ""
    until: date | None = None
    as_of: str = ""


class Facts(msgspec.Struct, frozen=True):
    """What everybody in the case is told of a move; whatever else stands here is covered by the line's digest too."""

    stated: dict[str, str]
    clocks: tuple[ClockWords, ...] = ()
    due_on: str | None = None
    project_no: str = ""
    materials: tuple[FileWords, ...] = ()
    notice: NoticeWords | None = None
    ways: Annotated[tuple[WayWords, ...], msgspec.Meta(max_length=500)] = ()


class Event(msgspec.Struct, frozen=True):
    """A line as it travels: its exact text, the facts that it covers, and the salt (办件经过的一步)."""

    line: str
    digest: Digest
    facts: Facts
    salt: Hex


Events = Annotated[tuple[Event, ...], msgspec.Meta(min_length=1)]


class ItemNamed(msgspec.Struct, frozen=True):
    """The item version under which the application was made."""

    task_code: str
    version: Number
    digest: str


class PartyWords(msgspec.Struct, frozen=True):
    """An organization with a part in the case, and the node that speaks for it."""

    number: Number
    part: Part
    organization: Line
    organization_name: Line
    region: Region
    region_name: str
    node: Node
    phone: str


class AgentWords(msgspec.Struct, frozen=True):
    """Who acts for the applicant (代为办理的人); the intake node has seen the mandate."""

    name: Line
    id_type: Line
    id_number: Line
    role: Literal["representative", "agent", "helper", "guardian"]


class ApplicantWords(msgspec.Struct, frozen=True):
    """Who applies (申请人), from their verified sign-in."""

    name: Line
    id_type: Line
    id_number: Line
    phone: str
    home_region: str
    level: str
    agent: AgentWords | None = None


class SignerWords(msgspec.Struct, frozen=True):
    """Somebody who joined the application, and when this person confirmed."""

    number: Number
    role: Literal["co_applicant", "legal_representative", "guardian", "agent"]
    name: Line
    id_type: Line
    id_number: Line
    at: str


class Opened(msgspec.Struct, frozen=True):
    """The body of `case.opened`."""

    case: Uuid
    receipt_no: Line
    mode: Mode
    delivery: Delivery
    item: ItemNamed
    parties: Annotated[tuple[PartyWords, ...], msgspec.Meta(min_length=2)]
    applicant: ApplicantWords
    answers: dict[str, str]
    form: dict[str, str]
    materials: tuple[FileWords, ...]
    events: Events
    signers: tuple[SignerWords, ...] = ()


class Moved(msgspec.Struct, frozen=True):
    """The body of `case.moved`."""

    case: Uuid
    events: Events


class Noticed(msgspec.Struct, frozen=True):
    """The body of `case.noticed`: the sealed file of a notice is made."""

    case: Uuid
    number: Line
    file: Digest
    size: Count


class Asker(msgspec.Struct, frozen=True):
    """Who asks; the asking node vouches for this person."""

    id: Uuid
    role: str
    organization: str
    mandate: Annotated[str, msgspec.Meta(pattern=r"^([a-z_]+:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})?\Z")] = ""


class Requested(msgspec.Struct, frozen=True):
    """The body of `case.requested`."""

    case: Uuid
    request: Uuid
    move: Line
    stated: dict[str, str]
    actor: Asker
    materials: tuple[FileWords, ...]
    notice: NoticeWords | None = None


class Answered(msgspec.Struct, frozen=True):
    """The body of `case.answered`."""

    case: Uuid
    request: Uuid
    code: Line
    sentence: str
