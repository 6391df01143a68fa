# SPDX-License-Identifier: Apache-2.0
"""The node's own private keys: files in its secrets folder, made at first start, never sent."""

import os
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tongban.standards.crypto import key_id, suite
from tongban.standards.node import Node, here
from tongban.standards.signer import Signer

USES = ("exchange", "document", "sign_in")


@dataclass(frozen=True)
class SoftwareSigner:
    """The exchange key, held in memory."""

    key_id: str
    suite: str
    private: bytes

    def sign(self, data: bytes) -> bytes:
        return suite(self.suite).sign(self.private, data)


def private(use: str) -> bytes:
    """The private key for one use, PEM. FileNotFoundError when the node was never initialised."""
    return _read(here(), f"{use}.pem")


def certificate() -> bytes:
    """The certificate of the document key, PEM."""
    return _read(here(), "document.crt")


def signer() -> Signer:
    """What signs messages, trust lists and tree heads in this node's name."""
    return _signer(here())


def keep(name: str, data: bytes) -> None:
    """Keep a new secret of this node; one that is there is never overwritten."""
    folder = here().secrets / "keys"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    if path.exists():
        return
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)


def make() -> None:
    """Make the exchange key in the node's suite and the sign-in key (ES256), unless they are there."""
    keep("exchange.pem", suite(here().suite).generate())
    fresh = ec.generate_private_key(ec.SECP256R1())
    keep(
        "sign_in.pem",
        fresh.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
    )


def public() -> list[dict[str, str]]:
    """The public parts, as the trust list carries them: id, use, suite, public (base64url)."""
    mine = suite(here().suite)
    exchange = mine.public(private("exchange"))
    sign_in = serialization.load_pem_private_key(private("sign_in"), password=None).public_key()
    point = sign_in.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    return [
        _entry(key_id(mine, exchange), "exchange", mine.name, exchange),
        _entry(fingerprint("es256", point), "sign_in", "es256", point),
    ]


def fingerprint(name: str, key: bytes) -> str:
    """The id of a key that is of no suite of ours, in the same form."""
    return f"{name}-{sha256(key).hexdigest()[:32]}"


def _entry(identifier: str, use: str, name: str, key: bytes) -> dict[str, str]:
    encoded = urlsafe_b64encode(key).rstrip(b"=").decode()
    return {"id": identifier, "use": use, "suite": name, "public": encoded}


@lru_cache(maxsize=64)
def _read(node: Node, name: str) -> bytes:
    return (node.secrets / "keys" / name).read_bytes()


@lru_cache(maxsize=64)
def _signer(node: Node) -> SoftwareSigner:
    mine = suite(node.suite)
    held = _read(node, "exchange.pem")
    return SoftwareSigner(key_id=key_id(mine, mine.public(held)), suite=node.suite, private=held)
