# SPDX-License-Identifier: Apache-2.0
"""The doors for peers. They answer a signed request from a listed node, or refuse by name."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from tongban.exchange import actions, batch, hop, trust
from tongban.exchange.errors import EpochStale, NotOffered, Oversize, Replayed, Tampered, WrongRecipient
from tongban.exchange.models import Offered
from tongban.regions.queries import trust_list_document
from tongban.standards import clock
from tongban.standards.canonical import canonical
from tongban.standards.refusal import Refusal
from tongban.vault import files
from tongban.vault.queries import subject_key

PROVEN = (Tampered, Replayed, EpochStale, WrongRecipient, NotOffered)  # said only once the sender's signature held
STRANGERS = "unknown"


@csrf_exempt  # peers sign their requests; no cookie is read here
@require_POST
def batches(request: HttpRequest) -> HttpResponse:
    """Take a batch in and answer with a signed acknowledgement."""
    at = clock.now()
    try:
        return HttpResponse(actions.receive(_hop(request), at), content_type="application/json")
    except Refusal as no:
        return _refused(request, no)


@require_GET
def attachment(request: HttpRequest, subject: str, digest: str) -> HttpResponseBase:
    """A file, for a peer that was told of it."""
    try:
        code = _caller(request)
        if not Offered.objects.filter(recipient=code, subject=subject, digest=digest).exists():
            raise NotOffered()
        key = subject_key(subject)
        if key is None:
            raise NotOffered()
        return StreamingHttpResponse(files.read(subject, key, digest), content_type="application/octet-stream")
    except Refusal as no:
        return _refused(request, no)


@require_GET
def trust_list(request: HttpRequest) -> HttpResponse:
    """The list this node holds; it is public and proves itself."""
    try:
        return HttpResponse(trust_list_document(), content_type="application/json")
    except Refusal as no:
        return _problem(no)


def _hop(request: HttpRequest) -> hop.Hop:
    """The request as its signature sees it; a body that is too long is refused before it is read."""
    length = request.headers.get("Content-Length", "0")
    if not length.isdigit() or int(length) > batch.LIMIT:
        raise Oversize(limit=batch.LIMIT)
    return hop.Hop(
        method=str(request.method),
        url=request.build_absolute_uri(),
        headers=dict(request.headers),
        body=request.read(batch.LIMIT + 1),
    )


def _caller(request: HttpRequest) -> str:
    """The node whose key signed this request."""
    at, asked = clock.now(), _hop(request)
    node = trust.peer(request.headers.get(hop.SENDER, ""), at)
    key = trust.exchange_key(node, hop.key_id_of(asked.headers), at)
    hop.check(asked, suite_name=key.suite, public=key.public_bytes, at=at)
    return node.code


def _refused(request: HttpRequest, no: Refusal) -> HttpResponse:
    """Count the refusal under the sender's name when it proved who it is, else among the strangers."""
    sender = request.headers.get(hop.SENDER, STRANGERS) if isinstance(no, PROVEN) else STRANGERS
    actions.count_refusal(sender, no.code, clock.now())
    return _problem(no)


def _problem(no: Refusal) -> HttpResponse:
    return HttpResponse(canonical(no.problem()), status=no.status, content_type="application/problem+json")


urlpatterns = [
    path("exchange/batches", batches, name="exchange-batches"),
    path("exchange/files/<str:subject>/<str:digest>", attachment, name="exchange-file"),
    path("exchange/trust-list", trust_list, name="exchange-trust-list"),
]
