# SPDX-License-Identifier: Apache-2.0
"""What people type to say who they are: an ID number or a phone."""

from tongban.identity import sealing
from tongban.standards import identifiers
from tongban.standards.node import here
from tongban.standards.refusal import BadInput

RESIDENT_ID = "resident_id"
CREDIT_CODE = "credit_code"  # of a legal person
LONGEST = 64  # characters; nothing that signs in is longer


def id_number(text: str) -> str:
    """A citizen's number, checked; invented ones only on a demonstration node. BadInput otherwise."""
    return identifiers.resident_id(text, demo=here().demo).number


def phone(text: str) -> str:
    """A mobile number, checked. BadInput otherwise."""
    return identifiers.phone(text)


def folded(login: str) -> str:
    """One login however it was typed: full-width, spaced, in small letters."""
    return identifiers.tidy_number(login[:LONGEST])


def index(login: str) -> bytes | None:
    """Where the login would be found; None for what cannot be one."""
    number = folded(login)
    if identifiers.is_resident_id(number, demo=here().demo):
        return sealing.id_index(RESIDENT_ID, number)
    try:
        return sealing.phone_index(identifiers.phone(number))
    except BadInput:
        return None
