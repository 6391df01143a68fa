# SPDX-License-Identifier: Apache-2.0
"""Cases for programs: submit, list, read, move."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec.structs import replace
from ninja import Router

from tongban.cases import actions, queries, transitions
from tongban.cases.actions import Assigned, Preview, Shown
from tongban.cases.queries import CasePage, Evidence, FileView, Narrowing, NoticeView, Worklist
from tongban.standards import clock
from tongban.standards.actor import Actor, Role
from tongban.standards.identifiers import mask_name
from tongban.standards.refusal import BadInput
from tongban.web.api.schemas import MOST_VERSIONS, Assignment, Moved, MoveFacts, MyCases, NewCase, Taken
from tongban.web.api.speech import (
    KEY,
    ONCE,
    Answer,
    Asked,
    accepts,
    actor_of,
    caller,
    declared,
    files_declared,
    heard,
    once_of,
    sent,
    told,
)

router = Router(tags=["cases"])
own = Router(tags=["cases"])
assigning = Router(tags=["cases"])

MOST_OWN = 200
KEYED = {
    "parameters": [
        {
            "in": "header",
            "name": KEY,
            "required": True,
            "schema": {"type": "string", "minLength": 8, "maxLength": 100},
        }
    ]
}


@router.post(
    "",
    summary="Submit an application",
    openapi_extra=KEYED | accepts(NewCase) | declared({201: Taken, 200: Taken}, 401, 403, 404, 409, 422),
)
def submit(request: Asked) -> Answer:
    """Take an application in once: the same Idempotency-Key with the same content gives the same case."""
    idempotency_key = request.header(KEY)
    if not 8 <= len(idempotency_key) <= 100:
        raise BadInput(KEY, "请求头 Idempotency-Key 须为 8 至 100 个字符，每份申请各不相同。")
    who, asked = caller(request), heard(request, NewCase)
    application = actions.Application(asked.task_code, asked.version, asked.answers, asked.form)
    applicant = actions.applicant_from(who.details)
    given = [actions.Upload(file.requirement, file.filename, [file.content]) for file in asked.materials]
    made = actions.submit_with_files(
        application,
        given,
        applicant=applicant,
        actor=who.actor,
        at=clock.now(),
        key=f"api:{idempotency_key}",
        again=asked.again,
    )
    return told(made, status=201 if made.is_new else 200)


@router.get("", summary="The worklist", openapi_extra=declared({200: Worklist}, 401, 403, 422))
def worklist(
    request: Asked,
    state: str = "",
    q: str = "",
    after: str = "",
    limit: int = 20,
    item: str = "",
    region: str = "",
    mode: str = "",
    whose: str = "",
    due: str = "",
) -> Answer:
    """What the organization of the token's owner has to do, the most urgent first; `next` goes into `after`.

    Narrowed to an item, a region of intake with all inside it, a mode, `whose` (mine, nobody) and `due` (late, soon).
    """
    limit, only = max(1, min(limit, 100)), Narrowing(item, region, mode, whose, due)
    found = queries.worklist(actor_of(request), state=state or None, q=q, after=after or None, limit=limit, only=only)
    covered = tuple(replace(row, applicant_name=mask_name(row.applicant_name)) for row in found.rows)
    return told(replace(found, rows=covered))


@router.get("/{number}", summary="One case", openapi_extra=declared({200: CasePage}, 401, 404))
def case(request: Asked, number: str) -> Answer:
    """By id, receipt number or project number; 404 when it is not yours to see.

    What tells of the applicant is covered for staff, who get it by `person`.
    """
    actor = actor_of(request)
    found = queries.case_page(number, actor, covers=actor.role is not Role.APPLICANT)
    actions.note_look(found.id, "case", actor=actor, at=clock.now())
    return told(found)


@router.post("/{number}/person", summary="The applicant in full", openapi_extra=declared({200: Shown}, 401, 403, 404))
def person(request: Asked, number: str) -> Answer:
    """Name, numbers and form, nothing covered. The applicant can read that they were shown, and to whom."""
    return told(actions.show_person(number, actor=actor_of(request), at=clock.now()))


@router.get("/{number}/evidence", summary="Proofs", openapi_extra=declared({200: Evidence}, 401, 403, 404))
def evidence(request: Asked, number: str) -> Answer:
    """The exact lines of the case's chain, and the signed messages in which other nodes told of them."""
    actor = actor_of(request)
    found = queries.evidence(number, actor)
    actions.note_look(UUID(found.case), "evidence", actor=actor, at=clock.now())
    return told(found)


