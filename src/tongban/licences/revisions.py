# SPDX-License-Identifier: Apache-2.0
"""New editions of a licence: every reason for one, and what it then says otherwise. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tongban.licences.documents import STYLES, Facts
from tongban.licences.standings import REVISED
from tongban.licences.types.content import TypeContent, changed, values
from tongban.standards.refusal import BadInput

NOTE = 300  # characters of an annotation


@dataclass(frozen=True)
class Kind:
    """One reason for a new edition."""

    name: str  # also of the change by which the edition before ends
    label: str
    says: str  # on the page


SAYS = {
    "alter": "照面要素有变化",
    "renew": "有效期延长",
    "annotate": "照面以外需要写明的事",
    "reissue": "内容不变，重新签发一份",
}
KINDS = {name: Kind(name, label, SAYS[name]) for name, label in REVISED.items()}


def said(
    kind: Kind,
    typed: Mapping[str, str],
    content: TypeContent | None,
    kept: Facts,
    valid_until: date | None,
    today: date,
) -> dict[str, Any]:
    """What of this the new edition says otherwise. BadInput or FactsMissing when it cannot."""
    if kind.name == "alter":
        return _altered(typed, content, kept)
    if kind.name == "renew":
        return {"valid_until": _until(typed.get("valid_until", ""), valid_until, today).isoformat()}
    if kind.name == "annotate":
        note = " ".join(typed.get("note", "").split())
        if not 0 < len(note) <= NOTE:
            raise BadInput("note", f"请写明加注的内容，不超过 {NOTE} 字。")
        return {"note": note}
    return {}


def _altered(typed: Mapping[str, str], content: TypeContent | None, kept: Facts) -> dict[str, Any]:
    if content is None or not content.fields:
        raise BadInput("kind", "这份证照没有可以变更的照面要素，请选择其他方式。")
    before = kept.get("fields", {})
    fields = values(content, {**before, **{each.name: typed.get(each.name, "") for each in content.fields}})
    if fields == before:
        raise BadInput("kind", "没有要素与原来不同。")
    return {"fields": fields}


def _until(typed: str, valid_until: date | None, today: date) -> date:
    if valid_until is None:
        raise BadInput("valid_until", "这份证照长期有效，不需要延续。")
    try:
        until = date.fromisoformat(typed)
    except ValueError:
        raise BadInput("valid_until", "请写成 2030-12-31 这样的日期。") from None
    if until <= max(valid_until, today):
        raise BadInput("valid_until", "新的有效期须晚于原来的有效期，也须晚于今天。")
    return until


def edition(style: str, kept: Facts, told: Mapping[str, Any], content: TypeContent | None, day: str) -> dict[str, Any]:
    """The facts of the new edition out of those of the one before."""
    facts = dict(kept)
    if "fields" in told and content is not None:
        facts |= changed(content, kept, told["fields"])
    if "note" in told:
        facts["notes"] = [*kept.get("notes", STYLES[style].notes), f"加注（{day}）：{told['note']}"]
    return facts
