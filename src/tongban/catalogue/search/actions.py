# SPDX-License-Identifier: Apache-2.0
"""Entering published items for search: what has changed, a batch at a time; or everything anew."""

from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from django.db import connection, transaction

from tongban.catalogue.models import ItemVersion, SearchPlace
from tongban.catalogue.search import headings, memory, sorting
from tongban.catalogue.search.naming import matter
from tongban.catalogue.search.places import Places
from tongban.regions.fresh import Fresh
from tongban.standards.enums import ServedObject

BATCH = 1000
LOCK = 4_070_050  # of PostgreSQL's advisory locks: names are entered by one writer at a time
TAKE = (
    "DELETE FROM catalogue_search_pending WHERE id IN "
    "(SELECT id FROM catalogue_search_pending ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING task_code"
)
ENTER_NAMES = (
    "INSERT INTO catalogue_search_name (name, department, mode, person, company, topics) "
    "SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::bool[], %s::bool[], %s::text[]) "
    "AS told (n, d, m, p, c, s) WHERE NOT EXISTS (SELECT 1 FROM catalogue_search_name "
    "WHERE (name, department, mode, person, company, topics) = (n, d, m, p, c, s))"
)
ENTER_PLACES = (
    "INSERT INTO catalogue_search_place AS kept (task_code, version, name_id, region_code) "
    "SELECT t, v, (SELECT id FROM catalogue_search_name WHERE (name, department, mode, person, company, topics) "
    "= (n, d, m, p, c, s)), r FROM unnest(%s::text[], %s::int[], %s::text[], %s::text[], %s::text[], %s::text[], "
    "%s::bool[], %s::bool[], %s::text[]) AS told (t, v, r, n, d, m, p, c, s) "
    "ON CONFLICT (task_code) DO UPDATE SET (version, name_id, region_code) "
    "= (EXCLUDED.version, EXCLUDED.name_id, EXCLUDED.region_code) "
    "WHERE (kept.version, kept.name_id, kept.region_code) "
    "IS DISTINCT FROM (EXCLUDED.version, EXCLUDED.name_id, EXCLUDED.region_code)"
)
DROP_GONE = (
    "DELETE FROM catalogue_search_place place WHERE NOT EXISTS (SELECT 1 FROM catalogue_item_version kept "
    "WHERE kept.task_code = place.task_code AND kept.status = 'published')"
)
DROP_UNUSED = (
    "DELETE FROM catalogue_search_name told WHERE NOT EXISTS "
    "(SELECT 1 FROM catalogue_search_place WHERE name_id = told.id)"
)

Tell = Callable[[int, int], None]


class Said(msgspec.Struct):
    """What of a document is needed here."""

    served: tuple[str, ...]
    topics: dict[str, tuple[str, ...]] = {}


@transaction.atomic
def enter_once(at: datetime) -> bool:
    """Enter the items whose versions have changed, oldest first. False when there are none."""
    with connection.cursor() as cursor:
        _lock()
        cursor.execute(TAKE, [BATCH])
        codes = sorted({code for (code,) in cursor.fetchall()})
    if codes:
        found = ItemVersion.objects.filter(task_code__in=codes, status="published")
        entered = _enter(list(found.values_list(*COLUMNS)))
        SearchPlace.objects.filter(task_code__in=set(codes) - entered).delete()
        memory.look_again()
    return bool(codes)


@transaction.atomic
def rebuild(tell: Tell = lambda done, of: None) -> int:
    """Enter everything anew, all or nothing: whoever searches meanwhile sees what was there before. How many items."""
    _lock()
    published = ItemVersion.objects.filter(status="published").order_by("task_code", "version")
    count, done, last = published.count(), 0, ""
    while rows := list(published.filter(task_code__gt=last).values_list(*COLUMNS)[:BATCH]):
        _enter(rows)
        done, last = done + len(rows), rows[-1][0]
        tell(done, count)
    with connection.cursor() as cursor:
        cursor.execute(DROP_GONE)
        cursor.execute(DROP_UNUSED)
    transaction.on_commit(memory.forget)
    return done


COLUMNS = ("task_code", "version", "region_code", "name", "publisher_name", "mode", "document")
_places: Fresh[Places] = Fresh(lambda: 0, memory.places, seconds=3600)


def _lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def _enter(rows: Sequence[tuple[str, int, str, str, str, str, bytes]]) -> set[str]:
    """Write names and places of these versions. Their task codes."""
    known = _places.get()
    told = [
        (code, version, region, matter(name, known), sorting.department(publisher), mode, *_said(document))
        for code, version, region, name, publisher, mode, document in rows
    ]
    if not told:
        return set()
    names = sorted({row[3:] for row in told})
    with connection.cursor() as cursor:
        cursor.execute(ENTER_NAMES, [list(column) for column in zip(*names, strict=True)])
        cursor.execute(ENTER_PLACES, [list(column) for column in zip(*told, strict=True)])
    return {row[0] for row in told}


def _said(document: bytes) -> tuple[bool, bool, str]:
    """Whether it is for persons, whether for others than persons, and its topics, a line each."""
    said = msgspec.json.decode(bytes(document), type=Said)
    served, kinds = set(said.served), [kind for kind in headings.KINDS if kind in said.topics]
    told = [headings.topic(kind, word) for kind in kinds for word in said.topics[kind]]
    lines = list(dict.fromkeys(line for line in told if line))[: headings.MOST]
    return ServedObject.NATURAL in served, bool(served - {ServedObject.NATURAL}), "\n".join(lines)
