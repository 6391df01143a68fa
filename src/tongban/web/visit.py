# SPDX-License-Identifier: Apache-2.0
"""A request as our views see it: it has an id, and knows who is signed in when asked."""

from collections.abc import Callable
from functools import update_wrapper
from typing import Concatenate, ParamSpec, cast

from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.utils.functional import cached_property
from django_htmx.middleware import HtmxDetails

from tongban.identity import queries as identity
from tongban.identity.errors import MandateOver
from tongban.standards import clock
from tongban.standards.actor import Actor, Role
from tongban.standards.refusal import NotAllowed, SignInNeeded

P = ParamSpec("P")


class Visit(WSGIRequest):
    """One request; `signed_in` costs one statement, and only when somebody looks."""

    request_id: str
    htmx: HtmxDetails

    @cached_property
    def signed_in(self) -> identity.SignedIn | None:
        """Who is signed in here, or None."""
        token = self.COOKIES.get(settings.SESSION_COOKIE, "")
        return identity.signed_in(token, clock.now()) if token else None

    @property
    def who(self) -> identity.SignedIn:
        """Who is signed in. SignInNeeded when nobody is."""
        if self.signed_in is None:
            raise SignInNeeded
        return self.signed_in

    @property
    def actor(self) -> Actor:
        """Who acts. SignInNeeded when nobody is signed in, MandateOver for who acted for somebody and may no longer."""
        if self.who.is_over:
            raise MandateOver
        return self.who.actor


View = Callable[Concatenate[Visit, P], HttpResponseBase]


def page(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A page that anyone may open."""

    def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        return view(cast(Visit, request), *args, **kwargs)

    update_wrapper(opened, view)
    return opened


def own_people(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A page for whoever is signed in as a person, also when what they acted under is over: here they take their way
    out of it."""

    def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        visit = cast(Visit, request)
        if visit.who.person is None:
            raise SignInNeeded
        return view(visit, *args, **kwargs)

    update_wrapper(opened, view)
    return opened


def applicants(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A page for people who apply; others are asked to sign in."""

    def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        visit = cast(Visit, request)
        if visit.actor.role is not Role.APPLICANT:
            raise SignInNeeded
        return view(visit, *args, **kwargs)

    update_wrapper(opened, view)
    return opened


def staff(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
    """A page for people who work here."""

    def opened(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        visit = cast(Visit, request)
        if visit.actor.role is Role.APPLICANT:
            raise NotAllowed
        return view(visit, *args, **kwargs)

    update_wrapper(opened, view)
    return opened


def posted(up: int) -> Callable[[View[P]], View[P]]:
    """An address that only takes what is sent; who opens or reloads it is led `up` so many steps to its page."""

    def door(view: View[P]) -> View[P]:
        def opened(request: Visit, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method == "POST":
                return view(request, *args, **kwargs)
            return HttpResponseRedirect("/".join(request.path.rstrip("/").split("/")[:-up]) + "/")

        update_wrapper(opened, view)
        return opened

    return door
