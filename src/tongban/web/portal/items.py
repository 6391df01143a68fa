# SPDX-License-Identifier: Apache-2.0
"""Finding: the first page, the search and the guide of an item."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from tongban.cases import queries as cases
from tongban.catalogue import queries as catalogue
from tongban.catalogue.models import ItemVersion
from tongban.catalogue.search.queries import PLACES, search
from tongban.regions import queries as regions
from tongban.regions.errors import NoTrustList
from tongban.standards import clock
from tongban.standards.actor import Role
from tongban.web import materials
from tongban.web.visit import Visit, page

HOT = 4
OPEN_ON_HOME = 3


@require_safe
@page
def home(request: Visit) -> HttpResponse:
    """Search first; below it what the person has under way."""
    told: dict[str, Any] = {"hot": hot(), "regions": places()}
    visitor = request.signed_in
    if visitor is not None and visitor.actor.role is Role.APPLICANT:
        under_way = [case for case in cases.my_cases(visitor.actor) if not case.ended]
        mine, waiting = cases.own_and_waiting(cases.my_drafts(visitor.actor))
        told |= {"drafts": mine[:OPEN_ON_HOME], "waiting": waiting, "open_cases": under_way[:OPEN_ON_HOME]}
    return render(request, "portal/home.html", told)


@require_safe
@page
def guide(request: Visit, task_code: str) -> HttpResponse:
    """The one page that says everything about an item."""
    told = guide_facts(catalogue.item(task_code))
    return render(request, "portal/guide.html", told | {"tab": "items"})


def guide_facts(version: ItemVersion) -> dict[str, Any]:
    """What the guide and the page before starting show."""
    (item,) = with_regions([version])
    stale = version.fresh_until is not None and version.fresh_until < clock.now()
    return {"item": item, "content": version.item, "materials": materials.when_needed(version.item), "stale": stale}


def with_regions(found: list[ItemVersion]) -> list[dict[str, Any]]:
    """Item versions with the full name of their region, in one more read."""
    names = regions.region_names([version.region_code for version in found])
    return [
        {
            "task_code": version.task_code,
            "version": version.version,
            "name": version.name,
            "mode": version.mode,
            "publisher_name": version.publisher_name,
            "region_name": names.get(version.region_code, ""),
            "content": version.item,
        }
        for version in found
    ]


def hot() -> list[str]:
    """Names of some items, each once: the same item of several regions is one search."""
    return [group.name for group in search("", most=HOT * PLACES, whole=False).groups][:HOT]


def places() -> list[dict[str, str]]:
    """The handling regions of the federation, one for each node that speaks for one."""
    try:
        listed = [node.code for node in regions.trust_list().standing() if "hub" not in node.roles]
    except NoTrustList:
        return []
    return [{"code": code, "name": name} for code, name in regions.region_names(listed).items()]
