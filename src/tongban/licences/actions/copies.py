# SPDX-License-Identifier: Apache-2.0
"""Watermarked copies of a licence for one matter and a time: materials of trust level A (国办函〔2016〕108号)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction

from tongban.ledger import actions as ledger
from tongban.licences import queries
from tongban.licences.actions import issuing, seals
from tongban.licences.documents import chinese_date
from tongban.licences.errors import NoCopyOf
from tongban.licences.models import Licence
from tongban.licences.seals import signing
from tongban.licences.seals.queries import seal_of
from tongban.licences.typesetting import typeset
from tongban.standards.actor import Actor
from tongban.standards.clock import local_date
from tongban.standards.refusal import BadInput
from tongban.vault import files

LONGEST = 40  # characters of a matter: it stands across the page
DAYS = 365


def give_copy(licence_id: UUID, matter: str, until: date, *, actor: Actor, at: datetime) -> tuple[Licence, bytes]:
    """The same words once more with what they are for and until when across the page, sealed; nothing of it is kept.

    The use of the seal is noted under the licence: whoever checks the copy learns how the licence stands. Who may ask
    is asked before. NoCopyOf unless the licence is made and counts; SealNotInUse.
    """
    row, today = queries.licence(licence_id), local_date(at)
    if row.file_digest == "" or not queries.stands(row, today).counts:
        raise NoCopyOf()
    matter = _matter(matter)
    last = min(filter(None, (row.valid_until, today + timedelta(days=DAYS))))
    if not today <= until <= last:
        raise BadInput("until", f"请选今天至{chinese_date(last)}之间的日期。")
    paper = replace(
        issuing.paper_of(row), watermark=f"由{row.issuer_name}提供　仅用于{matter}　有效至{chinese_date(until)}"
    )
    seal = signing.require_usable(seal_of(row.issuer_organization), at, row.issuer_name)
    sealed = signing.seal(seal, typeset(paper, at=at), at=at)
    digest = files.digest_of(sealed.data)
    facts = {"number": row.number, "matter": matter, "until": until.isoformat(), "file": digest}
    with transaction.atomic():
        seal = seals.still_usable(row, at)
        row.granted_by, row.name = actor.pseudonym, f"{row.name}（副本）"
        seals.note_use(seal, row, sealed, digest, at)
        ledger.write(f"licence:{row.id}", verb="licence.copied", actor=actor, at=at, facts=facts)
    return row, sealed.data


def _matter(typed: str) -> str:
    matter = " ".join(typed.split())
    if not matter:
        raise BadInput("matter", "请写明用于什么事。")
    if len(matter) > LONGEST:
        raise BadInput("matter", f"用途不能超过 {LONGEST} 字。")
    return matter
