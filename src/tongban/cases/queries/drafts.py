# SPDX-License-Identifier: Apache-2.0
"""Reading drafts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from tongban.cases.application import GivenFile, check_form, is_demanded, proved
from tongban.cases.errors import FormRefused
from tongban.cases.models import Draft
from tongban.cases.models import Signer as SignerRow
from tongban.cases.queries import attempts
from tongban.cases.queries.attempts import ATTEMPTS, Attempt, Standing
from tongban.cases.queries.fields import FieldView, SectionView, field_views, section_views
from tongban.cases.queries.repeats import BESIDE_DRAFT, Other, others
from tongban.cases.sealed import signer_context
from tongban.cases.signing import ROLES, STANDINGS, Signer, asked, digest_of, lacking
from tongban.cases.ways import Way, ways
from tongban.catalogue.content import CoApplicants, Material, Question
from tongban.catalogue.details import Paper
from tongban.catalogue.filling import Day
from tongban.catalogue.models import ItemVersion
from tongban.catalogue.queries import item_cached
from tongban.catalogue.scenario import Guidance, guide
from tongban.database import reading
from tongban.licences.models import Licence
from tongban.licences.queries import licences_of_holder
from tongban.standards import clock
from tongban.standards.actor import Actor
from tongban.standards.canonical import parse
from tongban.standards.identifiers import mask_id
from tongban.standards.node import here
from tongban.standards.refusal import NotFound
from tongban.vault import keys


@dataclass(frozen=True)
class DraftMaterial:
    """A file already given, by its place from 1."""

    number: int
    requirement: str
    filename: str
    media_type: str
    size: int  # bytes
    digest: str
    scanned: bool = False


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
    is_demanded: bool  # nothing goes on without it
    more: Paper | None  # what else is told of it
    ways: tuple[Way, ...]  # that the item leaves open
    standing: Standing  # with those that the system tries


@dataclass(frozen=True)
class Lack:
    """Something that is still to be done before submission."""

    step: str  # question, form, materials, signers
    field: str
    sentence: str


@dataclass(frozen=True)
class SignerView:
    """Somebody who confirms beside the applicant, as the applicant reads it."""

    number: int
    role_name: str
    name: str
    id_masked: str
    standing: str  # asked, confirmed, declined, void
    standing_name: str
    answered_at: datetime | None
    reason: str


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
    conditions: tuple[str, ...]  # that these answers add
    sections: tuple[SectionView, ...]  # of the form
    requirements: tuple[RequirementView, ...]
    wanted: CoApplicants | None  # who must confirm in this situation
    signers: tuple[SignerView, ...]
    missing: tuple[Lack, ...]
    submitted: str | None  # receipt number
    started_at: datetime
    updated_at: datetime
    device: str  # kind of the one it was last changed on
    step: str  # that was last changed
    digest: str  # of the content as this page shows it
    others: tuple[Other, ...]  # cases of the same person and item
    may_again: bool  # whether a reason lets one more in

    @property
    def fields(self) -> tuple[FieldView, ...]:
        """Every field that may come to apply after these answers."""
        return field_views(self.sections)


@dataclass(frozen=True)
class DraftRow:
    """A draft in a list: one's own, or one that waits for one's confirmation."""

    id: UUID
    item_name: str
    region_name: str
    updated_at: datetime
    device: str
    step: str
    is_mine: bool
    standing: str  # of who confirms


SIGNERS = (
    "(SELECT json_agg(json_build_array(s.number, s.role, encode(s.person_index, 'hex'), encode(s.sealed, 'hex'), "
    "s.state, s.digest, s.actor, s.answered_at) ORDER BY s.number) FROM cases_signer s "
    "WHERE s.case_id = cases_draft.id)"
)


def content(draft_id: UUID, actor: Actor, *, lock: bool = False) -> tuple[Draft, ItemVersion]:
    """A person's own draft with its item version. NotFound for anybody else's."""
    rows = Draft.objects.select_for_update() if lock else Draft.objects
    return _content(_own(rows.all(), draft_id, actor))


def _own(rows: "QuerySet[Draft]", draft_id: UUID, actor: Actor) -> "QuerySet[Draft]":
    """One's own draft, or that of whoever one acts for, as far as one may."""
    mine = rows.filter(id=draft_id, person_id=actor.owner)
    return mine.filter(task_code__in=actor.behalf.items) if actor.behalf and actor.behalf.items else mine


