# SPDX-License-Identifier: Apache-2.0
"""Requests and their answers, at the place that asked."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tongban.cases.chain import Told
from tongban.cases.queries.held import Held
from tongban.database.statement import Statement


def settle_requests(write: Statement, held: Held, told: Sequence[Told], at: datetime) -> None:
    """A request becomes real when the custodian's line for its move returns, whoever else asked for that move."""
    moves = {each.line.move for each in told}
    answered = [asked for asked, move in held.asked if move in moves]
    if answered:
        write.write(
            "UPDATE cases_request SET state = 'accepted', answered_at = %s WHERE case_id = %s AND id = ANY(%s) "
            "AND EXISTS (SELECT 1 FROM guard)",
            [at, held.id, answered],
        )


def answer_row(write: Statement, held: Held, request_id: UUID, sentence: str, at: datetime) -> None:
    """Note why a request was refused; the guard of its statement."""
    write.guard(
        "UPDATE cases_case SET revision = revision + 1 WHERE id = %s AND revision = %s RETURNING id",
        [held.id, held.revision],
    )
    write.write(
        "UPDATE cases_request SET state = 'refused', answer = %s, answered_at = %s WHERE case_id = %s AND id = %s "
        "AND EXISTS (SELECT 1 FROM guard)",
        [sentence, at, held.id, request_id],
    )
