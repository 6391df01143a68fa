# SPDX-License-Identifier: Apache-2.0
"""A person's digital certificate: whether it signed something, who issued it, and whom it names. Pure.

The signature is CMS (RFC 5652), detached, or the same structure under the names of GM/T 0010; the certificate is issued
directly by an authority that the node names, with ECDSA, RSA or SM2. The ID number stands in the extension of
GB/T 20518 for it, or in the subject's serialNumber.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import cms, core, parser, pem, x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512, Hash, HashAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_public_key

from tongban.identity.errors import CertificateRefused
from tongban.standards.crypto import suite

ID_NUMBER = "1.2.156.10260.4.1.1"  # GB/T 20518 个人身份标识码
SIGNED_DATA = ("1.2.840.113549.1.7.2", "1.2.156.10197.6.1.4.2.2")
SM2, SM3 = "1.2.156.10197.1.501", "1.2.156.10197.1.401"
SHA = "2.16.840.1.101.3.4.2."
HASHES: dict[str, type[HashAlgorithm]] = {f"{SHA}1": SHA256, f"{SHA}2": SHA384, f"{SHA}3": SHA512}
NAMED_BY: dict[str, type[HashAlgorithm]] = {  # the hash that a signature algorithm names
    **{f"1.2.840.10045.4.3.{place}": kind for place, kind in ((2, SHA256), (3, SHA384), (4, SHA512))},
    **{f"1.2.840.113549.1.1.{place}": kind for place, kind in ((11, SHA256), (12, SHA384), (13, SHA512))},
}
PLAIN_RSA = "1.2.840.113549.1.1.1"  # in CMS the hash is named beside it
LARGEST = 64 * 1024  # bytes of a signature


@dataclass(frozen=True)
class Certified:
    """What a certificate says of its holder."""

    name: str
    id_number: str
    authority: str
    serial: str
    ends_at: datetime


class _Outer(core.Sequence):  # type: ignore[misc]
    _fields = [("type", core.ObjectIdentifier), ("content", core.Any, {"explicit": 0})]


def check(content: bytes, signature: bytes, authorities: Iterable[bytes], at: datetime) -> Certified:
    """Who signed this content; `authorities` are certificates, DER. CertificateRefused says why not."""
    try:
        info, certificate = _read(signature)
        algorithm = info["digest_algorithm"]["algorithm"].dotted
        signed = _signed(info, content, algorithm)
    except CertificateRefused:
        raise
    except Exception as odd:  # the parser raises many things on bytes that are no such structure
        raise CertificateRefused(why="签名文件不能识别，请重新签名后上传") from odd
    if not _verifies(certificate.public_key, info["signature_algorithm"], signed, info["signature"].native, algorithm):
        raise CertificateRefused(why="签名与下载的文件不符，请重新下载后签名")
    authority = _issuer(certificate, authorities, at)
    return _holder(certificate, authority)


def pem_certificates(text: bytes) -> list[bytes]:
    """The certificates of a PEM file, DER."""
    return [der for kind, _, der in pem.unarmor(text, multiple=True) if kind == "CERTIFICATE"]


def _read(signature: bytes) -> tuple[Any, x509.Certificate]:
    """The one signer, and the certificate that it names."""
    if pem.detect(signature):
        _, _, signature = pem.unarmor(signature)
    outer: Any = _Outer.load(signature, strict=True)
    if outer["type"].dotted not in SIGNED_DATA:
        raise ValueError("no signed data")
    whole = outer["content"].parse(cms.SignedData)
    (info,) = whole["signer_infos"]
    named = info["sid"].chosen
    for each in whole["certificates"]:
        certificate = each.chosen
        if (certificate.issuer, certificate.serial_number) == (named["issuer"], named["serial_number"].native):
            return info, certificate
    raise CertificateRefused(why="签名文件里没有证书，请在签名时选择附上证书")


def _signed(info: Any, content: bytes, algorithm: str) -> bytes:
    """The bytes that were signed: attributes that name the content's digest, or the content itself."""
    attributes = info["signed_attrs"]
    if isinstance(attributes, core.Void) or not len(attributes):
        return content
    said = {each["type"].dotted: each["values"] for each in attributes}
    (digest,) = said["1.2.840.113549.1.9.4"].native
    if digest != _digest(algorithm, content):
        raise CertificateRefused(why="签名与下载的文件不符，请重新下载后签名")
    return bytes(attributes.untag().dump(force=True))


