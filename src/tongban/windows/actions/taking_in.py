# SPDX-License-Identifier: Apache-2.0
"""Taking in at a window: step by step, each kept at once, concluded by one of three verdicts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.cases import actions as cases
from tongban.cases.actions import Applicant, Application, Collection, GivenFile, Keyed, Submitted
from tongban.cases.actions.gathering import hold
from tongban.cases.actions.uploading import keep_file
from tongban.cases.application import check_form, prefilled, proved, tidied
from tongban.cases.once import spend
from tongban.cases.papers import notice
from tongban.cases.queries.held import subject
from tongban.cases.queries.own_licence import require_handed_over
from tongban.cases.signing import CONFIRMED, Signer, asked
from tongban.cases.states import Delivery, Mode
from tongban.catalogue import filling
from tongban.catalogue.filling import Day
from tongban.catalogue.models import ItemVersion
from tongban.catalogue.queries import item as find_item
from tongban.catalogue.scenario import guide, settled
from tongban.identity import actions as identity
from tongban.identity.actions.looking import note
from tongban.identity.assurance import Level
from tongban.identity.documents import number_of
from tongban.identity.queries import VerificationView, verification
from tongban.identity.sealing import id_index
from tongban.ledger import actions as ledger
from tongban.licences.actions import issue_paper
from tongban.licences.queries import file as licence_file
from tongban.regions.queries import organization
from tongban.standards import identifiers
from tongban.standards.actor import Actor, Role
from tongban.standards.canonical import canonical
from tongban.standards.clock import local_date
from tongban.standards.node import here
from tongban.standards.refusal import BadInput, NotAllowed, NotFound
from tongban.vault import keys
from tongban.windows import agents, formal
from tongban.windows.actions.fetching import had, let_go
from tongban.windows.errors import HolderAbsent, IntakeEnded, NotReady, NotVerified, ReasonNeeded
from tongban.windows.formal import Verdict
from tongban.windows.models import Intake, Stage
from tongban.windows.queries import (
    EMPTY,
    RESIDENT,
    beside_verified,
    content,
    context,
    intake,
    item_of,
    licences,
    missing,
    opened,
)

MOST_SIGNERS = 9
TYPED = "typed"  # how the number of somebody beside the applicant is read
ENDS = {Verdict.COLLECT: Stage.COLLECTED, Verdict.COMPLETE: Stage.RETURNED, Verdict.ELSEWHERE: Stage.REDIRECTED}


def start_intake(*, actor: Actor, at: datetime) -> UUID:
    """Somebody steps up to the window; the intake that nobody was entered into yet, if there is one."""
    if actor.role is not Role.CLERK or not actor.organization:
        raise NotAllowed()
    begun = Intake.objects.filter(
        clerk_id=actor.id, organization=actor.organization, state=Stage.OPEN, applicant_name=""
    )
    if (empty := begun.first()) is not None:
        return empty.id
    keyed = cases.new_keyed()
    Intake.objects.create(
        id=keyed.case_id,
        clerk_id=actor.id,
        organization=actor.organization,
        state=Stage.OPEN,
        wrapped=keyed.wrapped,
        sealed=keys.seal(keyed.key, canonical(EMPTY), context(keyed.case_id)),
        started_at=at,
        changed_at=at,
    )
    return keyed.case_id


def set_applicant(intake_id: UUID, given: Mapping[str, str], method: str, *, actor: Actor, at: datetime) -> None:
    """Who applies, and who stands here for them; the authoritative source is asked whether that is so."""
    name = identifiers.name(given.get("name", ""), field="name")
    id_type = given.get("id_type", "") or RESIDENT
    number = number_of(id_type, given.get("id_number", ""))
    phone = identifiers.phone(given.get("phone", ""), field="phone")
    applicant = {"name": name, "id_type": id_type, "id_number": number, "phone": phone}
    agent = agents.read(given, applicant, method, actor, at)
    asked = identity.ask_verification(name=name, id_type=id_type, id_number=number, method=method, clerk=actor, at=at)

    def change(kept: dict[str, Any], row: Intake) -> None:
        if kept["applicant"] and (_id_type(kept["applicant"]), kept["applicant"]["id_number"]) != (id_type, number):
            let_go(row, kept, at, of_others=True)
        kept |= {"applicant": applicant, "agent": agent}
        row.applicant_name, row.verification_id = name, asked
        _prefill(kept, item_of(row))

    with transaction.atomic():
        hold(intake_id)
        _change(intake_id, actor, at, change)


@transaction.atomic
def show_applicant(intake_id: UUID, *, actor: Actor, at: datetime) -> dict[str, str]:
    """Who was entered, in full; whoever asks leaves a line that says so, and a row that the applicant can read."""
    row = content(intake_id, actor)
    applicant: dict[str, str] = opened(row)["applicant"]
    if applicant:
        index = id_index(_id_type(applicant), applicant["id_number"])
        note(index, "", "unmask", actor=actor, at=at)
        ledger.write(f"look/{row.id}", verb="person.shown", actor=actor, at=at, facts={"intake": str(row.id)})
    return applicant


def note_opened(intake_id: UUID, *, actor: Actor, at: datetime) -> None:
    """A colleague opens what another clerk has begun to fill in; who fills it in leaves no row at each page."""
    row = content(intake_id, actor)
    if row.clerk_id != actor.id and (applicant := opened(row)["applicant"]):
        note(id_index(_id_type(applicant), applicant["id_number"]), "", "intake", actor=actor, at=at)


def verify_by_hand(intake_id: UUID, note: str, *, actor: Actor, at: datetime) -> None:
    """The source does not answer: the clerk compares person and document and vouches for it, in writing."""
    row = content(intake_id, actor)
    if row.verification_id is None:
        raise NotVerified()
    identity.verify_by_hand(row.verification_id, note, clerk=actor, at=at)


def choose_item(intake_id: UUID, task_code: str, *, actor: Actor, at: datetime) -> None:
    """The item of the other region; its published version is the rule card."""
    version = find_item(task_code)
    if version.mode != Mode.PROXY:
        raise BadInput("task_code", "这个事项不需要窗口代收，申请人可以自己在网上办理。")

    def change(kept: dict[str, Any], row: Intake) -> None:
        if (row.task_code, row.item_version) == (version.task_code, version.version):
            return
        if row.task_code != version.task_code:
            let_go(row, kept, at)
        row.task_code, row.item_version, row.item_name = version.task_code, version.version, version.name
        kept |= {"answers": {}, "form": {}, "checks": {}}
        _prefill(kept, version)

    with transaction.atomic():
        hold(intake_id)
        _change(intake_id, actor, at, change)


def _prefill(kept: dict[str, Any], version: ItemVersion | None) -> None:
    """What identity verification established is not typed again."""
    if version is not None:
        form, kept["proved"] = prefilled(
            version.item, {f"person.{name}": value for name, value in kept["applicant"].items()}
        )
        kept["form"] |= form


def answer(intake_id: UUID, question: str, option: str, *, actor: Actor, at: datetime) -> None:
    """What the applicant says to one scenario question."""

    def change(kept: dict[str, Any], row: Intake) -> None:
        answers = {**kept["answers"], question: option}
        guide(_item(row).item, answers)
        kept["answers"] = answers

    _change(intake_id, actor, at, change)


def fill(intake_id: UUID, values: Mapping[str, str], *, actor: Actor, at: datetime) -> None:
    """Keep what was typed, then refuse what is wrong with it."""

    def change(kept: dict[str, Any], row: Intake) -> None:
        item = _item(row).item
        kept["form"] = filling.kept(item, kept["answers"], tidied(item, {**values, **proved(item, kept)}))

    row, kept = _change(intake_id, actor, at, change)
    check_form(_item(row).item, kept["answers"], kept["form"], Day(local_date(at), here().demo))


def add_file(
    intake_id: UUID,
    requirement: str,
    filename: str,
    chunks: Iterable[bytes],
    *,
    actor: Actor,
    at: datetime,
    once: str = "",
) -> None:
    """Keep a scan. FileRefused for a wrong type, an empty, a too large or one file too many.

    Repeated when this form came before: a scan that was taken off since is not put back. The same scan twice is one.
    """
    row = content(intake_id, actor)
    wanted = _item(row).item.material(requirement)
    if wanted is None:
        raise NotFound(what="这项申请材料")
    given = keep_file(subject(row.id), keys.unwrap(row.wrapped), wanted, filename, chunks, len(opened(row)["files"]))

    def change(kept: dict[str, Any], _: Intake) -> None:
        spend(kept, once)
        if not any((f["requirement"], f["digest"]) == (requirement, given.digest) for f in kept["files"]):
            kept["files"].append(asdict(given))

    _change(intake_id, actor, at, change)


def use_licence(intake_id: UUID, requirement: str, licence_id: str, *, actor: Actor, at: datetime) -> None:
    """Take in a licence of the verified applicant that this node issued, for a material that it stands in for.

    HolderAbsent where somebody else stands here for them; NotFound for any other; refused while the fee for it is not
    settled.
    """
    page = intake(intake_id, actor)
    if page.agent:
        raise HolderAbsent(field=requirement)
    found = licences(page).get(requirement, ())
    theirs = next((each for each in found if str(each.id) == licence_id), None)
    if theirs is None:
        raise NotFound(what="这份电子证照")
    require_handed_over(theirs, actor)
    name = f"{theirs.name}（{theirs.number}）.pdf"
    add_file(intake_id, requirement, name, licence_file(theirs), actor=actor, at=at)


def remove_file(intake_id: UUID, requirement: str, digest: str, *, actor: Actor, at: datetime) -> None:
    """Take a scan off. One that is gone already is no error."""

    def change(kept: dict[str, Any], _: Intake) -> None:
        kept["files"] = [f for f in kept["files"] if (f["requirement"], f["digest"]) != (requirement, digest)]

    _change(intake_id, actor, at, change)


def check_material(intake_id: UUID, checks: Mapping[str, Mapping[str, Any]], *, actor: Actor, at: datetime) -> None:
    """The clerk's finding about each material: verdict, note, whether the original is taken."""

    def change(kept: dict[str, Any], row: Intake) -> None:
        codes = {material.code for material in _item(row).item.materials}
        for code, each in checks.items():
            if code in codes and each.get("verdict") in ("good", "lacking"):
                note = str(each.get("note", "")).strip()[:500]
                kept["checks"][code] = {
                    "verdict": each["verdict"],
                    "note": note,
                    "original": bool(each.get("original")),
                }

    _change(intake_id, actor, at, change)


