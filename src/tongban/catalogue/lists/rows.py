# SPDX-License-Identifier: Apache-2.0
"""A list brought by an office as a table: its rows become entries, every fault with its row and column. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec

from tongban.catalogue.lists.comparing import plain_name
from tongban.catalogue.lists.content import Batch, Entry, TongbanList, sentence
from tongban.catalogue.tables.reading import Book, Row, Sheet
from tongban.catalogue.tables.report import Fault, Report
from tongban.standards import codes
from tongban.standards.enums import Labelled, Mode, ModeBasis

# Ours, what offices write, and the columns of the project's own list of known items.
COLUMNS = {
    "code": ("编号", "条目编号", "序号", "code", "number"),
    "name": ("事项名称", "名称", "政务服务事项", "事项", "name"),
    "basic_code": ("基本编码", "basic_code", "catalog_code"),
    "batch": ("批次", "batch"),
    "deadline": ("完成时限", "截止日期", "完成时间", "deadline"),
    "mode": ("办理模式", "通办模式", "业务模式", "办理方式", "mode"),
    "mode_basis": ("模式依据", "mode_basis"),
    "lead": ("牵头单位", "牵头部门", "lead", "lead_department"),
    "lead_basis": ("牵头依据", "lead_basis"),
    "responsible": ("责任单位", "配合单位", "responsible"),
    "timetable": ("时间表", "时间表和路线图", "timetable"),
    "scenario": ("应用场景", "业务场景", "scenario"),
    "confidence": ("可信度", "confidence"),
    "source": ("来源", "备注", "source", "source_note"),
    "urls": ("来源网址", "source_urls"),
    "batch_basis": ("批次依据", "batch_basis"),
}
KNOWN = {name.casefold(): ours for ours, names in COLUMNS.items() for name in names}
UNSURE = "批次未核实。"
NEEDED = ("name", "batch")
CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,39}")
DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?: 00:00:00)?(?:前|底前)?")
SPLIT = re.compile(r"[、，,;；\n]+")
CONFIDENCE = {"高": "high", "中": "medium", "低": "low"}
OPTIONAL = ("mode_basis", "lead_basis")


@dataclass
class Taken:
    """What a file makes of a list: the next words, and how they differ; with a fault nothing is taken over."""

    words: TongbanList
    report: Report
    added: list[str] = field(default_factory=list)  # names
    changed: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    batches: list[str] = field(default_factory=list)  # new ones
    same: int = 0

    @property
    def changes_nothing(self) -> bool:
        """Whether the list says already what the file says."""
        return not (self.added or self.changed or self.removed or self.batches)


@dataclass
class _Making:
    """The list under way."""

    before: TongbanList
    entries: dict[str, Entry] = field(default_factory=dict)  # by code
    names: dict[str, int] = field(default_factory=dict)  # by plain name: the row
    batches: dict[str, Batch] = field(default_factory=dict)  # by code

    def __post_init__(self) -> None:
        self.by_name = {plain_name(entry.name): entry for entry in self.before.entries}
        self.used = {entry.code for entry in self.before.entries}


def taken(book: Book, before: TongbanList) -> Taken:
    """The list as a file says it: the whole of it, so what the file leaves out is left out."""
    report, making = book.report, _Making(before)
    for batch in before.batches:
        making.batches[batch.code] = batch
    sheets = [(sheet, columns) for sheet in book.sheets if (columns := _columns(sheet, report, len(book.sheets)))]
    if not sheets and not report.stops:
        report.add(Fault("no_table", "文件里没有清单：标题行须有“事项名称”和“批次”两列。"))
    found = [(row, columns) for sheet, columns in sheets for row in sheet.rows(report)]
    if sheets and not found and not report.stops:
        report.add(Fault("no_rows", "清单是空的，标题行以下没有内容。"))
    _reserve(found, making, report)
    for row, columns in found:
        _take(row, columns, making, report)
    report.faults.sort(key=lambda fault: (fault.sheet, fault.row))
    return _result(making, before, report)


def _columns(sheet: Sheet, report: Report, sheets: int) -> dict[str, str]:
    """Which column of the sheet is which of ours; empty for a sheet that holds no list."""
    titles = [(title, KNOWN.get(title.casefold())) for title in sheet.header if title]
    if sheets > 1 and not any(ours in NEEDED for _, ours in titles):
        report.add(Fault("no_list", "这个工作表不是清单，没有读取。", sheet.name, stops=False))
        return {}
    found: dict[str, str] = {}
    for title, ours in titles:
        if ours is None:
            report.add(Fault("column_unknown", "不认识这一列，没有读取。", sheet.name, 0, title, stops=False))
        elif ours in found:
            says = f"与“{found[ours]}”列说的是同一件事，只能留一列。"
            report.add(Fault("column_repeated", says, sheet.name, 0, title))
        else:
            found[ours] = title
    lacking = [COLUMNS[ours][0] for ours in NEEDED if ours not in found]
    for name in lacking:
        report.add(Fault("column_missing", f"缺少“{name}”列。", sheet.name, 0, name))
    return {} if lacking else found


def _reserve(found: list[tuple[Row, dict[str, str]]], making: _Making, report: Report) -> None:
    """Codes that the file itself gives are nobody else's."""
    given: dict[str, int] = {}
    for row, columns in found:
        code = _said(row, columns, "code")
        if code in given:
            says = f"编号与第{given[code]}行重复。"
            report.add(row.fault("code_repeated", columns["code"], says))
        elif code:
            given[code] = row.number
    making.used |= set(given)


