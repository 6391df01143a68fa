# SPDX-License-Identifier: Apache-2.0
"""A large file for a draft in parts: a line that breaks costs the part that was under way, and no memory.

The words are those of tus 1.0 (offset, part out of step) where it has them; decision 0084.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from uuid_utils.compat import uuid7

from tongban.cases.actions.drafting import Place, change_draft
from tongban.cases.actions.uploading import require_room
from tongban.cases.application import GivenFile
from tongban.cases.errors import FileInfected, FileRefused, KeyReused, PartAltered, PartOutOfStep, WholeAltered
from tongban.cases.models import Arrival, Draft
from tongban.cases.queries.drafts import content, opened
from tongban.cases.queries.held import subject
from tongban.cases.scanning import Scanned
from tongban.cases.uploads import checked_type, fits, tidy_name
from tongban.catalogue.content import Material
from tongban.catalogue.models import ItemVersion
from tongban.ledger import actions as ledger
from tongban.standards.actor import Actor, system
from tongban.standards.clock import local_date
from tongban.standards.node import here
from tongban.standards.refusal import NotFound, Refusal
from tongban.vault import files, keys

PART = 4 * files.PIECE  # bytes that are sent at once; the last part is what is left
MOST_OPEN = 5  # files that come to one draft at the same time


@dataclass(frozen=True)
class Coming:
    """A file that is on its way, and how far it is."""

    id: UUID
    requirement: str
    filename: str
    size: int
    offset: int
    until: date  # the last day on which it can go on


def begin_upload(
    draft_id: UUID, requirement: str, filename: str, size: int, *, actor: Actor, at: datetime, once: str = ""
) -> Coming:
    """Announce a file of so many bytes; with the same `once` it is the same upload, as far as it is.

    FileRefused for one that is too large, empty or one too many; KeyReused for `once` with another file.
    """
    with transaction.atomic():
        draft, version = content(draft_id, actor, lock=True)
        wanted = version.item.material(requirement)
        if wanted is None or draft.receipt_no:
            raise NotFound(what="这项申请材料")
        fits(wanted, size)
        require_room(requirement, len(opened(draft)["files"]))
        upload_id = uuid5(draft_id, once) if once else uuid7()
        coming = Coming(upload_id, requirement, tidy_name(filename), size, 0, _until(at))
        if (begun := Arrival.objects.filter(case_id=draft_id, id=upload_id).first()) is not None:
            return _same(_coming(draft, begun), coming)
        _make_room(draft, actor, at)
        sealed = keys.seal(keys.unwrap(draft.wrapped), coming.filename.encode(), coming.id.bytes)
        Arrival.objects.create(
            case_id=draft_id, id=coming.id, requirement=requirement, size=size, sealed=sealed, begun_at=at
        )
    return coming


def _same(begun: Coming, asked: Coming) -> Coming:
    """The upload that was begun, if it is the one that is asked for."""
    if replace(begun, offset=0, until=asked.until) != asked:
        raise KeyReused()
    return begun


def _until(begun_at: datetime) -> date:
    """How long a node keeps what never came to an end is its own choice (`upload_days`)."""
    return local_date(begun_at) + timedelta(days=here().upload_days)


def _make_room(draft: Draft, actor: Actor, at: datetime) -> None:
    """What was begun longest ago and never came to an end makes way."""
    for row in Arrival.objects.filter(case_id=draft.id).order_by("-begun_at", "-id")[MOST_OPEN - 1 :]:
        _drop(row, "made_way", actor, at)


def _drop(row: Arrival, why: str, actor: Actor, at: datetime) -> None:
    """Remove what came of a file, with a line of it; nobody takes a part of it meanwhile: the draft is locked."""
    files.forget_growing(subject(row.case_id), row.id.hex)
    Arrival.objects.filter(case_id=row.case_id, id=row.id).delete()
    facts = {"requirement": row.requirement, "size": row.size, "begun": row.begun_at.isoformat(), "why": why}
    ledger.write(f"draft:{row.case_id}", verb="upload.dropped", actor=actor, at=at, facts=facts)


def end_upload(draft_id: UUID, upload_id: UUID, *, actor: Actor, at: datetime) -> None:
    """Give up a file that is on its way, and all that came of it; one that is gone already is no error."""
    with transaction.atomic():
        content(draft_id, actor, lock=True)
        for row in Arrival.objects.filter(case_id=draft_id, id=upload_id):
            _drop(row, "given_up", actor, at)


def drop_upload_once(at: datetime) -> bool:
    """Remove one file that never became whole and whose days are over, with a line of it. False when there is none."""
    with transaction.atomic():
        over = at - timedelta(days=here().upload_days + 1)  # the last day is a whole one
        row = Arrival.objects.filter(begun_at__lt=over).order_by("begun_at").first()
        if row is None:
            return False
        Draft.objects.select_for_update().filter(id=row.case_id).first()  # no part of it is being kept meanwhile
        if not Arrival.objects.filter(case_id=row.case_id, id=row.id).exists():
            return True  # its last part came first
        _drop(row, "over", system(here().code), at)
    return True


def uploads(draft_id: UUID, *, actor: Actor) -> Sequence[Coming]:
    """The files that are on their way to a draft of one's own, the newest first."""
    rows = list(Arrival.objects.filter(case_id=draft_id).order_by("-begun_at", "-id"))
    if not rows:  # as most often; whose draft it would be matters only where there is something to tell
        return []
    draft, _ = content(draft_id, actor)
    return [] if draft.receipt_no else [_coming(draft, row) for row in rows]


