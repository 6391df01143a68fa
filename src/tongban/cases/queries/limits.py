# SPDX-License-Identifier: Apache-2.0
"""Limits that run out: what supervision, reminders and figures read of the clocks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tongban.cases.clocks import Standing
from tongban.cases.models import NEVER
from tongban.database import reading

RUNNING_OUT = (
    "SELECT t.case_id, c.receipt_no, c.holder_organization, t.kind, t.soon_at, t.due_at FROM cases_clock t "
    "JOIN cases_case c ON c.id = t.case_id "
    "WHERE t.ended_at IS NULL AND t.soon_at <= %s AND c.due_on < %s AND c.holder_organization = ANY(%s) "
    "AND (t.due_at, t.case_id, t.kind) > (%s, %s, %s) ORDER BY t.due_at, t.case_id, t.kind LIMIT %s"
)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
MOST = 200


@dataclass(frozen=True)
class RunningOut:
    """A limit that is due soon or overdue, of a case on the desk of this organization."""

    case_id: UUID
    receipt_no: str
    organization: str
    kind: str
    soon_at: datetime
    due_at: datetime
    standing: Standing  # due_soon or overdue

    @property
    def place(self) -> tuple[datetime, UUID, str]:
        """Where the next page goes on."""
        return self.due_at, self.case_id, self.kind


def running_out(
    organizations: Sequence[str], at: datetime, *, after: tuple[datetime, UUID, str] | None = None, limit: int = MOST
) -> list[RunningOut]:
    """Limits of these organizations that are due soon or overdue at this instant, the oldest first; keyset pages."""
    place = after or (LONG_AGO, UUID(int=0), "")
    found = reading.rows(RUNNING_OUT, (at, NEVER, list(organizations), *place, min(limit, MOST)))
    return [_limit(row, at) for row in found]


def _limit(row: tuple[Any, ...], at: datetime) -> RunningOut:
    case_id, receipt_no, organization, kind, soon_at, due_at = row
    standing = Standing.OVERDUE if due_at <= at else Standing.DUE_SOON
    return RunningOut(case_id, receipt_no, organization, kind, soon_at, due_at, standing)
