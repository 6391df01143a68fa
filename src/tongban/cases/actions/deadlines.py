# SPDX-License-Identifier: Apache-2.0
"""What the node does when a limit runs out and silence has a consequence; the table names the moves."""

from datetime import datetime
from uuid import UUID

import structlog
from django.db import connection, transaction

from tongban.cases.actions.moving import make_move_as_system
from tongban.cases.errors import Changed
from tongban.cases.transitions import WHEN_DUE
from tongban.standards.node import here
from tongban.standards.refusal import Refusal

log = structlog.get_logger()

AT_ONCE = 100  # limits that are looked at in one round
DUE = (
    "SELECT t.case_id, t.kind FROM cases_clock t JOIN cases_case c ON c.id = t.case_id "
    "JOIN cases_party p ON p.case_id = c.id AND p.number = c.holder "
    "WHERE t.ended_at IS NULL AND t.due_at <= %s AND t.kind = ANY(%s) AND t.acted_at IS NULL AND p.node = %s "
    "AND c.offered_to IS NULL ORDER BY t.due_at, t.case_id LIMIT %s"
)
LOOKED_AT = "UPDATE cases_clock SET acted_at = %s WHERE case_id = %s AND kind = %s"


def run_due(at: datetime) -> bool:
    """Let silence have its consequence in the cases this node holds. Whether any limit was looked at.

    A limit that runs out without a consequence is looked at once: it is overdue, and a matter for people.
    """
    with connection.cursor() as cursor:
        cursor.execute(DUE, [at, sorted(WHEN_DUE), here().code, AT_ONCE])
        due = cursor.fetchall()
    for case_id, kind in due:
        _silence(case_id, kind, at)
    return bool(due)


def _silence(case_id: UUID, kind: str, at: datetime) -> None:
    """The first move that the table and the item allow; a case that somebody moves just now has its turn later."""
    for name in WHEN_DUE[kind]:
        try:
            with transaction.atomic():
                make_move_as_system(case_id, name, {}, at=at)
        except Changed:
            return
        except Refusal as no:
            log.info("silence_without_consequence", case=str(case_id), move=name, why=no.code)
        else:
            return
    with connection.cursor() as cursor:
        cursor.execute(LOOKED_AT, [at, case_id, kind])
