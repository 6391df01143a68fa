# SPDX-License-Identifier: Apache-2.0
"""Item versions as files: CSV, XLSX and JSON in the columns of the exchange, in constant memory, and losslessly."""

import csv
import io
import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from enum import StrEnum
from typing import IO, Any, TypeVar

import msgspec
import xlsxwriter

from tongban.catalogue.tables import items
from tongban.catalogue.tables.columns import ITEM, Table, columns
from tongban.catalogue.tables.items import Out
from tongban.catalogue.tables.reading import GUARDED, LONG, SEE
from tongban.standards.clock import SHANGHAI
from tongban.standards.enums import Source
from tongban.standards.refusal import BadInput

FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so would be run by a spreadsheet
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufeff\ufffe\uffff]|_(?=x[0-9A-F]{4}_)")
CELL = 32_000  # characters; a spreadsheet holds a few more
CHUNK = 1 << 16
STILL = datetime(2000, 1, 1)  # noqa: DTZ001  written into workbooks, so that the same items make the same file
WRITTEN = (*ITEM, Table.ORGANIZATION)  # reading passes the last one over: organizations are not changed by a file
Written = Mapping[Table, Sequence[Sequence[str]]]
Name = TypeVar("Name", bound=StrEnum)  # of the tables of a file


class Form(StrEnum):
    """What kind of file."""

    CSV = "csv"
    XLSX = "xlsx"
    JSON = "json"


MEDIA = {
    Form.CSV: "application/zip",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.JSON: "application/json; charset=utf-8",
}
ENDINGS = {Form.CSV: "zip", Form.XLSX: "xlsx", Form.JSON: "json"}


def form_of(text: str) -> Form:
    """The form that somebody asked for; the spreadsheet where nothing was said."""
    try:
        return Form(text or Form.XLSX)
    except ValueError:
        raise BadInput("as", "可导出为 csv、xlsx 或 json。") from None


def encoding_of(text: str) -> str:
    """UTF-8 with a mark, so that spreadsheets read it as such; GB 18030, which holds every character, when asked."""
    if text in ("", "utf-8"):
        return "utf-8-sig"
    if text in ("gbk", "gb18030"):
        return "gb18030"
    raise BadInput("encoding", "字符编码可选 utf-8 或 gbk。")


def export(
    out: Iterable[Out],
    form: Form,
    *,
    encoding: str = "utf-8-sig",
    chinese: bool = False,
    source: Source = Source.EXCHANGE,
    short_names: Mapping[str, str] = {},
) -> Iterator[bytes]:
    """The file, piece by piece; the short names of organizations, by code, stand in no item."""
    if form is Form.JSON:
        return _json(out, source, short_names)
    offices = _Offices(short_names)
    rows = (_rows(each, source) for each in offices.passing(out))
    header, told = _header(chinese, source), _and_then(rows, offices)
    if form is Form.XLSX:
        return made(lambda file: _xlsx(file, header, told))
    return made(lambda file: zipped(file, header, told, encoding))


class _Offices:
    """The organizations whose items have gone out, each once."""

    def __init__(self, short_names: Mapping[str, str]) -> None:
        self._short_names = short_names
        self._names: dict[str, str] = {}

    def passing(self, out: Iterable[Out]) -> Iterator[Out]:
        """The same items, looked at as they pass."""
        for each in out:
            publisher = each.content["publisher"]
            self._names.setdefault(publisher["code"], publisher["name"])
            yield each

    def rows(self) -> list[list[str]]:
        """Their rows of the table of organizations."""
        named = enumerate(sorted(self._names.items()), 1)
        return [_office(code, name, self._short_names.get(code, ""), number) for number, (code, name) in named]


def _office(code: str, name: str, short_name: str, number: int) -> list[str]:
    made = {"org_name": name, "org_short_name": short_name, "org_code": code[8:17], "credit_code": code}
    made |= {"exist_task": "1", "order_num": str(number)}
    return [made[column.name] for column in columns(Table.ORGANIZATION)]


def table(rows: Iterable[Sequence[str]]) -> bytes:
    """A small table for spreadsheets: UTF-8 with a mark, no cell that one would take for a formula."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([guarded(cell) for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def guarded(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula; an apostrophe goes before it, which reading takes away again."""
    if cell.startswith(FORMULA) or GUARDED.match(cell):
        cell = "'" + cell
    return UNWRITABLE.sub(lambda found: f"_x{ord(found[0]):04X}_", cell)


def _rows(each: Out, source: Source) -> Written:
    told = each.published_at.astimezone(SHANGHAI).isoformat(sep=" ", timespec="seconds")[:19]
    standing = items.Standing(each.version, each.state, each.effective_from, told)
    return items.written(each.content, standing, source)


def _header(chinese: bool, source: Source) -> dict[Table, list[str]]:
    return {each: [column.title if chinese else column.name for column in columns(each, source)] for each in WRITTEN}


