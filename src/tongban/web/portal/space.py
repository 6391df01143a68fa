# SPDX-License-Identifier: Apache-2.0
"""我的: who one is here, who looked at one's data, a copy of it, and the end of the account."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tongban.identity import actions as identity
from tongban.identity import trust
from tongban.identity.assurance import REAL_NAME
from tongban.identity.queries.looks import evidence, looks
from tongban.identity.queries.mandates import asked
from tongban.regions import queries as regions
from tongban.space import actions, queries
from tongban.space.errors import CasesOpen, NoAccountHere, NotConfirmed
from tongban.standards import clock
from tongban.standards.refusal import NotFound, Refusal
from tongban.web import files, sign_in_cookie
from tongban.web.portal.mandates import open_words
from tongban.web.visit import Visit, applicants, own_people, posted

POLL = 2  # seconds between two looks at what the worker does
METHODS = {
    "declared": "本人填写",
    "matched": "姓名和证件号码与登记来源一致",
    "window": "窗口核验本人和证件",
    "certificate": "数字证书",
    "home": "户籍地网站确认",
}


@never_cache
@require_GET
@own_people
def my(request: Visit) -> HttpResponse:
    """Everything that is one's own, on one page."""
    own = request.who
    told = {"own": own, "home": trust.name_of(own.issuer), "waiting": open_words(own), "tab": "my"}
    return render(request, "portal/my/my.html", told)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@own_people
def identity_page(request: Visit) -> HttpResponse:
    """How surely one is known, by what, and until when; asking the source again."""
    own, at = request.who, clock.now()
    if request.method == "POST":
        identity.ask_again(own, at=at)
        return HttpResponseRedirect(reverse("portal:identity"))
    questions = [each for each in asked(own, at) if each.purpose == "self"]
    last = questions[0] if questions else None
    told = {
        "own": own,
        "home": trust.name_of(own.issuer),
        "rows": [(each, METHODS[each.method], _whose(each.source)) for each in evidence(own)],
        "last": last,
        "may_ask": own.is_own and own.person is not None and own.person.level < REAL_NAME,
        "now": at,
        "tab": "my",
    }
    response = render(request, "portal/my/identity.html", told)
    if last is not None and last.state == "waiting":
        response.headers["Refresh"] = str(POLL)
    return response


def _whose(source: str) -> str:
    """Who says so: a node or an organization by its name; a source's address would tell nobody anything."""
    if len(source) == 6 and source.isdecimal():
        return trust.name_of(source)
    try:
        return regions.organization(source).name
    except Refusal:
        return ""


@never_cache
@require_GET
@applicants
def seen(request: Visit) -> HttpResponse:
    """谁看过我的信息; of the company or child, for whoever acts for them in everything."""
    actor = request.actor
    if actor.behalf is not None and actor.behalf.items:
        raise NotFound(what="这个页面")
    rows = [(each, _whose(each.organization)) for each in looks(actor.index)]
    return render(request, "portal/my/seen.html", {"rows": rows, "tab": "my"})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@applicants
def data(request: Visit) -> HttpResponse:
    """Ask for a copy of one's data, and find those that are there."""
    own, at = request.who, clock.now()
    if request.method == "POST":
        actions.ask_export(own, at=at)
        return HttpResponseRedirect(reverse("portal:data"))
    rows = queries.exports(own, at)
    response = render(request, "portal/my/data.html", {"rows": rows, "tab": "my"})
    if any(each.made_at is None for each in rows):
        response.headers["Refresh"] = str(POLL)
    return response


@never_cache
@require_GET
@applicants
def data_file(request: Visit, export: UUID) -> HttpResponseBase:
    """The copy itself."""
    return files.send(queries.export_file(export, request.who, clock.now()), keep=True)


@never_cache
@require_GET
@applicants
def close(request: Visit) -> HttpResponse:
    """What closing the account means."""
    return _close(request, {})


def _close(request: Visit, told: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, "portal/my/close.html", {"own": request.who, "tab": "my"} | told, status=status)


@never_cache
@applicants
@posted(up=1)
def close_now(request: Visit) -> HttpResponse:
    """Close it; refused by name while a case is open."""
    try:
        actions.close_account(request.who, is_sure="sure" in request.POST, at=clock.now())
    except (CasesOpen, NoAccountHere, NotConfirmed) as refusal:
        return _close(request, {"errors": {refusal.field or "sure": refusal.sentence}}, refusal.status)
    response = HttpResponseRedirect(reverse("portal:signed-out"))
    sign_in_cookie.drop_token(request, response)
    sign_in_cookie.keep_asked(response)
    return response


urlpatterns = [
    path("my/", my, name="my"),
    path("my/identity/", identity_page, name="identity"),
    path("my/seen/", seen, name="seen"),
    path("my/data/", data, name="data"),
    path("my/data/<uuid:export>/", data_file, name="data-file"),
    path("my/close/", close, name="close"),
    path("my/close/now", close_now, name="close-now"),
]
