# SPDX-License-Identifier: Apache-2.0
"""Lists to look through without a question: by topic, by department, by region. Only what somebody handles is listed.

A list is as long as there are names, not as there are items: names are counted in the process, and the database is
asked of each only whether anybody in the region handles it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Sum
from django.db.models.functions import Left

from tongban.catalogue.models import SearchCount
from tongban.catalogue.search import sorting
from tongban.catalogue.search.headings import KINDS
from tongban.catalogue.search.memory import Remembered, Wanted, remembered
from tongban.catalogue.search.queries import PLACES, Group, grouped, inside
from tongban.standards.regions import Level, level

PAGE = 20  # names
HANDLED = """
SELECT told.id FROM unnest(%s::bigint[]) AS told (id) CROSS JOIN LATERAL (
    SELECT 1 FROM catalogue_search_place
    WHERE name_id = told.id AND region_code ~>=~ %s AND region_code ~<~ %s LIMIT 1
) AS found
"""


@dataclass(frozen=True)
class Listing:
    """One page of a list."""

    groups: tuple[Group, ...]
    page: int
    pages: int
    names: int  # on all pages


@dataclass(frozen=True)
class Heading:
    """One heading with the number of different names under it."""

    kind: str
    word: str
    names: int


@dataclass(frozen=True)
class Count:
    """How many items a region has, with all that it contains."""

    region: str
    items: int


def listing(wanted: Wanted, region: str = "", page: int = 1) -> Listing:
    """The names that are wanted, by their words, with the places that handle them; a page beyond the last is the last.

    Two statements.
    """
    known = remembered()
    ids = {number: known.ids(number, wanted) for number in list(known.names.texts)}
    alive = _handled((id for rows in ids.values() for id in rows), region)
    found = [number for number, rows in ids.items() if alive & set(rows)]
    found.sort(key=lambda number: known.names.texts[number])
    pages = max(1, -(-len(found) // PAGE))
    at = min(max(page, 1), pages)
    shown = found[(at - 1) * PAGE : at * PAGE]
    groups = grouped(known, shown, wanted, region, PAGE * PLACES, True) if shown else ()
    return Listing(groups, at, pages, len(found))


def topics(audience: str = "") -> list[Heading]:
    """Every topic under which somebody handles something, by kind, those with most names first. One statement."""
    known = remembered()
    under: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for rows in list(known.rows.values()):
        for row in rows:
            for line in filter(None, row.topics.split("\n")):
                kind, _, word = line.partition(":")
                if kind in KINDS and audience in ("", KINDS[kind][1]):
                    under[kind, word].add(row.id)
    return _headings(known, under, list(KINDS))


def departments(audience: str = "") -> list[Heading]:
    """Every kind of organization that handles something, in the order of the table. One statement."""
    known = remembered()
    wanted = Wanted(audience=audience)
    under: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for rows in list(known.rows.values()):
        for row in rows:
            if row.department and wanted.fits(row):
                under["department", row.department].add(row.id)
    order = sorting.all_departments()
    return sorted(_headings(known, under, ["department"]), key=lambda each: order.index(each.word))


def counts(region: str = "", audience: str = "") -> list[Count]:
    """How many items the regions directly inside this one have, and it itself; those with none are left out.

    From a table that has one row for each region: one statement, however many items there are.
    """
    digits = 2 if region in ("", "000000") else 4 if level(region) is Level.PROVINCE else 6
    rows = SearchCount.objects.filter(region_code__startswith=inside(region)[0])
    told = rows.annotate(stem=Left("region_code", digits)).values_list("stem").annotate(items=Sum(audience or "items"))
    found = ((str(stem).ljust(6, "0"), int(items)) for stem, items in told.order_by("stem"))
    return [Count(code, items) for code, items in found if items]


def _headings(known: Remembered, under: dict[tuple[str, str], set[int]], order: list[str]) -> list[Heading]:
    alive = _handled({id for ids in under.values() for id in ids}, "")
    texts = {row.id: row.name for rows in list(known.rows.values()) for row in rows}
    handled = {heading: ids & alive for heading, ids in under.items() if ids & alive}
    found = [Heading(kind, word, len({texts[id] for id in ids})) for (kind, word), ids in handled.items()]
    return sorted(found, key=lambda each: (order.index(each.kind), -each.names, each.word))


def _handled(ids: Iterable[int], region: str) -> set[int]:
    """Those of these names that somebody in the region handles."""
    with connection.cursor() as cursor:
        cursor.execute(HANDLED, [list(ids), *inside(region)])
        return {id for (id,) in cursor.fetchall()}
