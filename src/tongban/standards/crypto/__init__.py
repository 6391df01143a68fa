# SPDX-License-Identifier: Apache-2.0
"""Two suites behind one shape, and what each is sealed to; chosen by the node, used by everyone.

Ed25519 with SHA-256 signs and X25519 seals; SM2 with SM3 signs and, with another key, SM2 with SM4 seals.
"""

import hashlib
from functools import cache
from typing import Protocol

from tongban.standards.crypto.ed25519 import Ed25519
from tongban.standards.crypto.es256 import ES256
from tongban.standards.crypto.sm2 import SM2, SM2Unavailable, decrypt
from tongban.standards.crypto.sm2_sealing import SM2Sealing, encrypted
from tongban.standards.crypto.vectors import EXAMPLES, HPKE, SM2_CIPHER, SM4_GCM
from tongban.standards.crypto.x25519 import X25519
from tongban.standards.refusal import Refusal

__all__ = [
    "SM2Unavailable",
    "Sealing",
    "SelfTestFailed",
    "Suite",
    "digest_with",
    "is_digest",
    "key_id",
    "listed_sealing",
    "listed_suite",
    "sealing_beside",
    "self_test",
    "suite",
]


class Suite(Protocol):
    """A signature and its hash. Private keys are PKCS#8 PEM, public keys raw bytes."""

    @property
    def name(self) -> str:
        """What nodes and the trust list call it: ed25519 or sm2."""

    @property
    def hash_name(self) -> str:
        """What digests are tagged with: sha256 or sm3."""

    def hash(self, data: bytes) -> bytes:
        """32 bytes."""

    def digest(self, data: bytes) -> str:
        """The hash as a tagged word, e.g. sha256:<hex>."""

    def generate(self) -> bytes:
        """A new private key."""

    def public(self, private: bytes) -> bytes:
        """The public half. ValueError for a key of another kind."""

    def sign(self, private: bytes, data: bytes) -> bytes:
        """A signature over data. ValueError for a key of another kind."""

    def verify(self, public: bytes, data: bytes, signature: bytes) -> bool:
        """Whether it is so; bad input is false, never an error."""


class Sealing(Protocol):
    """A way to seal something for one holder of a key. Private keys are PKCS#8 PEM, public keys raw bytes."""

    @property
    def name(self) -> str:
        """What the trust list calls it: x25519 or sm2."""

    def generate(self) -> bytes:
        """A new private key."""

    def public(self, private: bytes) -> bytes:
        """The public half. ValueError for a key of another kind."""

    def seal_to(self, public: bytes, data: bytes, context: bytes) -> bytes:
        """What only the holder of the private half can open, with the same context. ValueError for no such key."""

    def open_with(self, private: bytes, sealed: bytes, context: bytes) -> bytes:
        """What was sealed. ValueError when altered, of another context, or for another key."""


class SelfTestFailed(Refusal):
    """Published examples do not come out as published: nothing may be signed or believed here."""

    code, status, says = (
        "crypto_self_test_failed",
        503,
        "密码算法自检未通过：{what}。本节点已停止签名、验签和加密。",
    )


_SUITES: dict[str, Suite] = {"ed25519": Ed25519(), "sm2": SM2()}
_LISTED: dict[str, Suite] = {**_SUITES, "es256": ES256()}
_SEALINGS: dict[str, Sealing] = {"x25519": X25519(), "sm2": SM2Sealing()}
_BESIDE = {"ed25519": "x25519", "sm2": "sm2"}  # the suite that a node signs in, what it is sealed to
_HASHES: dict[str, Suite] = {each.hash_name: each for each in _SUITES.values()}


def suite(name: str) -> Suite:
    """The suite of this name; ValueError when there is none."""
    try:
        return _SUITES[name]
    except KeyError:
        raise ValueError(f"no suite is called {name!r}") from None


