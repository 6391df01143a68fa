# SPDX-License-Identifier: Apache-2.0
"""What somebody writes of why they do something with a licence or a seal, as it is kept."""

from tongban.standards.refusal import BadInput

LONGEST = 500  # characters


def require_said(field: str, text: str, what: str) -> str:
    """A reason or a basis as it is kept. BadInput without one, and for what no database keeps."""
    text = text.strip()
    if not text:
        raise BadInput(field, f"请写明{what}。")
    if len(text) > LONGEST:
        raise BadInput(field, f"{what}不能超过 {LONGEST} 字。")
    if "\0" in text:
        raise BadInput(field, f"{what}中有不能保存的字符，请重新填写。")
    return text
