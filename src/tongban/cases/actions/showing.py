# SPDX-License-Identifier: Apache-2.0
"""Whoever needs the person behind a case asks to see them, and leaves a line that says so."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tongban.cases.actions.looking import note_look
from tongban.cases.queries.pages import changes_written_out, written_out
from tongban.cases.queries.views import ChangeView
from tongban.cases.queries.whole import whole
from tongban.cases.sealed import open_envelope
from tongban.catalogue.queries import item_cached
from tongban.ledger import actions as ledger
from tongban.standards.actor import Actor, Role
from tongban.standards.refusal import NotAllowed


@dataclass(frozen=True)
class Shown:
    """The applicant in full; never kept, never in a list."""

    name: str
    id_number: str
    phone: str
    form: tuple[tuple[str, str], ...]
    changes: tuple[ChangeView, ...]  # of the form since


@transaction.atomic
def show_person(number_or_id: str, *, actor: Actor, at: datetime) -> Shown:
    """The applicant in full, for staff of an organization with a part in the case. NotFound, NotAllowed."""
    found = whole(number_or_id, actor)
    held = found.held
    if actor.role is Role.APPLICANT:
        raise NotAllowed()
    kept = open_envelope(held)
    item = item_cached(held.task_code, held.item_version).item
    note_look(held.id, "unmask", actor=actor, at=at)
    ledger.write(f"look/{held.id}", verb="person.shown", actor=actor, at=at, facts={"case": held.receipt_no})
    applicant = kept["applicant"]
    return Shown(
        name=held.applicant_name,
        id_number=applicant["id_number"],
        phone=applicant["phone"],
        form=written_out(item, kept["answers"], kept["form"]),
        changes=changes_written_out(found),
    )
