# SPDX-License-Identifier: Apache-2.0
"""Taking over existing certificates: judged by a worker, confirmed by a second person, written in one transaction.

Until the last row is written there is nothing: a worker that is killed leaves nothing behind, and the next one begins
anew. A certificate is known by its type, its organization and its number, so the same file again brings nothing new.
"""

import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import DatabaseError, IntegrityError, connection, transaction
from uuid_utils.compat import uuid7

from tongban.catalogue.tables.reading import Bounds, read
from tongban.catalogue.tables.report import Fault, Report
from tongban.database.copying import copy_rows
from tongban.identity.sealing import id_index
from tongban.ledger import actions as ledger
from tongban.licences import identifier
from tongban.licences.actions.issuing import blank, facts_context
from tongban.licences.errors import AnotherPersonNeeded, StockNotOpen
from tongban.licences.identifier import ALPHABET, SERIAL
from tongban.licences.models import LicenceType, State, StockBatch, StockFile
from tongban.licences.stock import queries
from tongban.licences.stock.columns import Certificate, Judge
from tongban.licences.stock.stages import OPEN, UNDER_WAY, StockStage
from tongban.licences.types.content import Holder, TypeContent, facts
from tongban.licences.types.content import read as read_type
from tongban.licences.types.queries import in_force
from tongban.regions.queries import organization
from tongban.standards.actor import Actor, system
from tongban.standards.canonical import canonical
from tongban.standards.clock import SHANGHAI, local_date
from tongban.standards.crypto import suite
from tongban.standards.node import here
from tongban.standards.refusal import BadInput
from tongban.standards.workdays import long_day
from tongban.vault import keys
from tongban.vault.actions import destroy_key, keep_keys
from tongban.vault.queries import subject_key

BOUNDS = Bounds(bytes=64_000_000, rows=200_001)
LEASE = timedelta(minutes=10)  # how long a worker may be silent before another begins anew
TOGETHER = 1_000  # rows looked up and written at once
SERIAL_LENGTH = 20
TAKE = (
    "UPDATE licences_stock SET lease = %s WHERE id = (SELECT id FROM licences_stock "
    "WHERE stage IN ('waiting', 'judging', 'confirmed') AND (lease IS NULL OR lease < %s) "
    "ORDER BY begun_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id"
)
NUMBER = {"number": "text", "licence_id": "uuid"}
LICENCE = {
    **{"id": "uuid", "number": "text", "identifier": "text", "type_code": "text", "is_notice": "bool", "name": "text"},
    **{"holder_name": "text", "holder_index": "bytea", "issuer_organization": "text", "issuer_name": "text"},
    **{"node_code": "text", "subject": "text", "case_id": "uuid", "task_code": "text", "facts_sealed": "bytea"},
    **{"issued_at": "timestamptz", "state": "text", "failure": "text", "failure_says": "text", "attempts": "int2"},
    **{"claimed_until": "timestamptz", "file_digest": "text", "file_size": "int8", "ofd_digest": "text"},
    **{"certificate_id": "text", "sealed_at": "timestamptz", "standing": "text", "standing_since": "timestamptz"},
    **{"changes": "int2", "granted_by": "text", "valid_until": "date", "definition": "text"},
    **{"definition_version": "int2", "edition": "int2", "replaced_by": "uuid", "stock_id": "uuid"},
}


@transaction.atomic
def begin(data: bytes, file_name: str, type_code: str, *, actor: Actor, at: datetime) -> StockBatch:
    """Hand a file over to be judged. The same file, while it is under way, is the same batch.

    NotAllowed but for approvers; BadInput for an unknown type, and for a file that is empty or too large.
    """
    office = organization(queries.collects_for(actor))
    told = in_force(local_date(at)).get(type_code)
    if told is None:
        raise BadInput("type", "请选择证照类型。")
    if not data:
        raise BadInput("file", "请选择一个不是空的文件。")
    if len(data) > BOUNDS.bytes:
        raise BadInput("file", f"文件不能超过 {BOUNDS.bytes // 1_000_000} MB，请分成几份。")
    digest = suite(here().suite).digest(data)
    known = {"organization": office.code, "type_code": type_code, "file_digest": digest}
    if (open_one := StockBatch.objects.filter(**known, stage__in=UNDER_WAY).first()) is not None:
        return open_one
    row = StockBatch.objects.create(
        id=uuid7(),
        organization_name=office.name,
        region_code=office.region_code,
        type_version=told.version,
        file_name=file_name.replace("\\", "/").rsplit("/", 1)[-1][-200:] or "文件",
        size=len(data),
        stage=StockStage.WAITING,
        report=[],
        begun_by=actor.pseudonym,
        begun_name=actor.name,
        begun_at=at,
        **dict.fromkeys(("done", "total", "new", "same", "errors"), 0),
        **known,
    )
    key, wrapped = keys.new_key()
    keep_keys([(_subject(row.id), wrapped)])
    StockFile.objects.create(id=row.id, content_sealed=keys.seal(key, data, row.id.bytes))
    _tell(row, "begun", {"file": digest, "size": len(data)}, actor, at)
    return row


