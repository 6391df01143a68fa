# SPDX-License-Identifier: Apache-2.0
"""Erasing what is personal in a case, here: when its time is over, by two persons, with a line that says so."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from tongban.cases.errors import FactMissing, KeptStill, NotArchived, ResultCounts
from tongban.cases.models import Arrival, Attempt, Case, Draft, Event
from tongban.cases.queries.held import subject
from tongban.ledger import actions as ledger
from tongban.licences.actions import erase_holders
from tongban.licences.queries import counting_of_case
from tongban.standards.actor import Actor, Role
from tongban.standards.clock import local_date
from tongban.standards.node import here
from tongban.standards.refusal import NotAllowed, NotFound
from tongban.standards.workdays import long_day
from tongban.vault import files
from tongban.vault.actions import destroy_key

ERASED = "（已销毁）"  # in the place of a name
when_erased: list[Callable[[UUID], None]] = []  # nouns above that hold something of a case, its key above all


def erase_case(number_or_id: str, *, actor: Actor, second: Actor, reason: str, at: datetime) -> UUID:
    """Destroy the key of an archived case at this node, and the names that stand in clear. There is no way back.

    Chain, digests and ledger stay, and verify. Other nodes keep and erase theirs by their own rules.
    NotFound, NotArchived, KeptStill before the node's time is over, ResultCounts, FactMissing, NotAllowed.
    """
    if not reason.strip():
        raise FactMissing(field="reason", label="理由")
    if {actor.role, second.role} != {Role.OPERATOR} or actor.id == second.id:
        raise NotAllowed()
    with transaction.atomic():
        case = _locked(number_or_id)
        _require_over(case, at)
        destroy_key(subject(case.id), at=at)
        erase_holders(case.id, ERASED)
        for belongings in (Attempt, Arrival):
            belongings.objects.filter(case_id=case.id).delete()
        Draft.objects.filter(id=case.id).delete()  # it became the case, and holds the same key
        for forget in when_erased:
            forget(case.id)
        Case.objects.filter(id=case.id).update(applicant_name=ERASED)
        told = {"reason": reason.strip(), "second": second.pseudonym}
        ledger.write(subject(case.id), verb="case.erased", actor=actor, at=at, facts=told)
    files.forget(subject(case.id))
    return case.id


def _locked(number_or_id: str) -> Case:
    named = Q(receipt_no=number_or_id) | Q(project_no=number_or_id)
    with suppress(ValueError):
        named |= Q(id=UUID(number_or_id))
    found = Case.objects.select_for_update().filter(named).first()
    if found is None:
        raise NotFound(what="这个办件")
    return found


def _require_over(case: Case, at: datetime) -> None:
    if not case.progress.get("archived"):
        raise NotArchived()
    archived = Event.objects.filter(case_id=case.id, move="archive").latest("number").occurred_at
    until = _years_later(local_date(archived), here().keep_years)
    if local_date(at) < until:
        raise KeptStill(until=long_day(until))
    if (number := counting_of_case(case.id, local_date(at))) is not None:
        raise ResultCounts(number=number)


def _years_later(day: date, years: int) -> date:
    """The same day so many years later; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
