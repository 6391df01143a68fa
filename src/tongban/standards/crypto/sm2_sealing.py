# SPDX-License-Identifier: Apache-2.0
"""Sealing to an SM2 key: a fresh SM4 key by SM2 (GB/T 32918.4), the content under it by SM4-GCM (RFC 8998)."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM

from tongban.standards.crypto import sm2

KEY = 16  # bytes of an SM4 key
TAG = 16
NONCE = bytes(12)  # always the same: every key seals once
LENGTH = 2  # bytes that say how long the wrapped key is


class SM2Sealing:
    """What nodes with the SM2 suite are sealed to: PKCS#8 PEM and 65-byte points."""

    name = "sm2"

    def generate(self) -> bytes:
        """A new private key, PKCS#8 PEM."""
        return sm2.SM2().generate()

    def public(self, private: bytes) -> bytes:
        """The point 04‖x‖y, 65 bytes. ValueError when it is no SM2 key."""
        return sm2.SM2().public(private)

    def seal_to(self, public: bytes, data: bytes, context: bytes) -> bytes:
        """Length of the wrapped key, the wrapped key, ciphertext and tag. ValueError for no key."""
        key = secrets.token_bytes(KEY)
        wrapped = sm2.encrypt(public, key)
        return b"".join((len(wrapped).to_bytes(LENGTH), wrapped, encrypted(key, NONCE, data, context)))

    def open_with(self, private: bytes, sealed: bytes, context: bytes) -> bytes:
        """What was sealed. ValueError when altered, of another context, or for another key."""
        end = LENGTH + int.from_bytes(sealed[:LENGTH])
        key = sm2.decrypt(private, sealed[LENGTH:end])
        if len(key) != KEY or len(sealed) < end + TAG:
            raise ValueError("not a sealed content")
        return decrypted(key, NONCE, sealed[end:], context)


def encrypted(key: bytes, nonce: bytes, data: bytes, context: bytes) -> bytes:
    """Ciphertext and tag under SM4-GCM."""
    making = Cipher(SM4(key), GCM(nonce)).encryptor()
    making.authenticate_additional_data(context)
    return b"".join((making.update(data), making.finalize(), making.tag))


def decrypted(key: bytes, nonce: bytes, ciphertext: bytes, context: bytes) -> bytes:
    """The content. ValueError when the tag does not fit."""
    body = memoryview(ciphertext)
    opening = Cipher(SM4(key), GCM(nonce, ciphertext[-TAG:])).decryptor()
    opening.authenticate_additional_data(context)
    data = opening.update(body[:-TAG])
    try:
        opening.finalize()
    except InvalidTag as broken:
        raise ValueError("does not open with this key and context") from broken
    return data