@transaction.atomic
def confirm(batch_id: UUID, *, actor: Actor, at: datetime) -> StockBatch:
    """Let the worker take it over as a whole: by somebody who has not handed it over."""
    row = _mine(batch_id, actor, StockStage.READY)
    if row.begun_by.partition(":")[2] == str(actor.id):
        raise AnotherPersonNeeded(what="存量证照的收录")
    row.stage, row.confirmed_by, row.confirmed_name = StockStage.CONFIRMED, actor.pseudonym, actor.name
    row.save(update_fields=["stage", "confirmed_by", "confirmed_name"])
    _tell(row, "confirmed", {"new": row.new}, actor, at)
    return row


@transaction.atomic
def drop(batch_id: UUID, *, actor: Actor, at: datetime) -> StockBatch:
    """Nothing becomes of it; the file is not kept."""
    row = _mine(batch_id, actor, *OPEN)
    row.stage, row.ended_at = StockStage.DROPPED, at
    row.save(update_fields=["stage", "ended_at"])
    _forget(row, at)
    _tell(row, "dropped", {}, actor, at)
    return row


def work_once(at: datetime) -> bool:
    """Judge or take over what waits, oldest first. False when nothing does."""
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [at + LEASE, at])
        taken = cursor.fetchone()
    if taken is None:
        return False
    row = StockBatch.objects.get(id=taken[0])
    try:
        _work(row, at)
    except IntegrityError:  # another batch has brought one of these meanwhile
        _set(row, stage=StockStage.WAITING, confirmed_by="", confirmed_name="", lease=None)
    except DatabaseError:
        raise  # it will be tried again when the lease is over
    except Exception:
        says = "程序出错，已记入日志，请联系运行人员；一份证照也没有收录。"
        _set(row, stage=StockStage.FAULTY, report=[Fault("internal", says).cells()], errors=1, lease=None)
        raise
    return True


def _work(row: StockBatch, at: datetime) -> None:
    if row.stage == StockStage.CONFIRMED:
        _take_over(row, at)
    else:
        _judge(row, at)


def _judge(row: StockBatch, at: datetime) -> None:
    report = Report()
    new = same = 0
    _set(row, stage=StockStage.JUDGING, done=0, total=0)
    for some in _some(_certificates(row, report, at)):
        found = queries.known([_identifier(row, each) for each in some])
        new, same = new + len(some) - len(found), same + len(found)
        _set(row, done=new + same, lease=at + LEASE)
    if not report.stops and not new + same:
        report.add(Fault("empty", "文件中没有证照。"))
    stage = StockStage.FAULTY if report.stops else StockStage.READY if new else StockStage.UNCHANGED
    counts = {"new": new, "same": same, "errors": report.errors, "total": new + same}
    with transaction.atomic():
        _set(row, stage=stage, report=list(report.rows())[1:], lease=None, **counts)
        if stage == StockStage.UNCHANGED:
            _set(row, ended_at=at)
            _forget(row, at)


@transaction.atomic
def _take_over(row: StockBatch, at: datetime) -> None:
    """All of it or nothing."""
    if StockBatch.objects.select_for_update().get(id=row.id).stage != StockStage.CONFIRMED:
        return
    report, content = Report(), _content(row)
    digest, new = sha256(), 0
    for some in _some(_certificates(row, report, at)):
        named = {_identifier(row, each): each for each in some}
        for gone in queries.known(list(named)):
            del named[gone]
        made = [_Made.of(row, content, name, each) for name, each in named.items()]
        keep_keys((each.licence["subject"], each.wrapped) for each in made)
        copy_rows("licences_licence", LICENCE, ([each.licence[name] for name in LICENCE] for each in made))
        copy_rows("licences_number", NUMBER, ((each.licence["identifier"], each.id) for each in made))
        for each in made:
            digest.update(sha256(each.licence["identifier"].encode() + each.licence["facts_sealed"]).digest())
        new += len(made)
    if report.stops:
        raise RuntimeError("what was judged good is not so any more")
    told = f"sha256:{digest.hexdigest()}"
    _set(row, stage=StockStage.TAKEN, new=new, rows_digest=told, ended_at=at, lease=None)
    _forget(row, at)
    facts_told = {"file": row.file_digest, "licences": new, "digest": told, "confirmed_by": row.confirmed_by}
    _tell(row, "taken", facts_told, system(here().code), at)


