# SPDX-License-Identifier: Apache-2.0
"""A case with everything that belongs to it, in the same SELECT as the case itself."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db import models

from tongban.cases.models import Event, Material, Notice, Original, Request
from tongban.cases.queries.held import Held, read_with
from tongban.cases.queries.repeats import BESIDE, Other, others
from tongban.licences.models import Licence
from tongban.standards.actor import Actor

Row = TypeVar("Row", bound=models.Model)
ORDERS: dict[type[models.Model], str] = {
    Event: "number",
    Material: "number",
    Original: "number",
    Request: "asked_at",
    Licence: "issued_at",
    Notice: "told_at",
}


@dataclass(frozen=True)
class Whole:
    """A case and its children, each in their own order."""

    held: Held
    events: list[Event]
    materials: list[Material]
    originals: list[Original]
    requests: list[Request]
    papers: list[Licence]
    notices: list[Notice]  # files of those that other nodes gave
    beside: tuple[Other, ...]  # other open cases of the same person and item


def whole(number_or_id: str, actor: Actor) -> Whole:
    """The case, if this actor may see it. NotFound for all others."""
    held, found = read_with(number_or_id, [*COLUMNS, BESIDE])
    held.require_visible(actor)
    events, materials, originals, requests, papers, notices, beside = found
    return Whole(
        held=held,
        events=_rows(Event, events),
        materials=_rows(Material, materials),
        originals=_rows(Original, originals),
        requests=_rows(Request, requests),
        papers=_rows(Licence, papers),
        notices=_rows(Notice, notices),
        beside=others(beside),
    )


def _column(model: type[models.Model], order: str) -> str:
    """All rows of one kind as one JSON value."""
    table = model._meta.db_table
    return f"SELECT json_agg(row_to_json(x) ORDER BY {order}) FROM {table} x WHERE x.case_id = c.id"  # noqa: S608


COLUMNS = [_column(model, order) for model, order in ORDERS.items()]


def _rows(model: type[Row], told: list[dict[str, Any]] | None) -> list[Row]:
    """The rows in a JSON value, as the model has them."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.CompositePrimaryKey)]
    return [model(**{field.attname: _value(field, row[str(field.column)]) for field in fields}) for row in told or ()]


def _value(field: Any, told: Any) -> Any:
    """A column's value, read back from PostgreSQL's JSON."""
    if told is None:
        return None
    if isinstance(field, models.BinaryField):
        return bytes.fromhex(told[2:])  # "\\x…"
    if isinstance(field, models.DateTimeField):
        return datetime.fromisoformat(told)
    if isinstance(field, models.DateField):
        return date.fromisoformat(told)
    if isinstance(field, models.UUIDField | models.ForeignKey):
        return UUID(told)
    return told
