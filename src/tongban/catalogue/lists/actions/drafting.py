# SPDX-License-Identifier: Apache-2.0
"""Drafts of lists: written in one organization, reviewed by another of its people, then published and frozen."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from uuid_utils.compat import uuid7

from tongban.catalogue.lists import content as contents
from tongban.catalogue.lists import queries
from tongban.catalogue.lists.actions.publishing import freeze, require_keeper, subject_of
from tongban.catalogue.lists.content import TongbanList
from tongban.catalogue.lists.errors import (
    ListCodeTaken,
    ListDraftChanged,
    ListDraftNotOpen,
    ListDraftOpen,
    ListRefused,
    ListUnchanged,
    OwnListReview,
    StatusReasonMissing,
)
from tongban.catalogue.lists.words import PUBLISHED as IN_FORCE
from tongban.catalogue.models import ListDraft, ListVersion
from tongban.catalogue.stages import DROPPED, EDITING, IN_REVIEW, OPEN, PUBLISHED, Stage
from tongban.ledger import actions as ledger
from tongban.regions import queries as regions
from tongban.standards.actor import Actor
from tongban.standards.crypto import suite
from tongban.standards.node import here
from tongban.standards.refusal import NotFound

HEAD = ("title", "scope", "regions", "feature", "basis", "note", "assumptions")


@transaction.atomic
def start_list(code: str, head: Mapping[str, Any], *, actor: Actor, at: datetime) -> ListDraft:
    """The first version of a new list of the actor's organization."""
    require_keeper(actor, queries.manages(actor))
    if ListVersion.objects.filter(publisher=actor.organization, code=code).exists():
        raise ListCodeTaken(code)
    office = regions.organization(actor.organization)
    publisher = {"code": office.code, "name": office.name, "region": office.region_code}
    said = {name: head[name] for name in HEAD if name in head}
    of = contents.convert({"code": code, "publisher": publisher, **said})
    return begin(of, None, actor, at)


@transaction.atomic
def start_draft(code: str, *, actor: Actor, at: datetime) -> ListDraft:
    """The next version of a list, begun from what was published last."""
    require_keeper(actor, queries.manages(actor))
    last = queries.current(actor.organization, code)
    return begin(last.content, last.version, actor, at)


def begin(of: TongbanList, base: int | None, actor: Actor, at: datetime) -> ListDraft:
    """A draft with these words; ListDraftOpen while there is another."""
    publisher = of.publisher.code
    if ListDraft.objects.filter(organization=publisher, code=of.code, stage__in=OPEN).exists():
        raise ListDraftOpen(title=of.title)
    draft = ListDraft(
        id=uuid7(),
        organization=publisher,
        code=of.code,
        base_version=base,
        words=contents.plain(of),
        stage=EDITING,
        changed_by=actor.name,
        begun_at=at,
        changed_at=at,
    )
    draft.save(force_insert=True)
    _tell(draft, "begun", {"base": base}, actor, at)
    return draft


def edit_head(draft_id: UUID, changes: Mapping[str, Any], *, revision: int, actor: Actor, at: datetime) -> ListDraft:
    """Title, scope, regions, basis and what else is said of the list as a whole."""
    said = {name: changes[name] for name in HEAD if name in changes}
    return _edit(draft_id, lambda plain: plain | said, {"head": sorted(said)}, revision, actor, at)


def put_entry(
    draft_id: UUID, entry: Mapping[str, Any], *, revision: int, actor: Actor, at: datetime, instead_of: str = ""
) -> ListDraft:
    """Enter a matter, or another wording of one that is there."""

    def put(plain: dict[str, Any]) -> dict[str, Any]:
        return plain | {"entries": _put(plain["entries"], dict(entry), instead_of, "entries", "编号")}

    return _edit(draft_id, put, {"entry": str(entry.get("code", ""))}, revision, actor, at)


def remove_entry(draft_id: UUID, code: str, *, revision: int, actor: Actor, at: datetime) -> ListDraft:
    """Leave a matter out of the next version; its history stays."""

    def remove(plain: dict[str, Any]) -> dict[str, Any]:
        return plain | {"entries": _without(plain["entries"], code)}

    return _edit(draft_id, remove, {"removed": code}, revision, actor, at)


def put_batch(
    draft_id: UUID, batch: Mapping[str, Any], *, revision: int, actor: Actor, at: datetime, instead_of: str = ""
) -> ListDraft:
    """Enter a batch with its deadline; entries follow one whose code changes."""
    code = str(batch.get("code", ""))

    def put(plain: dict[str, Any]) -> dict[str, Any]:
        moved = [
            one | {"batch": code} if instead_of and one["batch"] == instead_of else one for one in plain["entries"]
        ]
        batches = _put(plain["batches"], dict(batch), instead_of, "batches", "代码")
        return plain | {"batches": batches, "entries": moved}

    return _edit(draft_id, put, {"batch": code}, revision, actor, at)


def remove_batch(draft_id: UUID, code: str, *, revision: int, actor: Actor, at: datetime) -> ListDraft:
    """Take a batch out that no entry is in."""

    def remove(plain: dict[str, Any]) -> dict[str, Any]:
        if any(one["batch"] == code for one in plain["entries"]):
            raise ListRefused("batches", "这个批次还有条目，不能删除。")
        return plain | {"batches": _without(plain["batches"], code)}

    return _edit(draft_id, remove, {"removed_batch": code}, revision, actor, at)


