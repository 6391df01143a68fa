# SPDX-License-Identifier: Apache-2.0
"""What a granted case yields: from the item's declared result and the case's own facts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.cases import custody
from tongban.cases.queries.held import Held
from tongban.cases.sealed import open_envelope
from tongban.cases.states import Part
from tongban.catalogue.queries import item_cached
from tongban.licences.actions import Grant
from tongban.licences.documents import STYLES
from tongban.regions.models import Organization
from tongban.standards.clock import SHANGHAI, local_date
from tongban.standards.enums import IdType
from tongban.standards.workdays import long_day

NO_CRIMINAL_RECORD = "no_criminal_record"
RETURN_PATTERN = "{region}退〔{year}〕{serial:07d}号"
RECEIPT_PATTERN = "{region}收〔{year}〕{serial:07d}号"  # ours; an organization may have its own
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
    day = long_day(local_date(at))
    whose = f"{person['name']}（{person['id_type']}号码：{person['id_number']}）"
    return {"paragraphs": [f"{whose}申请的“{held.item_name}”，已于{day}准予办理。"]}


def notice(
    *,
    title: str,
    pattern: str,
    paragraphs: Sequence[str],
    addressee: str,
    office: Organization,
    subject: str,
    task_code: str,
    case_id: UUID | None = None,
    rows: Sequence[tuple[str, str]] = (),
) -> Grant:
    """A numbered 文书 of an organization, typeset and sealed like every paper of the node."""
    return Grant(
        type_code="decision",
        is_notice=True,
        name=title,
        facts={"paragraphs": list(paragraphs), "addressee": addressee, "rows": [list(row) for row in rows]},
        holder_name=addressee,
        holder_index=None,
        issuer=office.code,
        issuer_name=office.name,
        region=office.region_code,
        task_code=task_code,
        case_id=case_id,
        subject=subject,
        number_pattern=pattern,
    )


def receipt_of(
    held: Held, office: Organization, materials: Sequence[str], originals: Sequence[str], at: datetime
) -> Grant:
    """收件凭证: what was taken in, for whom, when; it says plainly that this is no acceptance."""
    handling = custody.with_part(held.parties, Part.HANDLING)
    taken = "、".join(materials) or "无"
    rows = [
        ("收件编号", held.receipt_no),
        ("申请事项", held.item_name),
        ("办理机关", f"{handling.region_name} {handling.organization_name}"),
        ("收件时间", f"{long_day(local_date(at))} {at.astimezone(SHANGHAI):%H:%M}"),
        ("收取材料", taken),
        ("收取原件", "、".join(originals) or "无"),
    ]
    return notice(
        title="收件凭证",
        pattern=RECEIPT_PATTERN,
        paragraphs=[
            "您提交的申请材料已由本窗口核对身份、形式审查后收取，并转送办理机关。",
            "收件不等于受理。是否受理由办理机关依法决定，办理期限自办理机关受理之日起计算。",
        ],
        addressee=held.applicant_name,
        office=office,
        subject=held.subject,
        task_code=held.task_code,
        case_id=held.id,
        rows=rows,
    )


def return_of(held: Held, office: Organization, originals: Sequence[str], proof: str, at: datetime) -> Grant:
    """原件退还凭证: which originals whoever applied has again, from whom, since when, signed for how."""
    rows = [
        ("收件编号", held.receipt_no),
        ("申请事项", held.item_name),
        ("退还机构", office.name),
        ("退还时间", f"{long_day(local_date(at))} {at.astimezone(SHANGHAI):%H:%M}"),
        ("退还原件", "、".join(originals)),
        ("签收凭据", proof),
    ]
    return notice(
        title="原件退还凭证",
        pattern=RETURN_PATTERN,
        paragraphs=["下列原件已经退还，保管责任自退还时终止。请核对后妥善保管。"],
        addressee=held.applicant_name,
        office=office,
        subject=held.subject,
        task_code=held.task_code,
        case_id=held.id,
        rows=rows,
    )
