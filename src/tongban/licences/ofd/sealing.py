# SPDX-License-Identifier: Apache-2.0
"""Seals an OFD after GB/T 38540: SM3 over every entry, the seal and its SM2 signature beside them."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from tongban.licences.ofd import package, pages
from tongban.licences.ofd.structures import (
    CERTIFICATES,
    ORGANIZATION_SEAL,
    SM2_WITH_SM3,
    SM3,
    VERSION,
    Header,
    Picture,
    Property,
    SealInfo,
    SealSignature,
    SealStructure,
    ToSign,
)
from tongban.licences.seal_drawing import CENTRE, SIZE
from tongban.standards.crypto import suite

SIGNS = "Doc_0/Signs"
LISTED, SIGNATURE = f"{SIGNS}/Signatures.xml", f"{SIGNS}/Sign_0/Signature.xml"
SEAL, VALUE = f"{SIGNS}/Sign_0/Seal.esl", f"{SIGNS}/Sign_0/SignedValue.dat"
VENDOR = "tongban"


@dataclass(frozen=True)
class SealKey:
    """An SM2 key that signs, and its certificate (DER)."""

    sign: Callable[[bytes], bytes]
    certificate: bytes


@dataclass(frozen=True)
class SealSaid:
    """What a seal says of itself."""

    id: str
    name: str
    made: datetime
    valid_from: datetime
    valid_until: datetime
    picture: bytes  # SVG


def seal_ofd(files: Mapping[str, bytes], said: SealSaid, key: SealKey, *, at: datetime) -> bytes:
    """The whole package, sealed on its last page."""
    seal = seal_structure(said, key)
    signed = dict(files) | {SEAL: seal.dump()}
    told = signature_xml(signed, pages.page_count(files), at)
    value = _value(seal, told, key, at)
    return package.pack(signed | {LISTED: signatures_xml(), SIGNATURE: told, VALUE: value})


def seal_structure(said: SealSaid, key: SealKey) -> SealStructure:
    """The seal itself, signed by who made it: the node, with the same key that uses it."""
    info = SealInfo(
        {
            "header": Header({"id": "ES", "version": VERSION, "vendor": VENDOR}),
            "id": said.id,
            "property": Property(
                {
                    "type": ORGANIZATION_SEAL,
                    "name": said.name,
                    "list_type": CERTIFICATES,
                    "certificates": [key.certificate],
                    "made": whole(said.made),
                    "valid_from": whole(said.valid_from),
                    "valid_until": whole(said.valid_until),
                }
            ),
            "picture": Picture({"type": "SVG", "data": said.picture, "width": round(SIZE), "height": round(SIZE)}),
        }
    )
    return SealStructure(
        {
            "info": info,
            "certificate": key.certificate,
            "algorithm": SM2_WITH_SM3,
            "signature": key.sign(info.dump()),
        }
    )


def _value(seal: SealStructure, told: bytes, key: SealKey, at: datetime) -> bytes:
    to_sign = ToSign(
        {
            "version": VERSION,
            "seal": seal,
            "time": whole(at),
            "digest": suite("sm2").hash(told),
            "path": f"/{SIGNATURE}",
        }
    )
    made = SealSignature(
        {
            "to_sign": to_sign,
            "certificate": key.certificate,
            "algorithm": SM2_WITH_SM3,
            "signature": key.sign(to_sign.dump()),
        }
    )
    return bytes(made.dump())


def signatures_xml() -> bytes:
    """The list of signatures: ours is the only one."""
    one = f'<ofd:Signature ID="1" Type="Seal" BaseLoc="/{SIGNATURE}"/>'
    return pages.xml("Signatures", f"<ofd:MaxSignId>1</ofd:MaxSignId>{one}")


def signature_xml(signed: Mapping[str, bytes], page_count: int, at: datetime) -> bytes:
    """What is signed: the SM3 of every entry, and where the seal is seen."""
    references = "".join(
        f'<ofd:Reference FileRef="/{name}"><ofd:CheckValue>{b64encode(suite("sm2").hash(data)).decode()}'
        "</ofd:CheckValue></ofd:Reference>"
        for name, data in signed.items()
    )
    left, top = CENTRE[0] - SIZE / 2, pages.HEIGHT - CENTRE[1] - SIZE / 2
    page = pages.page_id(page_count - 1)
    stamp = f'<ofd:StampAnnot ID="1" PageRef="{page}" Boundary="{left:g} {top:g} {SIZE:g} {SIZE:g}"/>'
    info = (
        f'<ofd:Provider ProviderName="{VENDOR}" Version="1" Company="{VENDOR}"/>'
        f"<ofd:SignatureMethod>{SM2_WITH_SM3}</ofd:SignatureMethod>"
        f"<ofd:SignatureDateTime>{whole(at):%Y%m%d%H%M%SZ}</ofd:SignatureDateTime>"
        f'<ofd:References CheckMethod="{SM3}">{references}</ofd:References>{stamp}'
        f"<ofd:Seal><ofd:BaseLoc>/{SEAL}</ofd:BaseLoc></ofd:Seal>"
    )
    inside = f"<ofd:SignedInfo>{info}</ofd:SignedInfo><ofd:SignedValue>/{VALUE}</ofd:SignedValue>"
    return pages.xml("Signature", inside)


def whole(at: datetime) -> datetime:
    """Seconds are all that the structures keep."""
    return at.astimezone(UTC).replace(microsecond=0)
