# SPDX-License-Identifier: Apache-2.0
"""How sure a node is of who somebody is. Our own scale: no national code for it has been published."""

from enum import IntEnum

PREFIX = "urn:tongban:assurance:"


class Level(IntEnum):
    """Higher is surer; what gives a level is in the comments."""

    DECLARED = 1  # what the person typed, format checked only
    MATCHED = 2  # name and number agree with an authoritative source
    PRESENT = 3  # a real person was there, e.g. at a window, and is the one on the document
    CERTIFIED = 4  # a certificate


LEVELS = {  # as people read them
    Level.DECLARED: "自行填报",
    Level.MATCHED: "姓名和证件号码已核对",
    Level.PRESENT: "本人到场已核验",
    Level.CERTIFIED: "数字证书已核验",
}
REAL_NAME = Level.MATCHED  # from here on an ID number may join two sign-ins to one person


def by_text_message(level: Level) -> Level:
    """What a code by text message lets one claim: telephones are lent, and numbers are given to others.

    It proves that name and number were matched once, and not that the person is there.
    """
    return min(level, Level.MATCHED)


def acr(level: Level) -> str:
    """The level as OpenID Connect's acr value."""
    return f"{PREFIX}{level.value}"


def level_of(value: str) -> Level:
    """The level an acr value means. ValueError when it is none of ours."""
    if not value.startswith(PREFIX):
        raise ValueError(f"not a level of assurance: {value[:60]}")
    return Level(int(value.removeprefix(PREFIX)))
