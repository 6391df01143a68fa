# SPDX-License-Identifier: Apache-2.0
"""The signing service: the one place where a seal's key is used. Whoever calls it notes the use beside the file."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from asn1crypto import pem

from tongban.exchange import key_store, keys
from tongban.licences.errors import SealNotInUse
from tongban.licences.models import Seal
from tongban.licences.ofd.sealing import SealKey, SealSaid, seal_ofd
from tongban.licences.seal_drawing import Seal as Drawing
from tongban.licences.seal_drawing import draw_svg
from tongban.licences.sealing import certify_sm2, seal_pdf
from tongban.licences.seals.providers import provider_of
from tongban.licences.seals.providers.software import Software
from tongban.licences.seals.states import KINDS, SealState, why_not
from tongban.licences.typesetting import refuse_unprintable
from tongban.standards.crypto import suite
from tongban.standards.crypto.sm2 import SPKI_HEAD
from tongban.standards.node import here
from tongban.vault import locks

SM2 = "seal-sm2"  # the file of the node's first SM2 key for seals; those after it are numbered
FILE = re.compile(rf"{SM2}(?:-([0-9]+))?\.pem")


@dataclass(frozen=True)
class Sealed:
    """A sealed file, and by what it was sealed."""

    data: bytes
    certificate_id: str
    provider: str


def seal(row: Seal, pages: bytes, *, at: datetime) -> Sealed:
    """These pages under this seal. SealNotInUse when it may not be used now."""
    require_usable(row, at)
    key = keys.in_use("document")
    provider = provider_of(key)
    signatory = provider.signatory(key, keys.certificate())
    return Sealed(seal_pdf(pages, drawing_of(row), signatory, at=at), signatory.certificate_id, provider.name)


def seal_as_ofd(row: Seal, files: Mapping[str, bytes], *, at: datetime) -> Sealed:
    """The same for the entries of an OFD, with the node's SM2 key. SealNotInUse likewise."""
    require_usable(row, at)
    key, drawing = _sm2_key(at), drawing_of(row)
    said = SealSaid(
        id=row.id.hex,
        name=f"{drawing.name}{drawing.purpose}",
        made=row.made_at,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        picture=draw_svg(drawing),
    )
    certificate = f"sha256:{sha256(key.certificate).hexdigest()}"
    return Sealed(seal_ofd(files, said, key, at=at), certificate, Software.name)


def _sm2_key(at: datetime) -> SealKey:
    """The newest; tokens have no mechanism for SM2 that all vendors share, so it lies in a sealed file.

    The node's document key vouches for it, as it is when the certificate is made.
    """
    node, sm2, number = here(), suite("sm2"), newest_key() or make_key()
    name = _named(number)
    private = locks.read(node, f"keys/{name}.pem")
    place = node.secrets / "keys" / f"{name}.crt"
    if not place.exists():
        document, public = keys.in_use("document"), SPKI_HEAD + sm2.public(private)
        made = certify_sm2(public, document.sign, node.name, node.code, at=at)
        key_store.keep(f"{name}.crt", pem.armor("CERTIFICATE", made))
    return SealKey(lambda data: sm2.sign(private, data), pem.unarmor(place.read_bytes())[2])


def make_key() -> int:
    """One more SM2 key for seals, used from now on; what the others sealed stays as valid as it is. Its number."""
    number = newest_key() + 1
    key_store.keep(f"{_named(number)}.pem", suite("sm2").generate())
    return number


def newest_key() -> int:
    """The number of the SM2 key that seals are made with; 0 before there was any."""
    return max((int(found[1] or 1) for name in key_store.names(here()) if (found := FILE.fullmatch(name))), default=0)


def _named(number: int) -> str:
    return SM2 if number == 1 else f"{SM2}-{number}"


def require_usable(row: Seal | None, at: datetime, organization_name: str = "") -> Seal:
    """The seal, if it may be used now. SealNotInUse says why not."""
    if row is None:
        raise SealNotInUse(organization=organization_name, why="还没有登记")
    if why := why_not(SealState(row.state), row.valid_from, row.valid_until, at):
        raise SealNotInUse(organization=row.organization_name, why=why)
    return row


def drawing_of(row: Seal) -> Drawing:
    """How the seal looks. GlyphMissing when the fonts lack a character of its name."""
    refuse_unprintable(row.name)
    return Drawing(row.name, KINDS[row.kind], "演示" if here().demo else "")
