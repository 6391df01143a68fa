# SPDX-License-Identifier: Apache-2.0
"""Envelope encryption and blind indexes. AES-256-GCM; the node's own keys are files in its secrets folder."""

import hmac
import os
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tongban.standards.node import Node, here
from tongban.vault.errors import SealBroken

NONCE = 12  # bytes, random: a data key seals far fewer than 2**32 things
VERSION = b"\x01"


@lru_cache(maxsize=64)
def _secret(node: Node, name: str) -> bytes:
    return (node.secrets / name).read_bytes()


def new_key() -> tuple[bytes, bytes]:
    """A fresh data key, and the same wrapped by the node's key for storing."""
    key = AESGCM.generate_key(256)
    return key, seal(_secret(here(), "kek"), key, b"data-key")


def unwrap(wrapped: bytes | memoryview) -> bytes:
    """The data key that was wrapped here. SealBroken when it was not."""
    return unseal(_secret(here(), "kek"), bytes(wrapped), b"data-key")


def personal_key() -> bytes:
    """The key for what belongs to persons rather than to a case; derived, so it is never stored."""
    return hmac.digest(_secret(here(), "kek"), b"persons", "sha256")


def seal(key: bytes, plain: bytes, context: bytes) -> bytes:
    """Version byte, nonce, ciphertext; the context must be said again to open it: blobs cannot be swapped."""
    nonce = os.urandom(NONCE)
    return VERSION + nonce + AESGCM(key).encrypt(nonce, plain, context)


def unseal(key: bytes, sealed: bytes | memoryview, context: bytes) -> bytes:
    """What was sealed. SealBroken on any change."""
    sealed = bytes(sealed)
    if sealed[:1] != VERSION:
        raise SealBroken()
    try:
        return AESGCM(key).decrypt(sealed[1 : 1 + NONCE], sealed[1 + NONCE :], context)
    except (InvalidTag, ValueError) as broken:  # ValueError: too short to hold a nonce
        raise SealBroken() from broken


def blind(kind: str, value: str) -> bytes:
    """A blind index: equal values meet, nothing can be read back. Version byte, then HMAC-SHA-256."""
    words = f"{kind}:{value}".encode()
    return VERSION + hmac.digest(_secret(here(), "index"), words, sha256)
