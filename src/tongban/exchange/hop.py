# SPDX-License-Identifier: Apache-2.0
"""The hop between two nodes: RFC 9421 signatures over method, path and RFC 9530 content digest.

RFC 9421 registers no SM2; the label "sm2-sm3" is ours, as the protocol says. The one spelling that our own program
writes is written and read here, as every message passes; whatever a peer may spell otherwise is read by the library.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, ClassVar
from urllib.parse import quote
from uuid import uuid4

from http_message_signatures import HTTPMessageVerifier, HTTPSignatureKeyResolver, InvalidSignature
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
LIST = " ".join(f'"{name}"' for name in (*COVERED, SENDER.lower()))
INPUT = re.compile(
    rf'{TAG}=(?P<params>\({re.escape(LIST)}\);created=(?P<created>[1-9][0-9]{{0,11}});keyid="[a-z0-9-]{{1,100}}";'
    rf'alg="(?P<alg>[a-z0-9-]{{1,20}})";nonce="[0-9a-f]{{32}}";tag="{TAG}")'
)
BASE64 = "(?:[A-Za-z0-9+/]{4}){1,100}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
SIGNATURE = re.compile(f"{TAG}=:(?P<signature>{BASE64}):")
DIGEST = re.compile(f"sha-256=:(?P<digest>{BASE64}):")
URL = re.compile(r"https?://[^/?#\s]+(?P<path>/(?:[A-Za-z0-9._~/:@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*)(?:\?[!-~]*)?")
METHOD, NODE = re.compile("[A-Z]{1,10}"), re.compile("[A-Za-z0-9]{1,40}")


@dataclass
class Hop:
    """One HTTP request as the signature sees it."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes = b""


class Ed25519(HTTPSignatureAlgorithm):
    """RFC 9421's own label, our suite underneath: one place that verifies."""

    algorithm_id = "ed25519"
    suite_name: ClassVar[str] = "ed25519"

    def __init__(self, public_key: bytes | None = None, private_key: None = None) -> None:
        self.public_key = public_key

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
class _Key(HTTPSignatureKeyResolver):
    """The one key that is expected."""

    public: bytes

    def resolve_public_key(self, key_id: str) -> bytes:
        return self.public

    def resolve_private_key(self, key_id: str) -> None:
        return None


@dataclass(frozen=True)
class _Own:
    """A signature as our own program spells it."""

    created: int
    alg: str
    signature: bytes
    digest: bytes  # of the body, as it is said
    base: bytes  # what was signed


def encoded(path: str) -> str:
    """A path as it is signed: RFC 3986's characters for paths stay, all others are percent-encoded."""
    return quote(path, safe=PLAIN)


def sign(hop: Hop, *, node: str, signer: Signer, at: datetime) -> None:
    """Sign a request in place."""
    digest = f"sha-256=:{_told(sha256(hop.body).digest())}:"
    alg = ALGORITHMS[signer.suite].algorithm_id
    params = (
        f'({LIST});created={int(at.timestamp())};keyid="{signer.key_id}";alg="{alg}";nonce="{uuid4().hex}";tag="{TAG}"'
    )
    signature = signer.sign(_base(hop.method, _path(hop.url), digest, node, params))
    hop.headers |= {
        SENDER: node,
        "Content-Digest": digest,
        "Signature-Input": f"{TAG}={params}",
        "Signature": f"{TAG}=:{_told(signature)}:",
    }


def _path(url: str) -> str:
    """The path of an address of ours. ValueError when it is not written as it is signed."""
    if not (found := URL.fullmatch(url)):
        raise ValueError(f"{url!r} cannot be signed")
    return found["path"]


def _told(data: bytes) -> str:
    return b64encode(data).decode()


def _base(method: str, path: str, digest: str, node: str, params: str) -> bytes:
    """What is signed (RFC 9421 §2.5), for the parts that our own program covers."""
    return (
        f'"@method": {method}\n"@path": {path}\n"content-digest": {digest}\n"{SENDER.lower()}": {node}\n'
        f'"@signature-params": {params}'
    ).encode()


def key_id_of(headers: Mapping[str, str]) -> str:
    """Which key the request says it was signed with; nothing is believed yet."""
    text = {name.lower(): value for name, value in headers.items()}.get("signature-input", "")
    _, _, rest = text.partition('keyid="')
    return rest.partition('"')[0]


def check(hop: Hop, *, suite_name: str, public: bytes, at: datetime) -> None:
    """SignatureInvalid or ClockSkew unless this key signed this very request within five minutes."""
    if (own := _own(hop)) is None:
        _check_by_library(hop, suite_name, public, at)
        return
    if abs(at.timestamp() - own.created) > SKEW.total_seconds():
        raise ClockSkew()
    is_so = own.alg == ALGORITHMS[suite_name].algorithm_id and own.digest == sha256(hop.body).digest()
    if not (is_so and suite(suite_name).verify(public, own.base, own.signature)):
        raise SignatureInvalid()


def _own(hop: Hop) -> _Own | None:
    """The signature of a request that is spelled to the letter as ours are; None for any other."""
    headers = {name.lower(): value for name, value in hop.headers.items()}
    said = INPUT.fullmatch(headers.get("signature-input", ""))
    signature = SIGNATURE.fullmatch(headers.get("signature", ""))
    digest, node = DIGEST.fullmatch(headers.get("content-digest", "")), headers.get(SENDER.lower(), "")
    url = URL.fullmatch(hop.url)
    plain = NODE.fullmatch(node) and METHOD.fullmatch(hop.method) and len(headers) == len(hop.headers)
    if not (said and signature and digest and url and plain):
        return None
    base = _base(hop.method, url["path"], digest[0], node, said["params"])
    return _Own(int(said["created"]), said["alg"], b64decode(signature["signature"]), b64decode(digest["digest"]), base)


def _check_by_library(hop: Hop, suite_name: str, public: bytes, at: datetime) -> None:
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

    return Clocked(signature_algorithm=ALGORITHMS[suite_name], key_resolver=_Key(public))
