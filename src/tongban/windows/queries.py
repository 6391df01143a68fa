# SPDX-License-Identifier: Apache-2.0
"""Reading what is under way at a window."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from tongban.cases.application import GivenFile, check_form, is_demanded, proved
from tongban.cases.errors import FormRefused
from tongban.cases.queries import attempts
from tongban.cases.queries.drafts import DraftMaterial, Lack, standing_in
from tongban.cases.queries.fields import FieldView, SectionView, field_views, section_views
from tongban.cases.queries.given import notice_pdf, notice_view
from tongban.cases.queries.views import FileView, NoticeView
from tongban.cases.signing import asked
from tongban.cases.ways import fetched, ways
from tongban.catalogue.content import CoApplicants, Question
from tongban.catalogue.details import Paper
from tongban.catalogue.filling import Day
from tongban.catalogue.models import ItemVersion
from tongban.catalogue.queries import item_cached
from tongban.catalogue.scenario import Guidance, guide
from tongban.identity.queries import VerificationView, verification
from tongban.identity.sealing import id_index
from tongban.licences.models import Licence, LicenceNumber
from tongban.licences.queries import licence
from tongban.regions.queries import region_names
from tongban.standards import clock
from tongban.standards.actor import Actor, Role
from tongban.standards.canonical import parse
from tongban.standards.identifiers import mask_id
from tongban.standards.node import here
from tongban.standards.refusal import NotAllowed, NotFound
from tongban.vault import keys
from tongban.windows import formal
from tongban.windows.models import Intake, Stage


@dataclass(frozen=True)
class CheckView:
    """One material of the rule card, with what was found and given."""

    code: str
    name: str
    necessity: str
    accept_note: str
    types: tuple[str, ...]
    max_bytes: int
    verdict: str  # good, lacking, or empty
    note: str
    original: bool
    given: tuple[DraftMaterial, ...]
    is_demanded: bool  # nothing goes on without it
    more: Paper | None  # what else is told of it
    standing: attempts.Standing  # with the ways that the system tries


@dataclass(frozen=True)
class IntakeRow:
    """An intake in a list."""

    id: UUID
    applicant_name: str
    item_name: str
    state: str
    state_name: str
    receipt_no: str
    changed_at: datetime


@dataclass(frozen=True)
class IntakePage:
    """An intake as its pages show it."""

    id: UUID
    state: str
    applicant: dict[str, str]  # name, id_number, phone; empty before the first step
    agent: dict[str, str]  # who stands here for them; empty when they are here themselves
    id_masked: str
    verification: VerificationView | None
    item: ItemVersion | None
    region_name: str
    answers: dict[str, str]
    answered: tuple[tuple[str, str, str], ...]
    next_question: Question | None
    stopped: str | None
    conditions: tuple[str, ...]  # that these answers add
    sections: tuple[SectionView, ...]  # of the form
    requirements: tuple[CheckView, ...]
    wanted: CoApplicants | None  # who must sign beside the applicant in this situation
    signers: tuple[dict[str, Any], ...]  # role, name, id_number, signed as entered; said: of their identity
    delivery: str
    address: str
    parcel_no: str
    missing: tuple[Lack, ...]
    receipt_no: str
    notice_number: str
    started_at: datetime
    changed_at: datetime

    @property
    def fields(self) -> tuple[FieldView, ...]:
        """Every field that may come to apply after these answers."""
        return field_views(self.sections)


RESIDENT = "resident_id"
AGENT = -1  # the place of who acts for the applicant
WAITING, DENIED = "waiting", frozenset({"mismatch", "unknown"})  # of a verification
EMPTY: dict[str, Any] = {
    "applicant": {},
    "agent": {},
    "answers": {},
    "form": {},
    "checks": {},
    "files": [],
    "signers": [],
    "delivery": "net",
    "address": "",
    "parcel_no": "",
}


def content(intake_id: UUID, actor: Actor, *, lock: bool = False) -> Intake:
    """An intake of the actor's own window. NotAllowed for others than clerks, NotFound elsewhere."""
    if actor.role is not Role.CLERK:
        raise NotAllowed()
    rows = Intake.objects.select_for_update() if lock else Intake.objects
    row = rows.filter(id=intake_id, organization=actor.organization).first()
    if row is None:
        raise NotFound(what="这次收件")
    return row


