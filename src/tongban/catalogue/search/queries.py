# SPDX-License-Identifier: Apache-2.0
"""Finding items: ranked names, each with the places that handle it, the visitor's own region first."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from tongban.catalogue.models import ItemVersion
from tongban.catalogue.search import sorting, speech
from tongban.catalogue.search.features import Features, features
from tongban.catalogue.search.memory import Remembered, Wanted, forget, remembered
from tongban.catalogue.search.names import Hit
from tongban.standards.node import here
from tongban.standards.regions import NATION

__all__ = ["ENTER_DUE", "Found", "Group", "Wanted", "forget", "search", "suggest"]

ENTER_DUE = "SELECT 1 FROM catalogue_search_pending"
LONGEST = 100  # characters of a question that are looked at
NAMES = 20  # shown
MOST = 60  # items shown, all names together
RANKED = 300  # names that are looked at until enough of them are handled in the region
PLACES = 4  # shown of each name
NEAREST = 3  # names shown when nothing was found
SUGGESTED = 8
GOOD, NEAR = 0.22, 0.3  # the least score of an answer, and its least share of the best
END = "~"  # after every digit
CODE = re.compile(r"(?=(?:[A-Z]*[0-9]){6})[0-9A-Z]{12,33}")  # a long word in pinyin is none
# The places of each name: those in the visitor's own region first, the others by code. Codes are compared octet by
# octet (~>=~), as the index holds them under any collation; LIKE could not use it in a prepared statement.
_FIND = """
SELECT version.{columns}, wanted.n
FROM unnest(%(numbers)s::int[], %(ids)s::bigint[]) WITH ORDINALITY AS wanted (n, id, o)
CROSS JOIN LATERAL (
    (SELECT task_code, region_code, 0 AS far FROM catalogue_search_place
     WHERE name_id = wanted.id AND region_code ~>=~ %(first)s AND region_code ~<~ %(end)s
     AND region_code ~>=~ %(own_first)s AND region_code ~<~ %(own_end)s
     ORDER BY region_code USING ~<~ LIMIT %(each)s)
    UNION ALL
    (SELECT task_code, region_code, 1 FROM catalogue_search_place
     WHERE name_id = wanted.id AND region_code ~>=~ %(first)s AND region_code ~<~ %(end)s
     AND NOT (region_code ~>=~ %(own_first)s AND region_code ~<~ %(own_end)s)
     ORDER BY region_code USING ~<~ LIMIT %(each)s)
    LIMIT %(each)s
) AS found
JOIN catalogue_item_version AS version ON version.task_code = found.task_code AND version.status = 'published'
ORDER BY wanted.o, found.far, found.region_code, found.task_code
"""


ALL = [field.name for field in ItemVersion._meta.concrete_fields]
FIELDS = {True: ALL, False: [name for name in ALL if name != "document"]}
FIND = {whole: _FIND.format(columns=", version.".join(names)) for whole, names in FIELDS.items()}


@dataclass(frozen=True)
class Group:
    """One name with the items that bear it."""

    name: str
    items: tuple[ItemVersion, ...]
    more: bool = False  # whether other places handle it too


@dataclass(frozen=True)
class Found:
    """What a question led to."""

    groups: tuple[Group, ...]
    wanted: Features  # for highlighting
    region: str  # where was looked: chosen, or read from the question
    read: bool  # whether the region was read from the question
    elsewhere: bool  # nothing in that region: these are of others
    near: tuple[Group, ...]  # what resembles the question, when nothing was found

    @property
    def items(self) -> list[ItemVersion]:
        """All of them, in order."""
        return [item for group in self.groups for item in group.items]


def search(
    q: str,
    region: str = "",
    wanted: Wanted | None = None,
    *,
    most: int = MOST,
    whole: bool = True,
) -> Found:
    """Published items that answer the question best. Without `whole` they come without their documents."""
    known, wanted, q = remembered(), wanted or Wanted(), q[:LONGEST]
    if CODE.fullmatch(code := q.strip().upper()):
        return _by_code(code, whole)
    said = known.places.find(speech.plain(q))
    read = said.code.startswith(inside(region)[0]) and said.code != ""
    place = said.code if read else region
    pieces = speech.asked(said.rest)
    allowed = None if wanted == Wanted() else lambda number: bool(known.ids(number, wanted))
    ranked = known.names.rank(pieces, RANKED, allowed)
    good = _good(ranked) if pieces else _all(known, wanted)
    groups = grouped(known, good, wanted, place, most, whole)
    elsewhere = bool(place and good and not groups)
    if elsewhere:
        groups = grouped(known, good, wanted, "", most, whole)
    near = () if groups else grouped(known, [hit.id for hit in ranked[:NEAREST]], wanted, "", most, whole)
    return Found(groups, features(pieces, asked=True), place, read, elsewhere, near)


def suggest(q: str) -> list[str]:
    """Names while somebody is still typing, best first."""
    known, text = remembered(), speech.plain(q[:LONGEST])
    if not text:
        return []
    rest = known.places.find(text).rest
    begun = [known.names.texts[number] for number in known.names.containing(rest, SUGGESTED)]
    pieces = speech.asked(speech.completed(rest))
    ranked = [known.names.texts[number] for number in _good(known.names.rank(pieces, SUGGESTED), least=0)]
    return list(dict.fromkeys(begun[:3] + ranked + begun))[:SUGGESTED]


def departments() -> list[str]:
    """The kinds of organizations that publish something."""
    return sorted(remembered().departments - {""})


def themes() -> list[str]:
    """The themes under which something is published, in the order of the table."""
    known = {theme for each in list(remembered().themes.values()) for theme in each}
    return [theme for theme in sorting.all_themes() if theme in known]


def _good(ranked: Sequence[Hit], least: float = GOOD) -> list[int]:
    """What is good enough beside the best."""
    least = max(least, NEAR * ranked[0].score) if ranked else least
    return [hit.id for hit in ranked if hit.score >= least]


def _all(known: Remembered, wanted: Wanted) -> list[int]:
    """Every name, by its words: nothing was asked, so nothing is better."""
    return sorted((n for n in list(known.names.texts) if known.ids(n, wanted)), key=lambda n: known.names.texts[n])


def grouped(
    known: Remembered, numbers: Sequence[int], wanted: Wanted, region: str, most: int, whole: bool
) -> tuple[Group, ...]:
    """The names that are handled in the region, with their items; further names are asked for while too few are."""
    found: dict[int, list[ItemVersion]] = {}
    begin, step = 0, min(NAMES, most // PLACES + 1)  # then ever more at once, should the region have few of them
    while begin < len(numbers) and len(found) < NAMES and _shown(found) < most:
        part = {number: known.ids(number, wanted) for number in numbers[begin : begin + step]}
        for number, version in _places(part, region, whole):
            found.setdefault(number, []).append(version)
        begin, step = begin + step, 4 * step
    groups, left = [], most
    for number, held in list(found.items())[:NAMES]:
        items = tuple(held[: min(PLACES, left)])
        left -= len(items)
        groups.append(Group(known.names.texts[number], items, len(held) > PLACES))
    return tuple(group for group in groups if group.items)


def _shown(found: dict[int, list[ItemVersion]]) -> int:
    return sum(min(PLACES, len(held)) for held in found.values())


def _places(ids: dict[int, list[int]], region: str, whole: bool) -> list[tuple[int, ItemVersion]]:
    pairs = [(number, id) for number, rows in ids.items() for id in rows]
    first, end = inside(region)
    own_first, own_end = inside(here().code)
    told: dict[str, Any] = {
        "numbers": [number for number, _ in pairs],
        "ids": [id for _, id in pairs],
        "each": PLACES + 1,
        **{"first": first, "end": end, "own_first": own_first, "own_end": own_end},
    }
    with connection.cursor() as cursor:
        cursor.execute(FIND[whole], told)
        return [(row[-1], ItemVersion.from_db("default", FIELDS[whole], row[:-1])) for row in cursor.fetchall()]


def _by_code(code: str, whole: bool) -> Found:
    """An item by its code, or those that begin with it or have it as their basic code."""
    rows = ItemVersion.objects.filter(task_code__startswith=code, status="published").order_by("task_code")[:NAMES]
    groups = tuple(Group(row.name, (row,)) for row in (rows if whole else rows.defer("document")))
    return Found(groups, {}, "", False, False, ())


def inside(region: str) -> tuple[str, str]:
    """The first code of this region and all that it contains, and the first one beyond."""
    stem = region[:2] if region.endswith("0000") else region[:4] if region.endswith("00") else region
    return ("", END) if region in ("", NATION) else (stem, stem + END)
