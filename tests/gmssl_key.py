# SPDX-License-Identifier: Apache-2.0
"""gmssl, one of the two other implementations of SM2, made so that it takes every key."""

from gmssl.sm2 import CryptSM2


def gmssl_key(point: bytes, secret: bytes = b"") -> CryptSM2:
    """SM2 by gmssl under this point (65 bytes, uncompressed); C1C3C2.

    Its constructor takes a leading 04 for the mark of an uncompressed point and strips it, also where the mark is
    already off and 04 is how the x of one key in 256 begins; so the key is set after it.
    """
    key = CryptSM2(secret.hex(), "", mode=1)
    key.public_key = point[1:].hex()
    return key
