# SPDX-License-Identifier: Apache-2.0
"""Tongban lists at the desk: every publisher's, one's own with the standing of their entries, two side by side."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from tongban.catalogue.lists import actions, comparing, queries
from tongban.catalogue.lists.content import TongbanList
from tongban.catalogue.lists.words import SAYABLE, ListScope, ListStanding
from tongban.catalogue.models import ListVersion
from tongban.catalogue.stages import OPEN, Stage
from tongban.regions import queries as regions
from tongban.standards import clock
from tongban.standards.actor import Actor
from tongban.standards.refusal import BadInput, NotAllowed, NotFound, Refusal
from tongban.web import tongban_lists as faces
from tongban.web.refusals import PageGone
from tongban.web.visit import Visit, posted, staff

DONE = {
    "withdrawn": "清单已撤回，并通知其他地区。",
    "standing": "状态已变更，记入历史，并通知其他地区。",
}


def managers(request: Visit) -> Actor:
    """Who keeps the lists of an organization. NotAllowed for everybody else."""
    queries.manages(request.actor)
    return request.actor


def lists(request: Visit) -> HttpResponse:
    """Every publisher's lists, one's own first, and the drafts of one's own organization."""
    return _lists(request, {})


def _lists(request: Visit, told: dict[str, Any], status: int = 200) -> HttpResponse:
    actor = managers(request)
    found = queries.lists()
    names = regions.region_names([row.region_code for row in found])
    rows = [_row(row, names) for row in found]
    facts = {
        "own": [row for row in rows if row["row"].publisher == actor.organization],
        "others": [row for row in rows if row["row"].publisher != actor.organization],
        "drafts": [draft for draft in queries.drafts(actor) if draft.stage in OPEN],
        "stages": dict(Stage.choices()),
        "office": regions.organization(actor.organization),
        "scopes": ListScope.choices(),
        "given": {},
    }
    return page(request, "lists", facts | told, status)


def _row(row: ListVersion, names: dict[str, str]) -> dict[str, Any]:
    return {
        "row": row,
        "place": names.get(row.region_code, "全国"),
        "scope": ListScope(row.scope).label,
        "entries": len(row.content.entries),
        "feature": row.content.feature,
        "stale": queries.is_stale(row, clock.now()),
    }


def start(request: Visit) -> HttpResponse:
    """A new list of one's own organization."""
    actor, given = managers(request), request.POST
    head: dict[str, Any] = {"title": given.get("title", "").strip(), "scope": given.get("scope", "")}
    head |= {"regions": _codes(given.get("regions", ""))} if given.get("regions", "").strip() else {}
    try:
        draft = actions.start_list(given.get("code", "").strip(), head, actor=actor, at=clock.now())
    except (NotAllowed, NotFound):
        raise
    except Refusal as no:
        told = {"errors": {(no.field or "code").partition("[")[0]: no.sentence}, "given": given}
        return _lists(request, told, no.status)
    return HttpResponseRedirect(reverse("desk:list-draft", args=[draft.id]))


def one(request: Visit, publisher: str, code: str) -> HttpResponse:
    """One list with its entries; of one's own also what may be done."""
    return _one(request, publisher, code, {})


def _one(request: Visit, publisher: str, code: str, told: dict[str, Any], status: int = 200) -> HttpResponse:
    actor, row = managers(request), queries.current(publisher, code)
    number = request.GET.get("version", "")
    row = queries.version(publisher, code, int(number)) if number.isdigit() and len(number) < 9 else row
    how = faces.wanted(request, row.content)
    found = faces.paged(row.content, how, request.GET.get("page", ""))
    open_draft = next((d for d in queries.drafts(actor) if d.stage in OPEN and d.code == code), None)
    facts = faces.told(row) | {
        "is_own": publisher == actor.organization,
        "draft": open_draft if publisher == actor.organization else None,
        "page": found,
        "shown": [faces.shown(line) for line in found.lines],
        "filters": faces.filters(row.content, how),
        "how": how,
        "batch_names": {batch.code: batch.name for batch in row.content.batches},
        "query": urlencode({name: value for name, value in _said(how) if value}),
        "versions": [(each, ListStanding(each.status).label) for each in queries.versions(publisher, code)],
        "statuses": [(status.value, status.label) for status in SAYABLE],
        "others": [other for other in queries.lists() if (other.publisher, other.code) != (publisher, code)],
        "standing": ListStanding(row.status).label,
    }
    return page(request, "list", facts | told, status)


