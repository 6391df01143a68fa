# SPDX-License-Identifier: Apache-2.0
"""What is a member of staff's own: password, second factors, sessions, posts, leave."""

from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tongban.identity import actions
from tongban.identity.actions import factors, staffing
from tongban.identity.actions.credentials import change_staff_password
from tongban.identity.models import Staff
from tongban.identity.queries.roaming import sessions
from tongban.identity.queries.staffing import leaves, posts, stands_in, substitutes
from tongban.identity.queries.strength import codes_left, enrolment, my_factors
from tongban.standards import clock
from tongban.standards.refusal import Refusal
from tongban.web import sign_in_cookie as cookie
from tongban.web.desk.people import tell_leave
from tongban.web.qr import qr
from tongban.web.visit import Visit, staff


@never_cache
@require_GET
@staff
def mine(request: Visit) -> HttpResponse:
    """All of it on one page."""
    return _page(request, {})


def _page(request: Visit, told: dict[str, object], status: int = 200) -> HttpResponse:
    own, at = request.who, clock.now()
    me = Staff.objects.get(id=own.actor.id)
    more: dict[str, object] = {
        "sessions": sessions(own, at),
        "factors": my_factors(me.id),
        "codes_left": codes_left(me.id),
        "roles": me.roles,
        "main": me.organization,
        "posts": posts(me.id),
        "leaves": leaves(me.id, at),
        "stands_in": stands_in(me.id, at),
        "substitutes": substitutes(me.id),
    }
    if "setting_up" in told and (found := enrolment(me)):
        told |= {"setting_up": found, "picture": qr(found.address)}
    return render(request, "desk/my_sign_ins.html", more | told, status=status)


@never_cache
@require_POST
@staff
def end(request: Visit, key: str) -> HttpResponse:
    """End one of one's own sessions."""
    actions.end_session(request.who, key, at=clock.now())
    return _back()


@never_cache
@require_POST
@staff
def password(request: Visit) -> HttpResponse:
    """Another password; other sessions end."""
    given, at = request.POST.get, clock.now()
    try:
        change_staff_password(
            request.who, given("password", ""), given("new_password", ""), address=cookie.address_of(request), at=at
        )
    except Refusal as no:
        return _page(request, {"errors": {no.field or "password": no.sentence}}, no.status)
    return _page(request, {"done": "密码已修改，其他设备上的登录已结束。"})


@never_cache
@require_POST
@staff
def totp(request: Visit) -> HttpResponse:
    """Begin to set an authenticator up, or prove it with its first code."""
    me, at = Staff.objects.get(id=request.who.actor.id), clock.now()
    if "code" not in request.POST:
        factors.begin_totp(me, at=at)
        return _page(request, {"setting_up": True})
    try:
        codes = factors.prove_totp(me, request.POST["code"], at=at)
    except Refusal as no:
        return _page(request, {"setting_up": True, "errors": {"code": no.sentence}}, no.status)
    return _added(request, codes)


@never_cache
@require_POST
@staff
def passkey_asked(request: Visit) -> HttpResponse:
    """What the browser is to make a passkey with."""
    asked = factors.begin_passkey(request.who, at=clock.now())
    return HttpResponse(asked, content_type="application/json")


@never_cache
@require_POST
@staff
def passkey(request: Visit) -> HttpResponse:
    """The passkey that the browser made."""
    given = request.POST.get
    try:
        codes = factors.add_passkey(request.who, given("passkey", ""), given("name", ""), at=clock.now())
    except Refusal as no:
        return _page(request, {"errors": {"passkey": no.sentence}}, no.status)
    return _added(request, codes)


@never_cache
@require_POST
@staff
def codes(request: Visit) -> HttpResponse:
    """New recovery codes."""
    return _added(request, factors.new_codes(request.who, at=clock.now()))


@never_cache
@require_POST
@staff
def end_factor(request: Visit, factor: UUID) -> HttpResponse:
    """Take one away."""
    try:
        factors.end_factor(request.who, factor, at=clock.now())
    except Refusal as no:
        return _page(request, {"errors": {"factors": no.sentence}}, no.status)
    return _back()


@never_cache
@require_POST
@staff
def take_up(request: Visit) -> HttpResponse:
    """Act in another role or post from now on."""
    staffing.take_up(request.who, request.POST.get("post", "")[:60], at=clock.now())
    return HttpResponseRedirect(reverse("desk:worklist"))


@never_cache
@require_POST
@staff
def leave(request: Visit) -> HttpResponse:
    """Away, or back earlier."""
    try:
        if "leave" in request.POST:
            staffing.end_leave(UUID(request.POST["leave"]), actor=request.actor, at=clock.now())
        else:
            tell_leave(request, request.who.actor.id)
    except Refusal as no:
        return _page(request, {"errors": {"leave": no.sentence}}, no.status)
    return _back()


def _added(request: Visit, made: list[str]) -> HttpResponse:
    """Back; by a page that shows recovery codes once where there are any."""
    told = {"codes": made, "next": reverse("desk:my-sign-ins")}
    return render(request, "desk/recovery_codes.html", told) if made else _back()


def _back() -> HttpResponse:
    return HttpResponseRedirect(reverse("desk:my-sign-ins"))


urlpatterns = [
    path("sign-in/mine/", mine, name="my-sign-ins"),
    path("sign-in/mine/password", password, name="my-password"),
    path("sign-in/mine/totp", totp, name="my-totp"),
    path("sign-in/mine/passkey/asked", passkey_asked, name="my-passkey-asked"),
    path("sign-in/mine/passkey", passkey, name="my-passkey"),
    path("sign-in/mine/codes", codes, name="my-codes"),
    path("sign-in/mine/factors/<uuid:factor>/end", end_factor, name="end-factor"),
    path("sign-in/mine/post", take_up, name="take-up"),
    path("sign-in/mine/leave", leave, name="my-leave"),
    path("sign-in/mine/<str:key>/end", end, name="end-sign-in"),
]
