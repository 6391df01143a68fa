# SPDX-License-Identifier: Apache-2.0
"""Whether a PDF is what a node of the federation sealed, to the last byte. Pure; never raises on any bytes.

The rule is narrower than PDF's own: one signature, over the whole file but for the hole that holds it, and
in the hole nothing but the signature as the profile writes it. So no byte can change unseen, and no way of
showing other content around a good signature (wrapping, later revisions, loose tails) is left open.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import Any

from asn1crypto import cms, pem
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

MAX_BYTES = 20_000_000
MAX_HOLE = 65_536  # hex digits of the signature

Certificates = Mapping[str, str | Iterable[str]]  # node code → PEM, or several: old keys stay checkable


class Reason(StrEnum):
    """Why a file is not accepted; codes for programs, `says` for people."""

    TOO_LARGE = "too_large"
    NOT_PDF = "not_pdf"
    NOT_SIGNED = "not_signed"
    SEVERAL_SIGNATURES = "several_signatures"
    CHANGED_LATER = "changed_later"
    SIGNATURE_MALFORMED = "signature_malformed"
    SIGNER_UNKNOWN = "signer_unknown"
    CONTENT_CHANGED = "content_changed"
    SIGNATURE_WRONG = "signature_wrong"
    CERTIFICATE_NOT_IN_FORCE = "certificate_not_in_force"

    @property
    def says(self) -> str:
        """The sentence a person reads."""
        return SENTENCES[self]


SENTENCES = {
    Reason.TOO_LARGE: "文件超过 20 MB，不予核验。",
    Reason.NOT_PDF: "这不是 PDF 文件，也不是 OFD 文件。",
    Reason.NOT_SIGNED: "文件中没有完整的数字签名。",
    Reason.SEVERAL_SIGNATURES: "文件中有多个签名；本系统签发的文书只有一个签名，不能认定其真实性。",
    Reason.CHANGED_LATER: "签名没有覆盖整个文件：签名之后又追加或删去了内容。",
    Reason.SIGNATURE_MALFORMED: "签名数据不完整或被改动过。",
    Reason.SIGNER_UNKNOWN: "签名证书不属于信任列表中的任何节点。",
    Reason.CONTENT_CHANGED: "文件内容在签名之后被改动过。",
    Reason.SIGNATURE_WRONG: "签名与签名证书不符。",
    Reason.CERTIFICATE_NOT_IN_FORCE: "签名时间不在签名证书的有效期内。",
}


@dataclass(frozen=True)
class Verdict:
    """What was found out about a file; `reasons` is empty exactly when it is intact."""

    intact: bool
    signer_node: str | None = None
    signed_at: datetime | None = None
    covers_whole: bool = False
    reasons: tuple[Reason, ...] = ()
    certificate_id: str | None = None
    digest: str = ""  # of the file, tagged: by it the issuing node knows the licence

    def sentences(self, node_name: str = "") -> list[str]:
        """The same for people; pages and the command line show these lines."""
        if not self.intact:
            return ["核验不通过。", *(reason.says for reason in self.reasons)]
        assert self.signed_at is not None
        return [
            "核验通过：文件完整，自签名之后没有任何改动。",
            f"签名节点：{node_name or self.signer_node}（{self.signer_node}）",
            f"签名时间：{self.signed_at.isoformat(timespec='seconds')}",
        ]


class Refused(Exception):
    """Ends the check; the reason goes into the verdict."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class _Signature:
    """The parts of the signature that the check needs."""

    certificate: bytes
    signed_attributes: bytes
    message_digest: bytes
    value: bytes


@dataclass(frozen=True)
class _Trusted:
    """A certificate of a node."""

    node: str
    certificate: x509.Certificate


def check_pdf(data: bytes, certificates: Certificates) -> Verdict:
    """The verdict on these bytes, by the document certificates of the nodes on the trust list."""
    if len(data) > MAX_BYTES:
        return Verdict(intact=False, reasons=(Reason.TOO_LARGE,))
    digest = f"sha256:{sha256(data).hexdigest()}"
    covers_whole = False
    try:
        start, end = _hole(data)
        covers_whole = True
        found = _check(data, start, end, certificates)
    except Refused as why:
        return Verdict(intact=False, covers_whole=covers_whole, reasons=(why.reason,), digest=digest)
    trusted, signed_at = found
    return Verdict(
        intact=True,
        signer_node=trusted.node,
        signed_at=signed_at,
        covers_whole=True,
        certificate_id=f"sha256:{trusted.certificate.fingerprint(hashes.SHA256()).hex()}",
        digest=digest,
    )


def certificate_in(data: bytes) -> str:
    """The certificate that a PDF brings along, PEM: by it a change is seen, but not who signed. Empty without one."""
    try:
        start, end = _hole(data)
        return _pem(_signature(data[start + 1 : end - 1]).certificate)
    except Refused:
        return ""


def _pem(der: bytes) -> str:
    return str(pem.armor("CERTIFICATE", der).decode())


def _check(data: bytes, start: int, end: int, certificates: Certificates) -> tuple[_Trusted, datetime]:
    """Who signed, and when they say so. Refused at the first thing that is not so."""
    signature = _signature(data[start + 1 : end - 1])
    trusted = _signer(signature.certificate, certificates)
    hashed = sha256(data[:start])
    hashed.update(data[end:])
    if hashed.digest() != signature.message_digest:
        raise Refused(Reason.CONTENT_CHANGED)
    _require_signed(trusted.certificate, signature)
    signed_at = _time(data, start, end)
    held = trusted.certificate
    if not held.not_valid_before_utc <= signed_at <= held.not_valid_after_utc:
        raise Refused(Reason.CERTIFICATE_NOT_IN_FORCE)
    return trusted, signed_at


