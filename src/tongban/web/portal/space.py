# SPDX-License-Identifier: Apache-2.0
"""我的: who one is here, who looked at one's data, a copy of it, and the end of the account."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from tongban.cases.actions.gathering import WHY
from tongban.identity import actions as identity
from tongban.identity import trust
from tongban.identity.actions.certifying import certify, draw_challenge
from tongban.identity.assurance import REAL_NAME, Level
from tongban.identity.certificates import LARGEST
from tongban.identity.models import Evidence
from tongban.identity.queries import SignedIn
from tongban.identity.queries.looks import evidence, looks
from tongban.identity.queries.mandates import asked
from tongban.licences.models import LicenceUse
from tongban.licences.uses.queries import FIELDS, GIVEN, uses_of
from tongban.regions import queries as regions
from tongban.reminders.queries import unread
from tongban.space import actions, queries
from tongban.space.errors import CasesOpen, NoAccountHere, NotConfirmed
from tongban.standards import clock
from tongban.standards.node import here
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
    told["unread"] = unread(own.actor)
    return render(request, "portal/my/my.html", told)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@own_people
def identity_page(request: Visit) -> HttpResponse:
    """How surely one is known, by what, and until when; asking the source again."""
    if request.method == "POST":
        identity.ask_again(request.who, at=clock.now())
        return HttpResponseRedirect(reverse("portal:identity"))
    return _identity(request, {})


@never_cache
@applicants
@posted(up=1)
def challenge(request: Visit) -> HttpResponse:
    """The file that one's digital certificate has to sign."""
    answer = HttpResponse(draw_challenge(request.who, at=clock.now()), content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="challenge.txt"'
    return answer


@never_cache
@applicants
@posted(up=1)
def certificate(request: Visit) -> HttpResponse:
    """The signature comes back."""
    given = request.FILES.get("signature")
    try:
        certify(request.who, given.read(LARGEST + 1) if given else b"", at=clock.now())
    except Refusal as refusal:
        if refusal.field != "signature":
            raise
        return _identity(request, {"errors": {"signature": refusal.sentence}}, refusal.status)
    return HttpResponseRedirect(reverse("portal:identity"))


def _may_certify(own: SignedIn) -> bool:
    proven = own.person is not None and REAL_NAME <= own.person.level < Level.CERTIFIED
    return proven and own.is_own and own.actor.behalf is None and here().certificate_authorities is not None


def _identity(request: Visit, more: dict[str, Any], status: int = 200) -> HttpResponse:
    own, at = request.who, clock.now()
    questions = [each for each in asked(own, at) if each.purpose == "self"]
    last = questions[0] if questions else None
    told = {
        "own": own,
        "home": trust.name_of(own.issuer),
        "rows": [(each, METHODS[each.method], _who_says(each)) for each in evidence(own)],
        "may_certify": _may_certify(own),
        "last": last,
        "may_ask": own.is_own and own.person is not None and own.person.level < REAL_NAME,
        "now": at,
        "tab": "my",
    }
    response = render(request, "portal/my/identity.html", told | more, status=status)
    if last is not None and last.state == "waiting":
        response.headers["Refresh"] = str(POLL)
    return response


def _who_says(each: Evidence) -> str:
    return each.source if each.method == Evidence.Method.CERTIFICATE else _whose(each.source)


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
@require_GET
@applicants
def licence_uses(request: Visit) -> HttpResponse:
    """我的证照被谁用过, likewise."""
    actor = request.actor
    if actor.behalf is not None and actor.behalf.items:
        raise NotFound(what="这个页面")
    rows = [(each, _fields(each), trust.name_of(each.node_code), _why_not(each)) for each in uses_of(actor.index)]
    return render(request, "portal/my/licence_uses.html", {"rows": rows, "tab": "my"})


def _fields(use: LicenceUse) -> list[str]:
    return [FIELDS.get(name, name) for name in use.fields]


def _why_not(use: LicenceUse) -> str:
    return "" if use.outcome == GIVEN else WHY.get(use.outcome, "没有提供。")


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
    path("my/identity/challenge", challenge, name="challenge"),
    path("my/identity/certificate", certificate, name="certificate"),
    path("my/seen/", seen, name="seen"),
    path("my/licence-uses/", licence_uses, name="licence-uses"),
    path("my/data/", data, name="data"),
    path("my/data/<uuid:export>/", data_file, name="data-file"),
    path("my/close/", close, name="close"),
    path("my/close/now", close_now, name="close-now"),
]