def _take(row: Row, columns: Mapping[str, str], making: _Making, report: Report) -> None:
    before = report.errors
    plain: dict[str, Any] = {
        "name": _name(row, columns, making, report),
        "batch": _batch(row, columns, making, report),
        "basic_code": _basic(row, columns, report),
        "mode": _word(row, columns, "mode", Mode, report),
        "confidence": _confidence(row, columns, report),
        "responsible": [part.strip() for part in SPLIT.split(_said(row, columns, "responsible")) if part.strip()],
        "timetable": list(_timetable(_said(row, columns, "timetable"))),
        "lead": _said(row, columns, "lead"),
        "scenario": _said(row, columns, "scenario"),
        "source": _source(row, columns),
    }
    plain |= {word: _word(row, columns, word, ModeBasis, report) for word in OPTIONAL}
    if plain["mode"] is not None and plain["mode_basis"] is None:
        plain["mode_basis"] = str(ModeBasis.LOCAL)  # the publisher's own document says so
    if report.errors == before:
        _enter(row, columns, plain, making, report)


def _name(row: Row, columns: Mapping[str, str], making: _Making, report: Report) -> str:
    name = _said(row, columns, "name")
    key = plain_name(name)
    if not name:
        report.add(row.fault("name_missing", columns["name"], "没有事项名称。"))
    elif key in making.names:
        report.add(row.fault("name_repeated", columns["name"], f"与第{making.names[key]}行是同一个事项。"))
    making.names.setdefault(key, row.number)
    return name


def _source(row: Row, columns: Mapping[str, str]) -> str:
    """Where it was read, with a warning when the batch is not sure, as the project's own list tells it."""
    unsure = UNSURE if _said(row, columns, "batch_basis") == "unverified" else ""
    return " ".join(filter(None, (unsure, _said(row, columns, "source"), _said(row, columns, "urls"))))


def _enter(row: Row, columns: Mapping[str, str], plain: dict[str, Any], making: _Making, report: Report) -> None:
    code = _code(row, columns, plain, making, report)
    try:
        making.entries[code] = msgspec.convert(plain | {"code": code}, Entry)
    except msgspec.ValidationError as why:
        field = str(why).partition(" - at `$.")[2].rstrip("`")
        says = sentence(f"entries.{field}") or "内容过长或者不合格式。"
        report.add(row.fault("too_long", columns.get(field.partition("[")[0], ""), says))


def _code(row: Row, columns: Mapping[str, str], plain: dict[str, Any], making: _Making, report: Report) -> str:
    """The file's own code, that of the entry of this name before, or a new one."""
    given = row.code(columns["code"], report) if "code" in columns else ""
    if given and not CODE.fullmatch(given):
        report.add(row.fault("code_wrong", columns["code"], "编号只能用字母、数字、下划线和短横线，不超过40位。"))
    if given:
        return given
    known = making.by_name.get(plain_name(plain["name"]))
    if known is not None and known.code not in making.entries:
        return known.code
    stem = plain["batch"] or "x"
    number = next(n for n in range(1, len(making.used) + 2) if f"{stem}-{n:03d}" not in making.used)
    making.used.add(f"{stem}-{number:03d}")
    return f"{stem}-{number:03d}"


