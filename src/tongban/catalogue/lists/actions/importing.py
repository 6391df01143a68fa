# SPDX-License-Identifier: Apache-2.0
"""A list that an office brings as a file: checked whole first, then taken over whole or not at all."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.catalogue.lists import content as contents
from tongban.catalogue.lists import queries
from tongban.catalogue.lists.actions.drafting import HEAD, begin, keep, mine, require_sound
from tongban.catalogue.lists.actions.publishing import require_keeper
from tongban.catalogue.lists.errors import ListFileFaulty, ListRefused, NothingToImport
from tongban.catalogue.lists.rows import Taken, taken
from tongban.catalogue.models import ListDraft, ListVersion
from tongban.catalogue.stages import EDITING, IN_REVIEW
from tongban.catalogue.tables import reading
from tongban.catalogue.tables.report import Fault
from tongban.regions import queries as regions
from tongban.standards.actor import Actor

BOUNDS = reading.Bounds(bytes=10_000_000, unpacked=100_000_000, rows=contents.MOST_ENTRIES + 1000, columns=100)


def read_file(data: bytes, name: str, before: contents.TongbanList) -> Taken:
    """What a file makes of a list; nothing is written."""
    found = taken(reading.read(data, name, BOUNDS), before)
    if len(found.words.entries) > contents.MOST_ENTRIES:
        found.report.add(Fault("too_many_entries", f"清单最多{contents.MOST_ENTRIES}条。"))
    for problem in [] if found.report.stops else contents.problems(found.words):
        if problem.field.partition(".")[0] in ("entries", "batches"):
            found.report.add(Fault("rule", problem.why))
    return found


@transaction.atomic
def check_file(
    draft_id: UUID, data: bytes, name: str, *, revision: int, actor: Actor, at: datetime
) -> tuple[ListDraft, Taken]:
    """Try a file on a draft. What it would make and the report are kept beside the draft until it is changed."""
    draft = mine(draft_id, actor, EDITING, revision)
    found = read_file(data, name, queries.drafted(draft))
    can = not found.report.stops and not found.changes_nothing
    draft.pending = _kept(name, found, can=can)
    told = {"errors": found.report.errors, "added": len(found.added), "changed": len(found.changed)}
    return keep(draft, "file_checked", told | {"removed": len(found.removed)}, actor, at), found


def _kept(name: str, found: Taken, *, can: bool) -> dict[str, Any] | None:
    told = {"name": name[:200], "report": [list(row) for row in found.report.rows()]}
    words = {"words": contents.plain(found.words)} if can else {}
    return told | words if can or found.report.faults else None


@transaction.atomic
def take_over(draft_id: UUID, *, revision: int, actor: Actor, at: datetime) -> ListDraft:
    """The draft says what the checked file says, all of it. NothingToImport when none is waiting."""
    draft = mine(draft_id, actor, EDITING, revision)
    if not queries.is_waiting(draft):
        raise NothingToImport()
    checked: dict[str, Any] = draft.pending or {}
    draft.words, draft.pending = checked["words"], None
    draft.editors = sorted({*draft.editors, actor.pseudonym})
    return keep(draft, "file_taken_over", {"name": checked["name"]}, actor, at)


@transaction.atomic
def import_file(
    data: bytes, name: str, code: str, head: Mapping[str, Any], *, organization: str, actor: Actor, at: datetime
) -> tuple[ListDraft | None, Taken]:
    """A whole list from the command line: a draft that waits for review. None when the file changes nothing.

    ListFileFaulty, and nothing is written, while the file has a fault.
    """
    require_keeper(actor, organization)
    before, base = list_before(organization, code, head)
    found = read_file(data, name, before)
    if found.report.stops:
        first = next(fault for fault in found.report.faults if fault.stops)
        raise ListFileFaulty(found.report.errors, f"{first.place}：{first.says}")
    if found.changes_nothing and base is not None:
        return None, found
    draft = begin(found.words, base, actor, at)
    draft.stage, draft.editors = IN_REVIEW, [actor.pseudonym]
    require_sound(draft)
    return keep(draft, "submitted", {"file": name}, actor, at), found


def try_file(data: bytes, name: str, code: str, head: Mapping[str, Any], *, organization: str) -> Taken:
    """What `import_file` would find in this file; nothing is written."""
    return read_file(data, name, list_before(organization, code, head)[0])


def list_before(organization: str, code: str, head: Mapping[str, Any]) -> tuple[contents.TongbanList, int | None]:
    """What a file is laid over: the published list, or an empty one with this head."""
    office = regions.organization(organization)
    rows = ListVersion.objects.filter(publisher=organization, code=code, status__in=queries.CURRENT)
    last = rows.order_by("-version").first()
    if last is not None:
        return last.content, last.version
    said = {word: value for word, value in head.items() if word in HEAD and value}
    if not {"title", "scope"} <= said.keys():
        raise ListRefused("title", "这是一份新清单，请写明名称和范围。")
    publisher = {"code": office.code, "name": office.name, "region": office.region_code}
    return contents.convert({"code": code, "publisher": publisher, **said}), None
