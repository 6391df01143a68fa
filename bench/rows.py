# SPDX-License-Identifier: Apache-2.0
"""What a benchmark says: rows, each beside its baseline, kept for later and shown now."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

HISTORY = Path(__file__).parent / "history"


@dataclass(frozen=True)
class Pair:
    """One round: what ours did, and what its baseline did right before or after."""

    value: float
    baseline: float | None = None

    @property
    def ratio(self) -> float | None:
        """Ours as a share of the baseline."""
        return None if not self.baseline else self.value / self.baseline


@dataclass(frozen=True)
class Goal:
    """What is aimed at: the ratio or the value, at least or at most so much."""

    of: str  # ratio or value
    least: float | None = None
    most: float | None = None

    def __str__(self) -> str:
        sign, number = ("≥", self.least) if self.least is not None else ("≤", self.most)
        assert number is not None
        return f"{sign} {number:.0%}" if self.of == "ratio" and number < 5 else f"{sign} {number:g}"

    def met(self, ratio: float | None, value: float) -> bool | None:
        """Whether it is reached; None when there is nothing to compare."""
        told = ratio if self.of == "ratio" else value
        if told is None:
            return None
        return told >= self.least if self.least is not None else told <= (self.most or 0.0)


@dataclass(frozen=True)
class Row:
    """One line of the table. Value, baseline and ratio are medians over the runs."""

    name: str
    value: float
    unit: str
    baseline: float | None
    ratio: float | None
    goal: str
    met: bool | None
    runs: int
    spread: tuple[float, float]  # least and greatest ratio, or value where there is no baseline
    against: str = ""  # what the baseline is
    note: str = ""
    rounds: tuple[tuple[float, float | None], ...] = field(default=())


def row(
    name: str, unit: str, pairs: Sequence[Pair], *, goal: Goal | None = None, against: str = "", note: str = ""
) -> Row:
    """The medians of several runs. A ratio is the median of the ratios of each round, not of medians."""
    value = median(pair.value for pair in pairs)
    ratios = [pair.ratio for pair in pairs if pair.ratio is not None]
    ratio = median(ratios) if ratios else None
    kept = [pair.baseline for pair in pairs if pair.baseline is not None]
    spread = ratios or [pair.value for pair in pairs]
    return Row(
        name=name,
        value=_short(value),
        unit=unit,
        baseline=_short(median(kept)) if kept else None,
        ratio=None if ratio is None else _short(ratio),
        goal=str(goal) if goal else "",
        met=goal.met(ratio, value) if goal else None,
        runs=len(pairs),
        spread=(_short(min(spread)), _short(max(spread))),
        against=against,
        note=note,
        rounds=tuple((_short(p.value), None if p.baseline is None else _short(p.baseline)) for p in pairs),
    )


def _short(number: float) -> float:
    """Four digits are more than such a measurement holds."""
    return float(f"{number:.4g}")


def write(rows: Sequence[Row], conditions: Mapping[str, Any], *, day: str, commit: str, folder: Path = HISTORY) -> Path:
    """Keep a run under its day and commit; a second run of the same replaces the first."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{day}-{commit}.json"
    told = {"conditions": dict(conditions), "rows": [asdict(each) for each in rows]}
    file.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return file


def show(rows: Sequence[Row], console: Console) -> None:
    """The table on the screen."""
    table = Table(title="与对照同场测量(中位数)", title_justify="left", show_lines=False)
    for title in ("项目", "本系统", "对照", "比值", "目标", "达到", "轮次", "最小–最大"):
        table.add_column(title, justify="left" if title in ("项目", "达到") else "right", overflow="fold")
    for each in rows:
        table.add_row(*_cells(each))
    console.print(table)
    for number, each in enumerate((each for each in rows if each.against or each.note), 1):
        console.print(f"{number:2}. {each.name}：{'；'.join(filter(None, (each.against, each.note)))}", highlight=False)


def brief(each: Row) -> str:
    """A row in a few words, while the others are still being measured."""
    return " ".join(_cells(each)[:4])


def _cells(each: Row) -> list[str]:
    as_share = each.ratio is not None and each.ratio < 5
    low, high = (f"{end:.0%}" if as_share else f"{end:,.4g}" for end in each.spread)
    return [
        each.name,
        f"{each.value:,.4g} {each.unit}",
        "" if each.baseline is None else f"{each.baseline:,.4g}",
        "" if each.ratio is None else (f"{each.ratio:.1%}" if as_share else f"{each.ratio:,.0f} ×"),
        each.goal,
        {True: "是", False: "否", None: ""}[each.met],
        str(each.runs),
        f"{low}–{high}",
    ]
