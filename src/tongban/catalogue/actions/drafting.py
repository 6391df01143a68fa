# SPDX-License-Identifier: Apache-2.0
"""Drafts: written in one organization, seen by nobody else, reviewed by another person, then published and frozen."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from django.db import transaction
from uuid_utils.compat import uuid7

from tongban.catalogue import basics, checks, elements, queries
from tongban.catalogue import content as contents
from tongban.catalogue.actions.laying import basic_subject, lay_down
from tongban.catalogue.actions.publishing import freeze, require_keeper, subject_of
from tongban.catalogue.errors import (
    DraftChanged,
    DraftFaulty,
    DraftNotOpen,
    DraftOpen,
    ElementLocked,
    ElementUnknown,
    NotClaimed,
    OwnReview,
    ReasonMissing,
)
from tongban.catalogue.models import Draft
from tongban.catalogue.stages import BASIC, DROPPED, EDITING, IN_REVIEW, ITEM, OPEN, PUBLISHED, Stage
from tongban.ledger import actions as ledger
from tongban.regions import queries as regions
from tongban.standards.actor import Actor
from tongban.standards.clock import local_date
from tongban.standards.enums import UseLevel
from tongban.standards.refusal import BadInput, NotFound


@transaction.atomic
def start_draft(basic_code: str, *, actor: Actor, at: datetime) -> Draft:
    """The next version of what the actor's organization has claimed, begun from what it published last."""
    require_keeper(actor, actor.organization)
    organization = regions.organization(actor.organization)
    item = queries.inherited(basic_code, organization.region_code)
    claim = queries.claim_of(organization.code, basic_code)
    if claim is None or not claim.task_code:
        raise NotClaimed(name=item.name)
    last = next(iter(queries.versions(claim.task_code)), None)
    words = basics.local_of(item, last.content) if last else {}
    said = {"kind": ITEM, "subject_code": claim.task_code, "words": words, "base_version": last and last.version}
    return _begin(_new(actor, at, basic_code, organization.region_code, **said), item.name, actor, at)


@transaction.atomic
def start_basic_draft(basic_code: str, *, actor: Actor, at: datetime) -> Draft:
    """The next version of what the actor's own region lays down for a basic item."""
    require_keeper(actor, actor.organization)
    region = regions.organization(actor.organization).region_code
    last = queries.layer(basic_code, region)
    if last is not None and last.publisher != actor.organization:
        require_keeper(actor, last.publisher)
    words = dict(last.layer.elements) if last else {}
    levels = [str(each) for each in last.layer.levels] if last else []
    said = {"kind": BASIC, "subject_code": f"{basic_code}/{region}", "words": words, "levels": levels}
    begun = _new(actor, at, basic_code, region, **said, base_version=last and last.version)
    return _begin(begun, str(words.get("name", basic_code)), actor, at)


@transaction.atomic
def edit(
    draft_id: UUID,
    changes: Mapping[str, Any],
    *,
    revision: int,
    actor: Actor,
    at: datetime,
    levels: list[str] | None = None,
) -> Draft:
    """Put other values for some elements; None takes one out. ElementLocked for what a level above has fixed."""
    draft = _mine(draft_id, actor, EDITING, revision)
    words = dict(draft.words)
    for path, value in changes.items():
        _require_open(draft, path)
        words = (
            elements.without(words, path) if value is None else elements.put(words, path, basics.fitting(path, value))
        )
    draft.words = words
    if levels is not None:
        draft.levels = _levels(levels)
    draft.editors = sorted({*draft.editors, actor.pseudonym})
    told = {"elements": sorted(changes), "revision": draft.revision + 1}
    return _keep(draft, "edited", told, actor, at)


@transaction.atomic
def submit(draft_id: UUID, *, revision: int, actor: Actor, at: datetime, effective_from: date | None = None) -> Draft:
    """Ask another person to look at it. DraftFaulty while a rule is broken; the day may not be past."""
    draft = _mine(draft_id, actor, EDITING, revision)
    if effective_from is not None and effective_from < local_date(at):
        raise BadInput("effective_from", "生效日期不能早于今天。")
    _require_sound(draft)
    draft.stage, draft.effective_from, draft.note = IN_REVIEW, effective_from, ""
    draft.editors = sorted({*draft.editors, actor.pseudonym})
    return _keep(draft, "submitted", {"effective_from": str(effective_from or "")}, actor, at)


