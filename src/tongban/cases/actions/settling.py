# SPDX-License-Identifier: Apache-2.0
"""What a node that came back from a backup still owes its peers, once it knows again what it had forgotten."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from django.db import connection, transaction

from tongban.cases import messages, transitions
from tongban.cases.actions.moving import REQUESTED, make_move_as_system
from tongban.cases.models import Event
from tongban.cases.papers import grant_of
from tongban.cases.queries.held import read
from tongban.cases.sealed import event_context, opened
from tongban.database.statement import Statement
from tongban.exchange.queries import kept_messages
from tongban.licences.actions import issue_rows, take_serial
from tongban.standards.node import here
from tongban.standards.refusal import Refusal

log = structlog.get_logger()

OFFERED = (
    "SELECT c.id FROM cases_case c JOIN cases_party p ON p.case_id = c.id AND p.number = c.offered_to "
    "WHERE p.node = %s AND NOT c.ended"
)
UNDECIDED = (
    "SELECT r.case_id, r.id FROM cases_request r JOIN cases_case c ON c.id = r.case_id "
    "JOIN cases_party p ON p.case_id = c.id AND p.number = c.holder "
    "WHERE r.state = 'submitted' AND r.asking_node <> %s AND p.node = %s AND c.offered_to IS NULL"
)
WITHOUT_PAPER = (
    "SELECT c.id FROM cases_case c JOIN cases_party p ON p.case_id = c.id AND p.number = c.holder "
    "WHERE c.state = ANY(%s) AND p.node = %s AND NOT EXISTS "
    "(SELECT 1 FROM licences_licence l WHERE l.case_id = c.id AND NOT l.is_notice)"
)


def settle(at: datetime) -> None:
    """What peers wait for and nobody has done: custody offered to us, requests, papers that were granted."""
    for (case_id,) in _rows(OFFERED, here().code):
        _attempt(case_id, "take", partial(make_move_as_system, case_id, "take", {}, at=at))
    for case_id, request_id in _rows(UNDECIDED, here().code, here().code):
        _attempt(case_id, "decide", partial(_decide, case_id, request_id))
    for (case_id,) in _rows(
        WITHOUT_PAPER, sorted(state.value for state in transitions.MOVES["issue"].sources), here().code
    ):
        _attempt(case_id, "issue", partial(_issue, case_id, at))


def _attempt(case_id: UUID, what: str, act: Callable[[], object]) -> None:
    """One case that cannot be settled is left to people; no other waits for it."""
    try:
        with transaction.atomic():
            act()
    except Refusal as no:
        log.warning("not_settled", case=str(case_id), what=what, why=no.code)
    except Exception:
        log.exception("not_settled", case=str(case_id), what=what)


def _rows(sql: str, *values: str | list[str]) -> Sequence[tuple[UUID, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()  # type: ignore[no-any-return]


def _decide(case_id: UUID, request_id: UUID) -> None:
    """Decide a request now; its message was kept."""
    held = read(case_id)
    for message in kept_messages(held.subject, REQUESTED, held.key):
        if message.body["request"] == str(request_id):
            write = Statement()
            messages.decide_request(message, write)
            write.run()


def _issue(case_id: UUID, at: datetime) -> None:
    """Make the paper that was granted in the lost time and never made, by the opinion the grant states."""
    held = read(case_id)
    granted = Event.objects.filter(case_id=held.id, move__in=transitions.GRANTING).latest("number")
    stated = opened(held.key, bytes(granted.sealed), event_context(granted.number))["facts"]["stated"]
    write = Statement()
    write.guard("SELECT 1", [])
    paper = grant_of(held, stated, at)
    for model, row in issue_rows(paper, serial=take_serial(), key=held.key, at=at, by=granted.actor).items():
        write.insert(model, [row])
    write.run()
