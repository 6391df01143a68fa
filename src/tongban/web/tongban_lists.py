# SPDX-License-Identifier: Apache-2.0
"""Lists as both faces show them: what is asked of an address, a page of entries, tags, where one may ask."""

from dataclasses import dataclass
from typing import Any

from tongban.catalogue.lists import queries
from tongban.catalogue.lists.comparing import told_batch
from tongban.catalogue.lists.content import TongbanList
from tongban.catalogue.lists.queries import Line, Wanted
from tongban.catalogue.lists.words import EntryStatus
from tongban.catalogue.models import ListVersion
from tongban.regions import queries as regions
from tongban.standards import clock
from tongban.standards.enums import Mode
from tongban.web.visit import Visit

LONGEST = 60  # characters of a word looked for
STATUS_TAGS = {
    "unsaid": "",
    "not_begun": "",
    "under_way": "tag-wait",
    "open": "tag-go",
    "on_hold": "tag-stop",
    "taken_out": "tag-stop",
}
LIST_TAGS = {"published": "tag-go", "superseded": "", "withdrawn": "tag-stop"}
SURENESS = {
    "": "",
    "high": "有可靠出处",
    "medium": "有一处出处",
    "low": "未见出处，仅凭记忆列入",
}
BASES = {"stated": "国家文件载明", "local": "地方文件载明", "inferred": "推定", "assumed": "演示假定"}


@dataclass(frozen=True)
class Page:
    """Some of the entries that are wanted."""

    lines: list[Line]
    found: int
    number: int
    pages: int

    @property
    def before(self) -> int:
        """The page before this one; 0 when it is the first."""
        return self.number - 1

    @property
    def after(self) -> int:
        """The page after this one; 0 when it is the last."""
        return self.number + 1 if self.number < self.pages else 0


def wanted(request: Visit, of: TongbanList) -> Wanted:
    """How the visitor narrows a list; what it does not offer is left out."""
    sent = request.GET.get
    batch, mode, status = sent("batch", ""), sent("mode", ""), sent("status", "")
    return Wanted(
        batch=batch if of.batch(batch) else "",
        mode=mode if mode in list(Mode) else "",
        status=status if status in list(EntryStatus) else "",
        words=sent("q", "").strip()[:LONGEST],
    )


def paged(of: TongbanList, how: Wanted, number: str) -> Page:
    """One page of what is wanted, each entry with where it is implemented."""
    found = queries.lines(of, how)
    pages = max(1, -(-len(found) // queries.PAGE))
    at = min(int(number), pages) if number.isascii() and number.isdigit() and 0 < len(number) < 5 else 1
    at = max(1, at)
    these = found[(at - 1) * queries.PAGE : at * queries.PAGE]
    return Page(queries.implemented(these), len(found), at, pages)


def told(row: ListVersion) -> dict[str, Any]:
    """What stands at the head of a list's page."""
    of = row.content
    names = regions.region_names([of.publisher.region, *of.regions])
    return {
        "row": row,
        "list": of,
        "scope": of.scope.label,
        "place": names.get(of.publisher.region, "全国"),
        "between": [names.get(code, code) for code in of.regions],
        "batches": [(batch, told_batch(batch), counted) for batch, counted in counted_batches(of)],
        "stale": queries.is_stale(row, clock.now()),
        "tag": LIST_TAGS[row.status],
    }


def counted_batches(of: TongbanList) -> list[tuple[Any, int]]:
    """Each batch with how many entries of it the list has."""
    listed = [entry.batch for entry in of.entries]
    return [(batch, listed.count(batch.code)) for batch in of.batches]


def filters(of: TongbanList, how: Wanted) -> list[dict[str, Any]]:
    """The narrowing lists, each with what is chosen."""
    offered = (
        ("batch", "批次", [(batch.code, batch.name) for batch in of.batches], how.batch),
        ("mode", "办理模式", Mode.choices(), how.mode),
        ("status", "状态", EntryStatus.choices(), how.status),
    )
    return [{"name": n, "label": label, "choices": choices, "chosen": chosen} for n, label, choices, chosen in offered]


def shown(line: Line) -> dict[str, Any]:
    """An entry with its words for people."""
    return {
        "line": line,
        "entry": line.entry,
        "status": line.status.label,
        "tag": STATUS_TAGS[line.status],
        "since": line.last.on_day if line.last else None,
        "mode_basis": BASES.get(line.entry.mode_basis or "", ""),
        "lead_basis": BASES.get(line.entry.lead_basis or "", ""),
        "sureness": SURENESS[line.entry.confidence],
        "places": line.places[:6],
        "others": max(0, len(line.places) - 6),
        "more": line.more or len(line.places) > 6,
    }
