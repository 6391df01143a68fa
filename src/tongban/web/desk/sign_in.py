# SPDX-License-Identifier: Apache-2.0
"""Staff sign in to the desk, by what else has to be shown after the password, and out of it."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tongban.identity import actions
from tongban.identity.actions import steps
from tongban.identity.errors import MoreNeeded, StepOver
from tongban.identity.queries.strength import enrolment, step
from tongban.standards import clock
from tongban.standards.refusal import Refusal
from tongban.web import sign_in_cookie as cookie
from tongban.web.next_page import local
from tongban.web.qr import qr
from tongban.web.visit import Visit, page

DESK = "/desk/"


@never_cache
@require_http_methods(["GET", "POST"])
@page
def sign_in(request: Visit) -> HttpResponse:
    """The form, and what becomes of it."""
    told: dict[str, object] = {"action": request.get_full_path(), "login": request.POST.get("login", "")}
    told["over"] = "over" in request.GET
    if request.method == "GET":
        return render(request, "desk/sign_in.html", told)
    try:
        token = actions.sign_in_staff(
            request.POST.get("login", ""),
            request.POST.get("password", ""),
            address=cookie.address_of(request),
            at=clock.now(),
            previous=cookie.token_of(request),
        )
    except MoreNeeded as more:
        response = HttpResponseRedirect(f"{reverse('desk:step')}?{_next_query(request)}")
        cookie.keep_step(response, more.step)
        return response
    except Refusal as refusal:
        told["errors"] = {refusal.field or "password": refusal.sentence}
        return render(request, "desk/sign_in.html", told, status=refusal.status)
    return _in(request, token)


@never_cache
@require_http_methods(["GET", "POST"])
@page
def second(request: Visit) -> HttpResponse:
    """What else has to be shown: a code or a passkey, a password of one's own, or a new authenticator."""
    try:
        return _shown(request) if request.method == "POST" else _asked(request, {})
    except StepOver:
        return HttpResponseRedirect(f"{reverse('desk:sign-in')}?over=1&{_next_query(request)}")
    except Refusal as refusal:
        return _asked(request, {"errors": {refusal.field or "code": refusal.sentence}}, refusal.status)


def _asked(request: Visit, told: dict[str, object], status: int = 200) -> HttpResponse:
    at, token = clock.now(), cookie.step_of(request)
    wanted = step(token, at)
    told |= {"action": request.get_full_path(), "step": wanted}
    if wanted.wants == "enrol":
        found = enrolment(steps.begin_enrolment(token, at=at))
        told |= {"setting_up": found, "picture": qr(found.address) if found else ""}
    return render(request, "desk/second.html", told, status=status)


def _shown(request: Visit) -> HttpResponse:
    at, token, previous = clock.now(), cookie.step_of(request), cookie.token_of(request)
    address, given = cookie.address_of(request), request.POST.get
    codes: list[str] = []
    acts: dict[str, Callable[[], str]] = {
        "code": lambda: steps.show_code(token, given("code", ""), address=address, at=at, previous=previous),
        "passkey": lambda: steps.show_passkey(token, given("passkey", ""), address=address, at=at, previous=previous),
        "new_password": lambda: steps.choose_password(token, given("new_password", ""), at=at, previous=previous),
    }
    act = next((acts[name] for name in acts if given("act", "") == name), None)
    if act is not None:
        session = act()
    else:
        session, codes = steps.enrol(token, given("code", ""), at=at, previous=previous)
    if not session:
        return HttpResponseRedirect(request.get_full_path())
    response = _in(request, session, codes)
    cookie.drop_step(response)
    return response


def _in(request: Visit, token: str, codes: list[str] | None = None) -> HttpResponse:
    """In; with recovery codes by a page that shows them once."""
    next_path = local(request.GET.get("next", ""), DESK)
    response = (
        render(request, "desk/recovery_codes.html", {"codes": codes, "next": next_path})
        if codes
        else HttpResponseRedirect(next_path)
    )
    cookie.keep_token(request, response, token)
    return response


def _next_query(request: Visit) -> str:
    return urlencode({"next": local(request.GET.get("next", ""), DESK)})


@never_cache
@require_POST
@page
def sign_out(request: Visit) -> HttpResponse:
    """Out, and back to the form."""
    actions.sign_out(cookie.token_of(request), at=clock.now())
    response = HttpResponseRedirect(reverse("desk:sign-in"))
    cookie.drop_token(request, response)
    return response


urlpatterns = [
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-in/step", second, name="step"),
    path("sign-in/out", sign_out, name="sign-out"),
]
