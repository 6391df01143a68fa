# SPDX-License-Identifier: Apache-2.0
"""Looking through the diary, newest first, a bounded stretch at a time however long it is."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from tongban.database import reading
from tongban.ledger.queries import tree_size

STRETCH = 20_000  # places of the tree that one statement looks at
STRETCHES = 10  # of one page
LATE = timedelta(days=1)  # a line may have waited so long for its place in the tree
COLUMNS = "f.position, l.subject, l.number, l.verb, l.at, l.actor, l.digest"

BY_SUBJECT = f"""
SELECT {COLUMNS} FROM ledger_line l JOIN ledger_leaf f USING (subject, number)
WHERE l.subject = ANY(%(subjects)s) AND f.position < %(end)s AND {{matches}}
ORDER BY f.position DESC LIMIT %(limit)s"""  # noqa: S608
BY_PLACE = f"""
SELECT {COLUMNS} FROM ledger_leaf f JOIN ledger_line l USING (subject, number)
WHERE f.position >= %(start)s AND f.position < %(end)s AND {{matches}}
ORDER BY f.position DESC LIMIT %(limit)s"""  # noqa: S608
MATCHES = (
    "starts_with(l.verb, %(kind)s) AND l.at >= %(since)s AND l.at < %(until)s "
    "AND (NOT %(narrow)s OR l.subject = ANY(%(subjects)s) OR strpos(l.actor, %(who)s) > 0 AND %(who)s <> '')"
)
AT = "SELECT l.at FROM ledger_leaf f JOIN ledger_line l USING (subject, number) WHERE f.position = %(place)s"


@dataclass(frozen=True)
class Wanted:
    """Which lines: about these subjects or by this actor, of this kind, in this time."""

    since: datetime
    until: datetime
    subjects: tuple[str, ...] = ()
    who: str = ""  # identifier of whoever acted
    kind: str = ""  # how the verb begins


@dataclass(frozen=True)
class LineView:
    """One line of the diary; what was written down as facts is not in it."""

    position: int
    subject: str
    number: int
    verb: str
    at: datetime
    actor: str
    digest: str


@dataclass(frozen=True)
class Page:
    """Lines, and the place before which to go on; none when this was all."""

    rows: tuple[LineView, ...]
    next: int | None


def look_through(wanted: Wanted, *, before: int | None = None, limit: int = 50) -> Page:
    """The next lines. A page may be short, or empty, and not be the last."""
    end = min(before if before is not None else tree_size(), _place(wanted.until + LATE))
    if wanted.subjects and not wanted.who:
        rows = _rows(BY_SUBJECT, wanted, 0, end, limit)
        return Page(rows, rows[-1].position if len(rows) == limit else None)
    first, rows = _place(wanted.since - LATE), ()
    for _ in range(STRETCHES):
        if end <= first or len(rows) == limit:
            break
        start = max(first, end - STRETCH)
        found = _rows(BY_PLACE, wanted, start, end, limit - len(rows))
        rows += found
        end = rows[-1].position if len(rows) == limit else start
    return Page(rows, end if end > first else None)


def all_of(wanted: Wanted, most: int) -> Iterator[LineView]:
    """The same without pages, at most so many."""
    before: int | None = None
    while most > 0:
        page = look_through(wanted, before=before, limit=min(most, 1000))
        yield from page.rows
        most -= len(page.rows)
        if (before := page.next) is None:
            return


def _rows(statement: str, wanted: Wanted, start: int, end: int, limit: int) -> tuple[LineView, ...]:
    asked = {
        **vars(wanted),
        "subjects": list(wanted.subjects),
        "narrow": bool(wanted.subjects or wanted.who),
        "start": start,
        "end": end,
        "limit": limit,
    }
    return tuple(LineView(*row) for row in reading.rows(statement.format(matches=MATCHES), asked))


def _place(at: datetime) -> int:
    """The first place whose line is not older, as far as the tree is in the order of time."""
    low, high = 0, tree_size()
    with connection.cursor() as cursor:
        while low < high:
            middle = (low + high) // 2
            cursor.execute(AT, {"place": middle})
            row = cursor.fetchone()
            low, high = (low, middle) if row is None or row[0] >= at else (middle + 1, high)
    return low
