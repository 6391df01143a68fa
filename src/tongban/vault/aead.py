# SPDX-License-Identifier: Apache-2.0
"""Authenticated encryption, AES-256-GCM: what is altered or moved elsewhere does not open."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tongban.vault.errors import SealBroken

NONCE = 12  # bytes, random: a data key seals far fewer than 2**32 things
VERSION = b"\x01"


def new_key() -> bytes:
    """A fresh key of 256 bits."""
    return AESGCM.generate_key(256)


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
