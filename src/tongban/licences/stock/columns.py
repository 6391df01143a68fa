# SPDX-License-Identifier: Apache-2.0
"""A row of a file into an existing certificate, or its faults by column. Pure.

What stands in a personal cell never gets into a report: a report is kept in plain.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from tongban.catalogue.tables.reading import Row, Sheet
from tongban.catalogue.tables.report import Fault, Report
from tongban.licences.types.content import TypeContent, TypeField, fault, last_day
from tongban.standards.enums import IdType
from tongban.standards.id_documents import document_number
from tongban.standards.identifiers import name as person_name
from tongban.standards.refusal import BadInput

FIXED = {  # name in files: on screens
    "holder_name": "持有人名称",
    "holder_id_type": "持有人证件类型",
    "holder_number": "持有人证件号码",
    "number": "证照编号",
    "issued_on": "签发日期",
    "valid_until": "有效期至",
    "status": "状态",
}
NEEDED = ("holder_name", "holder_number", "number", "issued_on")
NUMBER = re.compile(r"[0-9A-Za-z.\-〔〕()（）\[\]/号字第一-鿿]{1,60}")
COMPANY_NAME = 100  # characters
IN_FORCE = "有效"
ID_TYPES = {kind.label: kind for kind in IdType}


@dataclass(frozen=True)
class Certificate:
    """One existing certificate as a file tells of it."""

    holder_name: str
    holder_id_type: IdType
    holder_number: str
    number: str
    issued_on: date
    valid_until: date | None
    said: dict[str, str]


@dataclass
class Judge:
    """Reads the rows of a type; what is wrong stands in the report."""

    content: TypeContent
    report: Report
    today: date
    demo: bool

    def __post_init__(self) -> None:
        self._seen: set[str] = set()
        self._titles = FIXED | {field.name: field.label for field in self.content.fields}

    def certificates(self, sheet: Sheet) -> Iterator[Certificate]:
        """Every row without a fault, in order."""
        columns = self._columns(sheet)
        if columns is None:
            return
        for row in sheet.rows(self.report):
            cells = {name: row.code(title, self.report) for name, title in columns.items()}
            told = self._judged(row, cells)
            if told is not None:
                yield told

    def _columns(self, sheet: Sheet) -> dict[str, str] | None:
        """Which column of the file is which of ours: by our name or by its title. None when one is missing."""
        found: dict[str, str] = {}
        for title in filter(None, sheet.header):
            name = next((name for name, ours in self._titles.items() if title in (name, ours)), "")
            if name and name not in found:
                found[name] = title
            else:
                says = "同一列出现了两次。" if name else "这类证照没有这一列，请删去或者改正列名。"
                self.report.add(Fault("column_unknown", says, sheet.name, 1, title))
        wanted = [*NEEDED, *(field.name for field in self.content.fields if field.required)]
        missing = [self._titles[name] for name in wanted if name not in found]
        for title in missing:
            self.report.add(Fault("column_missing", "缺少这一列，请补上。", sheet.name, 1, title))
        return None if self.report.stops else found

    def _judged(self, row: Row, cells: dict[str, str]) -> Certificate | None:
        before = self.report.errors
        kind = self._id_type(row, cells)
        name = self._name(row, cells, kind)
        holder_number = self._holder_number(row, cells, kind)
        number = self._number(row, cells)
        issued_on = self._day(row, cells, "issued_on")
        valid_until = self._day(row, cells, "valid_until") if cells.get("valid_until") else None
        if issued_on is not None and issued_on > self.today:
            self._add(row, "issued_on", "签发日期不能晚于今天。")
        if cells.get("status", "") not in ("", IN_FORCE):
            self._add(row, "status", "只收录现在有效的证照，其他的请从文件中删去。")
        said = {field.name: text for field in self.content.fields if (text := self._field(row, cells, field))}
        if self.report.errors > before or issued_on is None:
            return None
        until = valid_until or last_day(self.content, issued_on, said)
        return Certificate(name, kind, holder_number, number, issued_on, until, said)

    def _id_type(self, row: Row, cells: dict[str, str]) -> IdType:
        usual = IdType.RESIDENT_ID if "person" in self.content.holders else IdType.CREDIT_CODE
        typed = cells.get("holder_id_type", "")
        kind = ID_TYPES.get(typed) if typed else usual
        if kind is None:
            self._add(row, "holder_id_type", f"证件类型请写：{'、'.join(ID_TYPES)}。")
            return usual
        if ("company" if kind is IdType.CREDIT_CODE else "person") not in self.content.holders:
            self._add(row, "holder_id_type", "这类证照不发给这种持有人。")
        return kind

    def _name(self, row: Row, cells: dict[str, str], kind: IdType) -> str:
        text = cells["holder_name"]
        if kind is not IdType.CREDIT_CODE:
            try:
                return person_name(text)
            except BadInput as no:
                self._add(row, "holder_name", no.sentence)
        elif not 2 <= len(text) <= COMPANY_NAME:
            self._add(row, "holder_name", f"名称应为 2 至 {COMPANY_NAME} 个字。")
        return text

    def _holder_number(self, row: Row, cells: dict[str, str], kind: IdType) -> str:
        try:
            return document_number(cells["holder_number"], kind, demo=self.demo, on=self.today).number
        except BadInput as no:
            self._add(row, "holder_number", no.sentence)
            return ""

    def _number(self, row: Row, cells: dict[str, str]) -> str:
        number = cells["number"]
        if not NUMBER.fullmatch(number):
            self._add(row, "number", "请填写证照编号，不超过 60 个字，不含空格。")
        elif number in self._seen:
            self._add(row, "number", "文件中已有这个编号。")
        self._seen.add(number)
        return number

    def _day(self, row: Row, cells: dict[str, str], name: str) -> date | None:
        try:
            return date.fromisoformat(cells[name])
        except ValueError:
            self._add(row, name, "请写成 2026-11-23 这样的日期。")
            return None

    def _field(self, row: Row, cells: dict[str, str], field: TypeField) -> str:
        text = cells.get(field.name, "")
        if why := fault(field, text):
            self._add(row, field.name, f"{why}。")
        return text

    def _add(self, row: Row, name: str, says: str) -> None:
        self.report.add(Fault(f"stock_{name}", says, row.sheet, row.number, self._titles[name]))


def template(content: TypeContent) -> Sequence[Sequence[str]]:
    """The first row of a file for this type."""
    return [[*FIXED.values(), *(field.label for field in content.fields)]]
