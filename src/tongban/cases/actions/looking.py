# SPDX-License-Identifier: Apache-2.0
"""Whoever opens a case at a desk leaves a row that the applicant can read, in one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from tongban.identity.actions.looking import INTO, KEEP
from tongban.standards.actor import Actor, Role
from tongban.standards.clock import local_date

LOOKED = (
    f"{INTO} SELECT applicant_index, %(day)s, %(staff)s, receipt_no, %(purpose)s, %(name)s, %(organization)s, "  # noqa: S608
    f"%(at)s, %(at)s, 1 FROM cases_case WHERE id = ANY(%(cases)s) {KEEP}"
)


def note_look(case_id: UUID, purpose: str, *, actor: Actor, at: datetime) -> None:
    """That this member of staff saw the applicant's data in this case; applicants who look at their own leave none."""
    note_looks([case_id], purpose, actor=actor, at=at)


def note_looks(case_ids: Sequence[UUID], purpose: str, *, actor: Actor, at: datetime) -> None:
    """The same for several cases."""
    if actor.role in (Role.APPLICANT, Role.SYSTEM):
        return
    told: dict[str, Any] = {
        "cases": [*case_ids],
        "purpose": purpose,
        "at": at,
        "day": local_date(at),
        "staff": actor.id,
        "name": actor.name,
        "organization": actor.organization,
    }
    with connection.cursor() as cursor:
        cursor.execute(LOOKED, told)
