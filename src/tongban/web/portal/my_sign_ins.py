# SPDX-License-Identifier: Apache-2.0
"""Where a person is signed in, which nodes they let know who they are, and the way to the other regions' portals."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tongban.identity import actions, trust
from tongban.identity.actions.credentials import change_password
from tongban.identity.queries.roaming import agreed, roams, sessions
from tongban.standards import clock
from tongban.standards.node import here
from tongban.standards.refusal import Refusal
from tongban.web import sign_in_cookie as cookie
from tongban.web.visit import Visit, applicants, page


@never_cache
@require_GET
@applicants
def mine(request: Visit) -> HttpResponse:
    """All of it on one page."""
    return _page(request, {})


def _page(request: Visit, more: dict[str, object], status: int = 200) -> HttpResponse:
    own = request.who
    told = {
        "own": own,
        "home": trust.name_of(own.issuer),
        "sessions": sessions(own, clock.now()),
        "agreed": agreed(own) if own.is_own else [],
        "roams": own.is_own and roams(own.actor.id),
    }
    return render(request, "portal/sign_in/mine.html", told | more, status=status)


@never_cache
@require_POST
@applicants
def password(request: Visit) -> HttpResponse:
    """Another password; other sessions end."""
    given, at = request.POST.get, clock.now()
    address = cookie.address_of(request)
    try:
        change_password(request.who, given("password", ""), given("new_password", ""), address=address, at=at)
    except Refusal as no:
        return _page(request, {"errors": {no.field or "password": no.sentence}}, no.status)
    return _page(request, {"done": "密码已修改，其他设备上的登录已结束。"})


@never_cache
@require_POST
@applicants
def end(request: Visit, key: str) -> HttpResponse:
    """End one of one's own sessions, here and wherever it serves."""
    own = request.who
    actions.end_session(own, key, at=clock.now())
    if key != own.session.hex():
        return HttpResponseRedirect(reverse("portal:my-sign-ins"))
    response = HttpResponseRedirect(reverse("portal:signed-out"))
    cookie.drop_token(request, response)
    return response


@never_cache
@require_POST
@applicants
def roam(request: Visit) -> HttpResponse:
    """Let every region's portal know who one is on arrival, or no longer."""
    own = request.who
    if "stop" in request.POST:
        actions.withdraw_consent(own, actions.EVERYWHERE, at=clock.now())
    else:
        actions.agree_everywhere(own, at=clock.now())
    return HttpResponseRedirect(reverse("portal:my-sign-ins"))


@never_cache
@require_POST
@applicants
def withdraw(request: Visit) -> HttpResponse:
    """One node is told nothing more without asking."""
    own, client = request.who, request.POST.get("client", "")
    if any(each.client == client for each in agreed(own)):
        actions.withdraw_consent(own, client, at=clock.now())
    return HttpResponseRedirect(reverse("portal:my-sign-ins"))


@require_GET
@page
def elsewhere(request: Visit) -> HttpResponse:
    """The portals of the federation; whoever is signed in is known there on arrival."""
    nodes = [node for node in trust.homes(clock.now()) if node.code != here().code]
    own = request.signed_in
    home = own.issuer if own and own.person is not None else ""
    return render(request, "portal/elsewhere.html", {"nodes": nodes, "home": home})


urlpatterns = [
    path("sign-in/mine/", mine, name="my-sign-ins"),
    path("sign-in/mine/password", password, name="my-password"),
    path("sign-in/mine/<str:key>/end", end, name="end-sign-in"),
    path("sign-in/roam", roam, name="roam"),
    path("sign-in/withdraw", withdraw, name="withdraw-consent"),
    path("elsewhere/", elsewhere, name="elsewhere"),
]
