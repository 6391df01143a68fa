# SPDX-License-Identifier: Apache-2.0
"""Signing in by a code that comes as a text message, and a new password for who forgot theirs."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tongban.identity.actions import codes
from tongban.standards import clock
from tongban.standards.node import here
from tongban.standards.refusal import Refusal
from tongban.web import sign_in_cookie as cookie
from tongban.web.next_page import local
from tongban.web.visit import Visit, page


@never_cache
@require_http_methods(["GET", "POST"])
@page
def by_code(request: Visit) -> HttpResponse:
    """Which telephone?"""
    return _asking(request, "phone", lambda given, **more: codes.ask_code(given("phone"), **more), "sign-in-code-typed")


@never_cache
@require_http_methods(["GET", "POST"])
@page
def typed(request: Visit) -> HttpResponse:
    """The code."""
    at, address, previous = clock.now(), cookie.address_of(request), cookie.token_of(request)
    return _typing(
        request,
        "code",
        lambda browser, given: codes.sign_in_by_code(browser, given("code"), address=address, at=at, previous=previous),
    )


@never_cache
@require_http_methods(["GET", "POST"])
@page
def forgotten(request: Visit) -> HttpResponse:
    """Whose password? Number and telephone have to be one account's; nobody is told whether they are."""
    return _asking(
        request,
        "forgotten",
        lambda given, **more: codes.ask_recovery(given("id_number"), given("phone"), **more),
        "forgotten-typed",
    )


@never_cache
@require_http_methods(["GET", "POST"])
@page
def renewed(request: Visit) -> HttpResponse:
    """The code, and a new password."""
    at, address = clock.now(), cookie.address_of(request)
    return _typing(
        request,
        "renewed",
        lambda browser, given: codes.recover(browser, given("code"), given("new_password"), address=address, at=at),
    )


def _asking(request: Visit, form: str, ask: Callable[..., str], then: str) -> HttpResponse:
    """The form of a telephone, and off to the page where the code is typed: the same whoever it is."""
    next_path = local(request.GET.get("next", ""))
    told: dict[str, object] = {"form": form, "next": next_path, "action": request.get_full_path(), "serves": _serves()}
    if request.method == "GET":
        return render(request, "portal/sign_in/codes.html", told)

    def given(name: str) -> str:
        return request.POST.get(name, "")[:64]

    try:
        browser = ask(given, address=cookie.address_of(request), at=clock.now())
    except Refusal as no:
        told |= {"errors": {no.field or "phone": no.sentence}, "id_number": given("id_number"), "phone": given("phone")}
        return render(request, "portal/sign_in/codes.html", told, status=no.status)
    response = HttpResponseRedirect(f"{reverse(f'portal:{then}')}?{urlencode({'next': next_path})}")
    cookie.keep_code(response, browser)
    return response


def _typing(request: Visit, form: str, act: Callable[[str, Callable[[str], str]], str]) -> HttpResponse:
    """The form of a code, and in."""
    next_path = local(request.GET.get("next", ""))
    told: dict[str, object] = {"form": form, "next": next_path, "action": request.get_full_path(), "serves": _serves()}
    told["telephones"] = f"{here().sms_gateway}/sms" if here().demo else ""
    if request.method == "GET":
        return render(request, "portal/sign_in/codes.html", told)
    try:
        token = act(cookie.code_of(request), lambda name: request.POST.get(name, "")[:200])
    except Refusal as no:
        told["errors"] = {no.field or "code": no.sentence}
        told["code"] = request.POST.get("code", "")[:20]
        return render(request, "portal/sign_in/codes.html", told, status=no.status)
    response = HttpResponseRedirect(next_path)
    cookie.keep_token(request, response, token)
    cookie.keep_home(response, here().code)
    cookie.drop_code(response)
    return response


def _serves() -> bool:
    return bool(here().sms_gateway)


urlpatterns = [
    path("sign-in/code", by_code, name="sign-in-code"),
    path("sign-in/code/typed", typed, name="sign-in-code-typed"),
    path("sign-in/forgotten", forgotten, name="forgotten"),
    path("sign-in/forgotten/typed", renewed, name="forgotten-typed"),
]