@transaction.atomic
def discard_file(draft_id: UUID, *, revision: int, actor: Actor, at: datetime) -> ListDraft:
    """Do not take over the file that was checked."""
    draft = mine(draft_id, actor, EDITING, revision)
    draft.pending = None
    return keep(draft, "file_discarded", {}, actor, at)


@transaction.atomic
def submit(draft_id: UUID, *, revision: int, actor: Actor, at: datetime) -> ListDraft:
    """Ask another person to look at it. ListRefused while a rule is broken."""
    draft = mine(draft_id, actor, EDITING, revision)
    require_sound(draft)
    draft.stage, draft.note, draft.pending = IN_REVIEW, "", None
    draft.editors = sorted({*draft.editors, actor.pseudonym})
    return keep(draft, "submitted", {}, actor, at)


@transaction.atomic
def approve(draft_id: UUID, *, revision: int, actor: Actor, at: datetime) -> ListDraft:
    """Publish it: the reviewer is somebody who has not written in it."""
    draft = _reviewed(draft_id, revision, actor)
    require_sound(draft)
    facts = {"draft": str(draft.id), "reviewed_by": actor.pseudonym, "editors": draft.editors}
    version = freeze(queries.drafted(draft), actor=actor, at=at, facts=facts)
    draft.stage, draft.became_version = PUBLISHED, version.version
    return keep(draft, "approved", {"version": version.version}, actor, at)


@transaction.atomic
def send_back(draft_id: UUID, *, note: str, revision: int, actor: Actor, at: datetime) -> ListDraft:
    """Back to be edited, with what is wrong."""
    draft = _reviewed(draft_id, revision, actor)
    if not note.strip():
        raise StatusReasonMissing()
    draft.stage, draft.note = EDITING, note.strip()
    return keep(draft, "sent_back", {"note": draft.note}, actor, at)


@transaction.atomic
def drop(draft_id: UUID, *, revision: int, actor: Actor, at: datetime) -> ListDraft:
    """Nothing becomes of it; what is published stays as it is."""
    draft = mine(draft_id, actor, None, revision)
    draft.stage, draft.pending = DROPPED, None
    return keep(draft, "dropped", {}, actor, at)


def mine(draft_id: UUID, actor: Actor, stage: str | None, revision: int) -> ListDraft:
    """The draft, locked. NotFound for another organization's, ListDraftNotOpen, ListDraftChanged."""
    draft = ListDraft.objects.select_for_update().filter(id=draft_id, organization=queries.manages(actor)).first()
    if draft is None:
        raise NotFound(what="这份草稿")
    require_keeper(actor, draft.organization)
    if draft.stage not in OPEN or (stage is not None and draft.stage != stage):
        raise ListDraftNotOpen(stage=Stage(draft.stage).label)
    if draft.revision != revision:
        raise ListDraftChanged()
    return draft


def keep(draft: ListDraft, verb: str, facts: Mapping[str, Any], actor: Actor, at: datetime) -> ListDraft:
    """Write the draft and its line."""
    draft.revision, draft.changed_at, draft.changed_by = draft.revision + 1, at, actor.name
    draft.save()
    _tell(draft, verb, facts, actor, at)
    return draft


def require_sound(draft: ListDraft) -> None:
    """ListRefused while a rule is broken; ListUnchanged when it would publish what is in force already."""
    of = queries.drafted(draft)
    contents.check(of)
    digest = suite(here().suite).digest(contents.document(of))
    same = ListVersion.objects.filter(publisher=of.publisher.code, code=of.code, status=IN_FORCE, digest=digest)
    if same.exists():
        raise ListUnchanged()


@transaction.atomic
def _edit(
    draft_id: UUID,
    change: Callable[[dict[str, Any]], dict[str, Any]],
    facts: Mapping[str, Any],
    revision: int,
    actor: Actor,
    at: datetime,
) -> ListDraft:
    draft = mine(draft_id, actor, EDITING, revision)
    draft.words = contents.plain(contents.convert(change(dict(draft.words))))
    draft.pending = None  # it was checked against what stood here before
    draft.editors = sorted({*draft.editors, actor.pseudonym})
    return keep(draft, "edited", facts, actor, at)


def _put(listed: list[dict[str, Any]], one: dict[str, Any], instead_of: str, field: str, word: str) -> list[Any]:
    code, codes = one.get("code"), [each["code"] for each in listed]
    if code in codes and code != instead_of:
        raise ListRefused("code", f"{word}“{code}”已经有了。")
    if not instead_of:
        return [*listed, one]
    if instead_of not in codes:
        raise NotFound(what="这个条目" if field == "entries" else "这个批次")
    return [one if each["code"] == instead_of else each for each in listed]


def _without(listed: list[dict[str, Any]], code: str) -> list[dict[str, Any]]:
    rest = [each for each in listed if each["code"] != code]
    if len(rest) == len(listed):
        raise NotFound(what="这一条")
    return rest


def _reviewed(draft_id: UUID, revision: int, actor: Actor) -> ListDraft:
    draft = mine(draft_id, actor, IN_REVIEW, revision)
    if actor.pseudonym in draft.editors:
        raise OwnListReview()
    return draft


def _tell(draft: ListDraft, verb: str, facts: Mapping[str, Any], actor: Actor, at: datetime) -> None:
    subject = subject_of(draft.organization, draft.code)
    told = {"draft": str(draft.id), **facts}
    ledger.write(subject, verb=f"list.draft_{verb}", actor=actor, at=at, facts=told)
