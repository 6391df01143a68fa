# SPDX-License-Identifier: Apache-2.0
"""我的证照: what this node has issued or taken over for whoever is signed in."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from tongban.cases.queries import require_handed_over
from tongban.licences import queries
from tongban.licences.actions.issuing import facts_of
from tongban.licences.models import State
from tongban.standards import clock
from tongban.web import files
from tongban.web.visit import Visit, applicants


@never_cache
@require_GET
@applicants
def licences(request: Visit) -> HttpResponse:
    """One's own, newest first."""
    today = clock.today()
    rows = [(row, queries.stands(row, today)) for row in queries.own(request.actor)]
    return render(request, "portal/my/licences.html", {"rows": rows, "tab": "my"})


@never_cache
@require_GET
@applicants
def licence(request: Visit, licence_id: UUID) -> HttpResponse:
    """One of them with what stands on it."""
    row = queries.own_licence(licence_id, request.actor)
    told = {
        "licence": row,
        "standing": queries.stands(row, clock.today()),
        "since": queries.stands_since(row, clock.today()),
        "facts": facts_of(row).get("rows", ()),
        "has_file": row.state == State.READY,
        "tab": "my",
    }
    return render(request, "portal/my/licence.html", told)


@never_cache
@require_GET
@applicants
def file(request: Visit, licence_id: UUID) -> HttpResponseBase:
    """Its file as PDF. FileNotReady before it is made; refused while the fee for it is not settled."""
    row = queries.own_licence(licence_id, request.actor)
    require_handed_over(row, request.actor)
    return files.send(files.licence(row), keep=True)


urlpatterns = [
    path("my/licences/", licences, name="my-licences"),
    path("my/licences/<uuid:licence_id>/", licence, name="my-licence"),
    path("my/licences/<uuid:licence_id>/file/", file, name="my-licence-file"),
]
