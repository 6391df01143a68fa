# SPDX-License-Identifier: Apache-2.0
"""Which organizations may call licences of this node (证照调用授权), for who keeps them."""

from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from tongban.licences.uses.actions import LONGEST_NAME, end_grant, grant_use
from tongban.licences.uses.queries import FIELDS, grants
from tongban.regions.queries import organization, organizations
from tongban.standards import clock
from tongban.standards.refusal import BadInput, NotAllowed, NotFound, Refusal
from tongban.web.visit import Visit, posted, staff

TYPED = ("organization", "licence_name", "daily", "until")
DONE = {"grant": "授权已生效。", "end": "授权已终止，从现在起不再提供。"}


def uses(request: Visit) -> HttpResponse:
    """Every grant, and one more."""
    return _page(request, {"done": DONE.get(request.GET.get("done", ""), "")})


def grant(request: Visit) -> HttpResponse:
    """Let an organization call licences of a type; what was typed stays when that is refused."""
    given: dict[str, Any] = {
        name: request.POST.get(name, "") for name in ("organization", "licence_name", "daily", "until")
    }
    given["fields"] = request.POST.getlist("fields")
    try:
        grant_use(
            given["organization"],
            _office(given["organization"]),
            given["licence_name"],
            fields=given["fields"],
            daily=_number(given["daily"]),
            until=_day(given["until"]),
            actor=request.actor,
            at=clock.now(),
        )
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        return _page(request, {"given": given, "errors": {no.field or "organization": no.sentence}}, no.status)
    return HttpResponseRedirect(f"{reverse('desk:licence-uses')}?done=grant")


def end(request: Visit, grant_id: UUID) -> HttpResponse:
    """No more from now on."""
    end_grant(grant_id, actor=request.actor, at=clock.now())
    return HttpResponseRedirect(f"{reverse('desk:licence-uses')}?done=end")


def _page(request: Visit, told: dict[str, Any], status: int = 200) -> HttpResponse:
    today = clock.local_date(clock.now())
    rows = [(each, [FIELDS[name] for name in each.fields if name in FIELDS]) for each in grants(request.actor)]
    offices = [(each.code, each.name) for each in organizations()]
    shown = {"rows": rows, "today": today, "organizations": offices, "fields": FIELDS.items(), "longest": LONGEST_NAME}
    return render(request, "desk/licence_uses.html", shown | {"tab": "licence-uses"} | told, status=status)


def _office(code: str) -> str:
    try:
        return organization(code).name
    except NotFound as why:
        raise BadInput("organization", "请选择机构。") from why


def _number(typed: str) -> int:
    if not (typed.isascii() and typed.isdigit() and len(typed) < 9):
        raise BadInput("daily", "每天的次数请填数字。")
    return int(typed)


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as why:
        raise BadInput("until", "请选择截止日期。") from why


urlpatterns = [
    path("licence-uses/", require_safe(staff(uses)), name="licence-uses"),
    path("licence-uses/grant/", staff(posted(up=1)(grant)), name="licence-use-grant"),
    path("licence-uses/<uuid:grant_id>/end/", staff(posted(up=2)(end)), name="licence-use-end"),
]
