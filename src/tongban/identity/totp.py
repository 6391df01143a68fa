# SPDX-License-Identifier: Apache-2.0
"""Codes that change every half minute: RFC 6238 over RFC 4226, as every authenticator program makes them."""

import hmac
import secrets
from base64 import b32encode
from datetime import datetime
from urllib.parse import quote, urlencode

PERIOD = 30  # seconds
DIGITS = 6
EARLY_OR_LATE = 1  # steps that a telephone's clock may be off
SECRET = 20  # bytes: as long as what SHA-1 makes of it


def new_secret() -> bytes:
    """For one authenticator."""
    return secrets.token_bytes(SECRET)


def code(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of one step (RFC 4226 §5.3)."""
    made = hmac.digest(secret, step.to_bytes(8), "sha1")
    place = made[-1] & 0x0F
    number = int.from_bytes(made[place : place + 4]) & 0x7FFFFFFF
    return str(number % 10**digits).zfill(digits)


def step_at(at: datetime) -> int:
    """The step that an instant falls into."""
    return int(at.timestamp()) // PERIOD


def fitting(secret: bytes, said: str, at: datetime, last: int) -> int | None:
    """The step whose code was said, later than the last that was used; None when there is none."""
    now = step_at(at)
    for step in range(now - EARLY_OR_LATE, now + EARLY_OR_LATE + 1):
        if step > last and hmac.compare_digest(code(secret, step).encode(), said.encode()):
            return step
    return None


def written(secret: bytes) -> str:
    """The secret as people type it into a telephone."""
    return b32encode(secret).decode().rstrip("=")


def address(secret: bytes, login: str, node: str) -> str:
    """What the QR code holds (otpauth, as authenticators read it)."""
    label = quote(f"{node}:{login}")
    return f"otpauth://totp/{label}?{urlencode({'secret': written(secret), 'issuer': node})}"
