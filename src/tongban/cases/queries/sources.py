# SPDX-License-Identifier: Apache-2.0
"""Where the materials of a case come from (材料从哪里来), how far each can be trusted, and which were replaced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tongban.cases.models import Material
from tongban.cases.queries.relying import standings_of
from tongban.cases.queries.timeline import Line, node_name
from tongban.cases.queries.views import TriedView
from tongban.cases.states import Mode
from tongban.cases.ways import MARKS, NAMES, Way, level
from tongban.catalogue.content import ItemContent

CORRECTED = "correct"  # the move that hands a material in anew


@dataclass(frozen=True)
class Trust:
    """How far a file can be trusted."""

    level: str
    mark: str  # its watermark, in words
    former: bool  # replaced by a correction


def tried_views(item: ItemContent, ways: Sequence[Mapping[str, Any]], now: datetime) -> tuple[TriedView, ...]:
    """The ways that the first line tells of, with how licences stand now."""
    stand = standings_of(ways, now)
    return tuple(_tried(item, each, stand) for each in ways)


def _tried(item: ItemContent, each: Mapping[str, Any], stand: Mapping[str, Any]) -> TriedView:
    material, standing = item.material(str(each["requirement"])), stand.get(str(each.get("file", "")))
    is_licence = each["way"] == Way.LICENCE
    return TriedView(
        material=material.name if material else str(each["requirement"]),
        way_name=NAMES.get(Way(each["way"]), str(each["way"])) if each["way"] in set(Way) else str(each["way"]),
        is_met=each["outcome"] == "met",
        source=node_name(str(each["source"])) if is_licence else "",
        name=str(each.get("name", "")),
        number=str(each.get("number", "")),
        issuer=str(each.get("issuer", "")),
        at=datetime.fromisoformat(each["at"]),
        until=date.fromisoformat(each["until"]) if each.get("until") else None,
        standing="" if standing is None or standing.counts else standing.label,
    )


def trusts(item: ItemContent, mode: Mode, lines: Sequence[Line], materials: Sequence[Material]) -> dict[int, Trust]:
    """By number of the file: its level, and whether a correction has put another in its place."""
    ways = {str(each.get("digest", "")): str(each["way"]) for each in lines[0].told.get("ways", ())} if lines else {}
    since = _replaced(lines, materials)
    return {
        row.number: _trust(item, mode, row, ways.get(row.digest, ""), former=row.number < since.get(row.requirement, 0))
        for row in materials
    }


def _trust(item: ItemContent, mode: Mode, row: Material, way: str, *, former: bool) -> Trust:
    found = level(way, item.material(row.requirement), at_window=mode is Mode.PROXY)
    return Trust(str(found), MARKS[found], former)


def _replaced(lines: Sequence[Line], materials: Sequence[Material]) -> dict[str, int]:
    """By requirement: the first file of its newest correction. Files are numbered in the order of the lines."""
    handed = [(line.event.move, line.told.get("materials", ())) for line in lines]
    number = len(materials) - sum(len(files) for _, files in handed) + 1
    since: dict[str, int] = {}
    for move, files in handed:
        first: dict[str, int] = {}
        for place, file in enumerate(files, start=number):
            first.setdefault(str(file["requirement"]), place)
        since |= first if move == CORRECTED else {}
        number += len(files)
    return since
