# SPDX-License-Identifier: Apache-2.0
"""A node that came back from a backup shows no page and takes no act before its peers have returned what it forgot."""

from collections.abc import Callable

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from tongban.exchange import queries
from tongban.exchange.errors import Recovering
from tongban.web.refusals import answer, wants_json

OPEN = {"/healthz", "/readyz", "/metrics"}  # for whoever looks after the node
AGAIN = 30  # seconds until it is worth another look


def recovering(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """Let a request through when the node serves; asked of the database only until it does."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if request.path in OPEN or is_serving():
            return get_response(request)
        return answer(request, Recovering()) if wants_json(request) else _page(request)

    return middleware


def is_serving() -> bool:
    """Whether the node has nothing to ask back, as far as anybody can say."""
    try:
        return queries.is_serving()
    except (OperationalError, InterfaceError):
        return True  # the page itself will find that the database is away, and say so


def _page(request: HttpRequest) -> HttpResponseBase:
    peers = [peer for peer in queries.recovery() if not peer.left_out]
    told = {
        "waiting": [peer.name for peer in peers if peer.done_at is None],
        "answered": [peer.name for peer in peers if peer.done_at is not None],
        "again": AGAIN,
    }
    page = render(request, "recovering.html", told, status=Recovering.status)
    page["Retry-After"], page["Cache-Control"] = str(AGAIN), "no-store"
    return page
