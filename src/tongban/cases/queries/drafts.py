# SPDX-License-Identifier: Apache-2.0
"""Reading drafts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.cases.application import GivenFile, check_form
from tongban.cases.errors import FormRefused
from tongban.cases.models import Draft
from tongban.catalogue.content import Field, Material, Question
from tongban.catalogue.models import ItemVersion
from tongban.catalogue.queries import item_cached
from tongban.catalogue.scenario import Guidance, guide
from tongban.standards.actor import Actor
from tongban.standards.canonical import parse
from tongban.standards.refusal import NotFound
from tongban.vault import keys


@dataclass(frozen=True)
class FieldView:
    """One field with what stands in it."""

    name: str
    label: str
    type: str
    required: bool
    max: int
    help: str
    choices: tuple[tuple[str, str], ...]
    value: str
    prefilled: bool  # proved by the sign-in; shown, not asked
    shown: str  # the value in words


@dataclass(frozen=True)
class DraftMaterial:
    """A file already given, by its place from 1."""

    number: int
    requirement: str
    filename: str
    media_type: str
    size: int  # bytes
    digest: str


@dataclass(frozen=True)
class RequirementView:
    """A material that is asked for, with the files given for it."""

    code: str
    name: str
    necessity: str
    accept_note: str
    types: tuple[str, ...]
    max_bytes: int
    given: tuple[DraftMaterial, ...]


@dataclass(frozen=True)
class Lack:
    """Something that is still to be done before submission."""

    step: str  # question, form, materials
    field: str
    sentence: str


@dataclass(frozen=True)
class DraftPage:
    """A draft as its pages show it."""

    id: UUID
    item: ItemVersion
    region_name: str
    answers: dict[str, str]
    answered: tuple[tuple[str, str, str], ...]  # code, question, answer
    next_question: Question | None
    stopped: str | None  # the advice with which the guidance ended
    fields: tuple[FieldView, ...]
    requirements: tuple[RequirementView, ...]
    missing: tuple[Lack, ...]
    submitted: str | None  # receipt number
    started_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class DraftRow:
    """A draft in a list."""

    id: UUID
    item_name: str
    region_name: str
    updated_at: datetime


def content(draft_id: UUID, actor: Actor, *, lock: bool = False) -> tuple[Draft, ItemVersion]:
    """A person's own draft with its item version. NotFound for anybody else's."""
    rows = Draft.objects.select_for_update() if lock else Draft.objects
    draft = rows.filter(id=draft_id, person_id=actor.id).first()
    if draft is None:
        raise NotFound(what="这份申请草稿")
    return draft, item_cached(draft.task_code, draft.item_version)


def opened(draft: Draft) -> dict[str, Any]:
    """What a draft holds: answers, form, files."""
    kept: dict[str, Any] = parse(keys.unseal(keys.unwrap(draft.wrapped), draft.sealed, context(draft.id)))
    return kept


def context(draft_id: UUID) -> bytes:
    """What one draft holds cannot be moved to another unseen."""
    return b"draft:" + draft_id.bytes


def draft(draft_id: UUID, actor: Actor) -> DraftPage:
    """A draft for its pages. NotFound when it is not this person's."""
    row, version = content(draft_id, actor)
    kept = opened(row)
    guidance = guide(version.item, kept["answers"])
    given = [GivenFile(**file) for file in kept["files"]]
    return DraftPage(
        id=row.id,
        item=version,
        region_name=row.region_name,
        answers=kept["answers"],
        answered=tuple((q.code, q.text, option.text) for q, option in guidance.chosen),
        next_question=guidance.question,
        stopped=guidance.ended.advice if guidance.ended else None,
        fields=tuple(field_view(field, kept["form"].get(field.name, "")) for field in version.item.form),
        requirements=tuple(_requirement(material, given) for material in guidance.materials),
        missing=tuple(_missing(version, kept, guidance, given)),
        submitted=row.receipt_no or None,
        started_at=row.started_at,
        updated_at=row.changed_at,
    )


def my_drafts(actor: Actor) -> list[DraftRow]:
    """What a person has begun and not submitted, latest first."""
    rows = Draft.objects.filter(person_id=actor.id, receipt_no="").order_by("-changed_at")[:20]
    return [
        DraftRow(id=row.id, item_name=row.item_name, region_name=row.region_name, updated_at=row.changed_at)
        for row in rows
    ]


def field_view(field: Field, value: str) -> FieldView:
    """A field of the form with what stands in it."""
    choices = tuple((choice.code, choice.text) for choice in field.choices)
    return FieldView(
        name=field.name,
        label=field.label,
        type=field.type,
        required=field.required,
        max=field.max,
        help=field.help,
        choices=choices,
        value=value,
        prefilled=bool(field.prefill) and field.personal == "identity" and bool(value),
        shown=dict(choices).get(value, value),
    )


def _requirement(material: Material, given: Sequence[GivenFile]) -> RequirementView:
    return RequirementView(
        code=material.code,
        name=material.name,
        necessity=material.necessity,
        accept_note=material.accept_note,
        types=material.types,
        max_bytes=material.max_bytes,
        given=tuple(
            DraftMaterial(number, **file.plain())
            for number, file in enumerate(given, start=1)
            if file.requirement == material.code
        ),
    )


def _missing(version: ItemVersion, kept: dict[str, Any], guidance: Guidance, given: Sequence[GivenFile]) -> list[Lack]:
    """All that stands between this draft and its submission, in the order of the steps."""
    if guidance.question is not None:
        return [Lack("question", guidance.question.code, f"请回答：{guidance.question.text}")]
    lacks = []
    try:
        check_form(version.item, kept["form"])
    except FormRefused as no:
        lacks += [Lack("form", field, sentence) for field, sentence in no.errors.items()]
    have = {file.requirement for file in given}
    lacks += [
        Lack("materials", material.code, f"请上传{material.name}。")
        for material in guidance.materials
        if material.necessity == "required" and material.code not in have
    ]
    return lacks
