# SPDX-License-Identifier: Apache-2.0
"""How the API hears and speaks: msgspec on the wire, problem details for every refusal, all of it declared."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any, TypeVar

import msgspec
from django.conf import settings
from django.utils.http import content_disposition_header

from tongban.cases.once import LONGEST
from tongban.identity import queries as identity
from tongban.standards.actor import Actor
from tongban.standards.refusal import BadInput, Refusal, SignInNeeded
from tongban.web.api.schemas import Problem, named
from tongban.web.files import Readable
from tongban.web.refusals import TooLarge

Heard = TypeVar("Heard")
JSON, PROBLEM = "application/json", "application/problem+json"
ANY = "application/octet-stream"
FILES = ("application/pdf", "application/ofd", "image/jpeg", "image/png")  # what a node gives out
NUL = rb"\u0000"  # what no name is written with, and PostgreSQL keeps no text that has it
CHUNK = 64 * 1024
AGAIN = "30"  # seconds until it is worth another try
REASONS = {
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    409: "Not now",
    413: "Too large",
    422: "Bad input",
}
KEY = "Idempotency-Key"


class NotUnderstood(Refusal):
    """The body is not the JSON that was asked for; `why` names the place."""

    code, status, says = "not_understood", 422, "请求内容不合格式：{why}。"


class ScopeMissing(Refusal):
    """The token is its owner's, and was issued for other things."""

    code, status, says = "scope_missing", 403, "这个令牌没有“{scope}”权限，请换用有此权限的令牌。"


class Asked:
    """One request of a program, as the server hands it over (PEP 3333)."""

    caller: identity.SignedIn | None = None

    def __init__(self, environ: Mapping[str, Any], request_id: str) -> None:
        self._environ, self.request_id = environ, request_id
        self.method: str = environ["REQUEST_METHOD"]
        self.path = _text(environ["PATH_INFO"])

    @property
    def query(self) -> str:
        """What follows the question mark."""
        return _text(self._environ.get("QUERY_STRING", ""))

    def header(self, name: str) -> str:
        """A header; empty when it was not sent."""
        return str(self._environ.get("HTTP_" + name.upper().replace("-", "_"), ""))

    @property
    def length(self) -> int:
        """Bytes of the body, as announced."""
        told = self._environ.get("CONTENT_LENGTH") or "0"
        return int(told) if told.isdigit() else 0

    @cached_property
    def body(self) -> bytes:
        """All of it. TooLarge for more than fits in memory: large files go through the portal."""
        if self.length > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
            raise TooLarge(limit=settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 1_000_000)
        return bytes(self._environ["wsgi.input"].read(self.length))

    def chunks(self) -> Iterator[bytes]:
        """A file that is the body itself, in constant memory."""
        left = self.length
        while left > 0 and (chunk := self._environ["wsgi.input"].read(min(left, CHUNK))):
            left -= len(chunk)
            yield chunk


@dataclass(frozen=True)
class Answer:
    """What a program is answered."""

    status: int
    body: bytes
    kind: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    chunks: Iterable[bytes] | None = None  # of a file, instead of the body
    size: int | None = None  # of the file, where it is known

    @property
    def length(self) -> int | None:
        """Bytes that follow; None where nobody knows before."""
        return len(self.body) if self.chunks is None else self.size


def caller(asked: Asked) -> identity.SignedIn:
    """Whom the program acts for, with their details."""
    if asked.caller is None:
        raise SignInNeeded
    return asked.caller


def actor_of(asked: Asked) -> Actor:
    """Whom the program acts for."""
    return caller(asked).actor


def once_of(asked: Asked) -> str:
    """The key under which this is done once; empty where none was sent. BadInput when it is too long."""
    once = asked.header(KEY)
    if len(once) > LONGEST:
        raise BadInput(KEY, f"请求头 {KEY} 最长 {LONGEST} 个字符。")
    return once


def heard(asked: Asked, kind: type[Heard]) -> Heard:
    """The body as this kind. NotUnderstood names what does not fit; an empty body is an empty object."""
    if NUL in asked.body:
        raise NotUnderstood(why="含有不能使用的字符 U+0000")
    try:
        return msgspec.json.decode(asked.body or b"{}", type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as why:
        raise NotUnderstood(why=str(why)) from why


def told(value: Any, *, status: int = 200) -> Answer:
    """The answer, encoded at once; response models would only copy what is already typed."""
    return Answer(status, msgspec.json.encode(value))


def sent(file: Readable) -> Answer:
    """A file in constant memory. What cannot be read is a refusal, not half an answer."""
    chunks = iter(file.chunks)
    start = next(chunks, b"")
    name = content_disposition_header(True, file.filename) or "attachment"
    headers = (("Content-Disposition", name),)
    return Answer(200, b"", file.media_type, headers, chain([start], chunks), file.size)


def refused(refusal: Refusal, request_id: str) -> Answer:
    """RFC 9457 problem details with the request's id."""
    words = refusal.problem() | {"instance": f"urn:tongban:request:{request_id}"}
    headers: tuple[tuple[str, str], ...] = ()
    if refusal.status == 401:
        headers = (("WWW-Authenticate", 'Bearer realm="tongban"'),)
    elif refusal.status == 503:
        headers = (("Retry-After", AGAIN),)
    return Answer(refusal.status, msgspec.json.encode(words), PROBLEM, headers)


def accepts(kind: type) -> dict[str, Any]:
    """OpenAPI's words for a JSON body of this kind."""
    return {"requestBody": {"required": True, "content": {JSON: {"schema": named(kind)}}}}


def takes_file() -> dict[str, Any]:
    """OpenAPI's words for a body that is a file."""
    return {"requestBody": {"required": True, "content": {ANY: {"schema": {"type": "string", "format": "binary"}}}}}


def takes_headers(told: Mapping[str, str], needed: Collection[str] = (), longest: int = LONGEST) -> dict[str, Any]:
    """OpenAPI's words for headers: what each says, and those without which nothing is answered."""
    schema = {"type": "string", "maxLength": longest}
    parameters = [
        {"in": "header", "name": name, "required": name in needed, "description": says, "schema": schema}
        for name, says in told.items()
    ]
    return {"parameters": parameters}


ONCE = takes_headers({KEY: "The same key does the same thing once."})


def declared(answers: Mapping[int, type], *refused: int) -> dict[str, Any]:
    """OpenAPI's words for every status that may be answered."""
    good = {
        str(status): {"description": "OK", "content": {JSON: {"schema": named(kind)}}}
        for status, kind in answers.items()
    }
    return {"responses": good | refusals(*refused)}


def files_declared(*refused: int) -> dict[str, Any]:
    """OpenAPI's words for a file."""
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in FILES}
    return {"responses": {"200": {"description": "OK", "content": content}} | refusals(*refused)}


def refusals(*refused: int) -> dict[str, Any]:
    """OpenAPI's words for these refusals."""
    return {
        str(status): {"description": REASONS[status], "content": {PROBLEM: {"schema": named(Problem)}}}
        for status in refused
    }


def _text(given: str) -> str:
    """WSGI hands over bytes as if they were latin-1."""
    return given if given.isascii() else given.encode("latin-1").decode("utf-8", "replace")
