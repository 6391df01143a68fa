# SPDX-License-Identifier: Apache-2.0
"""Many licences at once at the desk: choose, ask, and see how far each order is."""

from datetime import date
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from tongban.licences.bulk.actions import order_chosen
from tongban.licences.bulk.choosing import KINDS, RENEW, Choice
from tongban.licences.bulk.queries import orders, types_of
from tongban.licences.said import LONGEST
from tongban.standards import clock
from tongban.standards.refusal import BadInput, NotAllowed, Refusal
from tongban.web.visit import Visit, staff

FIELDS = ("kind", "definition", "ending_by", "until", "reason", "basis")


def bulk(request: Visit) -> HttpResponse:
    """The orders of this organization, and asking for one; what was typed stays when that is refused."""
    told: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        given = {name: request.POST.get(name, "").strip() for name in FIELDS}
        try:
            _ask(request, given)
            return HttpResponseRedirect(f"{reverse('desk:bulk')}?done=1")
        except NotAllowed:
            raise
        except Refusal as no:
            told, status = {"given": given, "errors": {no.field or "kind": no.sentence}}, no.status
    facts = {
        "orders": orders(request.actor),
        "types": types_of(request.actor, clock.today()),
        "kinds": KINDS.items(),
        "longest": LONGEST,
        "done": "已提交，等印章保管人复核；复核后自动逐份办理。" if request.GET.get("done") else "",
        "tab": "licences",
    }
    return render(request, "desk/bulk.html", facts | told, status=status)


def _ask(request: Visit, given: dict[str, str]) -> None:
    renews = given["kind"] == RENEW
    choice = Choice(given["kind"], given["definition"], _day(given, "ending_by") if renews else None)
    until = _day(given, "until") if renews else None
    order_chosen(choice, reason=given["reason"], basis=given["basis"], until=until, actor=request.actor, at=clock.now())


def _day(given: dict[str, str], name: str) -> date:
    try:
        return date.fromisoformat(given[name])
    except ValueError as why:
        raise BadInput(name, "请写成 2030-12-31 这样的日期。") from why


urlpatterns = [path("licences/bulk/", require_http_methods(["GET", "HEAD", "POST"])(staff(bulk)), name="bulk")]
