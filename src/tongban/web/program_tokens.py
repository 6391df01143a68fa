# SPDX-License-Identifier: Apache-2.0
"""The page where people and members of staff give their programs tokens: the same at both doors."""

from collections.abc import Callable
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from tongban.identity.actions.tokens import LIVES, issue_own, revoke_own
from tongban.identity.queries import SignedIn
from tongban.identity.queries.tokens import places_of, tokens_of
from tongban.identity.scopes import offered
from tongban.standards import clock
from tongban.standards.refusal import Refusal
from tongban.web.visit import Visit

Guard = Callable[[Callable[..., HttpResponseBase]], Callable[[HttpRequest], HttpResponseBase]]


def urlpatterns(door: str, frame: str, guard: Guard) -> list[URLPattern]:
    """Its addresses at a door: `portal` or `desk`, in the frame of its pages, for whom the guard lets in."""

    def tokens(request: Visit) -> HttpResponse:
        """Those in use; a new one is shown once, on the page that answers its form."""
        own, at, given = request.who, clock.now(), request.POST
        told: dict[str, object] = {"door": door, "frame": frame, "lives": LIVES, "days": LIVES[0]}
        status = 200
        if request.method == "POST":
            days = int(given["days"]) if given.get("days", "").isdecimal() else 0
            told |= {"name": given.get("name", ""), "chosen": given.getlist("scopes"), "days": days}
            told |= {"acts_as": given.get("acts_as", "")}
            try:
                told |= {"fresh": _issued(own, given, days, at)}
            except Refusal as no:
                told |= {"errors": {no.field or "name": no.sentence}}
                status = no.status
        told |= {
            "tokens": tokens_of(own, at),
            "offered": offered(to_staff=own.kind == "staff"),
            "places": places_of(own),
        }
        return render(request, "tokens.html", told, status=status)

    def end(request: Visit, key: str) -> HttpResponse:
        """It can be used no more."""
        revoke_own(request.who, key, at=clock.now())
        return HttpResponseRedirect(reverse(f"{door}:tokens"))

    both, post = require_http_methods(["GET", "POST"]), require_POST
    return [
        path("sign-in/tokens/", never_cache(both(guard(tokens))), name="tokens"),
        path("sign-in/tokens/<str:key>/end", never_cache(post(guard(end))), name="end-token"),
    ]


def _issued(own: SignedIn, given: QueryDict, days: int, at: datetime) -> str:
    """The new token, by what the form says."""
    name, acts_as = given.get("name", ""), given.get("acts_as", "")
    return issue_own(own, name, given.getlist("scopes"), days, at=at, acts_as=acts_as)
