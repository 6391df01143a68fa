# SPDX-License-Identifier: Apache-2.0
"""Giving several cases to one colleague at once."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction

from tongban.cases import transitions
from tongban.cases.actions.moving import attempt_move, until_written
from tongban.cases.errors import NothingChosen
from tongban.cases.once import is_spent
from tongban.cases.queries.lists import numbers_of
from tongban.standards.actor import Actor
from tongban.standards.refusal import NotAllowed, Refusal


@dataclass(frozen=True)
class Assigned:
    """How many have a new officer, and why the others have not."""

    done: int
    refused: tuple[tuple[str, str], ...]  # number of the case, or its id for whoever may not see it; the reason


def assign_many(
    cases: Iterable[UUID], *, assignee: str, why: str, actor: Actor, at: datetime, once: str = ""
) -> Assigned:
    """One transaction; each case is an act of its own with its line, and its refusal keeps back no other.

    NothingChosen without a case; what is wrong with the facts themselves is refused before any is touched.
    """
    move = transitions.MOVES["assign"]
    if actor.role not in move.by:
        raise NotAllowed()
    facts = transitions.stated(move, {"assignee": assignee, "opinion": why})
    chosen = sorted(set(cases))
    refused: dict[UUID, Refusal] = {}
    if not chosen:
        raise NothingChosen(field="case")

    def give(case_id: UUID) -> bool:
        with transaction.atomic():  # who was faster takes back this one only
            return attempt_move(case_id, move, actor, at, facts, once=once)

    with transaction.atomic():
        for case_id in chosen:
            try:
                until_written(partial(give, case_id))
            except Refusal as no:
                if not is_spent(case_id, once):  # the same form once more has nothing left to do
                    refused[case_id] = no
    numbers = numbers_of(actor, list(refused))
    told = tuple((numbers.get(case_id, str(case_id)), no.sentence) for case_id, no in refused.items())
    return Assigned(len(chosen) - len(refused), told)
