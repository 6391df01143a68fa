# SPDX-License-Identifier: Apache-2.0
"""The desk of whoever issued a licence: how it stands, since when, why, and letting it stand otherwise."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from tongban.licences import queries
from tongban.licences.actions import change as change_standing
from tongban.licences.seals.queries import is_custodian
from tongban.licences.standings import CHANGES, LONGEST, Standing, possible
from tongban.standards import clock
from tongban.standards.actor import Role
from tongban.standards.refusal import BadInput, NotAllowed, NotFound, Refusal
from tongban.web.visit import Visit, posted, staff

DONE = {name: f"已{each.label}，各地节点很快就会收到通知。" for name, each in CHANGES.items()}


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


def _licence(request: Visit, licence_id: UUID, told: dict[str, Any], status: int = 200) -> HttpResponse:
    row, changes = queries.history(request.actor, licence_id)
    standing = queries.stands(row, clock.local_date(clock.now()))
    shown = {
        "licence": row,
        "standing": standing,
        "ways": possible(Standing(row.standing), of_case=row.case_id is not None),
        "history": [(CHANGES[each.change].label, Standing(each.standing).label, each) for each in changes],
        "longest": LONGEST,
        "tab": "licences",
    }
    return render(request, "desk/licence.html", shown | told, status=status)


urlpatterns = [
    path("licences/", require_safe(staff(licences)), name="licences"),
    path("licences/<uuid:licence_id>/", require_safe(staff(licence)), name="licence"),
    path("licences/<uuid:licence_id>/change/", staff(posted(up=1)(change)), name="change-licence"),
]
