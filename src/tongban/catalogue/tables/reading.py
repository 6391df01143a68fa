# SPDX-License-Identifier: Apache-2.0
"""Bytes and a name into sheets of rows with their place, or a report of faults; bounded in size and memory.

    book = reading.read(data, "清单.xlsx")
    for sheet in book.sheets:
        for row in sheet.rows(book.report):
            row.number, row["事项名称"], row.code("基本编码", book.report)
    book.report.stops

What a person sees in a spreadsheet is what is read: rows are counted as it counts them, the header is the first row
that is not empty, empty rows are passed over.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any, Literal

import msgspec

from tongban.catalogue.tables import packed
from tongban.catalogue.tables.report import Fault, Report, shown

Kind = Literal["number", "flag", "date"]  # what a cell is when it is not text
Cells = Iterator[tuple[int, Sequence[Any]]]


@dataclass(frozen=True)
class Bounds:
    """How much of a file is read."""

    bytes: int = 64_000_000
    unpacked: int = 256_000_000
    rows: int = 2_000_000  # of one sheet
    columns: int = 300
    cells: int = 30_000_000  # of one sheet
    cell: int = 1_000_000  # characters


BOUNDS = Bounds()
LARGE = Bounds(bytes=512_000_000, unpacked=2_000_000_000)  # of what the node's operator hands over
GUARDED = re.compile("'[=+\\-@\t\r']")  # a cell that would have been a formula, guarded by an apostrophe
ROUNDED = re.compile(r"[0-9](\.[0-9]+)?[Ee]\+[0-9]+")
NONSENSE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f]")
ESCAPED = re.compile("_x([0-9A-F]{4})_")  # as spreadsheets write what XML cannot hold
LONG, SEE = "tongban_long", "〔tongban_long〕"  # the sheet with what is too long for a cell, and what stands there
EXACT = 10**15  # from here on a spreadsheet has lost digits of a number
csv.field_size_limit(BOUNDS.cell)


class Row:
    """One row: text by column name; of a spreadsheet also what kind of cell it was."""

    __slots__ = ("kinds", "number", "sheet", "values")

    def __init__(self, sheet: str, number: int, values: dict[str, str], kinds: Mapping[str, Kind]) -> None:
        self.sheet, self.number, self.values, self.kinds = sheet, number, values, kinds

    def __getitem__(self, column: str) -> str:
        """The text of a cell; empty where there is no such column."""
        return self.values.get(column, "")

    def fault(self, code: str, column: str, says: str, *, stops: bool = True) -> Fault:
        """A fault at a cell of this row."""
        return Fault(code, says, self.sheet, self.number, column, shown(self[column]), stops)

    def code(self, column: str, report: Report) -> str:
        """The text of a cell that holds a code, number or phone; a fault when a spreadsheet has made a number of it."""
        text = self[column].strip()
        if self.kinds and (kind := self.kinds.get(column)) is not None:
            if kind == "number" and not (text.isdigit() and int(text) < EXACT):
                report.add(self.fault("code_rounded", column, ROUNDED_SAYS))
            elif kind == "date":
                report.add(self.fault("code_as_date", column, AS_DATE_SAYS))
        elif "+" in text and ROUNDED.fullmatch(text):
            report.add(self.fault("code_rounded", column, ROUNDED_SAYS))
        return text


ROUNDED_SAYS = "编码被电子表格改成了数字，后面的位数已经丢失，请把该列设为文本格式后重新填写，或改用 XLSX。"
AS_DATE_SAYS = "编码被电子表格改成了日期，请把该列设为文本格式后重新填写。"
ZEROS_SAYS = "编码少了前面的 0：电子表格把它当成了数字，请把该列设为文本格式后重新填写，或改用 XLSX。"


@dataclass
class Sheet:
    """One table: its columns, and its rows as they are asked for."""

    name: str
    header: tuple[str, ...]
    _cells: Callable[[], Cells] = field(repr=False)
    _bounds: Bounds = field(default=BOUNDS, repr=False)
    _long: Mapping[str, str] = field(default_factory=dict, repr=False)

    def rows(self, report: Report) -> Iterator[Row]:
        """Every row that is not empty; what is wrong with its shape goes to the report."""
        width, names = len(self.header), self.header
        named = [name for name in names if name]
        whole = len(named) == width
        for number, cells in self._cells():
            if number > self._bounds.rows:
                report.add(Fault("too_many_rows", f"超过{self._bounds.rows}行，请分成几份。", self.name, number))
                return
            if len(cells) > width and any(_is_said(cell) for cell in cells[width:]):
                report.add(Fault("too_many_cells", f"这一行比标题行多，标题行有{width}列。", self.name, number))
            if not whole and any(_is_said(cell) for name, cell in zip(names, cells, strict=False) if not name):
                report.add(Fault("column_unnamed", "这一行有一格在没有列名的列里，请补上列名。", self.name, number))
            row = self._row(number, cells, names if whole else None)
            if row is not None:
                yield row

    def _row(self, number: int, cells: Sequence[Any], names: tuple[str, ...] | None) -> Row | None:
        values: dict[str, str] = {}
        kinds: dict[str, Kind] = {}
        for name, cell in zip(names or self.header, cells, strict=False):
            if cell.__class__ is str:
                values[name] = cell if not cell or cell[0] != "'" else _bare(cell)
            elif cell is not None:
                values[name], kind = _plain(cell)
                if kind is not None:
                    kinds[name] = kind
        if names is None:
            values.pop("", None)
        if self._long:
            values = {name: self._long.get(text, text) for name, text in values.items()}
        return Row(self.name, number, values, kinds) if any(values.values()) else None


@dataclass
class Book:
    """A file: its sheets, and what is wrong with it so far."""

    name: str
    sheets: list[Sheet]
    report: Report


def read(data: bytes, name: str, bounds: Bounds = BOUNDS) -> Book:
    """The sheets of a file. It is never refused here: what is wrong stands in the report."""
    book = Book(name, [], Report())
    if len(data) > bounds.bytes:
        book.report.add(Fault("too_large", f"文件超过{bounds.bytes // 1_000_000} MB，请分成几份。"))
    elif not data.strip():
        book.report.add(Fault("empty", "文件是空的。"))
    else:
        _read(data, PurePosixPath(name.replace("\\", "/")), book, bounds)
        _join_long(book)
    return book


def _join_long(book: Book) -> None:
    """Put together what an export had to take apart."""
    apart = next((sheet for sheet in book.sheets if sheet.name == LONG), None)
    if apart is None:
        return
    pieces: dict[str, str] = {}
    for row in apart.rows(book.report):
        name = SEE + row["no"]
        pieces[name] = pieces.get(name, "") + row["text"].removeprefix("|")
    book.sheets = [sheet for sheet in book.sheets if sheet is not apart]
    for sheet in book.sheets:
        sheet._long = pieces


def _read(data: bytes, name: PurePosixPath, book: Book, bounds: Bounds) -> None:
    if data.startswith(b"PK"):
        _read_packed(data, name, book, bounds)
    elif data.startswith(b"\xd0\xcf\x11\xe0"):
        book.report.add(Fault("old_workbook", "旧版 .xls 或者加了密码的工作簿，请另存为不加密的 .xlsx 后再导入。"))
    elif (text := _decoded(data, book.report)) is not None:
        if text.lstrip()[:1] in ("{", "["):
            _read_json(text, name.stem, book, bounds)
        else:
            _read_csv(text, name.stem, book, bounds)


def _read_packed(data: bytes, name: PurePosixPath, book: Book, bounds: Bounds) -> None:
    try:
        archive = packed.opened(data, bounds.unpacked)
        if archive.is_workbook:
            for title, header_row, cells in packed.workbook(data, archive, book.report, bounds.cells):
                _add(book, title, header_row, cells, bounds)
            return
        for member, inside in archive.files():
            _read_member(inside, member, book, bounds)
    except packed.Refused as why:
        book.report.add(Fault(why.code, why.says))


def _read_member(data: bytes, name: PurePosixPath, book: Book, bounds: Bounds) -> None:
    if name.suffix.lower() not in (".csv", ".tsv", ".txt", ".json", ".jsonl", ".xlsx"):
        book.report.add(Fault("unknown_member", "不是 CSV、XLSX 或 JSON，没有读取。", str(name), stops=False))
    elif data.startswith(b"PK") and name.suffix.lower() != ".xlsx":
        book.report.add(Fault("archive_in_archive", "压缩包里不能再有压缩包。", str(name)))
    else:
        _read(data, name, book, bounds)


def _decoded(data: bytes, report: Report) -> str | None:
    """The text, by its mark or by what it can be: UTF-8, otherwise GB 18030, which GBK is part of."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return _as(data, name, report)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return _as(data, "utf-8" if _nearly_utf8(data) else "gb18030", report)
    return _if_text(text, report)


