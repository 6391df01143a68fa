# SPDX-License-Identifier: Apache-2.0
"""Looking through what can be done without a question: by what happens in life, by department, by region."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from tongban.catalogue.search import browsing, headings, sorting
from tongban.catalogue.search.memory import Wanted
from tongban.regions import queries as regions
from tongban.regions.errors import UnknownRegion
from tongban.standards.node import here
from tongban.standards.refusal import NotFound
from tongban.standards.regions import NATION, is_region_code
from tongban.web.portal.search import AUDIENCES, asked, choices, filters, told_of
from tongban.web.visit import Visit, page

NARROWING = ("region", "audience", "theme", "department", "mode")
EVERYBODY = [("", "全部"), *AUDIENCES]


@require_safe
@page
def topics(request: Visit) -> HttpResponse:
    """What happens in a person's life, or in a company's, and what can then be done."""
    audience = _audience(request)
    found = browsing.topics(audience)
    shown = [
        {"name": name, "kind": kind, "headings": [each for each in found if each.kind == kind]}
        for kind, (name, _) in headings.KINDS.items()
    ]
    told = {"kinds": [each for each in shown if each["headings"]], "by": "topics"}
    return render(request, "portal/topics.html", told | _switch(audience))


@require_safe
@page
def topic(request: Visit, kind: str, word: str) -> HttpResponse:
    """The items under one topic."""
    line = headings.topic(kind, word) if kind in headings.KINDS else ""
    if not line or not any((each.kind, each.word) == (kind, word) for each in browsing.topics()):
        raise NotFound(what="这个主题")
    return _listed(request, word, "topics", Wanted(topic=line), {"over": headings.KINDS[kind][0]})


@require_safe
@page
def departments(request: Visit) -> HttpResponse:
    """The kinds of organizations that handle something."""
    audience = _audience(request)
    found = browsing.departments(audience)
    return render(request, "portal/departments.html", {"headings": found, "by": "departments"} | _switch(audience))


@require_safe
@page
def department(request: Visit, word: str) -> HttpResponse:
    """The items of one kind of organization."""
    if word not in sorting.all_departments():
        raise NotFound(what="这个部门")
    return _listed(request, word, "departments", Wanted(department=word), {"over": "部门"})


@require_safe
@page
def places(request: Visit) -> HttpResponse:
    """The provinces that handle something, with how much."""
    audience = _audience(request)
    told = {"inside": _inside("", audience), "by": "regions"}
    return render(request, "portal/regions.html", told | _switch(audience))


@require_safe
@page
def place(request: Visit, code: str) -> HttpResponse:
    """The items of a region and of all that it contains, and the regions inside it."""
    if not is_region_code(code) or len(code) != 6 or code == NATION:
        raise NotFound(what="这个地区")
    try:
        path = regions.region_path(code)
    except UnknownRegion as why:
        raise NotFound(what="这个地区") from why
    more = {"path": path[:-1], "inside": [each for each in _inside(code, "") if each["code"] != code], "over": "办理地"}
    return _listed(request, path[-1].name, "regions", Wanted(), more, code)


def _inside(region: str, audience: str) -> list[dict[str, Any]]:
    """The regions directly inside this one that handle something."""
    found = browsing.counts(region, audience)
    names = regions.region_names([each.region for each in found])
    own = regions.region_names([region])[region] if region else ""
    return [
        {
            "code": each.region,
            "name": names[each.region].removeprefix(own) or own,
            "items": each.items,
            "here": each.region[:2] == here().code[:2],
        }
        for each in found
        if each.region in names
    ]


def _listed(request: Visit, title: str, by: str, about: Wanted, more: dict[str, Any], region: str = "") -> HttpResponse:
    """One page of a list, narrowed by what was chosen beside what the page is about."""
    _, chosen, narrowed = asked(request)
    wanted = Wanted(
        department=about.department or narrowed.department,
        theme=narrowed.theme,
        mode=narrowed.mode,
        audience=narrowed.audience,
        topic=about.topic,
    )
    found = browsing.listing(wanted, region or chosen, _number(request.GET.get("page", "")))
    said = {name: request.GET[name] for name in NARROWING if request.GET.get(name)}
    told: dict[str, Any] = {
        "title": title,
        "by": by,
        "found": found,
        "groups": told_of(found.groups, {}),
        "filters": filters(narrowed, but="department" if about.department else ""),
        "region": chosen,
        "regions": [] if region else choices(chosen),
        "narrowed": bool(said),
        "earlier": urlencode(said | {"page": found.page - 1}) if found.page > 1 else "",
        "later": urlencode(said | {"page": found.page + 1}) if found.page < found.pages else "",
        "tab": "items",
    }
    return render(request, "portal/listing.html", told | more)


def _number(said: str) -> int:
    """Of a page; the first where none is said."""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 7 else 1


def _audience(request: Visit) -> str:
    said = request.GET.get("audience", "")
    return said if said in dict(AUDIENCES) else ""


def _switch(audience: str) -> dict[str, Any]:
    return {"audiences": EVERYBODY, "audience": audience, "tab": "items"}
