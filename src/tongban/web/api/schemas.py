# SPDX-License-Identifier: Apache-2.0
"""What programs send and receive, as typed structures; OpenAPI's schemas are made from them."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

import msgspec

from tongban.cases.actions import Assigned, Preview, Shown, Submitted
from tongban.cases.actions.arriving import PART, Coming
from tongban.cases.queries import (
    CasePage,
    CaseRow,
    ConfirmationPage,
    DraftPage,
    DraftRow,
    Evidence,
    FeeView,
    NoticeView,
    Worklist,
)
from tongban.cases.queries.drafts import Lack, RequirementView, SignerView
from tongban.cases.queries.fields import SectionView, covered
from tongban.cases.queries.repeats import Other
from tongban.cases.tables.columns import Table
from tongban.catalogue.content import CoApplicants, ItemContent, Question
from tongban.catalogue.filling import COVERED
from tongban.catalogue.lists.agreement import Agreement
from tongban.catalogue.lists.content import TongbanList
from tongban.identity.queries import VerificationView
from tongban.licences.types.content import TypeContent
from tongban.reminders.models import Reminder
from tongban.reminders.queries import Chosen, MessageView
from tongban.standards.identifiers import mask_id, mask_name, mask_phone
from tongban.vault.files import PIECE
from tongban.web.guides import Guide
from tongban.windows.queries import CheckView, IntakePage, IntakeRow

MOST_VERSIONS = 2**31 - 1  # what the column holds
MOST_BYTES = 2**53 - 1  # that JSON tells exactly everywhere
MOST_FEN = 2**53 - 1  # the largest whole number that every reader of JSON has exactly


class NewFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A material's file in the body itself, base64; larger ones go through the portal."""

    requirement: str
    filename: str
    content: bytes