def listed_suite(name: str) -> Suite:
    """How a key on the trust list verifies, whatever its use; ValueError for a name that no list may hold."""
    try:
        return _LISTED[name]
    except KeyError:
        raise ValueError(f"no key is of the kind {name!r}") from None


def listed_sealing(name: str) -> Sealing:
    """How to seal to an encryption key on the trust list; ValueError for a name that no list may hold."""
    try:
        return _SEALINGS[name]
    except KeyError:
        raise ValueError(f"nothing is sealed to {name!r}") from None


def sealing_beside(suite_name: str) -> Sealing:
    """What nodes that sign in this suite are sealed to."""
    return _SEALINGS[_BESIDE[suite(suite_name).name]]


def digest_with(tagged_prefix: str, data: bytes) -> str:
    """The digest of data by the hash that `sha256`, `sm3:` or a tagged digest names; else ValueError."""
    tag = tagged_prefix.partition(":")[0]
    try:
        return _HASHES[tag].digest(data)
    except KeyError:
        raise ValueError(f"no digest is tagged {tag!r}") from None


def is_digest(tagged: str, data: bytes) -> bool:
    """Whether this is the digest of data, by the hash that it names; one that nobody knows here is none."""
    try:
        return digest_with(tagged, data) == tagged
    except ValueError:
        return False


@cache
def _fingerprint(name: str, public: bytes) -> str:
    return f"{name}-{hashlib.sha256(public).hexdigest()[:32]}"


def key_id(of: Suite | Sealing, public: bytes) -> str:
    """A key's name in messages, files and headers: suite and half of the SHA-256 of its public bytes."""
    return _fingerprint(of.name, public)


def self_test() -> None:
    """Run the published examples of everything. SelfTestFailed or SM2Unavailable when one is not so."""
    _test_suites()
    _test_published_ciphers()
    for of in _SEALINGS.values():
        _test_sealing(of)


def _test_suites() -> None:
    for example in EXAMPLES:
        of = _SUITES[example.suite]
        _so(f"{of.hash_name} abc", of.hash(b"abc") == example.hash_of_abc)
        _so(f"{of.name} 验签", of.verify(example.public, example.data, example.signature))
        _so(f"{of.name} 拒绝改动", not of.verify(example.public, example.data + b"!", example.signature))
        _so(f"{of.name} 公钥", of.public(example.private) == example.public)
        own = of.sign(example.private, example.data)
        _so(f"{of.name} 签名", of.verify(example.public, example.data, own))
        _so(f"{of.name} 重签", not example.repeats or own == example.signature)


def _test_published_ciphers() -> None:
    opened = _opened(_SEALINGS["x25519"], HPKE.private, HPKE.sealed, HPKE.context)
    _so("HPKE 解密", opened == HPKE.data)
    _so("SM2 解密", decrypt(SM2_CIPHER.private, SM2_CIPHER.sealed) == SM2_CIPHER.data)
    made = encrypted(SM4_GCM.key, SM4_GCM.nonce, SM4_GCM.data, SM4_GCM.context)
    _so("SM4-GCM", made == SM4_GCM.sealed)


def _test_sealing(of: Sealing) -> None:
    """To itself; what is altered or said in another context stays shut."""
    private = of.generate()
    sealed = of.seal_to(of.public(private), b"content", b"context")
    _so(f"{of.name} 加解密", _opened(of, private, sealed, b"context") == b"content")
    _so(f"{of.name} 拒绝另一上下文", _opened(of, private, sealed, b"other") is None)
    _so(f"{of.name} 拒绝改动", _opened(of, private, sealed[:-1] + bytes([sealed[-1] ^ 1]), b"context") is None)


def _opened(of: Sealing, private: bytes, sealed: bytes, context: bytes) -> bytes | None:
    try:
        return of.open_with(private, sealed, context)
    except ValueError:
        return None


def _so(what: str, is_so: bool) -> None:
    if not is_so:
        raise SelfTestFailed(what=what)
