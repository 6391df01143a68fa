# SPDX-License-Identifier: Apache-2.0
"""Importing items: a file is handed over, judged by the worker, confirmed by a second person, published as a whole.

What is published is published in one transaction; the other nodes are told afterwards, a batch at a time, from rows
that are there until they have been told.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import DatabaseError, IntegrityError, connection, transaction
from uuid_utils.compat import uuid7

from tongban.catalogue.actions.publishing import require_keeper, subject_of
from tongban.catalogue.errors import ImportMovedOn, ImportNotOpen, ImportTooLarge, OwnConfirmation, ReasonMissing
from tongban.catalogue.models import BasicVersion, ImportFile, ImportRow, ItemImport
from tongban.catalogue.tables import queries
from tongban.catalogue.tables.judging import Judge
from tongban.catalogue.tables.reading import BOUNDS, LARGE, Bounds, read
from tongban.catalogue.tables.report import Fault
from tongban.catalogue.tables.stages import (
    CONFIRMED,
    DROPPED,
    FAULTY,
    IN_REVIEW,
    JUDGING,
    OPEN,
    PUBLISHED,
    READY,
    TELLING,
    UNCHANGED,
    WAITING,
    ImportStage,
)
from tongban.catalogue.tables.weighing import Judged
from tongban.database.copying import copy_rows
from tongban.exchange import actions as exchange
from tongban.exchange.actions.writing import News
from tongban.ledger import actions as ledger
from tongban.ledger.lines import Entry
from tongban.regions import queries as regions
from tongban.regions.errors import NoTrustList
from tongban.standards.actor import Actor, Role, system
from tongban.standards.clock import local_date
from tongban.standards.crypto import suite
from tongban.standards.enums import Source
from tongban.standards.node import here
from tongban.standards.refusal import BadInput, NotAllowed

LEASE = timedelta(minutes=30)  # how long a worker may be silent before another takes an import up anew
TOLD_AT_ONCE = 100  # items in one transaction of telling
TOGETHER = 1000  # rows written at once while judging
ROW = {
    **{"import_id": "uuid", "number": "int4", "task_code": "text", "base_version": "int4", "level": "text"},
    **{"publisher": "text", "publisher_name": "text", "region_code": "text", "name": "text", "mode": "text"},
    **{"document": "bytea", "digest": "text"},
}
TAKE = (
    "UPDATE catalogue_import SET lease = %s, stage = CASE stage WHEN 'waiting' THEN 'judging' ELSE stage END "
    "WHERE id = (SELECT id FROM catalogue_import WHERE stage IN ('waiting', 'judging', 'confirmed', 'telling') "
    "AND (lease IS NULL OR lease < %s) ORDER BY begun_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id"
)
MOVED_ON = (
    "SELECT EXISTS (SELECT 1 FROM catalogue_import_row told WHERE import_id = %s AND base_version <> COALESCE("
    "(SELECT max(version) FROM catalogue_item_version kept WHERE kept.task_code = told.task_code), 0))"
)
END_BEFORE = (
    "UPDATE catalogue_item_version kept SET status = CASE WHEN %s THEN 'superseded' ELSE status END, "
    "effective_to = GREATEST(effective_from, LEAST(effective_to, %s::date - 1)) FROM catalogue_import_row told "
    "WHERE told.import_id = %s AND kept.task_code = told.task_code AND kept.status IN ('published', 'suspended')"
)
GIVE_UP = (
    "UPDATE catalogue_item_version kept SET status = 'superseded', effective_to = effective_from - 1 "
    "FROM catalogue_import_row told WHERE told.import_id = %s AND kept.task_code = told.task_code "
    "AND kept.status = 'scheduled' AND kept.effective_from >= %s"
)
PUBLISH = (
    "INSERT INTO catalogue_item_version (task_code, version, publisher, publisher_name, node_code, region_code, name, "
    "mode, document, digest, status, origin, published_at, effective_from) "
    "SELECT task_code, base_version + 1, publisher, publisher_name, %s, region_code, name, mode, document, digest, "
    "%s, 'own', %s, %s FROM catalogue_import_row WHERE import_id = %s ORDER BY task_code"
)
CLAIM = (
    "INSERT INTO catalogue_claim (organization, basic_code, region_code, standing, level, task_code, reason, actor, at)"
    " SELECT publisher, substr(task_code, 20, 12), region_code, 'claimed', level, task_code, '', %s, %s "
    "FROM catalogue_import_row WHERE import_id = %s AND level <> '' ON CONFLICT (organization, basic_code) DO UPDATE "
    "SET (standing, level, task_code, reason, actor, at) = (EXCLUDED.standing, EXCLUDED.level, EXCLUDED.task_code, "
    "EXCLUDED.reason, EXCLUDED.actor, EXCLUDED.at)"
)
PUBLISHED_ROWS = (
    "SELECT task_code, base_version + 1, digest FROM catalogue_import_row WHERE import_id = %s ORDER BY task_code"
)
CLAIMED_ROWS = (
    "SELECT publisher, substr(task_code, 20, 12), level, task_code FROM catalogue_import_row "
    "WHERE import_id = %s AND level <> '' ORDER BY task_code"
)


@transaction.atomic
def begin(
    data: bytes,
    file_name: str,
    *,
    actor: Actor,
    at: datetime,
    effective_from: date | None = None,
    source: Source = Source.EXCHANGE,
    bounds: Bounds = BOUNDS,
    organization: str = "",
    in_hand: bool = False,
) -> ItemImport:
    """Hand a file over to be judged. The same file, while it is under way, is the same import.

    The node itself may hand one over for an organization's managers, or for all of its organizations; what the caller
    has `in_hand` no worker takes up.
    """
    organization = organization if actor.role is Role.SYSTEM else _organization(actor)
    if len(data) > bounds.bytes:
        raise ImportTooLarge(field="file", most=bounds.bytes // 1_000_000)
    if not data:
        raise BadInput("file", "请选择一个不是空的文件。")
    if effective_from is not None and effective_from < local_date(at):
        raise BadInput("effective_from", "生效日期不能早于今天。")
    digest = suite(here().suite).digest(data)
    known = {"organization": organization, "file_digest": digest, "effective_from": effective_from, "source": source}
    open_one = ItemImport.objects.filter(**known, stage__in=OPEN).order_by("-begun_at").first()
    if open_one is not None:
        return open_one
    who = {"begun_by": actor.name, "begun_at": at, "changed_by": actor.name, "changed_at": at}
    name = file_name.replace("\\", "/").rsplit("/", 1)[-1][-200:] or "文件"
    told = ItemImport(
        id=uuid7(),
        lease=at + LEASE if in_hand else None,
        file_name=name,
        size=len(data),
        stage=WAITING,
        editors=[actor.pseudonym],
        **known,
        **who,
    )
    told.save(force_insert=True)
    ImportFile(id=told.id, content=data).save(force_insert=True)
    _tell(told, "begun", {"digest": digest, "size": len(data)}, actor, at)
    return told


@transaction.atomic
def submit(import_id: UUID, *, actor: Actor, at: datetime) -> ItemImport:
    """Ask another person to confirm what the dry run has shown."""
    told = _mine(import_id, actor, READY)
    told.stage, told.note = IN_REVIEW, ""
    told.editors = sorted({*told.editors, actor.pseudonym})
    return _keep(told, "submitted", {}, actor, at)


@transaction.atomic
def confirm(import_id: UUID, *, actor: Actor, at: datetime) -> ItemImport:
    """Publish it as a whole: by somebody who has neither handed it over nor submitted it. The worker does it."""
    told = _mine(import_id, actor, READY if actor.role is Role.SYSTEM else IN_REVIEW)
    if actor.role is not Role.SYSTEM and actor.pseudonym in told.editors:
        raise OwnConfirmation()
    told.stage, told.confirmed_by, told.done, told.total = CONFIRMED, actor.pseudonym, 0, told.new + told.changed
    return _keep(told, "confirmed", {"new": told.new, "changed": told.changed, "claims": told.claims}, actor, at)


@transaction.atomic
def send_back(import_id: UUID, *, note: str, actor: Actor, at: datetime) -> ItemImport:
    """Not to be published so, and why."""
    told = _mine(import_id, actor, IN_REVIEW)
    if actor.pseudonym in told.editors:
        raise OwnConfirmation()
    if not note.strip():
        raise ReasonMissing("note")
    told.stage, told.note = READY, note.strip()
    return _keep(told, "sent_back", {"note": told.note}, actor, at)


@transaction.atomic
def judge_again(import_id: UUID, *, actor: Actor, at: datetime) -> ItemImport:
    """Judge the same file anew, against what is laid down and published now."""
    told = _mine(import_id, actor, FAULTY, READY)
    told.stage, told.note = WAITING, ""
    return _keep(told, "judged_again", {}, actor, at)


@transaction.atomic
def drop(import_id: UUID, *, actor: Actor, at: datetime) -> ItemImport:
    """Nothing becomes of it; the file is not kept."""
    told = _mine(import_id, actor, *OPEN)
    told.stage = DROPPED
    _forget(told.id)
    return _keep(told, "dropped", {}, actor, at)


def work_once(at: datetime) -> bool:
    """Judge, publish or tell what waits, oldest first. False when nothing does.

    What a worker has in hand is leased: when it was killed, another takes it up anew after a while.
    """
    with connection.cursor() as cursor:
        cursor.execute(TAKE, [at + LEASE, at])
        taken = cursor.fetchone()
    if taken is None:
        return False
    work(taken[0], at)
    return True


def work(import_id: UUID, at: datetime, tell: Callable[[int, int], None] = lambda done, of: None) -> ItemImport:
    """Do the next long part of an import that this caller has in hand."""
    told = ItemImport.objects.get(id=import_id)
    if told.stage in (WAITING, JUDGING):
        _judge_or_say(told, at, tell)
    elif told.stage == CONFIRMED:
        try:
            _publish(told, at)
        except (ImportMovedOn, IntegrityError):
            note = "核对之后目录或者事项有了变化，已重新核对，请再看一遍后提交。"
            _set(told, stage=WAITING, note=note, confirmed_by="", lease=None)
    elif told.stage == TELLING:
        _announce(told, at)
    if told.lease is not None:
        _set(told, lease=None)
    return told


def _judge_or_say(told: ItemImport, at: datetime, tell: Callable[[int, int], None]) -> None:
    """A fault of our own is told to whoever waits, and not tried again and again."""
    try:
        _judge(told, at, tell)
    except DatabaseError:
        raise  # it will be tried again when the lease is over
    except Exception:
        says = "核对时程序出错，已记入日志，请联系运行人员；文件没有问题的，可以用原文件再核对。"
        _set(told, stage=FAULTY, report=[Fault("internal", says).cells()], errors=1, warnings=0, lease=None)
        raise


def _judge(told: ItemImport, at: datetime, tell: Callable[[int, int], None]) -> None:
    ImportRow.objects.filter(import_id=told.id).delete()

    def progress(done: int, of: int) -> None:
        _set(told, stage=JUDGING, done=done, total=of)  # seen at once: this is no part of a transaction
        tell(done, of)

    progress(0, 0)
    laid = BasicVersion.objects.count()  # before they are read: one that comes meanwhile is noticed
    judge = Judge(
        read(queries.file_of(told.id), told.file_name, BOUNDS if told.organization else LARGE),
        Source(told.source),
        queries.offices_of(told.organization),
        here().suite,
        progress,
    )
    for some in _some(judge.judged()):
        if not judge.report.stops:
            copy_rows("catalogue_import_row", ROW, (_copied(told.id, each) for each in some))
    report, counts = judge.report, judge.counts
    stage = FAULTY if report.stops else READY if counts.new + counts.changed else UNCHANGED
    if stage == FAULTY:
        ImportRow.objects.filter(import_id=told.id).delete()
    told_of = {"report": list(report.rows())[1:], "errors": report.errors, "warnings": report.warnings, **vars(counts)}
    _set(told, stage=stage, judged_at=at, laid=laid, **told_of)


def _some(judged: Iterable[Judged]) -> Iterator[list[Judged]]:
    kept: list[Judged] = []
    for each in judged:
        kept.append(each)
        if len(kept) == TOGETHER:
            yield kept
            kept = []
    if kept:
        yield kept


def _copied(import_id: UUID, each: Judged) -> tuple[Any, ...]:
    office = each.office
    identity = (import_id, each.number, each.task_code, each.base_version, each.level)
    return (*identity, office.code, office.name, office.region, each.name, each.mode, each.document, each.digest)


@transaction.atomic
def _publish(told: ItemImport, at: datetime) -> None:
    """All of it or nothing."""
    if ItemImport.objects.select_for_update().get(id=told.id).stage != CONFIRMED:
        return
    today = local_date(at)
    day = max(told.effective_from or today, today)
    if BasicVersion.objects.count() != told.laid:
        raise ImportMovedOn()
    with connection.cursor() as cursor:
        cursor.execute(MOVED_ON, [told.id])
        if cursor.fetchone()[0]:
            raise ImportMovedOn()
        cursor.execute(END_BEFORE, [day <= today, day, told.id])
        cursor.execute(GIVE_UP, [told.id, day])
        standing = "published" if day <= today else "scheduled"
        cursor.execute(PUBLISH, [here().code, standing, at, day, told.id])
        if told.claims:
            cursor.execute(CLAIM, [told.confirmed_by, at, told.id])
    ledger.write_many(_lines(told, at))
    if told.claims:
        ledger.write_many(_claim_lines(told, at))
    _set(told, stage=TELLING, done=0, total=told.new + told.changed, changed_at=at)
    _tell(told, "published", {"new": told.new, "changed": told.changed}, system(here().code), at)


def _lines(told: ItemImport, at: datetime) -> Iterator[tuple[str, Entry]]:
    known = {"import": str(told.id), "reviewed_by": told.confirmed_by, "editors": told.editors}
    for task, version, digest in _rows(PUBLISHED_ROWS, told.id):
        facts = {"task_code": task, "version": version, "digest": digest, **known}
        yield subject_of(task), Entry("item.published", told.confirmed_by, at, facts)


def _claim_lines(told: ItemImport, at: datetime) -> Iterator[tuple[str, Entry]]:
    for office, basic, level, task in _rows(CLAIMED_ROWS, told.id):
        said = {"standing": "claimed", "level": level, "task_code": task, "reason": ""}
        facts = {"organization": office, "basic_code": basic, "import": str(told.id), **said}
        yield f"claim/{office}/{basic}", Entry("item.claimed", told.confirmed_by, at, facts)


def _rows(sql: str, import_id: UUID) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, [import_id])
        return list(cursor.fetchall())


@transaction.atomic
def _announce(told: ItemImport, at: datetime) -> None:
    """Tell the other nodes of the next items; with the last of them the import is over."""
    kept = ItemImport.objects.select_for_update().get(id=told.id)
    if kept.stage != TELLING:
        return
    rows = list(ImportRow.objects.filter(import_id=told.id).order_by("number")[:TOLD_AT_ONCE])
    recipients: list[str] = []
    with suppress(NoTrustList):  # nobody to tell yet: `announce` does it when this node has joined
        recipients = [node.code for node in regions.trust_list().peers(here().code)]
    day = max(kept.effective_from or local_date(kept.changed_at), local_date(kept.changed_at))
    if not rows or not recipients:
        _set(told, stage=PUBLISHED, done=told.total, lease=None)
        _forget(told.id)
        return
    exchange.send_many(recipients, [_news(row, day) for row in rows], at=at)
    ImportRow.objects.filter(import_id=told.id, number__lte=rows[-1].number).delete()
    _set(told, done=min(told.done + len(rows), told.total))


def _news(row: ImportRow, day: date) -> News:
    body = {
        "version": row.base_version + 1,
        "document": bytes(row.document).decode(),
        "digest": row.digest,
        "effective_from": day.isoformat(),
    }
    return News(kind="item.published", subject=subject_of(row.task_code), body=body)


def _organization(actor: Actor) -> str:
    """Whose items the file may hold: the manager's organization."""
    if actor.role is not Role.ITEM_MANAGER or not actor.organization:
        raise NotAllowed()
    require_keeper(actor, actor.organization)
    return actor.organization


