# SPDX-License-Identifier: Apache-2.0
"""Files of items for the tests of import and export, and any item that could be published."""

import io
import zipfile
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from hypothesis import strategies as some

from tongban.catalogue import content as contents
from tongban.catalogue.content import Faq, ItemContent, Step
from tongban.catalogue.details import Body, Codes, Hall, HandlingItem, Net, Power, Remedy, Terms, Topics, Way
from tongban.catalogue.tables import arranging, items, writing
from tongban.catalogue.tables.columns import ITEM, Table, columns
from tongban.catalogue.tables.items import Out
from tongban.catalogue.tables.reading import read
from tongban.catalogue.tests.items import content, material
from tongban.standards.canonical import parse
from tongban.standards.enums import (
    ApplyForm,
    Contact,
    ImplementerKind,
    OnlineDepth,
    OnlineGrade,
    PowerSource,
    ServedObject,
    Source,
    UseLevel,
)

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
AWKWARD = ["^", "：", "=1+1", "'=x", "'", "_x0001_", "\x01", "\r\n", '"', "，", ",", "−", "\u2028", "\ufeff", "𠮷", " "]
texts = (
    some.lists(some.one_of(some.sampled_from(AWKWARD), some.text(max_size=8)), min_size=1, max_size=5)
    .map("".join)
    .filter(bool)
)
lines = texts.map(lambda text: text[:40])
flags = some.one_of(some.none(), some.booleans())


def several(kind: Any) -> Any:
    """Some of the words of a list, each once."""
    return some.lists(some.sampled_from(list(kind)), unique=True, max_size=4).map(tuple)


bodies = some.builds(Body, name=lines, code=some.just(""), address=lines, phone=some.just(""), net=some.just(""))
powers = some.builds(
    Power,
    source=some.one_of(some.none(), some.sampled_from(list(PowerSource))),
    levels=several(UseLevel),
    division=texts,
    kind=some.one_of(some.none(), some.sampled_from(list(ImplementerKind))),
    with_others=some.lists(bodies, max_size=2).map(tuple),
    undertaker=some.one_of(some.none(), bodies),
    special_procedure=lines,
)
nets = some.builds(Net, depth=several(OnlineDepth), grade=some.sampled_from([None, *OnlineGrade]), single_sign_on=flags)
halls = some.builds(Hall, entered=flags, appointment=flags, pays_online=some.none(), window=lines, towns=some.just(()))
topics = some.builds(Topics, person=some.lists(lines, max_size=3).map(tuple), company=some.just(()))
numbers = some.lists(some.builds(HandlingItem, number=some.sampled_from(["01", "02"]), name=lines), max_size=2)


@some.composite
def any_item(draw: Any) -> ItemContent:
    """An item of the format, whatever its words are; the rules of a good one are another matter."""
    made = contents.convert(content(materials=[material("id_card"), material("letter", name=draw(texts)[:40] or "x")]))
    told = {
        "name": draw(texts),
        "law": draw(some.lists(texts, max_size=3).map(tuple)),
        "conditions": draw(some.lists(texts, min_size=1, max_size=3).map(tuple)),
        "steps": draw(some.lists(some.builds(Step, name=texts, text=texts), min_size=1, max_size=3).map(tuple)),
        "faq": draw(some.lists(some.builds(Faq, question=texts, answer=texts), max_size=2).map(tuple)),
        "served": draw(several(ServedObject)) or (ServedObject.NATURAL,),
        "apply_forms": draw(several(ApplyForm)) or (ApplyForm.ONLINE,),
        "visits": draw(some.integers(0, 9)),
        "visit_reason": draw(texts),
        "power": draw(some.one_of(some.none(), powers)),
        "net": draw(some.one_of(some.none(), nets)),
        "hall": draw(some.one_of(some.none(), halls)),
        "topics": draw(some.one_of(some.none(), topics)),
        "assumptions": draw(some.lists(texts, max_size=2).map(tuple)),
        "two_persons": draw(some.booleans()),
    }
    fee = contents.Fee(
        charged=draw(some.booleans()),
        basis=draw(texts),
        lines=tuple(
            contents.Charge(name=text, fen=fen, basis=text, more=more)
            for text, fen, more in draw(
                some.lists(
                    some.tuples(texts, some.integers(0, 10**9), some.sampled_from([None, Terms(standard="每件")])),
                    max_size=2,
                )
            )
        ),
        note=draw(texts),
    )
    codes = draw(some.one_of(some.none(), numbers))
    other = Codes(local_basic="X1", handling_items=tuple(codes)) if codes is not None else None
    remedy = Remedy(inquiry=(Way(kind=Contact.NET, at=draw(lines)),)) if draw(some.booleans()) else None
    return msgspec.structs.replace(made, **told, fee=fee, other_codes=other, remedy=remedy)


def out(item: ItemContent, version: int = 1) -> Out:
    """A version that goes out."""
    return Out(item.task_code, version, "1", date(2026, 11, 23), NOON, parse(contents.document(item)))


def exported(item: ItemContent, form: writing.Form = writing.Form.CSV, **how: Any) -> bytes:
    """A file with one item."""
    return b"".join(writing.export([out(item)], form, **how))


def tables_of(item: ItemContent) -> dict[Table, list[list[str]]]:
    """The same as rows, header first."""
    rows = items.written(out(item).content, items.Standing(1, "1", date(2026, 11, 23)))
    return {table: [[column.name for column in columns(table)], *rows[table]] for table in ITEM}


def as_file(tables: Mapping[Table, list[list[str]]], encoding: str = "utf-8-sig") -> bytes:
    """Rows as a ZIP of CSV files, as an office might have made it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for table, rows in tables.items():
            archive.writestr(f"{table.value}.csv", writing.table(rows).decode("utf-8-sig").encode(encoding))
    return made.getvalue()


def back(data: bytes, name: str) -> ItemContent:
    """The one item of a file, read by columns alone."""
    book = read(data, name)
    found = arranging_of(book)
    rows = next(iter(found[1]))
    plain = items.read(rows, found[0], None, book.report)
    assert not book.report.faults, book.report.faults
    return contents.convert(items.completed(plain))


def arranging_of(book: Any) -> Any:
    """The header of a file and its items."""
    found = arranging.arranged(book, Source.EXCHANGE)
    assert found is not None, book.report.faults
    arranging.count(found, book.report)
    return found.header, arranging.items(found)
