# SPDX-License-Identifier: Apache-2.0
"""All that is kept of an applicant's cases and drafts, for the applicant."""

from typing import Any

from tongban.cases.models import Draft
from tongban.cases.queries.drafts import opened
from tongban.cases.queries.lists import my_cases
from tongban.cases.queries.pages import case_page, visible
from tongban.cases.sealed import open_envelope
from tongban.standards.actor import Actor

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
