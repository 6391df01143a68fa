# SPDX-License-Identifier: Apache-2.0
"""An item's content as rows of the tables, and back; what the columns cannot hold exactly goes along beside them."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

import msgspec

from tongban.catalogue import content as contents
from tongban.catalogue import elements
from tongban.catalogue.basics import NOTHING
from tongban.catalogue.errors import ContentRefused
from tongban.catalogue.tables.codecs import INT, JSON, TEXT, Wrong, one_of
from tongban.catalogue.tables.columns import EXACT, ITEM, KEY, LISTS, SINGLE, Column, Table, columns
from tongban.catalogue.tables.reading import Row
from tongban.catalogue.tables.report import Fault, Report
from tongban.standards.canonical import canonical, parse
from tongban.standards.enums import ApplyForm, Source, UseLevel

MOST_BYTES = 20_000_000  # of one uploaded file, where a table does not say it
_GROUPS = ("limits", "other_codes", "power", "net", "hall", "topics", "remedy", "fee", "publisher", "window", "result")
_NO_ROWS: tuple[Row, ...] = ()
Header = Mapping[Table, Sequence[tuple[str, Column]]]  # what a file has of each table: its own word, and the column
Rows = Mapping[Table, Sequence[Row]]


@dataclass(frozen=True)
class Standing:
    """What a file tells of a version beside its content."""

    version: int
    state: str  # 事项状态: 1 在用, 2 暂停, 3 取消
    effective_from: date
    told_at: str = ""


@dataclass(frozen=True)
class Out:
    """A version that goes out."""

    task_code: str
    version: int
    state: str
    effective_from: date
    published_at: datetime
    content: dict[str, Any]


@cache
def whole_header(source: Source = Source.EXCHANGE) -> dict[Table, tuple[tuple[str, Column], ...]]:
    """Every column of every table that says something of an item."""
    return {table: tuple((each.name, each) for each in columns(table, source)) for table in ITEM}


def key_of(task_code: str) -> str:
    """The key that links an item's rows: the same in every file, so that a file may be compared with the next."""
    return hashlib.sha256(task_code.encode()).hexdigest()[:32]


def written(
    plain: dict[str, Any], standing: Standing, source: Source = Source.EXCHANGE
) -> dict[Table, list[list[str]]]:
    """The rows of an item, each with every column of its table."""
    made = _made(plain, standing, source)
    rows = {table: [_row(plain, table, made, source)] for table in SINGLE}
    for table, (root, _) in LISTS.items():
        members = elements.get(plain, root) or ()
        rows[table] = [
            _row(member, table, made | {"order_num": str(number)}, source) for number, member in enumerate(members, 1)
        ]
    exact = _exact(plain, rows, source)
    if exact:
        place = [each.name for each in columns(Table.OWN, source)].index(EXACT)
        rows[Table.OWN][0][place] = JSON.write(exact)
    return rows


def _row(plain: dict[str, Any], table: Table, made: Mapping[str, str], source: Source) -> list[str]:
    row = []
    for column in columns(table, source):
        value = column.value_in(plain) if column.path else None
        row.append(made.get(column.name, "") if value is None else column.codec.write(value))
    return row


def _made(plain: dict[str, Any], standing: Standing, source: Source) -> dict[str, str]:
    """The cells that are no words of the content: links, keys, standing, and what follows from other words."""
    task, key = str(plain["task_code"]), key_of(str(plain["task_code"]))
    online = {str(ApplyForm.ONLINE), str(ApplyForm.MOBILE)} & set(plain["apply_forms"])
    numbers = elements.get(plain, "other_codes.handling_items") or ()
    return {
        "row_guid": key,
        KEY: key,
        "task_code": task,
        "task_state": standing.state,
        "task_version": str(standing.version),
        "plan_effective_date": standing.effective_from.isoformat(),
        "cd_time": standing.told_at,
        "use_level": task[18:19],
        "is_online": "1" if online else "0",
        "task_handle_item": "^".join(task + each["number"] for each in numbers),
    }


def read(
    rows: Rows, header: Header, base: Mapping[str, Any] | None, report: Report, *, exactly: bool = True
) -> dict[str, Any]:
    """The content that the rows of one item say, over what is said already where the file has no column for it.

    It is not looked at as a whole yet: what cannot be read in a cell goes to the report.
    """
    plain: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(base)) if base else {}
    for table in SINGLE:
        for row in rows.get(table, ())[:1]:
            _read_row(row, header[table], plain, report, bool(base))
    for table, (root, _) in LISTS.items():
        if table in header:
            members = [
                _member(row, number, table, header[table], elements.get(plain, root), report)
                for number, row in enumerate(rows.get(table, _NO_ROWS), 1)
            ]
            _put(plain, root, members)
    _whole(plain, rows)
    if exactly:
        _restore(plain, rows, header, report)
    return plain


def _read_row(
    row: Row, header: Sequence[tuple[str, Column]], plain: dict[str, Any], report: Report, over: bool
) -> None:
    values = row.values
    for title, column in header:
        if not column.path:
            continue
        text = values.get(title, "")
        if text:
            _read_cell(row, title, text, column, plain, report)
        elif not column.drops_empty:
            column.put(plain, "")
        elif over and column.value_in(plain) is not None:
            column.take_out(plain)