@router.post(
    "/{case_id}/moves/{move}",
    summary="Make a move",
    openapi_extra=ONCE | accepts(MoveFacts) | declared({200: Moved, 202: Moved}, 401, 403, 404, 409, 422),
)
def make_move(request: Asked, case_id: UUID, move: str) -> Answer:
    """One of the moves that the case lists; where another place must confirm, it becomes a request.

    With an Idempotency-Key it is made once: 409 `form_repeated` says that it was.
    """
    asked, actor, once = heard(request, MoveFacts), actor_of(request), once_of(request)
    named = transitions.move_named(move)
    facts = asked.facts | transitions.handed(named, (file.requirement for file in asked.materials))
    files = [
        actions.take_file(case_id, file.requirement, file.filename, [file.content], actor=actor, beside=number)
        for number, file in enumerate(asked.materials if named.files else ())
    ]
    real = actions.make_or_ask(case_id, move, actor=actor, at=clock.now(), facts=facts, files=files, once=once)
    return told(Moved(real=real), status=200 if real else 202)


@router.post(
    "/{case_id}/moves/{move}/preview",
    summary="Read a notice before",
    openapi_extra=accepts(MoveFacts) | declared({200: Preview}, 401, 403, 404, 409, 422),
)
def preview(request: Asked, case_id: UUID, move: str) -> Answer:
    """The notice that the move would give with these facts, word for word. Nothing is written."""
    facts = heard(request, MoveFacts).facts
    return told(actions.preview(case_id, move, actor=actor_of(request), at=clock.now(), facts=facts))


@router.get("/{number}/materials/{material}", summary="A material", openapi_extra=files_declared(401, 403, 404))
def material(
    request: Asked, number: str, material: Annotated[int, msgspec.Meta(ge=0, le=MOST_VERSIONS)], marked: bool = False
) -> Answer:
    """The file as it was handed in, or `marked` with its level, the case and the day for people to open.

    Staff who look leave a note that the applicant can read.
    """
    actor = actor_of(request)
    file = (
        queries.marked_file(number, material, actor, clock.now())
        if marked
        else queries.material_file(number, material, actor)
    )
    return _seen(file, number, actor)


@router.post("/{number}/result", summary="The result", openapi_extra=files_declared(401, 403, 404, 409))
def result(request: Asked, number: str, ofd: bool = False) -> Answer:
    """The sealed file, as PDF or OFD. For the applicant the first time is the proof of delivery, hence POST."""
    file = actions.fetch_result(number, actor=actor_of(request), at=clock.now(), ofd=ofd)
    return _seen(file, number, actor_of(request))


@router.get("/{number}/notices/{key}", summary="A notice", openapi_extra=declared({200: NoticeView}, 401, 403, 404))
def notice(request: Asked, number: str, key: str) -> Answer:
    """Word for word; `key` is that of the case's `notices`."""
    return told(queries.notice(number, key, actor_of(request))[1])


@router.get("/{number}/notices/{key}/file", summary="Its file", openapi_extra=files_declared(401, 403, 404, 409))
def notice_file(request: Asked, number: str, key: str) -> Answer:
    """The sealed PDF; 409 while it is being made."""
    return _seen(queries.notice_file(number, key, actor_of(request)), number, actor_of(request))


def _seen(file: FileView, number: str, actor: Actor) -> Answer:
    """A file of a case, sent; staff leave a note that the applicant can read."""
    if actor.role is not Role.APPLICANT:
        actions.note_look(queries.case_page(number, actor).id, "file", actor=actor, at=clock.now())
    return sent(file)


@own.get("", summary="One's own cases", openapi_extra=declared({200: MyCases}, 401, 403))
def my_cases(request: Asked) -> Answer:
    """Those that a person applied for or confirmed beside somebody, the latest first."""
    return told(MyCases(cases=queries.my_cases(actor_of(request), limit=MOST_OWN)))


@assigning.post(
    "",
    summary="Give cases to a colleague",
    openapi_extra=ONCE | accepts(Assignment) | declared({200: Assigned}, 401, 403, 422),
)
def assign(request: Asked) -> Answer:
    """Several at once; each that cannot be given is named with the reason, and keeps back no other."""
    asked, once = heard(request, Assignment), once_of(request)
    return told(
        actions.assign_many(
            asked.cases, assignee=asked.assignee, why=asked.why, actor=actor_of(request), at=clock.now(), once=once
        )
    )
