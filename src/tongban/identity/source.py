# SPDX-License-Identifier: Apache-2.0
"""Whoever can say whether a name and an ID number belong together: HTTP in service, the demo's register in tests."""

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any, Protocol

import urllib3

PATIENCE = 3.0  # seconds for an answer; others at the window wait behind a slow one
LONGEST = 4 * 1024  # bytes of an answer
PATH = "/verify"


class Answer(StrEnum):
    """All that a source tells; it hands out no data."""

    MATCH = "match"
    MISMATCH = "mismatch"  # the number is known, under another name, or who is named beside does not belong to it
    UNKNOWN = "unknown"  # nobody has this number


class SourceSilent(Exception):
    """No answer, or none that can be understood: ask again later. The text names no person."""


@dataclass(frozen=True)
class Beside:
    """Who is said to belong to whom is asked about: a company's legal representative, a child's guardian."""

    name: str
    id_number: str


class Source(Protocol):
    """Whatever answers the question."""

    def ask(self, name: str, id_type: str, id_number: str, beside: Beside | None = None) -> Answer:
        """Whether they belong together, and whoever is named beside them to them. SourceSilent when nobody says."""


class HttpSource:
    """JSON over HTTP; the number travels in the body, never in an address that is logged."""

    def __init__(self, address: str) -> None:
        self._address = address.rstrip("/")

    def ask(self, name: str, id_type: str, id_number: str, beside: Beside | None = None) -> Answer:
        if not self._address:
            raise SourceSilent("no source")
        asked: dict[str, Any] = {"id_number": id_number, "id_type": id_type, "name": name}
        if beside is not None:
            asked["beside"] = {"id_number": beside.id_number, "name": beside.name}
        try:
            status, body = _post(self._address + PATH, json.dumps(asked, ensure_ascii=False).encode())
        except urllib3.exceptions.HTTPError as failure:
            raise SourceSilent(type(failure).__name__) from None  # its text may hold what was sent
        return _read(status, body)


def _post(url: str, body: bytes) -> tuple[int, bytes]:
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    answer = _pool().request("POST", url, body=body, headers=headers, preload_content=False, redirect=False)
    try:
        return answer.status, answer.read(LONGEST)
    finally:
        answer.release_conn()


def _read(status: int, body: bytes) -> Answer:
    """The answer; anything else is no answer, as nothing may be concluded from it."""
    if status != 200:
        raise SourceSilent(f"status {status}")
    try:
        said: Any = json.loads(body)
        return Answer(said["result"])
    except (ValueError, TypeError, KeyError):
        raise SourceSilent("not an answer") from None


@lru_cache(maxsize=1)
def _pool() -> urllib3.PoolManager:
    return urllib3.PoolManager(
        num_pools=2, maxsize=2, timeout=urllib3.Timeout(connect=1.0, read=PATIENCE), retries=False
    )
