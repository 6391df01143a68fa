# SPDX-License-Identifier: Apache-2.0
"""Staff sign in to the desk and out of it."""

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongban.identity import actions
from tongban.identity.queries.roaming import sessions
from tongban.standards import clock
from tongban.standards.refusal import Refusal
from tongban.web import sign_in_cookie as cookie
from tongban.web.next_page import local
from tongban.web.visit import Visit, page, staff

DESK = "/desk/"


@never_cache
@require_http_methods(["GET", "POST"])
@page
def sign_in(request: Visit) -> HttpResponse:
    """The form, and what becomes of it."""
    next_path = local(request.GET.get("next", ""), DESK)
    told: dict[str, object] = {"action": request.get_full_path(), "login": request.POST.get("login", "")}
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
    except Refusal as refusal:
        told["errors"] = {refusal.field or "password": refusal.sentence}
        return render(request, "desk/sign_in.html", told, status=refusal.status)
    response = HttpResponseRedirect(next_path)
    cookie.keep_token(request, response, token)
    return response


@never_cache
@require_POST
@page
def sign_out(request: Visit) -> HttpResponse:
    """Out, and back to the form."""
    actions.sign_out(cookie.token_of(request), at=clock.now())
    response = HttpResponseRedirect(reverse("desk:sign-in"))
    cookie.drop_token(request, response)
    return response


@never_cache
@require_GET
@staff
def mine(request: Visit) -> HttpResponse:
    """Where this member of staff is signed in."""
    return render(request, "desk/my_sign_ins.html", {"sessions": sessions(request.who, clock.now())})


@never_cache
@require_POST
@staff
def end(request: Visit, key: str) -> HttpResponse:
    """End one of one's own sessions."""
    actions.end_session(request.who, key, at=clock.now())
    return HttpResponseRedirect(reverse("desk:my-sign-ins"))


urlpatterns = [
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-in/out", sign_out, name="sign-out"),
    path("sign-in/mine/", mine, name="my-sign-ins"),
    path("sign-in/mine/<str:key>/end", end, name="end-sign-in"),
]
