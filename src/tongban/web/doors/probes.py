# SPDX-License-Identifier: Apache-2.0
"""Is the process alive, can it serve, what does it measure: for load balancers and operators, not for people."""

import hmac
from collections.abc import Callable
from urllib.parse import urlsplit

import msgspec
from django.db import Error, OperationalError, connection
from django.db.migrations.loader import MigrationLoader
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from tongban.database import doubt
from tongban.exchange import queries as exchange
from tongban.regions import queries as regions
from tongban.standards import clock
from tongban.standards.node import here
from tongban.standards.refusal import NotFound, Refusal
from tongban.web.doors import gauges

LOOPBACK = {"127.0.0.1", "::1"}
LOOPBACK_NAMES = {"127.0.0.1", "localhost", "[::1]"}
TOKEN_FILE = "metrics_token"  # noqa: S105  the name of a file in the node's secrets

_migrated: set[str] = set()  # nodes whose database was seen to have every migration


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return HttpResponse(b"ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 when everything that serving needs is there, else 503 with what is not."""
    found = {name: _told(check) for name, check in CHECKS.items()}
    ready = all(word == "ok" for word in found.values())
    body = msgspec.json.encode({"node": here().code, "ready": ready, "checks": found})
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(body, status=200 if ready else 503, content_type="application/json", headers=headers)


def _told(check: Callable[[], str]) -> str:
    try:
        return check()
    except Refusal as refusal:
        return refusal.code
    except (Error, OSError) as error:
        doubt.cast()
        return type(error).__name__


def database() -> str:
    """One statement comes back, on a fresh connection when the old one has died."""
    try:
        _ask()
    except OperationalError:
        connection.close()
        _ask()
    return "ok"


def _ask() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def migrations() -> str:
    """Every migration of this program is applied; looked up once a process and node."""
    code = here().code
    if code not in _migrated:
        loader = MigrationLoader(connection)
        missing = set(loader.graph.leaf_nodes()) - set(loader.applied_migrations)
        if missing:
            return "behind: " + ", ".join(sorted(f"{app}.{name}" for app, name in missing))
        _migrated.add(code)
    return "ok"


def keys() -> str:
    """The node's secrets are there and can be read."""
    folder = here().secrets
    if not folder.is_dir():
        return "no secrets folder"
    unreadable = [file.name for file in folder.rglob("*") if file.is_file() and not file.stat().st_size]
    return f"empty: {', '.join(sorted(unreadable))}" if unreadable else "ok"


def trust_list() -> str:
    """A trust list is held, is in force, and names this node."""
    held = regions.trust_list()
    if held.expires_at <= clock.now():
        return "expired"
    held.node(here().code)
    return "ok"


def recovery() -> str:
    """Peers have returned what a restored node forgot; nothing is served before."""
    return "ok" if exchange.is_serving() else "recovering"


CHECKS: dict[str, Callable[[], str]] = {
    "database": database,
    "migrations": migrations,
    "keys": keys,
    "trust_list": trust_list,
    "recovery": recovery,
}


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format; only from this machine or with the token, never by the public address."""
    if not may_read(request):
        raise NotFound(what="这个页面")
    body, kind = gauges.exposition(request.headers.get("Accept", ""))
    return HttpResponse(body, content_type=kind, headers={"Cache-Control": "no-store"})


def may_read(request: HttpRequest) -> bool:
    """Whether this caller may see the figures."""
    host = request.get_host().rpartition(":")[0] or request.get_host()
    if host == urlsplit(here().address).hostname and host not in LOOPBACK_NAMES:
        return False
    if _has_token(request.headers.get("Authorization", "")):
        return True
    passed_on = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return not passed_on and request.META.get("REMOTE_ADDR", "") in LOOPBACK and host in LOOPBACK_NAMES


def _has_token(authorization: str) -> bool:
    file = here().secrets / TOKEN_FILE
    if not authorization.startswith("Bearer ") or not file.is_file():
        return False
    given, kept = authorization.removeprefix("Bearer ").strip(), file.read_text(encoding="ascii").strip()
    return len(kept) >= 16 and hmac.compare_digest(given.encode(), kept.encode())
