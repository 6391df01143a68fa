# SPDX-License-Identifier: Apache-2.0
"""The door at which peers knock most, before Django's own: batches that wait at the same time are taken in together.

Each is answered to the letter as Django's way would answer it. Whatever is unusual goes that way, and whatever fails.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any

import structlog
from django.db import connection
from django.http.request import HttpHeaders

from tongban.database import doubt
from tongban.exchange import doors
from tongban.exchange.actions import receive_together
from tongban.exchange.actions.sending import PATH
from tongban.exchange.hop import Hop
from tongban.standards import clock
from tongban.standards.canonical import canonical
from tongban.standards.node import here
from tongban.standards.refusal import Refusal
from tongban.web.hosts import is_ours
from tongban.web.middleware import request_id_from, write_down

Environ = dict[str, Any]
Said = tuple[int, list[tuple[str, str]], bytes]

VIEW = "exchange-batches"
LENGTH = re.compile(r"[0-9]{1,6}")
USUAL = 256 * 1024  # bytes; a longer one would keep others waiting


class Peers:
    """A WSGI application that takes batches in, and leaves all else to the one behind it."""

    def __init__(self, behind: Callable[[Environ, Any], Iterable[bytes]]) -> None:
        self._behind = behind

    def __call__(self, environ: Environ, start: Any) -> Iterable[bytes]:
        if not self.takes(environ):
            return self._behind(environ, start)
        ((status, headers, body),) = self.together([environ])
        start(f"{status} {HTTPStatus(status).phrase}", headers)
        return (body,)

    def takes(self, environ: Environ) -> bool:
        """Whether this is a batch of the usual size, for a name of ours."""
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] != "POST" or environ["QUERY_STRING"]:
            return False
        length = environ.get("CONTENT_LENGTH", "")
        is_usual = bool(LENGTH.fullmatch(length)) and int(length) <= USUAL
        return is_usual and is_ours(environ.get("HTTP_HOST", ""))

    def together(self, environs: Sequence[Environ]) -> list[Said]:
        """What each is told."""
        began = clock.monotonic()
        doubt.clear()
        if connection.errors_occurred:
            connection.close_if_unusable_or_obsolete()
        asked = [(_hop(environ), clock.now()) for environ in environs]
        try:
            outcomes = receive_together(asked)
            return [_said(*each, began) for each in zip(environs, asked, outcomes, strict=True)]
        except Exception:  # Django's way says by name what it is; a batch that is kept already is refused there
            return [self._passed_on(environ) for environ in environs]

    def _passed_on(self, environ: Environ) -> Said:
        environ["wsgi.input"].seek(0)
        said: list[tuple[str, list[tuple[str, str]]]] = []
        parts = self._behind(environ, lambda status, headers, failure=None: said.append((status, headers)))
        body = b"".join(parts)
        if hasattr(parts, "close"):
            parts.close()
        return int(said[-1][0][:3]), said[-1][1], body


def _hop(environ: Environ) -> Hop:
    """The request as its signature sees it."""
    url = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}{PATH}"
    return Hop("POST", url, dict(HttpHeaders(environ)), environ["wsgi.input"].read())


def _said(environ: Environ, asked: tuple[Hop, datetime], outcome: bytes | Refusal, began: float) -> Said:
    name = request_id_from(environ.get("HTTP_X_REQUEST_ID", ""))
    with structlog.contextvars.bound_contextvars(request=name, node=here().code):
        status, kind, body = _told(*asked, outcome)
        write_down(VIEW, "POST", status, clock.monotonic() - began)
    return status, [("Content-Type", kind), ("X-Request-Id", name)], body


def _told(asked: Hop, at: datetime, outcome: bytes | Refusal) -> tuple[int, str, bytes]:
    if isinstance(outcome, bytes):
        return 200, doors.JSON, outcome
    doors.remember(asked, outcome, at)
    return outcome.status, doors.PROBLEM, canonical(outcome.problem())
