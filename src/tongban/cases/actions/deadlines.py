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
KINDS = ", ".join(f"'{kind}'" for kind in sorted(WHEN_DUE))
RUN_OUT = (  # limits of cases that a node holds
    "FROM cases_clock t JOIN cases_case c ON c.id = t.case_id "
    "JOIN cases_party p ON p.case_id = c.id AND p.number = c.holder "
    f"WHERE t.ended_at IS NULL AND t.acted_at IS NULL AND t.due_at <= %(at)s AND t.kind IN ({KINDS}) "
    "AND c.offered_to IS NULL AND p.node = '{node}'"
)
LOOKED_AT = "UPDATE cases_clock SET acted_at = %s WHERE case_id = %s AND kind = %s"


def run_out() -> str:
    """Whether a limit of a case held here has run out, as the look-out asks it."""
    return f"SELECT 1 {RUN_OUT.format(node=here().code)}"


def run_due(at: datetime) -> bool:
    """Let silence have its consequence in the cases this node holds. Whether any limit was looked at.

    A limit that runs out without a consequence is looked at once: it is overdue, and a matter for people.
    """
    with connection.cursor() as cursor:
        which = RUN_OUT.format(node=here().code)
        cursor.execute(
            f"SELECT t.case_id, t.kind {which} ORDER BY t.due_at, t.case_id, t.kind LIMIT %(most)s",
            {"at": at, "most": AT_ONCE},
        )
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
