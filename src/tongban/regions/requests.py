# SPDX-License-Identifier: Apache-2.0
"""What a node asks of the hub: to be listed, or to have a new key listed. Signed by every key that must agree. Pure."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tongban.regions import errors
from tongban.regions.trustlist import Code, Key, Prefix, Time, TrustedNode, plain_key, stamp
from tongban.standards import crypto
from tongban.standards.base64url import decode, encode
from tongban.standards.canonical import NotCanonical, canonical, parse

FRESH = timedelta(days=30)
AHEAD = timedelta(minutes=10)  # the other clock may be
DIGITS = 32  # of a fingerprint, in groups of four: 128 bits, short enough for the telephone


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A request as it is written; a rotation leaves out where and who."""

    v: Literal[1]
    kind: Literal["join", "rotate"]
    code: Code
    at: Time
    keys: tuple[Key, ...]
    name: str = ""
    regions: tuple[Prefix, ...] = ()
    address: str = ""
    dial: str = ""


class Prover(Protocol):
    """A key of the node that asks."""

    @property
    def key_id(self) -> str: ...

    def sign(self, data: bytes) -> bytes: ...


@dataclass(frozen=True)
class Request:
    """A request with its proofs: key id to signature."""

    asked: Asked
    data: bytes
    proofs: Mapping[str, bytes]

    @property
    def fingerprint(self) -> str:
        """What the two operators compare over the telephone."""
        return fingerprint(self.data)

    def require_proofs(self, keys: Iterable[Key]) -> None:
        """RequestNotProven unless each of these keys signed it, but those for encryption, which sign nothing.

        Whoever lists another's key for encryption can only make his own files unreadable to himself.
        """
        for key in (key for key in keys if key.use != "encryption"):
            proof = self.proofs.get(key.id, b"")
            if not crypto.listed_suite(key.suite).verify(key.public_bytes, self.data, proof):
                raise errors.RequestNotProven(key=key.id)

    def require_fresh(self, at: datetime) -> None:
        """RequestStale when it is of another time."""
        if not -AHEAD <= at - self.asked.at <= FRESH:
            raise errors.RequestStale(at=stamp(self.asked.at))


def fingerprint(data: bytes) -> str:
    """Half of the SHA-256 of these bytes, in groups of four digits."""
    digits = hashlib.sha256(data).hexdigest()[:DIGITS]
    return " ".join(digits[start : start + 4] for start in range(0, DIGITS, 4))


def require_fingerprint(true: str, told: str) -> None:
    """FingerprintDiffers unless this is what was read out, however it was typed."""
    if "".join(told.split()).replace("-", "").lower() != true.replace(" ", ""):
        raise errors.FingerprintDiffers()


def write(asked: Asked, provers: Iterable[Prover]) -> bytes:
    """The file that is handed to the hub, signed by each of these."""
    data = _compose(asked)
    proofs = {prover.key_id: encode(prover.sign(data)) for prover in provers}
    return json.dumps({"request": data.decode(), "proofs": proofs}, ensure_ascii=False, indent=1).encode() + b"\n"


def read(file: bytes) -> Request:
    """The request in this file, its form checked, its proofs not yet. RequestMalformed when it is none."""
    try:
        told = json.loads(file)
        data = str(told["request"]).encode()
        proofs = {str(name): decode(str(value)) for name, value in dict(told["proofs"]).items()}
        asked = msgspec.convert(parse(data, strict=True), Asked)
        _require_sound(asked)
    except (NotCanonical, msgspec.ValidationError, ValueError, KeyError, TypeError, RecursionError) as why:
        raise errors.RequestMalformed(why=str(why)[:200]) from why
    return Request(asked, data, proofs)


def joining(node: TrustedNode, at: datetime) -> Asked:
    """To be listed as this."""
    words = {name: getattr(node, name) for name in ("code", "name", "regions", "address", "dial", "keys")}
    return Asked(v=1, kind="join", at=at.replace(microsecond=0), **words)


def rotating(code: str, key: Key, at: datetime) -> Asked:
    """To have one more key listed."""
    return Asked(v=1, kind="rotate", code=code, at=at.replace(microsecond=0), keys=(key,))


def _compose(asked: Asked) -> bytes:
    words: dict[str, Any] = {name: getattr(asked, name) for name in ("v", "kind", "code", "name", "address", "dial")}
    lists = {"regions": list(asked.regions), "keys": [plain_key(key) for key in asked.keys]}
    return canonical(words | lists | {"at": stamp(asked.at)})


def _require_sound(asked: Asked) -> None:
    """ValueError for what the types cannot say."""
    uses = [key.use for key in asked.keys]
    if asked.kind == "join" and not ("exchange" in uses and asked.name and asked.address and asked.dial):
        raise ValueError("缺少名称、地址或交换密钥")
    if asked.kind == "rotate" and len(uses) != 1:
        raise ValueError("一次只更换一把密钥")
    if len({key.id for key in asked.keys}) != len(uses):
        raise ValueError("同一密钥列了两次")
    for key in asked.keys:
        _require_named_truly(key)


def _require_named_truly(key: Key) -> None:
    """An id must be that of the key, and a certificate must be for it."""
    if key.use == "encryption":
        return _require_sealable(key)
    of = crypto.suite(key.suite) if key.use == "exchange" else crypto.listed_suite(key.suite)
    if key.use != "document":
        if key.id != crypto.key_id(of, key.public_bytes):
            raise ValueError(f"密钥编号 {key.id} 与公钥不符")
        return
    certificate = x509.load_pem_x509_certificate(key.certificate.encode())
    public = certificate.public_key()
    if not isinstance(public, EllipticCurvePublicKey):
        raise ValueError("电子文书密钥必须在 P-256 曲线上")
    point = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    if point != key.public_bytes or key.id != f"sha256:{certificate.fingerprint(SHA256()).hex()}":
        raise ValueError("证书与密钥不符")


def _require_sealable(key: Key) -> None:
    """That something can be sealed to it at all."""
    of = crypto.listed_sealing(key.suite)
    of.seal_to(key.public_bytes, b"", b"")
    if key.id != crypto.key_id(of, key.public_bytes):
        raise ValueError(f"密钥编号 {key.id} 与公钥不符")
