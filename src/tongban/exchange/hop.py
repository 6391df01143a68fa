# SPDX-License-Identifier: Apache-2.0
"""The hop between two nodes: RFC 9421 signatures over method, path and RFC 9530 content digest.

RFC 9421 registers no SM2; the label "sm2-sm3" is ours, as the protocol says.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote
from uuid import uuid4

from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
)
from http_message_signatures.algorithms import HTTPSignatureAlgorithm
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from tongban.exchange.errors import ClockSkew, SignatureInvalid
from tongban.standards.crypto import suite
from tongban.standards.signer import Signer

TAG = "tongban"
COVERED = ("@method", "@path", "content-digest")
SKEW = timedelta(minutes=5)
PLAIN = "/:@!$&'()*+,;="  # in a path, besides letters, digits and -._~
SENDER = "Tongban-Node"  # who asks; believed only because the key of that node signed


@dataclass
class Hop:
    """One HTTP request as the signature sees it."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes = b""


class Ed25519(HTTPSignatureAlgorithm):
    """RFC 9421's own label, our suite underneath: one place that signs."""

    algorithm_id = "ed25519"
    suite_name: ClassVar[str] = "ed25519"

    def __init__(self, public_key: bytes | None = None, private_key: Signer | None = None) -> None:
        self.public_key, self.signer = public_key, private_key

    def sign(self, message: bytes) -> bytes:
        assert self.signer is not None
        return self.signer.sign(message)

    def verify(self, signature: bytes, message: bytes) -> None:
        assert self.public_key is not None
        if not suite(self.suite_name).verify(self.public_key, message, signature):
            raise InvalidSignature("the signature is not of this key")


class Sm2(Ed25519):
    """A label of ours."""

    algorithm_id = "sm2-sm3"
    suite_name = "sm2"


ALGORITHMS: dict[str, type[Ed25519]] = {"ed25519": Ed25519, "sm2": Sm2}


@dataclass(frozen=True)
class _Keys(HTTPSignatureKeyResolver):
    """The one key that is expected."""

    public: bytes | None = None
    signer: Signer | None = None

    def resolve_public_key(self, key_id: str) -> bytes | None:
        return self.public

    def resolve_private_key(self, key_id: str) -> Signer | None:
        return self.signer


def encoded(path: str) -> str:
    """A path as it is signed: RFC 3986's characters for paths stay, all others are percent-encoded."""
    return quote(path, safe=PLAIN)


def sign(hop: Hop, *, node: str, signer: Signer, at: datetime) -> None:
    """Sign a request in place."""
    hop.headers[SENDER] = node
    library = HTTPMessageSigner(signature_algorithm=ALGORITHMS[signer.suite], key_resolver=_Keys(signer=signer))
    library.sign(
        hop,
        key_id=signer.key_id,
        created=at,
        nonce=uuid4().hex,
        tag=TAG,
        label=TAG,
        covered_component_ids=[*COVERED, SENDER.lower()],
        body=hop.body,
    )


def key_id_of(headers: Mapping[str, str]) -> str:
    """Which key the request says it was signed with; nothing is believed yet."""
    text = {name.lower(): value for name, value in headers.items()}.get("signature-input", "")
    _, _, rest = text.partition('keyid="')
    return rest.partition('"')[0]


def check(hop: Hop, *, suite_name: str, public: bytes, at: datetime) -> None:
    """SignatureInvalid or ClockSkew unless this key signed this very request within five minutes."""
    library = _clocked(suite_name, public, at)
    try:
        library.verify(hop, max_age=None, expect_tag=TAG, require_components=[*COVERED, SENDER.lower()], body=hop.body)
    except (HTTPMessageSignaturesException, ValueError) as wrong:
        raise SignatureInvalid() from wrong


def _clocked(suite_name: str, public: bytes, at: datetime) -> Any:
    """A verifier whose idea of time is ours."""

    class Clocked(HTTPMessageVerifier):
        def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
            created = sig_input.params.get("created")
            if not isinstance(created, int) or abs(at.timestamp() - created) > SKEW.total_seconds():
                raise ClockSkew()

    return Clocked(signature_algorithm=ALGORITHMS[suite_name], key_resolver=_Keys(public=public))
