# SPDX-License-Identifier: Apache-2.0
"""How sure a node is of who somebody is. Our own scale: no national code for it has been published."""

from enum import IntEnum

PREFIX = "urn:tongban:assurance:"


class Level(IntEnum):
    """Higher is surer; what gives a level is in the comments."""

    DECLARED = 1  # what the person typed, format checked only
    MATCHED = 2  # name and number agree with an authoritative source
    PRESENT = 3  # a real person was there and is the one on the document
    CERTIFIED = 4  # a certificate, or a check at a window


REAL_NAME = Level.MATCHED  # from here on an ID number may join two sign-ins to one person


def acr(level: Level) -> str:
    """The level as OpenID Connect's acr value."""
    return f"{PREFIX}{level.value}"


def level_of(value: str) -> Level:
    """The level an acr value means. ValueError when it is none of ours."""
    if not value.startswith(PREFIX):
        raise ValueError(f"not a level of assurance: {value[:60]}")
    return Level(int(value.removeprefix(PREFIX)))
