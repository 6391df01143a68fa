# SPDX-License-Identifier: Apache-2.0
"""This node vouches for its own people to other nodes: OpenID Connect's endpoints."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongban.identity import actions, asking, oidc, queries, trust
from tongban.identity.ending import SIGN_OUT, SIGNED_OUT
from tongban.identity.errors import RequestRefused, TokenRefused
from tongban.identity.oidc import Client
from tongban.identity.queries import SignedIn
from tongban.identity.queries.mandates import vouched
from tongban.identity.queries.roaming import Pushed, Standing, leaves, standing
from tongban.identity.vouching import MANDATES
from tongban.standards import clock
from tongban.standards.actor import Role
from tongban.standards.refusal import NotAllowed, Refusal
from tongban.web import sign_in_cookie as cookie
from tongban.web.portal.sign_in import password_again, sign_in_by_form
from tongban.web.visit import Visit, page

LONGEST = 4096  # characters of one parameter that a program posts


@csrf_exempt
@never_cache
@require_POST
@page
def push(request: Visit) -> HttpResponse:
    """Another node says what it will ask; it proves itself by signature, so no cookie and no form protection."""
    return _to_program(lambda form: JsonResponse(actions.push(form, at=clock.now()), status=201), request)


@never_cache
@require_GET
@page
def authorize(request: Visit) -> HttpResponse:
    """A browser comes with a pushed request: answered at once when we know and may tell, else a page asks."""
    found = _found(request)
    own = _own_person(request)
    needed = standing(found, own, clock.now())
    if needed is Standing.NOTHING and own is not None:
        code = actions.give_code(found.asked, own, at=clock.now())
        return _answer(found, code=code)
    if found.asked.silent or needed is Standing.LEVEL:
        return _answer(found, error=needed.value)
    return render(request, "portal/sign_in/password.html", _told(request, found, own, needed))


@never_cache
@require_POST
@page
def agree(request: Visit) -> HttpResponse:
    """The person signs in and agrees, or declines; then the question is asked once more and answered."""
    found = _found(request)
    if "decline" in request.POST:
        return _answer(found, error="access_denied")
    response = HttpResponseRedirect(f"{oidc.AUTHORIZE}?{request.META['QUERY_STRING']}")
    own = _own_person(request)
    needed = standing(found, own, clock.now())
    if needed is Standing.SIGN_IN:
        try:
            token = sign_in_by_form(request)
        except Refusal as refusal:
            return password_again(request, _told(request, found, None, needed), refusal)
        cookie.keep_token(request, response, token)
        if MANDATES in found.asked.claims:
            return response  # for whom they act is shown before it is told
        own = queries.signed_in(token, clock.now())
    if own is None:
        raise NotAllowed()
    actions.agree(own, found.asked.client.code, found.asked.claims, at=clock.now())
    actions.note_agreed(found, at=clock.now())
    return response


@csrf_exempt
@never_cache
@require_POST
@page
def token(request: Visit) -> HttpResponse:
    """A node exchanges its code."""
    return _to_program(lambda form: JsonResponse(actions.redeem(form, at=clock.now())), request)


@csrf_exempt
@never_cache
@require_POST
@page
def sign_out(request: Visit) -> HttpResponse:
    """Another node says that a sign-in is over: OpenID Connect Back-Channel Logout, in both directions."""

    def hear(form: Mapping[str, str]) -> HttpResponse:
        actions.hear(form.get("logout_token", ""), at=clock.now())
        return HttpResponse(status=200)

    return _to_program(hear, request)


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
@page
def leave(request: Visit) -> HttpResponse:
    """A node sends a browser here to sign out (RP-Initiated Logout 1.0): at once when it names this very session by a
    token of ours, and after asking otherwise."""
    said = asking.single((request.POST if request.method == "POST" else request.GET).lists(), longest=LONGEST)
    at = clock.now()
    client = leaves(said.get("id_token_hint", ""), request.signed_in, at)
    if not client:
        return render(request, "portal/sign_in/leave.html")
    actions.sign_out(cookie.token_of(request), at=at)
    response = HttpResponseRedirect(_way_out(client, said) or reverse("portal:signed-out"))
    cookie.drop_token(request, response)
    return response


@require_GET
@cache_control(max_age=300, public=True)
@page
def jwks(request: Visit) -> HttpResponse:
    """Our public keys; nodes of the federation take them from the trust list instead."""
    return JsonResponse(oidc.published(trust.own_public_keys(clock.now())))


@require_GET
@cache_control(max_age=300, public=True)
@page
def configuration(request: Visit) -> HttpResponse:
    """OpenID Connect Discovery."""
    return JsonResponse(oidc.discovery(trust.own_address()))


def _way_out(client: str, said: Mapping[str, str]) -> str:
    """Back to the node that asked, at the one address that the trust list gives it; empty for any other."""
    try:
        address = trust.address(trust.partner(client, clock.now())) + SIGNED_OUT
    except Refusal:
        return ""
    if said.get("post_logout_redirect_uri") != address:
        return ""
    return f"{address}?{urlencode({'state': said['state']})}" if said.get("state") else address


def _found(request: Visit) -> Pushed:
    """What the other node asked. Refused on a page of ours: without a request nobody is sent anywhere."""
    said = asking.single(request.GET.lists())
    return actions.open_request(said.get("client_id", ""), said.get("request_uri", ""), at=clock.now())


def _own_person(request: Visit) -> SignedIn | None:
    """A person who signed in with a password of this node; a visitor is not ours to vouch for."""
    found = request.signed_in
    return found if found and found.is_own and found.actor.role is Role.APPLICANT else None


def _told(request: Visit, found: Pushed, own: SignedIn | None, needed: Standing) -> dict[str, Any]:
    """What the page shows: who asks, what they would be told, and whether a password is needed."""
    action = f"{reverse('portal:oidc-agree')}?{request.META['QUERY_STRING']}"
    known = own if needed is Standing.CONSENT else None
    return {
        "action": action,
        "after": f"{oidc.AUTHORIZE}?{request.META['QUERY_STRING']}",
        "client": found.asked.client,
        "own": known,
        "again": own and not known,
        "claims": found.asked.claims,
        "acts_for": vouched(known.person, clock.now())
        if known and known.person and MANDATES in found.asked.claims
        else (),
    }


def _answer(found: Pushed, **words: str) -> HttpResponse:
    """Back to the node that asked, once."""
    actions.answered(found, at=clock.now())
    client: Client = found.asked.client
    return HttpResponseRedirect(asking.answer_url(client.redirect_uri, trust.own_address(), found.asked.state, **words))


def _to_program(serve: Callable[[Mapping[str, str]], HttpResponse], request: Visit) -> HttpResponse:
    """The answer to what another node posts, or a no in the words of RFC 6749 §5.2."""
    try:
        return serve(asking.single(request.POST.lists(), longest=LONGEST))
    except RequestRefused as refusal:
        return _refused(refusal.error, "a parameter is missing, repeated, too long or not served here", 400)
    except TokenRefused as refusal:
        return _refused(refusal.error, refusal.sentence, 401 if refusal.error == "invalid_client" else 400)


def _refused(error: str, why: str, status: int) -> HttpResponse:
    said: Mapping[str, str] = {"error": error, "error_description": why}
    return JsonResponse(said, status=status)


urlpatterns = [
    path("oidc/par", push, name="oidc-push"),
    path("oidc/authorize", authorize, name="oidc-authorize"),
    path("oidc/agree", agree, name="oidc-agree"),
    path("oidc/token", token, name="oidc-token"),
    path(SIGN_OUT.removeprefix("/"), sign_out, name="oidc-sign-out"),
    path(oidc.LEAVE.removeprefix("/"), leave, name="oidc-leave"),
    path("oidc/jwks", jwks, name="oidc-jwks"),
    path(".well-known/openid-configuration", configuration, name="oidc-configuration"),
]
