# SPDX-License-Identifier: Apache-2.0
"""How bytes travel to a peer: HTTP in service, the same WSGI application without a socket in tests."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import structlog
import urllib3
from urllib3.exceptions import HTTPError

from tongban.exchange.errors import Unreachable

TIMEOUT = urllib3.Timeout(connect=3, read=20)  # seconds
REQUEST_ID = "X-Request-Id"
MOST = 64_000_000  # bytes of an answer we are willing to hold


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    content_type: str = ""


class Transport(Protocol):
    """Carries one request to an address. Unreachable when no answer comes."""

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer: ...


def traced() -> dict[str, str]:
    """The header by which the other node's log lines carry the id of the work that this request belongs to."""
    name = structlog.contextvars.get_contextvars().get("request")
    return {REQUEST_ID: name} if name else {}


def trusting(authorities: Path | None) -> ssl.SSLContext:
    """By HTTPS only to those for whom one of these vouches (PEM); None: whom the machine trusts."""
    return ssl.create_default_context(cafile=authorities)


class HttpTransport:
    """Keep-alive connections, a few to each peer.

    Names under .localhost are this machine by definition (RFC 6761) and need no name server.
    """

    def __init__(self, connections: int = 4, *, authorities: Path | None = None) -> None:
        secured = trusting(authorities)
        self._pools = urllib3.PoolManager(
            num_pools=64, maxsize=connections, timeout=TIMEOUT, retries=False, ssl_context=secured
        )

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        parts = urlsplit(url)
        host = parts.hostname or ""
        dialed = url
        sent = {**headers, **traced()}
        if host.endswith(".localhost"):
            dialed = parts._replace(netloc=f"127.0.0.1:{parts.port or 80}").geturl()
            sent["Host"] = parts.netloc
        try:
            response = self._pools.request(method, dialed, body=body or None, headers=sent, redirect=False)
        except HTTPError as failed:
            raise Unreachable(why=type(failed).__name__) from failed
        if len(response.data) > MOST:
            raise Unreachable(why="answer too large")
        return Answer(response.status, response.data, response.headers.get("Content-Type", ""))