def opened(row: Intake) -> dict[str, Any]:
    """What an intake holds."""
    kept: dict[str, Any] = parse(keys.unseal(keys.unwrap(row.wrapped), row.sealed, context(row.id)))
    return kept


def context(intake_id: UUID) -> bytes:
    """What one intake holds cannot be moved to another unseen."""
    return b"intake:" + intake_id.bytes


def item_of(row: Intake) -> ItemVersion | None:
    """The item version that was chosen."""
    return item_cached(row.task_code, row.item_version) if row.item_version is not None else None


def my_intakes(actor: Actor, limit: int = 20) -> list[IntakeRow]:
    """The window's intakes, the open ones first, latest first."""
    if actor.role is not Role.CLERK:
        raise NotAllowed()
    rows = Intake.objects.filter(organization=actor.organization).order_by("-changed_at")[:limit]
    shown = [
        IntakeRow(
            id=row.id,
            applicant_name=row.applicant_name,
            item_name=row.item_name,
            state=row.state,
            state_name=str(Stage(row.state).label),
            receipt_no=row.receipt_no,
            changed_at=row.changed_at,
        )
        for row in rows
    ]
    return sorted(shown, key=lambda each: each.state != Stage.OPEN)


def intake(intake_id: UUID, actor: Actor) -> IntakePage:
    """An intake for its pages. NotFound when it is not of this window."""
    row = content(intake_id, actor)
    kept, item = opened(row), item_of(row)
    guidance = guide(item.item, kept["answers"]) if item else None
    given = [GivenFile(**file) for file in kept["files"]]
    view = verification(row.verification_id, actor) if row.verification_id else None
    verified = beside_verified(kept, actor)
    names = region_names([item.region_code]) if item else {}
    return IntakePage(
        id=row.id,
        state=row.state,
        applicant=kept["applicant"],
        agent=kept.get("agent", {}),
        id_masked=mask_id(kept["applicant"].get("id_number", "")),
        verification=view,
        item=item,
        region_name=names.get(item.region_code, "") if item else "",
        answers=kept["answers"],
        answered=tuple((q.code, q.text, option.text) for q, option in guidance.chosen) if guidance else (),
        next_question=guidance.question if guidance else None,
        stopped=guidance.ended.advice if guidance and guidance.ended else None,
        conditions=guidance.conditions if guidance else (),
        sections=section_views(item.item, kept) if item else (),
        requirements=_requirements(item, guidance, kept, given, tried(row, item)),
        wanted=asked(item.item, kept["answers"]) if item else None,
        signers=tuple(
            each | {"said": verified[place].sentence if place in verified else ""}
            for place, each in enumerate(kept.get("signers", ()))
        ),
        delivery=kept["delivery"],
        address=kept["address"],
        parcel_no=kept["parcel_no"],
        missing=tuple(missing(kept, item, guidance, view, verified)),
        receipt_no=row.receipt_no,
        notice_number=row.notice_number,
        started_at=row.started_at,
        changed_at=row.changed_at,
    )


def licences(page: IntakePage) -> dict[str, tuple[Licence, ...]]:
    """By code of the material: the licences of the verified applicant, issued here, that stand in for it.

    None where somebody stands here for them: they alone can hand them in, and a name and a number prove nothing.
    """
    if page.agent or page.verification is None or not page.verification.may_go_on:
        return {}
    index = id_index(page.applicant.get("id_type", RESIDENT), page.applicant["id_number"])
    return standing_in(page.requirements, index)


def notice(intake_id: UUID, actor: Actor) -> NoticeView | None:
    """The 告知单 with which an intake ended; None when it did not end with one."""
    row = content(intake_id, actor)
    return notice_view(_paper(row)) if row.notice_number else None


def notice_file(intake_id: UUID, actor: Actor) -> FileView:
    """The sealed PDF of that 告知单. NotFound, or FileNotReady while it is being made."""
    return notice_pdf(_paper(content(intake_id, actor)))


def _paper(row: Intake) -> Licence:
    number = LicenceNumber.objects.filter(number=row.notice_number).first() if row.notice_number else None
    if number is None:
        raise NotFound(what="这份文书")
    return licence(number.licence_id)


def tried(row: Intake, version: ItemVersion | None) -> Sequence[attempts.Attempt]:
    """What was tried for an intake, by the system. One select, where the item opens such a way at all."""
    if version is None or not any(fetched(version.item, each) for each in version.item.materials):
        return ()
    return attempts.of(keys.unwrap(row.wrapped), row.id)