def upload(draft_id: UUID, upload_id: UUID, *, actor: Actor) -> Coming:
    """How far one is. NotFound when it is whole, nobody's, or the application was submitted without it."""
    draft, _ = content(draft_id, actor)
    return _coming(draft, _row(draft, upload_id))


def take_part(
    draft_id: UUID,
    upload_id: UUID,
    offset: int,
    data: bytes,
    *,
    actor: Actor,
    at: datetime,
    device: str = "",
    of_part: str = "",
    of_whole: str = "",
) -> int:
    """Keep the next part; how far the file is then. With the last one it is among the files of the draft.

    PartOutOfStep says from where to go on. Digests (`sha256:…`) are looked at where they were told: PartAltered keeps
    nothing of the part. Of a file that is not taken nothing at all is kept: FileRefused for its type, or where others
    have filled the application meanwhile; WholeAltered; FileInfected.
    """
    if of_part and files.digest_of(data) != of_part:
        raise PartAltered()
    no: Refusal | None = None
    with transaction.atomic():
        draft, version = content(draft_id, actor, lock=True)
        row = _row(draft, upload_id)
        growing = _growing(draft, row)
        if offset != growing.offset or not _is_part(row.size, offset, len(data)):
            raise PartOutOfStep(offset=growing.offset)
        try:
            if offset == 0:
                checked_type(_wanted(version, row), data[:16])
            if growing.add(data):
                given = _looked_at(draft, version, row, growing, of_whole)
                _take(draft, given, Place("materials", device), actor, at)
                growing.keep(given.digest)
                Arrival.objects.filter(case_id=draft.id, id=row.id).delete()
        except (FileRefused, WholeAltered, FileInfected) as refused:
            no = refused
            _drop(row, no.code, actor, at)
    if no is not None:  # behind the transaction: what was removed stays removed
        raise no
    return growing.offset


def _is_part(size: int, offset: int, length: int) -> bool:
    """Whether so many bytes from there are a part: whole pieces, or all that is left."""
    left = size - offset
    return 0 < length <= min(left, PART) and (length == left or length % files.PIECE == 0)


def _looked_at(draft: Draft, version: ItemVersion, row: Arrival, growing: files.Growing, of_whole: str) -> GivenFile:
    """The whole file, past the scanner and compared with what was told of it. FileInfected, WholeAltered."""
    scanned = Scanned(row.requirement, growing.pieces())
    digest = files.digest_of_all(scanned)
    if of_whole and digest != of_whole:
        raise WholeAltered()
    return GivenFile(
        requirement=row.requirement,
        filename=_filename(draft, row),
        digest=digest,
        size=row.size,
        media_type=checked_type(_wanted(version, row), next(growing.pieces())[:16]),
        scanned=scanned.is_clean,
    )


def _take(draft: Draft, given: GivenFile, place: Place, actor: Actor, at: datetime) -> None:
    """Among the files of the draft, once. FileRefused when these have become too many meanwhile."""

    def change(kept: dict[str, Any], _: ItemVersion) -> None:
        if not any((f["requirement"], f["digest"]) == (given.requirement, given.digest) for f in kept["files"]):
            require_room(given.requirement, len(kept["files"]))
            kept["files"].append(asdict(given))

    change_draft(draft.id, place, actor, at, change)


def _row(draft: Draft, upload_id: UUID) -> Arrival:
    row = Arrival.objects.filter(case_id=draft.id, id=upload_id).first()
    if row is None or draft.receipt_no:
        raise NotFound(what="这个正在上传的文件")
    return row


def _wanted(version: ItemVersion, row: Arrival) -> Material:
    wanted = version.item.material(row.requirement)
    if wanted is None:
        raise NotFound(what="这项申请材料")
    return wanted


def _growing(draft: Draft, row: Arrival) -> files.Growing:
    return files.Growing(subject(draft.id), keys.unwrap(draft.wrapped), row.id.hex, row.size)


def _filename(draft: Draft, row: Arrival) -> str:
    return keys.unseal(keys.unwrap(draft.wrapped), bytes(row.sealed), row.id.bytes).decode()


def _coming(draft: Draft, row: Arrival) -> Coming:
    offset, until = _growing(draft, row).offset, _until(row.begun_at)
    return Coming(row.id, row.requirement, _filename(draft, row), row.size, offset, until)