def _read_cell(row: Row, title: str, text: str, column: Column, plain: dict[str, Any], report: Report) -> None:
    codec = column.codec
    if codec is TEXT:
        column.put(plain, text)
        return
    if row.kinds.get(title) == "number" and codec is not INT:
        text = row.code(title, report)
    try:
        column.put(plain, codec.read(text))
    except Wrong as why:
        report.add(row.fault("wrong_value", title, f"“{column.title}”{why}"))


def _member(
    row: Row, number: int, table: Table, header: Sequence[tuple[str, Column]], before: Any, report: Report
) -> dict[str, Any]:
    """One member of a list; what the table has no column for stays as the member of this name said it."""
    named = {"materials": "name", "fee.lines": "name", "faq": "question"}[LISTS[table][0]]
    title = next((title for title, column in header if column.path == named), "")
    base = next((one for one in before or () if one.get(named) == row[title]), None)
    plain: dict[str, Any] = dict(base) if base else {}
    _read_row(row, header, plain, report, bool(base))
    if table is Table.MATERIAL:
        plain["code"] = plain.get("code") or f"m{number}"
        plain.setdefault("issuer", "")
        plain.setdefault("max_bytes", MOST_BYTES)
        plain.setdefault("types", list(contents.FILE_TYPES))
    return plain


def _whole(plain: dict[str, Any], rows: Rows) -> None:
    """What follows from several cells together."""
    limits = plain.get("limits")
    if isinstance(limits, dict) and isinstance(limits.get("statutory"), dict) and "days" not in limits["statutory"]:
        limits["statutory"] = None
    levels = elements.get(plain, "power.levels")
    if levels and levels == [_level(str(plain.get("task_code", ""))[18:19])]:
        told = elements.without(plain, "power.levels")
        plain.clear()
        plain.update(told)


@cache
def _level(code: str) -> str:
    try:
        return str(one_of(UseLevel, Source.EXCHANGE).read(code))
    except Wrong:
        return ""


def completed(plain: dict[str, Any]) -> dict[str, Any]:
    """What says nothing, said: an item without materials has none."""
    limits = plain.get("limits")
    told = {"limits": {"statutory": None} | limits} if isinstance(limits, dict) else {}
    return NOTHING | {"law": []} | plain | told


def _put(plain: dict[str, Any], path: str, value: Any) -> None:
    found = elements.put(plain, path, value)
    plain.clear()
    plain.update(found)


def _restore(plain: dict[str, Any], rows: Rows, header: Header, report: Report) -> None:
    """What the columns could not hold, where nobody has changed the columns since."""
    title = next((title for title, column in header.get(Table.OWN, ()) if column.name == EXACT), None)
    row = next(iter(rows.get(Table.OWN, ())), None)
    if title is None or row is None or not row[title]:
        return
    try:
        told = JSON.read(row[title])
        wanted = {str(path): (each["as"], each["was"]) for path, each in told.items()}
    except (Wrong, AttributeError, TypeError, KeyError):
        report.add(row.fault("wrong_value", title, f"“{EXACT}”须保持导出时的样子，或者整格清空。"))
        return
    for path, (value, was) in wanted.items():
        if _mark(elements.get(plain, path)) == was:
            _put(plain, path, value) if value is not None else _take_out(plain, path)
        else:
            says = f"“{elements.name_of(path)}”的列已改动，以列中所写为准，原来在列中写不下的部分不再保留。"
            report.add(row.fault("exact_replaced", title, says, stops=False))


def _take_out(plain: dict[str, Any], path: str) -> None:
    found = elements.without(plain, path)
    plain.clear()
    plain.update(found)


def _exact(plain: dict[str, Any], rows: Mapping[Table, Sequence[Sequence[str]]], source: Source) -> dict[str, Any]:
    """Where what the columns say differs from what the item says: what it says, and what the columns did."""
    names = {table: [column.name for column in columns(table, source)] for table in ITEM}
    given = {
        table: [Row(table, 0, dict(zip(names[table], row, strict=True)), {}) for row in told]
        for table, told in rows.items()
    }
    back = read(given, whole_header(source), None, Report(), exactly=False)
    return {
        path: {"as": elements.get(plain, path), "was": _mark(elements.get(back, path))} for path in _unlike(plain, back)
    }


def _unlike(plain: dict[str, Any], back: dict[str, Any]) -> Iterator[str]:
    try:
        seen = parse(contents.document(contents.convert(completed(back))))
    except ContentRefused:
        seen = back
    for name in sorted((plain.keys() | seen.keys()) - {"format"}):
        one, other = plain.get(name), seen.get(name)
        if one == other and (name in plain) == (name in seen):
            continue
        if name in _GROUPS and isinstance(one, dict) and isinstance(other, dict) and one and other:
            parts = sorted(one.keys() | other.keys())
            yield from (f"{name}.{part}" for part in parts if one.get(part) != other.get(part))
        else:
            yield name


def _mark(value: Any) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()[:16]


def wrong_lengths(row: Row, header: Sequence[tuple[str, Column]]) -> Iterator[Fault]:
    """Cells longer than the exchange's column is; our own place for them is larger."""
    for title, column in header:
        if column.size and len(row[title]) > column.size:
            says = f"有{len(row[title])}个字符，超过国家交换库这一列的{column.size}个，上报时会被截断或退回。"
            yield row.fault("too_long", title, says, stops=False)