def shared_content(draft_id: UUID, actor: Actor, *, lock: bool = False) -> tuple[Draft, ItemVersion]:
    """A draft that names this person among those who confirm. NotFound for anybody else, in the same words."""
    rows = Draft.objects.select_for_update() if lock else Draft.objects
    named = SignerRow.objects.filter(case_id=draft_id, person_index=actor.index or b"-").values("case_id")
    return _content(rows.filter(id=draft_id, id__in=named))


def _content(rows: "QuerySet[Draft]", **more: RawSQL) -> tuple[Draft, ItemVersion]:
    told = {"signers_told": RawSQL(SIGNERS, ()), "attempts_told": RawSQL(ATTEMPTS, ())}  # noqa: S611  nobody's words
    draft = rows.annotate(**told, **more).first()
    if draft is None:
        raise NotFound(what="这份申请草稿")
    return draft, item_cached(draft.task_code, draft.item_version)


def unowned(draft_id: UUID) -> tuple[Draft, ItemVersion] | None:
    """A draft for the worker, which acts for nobody; locked. None when it is no more."""
    try:
        return _content(Draft.objects.select_for_update().filter(id=draft_id))
    except NotFound:
        return None


def attempts_of(draft: Draft) -> tuple[Attempt, ...]:
    """How its materials were had, opened."""
    return attempts.read(keys.unwrap(draft.wrapped), draft.id, getattr(draft, "attempts_told", None))


def opened(draft: Draft) -> dict[str, Any]:
    """What a draft holds: answers, form, files."""
    kept: dict[str, Any] = parse(keys.unseal(keys.unwrap(draft.wrapped), draft.sealed, context(draft.id)))
    return kept


def context(draft_id: UUID) -> bytes:
    """What one draft holds cannot be moved to another unseen."""
    return b"draft:" + draft_id.bytes


def signers_of(draft: Draft) -> list[Signer]:
    """Those who confirm, opened."""
    key = keys.unwrap(draft.wrapped)
    return [_signer(key, draft.id, row) for row in getattr(draft, "signers_told", None) or ()]


def _signer(key: bytes, draft_id: UUID, row: Sequence[Any]) -> Signer:
    number, role, index, sealed, state, digest, actor, answered_at = row
    kept = parse(keys.unseal(key, bytes.fromhex(sealed), signer_context(draft_id, number)))
    return Signer(
        number=number,
        role=role,
        index=bytes.fromhex(index),
        name=kept["name"],
        id_type=kept["id_type"],
        id_number=kept["id_number"],
        state=state,
        digest=digest,
        actor=actor,
        answered_at=datetime.fromisoformat(answered_at).astimezone(UTC) if answered_at else None,
        reason=kept.get("reason", ""),
    )


def draft_digest(draft: Draft, kept: dict[str, Any], signers: Sequence[Signer]) -> str:
    """What is confirmed and submitted, as one word."""
    return digest_of(keys.unwrap(draft.wrapped), draft.task_code, draft.item_version, kept, signers)


def draft(draft_id: UUID, actor: Actor) -> DraftPage:
    """A draft for its pages. NotFound when it is not this person's. One SELECT, whatever is looked up beside it."""
    mine = _own(Draft.objects.all(), draft_id, actor)
    row, version = _content(mine, others_told=RawSQL(f"({BESIDE_DRAFT})", [actor.index]))  # noqa: S611
    kept, signers = opened(row), signers_of(row)
    guidance = guide(version.item, kept["answers"])
    given, tried = [GivenFile(**file) for file in kept["files"]], attempts_of(row)
    digest, wanted = draft_digest(row, kept, signers), asked(version.item, kept["answers"])
    repeat = version.item.repeat
    return DraftPage(
        id=row.id,
        item=version,
        region_name=row.region_name,
        answers=kept["answers"],
        answered=tuple((q.code, q.text, option.text) for q, option in guidance.chosen),
        next_question=guidance.question,
        stopped=guidance.ended.advice if guidance.ended else None,
        conditions=guidance.conditions,
        sections=section_views(version.item, kept),
        requirements=tuple(_requirement(version, each, given, tried) for each in guidance.materials),
        wanted=wanted,
        signers=tuple(signer_view(each, digest) for each in signers) if wanted else (),
        missing=(
            *missing_content(version, kept, guidance),
            *(Lack("signers", "signers", sentence) for sentence in lacking(wanted, signers, digest)),
        ),
        submitted=row.receipt_no or None,
        started_at=row.started_at,
        updated_at=row.changed_at,
        device=row.device,
        step=row.step,
        digest=digest,
        others=others(getattr(row, "others_told", None)),
        may_again=repeat is None or repeat.while_open == "ask",
    )


