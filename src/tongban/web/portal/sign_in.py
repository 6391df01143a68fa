# SPDX-License-Identifier: Apache-2.0
"""Signing in as a visitor or as one of this node's own people, and signing out."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongban.identity import actions, asking, queries, trust
from tongban.identity.asking import Wish
from tongban.identity.errors import AttemptRefused, ending
from tongban.identity.queries import Progress
from tongban.identity.queries.roaming import sign_out
from tongban.identity.vouching import MANDATES
from tongban.standards import clock
from tongban.standards.actor import Role
from tongban.standards.node import here
from tongban.standards.refusal import Refusal
from tongban.web import sign_in_cookie as cookie
from tongban.web.next_page import local
from tongban.web.portal.wishes import wish_for
from tongban.web.visit import Visit, own_people, page
from tongban.web.walking import PATIENCE, may_ask, set_out
from tongban.web.words import place

POLL = 1  # seconds between two looks at a sign-in that is under way; scripts look more often
POLL_IN_TROUBLE = 3


@never_cache
@require_GET
@page
def choose(request: Visit) -> HttpResponse:
    """Where is your account? Asked once: whoever has signed in from this browser is led to the same home again."""
    next_path = local(request.GET.get("next", ""))
    signed_in = request.signed_in
    if signed_in is not None and signed_in.actor.role is Role.APPLICANT:
        return HttpResponseRedirect(next_path)
    homes = trust.homes(clock.now())
    remembered = cookie.home_of(request)
    if "choose" not in request.GET and any(home.code == remembered for home in homes):
        return _led(request, remembered, next_path)
    own = next((home for home in homes if home.code == here().code), None)
    others = [home for home in homes if home.code != here().code]
    return render(request, "portal/sign_in/choose.html", {"next": next_path, "own": own, "others": others})


@never_cache
@require_POST
@page
def go(request: Visit) -> HttpResponse:
    """Off to the home node; one's own people stay."""
    return _to(request.POST.get("home", ""), local(request.POST.get("next", "")))


@never_cache
@require_POST
@own_people
def stronger(request: Visit) -> HttpResponse:
    """Sign in once more at home, which may know the person more surely by now; one's own people ask at a window."""
    own, next_path = request.who, local(request.POST.get("next", ""))
    if own.is_own:
        return HttpResponseRedirect(reverse("portal:identity"))
    return _off(own.issuer, next_path, wish_for(next_path, afresh=True))


@never_cache
@require_POST
@own_people
def mandates(request: Visit) -> HttpResponse:
    """Ask home for whom this visitor may act; home shows them what it tells."""
    own, next_path = request.who, reverse("portal:acting")
    if own.is_own:
        return HttpResponseRedirect(next_path)
    return _off(own.issuer, next_path, Wish((*asking.IDENTITY, MANDATES)))


@never_cache
@require_GET
@page
def arrive(request: Visit) -> HttpResponse:
    """Over from another region's portal, which says where the person signed in: they are asked nothing twice."""
    home, next_path = request.GET.get("home", ""), local(request.GET.get("next", ""))
    return set_out(request, home, next_path) if may_ask(request, home) else HttpResponseRedirect(next_path)


@never_cache
@require_http_methods(["GET", "POST"])
@page
def at_home(request: Visit) -> HttpResponse:
    """One of this node's own people signs in to use this node's pages."""
    next_path = local(request.GET.get("next", ""))
    told = {"action": request.get_full_path(), "next": next_path, "after": next_path}
    if request.method == "GET":
        return render(request, "portal/sign_in/password.html", told)
    try:
        token = sign_in_by_form(request)
    except Refusal as refusal:
        return password_again(request, told, refusal)
    response = HttpResponseRedirect(next_path)
    cookie.keep_token(request, response, token)
    cookie.keep_home(response, here().code)
    return response


@never_cache
@require_GET
@page
def come_back(request: Visit) -> HttpResponse:
    """Back from the home node: keep the code, and take it out of the address bar."""
    try:
        actions.come_back(cookie.way_of(request), asking.single(request.GET.lists()), at=clock.now())
    except AttemptRefused as refusal:
        progress = queries.progress(cookie.way_of(request), clock.now())
        return _ended(request, refusal, progress)
    return HttpResponseRedirect(reverse("portal:sign-in-wait"))


@never_cache
@require_GET
@page
def wait(request: Visit) -> HttpResponse:
    """Wait for the home node without holding this request: the page asks again by itself, and goes when it may."""
    browser, at = cookie.way_of(request), clock.now()
    progress = queries.progress(browser, at)  # read first: what the worker brings meanwhile is for the next look
    entered = actions.enter(browser, at=at, previous=cookie.token_of(request))
    if entered is not None:
        return _in(request, *entered)
    if home := actions.go_home(browser, at=at):
        return HttpResponseRedirect(home)
    if actions.go_again(browser, at=at):
        progress = queries.progress(browser, at)
    return _meanwhile(request, progress, at)


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
    """Sign out here, and wherever this sign-in serves."""
    ended = actions.sign_out(cookie.token_of(request), at=clock.now())
    response = HttpResponseRedirect(_signed_out_address(ended))
    cookie.drop_token(request, response)
    cookie.keep_asked(response)  # who has just left is not led back in
    return response


@never_cache
@require_GET
@page
def signed_out(request: Visit) -> HttpResponse:
    """You are out here; the page tells how far the others have heard of it."""
    return _gone(request, None)


