# SPDX-License-Identifier: Apache-2.0
"""Whether an OFD is what a node of the federation sealed, to the last byte. Pure; never raises on any bytes.

As with PDFs the rule is narrower than the format's own: the package is written as ours are, every entry is named in
the signature, and the seal's structures are those of GB/T 38540 in their one encoding.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from tongban.licences.ofd import pages
from tongban.licences.ofd.package import MAX_BYTES, NotAPackage, unpack
from tongban.licences.ofd.sealing import LISTED, SEAL, SIGNATURE, VALUE, signature_xml, signatures_xml
from tongban.licences.ofd.structures import SM2_WITH_SM3, VERSION, SealSignature
from tongban.licences.verify import Certificates, Reason, Refused, Verdict, document_certificates
from tongban.standards.crypto import suite

OURS = (LISTED, SIGNATURE, VALUE)  # entries that cannot name themselves


@dataclass(frozen=True)
class _Signed:
    """What the signature says, and what proves it."""

    to_sign: bytes
    seal: bytes
    info: bytes
    value: bytes
    seal_value: bytes
    certificate: bytes
    digest: bytes
    at: datetime


def check_ofd(data: bytes, certificates: Certificates) -> Verdict:
    """The verdict on these bytes, by the document certificates of the nodes on the trust list."""
    if len(data) > MAX_BYTES:
        return Verdict(intact=False, reasons=(Reason.TOO_LARGE,))
    digest = f"sha256:{sha256(data).hexdigest()}"
    try:
        node, certificate, at = _check(data, certificates)
    except Refused as why:
        return Verdict(intact=False, reasons=(why.reason,), digest=digest)
    return Verdict(
        intact=True,
        signer_node=node,
        signed_at=at,
        covers_whole=True,
        certificate_id=f"sha256:{sha256(certificate).hexdigest()}",
        digest=digest,
    )


def seal_certificate_in(data: bytes) -> bytes:
    """The certificate that an OFD brings along, DER; empty without one."""
    try:
        return _read(unpack(data).get(VALUE, b"")).certificate
    except (NotAPackage, Refused):
        return b""


def _check(data: bytes, certificates: Certificates) -> tuple[str, bytes, datetime]:
    try:
        files = unpack(data)
    except NotAPackage as why:
        raise Refused(Reason.CONTENT_CHANGED) from why
    if not all(name in files for name in (*OURS, SEAL, "OFD.xml")):
        raise Refused(Reason.NOT_SIGNED)
    signed = _read(files[VALUE])
    node = _issuer(signed.certificate, certificates)
    _require_unchanged(files, signed)
    key = _point(signed.certificate)
    verified = suite("sm2").verify(key, signed.to_sign, signed.value) and suite("sm2").verify(
        key, signed.info, signed.seal_value
    )
    if not verified:
        raise Refused(Reason.SIGNATURE_WRONG)
    held = x509.load_der_x509_certificate(signed.certificate)
    if not held.not_valid_before_utc <= signed.at <= held.not_valid_after_utc:
        raise Refused(Reason.CERTIFICATE_NOT_IN_FORCE)
    return node, signed.certificate, signed.at


def _require_unchanged(files: Mapping[str, bytes], signed: _Signed) -> None:
    """Everything that is not the signature stands in it, and the signature's own words are as we write them."""
    named = {name: data for name, data in files.items() if name not in OURS}
    told = signature_xml(named, pages.page_count(files), signed.at)
    same = files[SIGNATURE] == told and files[LISTED] == signatures_xml() and files[SEAL] == signed.seal
    if not same or suite("sm2").hash(files[SIGNATURE]) != signed.digest:
        raise Refused(Reason.CONTENT_CHANGED)


def _read(value: bytes) -> _Signed:
    """The parts of a signature; written again they give the same bytes, or they are refused."""
    try:
        whole = SealSignature.load(value, strict=True)
        if whole.dump(force=True) != value:
            raise ValueError("another encoding")
        return _parts(whole)
    except Exception as why:  # the parser raises many things on bytes that are no such structure
        raise Refused(Reason.SIGNATURE_MALFORMED) from why


def _parts(whole: SealSignature) -> _Signed:
    to_sign: Any = whole["to_sign"]
    seal: Any = to_sign["seal"]
    certificate = bytes(whole["certificate"].native)
    listed = [bytes(each) for each in seal["info"]["property"]["certificates"].native]
    algorithms = {whole["algorithm"].native, seal["algorithm"].native}
    fits = listed == [certificate] and bytes(seal["certificate"].native) == certificate
    if not fits or algorithms != {SM2_WITH_SM3} or to_sign["version"].native != VERSION:
        raise ValueError("not of our profile")
    at = to_sign["time"].native.astimezone(UTC)
    said: Any = seal["info"]["property"]
    if not said["valid_from"].native <= at <= said["valid_until"].native:
        raise ValueError("sealed outside of the seal's time")
    return _Signed(
        to_sign=to_sign.dump(),
        seal=seal.dump(),
        info=seal["info"].dump(),
        value=bytes(whole["signature"].native),
        seal_value=bytes(seal["signature"].native),
        certificate=certificate,
        digest=bytes(to_sign["digest"].native),
        at=at,
    )


def _issuer(certificate: bytes, certificates: Certificates) -> str:
    """The node whose document key vouches for this SM2 certificate."""
    try:
        parsed = asn1_x509.Certificate.load(certificate, strict=True)
        body, value = parsed["tbs_certificate"].dump(), parsed["signature_value"].native
        if parsed.dump(force=True) != certificate:
            raise ValueError("another encoding")
    except (ValueError, TypeError) as why:
        raise Refused(Reason.SIGNATURE_MALFORMED) from why
    for node, held in document_certificates(certificates):
        key = x509.load_der_x509_certificate(held).public_key()
        if isinstance(key, ec.EllipticCurvePublicKey) and _vouches(key, body, value):
            return node
    raise Refused(Reason.SIGNER_UNKNOWN)


def _vouches(key: ec.EllipticCurvePublicKey, body: bytes, value: bytes) -> bool:
    try:
        key.verify(value, body, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _point(certificate: bytes) -> bytes:
    """The SM2 key of a certificate: the last 65 bytes of its key, as OpenSSL 3 writes it."""
    key = asn1_x509.Certificate.load(certificate)["tbs_certificate"]["subject_public_key_info"].dump()
    found = re.search(rb"\x03\x42\x00(\x04.{64})$", key, re.DOTALL)
    if found is None:
        raise Refused(Reason.SIGNATURE_MALFORMED)
    return found[1]
