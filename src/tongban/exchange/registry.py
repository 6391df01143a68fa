# SPDX-License-Identifier: Apache-2.0
"""Which noun reads which kind of message; the exchange itself knows no case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

from tongban.database.statement import Statement
from tongban.exchange import envelope
from tongban.exchange.question import Question


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
    serial: int = 0  # of the trust list that the sender wrote by
    teller: str = ""  # who handed it over and has the files it names: the sender, or whoever returned our own words

    @property
    def files_at(self) -> str:
        """The node to fetch its files from."""
        return self.teller or self.sender


def message_of(data: bytes, sender: str, digest: str, received_at: datetime, key: bytes | None) -> Message:
    """A kept envelope, for its reader."""
    read = envelope.read(data)
    return Message(
        id=read.id,
        sender=sender,
        kind=read.kind,
        subject=read.subject,
        sequence=read.sequence,
        occurred_at=read.occurred_at,
        received_at=received_at,
        body=read.body,
        digest=digest,
        key=key,
        serial=read.trust_serial,
    )


class Handler(Protocol):
    """Puts what the message means into the statement; a Refusal parks the message by name."""

    def __call__(self, message: Message, write: Statement) -> None: ...


class Answerer(Protocol):
    """Answers a peer's question from what this node knows; a Refusal is told to the peer by its code."""

    def __call__(self, asked: Question, at: datetime) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Kind:
    """A kind of message and how it is kept."""

    name: str
    personal: bool
    handler: Handler
    body: type[msgspec.Struct] | None = None  # the shape that its reader needs; the protocol's schemas are made of it
    replay: Handler | None = None  # how it is followed, without acting on it, when this node had forgotten it


KINDS: dict[str, Kind] = {}
ANSWERS: dict[str, Answerer] = {}
BEFORE_RECOVERY: list[Callable[[], None]] = []
AFTER_RECOVERY: list[Callable[[datetime], None]] = []
FILE_GONE: list[Callable[[str, str], None]] = []  # told the subject and digest of a file that the peer has not either


def handles(
    name: str, *, body: type[msgspec.Struct] | None = None, personal: bool = False
) -> Callable[[Handler], Handler]:
    """Declare the reader of a kind. Personal kinds are kept sealed under their subject's key."""

    def declare(handler: Handler) -> Handler:
        if name in KINDS:
            raise RuntimeError(f"two handlers for {name}")
        KINDS[name] = Kind(name=name, personal=personal, handler=handler, body=body)
        return handler

    return declare


def is_personal(name: str) -> bool:
    """Whether a kind carries personal data; one that nobody here reads is taken to."""
    return name not in KINDS or KINDS[name].personal


def answers(name: str) -> Callable[[Answerer], Answerer]:
    """Declare who answers a kind of question."""

    def declare(answerer: Answerer) -> Answerer:
        if name in ANSWERS:
            raise RuntimeError(f"two answers to {name}")
        ANSWERS[name] = answerer
        return answerer

    return declare


def replays(name: str) -> Callable[[Handler], Handler]:
    """Declare how a kind is followed after a restore: our own words returned, and what peers told us before.

    Nothing may be decided anew there: what this node decided before it was lost comes back as its own words.
    """

    def declare(handler: Handler) -> Handler:
        KINDS[name] = replace(KINDS[name], replay=handler)
        return handler

    return declare


def after_recovery(settle: Callable[[datetime], None]) -> Callable[[datetime], None]:
    """Declare what is done once everything has been returned: acts that peers wait for and that nobody made."""
    AFTER_RECOVERY.append(settle)
    return settle


def file_gone(tell: Callable[[str, str], None]) -> Callable[[str, str], None]:
    """Declare who makes a file again that this node lost and the peer it is fetched from never had."""
    FILE_GONE.append(tell)
    return tell


def before_recovery(prepare: Callable[[], None]) -> Callable[[], None]:
    """Declare what is done before anything is returned, e.g. leaving out numbers that may have been given."""
    BEFORE_RECOVERY.append(prepare)
    return prepare