class Asked(Protocol):
    """A material that is asked for, on whatever page."""

    @property
    def code(self) -> str: ...
    @property
    def more(self) -> Paper | None: ...


def standing_in(asked_for: Iterable[Asked], index: bytes | None) -> dict[str, tuple[Licence, ...]]:
    """By code of the material: a person's licences, issued here, that stand in for it. One read at most."""
    papers = {need.code: need.more for need in asked_for if need.more and need.more.licence}
    if not papers:
        return {}
    names, types = {more.licence_name for more in papers.values()}, {more.licence_type for more in papers.values()}
    held = licences_of_holder(index, names, types, clock.local_date(clock.now()))
    return {code: tuple(each for each in held if _stands_in(more, each)) for code, more in papers.items()}


def _stands_in(more: Paper, licence: Licence) -> bool:
    return licence.name == more.licence_name or licence.type_code == more.licence_type


def my_drafts(actor: Actor) -> list[DraftRow]:
    """What a person has begun and not submitted, and what waits for their confirmation; latest first. One SELECT."""
    asked = {"person": actor.owner, "index": actor.index or b"-", "items": scope_of(actor)}
    rows = reading.rows(MY_DRAFTS, asked)
    return [
        DraftRow(
            id=draft_id,
            item_name=item_name,
            region_name=region_name,
            updated_at=changed_at,
            device=device,
            step=step,
            is_mine=is_mine,
            standing=standing,
        )
        for draft_id, item_name, region_name, changed_at, device, step, is_mine, standing in rows
    ]


def scope_of(actor: Actor) -> list[str] | None:
    """The items to which a list is narrowed; None: all."""
    return sorted(actor.behalf.items) or None if actor.behalf else None


def own_and_waiting(rows: Sequence[DraftRow]) -> tuple[list[DraftRow], list[DraftRow]]:
    """One's own drafts, and those of others that one confirms."""
    return [row for row in rows if row.is_mine], [row for row in rows if not row.is_mine]


MY_DRAFTS = (
    "SELECT id, item_name, region_name, changed_at, device, step, true, '' FROM cases_draft "
    "WHERE person_id = %(person)s AND receipt_no = '' "
    "AND (%(items)s::text[] IS NULL OR task_code = ANY(%(items)s::text[])) "
    "UNION ALL SELECT d.id, d.item_name, d.region_name, d.changed_at, d.device, d.step, false, s.state "
    "FROM cases_signer s JOIN cases_draft d ON d.id = s.case_id "
    "WHERE s.person_index = %(index)s AND d.receipt_no = '' "
    "AND (%(items)s::text[] IS NULL OR d.task_code = ANY(%(items)s::text[])) ORDER BY 4 DESC LIMIT 20"
)


def signer_view(signer: Signer, digest: str) -> SignerView:
    """Somebody who confirms, in words."""
    standing = signer.standing(digest)
    return SignerView(
        number=signer.number,
        role_name=ROLES.get(signer.role, signer.role),
        name=signer.name,
        id_masked=mask_id(signer.id_number),
        standing=standing,
        standing_name=STANDINGS[standing],
        answered_at=signer.answered_at,
        reason=signer.reason,
    )


def _requirement(
    version: ItemVersion, material: Material, given: Sequence[GivenFile], tried: Sequence[Attempt]
) -> RequirementView:
    digests = {file.digest for file in given if file.requirement == material.code}
    open_ways = ways(version.item, material)
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
        is_demanded=is_demanded(material),
        more=material.more,
        ways=open_ways,
        standing=attempts.standing(material.code, open_ways, tried, digests),
    )


def missing_content(version: ItemVersion, kept: dict[str, Any], guidance: Guidance) -> list[Lack]:
    """All that its writer has still to add, in the order of the steps."""
    if guidance.question is not None:
        return [Lack("question", guidance.question.code, f"请回答：{guidance.question.text}")]
    lacks = []
    try:
        form = {**kept["form"], **proved(version.item, kept)}
        check_form(version.item, kept["answers"], form, Day(clock.today(), here().demo))
    except FormRefused as no:
        lacks += [Lack("form", field, sentence) for field, sentence in no.errors.items()]
    have = {file["requirement"] for file in kept["files"]}
    lacks += [
        Lack("materials", material.code, f"请上传{material.name}。")
        for material in guidance.materials
        if is_demanded(material) and material.code not in have
    ]
    return lacks