def set_signers(intake_id: UUID, given: Sequence[Mapping[str, Any]], *, actor: Actor, at: datetime) -> None:
    """Who applies together with the applicant, and whether they signed before the clerk; kept as it was typed.

    The authoritative source is asked about each of them, once for the same name and number.
    """
    told = [
        {
            "role": str(each["role"])[:40],
            "name": identifiers.tidy_name(str(each["name"]))[:50],
            "id_number": identifiers.tidy_number(str(each["id_number"]))[:30],
            "signed": bool(each["signed"]),
        }
        for each in given[:MOST_SIGNERS]
    ]
    before = {
        _whom(each): each.get("verification", "") for each in opened(content(intake_id, actor)).get("signers", ())
    }
    asked_about = [before.get(_whom(each)) or _ask_about(each, actor, at) for each in told]

    def change(kept: dict[str, Any], _: Intake) -> None:
        kept["signers"] = [each | {"verification": asked} for each, asked in zip(told, asked_about, strict=True)]

    _change(intake_id, actor, at, change)


def _whom(signer: Mapping[str, Any]) -> tuple[str, str]:
    return str(signer["name"]), str(signer["id_number"])


def _ask_about(signer: Mapping[str, Any], actor: Actor, at: datetime) -> str:
    """The question to the source about somebody beside the applicant; none about whom nobody could be."""
    try:
        name = identifiers.name(signer["name"], field="name")
        number = identifiers.resident_id(signer["id_number"], field="id_number", demo=here().demo).number
    except BadInput:
        return ""
    asked = identity.ask_verification(name=name, id_type=RESIDENT, id_number=number, method=TYPED, clerk=actor, at=at)
    return str(asked)