def _digest(algorithm: str, content: bytes) -> bytes:
    if algorithm == SM3:
        return suite("sm2").hash(content)
    made = Hash(HASHES[algorithm]())
    made.update(content)
    return made.finalize()


def _verifies(key: Any, algorithm: Any, data: bytes, value: bytes, digest: str = "") -> bool:
    """Whether this key signed these bytes."""
    named = algorithm["algorithm"].dotted
    if named == SM2:
        return suite("sm2").verify(bytes(key["public_key"].native), data, value)
    kind = HASHES.get(digest) if named == PLAIN_RSA else NAMED_BY.get(named)
    try:
        public = load_der_public_key(key.dump())
        if kind is None:
            return False
        if isinstance(public, EllipticCurvePublicKey):
            public.verify(value, data, ECDSA(kind()))
        elif isinstance(public, RSAPublicKey):
            public.verify(value, data, PKCS1v15(), kind())
        else:
            return False
    except (InvalidSignature, UnsupportedAlgorithm, ValueError, TypeError):
        return False
    return True


def _issuer(certificate: x509.Certificate, authorities: Iterable[bytes], at: datetime) -> x509.Certificate:
    """The authority that issued it, while both are in force. CertificateRefused."""
    found = [x509.Certificate.load(der) for der in authorities]
    for each in found:
        if each.ca and each.subject == certificate.issuer and _issued(certificate, each):
            if not (_in_force(each, at) and _in_force(certificate, at)):
                raise CertificateRefused(why="证书不在有效期内，请到发证机构更新")
            if certificate.ca or not _may_sign(certificate):
                raise CertificateRefused(why="这不是个人用来签名的证书")
            return each
    raise CertificateRefused(why="这张证书的发证机构不在本网站认可的名单内")


def _issued(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    body, value = certificate["tbs_certificate"].dump(), certificate["signature_value"].native
    return _verifies(authority.public_key, certificate["signature_algorithm"], body, value)


def _in_force(certificate: x509.Certificate, at: datetime) -> bool:
    return bool(certificate.not_valid_before <= at <= certificate.not_valid_after)


def _may_sign(certificate: x509.Certificate) -> bool:
    usage = certificate.key_usage_value
    return usage is None or bool({"digital_signature", "non_repudiation"} & usage.native)


def _holder(certificate: x509.Certificate, authority: x509.Certificate) -> Certified:
    subject: dict[str, Any] = certificate.subject.native
    numbers = [subject.get("serial_number", ""), *_extended(certificate["tbs_certificate"]["extensions"])]
    number = next((each for each in reversed(numbers) if isinstance(each, str) and each), "")
    name, issuer = subject.get("common_name", ""), authority.subject.native
    if not isinstance(name, str) or not name or not number:
        raise CertificateRefused(why="证书里没有姓名或者证件号码")
    return Certified(
        name=name,
        id_number=number,
        authority=str(issuer.get("common_name") or issuer.get("organization_name", ""))[:100],
        serial=f"{certificate.serial_number:x}",
        ends_at=certificate.not_valid_after,
    )


def _extended(extensions: Sequence[Any]) -> Iterable[str]:
    """The number in the extension for it, however many layers are around the text."""
    for each in extensions:
        if each["extn_id"].dotted != ID_NUMBER:
            continue
        value = bytes(each["extn_value"].contents)
        while value:
            _, is_constructed, _, _, value, _ = parser.parse(value)
            if not is_constructed:
                break
        yield value.decode("utf-8", "replace").strip()
