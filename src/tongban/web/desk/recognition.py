# SPDX-License-Identifier: Apache-2.0
"""The mutual recognition list at the desk: read by everybody who works here, published for the region of the node."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from tongban.licences.types.actions import publish_recognition, speaks_for_region
from tongban.licences.types.listing import COLUMNS, in_text
from tongban.licences.types.queries import accepted_here, recognition_lists
from tongban.standards import clock
from tongban.standards.refusal import NotAllowed, Refusal
from tongban.web.recognised import rows
from tongban.web.visit import Visit, staff


def recognition(request: Visit) -> HttpResponse:
    """The list that is in force, its versions, and the next one for whoever publishes it."""
    lines = accepted_here()
    told: dict[str, Any] = {"given": {"lines": in_text(lines)}}
    status = 200
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in ("lines", "reason")}
        try:
            publish_recognition(given["lines"], reason=given["reason"], actor=request.actor, at=clock.now())
            return HttpResponseRedirect(f"{reverse('desk:recognition')}?done=1")
        except NotAllowed:
            raise
        except Refusal as no:
            told, status = {"given": given, "errors": {no.field or "lines": no.sentence}}, no.status
    facts = {
        "versions": recognition_lists(),
        "rows": rows(lines, clock.today()),
        "columns": COLUMNS,
        "may_publish": speaks_for_region(request.actor),
        "done": "已发布，受理时按新的清单核对。" if request.GET.get("done") else "",
        "tab": "licence-types",
    }
    return render(request, "desk/recognition.html", facts | told, status=status)


urlpatterns = [
    path("recognition/", require_http_methods(["GET", "HEAD", "POST"])(staff(recognition)), name="recognition")
]
