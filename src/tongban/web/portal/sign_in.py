# SPDX-License-Identifier: Apache-2.0
"""Signing in as a visitor or as one of this node's own people, and signing out."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongban.identity import actions, oidc, queries, trust
from tongban.identity.errors import AttemptRefused, ending
from tongban.standards import clock
from tongban.standards.actor import Role
from tongban.standards.node import here
from tongban.standards.refusal import Refusal
from tongban.web import sign_in_cookie as cookie
from tongban.web.next_page import local
from tongban.web.visit import Visit, page
from tongban.web.words import place

POLL = 1  # seconds between two looks at a sign-in that is under way
POLL_IN_TROUBLE = 3


@never_cache
@require_GET
@page
def choose(request: Visit) -> HttpResponse:
    """Where is your account? People sign in at their home node, wherever they are."""
    next_path = local(request.GET.get("next", ""))
    signed_in = request.signed_in
    if signed_in is not None and signed_in.actor.role is Role.APPLICANT:
        return HttpResponseRedirect(next_path)
    homes = trust.homes(clock.now())
    own = next((home for home in homes if home.code == here().code), None)
    others = [home for home in homes if home.code != here().code]
    return render(request, "portal/sign_in/choose.html", {"next": next_path, "own": own, "others": others})


@never_cache
@require_POST
@page
def go(request: Visit) -> HttpResponse:
    """Off to the home node; one's own people stay."""
    home, next_path = request.POST.get("home", ""), local(request.POST.get("next", ""))
    if home == here().code:
        return HttpResponseRedirect(f"{reverse('portal:sign-in-here')}?{urlencode({'next': next_path})}")
    begun = actions.begin_sign_in(home, next_path, at=clock.now())
    response = HttpResponseRedirect(begun.url)
    cookie.keep_way(response, begun.browser)
    return response


@never_cache
@require_http_methods(["GET", "POST"])
@page
def at_home(request: Visit) -> HttpResponse:
    """One of this node's own people signs in to use this node's pages."""
    next_path = local(request.GET.get("next", ""))
    told = {"action": request.get_full_path(), "next": next_path}
    if request.method == "GET":
        return render(request, "portal/sign_in/password.html", told)
    try:
        token = sign_in_by_form(request)
    except Refusal as refusal:
        return password_again(request, told, refusal)
    response = HttpResponseRedirect(next_path)
    cookie.keep_token(request, response, token)
    return response


@never_cache
@require_GET
@page
def come_back(request: Visit) -> HttpResponse:
    """Back from the home node: keep the code, and take it out of the address bar."""
    try:
        actions.come_back(cookie.way_of(request), oidc.single(request.GET.lists()), at=clock.now())
    except AttemptRefused as refusal:
        progress = queries.progress(cookie.way_of(request), clock.now())
        return _ended(request, refusal, progress.next if progress else "/")
    return HttpResponseRedirect(reverse("portal:sign-in-wait"))


@never_cache
@require_GET
@page
def wait(request: Visit) -> HttpResponse:
    """Wait for the home node's answer without holding this request: the page asks again by itself."""
    browser, at = cookie.way_of(request), clock.now()
    entered = actions.enter(browser, at=at, previous=cookie.token_of(request))
    if entered is not None:
        token, next_path = entered
        response = HttpResponseRedirect(local(next_path))
        cookie.keep_token(request, response, token)
        return response
    progress = queries.progress(browser, at)
    if progress is None or progress.status in ("waiting", "done"):
        next_path = progress.next if progress else "/"
        return HttpResponseRedirect(f"{reverse('portal:sign-in')}?{urlencode({'next': local(next_path)})}")
    if progress.status == "refused":
        return _ended(request, progress.refusal or AttemptRefused(), progress.next)
    trouble = _in_plain_words(progress.refusal) if progress.refusal else None
    waiting = render(request, "portal/sign_in/wait.html", {"progress": progress, "trouble": trouble})
    waiting.headers["Refresh"] = str(POLL_IN_TROUBLE if trouble else POLL)
    return waiting


@require_POST
@page
def again(request: Visit) -> HttpResponse:
    """Ask the silent home node at once."""
    actions.try_again(cookie.way_of(request), at=clock.now())
    return HttpResponseRedirect(reverse("portal:sign-in-wait"))


@never_cache
@require_POST
@page
def out(request: Visit) -> HttpResponse:
    """Sign out here."""
    issuer = request.signed_in.issuer if request.signed_in else ""
    actions.sign_out(cookie.token_of(request), at=clock.now())
    elsewhere = {"home": issuer} if issuer and issuer != here().code else {}
    response = HttpResponseRedirect(f"{reverse('portal:signed-out')}?{urlencode(elsewhere)}")
    cookie.drop_token(request, response)
    return response


@never_cache
@require_GET
@page
def signed_out(request: Visit) -> HttpResponse:
    """You are out here; the home node is told apart, because it may serve you elsewhere too."""
    code = request.GET.get("home", "")
    home = next((node for node in trust.homes(clock.now()) if node.code == code), None) if code else None
    return render(request, "portal/sign_in/signed_out.html", {"home": home})


def sign_in_by_form(request: Visit) -> str:
    """The cookie for what was typed into the password form. WrongPassword, TooManyTries."""
    return actions.sign_in(
        request.POST.get("login", ""),
        request.POST.get("password", ""),
        address=cookie.address_of(request),
        at=clock.now(),
        previous=cookie.token_of(request),
    )


def password_again(request: Visit, told: Mapping[str, object], refusal: Refusal) -> HttpResponse:
    """The form once more, with what was typed except the password, and why."""
    told = {**told, "login": request.POST.get("login", ""), "errors": {refusal.field or "password": refusal.sentence}}
    return render(request, "portal/sign_in/password.html", told, status=refusal.status)


def _ended(request: Visit, refusal: AttemptRefused, next_path: str) -> HttpResponse:
    told = {"refusal": _in_plain_words(refusal), "next": local(next_path)}
    response = render(request, "portal/sign_in/ended.html", told, status=refusal.status)
    cookie.drop_way(response)
    return response


def _in_plain_words(refusal: AttemptRefused) -> AttemptRefused:
    """The same, naming the place instead of the node."""
    return ending(refusal.code, place(str(refusal.facts["home"])))


urlpatterns = [
    path("sign-in/", choose, name="sign-in"),
    path("sign-in/here", at_home, name="sign-in-here"),
    path("sign-in/go", go, name="sign-in-go"),
    path("sign-in/return", come_back, name="sign-in-return"),
    path("sign-in/wait", wait, name="sign-in-wait"),
    path("sign-in/again", again, name="sign-in-again"),
    path("sign-in/out", out, name="sign-out"),
    path("sign-in/signed-out", signed_out, name="signed-out"),
]
