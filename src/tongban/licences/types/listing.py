# SPDX-License-Identifier: Apache-2.0
"""The lines of a mutual recognition list as they are written, kept and read. Pure."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import msgspec

from tongban.licences.errors import ListOdd
from tongban.licences.identifier import TYPE
from tongban.licences.recognition import Accepted
from tongban.standards import codes
from tongban.standards.canonical import canonical
from tongban.standards.regions import is_region_code

MOST = 2_000  # lines
TOO_MANY = f"互认清单不能超过 {MOST} 行。"
COLUMNS = ("类型代码", "签发地区划", "事项基本编码", "起始日期", "截止日期")


def typed(text: str) -> list[Accepted]:
    """The lines that somebody has typed, five columns with commas or tabs between. ListOdd names the first odd one."""
    rows = [(number, line.replace("，", ",")) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if len(rows) > MOST:
        raise ListOdd(field="lines", why=TOO_MANY)
    lines = [_typed(number, line) for number, line in rows]
    if len(set(lines)) < len(lines):
        raise ListOdd(field="lines", why="互认清单中有重复的行。")
    return lines


def in_text(lines: Sequence[Accepted]) -> str:
    """The same as it would be typed."""
    return "\n".join(",".join(_cells(each)) for each in lines)


def document(lines: Sequence[Accepted]) -> bytes:
    """The bytes that are kept and digested."""
    return canonical([msgspec.to_builtins(each) for each in lines])


def read_list(kept: bytes) -> list[Accepted]:
    """What was kept."""
    return msgspec.json.decode(kept, type=list[Accepted])


def read_told(document: bytes) -> list[Accepted]:
    """What another node says that it accepts. ListOdd when it is no such list."""
    try:
        lines = msgspec.json.decode(document, type=list[Accepted])
    except (msgspec.DecodeError, UnicodeDecodeError) as why:
        raise ListOdd(field="document", why="互认清单的内容不能读出。") from why
    if len(lines) > MOST:
        raise ListOdd(field="document", why=TOO_MANY)
    for number, each in enumerate(lines, 1):
        for problem in _problems(_cells(each)):
            raise ListOdd(field="document", why=f"第 {number} 行：{problem}")
    return lines


def plain(lines: Sequence[Accepted]) -> list[dict[str, Any]]:
    """The same for programs."""
    told: list[dict[str, Any]] = msgspec.to_builtins(lines)
    return told


def _typed(number: int, line: str) -> Accepted:
    cells = [cell.strip() for cell in line.replace("\t", ",").split(",")]
    cells += [""] * (len(COLUMNS) - len(cells))
    for why in _problems(cells):
        raise ListOdd(field="lines", why=f"第 {number} 行：{why}")
    since, until = date.fromisoformat(cells[3]), cells[4]
    return Accepted(cells[0], cells[1], cells[2], since, date.fromisoformat(until) if until else None)


def _problems(cells: Sequence[str]) -> Iterator[str]:
    if len(cells) > len(COLUMNS):
        yield f"每行依次写{'、'.join(COLUMNS)}，用逗号分开。"
    if not TYPE.fullmatch(cells[0]):
        yield "类型代码应为 21 位。"
    if not (len(cells[1]) == 6 and is_region_code(cells[1])):
        yield "签发地区划应为 6 位行政区划代码，不限地区写 000000。"
    if cells[2] and not codes.is_basic_code(cells[2]):
        yield "事项基本编码不对；用于全部事项的，留空。"
    days = [_day(cell) for cell in cells[3:5]]
    if days[0] is None or (cells[4] and days[1] is None):
        yield "日期请写成 2026-11-23 这样。"
    elif days[1] is not None and days[1] < days[0]:
        yield "截止日期不能早于起始日期。"


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _cells(each: Accepted) -> tuple[str, ...]:
    until = each.until.isoformat() if each.until else ""
    return each.type_code, each.issuer_region, each.item, each.since.isoformat(), until
