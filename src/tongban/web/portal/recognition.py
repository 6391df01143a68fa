# SPDX-License-Identifier: Apache-2.0
"""Whose licences are accepted here for what: the mutual recognition list, for everybody."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from tongban.licences.models import RecognitionList, ToldRecognition
from tongban.licences.types.listing import read_list
from tongban.licences.types.queries import recognition_lists, tellers, told_list
from tongban.regions.queries import trust_list
from tongban.standards import clock
from tongban.standards.node import here
from tongban.web.recognised import rows
from tongban.web.visit import Visit, page


@require_safe
@page
def recognition(request: Visit) -> HttpResponse:
    """The list that is in force here, and since when; or that of another region, as it has told of it."""
    asked, others = request.GET.get("region", "")[:6], tellers()
    if asked in others:
        version: RecognitionList | ToldRecognition | None = told_list(asked)
    else:
        asked, version = "", next(iter(recognition_lists()), None)
    lines = read_list(bytes(version.document)) if version else []
    nodes = trust_list().nodes
    told = {
        "rows": rows(lines, clock.today()),
        "version": version,
        "asked": asked,
        "name": nodes[asked].name if asked in nodes else here().name,
        "others": [(code, nodes[code].name) for code in others if code in nodes],
        "tab": "recognition",
    }
    return render(request, "portal/recognition.html", told)


urlpatterns = [path("recognition/", recognition, name="recognition")]
