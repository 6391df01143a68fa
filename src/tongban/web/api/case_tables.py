# SPDX-License-Identifier: Apache-2.0
"""Accepted cases for the system that collects them, in the columns of the national exchange tables."""

from datetime import date
from uuid import UUID

from ninja import Router

from tongban.cases.tables import actions
from tongban.standards import clock
from tongban.web.api.schemas import CaseTables
from tongban.web.api.speech import Answer, Asked, actor_of, declared, told

MOST = 100  # cases of one answer

router = Router(tags=["cases"])


@router.get("", summary="Cases as exchange tables", openapi_extra=declared({200: CaseTables}, 401, 403, 422))
def case_tables(request: Asked, since: date, after: UUID = actions.FIRST, limit: int = 50) -> Answer:
    """Cases of the token's organization that it accepted and that changed since that day, as rows of each table.

    For approvers and data stewards. Ask on with `after=next`. A case keeps the keys of its rows (`row_guid`), so what
    is asked for again replaces what was told before. The applicant can read that their data went out.
    """
    page = actions.export(actor_of(request), since=since, after=after, limit=max(1, min(limit, MOST)), at=clock.now())
    return told(CaseTables(cases=page.cases, next=page.next))
