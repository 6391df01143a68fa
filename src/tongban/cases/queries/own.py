# SPDX-License-Identifier: Apache-2.0
"""All that is kept of an applicant's cases and drafts, for the applicant."""

from collections.abc import Iterator
from typing import Any

from tongban.cases.models import Draft
from tongban.cases.queries.drafts import opened
from tongban.cases.queries.held import subject
from tongban.cases.queries.lists import my_cases
from tongban.cases.queries.pages import case_page, material_file, visible
from tongban.cases.sealed import open_envelope
from tongban.standards.actor import Actor
from tongban.vault import files, keys

MOST = 1000  # cases


def cases_of(actor: Actor) -> list[dict[str, Any]]:
    """Those they applied for in full, and those they joined as they may read them; latest first."""
    return [_case(row.receipt_no, actor) for row in my_cases(actor, limit=MOST)]


def _case(number: str, actor: Actor) -> dict[str, Any]:
    page = case_page(number, actor)
    told = {
        "receipt_no": page.receipt_no,
        "project_no": page.project_no,
        "item": page.item_name,
        "state": page.state_name,
        "submitted_at": page.submitted_at,
        "parties": [{"part": each.role_name, "organization": each.organization_name} for each in page.parties],
        "timeline": [{"at": each.at, "what": each.title, "by": each.by} for each in reversed(page.timeline)],
        "form": [list(each) for each in page.form],
    }
    if page.is_own:
        kept = open_envelope(visible(number, actor))
        told |= {"applicant": kept["applicant"], "answers": kept["answers"], "form": kept["form"]}
        told["materials"] = [{"name": each.name, "file": each.filename, "size": each.size} for each in page.materials]
    return told


def drafts_of(actor: Actor) -> list[dict[str, Any]]:
    """What they have begun and not submitted."""
    rows = Draft.objects.filter(person_id=actor.owner, receipt_no="").order_by("started_at")
    return [{"item": row.item_name, "started_at": row.started_at, **_kept(row)} for row in rows]


def _kept(row: Draft) -> dict[str, Any]:
    kept = opened(row)
    return {"answers": kept["answers"], "form": kept["form"], "files": [each["filename"] for each in kept["files"]]}


def files_of(actor: Actor) -> Iterator[tuple[str, Iterator[bytes]]]:
    """(path, content) of what they gave for their own cases and drafts, as far as it is here."""
    for row in my_cases(actor, limit=MOST):
        page = case_page(row.receipt_no, actor)
        for each in page.materials if page.is_own else ():
            if each.here:
                yield (
                    f"{row.receipt_no}/{_plain_name(each.number, each.filename)}",
                    material_file(row.receipt_no, each.number, actor).chunks,
                )
    for draft in Draft.objects.filter(person_id=actor.owner, receipt_no="").order_by("started_at"):
        key = keys.unwrap(draft.wrapped)
        for number, given in enumerate(opened(draft)["files"], start=1):
            name = f"草稿-{draft.id}/{_plain_name(number, given['filename'])}"
            yield name, files.read(subject(draft.id), key, given["digest"])


def _plain_name(number: int, filename: str) -> str:
    """No folder but ours, whatever the file was called."""
    return f"{number:02}-{filename.replace('/', '_').replace(chr(92), '_')}"
