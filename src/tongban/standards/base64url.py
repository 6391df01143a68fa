# SPDX-License-Identifier: Apache-2.0
"""Bytes as text that fits in JSON and addresses (RFC 4648 §5, without padding)."""

import base64


def encode(data: bytes) -> str:
    """The text, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes again. ValueError for anything else."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
