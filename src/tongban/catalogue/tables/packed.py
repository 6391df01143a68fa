# SPDX-License-Identifier: Apache-2.0
"""What comes packed: ZIP archives of tables and XLSX workbooks, measured before they are unpacked."""

import io
import lzma
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import PurePosixPath
from typing import Any

import python_calamine as calamine

from tongban.catalogue.tables.report import Fault, Report

MOST_MEMBERS = 500
MOST_MERGED = 50  # listed of one sheet
RATIO = 300  # how much smaller than itself a table can honestly be packed
SMALL = 1_000_000
CHUNK = 1 << 20
OVERLAP = 4096
BROKEN = (  # what the library says to bytes that are no archive, or to one whose parts contradict each other
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError, NotImplementedError),
    *(ValueError, IndexError, OverflowError, RuntimeError),
)
_TAG = rb"<(?:\w+:)?"
CELL = re.compile(_TAG + rb'c(?=[\s>])[^>]*?\sr="([A-Z]{1,3})([0-9]{1,7})"')
MERGED = re.compile(_TAG + rb'mergeCell\s[^>]*?ref="([A-Z0-9:]+)"')
WRONG = re.compile(_TAG + rb'c(?=[\s>])[^>]*?\sr="([A-Z]{1,3}[0-9]{1,7})"[^>]*?\st="e"')
EMPTY = re.compile(
    _TAG + rb'c(?=[\s>])[^>]*?\sr="([A-Z]{1,3}[0-9]{1,7})"[^>]*?>'
    rb"<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)


class Refused(Exception):
    """Why an archive is not opened."""

    def __init__(self, code: str, says: str) -> None:
        self.code, self.says = code, says
        super().__init__(says)


@dataclass
class Archive:
    """An archive whose members have been measured."""

    inside: zipfile.ZipFile

    @property
    def is_workbook(self) -> bool:
        """Whether it is an XLSX file."""
        return "[Content_Types].xml" in self.inside.namelist()

    def files(self) -> Iterator[tuple[PurePosixPath, bytes]]:
        """Its files with their names, which are used for nothing but to name a table."""
        for member in self.inside.infolist():
            name = PurePosixPath(_name_of(member))
            if not member.is_dir() and not name.name.startswith(".") and "__MACOSX" not in name.parts:
                yield name, _whole(self.inside, member)


def opened(data: bytes, most: int) -> Archive:
    """The archive. Refused when it is broken, encrypted, or far larger inside than it looks."""
    try:
        inside = zipfile.ZipFile(io.BytesIO(data))
    except BROKEN as why:
        raise Refused("broken_archive", "压缩文件已损坏，无法打开。") from why
    members = inside.infolist()
    if not all(member.filename for member in members):
        raise Refused("broken_archive", "压缩文件已损坏，无法打开。")
    unpacked = sum(member.file_size for member in members)
    if len(members) > MOST_MEMBERS or unpacked > most or unpacked > max(SMALL, RATIO * len(data)):
        size = f"{unpacked // 1_000_000} MB、{len(members)}个文件"
        raise Refused("archive_bomb", f"展开后有{size}，超出允许的范围，没有打开。")
    if any(member.flag_bits & 1 for member in members):
        raise Refused("encrypted", "压缩文件加了密码，请去掉密码后再导入。")
    return Archive(inside)


def workbook(
    data: bytes, archive: Archive, report: Report, most: int
) -> Iterator[tuple[str, tuple[int, Sequence[Any]], Callable[[], Iterator[tuple[int, Sequence[Any]]]]]]:
    """Each sheet that has something: its name, its header with its row, and its cells below."""
    parts = {name: _looked_over(archive.inside, name) for name in archive.inside.namelist() if _is_sheet(name)}
    for name in archive.inside.namelist():
        if name not in parts:
            _whole(archive.inside, archive.inside.getinfo(name))  # its size is what it says
    if any(one.cells > most for one in parts.values()):
        raise Refused("too_many_cells", f"工作表的范围超过{most}个单元格，可能在很远的地方误填了一格，没有打开。")
    for title, sheet, look in _sheets(data, parts):
        _tell(report, title, look)
        rows = list(_numbered(sheet))
        header = next(((number, cells) for number, cells in rows if any(cell != "" for cell in cells)), None)
        if header is not None:
            yield title, header, _below(rows, header[0])


@dataclass
class _Look:
    """What is seen in the XML of a sheet before it is opened."""

    rows: int = 0
    columns: int = 0
    merged: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    uncounted: tuple[str, ...] = ()

    @property
    def cells(self) -> int:
        return self.rows * self.columns


def _sheets(data: bytes, parts: dict[str, _Look]) -> Iterator[tuple[str, Any, _Look]]:
    try:
        book = calamine.load_workbook(io.BytesIO(data))
        looks = _by_title(data, parts)
        for title in book.sheet_names:
            yield title, book.get_sheet_by_name(title), looks.get(title, _Look())
    except (KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError, Refused):
        raise
    except BaseException as why:  # a fault in the reader's own language is no Exception here
        raise Refused("broken_workbook", "工作簿已损坏，无法读取，请用电子表格软件打开后另存为 .xlsx。") from why


def _by_title(data: bytes, parts: dict[str, _Look]) -> dict[str, _Look]:
    """Which part is which sheet, by the workbook's own lists; in its order where these cannot be read."""
    with zipfile.ZipFile(io.BytesIO(data)) as inside:
        names = set(inside.namelist())
        if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
            return {}
        listed = inside.read("xl/workbook.xml").decode(errors="replace")
        related = inside.read("xl/_rels/workbook.xml.rels").decode(errors="replace")
    where: dict[str, str] = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\s[^>]*>", related):
        at = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        where[at.get("Id", "")] = "xl/" + at.get("Target", "").removeprefix("/xl/")
    found: dict[str, _Look] = {}
    for tag in re.findall(r"<(?:\w+:)?sheet\s[^>]*>", listed):
        at = dict(re.findall(r'([\w:]+)="([^"]*)"', tag))
        part = where.get(next((told for name, told in at.items() if name.endswith(":id")), ""), "")
        if part in parts:
            found[_text(at.get("name", ""))] = parts[part]
    return found


def _text(quoted: str) -> str:
    for mark, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&apos;", "'"), ("&amp;", "&")):
        quoted = quoted.replace(mark, sign)
    return quoted


def _tell(report: Report, title: str, look: _Look) -> None:
    for at in look.merged:
        report.add(Fault("merged_cells", f"有合并单元格 {at}，请取消合并，每一格都填写。", title, _row_of(at)))
    for at in look.wrong:
        report.add(Fault("formula_error", f"单元格 {at} 的公式出错（如 #N/A），请改成值。", title, _row_of(at)))
    for at in look.uncounted:
        says = f"单元格 {at} 只有公式、没有算出的值，请用电子表格软件打开、保存后再导入，或改成值。"
        report.add(Fault("formula_without_value", says, title, _row_of(at)))


def _row_of(cell: str) -> int:
    return int(re.sub("[A-Z]", "", cell.split(":")[0]) or 0)


def _numbered(sheet: Any) -> Iterator[tuple[int, Sequence[Any]]]:
    yield from enumerate(sheet.to_python(skip_empty_area=False), 1)


def _below(rows: list[tuple[int, Sequence[Any]]], header: int) -> Callable[[], Iterator[tuple[int, Sequence[Any]]]]:
    return lambda: (row for row in rows if row[0] > header)


def _is_sheet(name: str) -> bool:
    return name.startswith("xl/worksheets/") and name.endswith(".xml")


def _looked_over(inside: zipfile.ZipFile, name: str) -> _Look:
    """The extent of a sheet and what in it cannot be taken over, read in pieces."""
    rows = columns = 0
    merged: dict[str, None] = {}
    wrong: dict[str, None] = {}
    uncounted: dict[str, None] = {}
    for piece in _pieces(inside, name):
        for column, row in CELL.findall(piece):
            rows, columns = max(rows, int(row)), max(columns, _number(column))
        for pattern, found in ((MERGED, merged), (WRONG, wrong), (EMPTY, uncounted)):
            for at in pattern.findall(piece):
                if len(found) < MOST_MERGED:
                    found[at.decode()] = None
    return _Look(rows, columns, tuple(merged), tuple(wrong), tuple(uncounted))


def _pieces(inside: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    kept = b""
    try:
        with inside.open(name) as part:
            while chunk := part.read(CHUNK):
                yield kept + chunk
                kept = chunk[-OVERLAP:]
    except BROKEN as why:
        raise Refused("broken_archive", "压缩文件已损坏，或者展开后的大小与所写的不符。") from why


def _whole(inside: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    try:
        return inside.read(member)
    except BROKEN as why:
        raise Refused("broken_archive", "压缩文件已损坏，或者展开后的大小与所写的不符。") from why


def _name_of(member: zipfile.ZipInfo) -> str:
    """The name; archives made by Chinese Windows write it in GBK without saying so."""
    if member.flag_bits & 0x800:
        return member.filename
    try:
        return member.filename.encode("cp437").decode("gb18030")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return member.filename


def _number(column: bytes) -> int:
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number


def written(value: Any) -> str:
    """A date or a time as it is written here."""
    if isinstance(value, datetime):
        whole = value.time() == time.min
        return value.date().isoformat() if whole else value.isoformat(sep=" ", timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return str(value)
    return str(value)