@transaction.atomic
def approve(draft_id: UUID, *, revision: int, actor: Actor, at: datetime) -> Draft:
    """Publish it: the reviewer is somebody who has not written in it. Rules are looked at again as they are today."""
    draft = _reviewed(draft_id, revision, actor)
    _require_sound(draft)
    facts = {"draft": str(draft.id), "reviewed_by": actor.pseudonym, "editors": draft.editors}
    day = max(draft.effective_from, local_date(at)) if draft.effective_from else None
    if draft.kind == ITEM:
        item = contents.convert(queries.composed(draft))
        version = freeze(item, actor=actor, at=at, effective_from=day, facts=facts).version
    else:
        layer = basics.convert(queries.composed(draft))
        version = lay_down(layer, actor=actor, at=at, effective_from=day, facts=facts).version
    draft.stage, draft.became_version = PUBLISHED, version
    return _keep(draft, "approved", {"version": version}, actor, at)


@transaction.atomic
def send_back(draft_id: UUID, *, note: str, revision: int, actor: Actor, at: datetime) -> Draft:
    """Back to be edited, with what is wrong."""
    draft = _reviewed(draft_id, revision, actor)
    if not note.strip():
        raise ReasonMissing("note")
    draft.stage, draft.note = EDITING, note.strip()
    return _keep(draft, "sent_back", {"note": draft.note}, actor, at)


@transaction.atomic
def drop(draft_id: UUID, *, revision: int, actor: Actor, at: datetime) -> Draft:
    """Nothing becomes of it; what is published stays as it is."""
    draft = _mine(draft_id, actor, None, revision)
    draft.stage = DROPPED
    return _keep(draft, "dropped", {}, actor, at)


def _begin(begun: Draft, name: str, actor: Actor, at: datetime) -> Draft:
    open_ones = Draft.objects.filter(organization=begun.organization, subject_code=begun.subject_code, stage__in=OPEN)
    if open_ones.exists():
        raise DraftOpen(name=name)
    begun.save(force_insert=True)
    _tell(begun, "begun", {"base": begun.base_version}, actor, at)
    return begun


def _new(actor: Actor, at: datetime, basic_code: str, region: str, **said: Any) -> Draft:
    return Draft(
        id=uuid7(),
        basic_code=basic_code,
        organization=actor.organization,
        region_code=region,
        stage=EDITING,
        changed_by=actor.name,
        begun_at=at,
        changed_at=at,
        **said,
    )


def _mine(draft_id: UUID, actor: Actor, stage: str | None, revision: int) -> Draft:
    """The draft, locked. NotFound for another organization's, DraftNotOpen, DraftChanged."""
    draft = Draft.objects.select_for_update().filter(id=draft_id, organization=actor.organization or "-").first()
    if draft is None:
        raise NotFound(what="这份草稿")
    require_keeper(actor, draft.organization)
    if draft.stage not in OPEN or (stage is not None and draft.stage != stage):
        raise DraftNotOpen(stage=Stage(draft.stage).label)
    if draft.revision != revision:
        raise DraftChanged()
    return draft


def _reviewed(draft_id: UUID, revision: int, actor: Actor) -> Draft:
    draft = _mine(draft_id, actor, IN_REVIEW, revision)
    if actor.pseudonym in draft.editors:
        raise OwnReview()
    return draft


def _require_open(draft: Draft, path: str) -> None:
    if path not in elements.units():
        raise ElementUnknown(element=path)
    if draft.kind == BASIC:
        return  # what a layer may fix is looked at when it is submitted
    above = queries.inherited(draft.basic_code, draft.region_code)
    if not above.may_edit(path):
        keeper = above.fixed_by[path].name if path in above.fixed_by else elements.KEEPERS[above.keeper_of(path)]
        raise ElementLocked(field=path, element=elements.name_of(path), keeper=keeper)


def _require_sound(draft: Draft) -> None:
    found = [
        fault for fault in checks.faults_of(draft.kind, queries.composed(draft), queries.above(draft)) if fault.stops
    ]
    if found:
        raise DraftFaulty(field=found[0].place, count=len(found), first=found[0].says)


def _levels(words: list[str]) -> list[str]:
    known = {str(level) for level in UseLevel}
    if not words or not set(words) <= known:
        raise BadInput("levels", "请至少选择一个行使层级。")
    return [level for level in map(str, UseLevel) if level in words]


def _keep(draft: Draft, verb: str, facts: Mapping[str, Any], actor: Actor, at: datetime) -> Draft:
    draft.revision, draft.changed_at, draft.changed_by = draft.revision + 1, at, actor.name
    draft.save()
    _tell(draft, verb, facts, actor, at)
    return draft


def _tell(draft: Draft, verb: str, facts: Mapping[str, Any], actor: Actor, at: datetime) -> None:
    region = draft.region_code
    subject = subject_of(draft.subject_code) if draft.kind == ITEM else basic_subject(draft.basic_code, region)
    told = {"draft": str(draft.id), **msgspec.to_builtins(dict(facts))}
    ledger.write(subject, verb=f"{draft.kind}.draft_{verb}", actor=actor, at=at, facts=told)
