# SPDX-License-Identifier: Apache-2.0
"""Types of licences at the desk: read by everybody who works here, written and published by two of their authority."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from tongban.licences.documents import STYLES
from tongban.licences.models import LicenceType
from tongban.licences.types import actions, queries
from tongban.licences.types.content import HOLDERS, KINDS, LABELS, REQUIREMENTS, differences, in_words, read
from tongban.regions.queries import organization
from tongban.standards import clock
from tongban.standards.actor import Role
from tongban.standards.refusal import BadInput, NotAllowed, NotFound, Refusal
from tongban.web.visit import Visit, posted, staff

RULES = {"none": "长期", "days": "若干日", "years": "若干年", "field": "以一项照面要素为准"}
STYLE_NAMES = {"certificate": "证照、证明", "decision": "决定", "no_criminal_record": "无犯罪记录证明"}
DONE = {"drafted": "草稿已保存，请本机构的另一位事项管理员发布。", "published": "已发布。", "dropped": "草稿已放弃。"}
YES = {"必填": True, "选填": False, "个人": True, "公开": False}
TYPED = (
    *("suffix", "name", "fields", "rule", "length", "field", "basis", "style", "paragraphs", "closing", "notes"),
    *("items", "source"),
)
EMPTY = dict.fromkeys(TYPED, "") | {"holders": ["person"], "satisfies": (), "rule": "none", "style": "certificate"}
SENT_AS = {"validity": "rule", "wording": "paragraphs", "code": "suffix"}  # part of a type: field of the form


def types(request: Visit) -> HttpResponse:
    """Every type that may be seen."""
    rows = [(row, read(bytes(row.document))) for row in queries.newest(request.actor)]
    told = {"rows": rows, "may_draft": request.actor.role is Role.ITEM_MANAGER, "tab": "licence-types"}
    told |= {"done": DONE.get(request.GET.get("done", ""), "")}
    return render(request, "desk/licence_types/list.html", told)


def licence_type(request: Visit, code: str) -> HttpResponse:
    """One type: its newest version in full, what each version changed, and what may be done."""
    return _type(request, code, {"done": DONE.get(request.GET.get("done", ""), "")})


def _type(request: Visit, code: str, told: dict[str, Any], status: int = 200) -> HttpResponse:
    rows = queries.versions(code, request.actor)
    contents = [read(bytes(row.document)) for row in rows]
    before = [*contents[1:], None]
    compared = [
        (row, differences(old, new) if old else []) for row, new, old in zip(rows, contents, before, strict=True)
    ]
    words = in_words(contents[0])
    facts = {
        "type": rows[0],
        "rows": [(label, words[key]) for key, label in LABELS],
        "versions": compared,
        "is_draft": rows[0].effective_from is None,
        "wrote_it": _wrote(request, rows[0]),
        "keeps": queries.keeps(request.actor, code),
        "tomorrow": clock.today() + timedelta(days=1),
        "tab": "licence-types",
    }
    return render(request, "desk/licence_types/type.html", facts | told, status=status)


def draft(request: Visit, code: str = "") -> HttpResponse:
    """Write the next version of a type, or the first of a new one."""
    if request.actor.role is not Role.ITEM_MANAGER or not request.actor.organization:
        raise NotAllowed()
    if code and not queries.keeps(request.actor, code):
        raise NotFound(what="这一类证照")
    office = organization(request.actor.organization)
    told: dict[str, Any] = {"code": code, "office": office, "tab": "licence-types", "rules": RULES}
    told |= {"styles": {name: STYLE_NAMES[name] for name in STYLES if name in STYLE_NAMES}, "kinds": KINDS}
    told |= {"holders": HOLDERS, "requirements": REQUIREMENTS}
    if request.method != "POST":
        told["given"] = _given(queries.versions(code, request.actor)[0]) if code else EMPTY
        return render(request, "desk/licence_types/draft.html", told)
    given: dict[str, Any] = {name: request.POST.get(name, "").strip() for name in TYPED}
    given |= {name: request.POST.getlist(name) for name in ("holders", "satisfies")}
    given |= {name: request.POST.get(name, "") for name in ("number_personal", "two_persons")}
    try:
        plain = _plain(given) | {"code": code or office.code + given["suffix"].upper(), "definer_name": office.name}
        row = actions.draft_type(plain, actor=request.actor, at=clock.now())
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        part = (no.field or "name").partition(".")[0].partition("[")[0]
        errors = {SENT_AS.get(part, part): no.sentence}
        return render(request, "desk/licence_types/draft.html", told | {"given": given, "errors": errors}, status=422)
    return HttpResponseRedirect(f"{reverse('desk:licence-type', args=[row.code])}?done=drafted")


def publish(request: Visit, code: str) -> HttpResponse:
    """Publish the draft, or drop it."""
    how = request.POST.get("how", "")
    try:
        if how == "drop":
            actions.drop_type(code, actor=request.actor, at=clock.now())
            return HttpResponseRedirect(f"{reverse('desk:licence-types')}?done=dropped")
        day = _day(request.POST.get("effective_from", ""))
        actions.publish_type(code, day, actor=request.actor, at=clock.now())
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        return _type(request, code, {"errors": {no.field or "effective_from": no.sentence}}, no.status)
    return HttpResponseRedirect(f"{reverse('desk:licence-type', args=[code])}?done=published")


def _wrote(request: Visit, row: LicenceType) -> bool:
    return row.drafted_by.endswith(str(request.actor.id))


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise BadInput("effective_from", "请选择生效日期。") from None


def _given(row: LicenceType) -> dict[str, Any]:
    """A version as the form shows it."""
    told = read(bytes(row.document))
    lines = [
        ",".join(
            (each.name, each.label, KINDS[each.kind], ("选填", "必填")[each.required], ("公开", "个人")[each.personal])
        )
        for each in told.fields
    ]
    return {
        **{"name": told.name, "holders": told.holders, "fields": "\n".join(lines), "rule": told.validity.rule},
        **{"length": told.validity.length or "", "field": told.validity.field, "basis": told.validity.basis},
        **{"style": told.wording.style, "paragraphs": "\n".join(told.wording.paragraphs)},
        **{"closing": told.wording.closing, "notes": "\n".join(told.wording.notes), "items": "\n".join(told.items)},
        **{"satisfies": told.satisfies, "source": told.source},
        **{"number_personal": told.number_personal, "two_persons": told.two_persons},
    }


def _plain(given: Mapping[str, Any]) -> dict[str, Any]:
    """What the form says, as a type."""
    length = given["length"]
    return {
        "name": given["name"],
        "holders": given["holders"],
        "fields": [_field(number, line) for number, line in enumerate(_lines(given["fields"]), 1)],
        "validity": {
            "rule": given["rule"],
            "length": int(length) if length.isascii() and length.isdigit() else 0,
            "field": given["field"] if given["rule"] == "field" else "",
            "basis": given["basis"],
        },
        "wording": {
            "style": given["style"],
            "paragraphs": _lines(given["paragraphs"]),
            "closing": given["closing"],
            "notes": _lines(given["notes"]),
        },
        "items": given["items"].split(),
        "satisfies": given["satisfies"],
        "source": given["source"],
        "number_personal": bool(given["number_personal"]),
        "two_persons": bool(given["two_persons"]),
    }


def _field(number: int, line: str) -> dict[str, Any]:
    cells = [cell.strip() for cell in line.replace("，", ",").split(",")]
    kinds = {label: kind for kind, label in KINDS.items()}
    if len(cells) != 5 or cells[2] not in kinds or cells[3] not in YES or cells[4] not in YES:
        raise BadInput("fields", f"第 {number} 项照面要素请写成“address,住址,文字,必填,个人”这样，用逗号分开。")
    name, label, kind = cells[:3]
    return {"name": name, "label": label, "kind": kinds[kind], "required": YES[cells[3]], "personal": YES[cells[4]]}


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


BOTH = require_http_methods(["GET", "HEAD", "POST"])
urlpatterns = [
    path("licence-types/", require_safe(staff(types)), name="licence-types"),
    path("licence-types/new/", BOTH(staff(draft)), name="licence-type-new"),
    path("licence-types/<str:code>/", require_safe(staff(licence_type)), name="licence-type"),
    path("licence-types/<str:code>/draft/", BOTH(staff(draft)), name="licence-type-draft"),
    path("licence-types/<str:code>/publish/", staff(posted(up=1)(publish)), name="licence-type-publish"),
]