def _requirements(
    version: ItemVersion | None,
    guidance: Guidance | None,
    kept: dict[str, Any],
    given: list[GivenFile],
    had: Sequence[attempts.Attempt],
) -> tuple[CheckView, ...]:
    checks = formal.read_checks(kept["checks"])
    views = []
    for material in guidance.materials if guidance else ():
        check = checks.get(material.code)
        verdict = "" if check is None else "good" if check.is_good else "lacking"
        open_ways = ways(version.item, material) if version else ()
        digests = {file.digest for file in given if file.requirement == material.code}
        views.append(
            CheckView(
                code=material.code,
                name=material.name,
                necessity=material.necessity,
                accept_note=material.accept_note,
                types=tuple(material.types),
                max_bytes=material.max_bytes,
                verdict=verdict,
                note=check.note if check else "",
                original=check.original if check else False,
                given=tuple(
                    DraftMaterial(number, **file.plain())
                    for number, file in enumerate(given, start=1)
                    if file.requirement == material.code
                ),
                is_demanded=is_demanded(material),
                more=material.more,
                standing=attempts.standing(material.code, open_ways, had, digests),
            )
        )
    return tuple(views)


def beside_verified(kept: dict[str, Any], actor: Actor) -> dict[int, VerificationView]:
    """By place: what the source says of those beside the applicant. One SELECT each, and there are few."""
    asked = {place: each.get("verification") for place, each in enumerate(kept.get("signers", ()))}
    if kept.get("agent"):
        asked[AGENT] = kept["agent"]["verification"]
    return {place: verification(UUID(each), actor) for place, each in asked.items() if each}


def missing(
    kept: dict[str, Any],
    item: ItemVersion | None,
    guidance: Guidance | None,
    view: VerificationView | None,
    verified: Mapping[int, VerificationView],
) -> list[Lack]:
    """All that stands between this intake and a receipt, in the order of the steps."""
    if not kept["applicant"]:
        return [Lack("applicant", "name", "请录入申请人。")]
    if view is None or not view.may_go_on:
        return [Lack("applicant", "verification", view.sentence if view else "请核验申请人身份。")]
    if (acting := verified.get(AGENT)) and acting.state in DENIED | {WAITING}:
        return [Lack("applicant", "agent", f"{kept['agent']['name']}（代办的人）：{acting.sentence}")]
    if item is None or guidance is None:
        return [Lack("item", "q", "请选择申请的事项。")]
    if guidance.question is not None:
        return [Lack("question", guidance.question.code, f"请询问申请人：{guidance.question.text}")]
    lacks = [Lack("form", name, sentence) for name, sentence in _form_faults(item, kept).items()]
    wanted = asked(item.item, kept["answers"])
    if wanted is not None:
        applicant = kept["applicant"]["id_number"]
        faults = formal.signers_lacking(wanted, kept.get("signers", ()), applicant, demo=here().demo)
        lacks += [Lack("signers", name, sentence) for name, sentence in faults]
        lacks += _not_verified(kept.get("signers", ()), verified)
    given = frozenset(file["requirement"] for file in kept["files"])
    checks = formal.read_checks(kept["checks"])
    lacks += [Lack("check", code, sentence) for code, sentence in formal.lacking(guidance.materials, checks, given)]
    if kept["delivery"] == "post" and not kept["address"]:
        lacks.append(Lack("delivery", "address", "请填写邮寄地址。"))
    return lacks


def _not_verified(signers: Sequence[dict[str, Any]], verified: Mapping[int, VerificationView]) -> Iterator[Lack]:
    """Whoever is another than the source says does not join; where it is silent the clerk answers for the document."""
    for place, view in verified.items():
        if place == AGENT:
            continue
        if view.state in DENIED:
            yield Lack("signers", f"signer-{place}-id_number", f"{signers[place]['name']}：{view.sentence}")
        elif view.state == WAITING:
            yield Lack("together", f"signer-{place}-id_number", f"{signers[place]['name']}：{view.sentence}")


def _form_faults(item: ItemVersion, kept: dict[str, Any]) -> dict[str, str]:
    try:
        form = {**kept["form"], **proved(item.item, kept)}
        check_form(item.item, kept["answers"], form, Day(clock.today(), here().demo))
    except FormRefused as no:
        return no.errors
    return {}
