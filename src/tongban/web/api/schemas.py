# SPDX-License-Identifier: Apache-2.0
"""What programs send and receive, as typed structures; OpenAPI's schemas are made from them."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from tongban.cases.queries import CasePage, Evidence, Worklist
from tongban.cases.tables.columns import Table
from tongban.catalogue.content import ItemContent
from tongban.catalogue.lists.agreement import Agreement
from tongban.catalogue.lists.content import TongbanList
from tongban.web.guides import Guide

MOST_VERSIONS = 2**31 - 1  # what the column holds


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
    """What the move must state; the names are those of the case's `moves`."""

    facts: dict[str, str] = {}


class Taken(msgspec.Struct, frozen=True):
    """The case that was made, or that the same key had made before."""

    case_id: UUID
    receipt_no: str
    is_new: bool


class Moved(msgspec.Struct, frozen=True):
    """Whether the move is already real, or asked of the place that holds the case."""

    real: bool


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
    Taken,
    Items,
    Suggestions,
    Tables,
    CaseTables,
    Item,
    Guide,
    Problem,
    Worklist,
    CasePage,
    Evidence,
    Lists,
    WholeList,
    Agreements,
)


def components() -> dict[str, Any]:
    """OpenAPI's components/schemas of all of these."""
    _, defined = msgspec.json.schema_components(TOLD, ref_template="#/components/schemas/{name}")
    return defined


def named(kind: type) -> dict[str, str]:
    """A reference to one of them."""
    return {"$ref": f"#/components/schemas/{kind.__name__}"}
