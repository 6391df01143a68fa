# SPDX-License-Identifier: Apache-2.0
"""What a granted case yields: from the item's declared result and the case's own facts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tongban.cases import custody
from tongban.cases.clocks import chinese
from tongban.cases.queries.held import Held
from tongban.cases.sealed import open_envelope
from tongban.cases.transitions import Part
from tongban.catalogue.queries import item_cached
from tongban.licences.actions import Grant
from tongban.licences.documents import STYLES
from tongban.standards.clock import local_date
from tongban.standards.enums import IdType

NO_CRIMINAL_RECORD = "no_criminal_record"
PLAIN = "certificate"  # the style of an item whose template has no paper of its own yet


def grant_of(held: Held, stated: Mapping[str, str], at: datetime) -> Grant:
    """The paper that a grant yields."""
    content = item_cached(held.task_code, held.item_version).content
    result = content["result"]
    deciding = custody.with_part(held.parties, Part.HANDLING)
    kept = open_envelope(held)
    style = result["template"] if result["template"] in STYLES else PLAIN
    return Grant(
        type_code=style,
        name=result["name"],
        facts=_facts(style, kept, held, at),
        holder_name=kept["applicant"]["name"],
        holder_index=held.applicant_index,
        issuer=deciding.organization,
        issuer_name=deciding.organization_name,
        region=deciding.region,
        task_code=held.task_code,
        case_id=held.id,
        subject=held.subject,
    )


def _facts(style: str, kept: Mapping[str, Any], held: Held, at: datetime) -> dict[str, Any]:
    """What the paper says of the holder; a style reads what it knows."""
    applicant, form = kept["applicant"], kept["form"]
    person = {
        "name": applicant["name"],
        "id_type": IdType[applicant["id_type"].upper()].label,
        "id_number": applicant["id_number"],
    }
    if style == NO_CRIMINAL_RECORD:
        return person | {name: form[name] for name in ("from", "until") if form.get(name)}
    day = chinese(local_date(at))
    whose = f"{person['name']}（{person['id_type']}号码：{person['id_number']}）"
    return {"paragraphs": [f"{whose}申请的“{held.item_name}”，已于{day}准予办理。"]}
