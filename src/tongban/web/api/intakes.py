# SPDX-License-Identifier: Apache-2.0
"""Taking in at a window, for the programs of a hall: the same steps as its pages, the same three verdicts."""

from contextlib import suppress
from dataclasses import replace
from uuid import UUID

from msgspec.structs import asdict
from ninja import Router

from tongban.cases.errors import FormRefused
from tongban.standards import clock
from tongban.standards.actor import Actor
from tongban.standards.identifiers import mask_name
from tongban.web.api.schemas import Concluded, IntakeChange, Intakes, IntakeTold, NewFile, VerdictGiven
from tongban.web.api.speech import Answer, Asked, accepts, actor_of, declared, files_declared, heard, sent, told
from tongban.windows import actions, queries

router = Router(tags=["intakes"])
INTAKE = declared({200: IntakeTold}, 401, 403, 404, 409, 422)


def _intake(intake_id: UUID, actor: Actor) -> Answer:
    return told(IntakeTold.of(queries.intake(intake_id, actor)))


@router.post("", summary="Begin taking in", openapi_extra=declared({200: IntakeTold}, 401, 403))
def start_intake(request: Asked) -> Answer:
    """The clerk's intake that nobody was entered into yet, or a new one."""
    actor = actor_of(request)
    return _intake(actions.start_intake(actor=actor, at=clock.now()), actor)


@router.get("", summary="The window's intakes", openapi_extra=declared({200: Intakes}, 401, 403))
def intakes(request: Asked) -> Answer:
    """Those under way first, the latest first; names are covered."""
    rows = queries.my_intakes(actor_of(request))
    return told(Intakes(intakes=[replace(row, applicant_name=mask_name(row.applicant_name)) for row in rows]))


@router.get("/{intake_id}", summary="One intake", openapi_extra=declared({200: IntakeTold}, 401, 403, 404))
def intake(request: Asked, intake_id: UUID) -> Answer:
    """How far it is; `missing` is what stands between it and a receipt."""
    return _intake(intake_id, actor_of(request))


@router.patch("/{intake_id}", summary="Go on with it", openapi_extra=accepts(IntakeChange) | INTAKE)
def change_intake(request: Asked, intake_id: UUID) -> Answer:
    """Any of the steps, in their order; what is not named stays. A form that is wrong is kept, and says so."""
    actor, at, asked = actor_of(request), clock.now(), heard(request, IntakeChange)
    if asked.applicant is not None:
        who = asdict(asked.applicant)
        actions.set_applicant(intake_id, who, who.pop("method"), actor=actor, at=at)
    if asked.verified_by_hand:
        actions.verify_by_hand(intake_id, asked.verified_by_hand, actor=actor, at=at)
    if asked.task_code:
        actions.choose_item(intake_id, asked.task_code, actor=actor, at=at)
    for question, option in asked.answers.items():
        actions.answer(intake_id, question, option, actor=actor, at=at)
    if asked.form:
        stands = {field.name: field.value for field in queries.intake(intake_id, actor).fields}
        with suppress(FormRefused):
            actions.fill(intake_id, stands | asked.form, actor=actor, at=at)
    if asked.signers is not None:
        actions.set_signers(intake_id, [asdict(each) for each in asked.signers], actor=actor, at=at)
    if asked.checks:
        found = {code: asdict(each) for code, each in asked.checks.items()}
        actions.check_material(intake_id, found, actor=actor, at=at)
    if asked.delivery is not None:
        way = asked.delivery
        actions.set_delivery(intake_id, way.way, way.address, way.parcel_no, actor=actor, at=at)
    return _intake(intake_id, actor)


@router.post("/{intake_id}/materials", summary="Add a scan", openapi_extra=accepts(NewFile) | INTAKE)
def add_scan(request: Asked, intake_id: UUID) -> Answer:
    """One file for one requirement; the same scan twice is one."""
    actor, file = actor_of(request), heard(request, NewFile)
    actions.add_file(intake_id, file.requirement, file.filename, [file.content], actor=actor, at=clock.now())
    return _intake(intake_id, actor)


@router.delete("/{intake_id}/materials/{requirement}/{digest}", summary="Take a scan off", openapi_extra=INTAKE)
def remove_scan(request: Asked, intake_id: UUID, requirement: str, digest: str) -> Answer:
    """One that is gone already is no error."""
    actor = actor_of(request)
    actions.remove_file(intake_id, requirement, digest, actor=actor, at=clock.now())
    return _intake(intake_id, actor)


@router.post(
    "/{intake_id}/verdict",
    summary="Take in, ask to complete, or turn away",
    openapi_extra=accepts(VerdictGiven) | declared({200: Concluded}, 401, 403, 404, 409, 422),
)
def conclude(request: Asked, intake_id: UUID) -> Answer:
    """Ends the intake; each verdict gives the applicant a numbered notice, and taking in gives a case."""
    actor, asked = actor_of(request), heard(request, VerdictGiven)
    made = actions.conclude(intake_id, asked.verdict, asked.note, actor=actor, at=clock.now(), again=asked.again)
    number = "" if made else queries.intake(intake_id, actor).notice_number
    return told(Concluded(case=made, notice_number=number))


@router.get("/{intake_id}/notice", summary="The notice of a verdict", openapi_extra=files_declared(401, 403, 404, 409))
def intake_notice(request: Asked, intake_id: UUID) -> Answer:
    """The sealed PDF of the 告知单 with which it ended; 409 while it is being made."""
    return sent(queries.notice_file(intake_id, actor_of(request)))
