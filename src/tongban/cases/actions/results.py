# SPDX-License-Identifier: Apache-2.0
"""Results: told to the case when their file is made, and handed to the applicant."""

from datetime import datetime
from uuid import UUID

from tongban.cases import custody
from tongban.cases.actions.moving import make_move_as_system, make_or_ask
from tongban.cases.errors import AlreadyAsked, Changed, NoResult, ResultElsewhere, ResultRevoked
from tongban.cases.queries.held import read
from tongban.cases.queries.pages import visible
from tongban.cases.queries.views import FileView
from tongban.cases.states import Part
from tongban.cases.transitions import MOVES, is_open
from tongban.licences.models import Licence
from tongban.standards.actor import Actor
from tongban.vault import files


def tell_case(licence: Licence, at: datetime) -> None:
    """A paper is made and sealed: the case that was granted it is now issued. In the paper's own transaction.

    A file that was lost and made again is told as such; the case had its number before.
    """
    if licence.case_id is None or licence.is_notice:
        return
    stated = {
        "licence_number": licence.number,
        "licence_name": licence.name,
        "file_digest": licence.file_digest,
        "file_size": str(licence.file_size),
    }
    held = read(licence.case_id)
    move = "remake" if held.file_digest else "issue"
    make_move_as_system(licence.case_id, move, stated, at=at)


def fetch_result(number_or_id: str, *, actor: Actor, at: datetime) -> FileView:
    """The sealed file. An applicant's first download is the proof of delivery: it makes or asks for the move."""
    held = visible(number_or_id, actor)
    if not held.file_digest:
        raise NoResult()
    if held.state in MOVES["reinstate"].sources:
        raise ResultRevoked()
    if not files.has(held.subject, held.file_digest):
        raise ResultElsewhere(holder=custody.with_part(held.parties, Part.HANDLING).organization_name)
    deliver = MOVES["deliver"]
    is_theirs = actor.role in deliver.by and held.relation(actor).applied  # who joined only reads it
    if held.state and is_theirs and is_open(deliver, held.state, held.mode, held.delivery):
        _delivered(held.id, actor, at)
    return FileView(
        filename=f"{held.item_name}_{held.licence_number}.pdf",
        media_type="application/pdf",
        size=None,
        chunks=files.read(held.subject, held.key, held.file_digest),
    )


def _delivered(case_id: UUID, actor: Actor, at: datetime) -> None:
    """Whoever clicks twice has still received it once."""
    try:
        make_or_ask(case_id, "deliver", actor=actor, at=at)
    except (AlreadyAsked, Changed):
        return
