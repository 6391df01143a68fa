# SPDX-License-Identifier: Apache-2.0
"""Results and notices whose file is made: told to the case and to the other nodes, and handed to the applicant."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongban.cases import custody
from tongban.cases.actions.moving import make_move_as_system, make_or_ask, until_written
from tongban.cases.errors import AlreadyAsked, Changed, NoResult, ResultElsewhere, ResultRevoked
from tongban.cases.queries.held import read
from tongban.cases.queries.own_licence import require_paid
from tongban.cases.queries.pages import visible
from tongban.cases.queries.views import FileView
from tongban.cases.states import Part
from tongban.cases.transitions import MOVES, is_open
from tongban.database.statement import Statement
from tongban.exchange.actions import Letter, post
from tongban.licences.models import Licence
from tongban.licences.queries import ofd_of
from tongban.regions.queries import trust_list
from tongban.standards.actor import Actor
from tongban.standards.node import here
from tongban.vault import files

NOTICED = "case.noticed"


def tell_case(licence: Licence, at: datetime) -> None:
    """A paper is made and sealed: the case that was granted it is now issued. In the paper's own transaction.

    A file that was lost and made again, or a new edition, is told as such; the case had its number before.
    """
    if licence.case_id is None:
        return
    if licence.is_notice:
        _tell_peers(licence, licence.case_id, at)
        return
    stated = {
        "licence_number": licence.number,
        "licence_name": licence.name,
        "file_digest": licence.file_digest,
        "file_size": str(licence.file_size),
    }
    held = read(licence.case_id)
    move = "remake" if held.file_digest else "issue"
    if licence.edition > 1 and not (held.state and is_open(MOVES[move], held.state, held.mode)):
        return  # the case is over; its applicant finds the new edition among their licences
    make_move_as_system(licence.case_id, move, stated, at=at)


def _tell_peers(licence: Licence, case_id: UUID, at: datetime) -> None:
    """The other nodes of a case fetch the file of a notice, so that it can be had there too."""
    until_written(lambda: _told(licence, case_id, at))


def _told(licence: Licence, case_id: UUID, at: datetime) -> bool:
    held = read(case_id)
    body = {
        "case": str(held.id),
        "number": licence.number,
        "file": licence.file_digest,
        "size": licence.file_size,
    }
    letters = [
        Letter(recipient=code, kind=NOTICED, subject=held.subject, body=body, files=[licence.file_digest])
        for code in sorted({party.node for party in held.parties} - {here().code})
        if trust_list().may_send(here().code, code, NOTICED)
    ]
    write = Statement()
    write.guard(
        "UPDATE cases_case SET revision = revision + 1 WHERE id = %s AND revision = %s RETURNING id",
        [held.id, held.revision],
    )
    post(write, letters, sent=held.sent, key=held.key, at=at, epoch=held.epoch)
    with transaction.atomic():  # the caller's own must not end with a collision
        return not letters or write.run() is not None


def fetch_result(number_or_id: str, *, actor: Actor, at: datetime, ofd: bool = False) -> FileView:
    """The sealed file, as PDF or, where the node that made it gives one out, as OFD.

    An applicant's first download is the proof of delivery: it makes or asks for the move.
    """
    held = visible(number_or_id, actor)
    if not held.file_digest:
        raise NoResult()
    if held.state in MOVES["reinstate"].sources:
        raise ResultRevoked()
    require_paid(held, actor)
    if not files.has(held.subject, held.file_digest):
        raise ResultElsewhere(holder=custody.with_part(held.parties, Part.HANDLING).organization_name)
    deliver = MOVES["deliver"]
    is_theirs = actor.role in deliver.by and held.relation(actor).applied  # who joined only reads it
    if held.state and is_theirs and is_open(deliver, held.state, held.mode, held.delivery):
        _delivered(held.id, actor, at)
    if ofd:
        chunks = ofd_of(held.id, held.file_digest)
        return FileView(f"{held.item_name}_{held.licence_number}.ofd", "application/ofd", None, chunks)
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
