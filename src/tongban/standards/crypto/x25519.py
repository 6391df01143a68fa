# SPDX-License-Identifier: Apache-2.0
"""Sealing to an X25519 key: HPKE (RFC 9180), base mode, with HKDF-SHA256 and AES-256-GCM, by `cryptography`."""

from functools import lru_cache

from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

KEYS_KEPT = 64
_HPKE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


class X25519:
    """What nodes with the Ed25519 suite are sealed to: PKCS#8 PEM and 32-byte public keys."""

    name = "x25519"

    def generate(self) -> bytes:
        """A new private key, PKCS#8 PEM."""
        return X25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def public(self, private: bytes) -> bytes:
        """The raw public key, 32 bytes. ValueError when it is no X25519 key."""
        return _private_key(private).public_key().public_bytes_raw()

    def seal_to(self, public: bytes, data: bytes, context: bytes) -> bytes:
        """The encapsulated key, 32 bytes, then the ciphertext; the context is HPKE's info. ValueError for no key."""
        return _HPKE.encrypt(data, X25519PublicKey.from_public_bytes(public), context)

    def open_with(self, private: bytes, sealed: bytes, context: bytes) -> bytes:
        """What was sealed. ValueError when altered, of another context, or for another key."""
        key = _private_key(private)
        try:
            return _HPKE.decrypt(sealed, key, context)
        except InvalidTag as broken:
            raise ValueError("does not open with this key and context") from broken


@lru_cache(KEYS_KEPT)
def _private_key(pem: bytes) -> X25519PrivateKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except (TypeError, UnsupportedAlgorithm) as why:  # under a passphrase, or of a kind it does not know
        raise ValueError("not an X25519 key") from why
    if not isinstance(key, X25519PrivateKey):
        raise ValueError("a key of another kind, not X25519")
    return key
