# SPDX-License-Identifier: Apache-2.0
"""Cases for programs: submit, list, read, move."""

from uuid import UUID

from ninja import Router

from tongban.cases import actions, queries
from tongban.cases.queries import CasePage, Evidence, Worklist
from tongban.standards import clock
from tongban.standards.refusal import BadInput
from tongban.web.api.schemas import Moved, MoveFacts, NewCase, Taken
from tongban.web.api.speech import Answer, Asked, accepts, actor_of, caller, declared, heard, told

router = Router(tags=["cases"])

KEY = "Idempotency-Key"
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
def worklist(request: Asked, state: str = "", q: str = "", after: str = "", limit: int = 20) -> Answer:
    """What the organization of the token's owner has to do, the most urgent first; `next` goes into `after`."""
    limit = max(1, min(limit, 100))
    return told(queries.worklist(actor_of(request), state=state or None, q=q, after=after or None, limit=limit))


@router.get("/{number}", summary="One case", openapi_extra=declared({200: CasePage}, 401, 404))
def case(request: Asked, number: str) -> Answer:
    """By id, receipt number or project number; 404 when it is not yours to see."""
    return told(queries.case_page(number, actor_of(request)))


@router.get("/{number}/evidence", summary="Proofs", openapi_extra=declared({200: Evidence}, 401, 403, 404))
def evidence(request: Asked, number: str) -> Answer:
    """The exact lines of the case's chain, and the signed messages in which other nodes told of them."""
    return told(queries.evidence(number, actor_of(request)))


@router.post(
    "/{case_id}/moves/{move}",
    summary="Make a move",
    openapi_extra=accepts(MoveFacts) | declared({200: Moved, 202: Moved}, 401, 403, 404, 409, 422),
)
def make_move(request: Asked, case_id: UUID, move: str) -> Answer:
    """One of the moves that the case lists; where another place must confirm, it becomes a request."""
    asked = heard(request, MoveFacts)
    real = actions.make_or_ask(case_id, move, actor=actor_of(request), at=clock.now(), facts=asked.facts)
    return told(Moved(real=real), status=200 if real else 202)
