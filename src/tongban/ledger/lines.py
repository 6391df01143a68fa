# SPDX-License-Identifier: Apache-2.0
"""Lines of the diary: how one is made and what its digest covers. Pure."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tongban.standards.canonical import canonical
from tongban.standards.crypto import Suite


@dataclass(frozen=True)
class Tip:
    """Where a chain ends."""

    length: int
    head: str


START = Tip(length=0, head="")


@dataclass(frozen=True)
class Entry:
    """What is to be written: the facts enter as a salted digest only."""

    verb: str
    actor: str
    at: datetime
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class Written:
    """A line as it is kept."""

    subject: str
    number: int
    verb: str
    at: datetime
    actor: str
    salt: bytes
    facts_digest: str
    previous: str
    digest: str


def instant(at: datetime) -> str:
    """An instant as it stands in signed bytes: UTC, microseconds, always the same width."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def line_digest(
    suite: Suite,
    *,
    subject: str,
    number: int,
    verb: str,
    at: datetime,
    actor: str,
    facts_digest: str,
    previous: str,
) -> str:
    """The digest a line must bear if nobody has touched it."""
    words = {
        "subject": subject,
        "number": number,
        "verb": verb,
        "at": instant(at),
        "actor": actor,
        "facts": facts_digest,
        "previous": previous,
    }
    return suite.digest(canonical(words))


def next_line(suite: Suite, subject: str, tip: Tip, entry: Entry) -> Written:
    """The line that continues a chain."""
    salt = os.urandom(16)
    facts_digest = suite.digest(salt + canonical(dict(entry.facts)))
    number = tip.length + 1
    digest = line_digest(
        suite,
        subject=subject,
        number=number,
        verb=entry.verb,
        at=entry.at,
        actor=entry.actor,
        facts_digest=facts_digest,
        previous=tip.head,
    )
    return Written(
        subject=subject,
        number=number,
        verb=entry.verb,
        at=entry.at,
        actor=entry.actor,
        salt=salt,
        facts_digest=facts_digest,
        previous=tip.head,
        digest=digest,
    )