@never_cache
@require_GET
@page
def gone(request: Visit, ended: UUID) -> HttpResponse:
    """The same for one sign-in that others have to hear of."""
    return _gone(request, ended)


def _gone(request: Visit, ended: UUID | None) -> HttpResponse:
    telling = sign_out(ended) if ended else []
    told = {
        "told": [each for each in telling if each.is_told],
        "silent": [each for each in telling if not each.is_told and each.is_silent],
        "waiting": [each for each in telling if not each.is_told and not each.is_silent],
    }
    response = render(request, "portal/sign_in/signed_out.html", told)
    if any(not each.is_told for each in telling):
        response.headers["Refresh"] = str(POLL_IN_TROUBLE if told["silent"] else POLL)
    return response


def _signed_out_address(ended: UUID | None) -> str:
    """With the progress where others have to be told."""
    return reverse("portal:signed-out-told", args=[ended]) if ended else reverse("portal:signed-out")


def _led(request: Visit, home: str, next_path: str) -> HttpResponse:
    """The same, by a page of its own: whoever was led here by a form of ours that needs a sign-in may not be redirected
    on to another site, says the policy of that form's page."""
    response = _to(home, next_path)
    if home == here().code:
        return response
    told = {"home_name": trust.name_of(home), "next": next_path, "goes": True, "leads": True}
    page_between = render(request, "portal/sign_in/wait.html", told)
    page_between.cookies = response.cookies
    page_between.headers["Refresh"] = f"0; url={response['Location']}"
    return page_between


def _to(home: str, next_path: str) -> HttpResponse:
    """Off to this home, which asks for the password where it must."""
    if home == here().code:
        return HttpResponseRedirect(f"{reverse('portal:sign-in-here')}?{urlencode({'next': next_path})}")
    return _off(home, next_path, wish_for(next_path))


def _off(home: str, next_path: str, wish: Wish) -> HttpResponse:
    browser = actions.begin_sign_in(home, next_path, wish, at=clock.now())
    response = HttpResponseRedirect(reverse("portal:sign-in-wait"))
    cookie.keep_way(response, browser)
    return response


def _in(request: Visit, token: str, next_path: str, home: str) -> HttpResponse:
    """Signed in, and on to the page; next time home is not asked for."""
    response = HttpResponseRedirect(local(next_path))
    cookie.keep_token(request, response, token)
    cookie.keep_home(response, home)
    cookie.drop_way(response)
    return response


def _on(progress: Progress) -> HttpResponse:
    """On to the page, without a name on it; nobody had asked for one."""
    response = HttpResponseRedirect(local(progress.next))
    cookie.drop_way(response)
    return response


def _meanwhile(request: Visit, progress: Progress | None, at: datetime) -> HttpResponse:
    """The browser can neither come in nor go home."""
    if progress is None or progress.status in ("waiting", "done"):
        if progress is not None and progress.silent:
            return _on(progress)
        next_path = local(progress.next if progress else "/")
        return HttpResponseRedirect(f"{reverse('portal:sign-in')}?{urlencode({'choose': 1, 'next': next_path})}")
    if progress.status == "refused":
        return _ended(request, progress.refusal or AttemptRefused(), progress)
    if progress.silent and at > progress.created_at + PATIENCE:
        return _on(progress)
    return _waiting(request, progress)


def _waiting(request: Visit, progress: Progress) -> HttpResponse:
    trouble = _in_plain_words(progress.refusal) if progress.refusal and not progress.silent else None
    told = {
        "progress": progress,
        "home_name": progress.home_name,
        "next": progress.next,
        "trouble": trouble,
        "goes": progress.status == "push",
    }
    response = render(request, "portal/sign_in/wait.html", told)
    response.headers["Refresh"] = str(POLL_IN_TROUBLE if trouble else POLL)
    return response


def sign_in_by_form(request: Visit) -> str:
    """The cookie for what was typed into the password form. WrongPassword, TooManyTries."""
    token = actions.sign_in(
        request.POST.get("login", ""),
        request.POST.get("password", ""),
        address=cookie.address_of(request),
        at=clock.now(),
        previous=cookie.token_of(request),
    )
    own = queries.signed_in(token, clock.now()) if "roam" in request.POST else None
    if own is not None:
        actions.agree_everywhere(own, at=clock.now())
    return token


def password_again(request: Visit, told: Mapping[str, object], refusal: Refusal) -> HttpResponse:
    """The form once more, with what was typed except the password, and why."""
    told = {**told, "login": request.POST.get("login", ""), "errors": {refusal.field or "password": refusal.sentence}}
    return render(request, "portal/sign_in/password.html", told, status=refusal.status)


def _ended(request: Visit, refusal: AttemptRefused, progress: Progress | None) -> HttpResponse:
    if progress is not None and progress.silent:
        return _on(progress)
    told = {"refusal": _in_plain_words(refusal), "next": local(progress.next if progress else "/")}
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
    path("sign-in/stronger", stronger, name="sign-in-stronger"),
    path("sign-in/mandates", mandates, name="sign-in-mandates"),
    path("sign-in/arrive", arrive, name="sign-in-arrive"),
    path("sign-in/return", come_back, name="sign-in-return"),
    path("sign-in/wait", wait, name="sign-in-wait"),
    path("sign-in/again", again, name="sign-in-again"),
    path("sign-in/out", out, name="sign-out"),
    path("sign-in/signed-out", signed_out, name="signed-out"),
    path("sign-in/signed-out/<uuid:ended>", gone, name="signed-out-told"),
]
