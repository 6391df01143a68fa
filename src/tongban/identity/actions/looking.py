# SPDX-License-Identifier: Apache-2.0
"""Whoever looks at somebody's data leaves a row that the person can read: one a day for each matter and purpose."""

from datetime import datetime
from typing import Any

from tongban.database.statement import Statement
from tongban.identity.models import Look
from tongban.standards.actor import Actor
from tongban.standards.clock import local_date

KEEP = (
    "ON CONFLICT (subject_index, day, staff, matter, purpose) "
    "DO UPDATE SET times = identity_look.times + 1, last_at = EXCLUDED.last_at"
)
INTO = (
    "INSERT INTO identity_look "
    "(subject_index, day, staff, matter, purpose, staff_name, organization, first_at, last_at, times)"
)


def look_row(subject: bytes, matter: str, purpose: str, *, actor: Actor, at: datetime) -> dict[str, Any]:
    """That this member of staff saw data of this person (blind index); to be written with KEEP."""
    return {
        "subject_index": subject,
        "day": local_date(at),
        "staff": actor.id,
        "matter": matter,
        "purpose": purpose,
        "staff_name": actor.name,
        "organization": actor.organization,
        "first_at": at,
        "last_at": at,
        "times": 1,
    }


def note(subject: bytes, matter: str, purpose: str, *, actor: Actor, at: datetime) -> None:
    """The same, written alone. One statement."""
    write = Statement()
    write.guard("SELECT 1", [])
    write.insert(Look, [look_row(subject, matter, purpose, actor=actor, at=at)], on_conflict=KEEP)
    write.run()