def _certificates(row: StockBatch, report: Report, at: datetime) -> Iterator[Certificate]:
    key = subject_key(_subject(row.id))
    assert key is not None
    data = keys.unseal(key, bytes(StockFile.objects.get(id=row.id).content_sealed), row.id.bytes)
    book = read(data, row.file_name, BOUNDS)
    for found in book.report.faults:
        report.add(found)
    judge = Judge(_content(row), report, local_date(at), here().demo)
    for sheet in book.sheets:
        yield from judge.certificates(sheet)


@dataclass(frozen=True)
class _Made:
    """The rows that a certificate becomes."""

    id: UUID
    licence: dict[str, Any]
    wrapped: bytes  # its data key

    @classmethod
    def of(cls, row: StockBatch, content: TypeContent, named: str, told: Certificate) -> "_Made":
        """Under a data key of its own: one holder's data can be erased without anybody else's."""
        licence_id = uuid7()
        key, wrapped = keys.new_key()
        subject = f"licence:{licence_id}"
        holder = Holder(told.holder_name, told.holder_id_type.label, told.holder_number)
        day = long_day(told.issued_on)
        said = facts(content, holder, told.said, item=content.name, day=day, number=told.number)
        licence = blank() | {
            "id": licence_id,
            "number": named if content.number_personal else told.number,
            "identifier": named,
            "type_code": content.wording.style,
            "is_notice": False,
            "name": content.name,
            "holder_name": told.holder_name,
            "holder_index": id_index(told.holder_id_type.value, told.holder_number),
            "issuer_organization": row.organization,
            "issuer_name": row.organization_name,
            "node_code": here().code,
            "subject": subject,
            "case_id": None,
            "task_code": "",
            "facts_sealed": keys.seal(key, canonical(said), facts_context(licence_id)),
            "issued_at": datetime.combine(told.issued_on, time.min, SHANGHAI),
            "state": State.TAKEN_OVER.value,
            "granted_by": row.confirmed_by,
            "valid_until": told.valid_until,
            "definition": content.code,
            "definition_version": row.type_version,
            "stock_id": row.id,
        }
        return cls(licence_id, licence, wrapped)


def _identifier(row: StockBatch, told: Certificate) -> str:
    """The same for the same certificate for good, whatever else is told of it.

    The number goes into it where it has the form of a serial and is public; otherwise a keyed digest stands for it,
    from which nobody gets back to a personal number.
    """
    number = told.number.upper()
    plain = SERIAL.fullmatch(number) and number == told.number and not _content(row).number_personal
    serial = number if plain else _keyed(f"{row.type_code}:{row.organization}:{told.number}")
    return str(identifier.Identifier(row.type_code, row.organization, serial))


def _keyed(text: str) -> str:
    """By the first index key, which stays when newer ones come."""
    value = int.from_bytes(hmac.digest(keys.numbered(keys.INDEX)[0], f"stock:{text}".encode(), "sha256"))
    digits = []
    for _ in range(SERIAL_LENGTH):
        value, digit = divmod(value, 36)
        digits.append(ALPHABET[digit])
    return "".join(digits)


_contents: dict[tuple[str, str, int], TypeContent] = {}  # versions do not change


def _content(row: StockBatch) -> TypeContent:
    name = (here().code, row.type_code, row.type_version)
    if name not in _contents:
        kept = LicenceType.objects.get(code=row.type_code, version=row.type_version)
        _contents[name] = read_type(bytes(kept.document))
    return _contents[name]


def _some(certificates: Iterator[Certificate]) -> Iterator[Sequence[Certificate]]:
    while some := list(islice(certificates, TOGETHER)):
        yield some


def _mine(batch_id: UUID, actor: Actor, *stages: str) -> StockBatch:
    """The batch, locked. NotFound for another organization's, StockNotOpen."""
    queries.batch(batch_id, actor)
    row = StockBatch.objects.select_for_update().get(id=batch_id)
    if row.stage not in stages:
        raise StockNotOpen(stage=StockStage(row.stage).label)
    return row


def _tell(row: StockBatch, verb: str, told: dict[str, Any], actor: Actor, at: datetime) -> None:
    known = {"organization": row.organization, "type": row.type_code, "version": row.type_version}
    ledger.write(f"stock/{row.id}", verb=f"stock.{verb}", actor=actor, at=at, facts=known | told)


def _set(row: StockBatch, **values: Any) -> None:
    """Keep where the work stands, at once."""
    for name, value in values.items():
        setattr(row, name, value)
    StockBatch.objects.filter(id=row.id).update(**values)


def _forget(row: StockBatch, at: datetime) -> None:
    """Neither the file nor the key that opens it is needed any more."""
    StockFile.objects.filter(id=row.id).delete()
    destroy_key(_subject(row.id), at=at)


def _subject(batch_id: UUID) -> str:
    return f"stock:{batch_id}"
