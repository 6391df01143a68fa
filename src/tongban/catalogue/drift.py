# SPDX-License-Identifier: Apache-2.0
"""Where regions differ in one basic item, element by element; as rows and as CSV."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tongban.catalogue import elements
from tongban.catalogue.difference import difference, text_of
from tongban.catalogue.elements import FOUR, TWELVE, Keeper

BOM = "\ufeff"  # so that a spreadsheet reads the file as UTF-8
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a cell that begins so would be run by a spreadsheet
HEADER = tuple(
    "基本编码 要素 路径 统一要求 行政区划代码 行政区划 实施机构 实施编码 版本 位置 基准 本地区".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Said:
    """What one organization says in one published version."""

    basic_code: str
    region: str
    place: str  # the region's name
    organization: str
    task_code: str
    version: int
    content: Mapping[str, Any]


@dataclass(frozen=True)
class Drift:
    """One element in which one implementation differs from the measure."""

    said: Said
    unit: str
    name: str
    place: str
    measure: Any
    value: Any

    @property
    def demanded(self) -> str:
        """Which promise of sameness it breaks; empty where regions may differ."""
        if self.unit in FOUR:
            return "四级四同"
        return "五级十二同" if self.unit in TWELVE or self.unit.partition(".")[0] in TWELVE else ""


@dataclass(frozen=True)
class Report:
    """One basic item across regions: who was compared, with what, and where they differ."""

    basic_code: str
    compared: tuple[Said, ...]
    measure: Mapping[str, Any]
    fixed: frozenset[str]  # units whose measure is the basic catalogue's; of the others it is what most say
    drifts: tuple[Drift, ...]

    def by_unit(self) -> list[tuple[str, int]]:
        """The elements in which regions differ and how many implementations do, most first."""
        met = {(drift.unit, drift.said.task_code) for drift in self.drifts}
        return sorted(Counter(unit for unit, _ in met).items(), key=lambda pair: (-pair[1], pair[0]))


def report(basic_code: str, said: Iterable[Said], fixed: Mapping[str, Any]) -> Report:
    """Compare what organizations say with what levels above have fixed, and elsewhere with what most of them say.

    Elements that are local by nature (addresses, phones, links) are not compared.
    """
    compared = tuple(said)
    measure = dict(fixed)
    for path in _comparable():
        if elements.get(measure, path) is None and compared:
            usual = _usual([elements.get(dict(each.content), path) for each in compared])
            measure = measure if usual is None else elements.put(measure, path, usual)
    drifts = tuple(drift for each in compared for drift in _drifts(each, measure))
    return Report(basic_code, compared, measure, frozenset(elements.said(dict(fixed))), drifts)


def rows(of: Report) -> Iterator[tuple[str, ...]]:
    """The report as a table, header first."""
    yield HEADER
    for drift in of.drifts:
        who = drift.said
        yield (
            who.basic_code,
            drift.name,
            drift.unit,
            drift.demanded,
            who.region,
            who.place,
            who.organization,
            who.task_code,
            str(who.version),
            drift.place,
            text_of(drift.measure),
            text_of(drift.value),
        )


def as_csv(table: Iterable[Sequence[str]]) -> bytes:
    """A table for spreadsheets: UTF-8 with BOM, and no cell that one would take for a formula."""
    out = io.StringIO()
    csv.writer(out).writerows([_cell(each) for each in row] for row in table)
    return (BOM + out.getvalue()).encode()


def _cell(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text


def _comparable() -> Iterator[str]:
    return (path for path, unit in elements.units().items() if unit.keeper in (Keeper.CATALOGUE, Keeper.SHARED))


def _usual(values: Sequence[Any]) -> Any:
    """What most say; among equally many, what was said first."""
    written = [text_of(value) for value in values]
    most, _ = Counter(written).most_common(1)[0]
    return values[written.index(most)]


def _drifts(said: Said, measure: Mapping[str, Any]) -> Iterator[Drift]:
    wanted = set(_comparable())
    for change in difference(measure, said.content):
        if change.unit in wanted:
            yield Drift(said, change.unit, change.name, change.place, change.before, change.after)
