# SPDX-License-Identifier: Apache-2.0
"""Finding: the first page, the search and the guide of an item."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from tongban.cases import queries as cases
from tongban.catalogue.flow import Beside, Box
from tongban.catalogue.flow_drawing import draw, svg
from tongban.catalogue.models import ItemVersion
from tongban.catalogue.search.browsing import Heading, topics
from tongban.catalogue.search.queries import PLACES, search
from tongban.regions import queries as regions
from tongban.regions.errors import NoTrustList
from tongban.regions.fresh import Fresh
from tongban.standards import clock
from tongban.standards.actor import Role
from tongban.web import guides, materials
from tongban.web.visit import Visit, page

HOT = 4
TOPICS = 8
OPEN_ON_HOME = 3


@require_safe
@page
def home(request: Visit) -> HttpResponse:
    """Search first; below it what the person has under way."""
    told: dict[str, Any] = {"hot": hot(), "regions": places(), "topics": _events.get()}
    visitor = request.signed_in
    if visitor is not None and visitor.actor.role is Role.APPLICANT:
        under_way = [case for case in cases.my_cases(visitor.actor) if not case.ended]
        mine, waiting = cases.own_and_waiting(cases.my_drafts(visitor.actor))
        told |= {"drafts": mine[:OPEN_ON_HOME], "waiting": waiting, "open_cases": under_way[:OPEN_ON_HOME]}
    return render(request, "portal/home.html", told)


@require_safe
@page
def guide(request: Visit, task_code: str, version: int | None = None) -> HttpResponse:
    """The one page that says everything about an item: its version in use, or the one that is asked for."""
    told = guides.guide(task_code, version)
    boxes = [Box(s.code, s.name, s.lines, s.after, tuple(Beside(b.name, b.text) for b in s.beside)) for s in told.flow]
    about = f"从{boxes[0].name}到{boxes[-1].name}，共 {len(boxes)} 步；图的下面有文字写的同样内容。"
    drawing = svg(draw(boxes), f"{told.name}的办理流程", about)
    facts = {"guide": told, "drawing": mark_safe(drawing), "tab": "items"}  # noqa: S308  its words are escaped
    return render(request, "portal/guide.html", facts)


def guide_facts(version: ItemVersion) -> dict[str, Any]:
    """What the page before starting shows."""
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


def events() -> list[Heading]:
    """What happens in life and to companies, those with most to do first."""
    return [each for each in topics() if each.kind.endswith("event")][:TOPICS]


_events: Fresh[list[Heading]] = Fresh(object, events, seconds=60.0)


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