def set_delivery(intake_id: UUID, way: str, address: str, parcel_no: str, *, actor: Actor, at: datetime) -> None:
    """How the result is to come back, and under which number the originals travel."""
    if way not in set(Delivery):
        raise BadInput("delivery", "请选择结果的送达方式。")
    told = {"delivery": way, "address": address.strip()[:200], "parcel_no": parcel_no.strip()[:50]}

    def change(kept: dict[str, Any], _: Intake) -> None:
        kept |= told

    _change(intake_id, actor, at, change)
    if way == Delivery.POST and not told["address"]:
        raise BadInput("address", "请填写邮寄地址。")


def conclude(
    intake_id: UUID, verdict: str, note: str, *, actor: Actor, at: datetime, again: str = ""
) -> Submitted | None:
    """One of three verdicts ends the intake; each gives the applicant a numbered notice. The case, when taken in.

    `again` is why one more is wanted by somebody who has a case of the same item; without it AppliedBefore.
    """
    if verdict not in set(Verdict):
        raise BadInput("verdict", "请选择一个结论。")
    chosen = Verdict(verdict)
    if chosen is Verdict.COLLECT:
        return _collect(intake_id, actor, at, again)
    _turn_away(intake_id, chosen, note.strip(), actor, at)
    return None


def _collect(intake_id: UUID, actor: Actor, at: datetime, again: str) -> Submitted:
    row = content(intake_id, actor)
    if row.state not in (Stage.OPEN, Stage.COLLECTED):  # collected: the same receipt once more
        raise IntakeEnded()
    kept, version = opened(row), _item(row)
    view = _verified(row, actor)
    lacks = missing(kept, version, guide(version.item, kept["answers"]), view, beside_verified(kept, actor))
    if lacks:
        raise NotReady(field=lacks[0].field, what=lacks[0].sentence)
    collection = _collection(kept, version, view)
    given = cases.collect(
        replace(
            collection,
            applicant=_met(kept, collection.applicant, row, view, actor, at),
            again=again,
            signers=_signers(kept, version, actor, at),
            ways=had(row, version, kept["files"], at),
        ),
        actor=actor,
        keyed=Keyed(case_id=row.id, key=keys.unwrap(row.wrapped), wrapped=bytes(row.wrapped)),
        at=at,
    )
    Intake.objects.filter(id=row.id).update(state=Stage.COLLECTED, receipt_no=given.receipt_no, changed_at=at)
    return given


