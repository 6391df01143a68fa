# SPDX-License-Identifier: Apache-2.0
"""What people enter: a year's days off as the State Council publishes them, and opening hours. Pure."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from tongban.standards.opening import Opening, Spans
from tongban.standards.refusal import BadInput
from tongban.standards.workdays import MAKEUP, MOVED

KINDS: dict[str, Literal["holiday", "makeup"]] = {
    "放假": "holiday",
    "holiday": "holiday",
    "上班": "makeup",
    "makeup": "makeup",
}
Days = dict[date, tuple[str, str]]  # kind and name of the days that differ
COLUMNS = ["date", "kind", "name"]
SPAN = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
DAYS = re.compile(r"([1-7])(?:-([1-7]))?")


@dataclass(frozen=True)
class Day:
    """A day that differs from its weekday."""

    date: date
    kind: Literal["holiday", "makeup"]
    name: str


@dataclass(frozen=True)
class Year:
    """One year's differing days; provisional when the year's notice is not in it yet."""

    year: int
    provisional: bool
    days: tuple[Day, ...]
    source: str


def read(text: str, year: int, source: str) -> Year:
    """A published plan: a table of date, kind (放假 or 上班) and name. BadInput names the line that does not fit."""
    rows = csv.DictReader(text.lstrip("\ufeff").splitlines())
    if rows.fieldnames != COLUMNS:
        raise BadInput("plan", f"第一行应为 {','.join(COLUMNS)}。")
    plan = Year(year, False, tuple(_day(line, row) for line, row in enumerate(rows, start=2)), source)
    require_sound(plan)
    return plan


def require_sound(plan: Year) -> None:
    """BadInput unless this can be the whole plan of its year."""
    if not plan.source.strip():
        raise BadInput("source", "请写明放假安排的出处，如通知的名称和文号。")
    days = [each.date for each in plan.days]
    twice = next((day for day in days if days.count(day) > 1), None)
    if twice is not None:
        raise BadInput("plan", f"{twice}写了两次，请保留一行。")
    for each in plan.days:
        if each.kind == "makeup" and each.date.weekday() < 5:
            raise BadInput("plan", f"{each.date}不是周末，不需要调休上班，请核对日期。")
        if each.date.year != plan.year and (each.date.year, each.date.month) != (plan.year - 1, 12):
            raise BadInput("plan", f"{each.date}不属于{plan.year}年的放假安排，请核对年份。")
    if not {"holiday", "makeup"} <= {each.kind for each in plan.days}:
        raise BadInput("plan", "放假安排应当既有放假的日子，也有调休上班的日子，请补全后再导入。")


def opening(week: Sequence[str], makeup: str = "") -> Opening:
    """Opening hours as typed: "1-5 09:00-12:00 13:30-17:00" for Monday to Friday, days not named are closed.

    Worked weekend days are as Mondays unless said otherwise. BadInput says what cannot be read.
    """
    days: list[Spans] = [()] * 7
    for line in week:
        named, _, rest = line.strip().partition(" ")
        found = DAYS.fullmatch(named)
        if found is None:
            raise BadInput("week", f"“{line}”写法不对。请写成 1-5 09:00-12:00 13:30-17:00，1 至 7 为周一至周日。")
        for day in range(int(found[1]), int(found[2] or found[1]) + 1):
            days[day - 1] = spans(rest, "week")
    try:
        return Opening(tuple(days), spans(makeup, "makeup") if makeup else days[0])
    except ValueError as why:
        raise BadInput("week", "办公时间须在同一天之内，按先后排列，互不重叠。") from why


def spans(text: str, field: str) -> Spans:
    """Spans of one day as typed: 09:00-12:00 13:30-17:00; nothing is closed all day."""
    return tuple(_span(each, field) for each in text.split())


def _span(text: str, field: str) -> tuple[int, int]:
    found = SPAN.fullmatch(text)
    minutes = [int(found[n]) * 60 + int(found[n + 1]) for n in (1, 3)] if found else []
    if not found or int(found[2]) > 59 or int(found[4]) > 59 or not minutes[0] < minutes[1] <= 24 * 60:
        raise BadInput(field, f"“{text}”不是一段时间。请写成 09:00-12:00。")
    return minutes[0], minutes[1]


def _day(line: int, row: Mapping[str, str | None]) -> Day:
    try:
        day = date.fromisoformat((row["date"] or "").strip())
        kind = KINDS[(row["kind"] or "").strip()]
    except (KeyError, ValueError) as why:
        raise BadInput("plan", f"第{line}行读不懂。请写成 2027-02-06,放假,春节 或 2027-02-20,上班,。") from why
    return Day(day, kind, (row["name"] or "").strip() or (MAKEUP if kind == "makeup" else MOVED))


def plain(spans: Spans) -> list[list[int]]:
    """Spans as they are stored."""
    return [list(span) for span in spans]


def after(before: Days, plan: Year) -> Days:
    """The days once this plan is in place of what they had for its year."""
    kept = {day: said for day, said in before.items() if day.year != plan.year}
    return kept | {each.date: (each.kind, each.name) for each in plan.days}


def differences(old: Days, new: Days) -> Iterator[date]:
    """The days that the two see differently."""
    return (day for day in sorted(old.keys() | new.keys()) if old.get(day) != new.get(day))
