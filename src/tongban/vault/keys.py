# SPDX-License-Identifier: Apache-2.0
"""Envelope encryption and blind indexes; the node's own keys lie sealed in its secrets folder."""

import hmac
from functools import lru_cache
from hashlib import sha256

from tongban.standards.node import Node, here
from tongban.vault import aead, locks
from tongban.vault.aead import NONCE, VERSION, seal, unseal

__all__ = ["NONCE", "VERSION", "blind", "new_key", "personal_key", "seal", "unseal", "unwrap"]


@lru_cache(maxsize=64)
def _secret(node: Node, name: str) -> bytes:
    return locks.read(node, name)


def new_key() -> tuple[bytes, bytes]:
    """A fresh data key, and the same wrapped by the node's key for storing."""
    key = aead.new_key()
    return key, seal(_secret(here(), "kek"), key, b"data-key")


def unwrap(wrapped: bytes | memoryview) -> bytes:
    """The data key that was wrapped here. SealBroken when it was not."""
    return unseal(_secret(here(), "kek"), bytes(wrapped), b"data-key")


def personal_key() -> bytes:
    """The key for what belongs to persons rather than to a case; derived, so it is never stored."""
    return _personal_key(here())


@lru_cache(maxsize=64)
def _personal_key(node: Node) -> bytes:
    return hmac.digest(_secret(node, "kek"), b"persons", "sha256")


def blind(kind: str, value: str) -> bytes:
    """A blind index: equal values meet, nothing can be read back. Version byte, then HMAC-SHA-256."""
    words = f"{kind}:{value}".encode()
    return VERSION + hmac.digest(_secret(here(), "index"), words, sha256)
