# SPDX-License-Identifier: Apache-2.0
"""ECDSA on P-256 with SHA-256, as JOSE writes it: sign-in and document keys; no message is signed with it."""

import hashlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDSA,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

HALF = 32  # bytes of r and of s


class ES256:
    """PKCS#8 PEM, public points 04‖x‖y of 65 bytes, signatures r‖s of 64."""

    name = "es256"
    hash_name = "sha256"

    def hash(self, data: bytes) -> bytes:
        """SHA-256 of data, 32 bytes."""
        return hashlib.sha256(data).digest()

    def digest(self, data: bytes) -> str:
        """The same as a tagged word: sha256:<hex>."""
        return f"sha256:{hashlib.sha256(data).hexdigest()}"

    def generate(self) -> bytes:
        """A new private key, PKCS#8 PEM."""
        return generate_private_key(SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

    def public(self, private: bytes) -> bytes:
        """The point, 65 bytes. ValueError when it is no key on P-256."""
        return _private_key(private).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def sign(self, private: bytes, data: bytes) -> bytes:
        """64 bytes over the data. ValueError when it is no key on P-256."""
        r, s = decode_dss_signature(_private_key(private).sign(data, ECDSA(SHA256())))
        return r.to_bytes(HALF) + s.to_bytes(HALF)

    def verify(self, public: bytes, data: bytes, signature: bytes) -> bool:
        """Whether this key signed this data; false for anything malformed."""
        if len(signature) != 2 * HALF:
            return False
        r, s = int.from_bytes(signature[:HALF]), int.from_bytes(signature[HALF:])
        try:
            point = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), public)
            point.verify(encode_dss_signature(r, s), data, ECDSA(SHA256()))
        except (InvalidSignature, ValueError):
            return False
        return True


def _private_key(pem: bytes) -> EllipticCurvePrivateKey:
    try:
        key = load_pem_private_key(pem, password=None)
    except (TypeError, UnsupportedAlgorithm) as why:
        raise ValueError("not a P-256 key") from why
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise ValueError("a key of another kind, not P-256")
    return key
