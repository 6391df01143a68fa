# SPDX-License-Identifier: Apache-2.0
"""This node vouches for its own people to other nodes: OpenID Connect's endpoints."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from tongban.identity import actions, oidc, queries, trust
from tongban.identity.errors import RequestRefused, TokenRefused
from tongban.identity.oidc import AuthorizationRequest, Client
from tongban.identity.queries import SignedIn
from tongban.standards import clock
from tongban.standards.actor import Role
from tongban.standards.refusal import NotAllowed, Refusal
from tongban.web import sign_in_cookie as cookie
from tongban.web.portal.sign_in import password_again, sign_in_by_form
from tongban.web.visit import Visit, page


@never_cache
@require_GET
@page
def authorize(request: Visit) -> HttpResponse:
    """Another node asks who this is: answered at once when we know and may tell, else a page asks."""
    asked = _asked(request)
    if isinstance(asked, HttpResponse):
        return asked
    own = _own_person(request)
    if own is not None and queries.has_agreed(own.actor.id, asked.client.code):
        return _answer(asked.client, asked.state, code=actions.give_code(asked, own, at=clock.now()))
    if asked.silent:
        return _answer(asked.client, asked.state, error="consent_required" if own else "login_required")
    return render(request, "portal/sign_in/password.html", _told(request, asked, own))


@never_cache
@require_POST
@page
def agree(request: Visit) -> HttpResponse:
    """The person signs in and agrees, or declines; then the question is asked once more and answered."""
    asked = _asked(request)
    if isinstance(asked, HttpResponse):
        return asked
    if "decline" in request.POST:
        return _answer(asked.client, asked.state, error="access_denied")
    response = HttpResponseRedirect(f"{oidc.AUTHORIZE}?{request.META['QUERY_STRING']}")
    own = _own_person(request)
    if own is None:
        try:
            token = sign_in_by_form(request)
        except Refusal as refusal:
            return password_again(request, _told(request, asked, None), refusal)
        cookie.keep_token(request, response, token)
        own = queries.signed_in(token, clock.now())
    if own is None:
        raise NotAllowed()
    actions.agree(own, asked.client.code, at=clock.now())
    return response


@csrf_exempt
@never_cache
@require_POST
@page
def token(request: Visit) -> HttpResponse:
    """A node exchanges its code; it proves itself by signature, so no cookie and no form protection."""
    try:
        form = oidc.single(request.POST.lists(), longest=4096)
        answer = actions.redeem(form, at=clock.now())
    except RequestRefused as refusal:
        return _refused(refusal.error, "parameters repeated or too long", 400)
    except TokenRefused as refusal:
        return _refused(refusal.error, refusal.sentence, 401 if refusal.error == "invalid_client" else 400)
    return JsonResponse(answer)


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


def _asked(request: Visit) -> AuthorizationRequest | HttpResponse:
    """What the other node asks; when it asks badly, the answer that says so. Refusals before the return
    address is known to be right are raised: nobody is sent to an address that is not on the trust list."""
    said = oidc.single(request.GET.lists())
    client = trust.client(trust.partner(said.get("client_id", ""), clock.now()))
    oidc.check_return(said, client)
    try:
        return oidc.read_request(said, client)
    except RequestRefused as refusal:
        return _answer(client, said.get("state", ""), error=refusal.error)


def _own_person(request: Visit) -> SignedIn | None:
    """A person who signed in with a password of this node; a visitor is not ours to vouch for."""
    found = request.signed_in
    return found if found and found.is_own and found.actor.role is Role.APPLICANT else None


def _told(request: Visit, asked: AuthorizationRequest, own: SignedIn | None) -> dict[str, Any]:
    """What the page shows: who asks, what they would be told, and whether a password is needed."""
    action = f"{reverse('portal:oidc-agree')}?{request.META['QUERY_STRING']}"
    return {"action": action, "client": asked.client, "own": own}


def _answer(client: Client, state: str, **words: str) -> HttpResponse:
    return HttpResponseRedirect(oidc.answer_url(client.redirect_uri, trust.own_address(), state, **words))


def _refused(error: str, why: str, status: int) -> HttpResponse:
    said: Mapping[str, str] = {"error": error, "error_description": why}
    return JsonResponse(said, status=status)


urlpatterns = [
    path("oidc/authorize", authorize, name="oidc-authorize"),
    path("oidc/agree", agree, name="oidc-agree"),
    path("oidc/token", token, name="oidc-token"),
    path("oidc/jwks", jwks, name="oidc-jwks"),
    path(".well-known/openid-configuration", configuration, name="oidc-configuration"),
]
