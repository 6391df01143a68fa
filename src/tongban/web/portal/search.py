# SPDX-License-Identifier: Apache-2.0
"""Looking for an item: what was found, narrowed as the visitor likes, and names while they are typing."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from tongban.catalogue.search import marking, queries, sorting
from tongban.catalogue.search.features import Features
from tongban.catalogue.search.queries import Found, Group, Wanted
from tongban.regions import queries as regions
from tongban.standards.enums import Mode
from tongban.standards.node import here
from tongban.standards.regions import NATION, Level, level, parent_code
from tongban.web.portal.items import places, with_regions
from tongban.web.visit import Visit, page

AUDIENCES = (("person", "个人"), ("company", "企业和单位"))


@require_safe
@page
def search(request: Visit) -> HttpResponse:
    """Items by whatever people call them."""
    q, region, wanted = asked(request)
    found = queries.search(q, region, wanted)
    names = regions.region_names([found.region]) if found.region else {}
    told: dict[str, Any] = {
        "q": q,
        "found": found,
        "groups": told_of(found.groups, found.wanted),
        "near": told_of(found.near, found.wanted),
        "region": found.region,
        "region_name": names.get(found.region, ""),
        "regions": choices(found.region),
        "filters": filters(wanted),
        "narrowed": wanted != Wanted(),
        "themes": _themes(q, found),
        "desk": _desk() if not found.groups else None,
        "cut": len(found.groups) >= queries.NAMES,
        "tab": "items",
    }
    return render(request, "portal/items.html", told)


@require_safe
@page
def suggestions(request: Visit) -> HttpResponse:
    """Names that what is typed so far may lead to."""
    return JsonResponse({"names": queries.suggest(request.GET.get("q", ""))})


def asked(request: Visit) -> tuple[str, str, Wanted]:
    """The question as it was sent; what none of our lists offers is left out."""
    sent = request.GET.get
    region = sent("region", "")
    region = region if region.isascii() and region.isdigit() and len(region) == 6 else ""
    wanted = Wanted(
        department=_one_of(sent("department", ""), sorting.all_departments()),
        theme=_one_of(sent("theme", ""), sorting.all_themes()),
        mode=_one_of(sent("mode", ""), list(Mode)),
        audience=_one_of(sent("audience", ""), [code for code, _ in AUDIENCES]),
    )
    return sent("q", "").strip()[: queries.LONGEST], region, wanted


def _one_of(said: str, offered: list[Any]) -> str:
    return said if said in offered else ""


def told_of(groups: Sequence[Group], wanted: Features) -> list[dict[str, Any]]:
    """Names with their items, all their regions in one read; an own name is shown where there is one item only."""
    items = iter(with_regions([item for group in groups for item in group.items]))
    found = [(group, list(islice(items, len(group.items)))) for group in groups]
    return [
        {"name": marking.marked(_name(group, own), wanted), "items": own, "more": group.more, "item": own[0]}
        for group, own in found
    ]


def _name(group: Group, items: list[dict[str, Any]]) -> str:
    return str(items[0]["name"]) if len(items) == 1 else group.name


def choices(chosen: str) -> list[dict[str, str]]:
    """The regions to choose from: those of the federation; below the chosen one, what lies around and inside it."""
    offered = places()
    if not chosen or chosen == NATION:
        return offered
    around = chosen if level(chosen) < Level.COUNTY else parent_code(chosen) or chosen
    province = chosen[:2] + "0000"
    path = [each for each in regions.region_path(around) if each.code != province]
    inside = [*path, *regions.regions_in(around)]
    deeper = [{"code": each.code, "name": "　" * (each.level - 1) + each.name} for each in inside]
    if province not in {each["code"] for each in offered}:
        offered = [*offered, *({"code": province, "name": name} for name in regions.region_names([province]).values())]
    at = next((at for at, each in enumerate(offered) if each["code"] == province), len(offered) - 1)
    return [*offered[: at + 1], *deeper, *offered[at + 1 :]]


def filters(wanted: Wanted, but: str = "") -> list[dict[str, Any]]:
    """The narrowing lists, each with what is chosen; without the one that a page itself is about."""
    offered = (
        ("audience", "为谁办", AUDIENCES, wanted.audience),
        ("theme", "主题", [(each, each) for each in queries.themes()], wanted.theme),
        ("department", "部门", [(each, each) for each in queries.departments()], wanted.department),
        ("mode", "办理方式", Mode.choices(), wanted.mode),
    )
    return [
        {"name": name, "label": label, "choices": list(several), "chosen": chosen}
        for name, label, several, chosen in offered
        if name != but
    ]


def _themes(q: str, found: Found) -> list[dict[str, str]]:
    """Themes to browse, when nothing was asked or nothing was found."""
    if q and found.groups:
        return []
    region = {"region": found.region} if found.region and found.groups else {}
    return [{"name": theme, "query": urlencode({"theme": theme, **region})} for theme in queries.themes()]


def _desk() -> dict[str, str] | None:
    """Whom to ask: an organization of this node's own region."""
    found = [each for each in regions.organizations(here().code) if each.phone]
    return next(({"name": each.name, "phone": each.phone} for each in found), None)
