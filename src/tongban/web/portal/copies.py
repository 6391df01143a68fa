# SPDX-License-Identifier: Apache-2.0
"""A copy of one's own licence for one matter and a time, with both across the page."""

from datetime import date
from typing import Any

from django.http import HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_http_methods

from tongban.cases.queries import own_licence
from tongban.licences.actions import give_copy
from tongban.licences.actions.copies import LONGEST
from tongban.standards import clock
from tongban.standards.refusal import BadInput, NotFound, Refusal
from tongban.web import files
from tongban.web.visit import Visit, applicants


@require_http_methods(["GET", "HEAD", "POST"])
@applicants
def copy(request: Visit, number: str) -> HttpResponseBase:
    """Ask for it, and have it at once; it is not kept here."""
    licence = own_licence(number, request.actor)
    given = {name: request.POST.get(name, "").strip() for name in ("matter", "until")}
    told: dict[str, Any] = {"licence": licence, "number": number, "given": given, "longest": LONGEST, "tab": "cases"}
    if request.method != "POST":
        return render(request, "portal/copy.html", told)
    try:
        until = _day(given["until"])
        row, data = give_copy(licence.id, given["matter"], until, actor=request.actor, at=clock.now())
    except NotFound:
        raise
    except Refusal as no:
        told["errors"] = {no.field or "matter": no.sentence}
        return render(request, "portal/copy.html", told, status=no.status)
    return files.send(files.paper(f"{row.name}_{row.number}.pdf", "application/pdf", data), keep=True)


def _day(typed: str) -> date:
    try:
        return date.fromisoformat(typed)
    except ValueError as why:
        raise BadInput("until", "请选择用到哪一天。") from why


urlpatterns = [path("cases/<str:number>/copy/", copy, name="copy")]
