# SPDX-License-Identifier: Apache-2.0
"""Somebody who walks over from another region's portal is signed in on the way, without a form and without a word.

Their browser is led to their home node and back once a visit, with prompt=none; whatever home answers, or if it does
not, they come to the page that they asked for.
"""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from tongban.identity import actions, trust
from tongban.identity.asking import Wish
from tongban.standards import clock
from tongban.standards.node import here
from tongban.web import sign_in_cookie as cookie
from tongban.web.middleware import Next
from tongban.web.next_page import local
from tongban.web.visit import Visit

PATIENCE = timedelta(seconds=3)  # then the page is shown without a name on it
PAGES = ("/apply/", "/cases/", "/departments/", "/drafts/", "/items/", "/lists/", "/regions/", "/topics/")
SILENTLY = Wish(silent=True)


def walks(get_response: Next) -> Next:
    """Ask the remembered home who this is, before the first page of a visit."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if isinstance(request, Visit) and _opens_a_page(request) and _is_worth_asking(request):
            return set_out(request, cookie.home_of(request), request.get_full_path())
        return get_response(request)

    return middleware


def set_out(request: Visit, home: str, next_path: str) -> HttpResponse:
    """Off to the home node, to be back in a moment."""
    browser = actions.begin_sign_in(home, local(next_path), SILENTLY, at=clock.now())
    response = HttpResponseRedirect(reverse("portal:sign-in-wait"))
    cookie.keep_way(response, browser)
    cookie.keep_asked(response)
    response.headers["Cache-Control"] = "no-store"
    return response


def may_ask(request: Visit, home: str) -> bool:
    """Whether this home can be asked on this visit about somebody whom we do not know yet."""
    if cookie.has_asked(request) or request.signed_in is not None or home == here().code:
        return False
    return any(home == node.code for node in trust.homes(clock.now()))


def _opens_a_page(request: Visit) -> bool:
    """A person opens a page of the portal in a window; a part of a page, a picture or a program is not led away."""
    if request.method != "GET" or not (request.path == "/" or request.path.startswith(PAGES)) or request.htmx:
        return False
    return request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate" and "text/html" in request.headers.get(
        "Accept", ""
    )


def _is_worth_asking(request: Visit) -> bool:
    home = cookie.home_of(request)
    return bool(home) and may_ask(request, home)