def _met(
    kept: dict[str, Any], applicant: Applicant, row: Intake, view: VerificationView, actor: Actor, at: datetime
) -> Applicant:
    """The applicant, who was here; or is known by name and number, and whoever came for them was here."""
    if kept.get("agent"):
        acting = agents.record(kept, row.task_code, clerk=actor, at=at)
        return replace(applicant, level=str(int(Level.MATCHED)), agent=acting)
    identity.meet(
        name=applicant.name,
        id_type=applicant.id_type,
        id_number=applicant.id_number,
        phone=applicant.phone,
        verification=view.id,
        clerk=actor,
        at=at,
    )
    return applicant


def _id_type(applicant: Mapping[str, str]) -> str:
    """Of the document that was shown; intakes begun before others were taken do not name it."""
    return applicant.get("id_type", RESIDENT)


def _signers(kept: dict[str, Any], version: ItemVersion, actor: Actor, at: datetime) -> list[Signer]:
    """Those who signed before the clerk, who answers for it."""
    wanted = asked(version.item, kept["answers"])
    named = [each for each in kept.get("signers", ()) if each["name"]] if wanted else []
    offered = {role.code for role in wanted.roles} if wanted else set()
    return [
        Signer(
            number=number,
            role=each["role"] if each["role"] in offered else next(iter(offered)),
            index=b"",
            name=each["name"],
            id_type=RESIDENT,
            id_number=identifiers.resident_id(each["id_number"], demo=here().demo).number,
            state=CONFIRMED,
            digest="",
            actor=actor.pseudonym,
            answered_at=at,
            reason="",
        )
        for number, each in enumerate(named, start=1)
    ]


