# SPDX-License-Identifier: Apache-2.0
"""QR codes as drawings inside the page."""

import segno
from django.utils.safestring import mark_safe


def qr(text: str) -> str:
    """A QR code as inline SVG, without sizes and styles: the page decides."""
    drawn: str = segno.make(text, error="m", micro=False).svg_inline(
        omitsize=True, border=1, svgclass=None, lineclass=None
    )
    return mark_safe(drawn.replace("<svg", f'<svg role="img" aria-label="二维码：{number_in(text)}"', 1))  # noqa: S308


def number_in(address: str) -> str:
    """The last part of an address, for those who cannot see the code."""
    return "".join(char for char in address.rstrip("/").rpartition("/")[2] if char.isalnum() or char == "-")
