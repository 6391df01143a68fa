# SPDX-License-Identifier: Apache-2.0
"""A part of a file, sealed to the one node that asked for it: nobody on the way can read it, or use it elsewhere."""

import re
from dataclasses import asdict, dataclass

from tongban.exchange.errors import CannotSeal, SealedPartInvalid
from tongban.exchange.key_store import Held
from tongban.regions.trustlist import Key
from tongban.standards.canonical import canonical
from tongban.standards.crypto import listed_sealing

TYPE = "application/vnd.tongban.sealed-part"
TYPED = re.compile(re.escape(TYPE) + r"; ?key=([a-z0-9]{1,20}-[0-9a-f]{32})")


@dataclass(frozen=True)
class Place:
    """Which bytes of which file these are, from whom and for whom; both ends included."""

    sender: str
    recipient: str
    subject: str
    digest: str
    size: int  # of the whole file
    first: int
    last: int

    def context(self) -> bytes:
        """What must be the same on both sides for the part to open."""
        return canonical({"v": 1, **asdict(self)})


def content_type(key_id: str) -> str:
    """How a sealed part is announced, with the key that opens it."""
    return f"{TYPE}; key={key_id}"


def key_in(content_type: str) -> str | None:
    """The key that opens what comes with this content type; None when it is not sealed. SealedPartInvalid if odd."""
    found = TYPED.fullmatch(content_type)
    if found is None and content_type.startswith(TYPE):
        raise SealedPartInvalid()
    return found[1] if found else None


def seal(place: Place, data: bytes, key: Key) -> bytes:
    """CannotSeal when the recipient's key is none."""
    try:
        return listed_sealing(key.suite).seal_to(key.public_bytes, data, place.context())
    except ValueError as why:
        raise CannotSeal(key=key.id) from why


def unseal(place: Place, sealed: bytes, key: Held) -> bytes:
    """SealedPartInvalid when it was altered, belongs to another place, or is for another key."""
    try:
        return key.open(sealed, place.context())
    except ValueError as why:
        raise SealedPartInvalid() from why
