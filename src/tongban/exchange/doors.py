# SPDX-License-Identifier: Apache-2.0
"""The doors for peers. They answer a signed request from a listed node, or refuse by name."""

import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Literal

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from tongban.exchange import actions, batch, hop, keys, sealed_part, trust, witness, witnesses
from tongban.exchange.envelope import Count, Word, read_instant, shaped
from tongban.exchange.errors import ExchangeRefusal, Malformed, NotOffered, Oversize, RangeNeeded
from tongban.exchange.queries import way_out
from tongban.exchange.sealed_part import Place
from tongban.regions.queries import trust_list_document, trust_lists_after
from tongban.regions.trustlist import Key
from tongban.standards import clock
from tongban.standards.canonical import canonical
from tongban.standards.node import here
from tongban.standards.refusal import Refusal
from tongban.standards.signer import signed
from tongban.vault import files
from tongban.vault.queries import subject_key

BYTES, JSON, PROBLEM = "application/octet-stream", "application/json", "application/problem+json"
LENGTH = re.compile(r"[0-9]{1,15}")
RANGE = re.compile(r"bytes=(\d{1,15})-(\d{1,15})")
PART = 8 << 20  # bytes of one part at most
Answer = Callable[..., HttpResponseBase]


class Again(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which messages of a subject somebody misses: those between two sequence numbers."""

    v: Literal[1]
    subject: Word
    after: Count
    before: Count


class Returning(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From when on somebody has forgotten what it and we told each other, and how far it has asked."""

    v: Literal[1]
    epoch: Count
    since: Word
    cursor: str


def door(answer: Answer) -> Answer:
    """What a peer knocks at: the request as its signature sees it goes in; a refusal is remembered and told.

    Peers sign their requests, no cookie is read here, so nothing can be forged through somebody's browser.
    """

    @csrf_exempt
    @wraps(answer)
    def opened(request: HttpRequest, **named: str) -> HttpResponseBase:
        asked = hop.Hop(method=str(request.method), url=_url(request), headers=dict(request.headers))
        at = clock.now()
        try:
            asked.body = _body(request)
            return answer(asked, at, **named)
        except Refusal as no:
            remember(asked, no, at)
            return _problem(no)

    return opened


@door
def batches(asked: hop.Hop, at: datetime) -> HttpResponse:
    """Take a batch in and answer with a signed acknowledgement."""
    return HttpResponse(actions.receive(asked, at), content_type=JSON)


@door
def attachment(asked: hop.Hop, at: datetime, subject: str, digest: str) -> HttpResponseBase:
    """A file or a part of it, for a peer that was told of it or that gave it to us; sealed to it where need be."""
    code = _caller(asked, at)
    way = way_out(code, subject, digest)
    key = subject_key(subject) if way else None
    if key is None:
        raise NotOffered().said_to(code)
    size, wanted = files.size_of(subject, digest), RANGE.fullmatch(asked.headers.get("Range", ""))
    theirs = trust.encryption_key(code, at) if way == "sealed" else None
    if wanted is None and theirs is not None:
        raise RangeNeeded().said_to(code)
    if wanted is None:
        return StreamingHttpResponse(files.read(subject, key, digest), content_type=BYTES)
    first = int(wanted[1])
    if first >= size:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    part = files.read_range(subject, key, digest, first, min(PART, int(wanted[2]) - first + 1))
    place = Place(here().code, code, subject, digest, size, first, first + len(part) - 1)
    return _part(place, part, theirs)


def _part(place: Place, content: bytes, key: Key | None) -> HttpResponse:
    """One part, sealed if there is a key; the range is that of the content."""
    shown = {"Content-Range": f"bytes {place.first}-{place.last}/{place.size}"}
    if key is None:
        return HttpResponse(content, status=206, content_type=BYTES, headers=shown)
    sealed = sealed_part.seal(place, content, key)
    return HttpResponse(sealed, status=206, content_type=sealed_part.content_type(key.id), headers=shown)


@door
def again(asked: hop.Hop, at: datetime) -> HttpResponse:
    """Let messages go once more that a peer misses; answers which of them cannot."""
    code, missed = _caller(asked, at), shaped(asked.body, Again)
    return _json({"v": 1, **actions.send_again(code, missed.subject, missed.after, missed.before)})


@door
def returned(asked: hop.Hop, at: datetime) -> HttpResponse:
    """Hand a peer that came back from a backup what it and this node told each other since."""
    code, lost = _caller(asked, at), shaped(asked.body, Returning)
    return _json({"v": 1, **actions.give_back(code, lost.epoch, read_instant(lost.since), lost.cursor)})


@door
def witnessed(asked: hop.Hop, at: datetime) -> HttpResponse:
    """What this node holds of the asking peer's diary, signed: by it the peer, or anybody, can check that diary."""
    said = signed(keys.signer(), witnesses.statement_of(_caller(asked, at), at))
    return HttpResponse(witness.wire(said), content_type=JSON)


@door
def questions(asked: hop.Hop, at: datetime) -> HttpResponse:
    """A signed answer to a peer's signed question."""
    return HttpResponse(actions.answer(_caller(asked, at), asked.body, at), content_type=JSON)


@require_GET
def trust_list(request: HttpRequest) -> HttpResponse:
    """The list this node holds, or those that follow the one somebody has; they are public and prove themselves."""
    after = request.GET.get("after")
    try:
        if after is None:
            return HttpResponse(trust_list_document(), content_type=JSON)
        if not (after.isascii() and after.isdigit() and len(after) < 10):
            raise Malformed(why="after")
        return HttpResponse(trust_lists_after(int(after)), content_type=JSON)
    except Refusal as no:
        return _problem(no)


def _url(request: HttpRequest) -> str:
    """Where the request went, written as the protocol signs it: servers hand the path over decoded."""
    query = request.META.get("QUERY_STRING", "")
    return f"{request.scheme}://{request.get_host()}{hop.encoded(request.path)}" + (f"?{query}" if query else "")


def _body(request: HttpRequest) -> bytes:
    """What was sent; one that is too long is refused before it is read."""
    length = request.headers.get("Content-Length") or "0"
    if not LENGTH.fullmatch(length) or int(length) > batch.LIMIT:
        raise Oversize(limit=batch.LIMIT)
    return request.read(batch.LIMIT + 1)


def _caller(asked: hop.Hop, at: datetime) -> str:
    """The node whose key signed this request."""
    node = trust.peer(asked.headers.get(hop.SENDER, ""), at)
    key = trust.exchange_key(node, hop.key_id_of(asked.headers), at)
    hop.check(asked, suite_name=key.suite, public=key.public_bytes, at=at)
    return node.code


def remember(asked: hop.Hop, no: Refusal, at: datetime) -> None:
    """Under the name of who has proven to be it, else among the strangers."""
    if isinstance(no, ExchangeRefusal) and no.proven:
        actions.note_refusal(no.proven, no.code, asked.body, at)
    else:
        actions.note_stranger(asked.headers.get(hop.SENDER, ""), no.code, asked.body, at)


def _json(told: dict[str, object]) -> HttpResponse:
    return HttpResponse(canonical(told), content_type=JSON)


def _problem(no: Refusal) -> HttpResponse:
    return HttpResponse(canonical(no.problem()), status=no.status, content_type=PROBLEM)


urlpatterns = [
    path("exchange/batches", require_POST(batches), name="exchange-batches"),
    path("exchange/again", require_POST(again), name="exchange-again"),
    path("exchange/returned", require_POST(returned), name="exchange-returned"),
    path("exchange/questions", require_POST(questions), name="exchange-questions"),
    path("exchange/files/<path:subject>/<str:digest>", require_GET(attachment), name="exchange-file"),
    path("exchange/witness", require_GET(witnessed), name="exchange-witness"),
    path("exchange/trust-list", trust_list, name="exchange-trust-list"),
]
