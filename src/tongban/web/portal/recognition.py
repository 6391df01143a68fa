# SPDX-License-Identifier: Apache-2.0
"""Whose licences are accepted here for what: the mutual recognition list, for everybody."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from tongban.licences.types.queries import recognition_lists
from tongban.standards import clock
from tongban.web.recognised import rows
from tongban.web.visit import Visit, page


@require_safe
@page
def recognition(request: Visit) -> HttpResponse:
    """The list that is in force, and since when."""
    versions = recognition_lists()
    told = {"rows": rows(clock.today()), "version": versions[0] if versions else None, "tab": "recognition"}
    return render(request, "portal/recognition.html", told)


urlpatterns = [path("recognition/", recognition, name="recognition")]