def _mine(import_id: UUID, actor: Actor, *stages: str) -> ItemImport:
    """The import, locked. NotFound for another organization's, ImportNotOpen."""
    queries.item_import(import_id, actor)
    told = ItemImport.objects.select_for_update().get(id=import_id)
    if told.organization:
        require_keeper(actor, told.organization)
    if told.stage not in stages:
        raise ImportNotOpen(stage=ImportStage(told.stage).label)
    return told


def _keep(told: ItemImport, verb: str, facts: dict[str, Any], actor: Actor, at: datetime) -> ItemImport:
    told.changed_at, told.changed_by = at, actor.name
    told.save()
    _tell(told, verb, facts, actor, at)
    return told


def _tell(told: ItemImport, verb: str, facts: dict[str, Any], actor: Actor, at: datetime) -> None:
    known = {"import": str(told.id), "organization": told.organization, **facts}
    ledger.write(f"import/{told.id}", verb=f"import.{verb}", actor=actor, at=at, facts=known)


def _set(told: ItemImport, **values: Any) -> None:
    """Keep where the work stands, at once."""
    for name, value in values.items():
        setattr(told, name, value)
    ItemImport.objects.filter(id=told.id).update(**values)


def _forget(import_id: UUID) -> None:
    ImportRow.objects.filter(import_id=import_id).delete()
    ImportFile.objects.filter(id=import_id).delete()
