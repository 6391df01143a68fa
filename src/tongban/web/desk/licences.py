# SPDX-License-Identifier: Apache-2.0
"""The desk of whoever issued a licence: how it stands, since when, why, and letting it stand otherwise."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from tongban.licences import queries
from tongban.licences.actions import answer_revision, revise
from tongban.licences.actions import change as change_standing
from tongban.licences.actions.issuing import facts_of
from tongban.licences.actions.revising import MADE, content_of
from tongban.licences.models import Licence
from tongban.licences.revisions import KINDS
from tongban.licences.said import LONGEST
from tongban.licences.seals.queries import is_custodian
from tongban.licences.standings import CHANGES, HISTORY, REVISED, Standing, possible
from tongban.standards import clock
from tongban.standards.actor import Role
from tongban.standards.refusal import BadInput, NotAllowed, NotFound, Refusal
from tongban.web.visit import Visit, posted, staff

DONE = {name: f"已{each.label}，各地节点很快就会收到通知。" for name, each in CHANGES.items()}
DONE |= {name: f"已{label}，新的证照正在生成，原来的一份不再有效。" for name, label in REVISED.items()}
DONE |= {"asked": "已提交，等待本机关的另一位审批人员复核。", "refused": "已退回，证照不变。"}


def licences(request: Visit) -> HttpResponse:
    """Look a licence up by the number that is printed on it."""
    if request.actor.role is not Role.APPROVER:
        raise NotAllowed()
    number = request.GET.get("number", "").strip()
    found = queries.of_organization(request.actor, number)
    if found is not None:
        return HttpResponseRedirect(reverse("desk:licence", args=[found.id]))
    told: dict[str, Any] = {"tab": "licences", "number": number, "has_seal": is_custodian(request.actor)}
    if number:
        told["errors"] = {"number": "没有查到本机关签发的这份证照，请核对证照编号或者电子证照标识。"}
    return render(request, "desk/licences.html", told, status=404 if number else 200)


def licence(request: Visit, licence_id: UUID) -> HttpResponse:
    """One licence with its history."""
    return _licence(request, licence_id, {"done": DONE.get(request.GET.get("done", ""), "")})


def change(request: Visit, licence_id: UUID) -> HttpResponse:
    """Let it stand otherwise; what was typed stays when that is refused."""
    given = {name: request.POST.get(name, "") for name in ("change", "reason", "basis")}
    try:
        if not given["change"]:
            raise BadInput("change", "请选择怎样处理。")
        change_standing(
            licence_id,
            given["change"],
            reason=given["reason"],
            basis=given["basis"],
            actor=request.actor,
            at=clock.now(),
        )
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        told = {"given": given, "errors": {no.field or "change": no.sentence}}
        return _licence(request, licence_id, told, no.status)
    return HttpResponseRedirect(f"{reverse('desk:licence', args=[licence_id])}?done={given['change']}")


def new_edition(request: Visit, licence_id: UUID) -> HttpResponse:
    """Let a new edition take its place; what was typed stays when that is refused."""
    given = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    typed = {name.removeprefix("said-"): value for name, value in given.items() if name.startswith("said-")}
    try:
        made = revise(
            licence_id,
            given.get("kind", ""),
            typed,
            reason=given.get("reason", ""),
            basis=given.get("basis", ""),
            actor=request.actor,
            at=clock.now(),
        )
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        told = {"revising": {**given, **typed}, "errors": {_field(no.field, typed): no.sentence}}
        return _licence(request, licence_id, told, no.status)
    return _led(made.edition_id or licence_id, made.kind if made.answer else "asked")


def answer(request: Visit, licence_id: UUID, revision_id: UUID) -> HttpResponse:
    """Let it be, or not, as the second person."""
    allow = request.POST.get("answer") == "allow"
    try:
        made = answer_revision(revision_id, allow=allow, actor=request.actor, at=clock.now())
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        return _licence(request, licence_id, {"errors": {"answer": no.sentence}}, no.status)
    return _led(made.edition_id or licence_id, made.kind if allow else "refused")


def _led(licence_id: UUID, done: str) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('desk:licence', args=[licence_id])}?done={done}")


def _field(name: str | None, typed: dict[str, str]) -> str:
    return f"said-{name}" if name in typed else name or "kind"


def _revising(request: Visit, row: Licence, standing: Standing) -> dict[str, Any]:
    """What a new edition may say, and who has asked for one."""
    rows = queries.revisions(row.id)
    waits = next((each for each in rows if not each.answer and each.licence_id == row.id), None)
    may = standing.counts and row.replaced_by is None and row.state in MADE and waits is None
    content = content_of(row) if may else None
    kept = facts_of(row).get("fields", {}) if content is not None else {}
    kinds = [
        each
        for each in KINDS.values()
        if (each.name != "alter" or (content and content.fields)) and (each.name != "renew" or row.valid_until)
    ]
    return {
        "kinds": kinds if may else [],
        "type_fields": [(each, kept.get(each.name, "")) for each in content.fields] if content else [],
        "by_two": content is not None and content.two_persons,
        "waits": waits,
        "waits_label": KINDS[waits.kind].label if waits else "",
        "may_answer": waits is not None and not waits.asked_by.endswith(str(request.actor.id)),
        "editions": [(KINDS[each.kind].label, each) for each in rows],
    }


def _licence(request: Visit, licence_id: UUID, told: dict[str, Any], status: int = 200) -> HttpResponse:
    row, changes = queries.history(request.actor, licence_id)
    standing = queries.stands(row, clock.local_date(clock.now()))
    shown = {
        "licence": row,
        "standing": standing,
        "ways": [] if row.replaced_by else possible(Standing(row.standing), of_case=row.case_id is not None),
        "history": [(HISTORY[each.change], Standing(each.standing).label, each) for each in changes],
        "longest": LONGEST,
        "tab": "licences",
    }
    shown |= _revising(request, row, standing)
    return render(request, "desk/licence.html", shown | told, status=status)


urlpatterns = [
    path("licences/", require_safe(staff(licences)), name="licences"),
    path("licences/<uuid:licence_id>/", require_safe(staff(licence)), name="licence"),
    path("licences/<uuid:licence_id>/change/", staff(posted(up=1)(change)), name="change-licence"),
    path("licences/<uuid:licence_id>/edition/", staff(posted(up=1)(new_edition)), name="licence-edition"),
    path(
        "licences/<uuid:licence_id>/edition/<uuid:revision_id>/",
        staff(posted(up=2)(answer)),
        name="licence-edition-answer",
    ),
]
