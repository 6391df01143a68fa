# SPDX-License-Identifier: Apache-2.0
"""Two suites behind one shape: Ed25519 with SHA-256, SM2 with SM3; chosen by the node, read by everyone."""

import hashlib
from functools import cache
from typing import Protocol

from tongban.standards.crypto.ed25519 import Ed25519
from tongban.standards.crypto.es256 import ES256
from tongban.standards.crypto.sm2 import SM2, SM2Unavailable
from tongban.standards.crypto.vectors import EXAMPLES
from tongban.standards.refusal import Refusal

__all__ = ["SM2Unavailable", "SelfTestFailed", "Suite", "digest_with", "key_id", "listed_suite", "self_test", "suite"]


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


class SelfTestFailed(Refusal):
    """Published examples do not come out as published: nothing may be signed or believed here."""

    code, status, says = (
        "crypto_self_test_failed",
        503,
        "密码算法自检未通过：{what}。本节点已停止签名和验签。",
    )


_SUITES: dict[str, Suite] = {"ed25519": Ed25519(), "sm2": SM2()}
_LISTED: dict[str, Suite] = {**_SUITES, "es256": ES256()}
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


def digest_with(tagged_prefix: str, data: bytes) -> str:
    """The digest of data by the hash that `sha256`, `sm3:` or a tagged digest names; else ValueError."""
    tag = tagged_prefix.partition(":")[0]
    try:
        return _HASHES[tag].digest(data)
    except KeyError:
        raise ValueError(f"no digest is tagged {tag!r}") from None


@cache
def _fingerprint(name: str, public: bytes) -> str:
    return f"{name}-{hashlib.sha256(public).hexdigest()[:32]}"


def key_id(of: Suite, public: bytes) -> str:
    """A key's name in messages, files and headers: suite and half of the SHA-256 of its public bytes."""
    return _fingerprint(of.name, public)


def self_test() -> None:
    """Run the published examples of both suites. SelfTestFailed or SM2Unavailable when one is not so."""
    for example in EXAMPLES:
        of = _SUITES[example.suite]
        _so(f"{of.hash_name} abc", of.hash(b"abc") == example.hash_of_abc)
        _so(f"{of.name} 验签", of.verify(example.public, example.data, example.signature))
        _so(f"{of.name} 拒绝改动", not of.verify(example.public, example.data + b"!", example.signature))
        _so(f"{of.name} 公钥", of.public(example.private) == example.public)
        own = of.sign(example.private, example.data)
        _so(f"{of.name} 签名", of.verify(example.public, example.data, own))
        _so(f"{of.name} 重签", not example.repeats or own == example.signature)


def _so(what: str, is_so: bool) -> None:
    if not is_so:
        raise SelfTestFailed(what=what)