def _as(data: bytes, encoding: str, report: Report) -> str | None:
    try:
        return _if_text(data.decode(encoding), report)
    except UnicodeDecodeError as why:
        line = data.count(b"\n", 0, why.start) + 1
        says = f"第{line}行有既不是 UTF-8 也不是 GBK 的字节，请用 UTF-8 或 GBK 另存后再导入。"
        report.add(Fault("encoding", says, row=line))
        return None


def _nearly_utf8(data: bytes) -> bool:
    """Whether this is UTF-8 with a few broken bytes, which GB 18030 would make into other characters."""
    sample = data[:1_000_000]
    wrong = sample.decode(errors="replace").count("\ufffd")
    high = len(sample) - len(sample.translate(None, bytes(range(128, 256))))
    return wrong * 50 < high


def _if_text(text: str, report: Report) -> str | None:
    found = NONSENSE.search(text)
    if found is None:
        return text.removeprefix("\ufeff")
    line = text.count("\n", 0, found.start()) + 1
    report.add(Fault("not_text", f"第{line}行有文本里不会有的字符，这不像 CSV、XLSX 或 JSON 文件。", row=line))
    return None


def _read_csv(text: str, name: str, book: Book, bounds: Bounds) -> None:
    first = text.lstrip("\r\n").split("\n", 1)[0]
    outside = re.sub('"[^"]*"', "", first)
    delimiter = max(",;\t", key=outside.count)
    read_all = _Csv(text, delimiter, name, book.report)
    header = next(((number, cells) for number, cells in read_all() if any(cells)), None)
    if header is None:
        if not book.report.stops:
            book.report.add(Fault("empty", "没有标题行。", name))
        return
    rest = _after(read_all, header[0])
    _add(book, name, (header[0], [_unescaped(cell) for cell in header[1]]), rest, bounds)


