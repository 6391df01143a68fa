# SPDX-License-Identifier: Apache-2.0
"""The tongban lists of every publisher (跨省通办清单): narrowed as the visitor likes, each matter with its guides."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from tongban.catalogue.lists import comparing, queries
from tongban.catalogue.lists.words import MOVES, ListScope
from tongban.catalogue.models import ListVersion, RegionAgreement
from tongban.regions import queries as regions
from tongban.standards import clock
from tongban.standards.refusal import NotFound
from tongban.web import tongban_lists as faces
from tongban.web.visit import Visit, page


@require_safe
@page
def lists(request: Visit) -> HttpResponse:
    """Every list, by publisher and scope, and what two regions have agreed."""
    found = queries.lists()
    scope, publisher = request.GET.get("scope", ""), request.GET.get("publisher", "")
    names = regions.region_names([row.region_code for row in found])
    offered = {row.publisher: row.publisher_name for row in found}
    chosen = [row for row in found if scope in ("", row.scope) and publisher in ("", row.publisher)]
    told = {
        "rows": [_row(row, names) for row in chosen],
        "filters": [
            {"name": "scope", "label": "范围", "choices": ListScope.choices(), "chosen": scope},
            {"name": "publisher", "label": "发布机构", "choices": list(offered.items()), "chosen": publisher},
        ],
        "agreements": [_agreement(row) for row in queries.public_agreements(clock.today())],
        "tab": "lists",
    }
    return render(request, "portal/lists.html", told)


def _row(row: ListVersion, names: dict[str, str]) -> dict[str, Any]:
    of = row.content
    announced = [batch.announced for batch in of.batches if batch.announced is not None]
    return {
        "row": row,
        "place": names.get(row.region_code, "全国"),
        "scope": ListScope(row.scope).label,
        "entries": len(of.entries),
        "announced": sum(announced) if announced else None,
        "feature": of.feature,
        "stale": queries.is_stale(row, clock.now()),
    }


def _agreement(row: RegionAgreement) -> dict[str, Any]:
    of = row.agreement
    names = queries.names_of(of.items)
    return {
        "title": row.title,
        "handling": of.handling.name,
        "intake": of.intake.name,
        "moves": [MOVES[move] for move in of.moves],
        "shares": of.shares,
        "items": [names.get(code, code) for code in of.items],
        "begins": row.begins,
        "last_day": min((each for each in (row.ends_on, row.until) if each), default=None),
    }


@require_safe
@page
def one(request: Visit, publisher: str, code: str) -> HttpResponse:
    """One list, narrowed by batch, mode, standing and words."""
    row = queries.current(publisher, code)
    how = faces.wanted(request, row.content)
    found = faces.paged(row.content, how, request.GET.get("page", ""))
    said = {"batch": how.batch, "mode": how.mode, "status": how.status, "q": how.words}
    told = faces.told(row) | {
        "page": found,
        "shown": [faces.shown(line) for line in found.lines],
        "filters": faces.filters(row.content, how),
        "how": how,
        "query": urlencode({name: value for name, value in said.items() if value}),
        "batch_names": {batch.code: batch.name for batch in row.content.batches},
        "tab": "lists",
    }
    return render(request, "portal/list.html", told)


@require_safe
@page
def entry(request: Visit, publisher: str, code: str, entry: str) -> HttpResponse:
    """One matter of a list: what is said of it, its history, and where one may ask."""
    row = queries.current(publisher, code)
    found = next((line for line in queries.lines(row.content) if line.entry.code == entry), None)
    if found is None:
        raise NotFound(what="这个条目")
    (line,) = queries.implemented([found])
    told = faces.told(row) | {
        "shown": faces.shown(line),
        "all_places": line.places,
        "batch": comparing.told_batch(row.content.batch(line.entry.batch)),
        "history": [(act, queries.status_of(act).label) for act in reversed(queries.acts(publisher, code, entry))],
        "tab": "lists",
    }
    return render(request, "portal/list_entry.html", told)


urlpatterns = [
    path("lists/", lists, name="lists"),
    path("lists/<str:publisher>/<str:code>/", one, name="list"),
    path("lists/<str:publisher>/<str:code>/<str:entry>/", entry, name="list-entry"),
]
