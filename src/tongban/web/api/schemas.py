# SPDX-License-Identifier: Apache-2.0
"""What programs send and receive, as typed structures; OpenAPI's schemas are made from them."""

from typing import Annotated, Any
from uuid import UUID

import msgspec

from tongban.cases.queries import CasePage, Evidence, Worklist
from tongban.catalogue.content import ItemContent


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
    version: Annotated[int, msgspec.Meta(ge=1)]
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


class Items(msgspec.Struct, frozen=True):
    """Items that were found."""

    items: list[ItemRow]


class Item(msgspec.Struct, frozen=True):
    """One published version with its content."""

    task_code: str
    version: int
    digest: str
    node: str
    status: str
    content: ItemContent


class Problem(msgspec.Struct, frozen=True):
    """RFC 9457 problem details; `code` is stable, `title` is for people."""

    type: str
    title: str
    status: int
    code: str
    instance: str
    field: str | None = None
    facts: dict[str, str] | None = None


TOLD = (NewCase, MoveFacts, Moved, Taken, Items, Item, Problem, Worklist, CasePage, Evidence)


def components() -> dict[str, Any]:
    """OpenAPI's components/schemas of all of these."""
    _, defined = msgspec.json.schema_components(TOLD, ref_template="#/components/schemas/{name}")
    return defined


def named(kind: type) -> dict[str, str]:
    """A reference to one of them."""
    return {"$ref": f"#/components/schemas/{kind.__name__}"}