def _batch(row: Row, columns: Mapping[str, str], making: _Making, report: Report) -> str:
    """The batch that the row names, by code or name; a new one is entered with the deadline that the row gives."""
    said, due = _said(row, columns, "batch"), _deadline(row, columns, report)
    if not said:
        report.add(row.fault("batch_missing", columns["batch"], "没有写明批次。"))
        return ""
    known = next((one for one in making.batches.values() if said in (one.code, one.name)), None)
    if known is None:
        code = said if CODE.fullmatch(said) else f"batch-{len(making.batches) + 1}"
        making.batches[code] = Batch(code, said[:200], due)
        return code
    if due is not None and known.deadline is not None and due != known.deadline:
        says = f"与批次“{known.name}”的时限{known.deadline.isoformat()}不一致。"
        report.add(row.fault("deadline_differs", columns["deadline"], says))
    elif due is not None and known.deadline is None:
        making.batches[known.code] = msgspec.structs.replace(known, deadline=due)
    return known.code


def _deadline(row: Row, columns: Mapping[str, str], report: Report) -> date | None:
    said = _said(row, columns, "deadline")
    if not said:
        return None
    found = day_in(said)
    if found is None:
        report.add(row.fault("day_wrong", columns["deadline"], "日期请写成“2020-12-31”或“2020年12月31日”。"))
    return found


def day_in(text: str) -> date | None:
    """The day that a text names, and nothing else; None where it names none."""
    found = DAY.fullmatch(text.strip())
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None


def _basic(row: Row, columns: Mapping[str, str], report: Report) -> str:
    if "basic_code" not in columns:
        return ""
    said = row.code(columns["basic_code"], report)
    if said and not codes.is_basic_code(said):
        report.add(row.fault("basic_code_wrong", columns["basic_code"], "基本编码须是12位，且结构正确；不知道就留空。"))
    return said


def _word(row: Row, columns: Mapping[str, str], ours: str, words: type[Labelled], report: Report) -> str | None:
    said = _said(row, columns, ours)
    found = next((str(word) for word in words if said in (word.value, word.label)), None)
    if said and not found:
        offered = "、".join(word.label for word in words)
        report.add(row.fault("word_unknown", columns[ours], f"请填写{offered}之一，不知道就留空。"))
    return found


def _confidence(row: Row, columns: Mapping[str, str], report: Report) -> str:
    said = _said(row, columns, "confidence")
    if said and said not in {*CONFIDENCE, *CONFIDENCE.values()}:
        report.add(row.fault("word_unknown", columns["confidence"], "请填写高、中、低之一，不知道就留空。"))
    return CONFIDENCE.get(said, said)


def _timetable(text: str) -> Iterator[dict[str, Any]]:
    """Steps one a line or after a semicolon, each with its day behind a colon where it has one."""
    for part in filter(None, (one.strip() for one in re.split(r"[;；\n]+", text))):
        name, _, after = part.rpartition("：") if "：" in part else part.rpartition(":")
        due = day_in(after)
        yield {"name": name.strip(), "due": due} if due is not None and name.strip() else {"name": part, "due": None}


def _said(row: Row, columns: Mapping[str, str], ours: str) -> str:
    return row[columns[ours]].strip() if ours in columns else ""


def _result(making: _Making, before: TongbanList, report: Report) -> Taken:
    if report.stops:
        return Taken(before, report)
    made = list(making.entries.values())
    words = msgspec.structs.replace(before, entries=tuple(made), batches=tuple(making.batches.values()))
    known = {entry.code: entry for entry in before.entries}
    found = Taken(words, report)
    for entry in made:
        if entry.code not in known:
            found.added.append(entry.name)
        elif entry != known[entry.code]:
            found.changed.append(entry.name)
        else:
            found.same += 1
    found.removed = [entry.name for entry in before.entries if entry.code not in making.entries]
    had = {batch.code: batch for batch in before.batches}
    found.batches = [batch.name for batch in making.batches.values() if had.get(batch.code) != batch]
    return found
