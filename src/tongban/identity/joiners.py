# SPDX-License-Identifier: Apache-2.0
"""Joiners and leavers in a file: CSV as spreadsheets write it, judged line by line."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from tongban.standards.actor import NAMES, Role

COLUMNS = ("办理", "登录名", "姓名", "机构代码", "角色", "岗位", "大厅")
NEEDED = COLUMNS[:2]
JOINS, LEAVES = "入职", "离职"
MOST = 300  # lines: each joiner's first password costs time, by design
LARGEST = 1_000_000  # bytes
ROLES = {NAMES[role]: role for role in Role if role not in (Role.APPLICANT, Role.SYSTEM)}


@dataclass(frozen=True)
class Fault:
    """What is wrong in one line; line 1 has the headings."""

    line: int
    column: str
    says: str


@dataclass(frozen=True)
class Row:
    """One line that can be read."""

    line: int
    joins: bool
    login: str
    name: str
    organization: str
    roles: tuple[Role, ...]
    title: str
    hall: str


def read(data: bytes) -> tuple[list[Row], list[Fault]]:
    """What a file says, and everything that cannot be read in it."""
    if len(data) > LARGEST:
        return [], [Fault(1, "", "文件过大，请分几次导入。")]
    text = _decoded(data)
    if text is None:
        return [], [Fault(1, "", "文件不是 UTF-8 或 GBK 编码的 CSV，请在表格软件中另存为 CSV。")]
    lines = csv.DictReader(io.StringIO(text.replace("\0", "")))
    missing = [each for each in NEEDED if each not in (lines.fieldnames or ())]
    if missing:
        return [], [Fault(1, each, f"缺少“{each}”一列。") for each in missing]
    rows: list[Row] = []
    faults: list[Fault] = []
    seen: set[str] = set()
    for number, told in enumerate(_whole(lines), 2):
        if told is None:
            return rows, [*faults, Fault(number, "", "这一行不是 CSV，请检查引号。")]
        if number > MOST + 1:
            return rows, [*faults, Fault(number, "", f"一次最多 {MOST} 行。")]
        said = {column: (told.get(column) or "").strip() for column in COLUMNS}
        if not any(said.values()):
            continue
        found = list(_faults(said, seen))
        faults += [Fault(number, column, says) for column, says in found]
        if not found:
            rows.append(_row(number, said))
        seen.add(said["登录名"].lower())
    return rows, faults


def _whole(lines: Iterator[dict[str, str]]) -> Iterator[dict[str, str] | None]:
    """The lines; None in the place of one that cannot be read, and nothing after it."""
    try:
        yield from lines
    except csv.Error:
        yield None


def _decoded(data: bytes) -> str | None:
    for coding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(coding)
        except UnicodeDecodeError:
            continue
    return None


def _faults(said: dict[str, str], seen: set[str]) -> Iterator[tuple[str, str]]:
    if said["办理"] not in (JOINS, LEAVES):
        yield "办理", f"请写“{JOINS}”或“{LEAVES}”。"
    if not said["登录名"]:
        yield "登录名", "请写登录名。"
    elif said["登录名"].lower() in seen:
        yield "登录名", "同一个登录名在文件中出现了两次。"
    if said["办理"] != JOINS:
        return
    for column in ("姓名", "机构代码"):
        if not said[column]:
            yield column, f"入职须写{column}。"
    unknown = [each for each in _words(said["角色"]) if each not in ROLES]
    if unknown or not _words(said["角色"]):
        yield "角色", f"角色为{'、'.join(ROLES)}中的一个或几个，用顿号隔开。"


def _row(number: int, said: dict[str, str]) -> Row:
    return Row(
        line=number,
        joins=said["办理"] == JOINS,
        login=said["登录名"],
        name=said["姓名"],
        organization=said["机构代码"].upper(),
        roles=tuple(ROLES[each] for each in _words(said["角色"])),
        title=said["岗位"],
        hall=said["大厅"],
    )


def _words(text: str) -> list[str]:
    return [each for each in text.replace(",", "、").replace("，", "、").replace(" ", "、").split("、") if each]
