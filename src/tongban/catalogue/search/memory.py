# SPDX-License-Identifier: Apache-2.0
"""What a process remembers of the names and places of its nodes; the database stays the only place that is right."""

import threading
from collections import defaultdict
from dataclasses import dataclass, field

from tongban.catalogue.models import SearchName
from tongban.catalogue.search import sorting
from tongban.catalogue.search.names import Names
from tongban.catalogue.search.places import Places
from tongban.regions.models import Region
from tongban.standards import clock
from tongban.standards.node import here

FRESH = 1.0  # seconds
NEVER = float("-inf")


@dataclass(frozen=True)
class Wanted:
    """What a question is narrowed to, beside the region; empty is everything."""

    department: str = ""
    theme: str = ""
    mode: str = ""
    audience: str = ""  # person or company
    topic: str = ""  # life_event:出生 and the like

    def fits(self, row: SearchName) -> bool:
        """Whether a kind of implementation is meant."""
        return (
            self.department in ("", row.department)
            and self.mode in ("", row.mode)
            and (not self.audience or (row.person if self.audience == "person" else row.company))
            and (not self.topic or self.topic in row.topics.split("\n"))
        )


@dataclass
class Remembered:
    """The names of one node: each once for ranking, with the rows that bear it."""

    places: Places
    names: Names = field(default_factory=Names)
    themes: dict[int, tuple[str, ...]] = field(default_factory=dict)
    rows: defaultdict[int, list[SearchName]] = field(default_factory=lambda: defaultdict(list))
    departments: set[str] = field(default_factory=set)
    newest: int = 0
    looked_at: float = NEVER
    _numbers: dict[str, int] = field(default_factory=dict)
    _reading: threading.Lock = field(default_factory=threading.Lock)

    def refresh(self) -> None:
        """Read the names entered since; one look at the end of an index while there are none.

        Names are entered by one writer at a time, so that a smaller number is never seen after a larger one.
        """
        with self._reading:
            self.looked_at = clock.monotonic()
            newest = self.newest
            for row in SearchName.objects.filter(id__gt=self.newest).order_by("id"):
                number = self._numbers.setdefault(row.name, len(self._numbers))
                self.names.add(number, row.name)
                self.themes[number] = sorting.themes(row.name)
                self.rows[number].append(row)
                self.departments.add(row.department)
                self.newest = row.id
            if self.newest > newest:
                self.names.weigh()

    def ids(self, number: int, wanted: Wanted) -> list[int]:
        """The rows of a name that are wanted."""
        if wanted.theme and wanted.theme not in self.themes[number]:
            return []
        return [row.id for row in self.rows[number] if wanted.fits(row)]


_kept: dict[str, Remembered] = {}


def remembered() -> Remembered:
    """The names of the present node, as of the last second."""
    kept = _kept.get(here().code) or _kept.setdefault(here().code, Remembered(places()))
    if clock.monotonic() - kept.looked_at >= FRESH:
        kept.refresh()
    return kept


def look_again() -> None:
    """Names were entered by this process: it need not wait to see them."""
    if here().code in _kept:
        _kept[here().code].looked_at = NEVER


def places() -> Places:
    """The names of regions, as the table has them."""
    rows = Region.objects.filter(status="active", level__gte=1).values_list("code", "name", "level")
    return Places(rows.iterator())


def forget() -> None:
    """Drop what is kept of the present node, after a rebuild and between tests."""
    _kept.pop(here().code, None)
