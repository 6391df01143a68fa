# SPDX-License-Identifier: Apache-2.0
"""Opening an account: one form, a code by text message, and straight into one's own space."""

from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tongban.identity import actions
from tongban.identity.actions.codes import ask_phone, show_phone
from tongban.identity.documents import ACCEPTED
from tongban.standards import clock
from tongban.standards.node import here
from tongban.standards.refusal import Refusal
from tongban.web import sign_in_cookie as cookie
from tongban.web.visit import Visit, page

FIELDS = ("name", "id_type", "id_number", "phone")
DOCUMENTS = [(str(kind), kind.label) for kind in ACCEPTED]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@page
def register(request: Visit) -> HttpResponse:
    """The form; `send` asks for the code and keeps what was typed."""
    if request.signed_in is not None and request.signed_in.person is not None:
        return HttpResponseRedirect(reverse("portal:my"))
    if request.method != "POST":
        return _show(request, {})
    typed = {name: request.POST.get(name, "")[:100] for name in FIELDS}
    try:
        return _send(request, typed) if "send" in request.POST else _register(request, typed)
    except Refusal as refusal:
        return _show(request, typed, {"errors": {refusal.field or "name": refusal.sentence}}, refusal.status)


def _send(request: Visit, typed: dict[str, str]) -> HttpResponse:
    browser = ask_phone(typed["phone"], address=cookie.address_of(request), at=clock.now())
    response = _show(request, typed, {"sent": True})
    cookie.keep_way(response, browser)
    return response


def _register(request: Visit, typed: dict[str, str]) -> HttpResponse:
    at, password = clock.now(), request.POST.get("password", "")
    actions.check_registration(**typed, password=password)
    show_phone(cookie.way_of(request), typed["phone"], request.POST.get("code", ""), at=at)
    actions.register(**typed, home_region=here().code, password=password, at=at)
    token = actions.sign_in(typed["phone"], password, address=cookie.address_of(request), at=at)
    response = HttpResponseRedirect(reverse("portal:identity"))
    cookie.keep_token(request, response, token)
    cookie.keep_home(response, here().code)
    cookie.drop_way(response)
    return response


def _show(request: Visit, typed: dict[str, str], told: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    facts = {"documents": DOCUMENTS, "values": typed}
    return render(request, "portal/sign_in/register.html", facts | (told or {}), status=status)


urlpatterns = [path("sign-in/register", register, name="register")]
