# SPDX-License-Identifier: Apache-2.0
"""Handing accepted cases to the system that collects them: an act, because persons are named in it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from tongban.cases.actions.looking import note_looks
from tongban.cases.tables.columns import Table
from tongban.cases.tables.queries import accepted
from tongban.cases.tables.rows import Row, rows
from tongban.ledger import actions as ledger
from tongban.standards.actor import Actor

FIRST = UUID(int=0)  # before every case
EXPORT = "export"  # why staff saw the applicants' data: identity.queries.looks.PURPOSES


@dataclass(frozen=True)
class Page:
    """Some cases, each as the rows of every table, and the id after which the next page begins."""

    cases: list[dict[Table, list[Row]]]
    next: UUID | None  # None after the last page


def export_all(actor: Actor, *, since: date, now: Callable[[], datetime]) -> Iterator[dict[Table, list[Row]]]:
    """Every one of them, in pages that are acts of their own; `now` is asked for each."""
    after: UUID | None = FIRST
    while after is not None:
        page = export(actor, since=since, after=after, at=now())
        yield from page.cases
        after = page.next


def export(actor: Actor, *, since: date, after: UUID = FIRST, limit: int = 100, at: datetime) -> Page:
    """A page of the organization's accepted cases that changed since that day (local), in the order they began.

    Every applicant can read that their data went out, and the ledger tells how much went to whom. NotAllowed for
    everybody but approvers and data stewards.
    """
    with transaction.atomic():
        found = accepted(actor, since=since, after=after, limit=limit)
        if found:
            note_looks([case.id for case in found], EXPORT, actor=actor, at=at)
            facts = {"since": since.isoformat(), "first": str(found[0].id), "cases": len(found)}
            ledger.write(f"exports:{actor.organization}", verb="cases.exported", actor=actor, at=at, facts=facts)
    return Page([rows(case) for case in found], found[-1].id if len(found) == limit else None)
