# SPDX-License-Identifier: Apache-2.0
"""Text messages to telephones: a gateway over HTTP, the demo's own in the demo."""

import json
from functools import lru_cache
from typing import Protocol

import urllib3

PATIENCE = 3.0  # seconds for an answer
PATH = "/sms"


class NotSent(Exception):
    """The gateway did not take the message: ask it again later. The text names no number."""


class Gateway(Protocol):
    """Whatever carries a text message."""

    def send(self, phone: str, words: str) -> None:
        """Hand it over. NotSent when nobody took it."""


class HttpGateway:
    """JSON over HTTP: POST /sms {phone, words}, taken with any 2xx."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")

    def send(self, phone: str, words: str) -> None:
        if not self._address:
            raise NotSent("no gateway")
        body = json.dumps({"phone": phone, "words": words}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json"}
        try:
            answer = _pool().request("POST", self._address + PATH, body=body, headers=headers, redirect=False)
        except urllib3.exceptions.HTTPError as failure:
            raise NotSent(type(failure).__name__) from None  # its text may hold what was sent
        if not 200 <= answer.status < 300:
            raise NotSent(f"status {answer.status}")


@lru_cache(maxsize=1)
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(
        num_pools=2, maxsize=2, timeout=urllib3.Timeout(connect=1.0, read=PATIENCE), retries=False
    )
