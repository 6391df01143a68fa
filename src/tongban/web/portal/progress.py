# SPDX-License-Identifier: Apache-2.0
"""Where a case stands, without signing in: by its number and the end of the ID number."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tongban.cases import queries
from tongban.identity.actions.counting import count, forgive
from tongban.identity.limits import PROGRESS
from tongban.standards import clock
from tongban.standards.identifiers import tidy
from tongban.standards.refusal import Refusal
from tongban.web import sign_in_cookie as cookie
from tongban.web.visit import Visit, page

LONGEST = 40  # characters of a number


@never_cache
@require_http_methods(["GET", "POST"])
@page
def progress(request: Visit) -> HttpResponse:
    """The form, and what it finds; every try is counted before it is judged."""
    given = {name: tidy(request.POST.get(name, ""))[:LONGEST] for name in ("number", "tail")}
    if request.method != "POST":
        given["number"] = tidy(request.GET.get("number", ""))[:LONGEST]
        return render(request, "portal/progress.html", {"given": given, "tab": "progress"})
    tried = (given["number"], cookie.address_of(request), clock.now())
    try:
        count(PROGRESS, *tried, "number")
        found = queries.unsigned(given["number"], given["tail"])
    except Refusal as no:
        told = {"given": given, "errors": {no.field or "number": no.sentence}, "tab": "progress"}
        return render(request, "portal/progress.html", told, status=no.status)
    forgive(PROGRESS, *tried)
    return render(request, "portal/progress.html", {"given": given, "found": found, "tab": "progress"})


urlpatterns = [path("progress/", progress, name="progress")]
