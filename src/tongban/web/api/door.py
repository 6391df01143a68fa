# SPDX-License-Identifier: Apache-2.0
"""The door for programs: it answers before Django's own, which does for pages what programs do not need.

Cookies, forms, compression, files of the look and signals to others cost a page little; a program that asks a
thousand times a second would pay for them each time. What guards a request is the same at both doors.
"""

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any, cast

import structlog
from django.conf import settings
from django.core.handlers.wsgi import WSGIRequest
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.views.decorators.csrf import csrf_exempt

from tongban.database import doubt
from tongban.exchange.errors import Recovering
from tongban.identity import queries as identity
from tongban.standards import clock
from tongban.standards.node import here
from tongban.standards.refusal import NotFound, SignInNeeded
from tongban.web.api.routes import Route, is_within, matching
from tongban.web.api.speech import Answer, Asked, ScopeMissing, refused
from tongban.web.api.urls import PREFIX, ROUTES
from tongban.web.hosts import is_ours
from tongban.web.middleware import HEADERS, POLICY, STRICT, request_id_from, write_down
from tongban.web.recovering import is_serving
from tongban.web.refusals import BadRequest, PageGone, TooLarge, WrongMethod, refusal_of, request_id_of

Environ = dict[str, Any]
Start = Callable[[str, list[tuple[str, str]]], Any]
Application = Callable[[Environ, Any], Iterable[bytes]]

NOWHERE = "static-or-none"  # what the log calls an address that nobody declared
STATUS = {each.value: f"{each.value} {each.phrase}" for each in HTTPStatus}
GUARDS = [*HEADERS.items(), ("Content-Security-Policy", POLICY.format(targets="")), ("Cache-Control", "no-store")]


class Door:
    """A WSGI application that answers programs, and leaves all else to the one for pages."""

    def __init__(self, pages: Application) -> None:
        self._pages = pages
        self._headers = [*GUARDS, *STRICT.items()] if settings.SECURE else GUARDS

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith(PREFIX):
            return self._pages(environ, start)
        started = clock.monotonic()
        asked = Asked(environ, request_id_from(environ.get("HTTP_X_REQUEST_ID", "")))
        with structlog.contextvars.bound_contextvars(request=asked.request_id, node=here().code):
            route, given = _answered(asked, environ)
            write_down(route.name if route else NOWHERE, asked.method, given.status, clock.monotonic() - started)
        start(STATUS[given.status], [*_headers(given, asked), *self._headers])
        return (given.body,) if given.chunks is None else given.chunks


@csrf_exempt  # no cookie counts here
def view(request: HttpRequest, rest: str) -> HttpResponseBase:
    """The same behind Django's door, where its middleware has looked at the request already."""
    _, given = answer(Asked(cast(WSGIRequest, request).environ, request_id_of(request)))
    if given.chunks is not None:
        return StreamingHttpResponse(given.chunks, content_type=given.kind, headers=dict(given.headers))
    return HttpResponse(given.body, status=given.status, content_type=given.kind, headers=dict(given.headers))


def answer(asked: Asked) -> tuple[Route | None, Answer]:
    """What is answered, and by which route. Whatever goes wrong is a problem with a name."""
    route = None
    try:
        found = matching(ROUTES, asked.path)
        if not found:
            raise NotFound(what="这个接口")
        chosen = [(route, in_path) for route, in_path in found if route.method == asked.method]
        if not chosen:
            allowed = ", ".join(route.method for route, _ in found)
            return None, _with(refused(WrongMethod(), asked.request_id), "Allow", allowed)
        ((route, in_path),) = chosen
        if not route.is_open:
            asked.caller = _caller(asked)
            if not is_within(asked.caller.scopes, route.scope):
                raise ScopeMissing(scope=route.scope)
        return route, route.call(asked, **route.values(in_path, asked.query))
    except Exception as error:
        return route, refused(refusal_of(error), asked.request_id)


def _answered(asked: Asked, environ: Environ) -> tuple[Route | None, Answer]:
    """The same, with what Django's door does around it."""
    doubt.clear()
    if connection.errors_occurred:
        connection.close_if_unusable_or_obsolete()
    if not is_ours(environ.get("HTTP_HOST", "")):
        return None, refused(BadRequest(), asked.request_id)
    if "\0" in asked.path:
        return None, refused(PageGone(), asked.request_id)
    if asked.length > settings.TONGBAN_MAX_UPLOAD + 1_000_000:
        return None, refused(TooLarge(limit=settings.TONGBAN_MAX_UPLOAD // 1_000_000), asked.request_id)
    if not is_serving():
        return None, refused(Recovering(), asked.request_id)
    return answer(asked)


def _caller(asked: Asked) -> identity.SignedIn:
    """Whom the token stands for."""
    scheme, _, token = asked.header("Authorization").partition(" ")
    found = identity.bearer(token, clock.now()) if scheme.lower() == "bearer" else None
    if found is None:
        raise SignInNeeded
    return found


def _headers(given: Answer, asked: Asked) -> list[tuple[str, str]]:
    told = [("Content-Type", given.kind), ("X-Request-Id", asked.request_id), *given.headers]
    return told if given.length is None else [*told, ("Content-Length", str(given.length))]


def _with(given: Answer, name: str, value: str) -> Answer:
    return Answer(given.status, given.body, given.kind, (*given.headers, (name, value)))
