# SPDX-License-Identifier: Apache-2.0
"""Which noun reads which kind of message; the exchange itself knows no case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from tongban.database.statement import Statement


@dataclass(frozen=True)
class Message:
    """A message whose signature, sender and order have been checked."""

    id: UUID
    sender: str  # taken from the signature, never from the message's own words alone
    kind: str
    subject: str
    sequence: int
    occurred_at: datetime
    received_at: datetime
    body: Mapping[str, Any]
    digest: str
    key: bytes | None  # the subject's data key, for kinds that carry personal data


class Handler(Protocol):
    """Puts what the message means into the statement; a Refusal parks the message by name."""

    def __call__(self, message: Message, write: Statement) -> None: ...


@dataclass(frozen=True)
class Kind:
    """A kind of message and how it is kept."""

    name: str
    personal: bool
    handler: Handler


KINDS: dict[str, Kind] = {}


def handles(name: str, *, personal: bool = False) -> Callable[[Handler], Handler]:
    """Declare the reader of a kind. Personal kinds are kept sealed under their subject's key."""

    def declare(handler: Handler) -> Handler:
        if name in KINDS:
            raise RuntimeError(f"two handlers for {name}")
        KINDS[name] = Kind(name=name, personal=personal, handler=handler)
        return handler

    return declare
