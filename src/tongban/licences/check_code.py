# SPDX-License-Identifier: Apache-2.0
"""The check code of a paper: fifty random bits of its identifier, so that nobody guesses it from the number. Pure."""

import hmac
from uuid import UUID

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # without I, L, O and U, which are read as others
LENGTH = 10
READ_AS = str.maketrans("ILO", "110")


def code_of(licence_id: UUID) -> str:
    """As it is printed: XXXXX-XXXXX."""
    bits = licence_id.int
    digits = "".join(ALPHABET[bits >> 5 * place & 31] for place in reversed(range(LENGTH)))
    return f"{digits[:5]}-{digits[5:]}"


def matches(licence_id: UUID, typed: str) -> bool:
    """Whether this is its code, however spaced and in whichever case."""
    plain = "".join(typed.upper().split()).replace("-", "").translate(READ_AS)
    return hmac.compare_digest(plain.encode(), code_of(licence_id).replace("-", "").encode())