def as_record(
    each: Out, source: Source = Source.EXCHANGE, short_names: Mapping[str, str] = {}
) -> dict[str, list[dict[str, str]]]:
    """One item as an object: the rows of each table by the names of its columns."""
    publisher = each.content["publisher"]
    code = str(publisher["code"])
    office = _office(code, str(publisher["name"]), short_names.get(code, ""), 1)
    told = {**_rows(each, source), Table.ORGANIZATION: [office]}
    return {
        table.value: [
            dict(zip((column.name for column in columns(table, source)), map(_kept, row), strict=True))
            for row in told[table]
        ]
        for table in WRITTEN
    }


def _json(out: Iterable[Out], source: Source, short_names: Mapping[str, str]) -> Iterator[bytes]:
    before = b"[\n"
    for each in out:
        yield before + msgspec.json.encode(as_record(each, source, short_names))
        before = b",\n"
    yield b"\n]\n" if before == b",\n" else b"[]\n"


def made(write: Callable[[IO[bytes]], None]) -> Iterator[bytes]:
    """What can only be written as a whole goes to the disk first."""
    with tempfile.TemporaryFile() as file:
        write(file)
        file.seek(0)
        while piece := file.read(CHUNK):
            yield piece


def zipped(
    file: IO[bytes],
    header: Mapping[Name, Sequence[str]],
    rows: Iterable[Mapping[Name, Iterable[Iterable[str]]]],
    encoding: str,
) -> None:
    """A ZIP with one CSV for each table of the header, in constant memory; no cell is one that a spreadsheet runs."""
    with ExitStack() as open_files:
        parts = {each: open_files.enter_context(tempfile.TemporaryFile()) for each in header}
        texts = {each: io.TextIOWrapper(parts[each], encoding, newline="", write_through=False) for each in header}
        writers = {each: csv.writer(texts[each]) for each in header}
        for each, titles in header.items():
            writers[each].writerow(titles)
        for told in rows:
            for each, several in told.items():
                writers[each].writerows([guarded(cell) for cell in row] for row in several)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for each in header:
                texts[each].flush()
                parts[each].seek(0)
                _pack(archive, f"{each.value}.csv", parts[each])


def _pack(archive: zipfile.ZipFile, name: str, part: IO[bytes]) -> None:
    told = zipfile.ZipInfo(name, STILL.timetuple()[:6])
    told.compress_type = zipfile.ZIP_DEFLATED
    with archive.open(told, "w", force_zip64=True) as into:
        while piece := part.read(CHUNK):
            into.write(piece)


def _xlsx(file: IO[bytes], header: Mapping[Table, Sequence[str]], rows: Iterable[Written]) -> None:
    """A workbook with one sheet for each table; every cell is text, so that no code loses a digit."""
    book = xlsxwriter.Workbook(file, {"constant_memory": True})
    book.set_properties({"created": STILL})
    bold = book.add_format({"bold": True})
    text = book.add_format({"num_format": "@"})
    sheets = {each: book.add_worksheet(each.value) for each in WRITTEN}
    long = book.add_worksheet(LONG)
    for each, sheet in sheets.items():
        sheet.set_column(0, len(header[each]) - 1, 18, text)
        sheet.freeze_panes(1, 0)
        for place, title in enumerate(header[each]):
            sheet.write_string(0, place, title, bold)
    for place, title in enumerate(("no", "part", "text")):
        long.write_string(0, place, title, bold)
    numbers, pieces = dict.fromkeys(WRITTEN, 0), _Pieces(long)
    for told in rows:
        for each, several in told.items():
            for row in several:
                numbers[each] += 1
                for place, cell in enumerate(row):
                    if cell:
                        sheets[each].write_string(numbers[each], place, _in_a_cell(cell, pieces), text)
    book.close()


def _and_then(rows: Iterable[Written], offices: _Offices) -> Iterator[Written]:
    yield from rows
    yield {Table.ORGANIZATION: offices.rows()}


class _Pieces:
    """The sheet that takes what is too long for a cell."""

    def __init__(self, sheet: Any) -> None:
        self.sheet, self.row, self.count = sheet, 0, 0

    def keep(self, cell: str) -> str:
        """What stands in the cell instead."""
        self.count += 1
        for part, start in enumerate(range(0, len(cell), CELL // 2), 1):
            self.row += 1
            for place, told in enumerate((str(self.count), str(part), "|" + cell[start : start + CELL // 2])):
                self.sheet.write_string(self.row, place, told)
        return f"{SEE}{self.count}"


def _in_a_cell(cell: str, pieces: _Pieces) -> str:
    if len(cell.encode("utf-16-le")) // 2 > CELL or cell.startswith(SEE):
        return pieces.keep(cell)
    return _kept(cell)


def _kept(cell: str) -> str:
    """A text that reading would take for a guarded one is guarded itself."""
    return "'" + cell if GUARDED.match(cell) else cell