RANGE = re.compile(rb"/ByteRange\s{0,8}\[\s{0,8}0\s{1,8}(\d{1,9})\s{1,8}(\d{1,9})\s{1,8}(\d{1,9})\s{0,99}\]")


def _hole(data: bytes) -> tuple[int, int]:
    """Where the signature sits, "<" and ">" included; all the rest of the file is signed."""
    if not data.startswith(b"%PDF-"):
        raise Refused(Reason.NOT_PDF)
    if data.count(b"/ByteRange") > 1:
        raise Refused(Reason.SEVERAL_SIGNATURES)
    match = RANGE.search(data)
    if match is None:
        raise Refused(Reason.NOT_SIGNED)
    start, end, rest = map(int, match.groups())
    if end + rest != len(data):
        raise Refused(Reason.CHANGED_LATER)
    well_placed = 0 < start < end < len(data) and end - start - 2 <= MAX_HOLE
    if not well_placed or data[start : start + 1] + data[end - 1 : end] != b"<>":
        raise Refused(Reason.SIGNATURE_MALFORMED)
    return start, end


def _signature(written: bytes) -> _Signature:
    """The signature in the hole. It must be written exactly as the profile does: no byte is left to choose."""
    try:
        filled = bytes.fromhex(written.decode("ascii"))
        whole = cms.ContentInfo.load(filled)
        signature, rebuilt = _read(whole)
        padded = rebuilt.hex().encode().ljust(len(written), b"0")
    except Exception as why:  # the parser raises many things on bytes that are no CMS
        raise Refused(Reason.SIGNATURE_MALFORMED) from why
    if written not in (padded, padded.upper()):
        raise Refused(Reason.SIGNATURE_MALFORMED)
    return signature


def _read(whole: cms.ContentInfo) -> tuple[_Signature, bytes]:
    """The parts, and the bytes that the profile makes of just these parts."""
    info = whole["content"]["signer_infos"][0]
    certificate = whole["content"]["certificates"][0].chosen
    attributes = info["signed_attrs"].untag()
    signature = _Signature(
        certificate=certificate.dump(),
        signed_attributes=attributes.dump(force=True),
        message_digest=_message_digest(attributes),
        value=info["signature"].native,
    )
    return signature, _rebuild(signature)


def _message_digest(attributes: Any) -> bytes:
    """What the signed attributes say the content's digest is. ValueError when they say it twice or not."""
    said = {attribute["type"].native: attribute["values"] for attribute in attributes}
    if len(said) != len(attributes) or said["content_type"].native != ["data"]:
        raise ValueError("odd signed attributes")
    (digest,) = said["message_digest"].native
    return bytes(digest)


def _rebuild(signature: _Signature) -> bytes:
    """RFC 5652: one signer, one certificate, SHA-256, ECDSA, signed attributes, no unsigned ones. DER."""
    certificate = asn1_x509.Certificate.load(signature.certificate)
    sha = cms.DigestAlgorithm({"algorithm": "sha256"})
    sid = cms.IssuerAndSerialNumber({"issuer": certificate.issuer, "serial_number": certificate.serial_number})
    info = {
        "version": "v1",
        "sid": cms.SignerIdentifier(name="issuer_and_serial_number", value=sid),
        "digest_algorithm": sha,
        "signed_attrs": cms.CMSAttributes.load(signature.signed_attributes),
        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
        "signature": signature.value,
    }
    content = {
        "version": "v1",
        "digest_algorithms": [sha],
        "encap_content_info": {"content_type": "data"},
        "certificates": [cms.CertificateChoices(name="certificate", value=certificate)],
        "signer_infos": [info],
    }
    made = cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(content)})
    return bytes(made.dump())


def _signer(certificate: bytes, certificates: Certificates) -> _Trusted:
    """The node whose certificate this is, byte for byte."""
    for node, der in document_certificates(certificates):
        if der == certificate:
            return _Trusted(node, x509.load_der_x509_certificate(der))
    raise Refused(Reason.SIGNER_UNKNOWN)


def document_certificates(certificates: Certificates) -> Iterator[tuple[str, bytes]]:
    """Each with its node, DER; what is no certificate is left out."""
    for node, pems in certificates.items():
        for written in (pems,) if isinstance(pems, str) else pems:
            der = _der(written)
            if der is not None:
                yield node, der


@lru_cache(maxsize=1024)
def _der(written: str) -> bytes | None:
    """A certificate's bytes; None for what is not one, which then nobody has signed with."""
    try:
        return x509.load_pem_x509_certificate(written.encode()).public_bytes(Encoding.DER)
    except ValueError:
        return None


def _require_signed(certificate: x509.Certificate, signature: _Signature) -> None:
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise Refused(Reason.SIGNATURE_WRONG)
    try:
        key.verify(signature.value, signature.signed_attributes, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as why:
        raise Refused(Reason.SIGNATURE_WRONG) from why


TIME = re.compile(rb"/M\s{0,4}\(D(?::|\\072)(\d{14})Z\)")


def _time(data: bytes, start: int, end: int) -> datetime:
    """The time in the signature's own dictionary: under the signature, as the signer says."""
    around = data[max(0, start - 1000) : start] + data[end : end + 2000].partition(b"endobj")[0]
    match = TIME.search(around.rpartition(b" obj")[2])
    try:
        return datetime.strptime(match.group(1).decode() if match else "", "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as why:
        raise Refused(Reason.SIGNATURE_MALFORMED) from why