@dataclass
class _Csv:
    """The records of a CSV text, numbered as a spreadsheet numbers them."""

    text: str
    delimiter: str
    name: str
    report: Report

    def __call__(self) -> Cells:
        lines = csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter, strict=True)
        number, escapes = 0, "_x" in self.text
        try:
            for number, cells in enumerate(lines, 1):
                yield number, [_unescaped(cell) for cell in cells] if escapes else cells
        except csv.Error as why:
            says = "单元格太长。" if "field larger" in str(why) else "引号没有配对，或者引号后面还有文字。"
            self.report.add(Fault("not_csv", f"从这里起不合 CSV 格式：{says}", self.name, number + 1))


def _after(cells: Callable[[], Cells], header: int) -> Callable[[], Cells]:
    return lambda: ((number, row) for number, row in cells() if number > header)


def _read_json(text: str, name: str, book: Book, bounds: Bounds) -> None:
    try:
        tables = _json_tables(_json_value(text), name)
    except (msgspec.DecodeError, RecursionError, _NotRows) as why:
        says = str(why) if isinstance(why, _NotRows) else "不合 JSON 格式。"
        book.report.add(Fault("not_json", says, name))
        return
    for title, rows in tables.items():
        header = list(dict.fromkeys(column for _, row in rows for column in row))
        _add(book, title, (0, header), _json_cells(rows, header), bounds)


class _NotRows(Exception):
    """JSON, but no rows of a table."""


_SHAPES = "JSON 须是记录的数组，或者“表名：记录的数组”，或者每个事项一个对象、其中按表名放记录。"
_Numbered = list[tuple[int, dict[str, Any]]]


def _json_value(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        if "}\n" not in text and "}\r\n" not in text:
            raise
        return msgspec.json.Decoder().decode_lines(text)


def _json_tables(value: Any, name: str) -> dict[str, _Numbered]:
    found: dict[str, _Numbered] = {}
    if isinstance(value, dict):
        for title, rows in value.items():
            found[title] = [(number, _record(row)) for number, row in enumerate(_listed(rows), 1)]
        return found
    for number, each in enumerate(_listed(value), 1):
        one = _record(each)
        if one and all(isinstance(inner, dict | list) for inner in one.values()):
            for title, rows in one.items():
                found.setdefault(title, []).extend((number, _record(row)) for row in _listed(rows))
        else:
            found.setdefault(name, []).append((number, one))
    return found


def _listed(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return [value]
    if not isinstance(value, list):
        raise _NotRows(_SHAPES)
    return value


def _record(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _NotRows(_SHAPES)
    return value


def _json_cells(rows: _Numbered, header: Sequence[str]) -> Callable[[], Cells]:
    return lambda: ((number, [row.get(column) for column in header]) for number, row in rows)


def _add(book: Book, name: str, header: tuple[int, Sequence[Any]], cells: Callable[[], Cells], bounds: Bounds) -> None:
    row, titles = header
    names = [(_plain(title)[0] if _is_said(title) else "").strip().rstrip("*").strip() for title in titles]
    while names and not names[-1]:
        names.pop()
    if len(names) > bounds.columns:
        book.report.add(Fault("too_many_columns", f"有{len(names)}列，超过{bounds.columns}列。", name, row))
        return
    for twice in sorted({title for title in names if title and names.count(title) > 1}):
        book.report.add(Fault("column_twice", "标题行里这一列出现了不止一次。", name, row, twice))
    book.sheets.append(Sheet(name, tuple(names), cells, bounds))


def _is_said(cell: Any) -> bool:
    return cell is not None and cell != ""


def _bare(cell: str) -> str:
    return cell[1:] if GUARDED.match(cell) else cell


def _unescaped(cell: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), cell) if "_x" in cell else cell


def _plain(cell: Any) -> tuple[str, Kind | None]:
    """What a cell that is not text says, and its kind."""
    if isinstance(cell, str):
        return _bare(cell), None
    if isinstance(cell, bool):
        return ("1" if cell else "0"), "flag"
    if isinstance(cell, int | float):
        return (str(int(cell)) if cell == cell // 1 and abs(cell) < 1e21 else repr(cell)), "number"
    if isinstance(cell, dict | list):
        return msgspec.json.encode(cell).decode(), None
    return packed.written(cell), "date"