class NewCase(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An application; answers and form as the item version asks for them.

    `again` says why one more is wanted, after a refusal with `applied_before`.
    """

    task_code: str
    version: Annotated[int, msgspec.Meta(ge=1, le=MOST_VERSIONS)]
    answers: dict[str, str] = {}
    form: dict[str, str] = {}
    materials: list[NewFile] = []
    again: Annotated[str, msgspec.Meta(max_length=300)] = ""


class MoveFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the move must state; the names are those of the case's `moves`. Files where the move takes any."""

    facts: dict[str, str] = {}
    materials: list[NewFile] = []


class Taken(msgspec.Struct, frozen=True):
    """The case that was made, or that the same key had made before."""

    case_id: UUID
    receipt_no: str
    is_new: bool


class Moved(msgspec.Struct, frozen=True):
    """Whether the move is already real, or asked of the place that holds the case."""

    real: bool


class MyCases(msgspec.Struct, frozen=True):
    """A person's own cases, and those they confirmed beside somebody."""

    cases: list[CaseRow]


class Charged(msgspec.Struct, frozen=True):
    """One line of what a case costs, in fen."""

    name: str
    fen: int
    basis: str


class Due(msgspec.Struct, frozen=True):
    """The fee of a case; the sum is that of what was not let off, and 0 once nobody owes it any more."""

    stands: str  # asked, paid, waived; over: the case ended unpaid; empty: nobody is asked for anything
    fen: int
    lines: tuple[Charged, ...]
    payee: str
    due_on: date | None
    bill: str  # the number under which it was paid

    @classmethod
    def of(cls, view: FeeView | None) -> Self:
        """As the case has it."""
        if view is None:
            return cls("", 0, (), "", None, "")
        lines = tuple(Charged(*line) for line in view.lines)
        return cls(view.stands, view.amount, lines, view.payee, view.due_on, view.bill)


class Paid(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A sum that came in, and the payment code or number of the electronic receipt under which it did."""

    fen: Annotated[int, msgspec.Meta(ge=0, le=MOST_FEN)]
    bill: Annotated[str, msgspec.Meta(min_length=1, max_length=50)]


class Assignment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Cases for one colleague; who may be named stands in the options of the move `assign`."""

    cases: Annotated[list[UUID], msgspec.Meta(max_length=100)]
    assignee: str
    why: str


class NewDraft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """For which item."""

    task_code: str


class DraftChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Answers by question and values by field."""

    answers: dict[str, str] = {}
    form: dict[str, str] = {}


class NewUpload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that is to come in parts: for which requirement, what it is called, how many bytes it has."""

    requirement: str
    filename: str
    size: Annotated[int, msgspec.Meta(ge=1, le=MOST_BYTES)]


class UploadTold(msgspec.Struct, frozen=True):
    """A file on its way. The next part begins at `offset`.

    A part has at most `part` bytes, and whole multiples of `piece` unless it is the last. Once `complete` the file is
    among those of the draft, and there is no such upload any more.
    """

    id: UUID
    requirement: str
    filename: str
    size: int
    offset: int
    until: date
    part: int = PART
    piece: int = PIECE
    complete: bool = False

    @classmethod
    def of(cls, coming: Coming) -> Self:
        """As it stands."""
        return cls(**vars(coming))


class Uploads(msgspec.Struct, frozen=True):
    """Files on their way to one draft, the newest first."""

    uploads: list[UploadTold]


class NewSigner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody who is to confirm."""

    role: str
    name: str
    id_number: str


class Submission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`seen` is the digest of the draft that was checked; `again` as for a new case."""

    seen: str = ""
    again: Annotated[str, msgspec.Meta(max_length=300)] = ""


class DraftTold(msgspec.Struct, frozen=True):
    """An application that is being filled in."""

    id: UUID
    task_code: str
    version: int
    item_name: str
    answers: dict[str, str]
    next_question: Question | None
    stopped: str | None
    conditions: tuple[str, ...]
    sections: tuple[SectionView, ...]
    requirements: tuple[RequirementView, ...]
    wanted: CoApplicants | None
    signers: tuple[SignerView, ...]
    missing: tuple[Lack, ...]
    submitted: str | None  # receipt number
    updated_at: datetime
    digest: str
    others: tuple[Other, ...]
    may_again: bool

    @classmethod
    def of(cls, page: DraftPage) -> Self:
        """As the page has it."""
        item = page.item
        own = {"task_code": item.task_code, "version": item.version, "item_name": item.name}
        return cls(**_alike(cls, page, own))


class Drafts(msgspec.Struct, frozen=True):
    """Drafts of one's own and of others who wait for one's word."""

    drafts: list[DraftRow]


class ConfirmationWord(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The digest of what is confirmed, or the reason why it is not."""

    seen: str = ""
    reason: Annotated[str, msgspec.Meta(max_length=300)] = ""


class ConfirmationTold(msgspec.Struct, frozen=True):
    """What somebody confirms beside the applicant."""

    id: UUID
    item_name: str
    region_name: str
    by: str
    role_name: str
    confirms: str
    name: str
    answered: tuple[tuple[str, str], ...]
    form: tuple[tuple[str, str], ...]
    files: tuple[tuple[str, int], ...]
    others: tuple[tuple[str, str], ...]
    standing: str
    answered_at: datetime | None
    complete: bool
    digest: str
    submitted: str | None

    @classmethod
    def of(cls, page: ConfirmationPage) -> Self:
        """As the page has it."""
        own = {"item_name": page.item.name}
        return cls(**_alike(cls, page, own))


class IntakeApplicant(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who stands at the window."""

    name: str
    id_number: str
    phone: str
    id_type: str = "resident_id"
    method: str = "typed"


class IntakeSigner(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody beside the applicant, and whether they signed before the clerk."""

    role: str
    name: str
    id_number: str
    signed: bool = False


class MaterialCheck(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The clerk's finding about one material."""

    verdict: Literal["good", "lacking"]
    note: str = ""
    original: bool = False


class Way(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How the result comes back, and the parcel in which originals travel."""

    way: str
    address: str = ""
    parcel_no: str = ""


class IntakeChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Any of the steps of an intake."""

    applicant: IntakeApplicant | None = None
    verified_by_hand: str = ""  # the clerk's note where the source is silent
    task_code: str = ""
    answers: dict[str, str] = {}
    form: dict[str, str] = {}
    signers: list[IntakeSigner] | None = None
    checks: dict[str, MaterialCheck] = {}
    delivery: Way | None = None


COVERS: Mapping[str, Callable[[str], str]] = {"name": mask_name, "id_number": mask_id, "phone": mask_phone}


class IntakeTold(msgspec.Struct, frozen=True):
    """What is under way at a window. Values that tell of a person are covered; send back only what changes."""

    id: UUID
    state: str
    applicant: dict[str, str]
    verification: VerificationView | None
    task_code: str
    version: int | None
    item_name: str
    answers: dict[str, str]
    next_question: Question | None
    stopped: str | None
    conditions: tuple[str, ...]
    sections: tuple[SectionView, ...]
    requirements: tuple[CheckView, ...]
    wanted: CoApplicants | None
    signers: tuple[dict[str, Any], ...]
    delivery: str
    address: str
    parcel_no: str
    missing: tuple[Lack, ...]
    receipt_no: str
    notice_number: str

    @classmethod
    def of(cls, page: IntakePage) -> Self:
        """As the page has it, persons covered: whoever entered them knows them."""
        item = page.item
        own: dict[str, Any] = {"task_code": "", "version": None, "item_name": ""}
        own |= {"applicant": _covered(page.applicant), "signers": tuple(map(_covered, page.signers))}
        own |= {"address": COVERED if page.address else ""}
        if item is not None:
            own |= {"sections": covered(item.item, page.sections)}
            own |= {"task_code": item.task_code, "version": item.version, "item_name": item.name}
        return cls(**_alike(cls, page, own))


def _covered(who: Mapping[str, Any]) -> dict[str, Any]:
    return {name: COVERS[name](value) if name in COVERS else value for name, value in who.items()}


class Intakes(msgspec.Struct, frozen=True):
    """Intakes of the window."""

    intakes: list[IntakeRow]


class VerdictGiven(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """collect, complete or elsewhere; the note says what lacks, or where to go."""

    verdict: str
    note: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    again: Annotated[str, msgspec.Meta(max_length=300)] = ""


class Concluded(msgspec.Struct, frozen=True):
    """The case that was taken in, or the number of the notice that says why none was."""

    case: Submitted | None
    notice_number: str


class Messages(msgspec.Struct, frozen=True):
    """Messages, and how many are new."""

    messages: list[MessageView]
    unread: int


class Channels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a person hears beside the messages here."""

    sms: bool
    mail: bool
    address: Annotated[str, msgspec.Meta(max_length=250)] = ""

    @classmethod
    def of(cls, chosen: Chosen) -> Self:
        """As it is kept."""
        return cls(sms=chosen.sms, mail=chosen.mail, address=chosen.address)


class Again(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A reminder, as the list names it."""

    case_id: UUID
    event: str
    recipient: str
    channel: str


class StuckReminder(msgspec.Struct, frozen=True):
    """A text message or letter that did not go out, or perhaps did not."""

    case_id: UUID
    event: str
    recipient: str
    channel: str
    state: str
    title: str
    receipt_no: str
    at: datetime
    tries: int
    trouble: str

    @classmethod
    def of(cls, row: Reminder) -> Self:
        """As it is kept."""
        return cls(**_alike(cls, row, {}))


class Stuck(msgspec.Struct, frozen=True):
    """Reminders that wait for a person."""

    reminders: list[StuckReminder]


def _alike(kind: type[msgspec.Struct], page: Any, own: Mapping[str, Any]) -> dict[str, Any]:
    """What a page has under the same names, beside what is not its own word."""
    return dict(own) | {name: getattr(page, name) for name in kind.__struct_fields__ if name not in own}


class ItemRow(msgspec.Struct, frozen=True):
    """An item in a list."""

    task_code: str
    version: int
    name: str
    mode: str
    region_code: str
    publisher: str
    publisher_name: str
    digest: str


class Suggestions(msgspec.Struct, frozen=True):
    """Names of items that what is typed so far may lead to, best first."""

    names: list[str]


class Items(msgspec.Struct, frozen=True):
    """Items that were found."""

    items: list[ItemRow]


class Tables(msgspec.Struct, frozen=True):
    """Items in the columns of the exchange tables: by table the rows, by column the cells."""

    items: list[dict[str, list[dict[str, str]]]]
    next: str  # what to go on after; empty when this was the last page


class CaseTables(msgspec.Struct, frozen=True):
    """Accepted cases in the columns of the exchange tables: by table the rows, by column the cells."""

    cases: list[dict[Table, list[dict[str, str]]]]
    next: UUID | None  # what to go on after; null when this was the last page


class TypeVersion(msgspec.Struct, frozen=True):
    """A published version of a type of licence; the codes are those of its definer."""

    version: int
    effective_from: date | None
    content: TypeContent


class LicenceTypes(msgspec.Struct, frozen=True):
    """Types of licences, each in its newest version."""

    types: list[TypeVersion]


class TypeVersions(msgspec.Struct, frozen=True):
    """One type in all its versions, newest first."""

    versions: list[TypeVersion]


class RecognisedLine(msgspec.Struct, frozen=True):
    """A type from a region, accepted for a basic item; no item means every item, region 000000 every region."""

    type_code: str
    issuer_region: str
    item: str
    since: date
    until: date | None


class Recognised(msgspec.Struct, frozen=True):
    """The mutual recognition list of this node's region; version 0 before the first."""

    version: int
    lines: list[RecognisedLine]


class OwnLicence(msgspec.Struct, frozen=True):
    """A licence of the applicant, as it stands today."""

    id: UUID
    name: str
    number: str
    identifier: str  # GB/T 36904
    issuer: str
    issued_on: date
    valid_until: date | None
    standing: str
    edition: int
    has_file: bool


class OwnLicences(msgspec.Struct, frozen=True):
    """What one holds here."""

    licences: list[OwnLicence]


class StockFault(msgspec.Struct, frozen=True):
    """What is wrong in a file, and where; what stands in personal cells is never told."""

    sheet: str
    row: int  # 1 is the header, 0 the file as a whole
    column: str
    code: str
    says: str


class Stock(msgspec.Struct, frozen=True):
    """A file of existing certificates and how far it is."""

    id: UUID
    type: str
    stage: str
    new: int
    same: int
    errors: int
    faults: list[StockFault]
    sealed: int  # licences whose file is made
    digest: str  # over everything that was taken over


class Item(msgspec.Struct, frozen=True):
    """One published version with its content."""

    task_code: str
    version: int
    digest: str
    node: str
    status: str
    content: ItemContent


class ListRow(msgspec.Struct, frozen=True):
    """A version of a publisher's tongban list."""

    publisher: str
    publisher_name: str
    code: str
    version: int
    title: str
    scope: str
    region_code: str
    status: str
    reason: str
    digest: str
    node: str
    published_at: datetime
    fresh_until: datetime | None


class Lists(msgspec.Struct, frozen=True):
    """Lists that are known here."""

    lists: list[ListRow]


class EntryAct(msgspec.Struct, frozen=True):
    """One change of how an entry stands."""

    number: int
    status: str
    reason: str
    on_day: date
    at: datetime


class ListPlace(msgspec.Struct, frozen=True):
    """An implementation of an entry's matter."""

    task_code: str
    region_code: str


class ListEntry(msgspec.Struct, frozen=True):
    """How one entry stands; `code` is that of the list's content."""

    code: str
    status: str
    history: list[EntryAct]
    places: list[ListPlace]
    more_places: bool


class WholeList(msgspec.Struct, frozen=True):
    """A list with its content as it was digested."""

    head: ListRow
    content: TongbanList
    entries: list[ListEntry]


class AgreementRow(msgspec.Struct, frozen=True):
    """An agreement of two regions; `ends_on` is its last day once one of them has given notice."""

    id: UUID
    digest: str
    content: Agreement
    ends_on: date | None


class Agreements(msgspec.Struct, frozen=True):
    """What is in force."""

    agreements: list[AgreementRow]


class Problem(msgspec.Struct, frozen=True):
    """RFC 9457 problem details; `code` is stable, `title` is for people."""

    type: str
    title: str
    status: int
    code: str
    instance: str
    field: str | None = None
    facts: dict[str, str] | None = None


TOLD = (
    NewCase,
    MoveFacts,
    Moved,
    MyCases,
    Due,
    Paid,
    Assignment,
    Assigned,
    Preview,
    NoticeView,
    NewFile,
    NewUpload,
    UploadTold,
    Uploads,
    NewDraft,
    DraftChange,
    NewSigner,
    Submission,
    DraftTold,
    Drafts,
    ConfirmationWord,
    ConfirmationTold,
    IntakeChange,
    IntakeTold,
    Intakes,
    VerdictGiven,
    Concluded,
    Messages,
    Channels,
    Again,
    Stuck,
    Taken,
    Items,
    Suggestions,
    Tables,
    CaseTables,
    LicenceTypes,
    TypeVersions,
    Recognised,
    OwnLicences,
    Stock,
    Item,
    Guide,
    Problem,
    Worklist,
    CasePage,
    Shown,
    Evidence,
    Lists,
    WholeList,
    Agreements,
)


def components() -> dict[str, Any]:
    """OpenAPI's components/schemas of all of these."""
    _, defined = msgspec.json.schema_components(TOLD, ref_template="#/components/schemas/{name}")
    return {name: _plain(each) for name, each in defined.items()}


def _plain(schema: Any) -> Any:
    """Pairs of the same kind said in words that every reader of OpenAPI knows: so many of them, not one by one."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    told = {name: _plain(each) for name, each in schema.items()}
    kinds = told.get("prefixItems", [])
    if kinds and all(each == kinds[0] for each in kinds):
        told["items"] = told.pop("prefixItems")[0]
    return told


def named(kind: type) -> dict[str, str]:
    """A reference to one of them."""
    return {"$ref": f"#/components/schemas/{kind.__name__}"}
