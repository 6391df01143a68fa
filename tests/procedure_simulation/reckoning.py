# SPDX-License-Identifier: Apache-2.0
"""Whether what the databases hold is what the law says, and the same at every node."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from tests.procedure_simulation.book import Book
from tests.procedure_simulation.story import Story
from tests.procedure_simulation.town import Matter, Town
from tongban.cases.models import Case, Clock, Event, Material, Original, Request
from tongban.cases.queries.held import read, rules_cached
from tongban.cases.sealed import event_context, opened
from tongban.cases.transitions import WHEN_DUE
from tongban.config.own_signatures import verify
from tongban.ledger.queries import first_broken
from tongban.regions.queries import hours_for
from tongban.vault import files

MADE_BY_TIME = frozenset(name for names in WHEN_DUE.values() for name in names)


def require(town: Town) -> None:
    """Broken unless every case has ended lawfully, every mirror is equal and every ledger verifies."""
    for code in town.world.nodes:
        with town.world.at(code):
            broken = first_broken(verify=verify)
            town.story.require(broken is None, "a ledger is broken", code, broken)
    for matter in town.matters:
        kept = {}
        for code in matter.nodes:
            with town.world.at(code):
                kept[code] = _as_kept(matter.case_id)
                _files_are_there(town.story, matter, code)
        first = next(iter(kept.values()))
        for code, other in kept.items():
            differs = [part for part in first if first[part] != other[part]]
            town.story.require(not differs, "a mirror differs", matter.number, code, differs)
        with town.world.at(matter.office.node):
            _as_the_law_says(town.story, matter)


def _as_kept(case_id: UUID) -> dict[str, Any]:
    """What must be equal wherever it is kept."""
    case, mine = Case.objects.get(id=case_id), {"case_id": case_id}
    clocks, papers = Clock.objects.filter(**mine), Original.objects.filter(**mine)
    return {
        "lines": list(Event.objects.filter(**mine).order_by("number").values_list("number", "move", "digest")),
        "state": (case.state, case.ended, case.chain_digest, case.project_no, case.due_on, case.disputed),
        "custody": (case.holder, case.offered_to),
        "result": (case.licence_number, case.file_digest),
        "progress": {name: value for name, value in case.progress.items() if name != "assignee"},
        "clocks": list(clocks.order_by("kind").values_list("kind", "words", "due_at", "ended_at")),
        "materials": list(Material.objects.filter(**mine).order_by("number").values_list("number", "digest")),
        "originals": list(papers.order_by("number").values_list("name", "holder", "parcel_no")),
        "requests": list(Request.objects.filter(**mine).order_by("id").values_list("move", "state")),
    }


def _files_are_there(story: Story, matter: Matter, code: str) -> None:
    held = read(matter.case_id)
    named = list(Material.objects.filter(case_id=matter.case_id).values_list("digest", flat=True))
    for digest in [*named, *([held.file_digest] if held.file_digest else [])]:
        content = b"".join(files.read(held.subject, held.key, digest))
        story.require(files.digest_of(content) == digest, "a file is another", matter.number, code)


def _as_the_law_says(story: Story, matter: Matter) -> None:
    """The lines of the case, written into the book once more, give the clocks, papers and problems that are kept."""
    held = read(matter.case_id)
    hours = hours_for(matter.office.organization.code)
    events = [(event, _told(held.key, event)) for event in Event.objects.filter(case_id=held.id).order_by("number")]
    book = Book(rules_cached(held.task_code, held.item_version), hours, [])
    for event, told in events:
        begun = told["facts"].get("originals", ())
        book.papers += [(paper["name"], 0 if paper["parcel_no"] else 1) for paper in begun]
        due = book.silence()
        if event.move in MADE_BY_TIME:
            story.require(
                due == (event.occurred_at, event.move), "time did what no law says", matter.number, event.move, due
            )
        else:
            story.require(due is None or event.occurred_at < due[0], "silence had no consequence", matter.number, due)
        try:
            stated = told["facts"]["stated"] | told["internal"]
            book.write(event.move, stated, event.actor, event.state, event.occurred_at)
        except AssertionError as wrong:
            story.require(False, str(wrong), matter.number, event.move)
    story.require(book.is_over, "it has not ended", matter.number)
    _same(story, matter, book, {row.kind: row for row in Clock.objects.filter(case_id=held.id)})
    found = [(paper.name, paper.holder) for paper in held.papers]
    story.require(found == book.papers, "papers are elsewhere", matter.number, found, book.papers)


def _told(key: bytes, event: Event) -> Mapping[str, Any]:
    return opened(key, bytes(event.sealed), event_context(event.number))


def _same(story: Story, matter: Matter, book: Book, rows: Mapping[str, Clock]) -> None:
    story.require(rows.keys() == book.limits.keys(), "other clocks than by law", matter.number, {*rows}, {*book.limits})
    for kind, limit in book.limits.items():
        row = rows[kind]
        due = limit.due(book.hours)
        story.require(row.ended_at == limit.until, "a clock ended at another time", matter.number, kind, limit)
        story.require(row.due_at == due, "a date differs from the law", matter.number, kind, row.due_at, due)