def _said(how: queries.Wanted) -> list[tuple[str, str]]:
    return [("batch", how.batch), ("mode", how.mode), ("status", how.status), ("q", how.words)]


def act(request: Visit, publisher: str, code: str, how: str) -> HttpResponse:
    """Begin the next version, withdraw the list, or change how entries stand."""
    actor, at = managers(request), clock.now()
    if publisher != actor.organization:
        queries.current(publisher, code)
        raise NotAllowed()
    sent = request.POST
    ways: dict[str, Callable[[], object]] = {
        "withdrawn": lambda: actions.withdraw(code, reason=sent.get("reason", ""), actor=actor, at=at),
        "standing": lambda: actions.set_status(
            code,
            sent.getlist("entries"),
            sent.get("status", ""),
            actor=actor,
            at=at,
            reason=sent.get("reason", ""),
            on_day=day(sent.get("on_day", ""), "on_day"),
        ),
    }
    try:
        if how == "draft":
            draft = actions.start_draft(code, actor=actor, at=at)
            return HttpResponseRedirect(reverse("desk:list-draft", args=[draft.id]))
        if how not in ways:
            raise PageGone()
        ways[how]()
    except (NotAllowed, NotFound, PageGone):
        raise
    except Refusal as no:
        told = {"errors": {no.field or how: no.sentence}, "given": sent, "picked": sent.getlist("entries")}
        return _one(request, publisher, code, told, no.status)
    return HttpResponseRedirect(f"{reverse('desk:list', args=[publisher, code])}?done={how}")


def entry(request: Visit, publisher: str, code: str, entry: str) -> HttpResponse:
    """One entry: all that is said of it, its history, and every place that implements it."""
    managers(request)
    row = queries.current(publisher, code)
    found = next((line for line in queries.lines(row.content) if line.entry.code == entry), None)
    if found is None:
        raise NotFound(what="这个条目")
    (line,) = queries.implemented([found])
    history = [(act, queries.status_of(act).label) for act in reversed(queries.acts(publisher, code, entry))]
    batch = row.content.batch(line.entry.batch)
    facts = faces.told(row) | {"shown": faces.shown(line), "history": history, "batch": comparing.told_batch(batch)}
    return page(request, "entry", facts | {"all_places": line.places})


def compare(request: Visit) -> HttpResponse:
    """Two lists, of two publishers or two versions of one, entry by entry."""
    managers(request)
    before, after = (_chosen(request.GET.get(word, "")) for word in ("before", "after"))
    facts: dict[str, Any] = {"lists": queries.lists(), "before": before, "after": after}
    if before and after:
        found = comparing.compare(before.content, after.content)
        facts |= {
            "found": found,
            "only": [
                (before, [(pair.before, _batch(pair.before, before.content)) for pair in found.only_before]),
                (after, [(pair.after, _batch(pair.after, after.content)) for pair in found.only_after]),
            ],
        }
    return page(request, "compare", facts)


def _batch(entry: Any, of: TongbanList) -> str:
    return comparing.told_batch(of.batch(entry.batch))


def _chosen(text: str) -> ListVersion | None:
    """A list named as publisher/code, or a version of it as publisher/code/number."""
    parts = text.split("/")
    if len(parts) == 3 and parts[2].isdigit() and len(parts[2]) < 9:
        return queries.version(parts[0], parts[1], int(parts[2]))
    return queries.current(parts[0], parts[1]) if len(parts) == 2 else None


def page(request: Visit, name: str, told: dict[str, Any], status: int = 200) -> HttpResponse:
    """A page of the lists' folder."""
    facts = {"tab": "lists", "done": DONE.get(request.GET.get("done", ""))}
    return render(request, f"desk/lists/{name}.html", facts | told, status=status)


def day(text: str, field: str) -> date | None:
    """A day as browsers send it. BadInput for anything else that is not empty."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadInput(field, "请按“年-月-日”填写日期。") from None


def _codes(text: str) -> list[str]:
    return [part for part in text.replace("，", " ").replace(",", " ").replace("、", " ").split() if part]


LIST = "lists/<str:publisher>/<str:code>/"
urlpatterns = [
    path("lists/", require_safe(staff(lists)), name="lists"),
    path("lists/start/", staff(posted(up=1)(start)), name="list-start"),
    path("lists/compare/", require_safe(staff(compare)), name="list-compare"),
    path(LIST, require_safe(staff(one)), name="list"),
    path(f"{LIST}act/<str:how>/", staff(posted(up=2)(act)), name="list-act"),
    path(f"{LIST}entries/<str:entry>/", require_safe(staff(entry)), name="list-entry"),
]
