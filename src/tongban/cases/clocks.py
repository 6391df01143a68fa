# SPDX-License-Identifier: Apache-2.0
"""Limits, due dates and the explanation of each. Pure: instants and a calendar in, dates out.

Limits come from a regime that the item declares with law and clause, never from mode or type by accident.
Days are those of the deciding organization, in Asia/Shanghai; the first day does not count.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from tongban.standards.clock import local_date
from tongban.standards.workdays import Calendar

NAMES = {"acceptance": "受理时限", "decision": "办结时限", "delivery": "送达时限"}
UNITS = {"working_day": "个工作日", "natural_day": "个自然日"}


@dataclass(frozen=True)
class Regime:
    """One limit as the item declares it."""

    kind: str  # acceptance, decision, delivery
    days: int
    unit: str  # working_day or natural_day
    law: str
    clause: str
    source: str

    def plain(self) -> dict[str, Any]:
        """As it is stored and sent."""
        return {
            "kind": self.kind,
            "days": self.days,
            "unit": self.unit,
            "law": self.law,
            "clause": self.clause,
            "source": self.source,
        }


@dataclass(frozen=True)
class Running:
    """A clock that has begun."""

    regime: Regime
    started_on: date
    due_on: date


def regime(given: Mapping[str, Any]) -> Regime:
    """A regime as it was stored or sent."""
    return Regime(**{name: given[name] for name in ("kind", "days", "unit", "law", "clause", "source")})


def start(declared: Regime, at: datetime, calendar: Calendar) -> Running:
    """A clock that begins at this instant."""
    first = local_date(at)
    return Running(regime=declared, started_on=first, due_on=due(declared, first, calendar))


def due(declared: Regime, first: date, calendar: Calendar) -> date:
    """The last day of the limit."""
    if declared.unit == "working_day":
        return calendar.add_workdays(first, declared.days)
    return first + timedelta(days=declared.days)


def left(running: Running, today: date, calendar: Calendar) -> int:
    """Working days left after today; 0 on the last day, negative when late."""
    return calendar.count_workdays(today, running.due_on)


def explain(running: Running, calendar: Calendar) -> list[str]:
    """Line by line how the date comes about, in words for anybody."""
    declared = running.regime
    lines = [f"{NAMES[declared.kind]}为 {declared.days} {UNITS[declared.unit]}，依据：{basis(declared)}。"]
    if declared.unit == "working_day":
        return [*lines, *calendar.explain(running.started_on, declared.days)]
    return [
        *lines,
        f"{chinese(running.started_on)}为起算日，当日不计入期限。",
        f"第 {declared.days} 日为 {chinese(running.due_on)}。",
    ]


def basis(declared: Regime) -> str:
    """What the limit rests on."""
    return f"{declared.law}{declared.clause}" if declared.law else declared.source


def chinese(day: date) -> str:
    """2026年5月3日（周日）"""
    return f"{day.year}年{day.month}月{day.day}日（周{'一二三四五六日'[day.weekday()]}）"
