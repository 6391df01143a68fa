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
from tongban.cases.actions.uploading import MOST_FILES
from tongban.cases.application import GivenFile
from tongban.cases.errors import FileRefused, KeyReused, PartAltered, PartOutOfStep, WholeAltered
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
from tongban.standards.refusal import NotFound
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
        if len(opened(draft)["files"]) >= MOST_FILES:
            raise FileRefused(field=requirement, why=f"一份申请最多上传 {MOST_FILES} 个文件。")
        upload_id = uuid5(draft_id, once) if once else uuid7()
        coming = Coming(upload_id, requirement, tidy_name(filename), size, 0, _until(at))
        if (begun := Arrival.objects.filter(case_id=draft_id, id=upload_id).first()) is not None:
            return _same(_coming(draft, begun), coming)
        _make_room(draft)
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


def _make_room(draft: Draft) -> None:
    """What was begun longest ago and never came to an end makes way."""
    for row in Arrival.objects.filter(case_id=draft.id).order_by("-begun_at", "-id")[MOST_OPEN - 1 :]:
        _drop(row)


def _drop(row: Arrival) -> None:
    files.forget_growing(subject(row.case_id), row.id.hex)
    Arrival.objects.filter(case_id=row.case_id, id=row.id).delete()


def end_upload(draft_id: UUID, upload_id: UUID, *, actor: Actor) -> None:
    """Give up a file that is on its way; one that is gone already is no error."""
    with transaction.atomic():
        content(draft_id, actor, lock=True)
        for row in Arrival.objects.filter(case_id=draft_id, id=upload_id):
            _drop(row)


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
        _drop(row)
        facts = {"requirement": row.requirement, "size": row.size, "begun": row.begun_at.isoformat()}
        ledger.write(f"draft:{row.case_id}", verb="upload.dropped", actor=system(here().code), at=at, facts=facts)
    return True


def uploads(draft_id: UUID, *, actor: Actor) -> Sequence[Coming]:
    """The files that are on their way to a draft of one's own, the newest first."""
    rows = list(Arrival.objects.filter(case_id=draft_id).order_by("-begun_at", "-id"))
    if not rows:  # as most often; whose draft it would be matters only where there is something to tell
        return []
    draft, _ = content(draft_id, actor)
    return [_coming(draft, row) for row in rows]


def upload(draft_id: UUID, upload_id: UUID, *, actor: Actor) -> Coming:
    """How far one is. NotFound when it is whole, or nobody's."""
    draft, _ = content(draft_id, actor)
    return _coming(draft, _row(draft_id, upload_id))


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

    PartOutOfStep says from where to go on; FileRefused when its first bytes are of no type that is taken. Digests
    (`sha256:…`) are looked at where they were told: PartAltered keeps nothing of the part, WholeAltered nothing at all.
    """
    if of_part and files.digest_of(data) != of_part:
        raise PartAltered()
    altered = False
    with transaction.atomic():
        draft, version = content(draft_id, actor, lock=True)
        row = _row(draft_id, upload_id)
        growing = _growing(draft, row)
        is_last = offset + len(data) == row.size
        if offset != growing.offset or not data or (not is_last and len(data) % files.PIECE) or len(data) > PART:
            raise PartOutOfStep(offset=growing.offset)
        if offset + len(data) > row.size:
            raise PartOutOfStep(offset=growing.offset)
        if offset == 0:
            checked_type(_wanted(version, row), data[:16])
        if growing.add(data):
            altered = bool(of_whole) and growing.digest() != of_whole
            if altered:
                _drop(row)
            else:
                _finish(draft, version, row, growing, Place("materials", device), actor, at)
    if altered:  # behind the transaction: what was removed stays removed
        raise WholeAltered()
    return growing.offset


def _finish(
    draft: Draft, version: ItemVersion, row: Arrival, growing: files.Growing, place: Place, actor: Actor, at: datetime
) -> None:
    key, name = keys.unwrap(draft.wrapped), subject(draft.id)
    stored = growing.finish()
    start = files.read_range(name, key, stored.digest, 0, 16)
    scanned = Scanned(row.requirement, files.read(name, key, stored.digest))
    for _ in scanned if here().scanner else ():
        pass
    given = GivenFile(
        requirement=row.requirement,
        filename=_filename(draft, row),
        digest=stored.digest,
        size=stored.size,
        media_type=checked_type(_wanted(version, row), start),
        scanned=scanned.is_clean,
    )

    def change(kept: dict[str, Any], _: ItemVersion) -> None:
        if not any((f["requirement"], f["digest"]) == (row.requirement, given.digest) for f in kept["files"]):
            kept["files"].append(asdict(given))

    change_draft(draft.id, place, actor, at, change)
    Arrival.objects.filter(case_id=draft.id, id=row.id).delete()


def _row(draft_id: UUID, upload_id: UUID) -> Arrival:
    row = Arrival.objects.filter(case_id=draft_id, id=upload_id).first()
    if row is None:
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
