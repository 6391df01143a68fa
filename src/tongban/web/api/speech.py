# SPDX-License-Identifier: Apache-2.0
"""How the API hears and speaks: msgspec on the wire, problem details for every refusal, all of it declared."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from django.http import HttpRequest, HttpResponse

from tongban.identity import queries as identity
from tongban.standards.actor import Actor
from tongban.standards.refusal import BadInput, Refusal, SignInNeeded
from tongban.web.api.schemas import Problem, named

Heard = TypeVar("Heard")
REASONS = {401: "Not signed in", 403: "Not allowed", 404: "Not found", 409: "Not now", 422: "Bad input"}


class NotUnderstood(Refusal):
    """The body is not the JSON that was asked for; `why` names the place."""

    code, status, says = "not_understood", 422, "请求内容不合格式：{why}。"


def caller(request: HttpRequest) -> identity.SignedIn:
    """Whom the program acts for, with their details."""
    signed_in = getattr(request, "auth", None)
    if not isinstance(signed_in, identity.SignedIn):
        raise SignInNeeded
    return signed_in


def actor_of(request: HttpRequest) -> Actor:
    """Whom the program acts for."""
    return caller(request).actor


def heard(request: HttpRequest, kind: type[Heard]) -> Heard:
    """The body as this kind. NotUnderstood names what does not fit; an empty body is an empty object."""
    try:
        return msgspec.json.decode(request.body or b"{}", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as why:
        raise NotUnderstood(why=str(why)) from why


def told(value: Any, *, status: int = 200) -> HttpResponse:
    """The answer, encoded at once; response models would only copy what is already typed."""
    return HttpResponse(msgspec.json.encode(value), status=status, content_type="application/json")


def accepts(kind: type) -> dict[str, Any]:
    """OpenAPI's words for a JSON body of this kind."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": named(kind)}}}}


def declared(answers: Mapping[int, type], *refused: int) -> dict[str, Any]:
    """OpenAPI's words for every status that may be answered."""
    good = {
        str(status): {"description": "OK", "content": {"application/json": {"schema": named(kind)}}}
        for status, kind in answers.items()
    }
    bad = {
        str(status): {
            "description": REASONS[status],
            "content": {"application/problem+json": {"schema": named(Problem)}},
        }
        for status in refused
    }
    return {"responses": good | bad}


def wrong_parameter(error: Mapping[str, Any]) -> BadInput:
    """One of ninja's complaints about a path, query or header value."""
    place = str(error["loc"][-1]) if error.get("loc") else "request"
    return BadInput(place, f"参数 {place} 不合要求。")