def _collection(kept: dict[str, Any], version: ItemVersion, view: VerificationView) -> Collection:
    requirements = settled(version.item, kept["answers"]).materials
    checks = formal.read_checks(kept["checks"])
    applicant = kept["applicant"]
    return Collection(
        application=Application(
            task_code=version.task_code,
            version=version.version,
            answers=kept["answers"],
            form=kept["form"],
            materials=[GivenFile(**file) for file in kept["files"]],
        ),
        applicant=Applicant(
            name=applicant["name"],
            id_type=_id_type(applicant),
            id_number=applicant["id_number"],
            phone=applicant["phone"],
            home_region="",
            level=str(int(Level.PRESENT)),
        ),
        verification={
            "method": view.method,
            "source": view.source_name,
            "result": view.state,
            "at": (view.answered_at or view.asked_at).isoformat(),
        },
        checks=formal.told(requirements, checks),
        originals=[m.name for m in requirements if m.code in checks and checks[m.code].original],
        parcel_no=kept["parcel_no"],
        delivery=Delivery(kept["delivery"]),
        address=kept["address"],
    )


def _turn_away(intake_id: UUID, verdict: Verdict, note: str, actor: Actor, at: datetime) -> None:
    """Not now, or not here: in writing, with all that is lacking or where to go."""
    with transaction.atomic():
        row = content(intake_id, actor, lock=True)
        if row.state != Stage.OPEN:
            raise IntakeEnded()
        kept = opened(row)
        if not kept["applicant"]:
            raise NotReady(field="name", what="请先录入申请人，告知单要写明给谁。")
        paper = notice(
            title="一次性告知单" if verdict is Verdict.COMPLETE else "事项去处告知单",
            pattern="{region}告〔{year}〕{serial:07d}号",
            paragraphs=_words(row, kept, verdict, note),
            addressee=kept["applicant"]["name"],
            office=organization(row.organization),
            subject=subject(row.id),
            task_code=row.task_code,
        )
        number = issue_paper(paper, key=keys.unwrap(row.wrapped), wrapped=bytes(row.wrapped), at=at, by=actor.pseudonym)
        row.state, row.notice_number, row.changed_at = ENDS[verdict], number, at
        row.save(update_fields=["state", "notice_number", "changed_at"])
        facts = {"verdict": str(verdict), "notice": number}
        ledger.write(f"intake:{row.id}", verb=f"intake.{verdict}", actor=actor, at=at, facts=facts)


def _words(row: Intake, kept: dict[str, Any], verdict: Verdict, note: str) -> list[str]:
    if verdict is Verdict.ELSEWHERE:
        if not note:
            raise ReasonNeeded(field="note", what="请写明应当去哪里办理、怎样联系。")
        name = f"“{row.item_name}”" if row.item_name else "您咨询的事项"
        return [f"{name}不属于本窗口代收的范围。", f"请向下列机关办理：{note}"]
    requirements = guide(_item(row).item, kept["answers"]).materials
    checks = formal.read_checks(kept["checks"])
    if not any(not check.is_good for check in checks.values()):
        raise ReasonNeeded(field="verdict", what="没有不符合要求的材料，请选择收件，或者在材料核对中写明缺什么。")
    return formal.complete_notice(requirements, checks, note)


def _verified(row: Intake, actor: Actor) -> VerificationView:
    if row.verification_id is None:
        raise NotVerified()
    view = verification(row.verification_id, actor)
    if not view.may_go_on:
        raise NotVerified()
    return view


def _item(row: Intake) -> ItemVersion:
    version = item_of(row)
    if version is None:
        raise NotReady(field="task_code", what="请先选择申请的事项。")
    return version


def _change(
    intake_id: UUID, actor: Actor, at: datetime, change: Callable[[dict[str, Any], Intake], None]
) -> tuple[Intake, dict[str, Any]]:
    """Change what an open intake holds; two screens take turns."""
    with transaction.atomic():
        row = content(intake_id, actor, lock=True)
        if row.state != Stage.OPEN:
            raise IntakeEnded()
        kept = opened(row)
        change(kept, row)
        row.sealed = keys.seal(keys.unwrap(row.wrapped), canonical(kept), context(row.id))
        row.changed_at, row.revision = at, row.revision + 1
        row.save()
        return row, kept


def forget_intake(case_id: UUID) -> None:
    """Remove the intake that became a case which is being erased: it holds the same key, and a name."""
    Intake.objects.filter(id=case_id).delete()
