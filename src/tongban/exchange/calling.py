# SPDX-License-Identifier: Apache-2.0
"""Asking a peer something at one of its doors, with a signed request; workers do, web requests never."""

from datetime import datetime

from tongban.exchange import hop, keys, trust
from tongban.exchange.errors import Unreachable
from tongban.exchange.transport import Answer, Transport
from tongban.standards.canonical import parse
from tongban.standards.node import here

JSON = "application/json"


def call(
    code: str, method: str, path: str, body: bytes, at: datetime, transport: Transport, *, kind: str = JSON
) -> bytes:
    """What the peer answers. Unreachable names why there is no good answer; a refusal comes by its code."""
    return _called(code, method, path, {"Content-Type": kind} if body else {}, body, at, transport).body


def fetch(code: str, path: str, first: int, last: int, at: datetime, transport: Transport) -> Answer:
    """These bytes of a file at a peer, both ends included; its content type says whether they are sealed."""
    return _called(code, "GET", path, {"Range": f"bytes={first}-{last}"}, b"", at, transport)


def _called(
    code: str, method: str, path: str, headers: dict[str, str], body: bytes, at: datetime, transport: Transport
) -> Answer:
    url = trust.peer(code, at).dial + path
    request = hop.Hop(method=method, url=url, headers=headers, body=body)
    hop.sign(request, node=here().code, signer=keys.signer(), at=at)
    came = transport.ask(method, url, request.headers, body)
    if came.status not in (200, 206):
        raise Unreachable(why=reason(came))
    return came


def reason(came: Answer) -> str:
    """The refusal a peer names, for our operator; a peer's text is cut short and never trusted further."""
    try:
        told = parse(came.body)
        return str(told.get("code", came.status))[:80] if isinstance(told, dict) else str(came.status)
    except (ValueError, RecursionError):
        return str(came.status)
