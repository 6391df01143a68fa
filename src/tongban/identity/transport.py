# SPDX-License-Identifier: Apache-2.0
"""How the worker reaches a home node's pages: HTTP in service, the same WSGI application in tests."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol
from urllib.parse import urlencode, urlsplit

import urllib3

from tongban.exchange.transport import traced, trusting
from tongban.identity import trust
from tongban.regions import queries as regions
from tongban.standards.node import here

PATIENCE = urllib3.Timeout(connect=2.0, read=4.0)  # seconds; the others must not wait long behind a silent node
LONGEST = 64 * 1024  # bytes of an answer


class NoAnswer(Exception):
    """The node could not be reached, or did not answer in time: try again later."""


class Transport(Protocol):
    """Whatever posts a form to another node's pages."""

    def post_form(self, node_code: str, path: str, form: Mapping[str, str]) -> tuple[int, bytes]:
        """Status and body of the answer. NoAnswer when there is none."""


class PageTransport:
    """HTTP to the address on the trust list. Names under .localhost are dialled on the loopback."""

    def post_form(self, node_code: str, path: str, form: Mapping[str, str]) -> tuple[int, bytes]:
        url, host = dialled(trust.address(regions.trust_list().node(node_code)))
        headers = {"Host": host, "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        headers |= traced()
        try:
            answer = _pool().request(
                "POST",
                url + path,
                body=urlencode(form),
                headers=headers,
                preload_content=False,
                redirect=False,
            )
            try:
                return answer.status, answer.read(LONGEST)
            finally:
                answer.release_conn()
        except urllib3.exceptions.HTTPError as failure:
            raise NoAnswer(node_code) from failure


def dialled(address: str) -> tuple[str, str]:
    """What to dial for an address, and the Host to say."""
    parts = urlsplit(address)
    if not (parts.hostname or "").endswith(".localhost"):
        return address, parts.netloc
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://127.0.0.1{port}", parts.netloc


@lru_cache(maxsize=1)
def _pool() -> urllib3.PoolManager:
    secured = trusting(here().authorities)
    return urllib3.PoolManager(num_pools=40, maxsize=2, timeout=PATIENCE, retries=False, ssl_context=secured)
