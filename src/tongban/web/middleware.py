# SPDX-License-Identifier: Apache-2.0
"""What happens around every request: its id, its one line in the log, refusals, headers, sign-in."""

import gzip
import re
from collections.abc import Callable
from urllib.parse import urlencode

import structlog
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.wsgi import WSGIRequest
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils.cache import patch_vary_headers
from uuid_utils.compat import uuid7

from tongban.database import doubt
from tongban.regions import queries as regions
from tongban.standards import clock
from tongban.standards import node as nodes
from tongban.standards.refusal import Refusal
from tongban.web import measures
from tongban.web.refusals import BadRequest, FormTooOld, PageGone, TooLarge, WrongMethod, answer, answer_exception
from tongban.web.visit import Visit

log = structlog.get_logger("tongban.web")

_packed: dict[tuple[str, str], bytes] = {}

Next = Callable[[HttpRequest], HttpResponseBase]
REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
READ = {"text/html", "text/css", "text/javascript", "image/svg+xml"}
METHODS = {"GET", "HEAD", "POST", "PUT", "DELETE"}
PROBES = {"/healthz", "/readyz"}
UNCOUNTED = {"doors:healthz", "doors:readyz", "doors:metrics", "healthz", "readyz", "metrics"}

POLICY = "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'{targets}"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
STRICT = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}  # where the node is reached by TLS


def request_id(get_response: Next) -> Next:
    """Give the request an id, the caller's own if it sent one, and write one line when it is answered."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        started = clock.monotonic()
        name = request_id_from(request.headers.get("X-Request-Id", ""))
        request.__dict__["request_id"] = name
        with structlog.contextvars.bound_contextvars(request=name, node=nodes.here().code):
            response = get_response(request)
            match = request.resolver_match
            view = match.view_name if match is not None else "static-or-none"
            write_down(view, str(request.method), response.status_code, clock.monotonic() - started)
        response["X-Request-Id"] = name
        return response

    return middleware


def request_id_from(given: str) -> str:
    """The id that the caller gave, if it is one; else a new one."""
    return given if REQUEST_ID.fullmatch(given) else uuid7().hex


def write_down(view: str, method: str, status: int, seconds: float) -> None:
    """Count an answered request and log it: the name of its view, not its path, which may hold a case's number."""
    if view in UNCOUNTED:
        return
    said = method if method in METHODS else "other"
    measures.request_done(view, said, status, seconds)
    log.info("request", method=said, view=view, status=status, ms=round(seconds * 1000, 1))


class refusals:
    """Turn what a view raises into an answer, and refuse more bytes than one request may bring."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        doubt.clear()
        if not _is_ours(request):
            return answer(request, BadRequest())
        if "\0" in request.path:  # no name of ours has one, and PostgreSQL cannot be asked for it
            return answer(request, PageGone())
        if _too_large(request):
            return _refused_for_size(request)
        response = self.get_response(request)
        if response.status_code == 405:
            told = answer(request, WrongMethod())
            told["Allow"] = response.headers.get("Allow", "")
            return told
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse:
        """Django asks this when a view raised."""
        return answer_exception(request, exception)


def _is_ours(request: HttpRequest) -> bool:
    """Whether the request names a host that this node answers for; probes know machines by number."""
    if request.path in PROBES:
        return True
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True


def _refused_for_size(request: HttpRequest) -> HttpResponse:
    """Back to the form, which says it beside its field, where one file is sent alone; else a page of its own."""
    try:
        found = resolve(request.path_info)
    except Resolver404:
        return answer(request, PageGone())
    if found.view_name == "portal:material-add":
        told = urlencode({"large": found.kwargs["requirement"]})
        return redirect(f"{reverse('portal:materials', args=[found.kwargs['draft_id']])}?{told}")
    return answer(request, TooLarge(limit=settings.TONGBAN_MAX_UPLOAD // 1_000_000))


def _too_large(request: HttpRequest) -> bool:
    # The exchange bounds its own bodies.
    if request.path.startswith("/exchange/"):
        return False
    length = request.headers.get("Content-Length", "0")
    return length.isdigit() and int(length) > settings.TONGBAN_MAX_UPLOAD + 1_000_000


def security_headers(get_response: Next) -> Next:
    """Say what a browser may do with the page: nothing inline, nothing framed, nothing kept."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY.format(targets=_form_targets(request)))
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.SECURE:
            for name, value in STRICT.items():
                response.headers.setdefault(name, value)
        if settings.SESSION_COOKIE in request.COOKIES or settings.SESSION_COOKIE in response.cookies:
            response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def compress(get_response: Next) -> Next:
    """Send pages, styles and modules compressed: a phone on a slow line pays by the byte.

    Only what people read: the API's answers are short, PDFs and pictures are compressed already. What is secret on a
    page (the form token) is masked anew each time, so its length tells nothing (BREACH).
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not _is_worth_it(request, response):
            return response
        if isinstance(response, StreamingHttpResponse):
            packed = _packed_file(request.path, response)
        else:
            packed = gzip.compress(response.getvalue(), compresslevel=5, mtime=0)
        return _replaced(response, packed)

    return middleware


def _is_worth_it(request: HttpRequest, response: HttpResponseBase) -> bool:
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    plain = "Content-Encoding" not in response.headers and response.status_code != 304
    wanted = "gzip" in request.headers.get("Accept-Encoding", "") and request.method == "GET"
    return plain and wanted and kind in READ and "Content-Range" not in response.headers


def _packed_file(path: str, response: StreamingHttpResponse) -> bytes:
    # Files of the look change with the program only; packed once, hard.
    key = (path, response.headers.get("Last-Modified", ""))
    if key not in _packed:
        _packed[key] = gzip.compress(response.getvalue(), compresslevel=9, mtime=0)
    response.close()
    return _packed[key]


def _replaced(response: HttpResponseBase, packed: bytes) -> HttpResponse:
    told = HttpResponse(packed, status=response.status_code, headers=dict(response.items()))
    told.cookies = response.cookies
    told["Content-Encoding"], told["Content-Length"] = "gzip", str(len(packed))
    patch_vary_headers(told, ("Accept-Encoding",))
    return told


def _form_targets(request: HttpRequest) -> str:
    # Browsers hold redirects after a form to this rule too, and signing in goes to the home node and back.
    if not request.path.startswith(("/sign-in/", "/oidc/")):
        return ""
    try:
        listed = regions.trust_list().nodes.values()
    except Refusal:
        return ""
    return "".join(f" {entry.address}" for entry in listed)


def sessions(get_response: Next) -> Next:
    """From here on `request.signed_in` answers."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if isinstance(request, WSGIRequest):
            request.__class__ = Visit
        return get_response(request)

    return middleware


def form_too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF failure view; the reason goes to the log, what to do goes to the page."""
    log.warning("form_too_old", reason=reason.partition(" - ")[0])
    return answer(request, FormTooOld())
