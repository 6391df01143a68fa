# SPDX-License-Identifier: Apache-2.0
"""Applications that are being filled in, and confirming one beside the applicant, for programs."""

from contextlib import suppress
from uuid import UUID

from ninja import Router

from tongban.cases import actions, queries
from tongban.cases.errors import FormRefused, Repeated
from tongban.standards import clock
from tongban.standards.actor import Actor
from tongban.web.api.schemas import (
    ConfirmationTold,
    ConfirmationWord,
    DraftChange,
    Drafts,
    DraftTold,
    NewDraft,
    NewFile,
    NewSigner,
    Submission,
    Taken,
)
from tongban.web.api.speech import Answer, Asked, accepts, actor_of, declared, heard, takes_file, told

router = Router(tags=["drafts"])
confirming = Router(tags=["drafts"])
DRAFT = declared({200: DraftTold}, 401, 403, 404, 409, 422)


def _draft(draft_id: UUID, actor: Actor) -> Answer:
    return told(DraftTold.of(queries.draft(draft_id, actor)))


@router.post("", summary="Begin an application", openapi_extra=accepts(NewDraft) | DRAFT)
def start_draft(request: Asked) -> Answer:
    """Open a draft of the item; the unfinished one where there is one."""
    actor, asked = actor_of(request), heard(request, NewDraft)
    return _draft(actions.start_draft(asked.task_code, actor=actor, at=clock.now()), actor)


@router.get("", summary="One's drafts", openapi_extra=declared({200: Drafts}, 401, 403))
def drafts(request: Asked) -> Answer:
    """What is begun and not submitted, and what waits for one's own word; latest first."""
    return told(Drafts(drafts=queries.my_drafts(actor_of(request))))


@router.get("/{draft_id}", summary="One draft", openapi_extra=declared({200: DraftTold}, 401, 403, 404))
def draft(request: Asked, draft_id: UUID) -> Answer:
    """Questions, fields and materials as the answers so far open them; `missing` is what is still to be done."""
    return _draft(draft_id, actor_of(request))


@router.patch("/{draft_id}", summary="Fill in", openapi_extra=accepts(DraftChange) | DRAFT)
def change_draft(request: Asked, draft_id: UUID) -> Answer:
    """Answer questions and fill in fields; what is not named stays. What is wrong is kept, and stands in `missing`."""
    actor, at, asked = actor_of(request), clock.now(), heard(request, DraftChange)
    for question, option in asked.answers.items():
        actions.answer(draft_id, question, option, actor=actor, at=at)
    if asked.form:
        stands = {field.name: field.value for field in queries.draft(draft_id, actor).fields}
        with suppress(FormRefused):
            actions.fill(draft_id, stands | asked.form, actor=actor, at=at)
    return _draft(draft_id, actor)


@router.post("/{draft_id}/materials", summary="Add a file", openapi_extra=accepts(NewFile) | DRAFT)
def add_material(request: Asked, draft_id: UUID) -> Answer:
    """Hand in one file for one requirement; the same file again changes nothing."""
    actor, file = actor_of(request), heard(request, NewFile)
    with suppress(Repeated):
        actions.add_material(draft_id, file.requirement, file.filename, [file.content], actor=actor, at=clock.now())
    return _draft(draft_id, actor)


@router.put("/{draft_id}/materials/{requirement}/{filename}", summary="Send a file", openapi_extra=takes_file() | DRAFT)
def send_material(request: Asked, draft_id: UUID, requirement: str, filename: str) -> Answer:
    """The same with the file as the body itself, as large as the portal takes."""
    actor = actor_of(request)
    with suppress(Repeated):
        actions.add_material(draft_id, requirement, filename, request.chunks(), actor=actor, at=clock.now())
    return _draft(draft_id, actor)


@router.delete("/{draft_id}/materials/{requirement}/{digest}", summary="Take a file back", openapi_extra=DRAFT)
def remove_material(request: Asked, draft_id: UUID, requirement: str, digest: str) -> Answer:
    """Before submitting; one that is gone already is no error."""
    actor = actor_of(request)
    actions.remove_material(draft_id, requirement, digest, actor=actor, at=clock.now())
    return _draft(draft_id, actor)


@router.post("/{draft_id}/signers", summary="Name who confirms", openapi_extra=accepts(NewSigner) | DRAFT)
def add_signer(request: Asked, draft_id: UUID) -> Answer:
    """Somebody who applies together with the applicant."""
    actor, who = actor_of(request), heard(request, NewSigner)
    actions.add_signer(draft_id, who.role, who.name, who.id_number, actor=actor, at=clock.now())
    return _draft(draft_id, actor)


@router.delete("/{draft_id}/signers/{number}", summary="Take somebody off", openapi_extra=DRAFT)
def remove_signer(request: Asked, draft_id: UUID, number: int) -> Answer:
    """Who was named by mistake."""
    actor = actor_of(request)
    actions.remove_signer(draft_id, number, actor=actor, at=clock.now())
    return _draft(draft_id, actor)


@router.post(
    "/{draft_id}/submission",
    summary="Submit",
    openapi_extra=accepts(Submission) | declared({200: Taken}, 401, 403, 404, 409, 422),
)
def submit_draft(request: Asked, draft_id: UUID) -> Answer:
    """Again and again it is the same case. `seen` is the `digest` that was checked, against changes in between."""
    asked = heard(request, Submission)
    return told(
        actions.submit_draft(draft_id, actor=actor_of(request), at=clock.now(), again=asked.again, seen=asked.seen)
    )


@confirming.get(
    "/{draft_id}", summary="What to confirm", openapi_extra=declared({200: ConfirmationTold}, 401, 403, 404)
)
def confirmation(request: Asked, draft_id: UUID) -> Answer:
    """The summary for one of those whom the applicant named; 404 for anybody else."""
    return told(ConfirmationTold.of(queries.confirmation(draft_id, actor_of(request))))


@confirming.post(
    "/{draft_id}",
    summary="Confirm or decline",
    openapi_extra=accepts(ConfirmationWord) | declared({200: ConfirmationTold}, 401, 403, 404, 409, 422),
)
def confirm(request: Asked, draft_id: UUID) -> Answer:
    """`seen` is the `digest` of what was read and is confirmed; with a `reason` it is declined."""
    actor, asked = actor_of(request), heard(request, ConfirmationWord)
    if asked.reason:
        actions.decline(draft_id, asked.reason, actor=actor, at=clock.now())
    else:
        actions.confirm(draft_id, asked.seen, actor=actor, at=clock.now())
    return told(ConfirmationTold.of(queries.confirmation(draft_id, actor)))
