# SPDX-License-Identifier: Apache-2.0
"""Seals a PDF: the node's document key signs the whole file (PAdES), the round red seal shows it."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from io import BytesIO

from asn1crypto import keys as asn1_keys
from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from asn1crypto.core import OctetString, ParsableOctetString
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.content import PdfResources, RawContent
from pyhanko.pdf_utils.generic import DictionaryObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import AxisAlignment, BoxConstraints, SimpleBoxLayoutRule
from pyhanko.sign import fields
from pyhanko.sign.signers import Signer, SimpleSigner, cms_embedder, pdf_byterange
from pyhanko.stamp import StaticStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore

from tongban.licences import seal_drawing
from tongban.licences.seal_drawing import CENTRE, MM, SIZE, Seal

DER_ROOM = 72  # bytes of a DER signature on P-256, at most
ROOM = 4096  # hex digits kept for the signature; ours takes under 3,000
YEARS = 5
Sign = Callable[[bytes], bytes]


@dataclass(frozen=True)
class Signatory:
    """The document key of a node with its certificate, ready to sign."""

    signer: Signer
    certificate_id: str

    @classmethod
    def in_token(cls, sign: Sign, certificate_pem: bytes) -> "Signatory":
        """With a key that never leaves its token: `sign` gives ES256 signatures, r‖s."""
        signer = _InToken(sign, asn1_x509.Certificate.load(pem.unarmor(certificate_pem)[2]))
        return cls(signer=signer, certificate_id=certificate_id(x509.load_pem_x509_certificate(certificate_pem)))

    @classmethod
    def load(cls, private_pem: bytes, certificate_pem: bytes) -> "Signatory":
        """From PEM. ValueError when they are not a key and its certificate."""
        private = serialization.load_pem_private_key(private_pem, password=None)
        certificate = x509.load_pem_x509_certificate(certificate_pem)
        if private.public_key() != certificate.public_key():
            raise ValueError("the certificate is not that of the key")
        der = private.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        signer = SimpleSigner(
            signing_cert=asn1_x509.Certificate.load(pem.unarmor(certificate_pem)[2]),
            signing_key=asn1_keys.PrivateKeyInfo.load(der),
            cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
        )
        return cls(signer=signer, certificate_id=certificate_id(certificate))


class _InToken(Signer):
    """pyHanko's way to sign with what is elsewhere."""

    def __init__(self, sign: Sign, certificate: asn1_x509.Certificate) -> None:
        super().__init__(signing_cert=certificate, cert_registry=SimpleCertificateStore())  # type: ignore[no-untyped-call]
        self._sign = sign

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if digest_algorithm != "sha256":
            raise ValueError("ES256 is over SHA-256")
        return bytes(DER_ROOM) if dry_run else _der(self._sign(data))


def certificate_id(certificate: x509.Certificate) -> str:
    """How a certificate is named in rows and logs: the digest of its bytes."""
    return f"sha256:{certificate.fingerprint(hashes.SHA256()).hex()}"


def make_document_key(node_name: str, node_code: str, *, at: datetime) -> tuple[bytes, bytes]:
    """A new P-256 key and its self-issued certificate, both PEM."""
    private = make_private_key()
    return private, certify(private, node_name, node_code, at=at)


def make_private_key() -> bytes:
    """A new P-256 key, PKCS#8 PEM. Nodes of the SM suite use one too: readers of PDF know no SM2."""
    private = ec.generate_private_key(ec.SECP256R1())
    return private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def certify(private_pem: bytes, node_name: str, node_code: str, *, at: datetime) -> bytes:
    """A certificate that the key issues to itself, PEM; valid five years. The trust list gives it its worth."""
    private = serialization.load_pem_private_key(private_pem, password=None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, node_code),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{node_name} 电子文书签章"),
        ]
    )
    certificate = (
        x509.CertificateBuilder(name, name, private.public_key(), x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))  # a peer's clock may be a little behind
        .not_valid_after(at + timedelta(days=365 * YEARS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .sign(private, hashes.SHA256())
    )
    return certificate.public_bytes(serialization.Encoding.PEM)


def certify_public(public: bytes, sign: Sign, node_name: str, node_code: str, *, at: datetime) -> bytes:
    """The same certificate for a key in a token: made for a passing key, then given this one and signed by it."""
    made = asn1_x509.Certificate.load(pem.unarmor(certify(make_private_key(), node_name, node_code, at=at))[2])
    body = made["tbs_certificate"]
    point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    spki = point.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    body["subject_public_key_info"] = asn1_keys.PublicKeyInfo.load(spki)
    identifier = OctetString(x509.SubjectKeyIdentifier.from_public_key(point).digest).dump()
    for extension in body["extensions"]:
        if extension["extn_id"].native == "key_identifier":
            extension["extn_value"] = ParsableOctetString(identifier)
    made["signature_value"] = _der(sign(body.dump(force=True)))
    return bytes(pem.armor("CERTIFICATE", made.dump(force=True)))


def certify_sm2(spki: bytes, sign: Sign, node_name: str, node_code: str, *, at: datetime) -> bytes:
    """A certificate for an SM2 key (its SubjectPublicKeyInfo), vouched for by the document key that `sign` uses. DER.

    So whoever trusts the list knows the SM2 key as well: it needs no entry of its own.
    """
    made = asn1_x509.Certificate.load(pem.unarmor(certify(make_private_key(), node_name, node_code, at=at))[2])
    body = made["tbs_certificate"]
    names = {"country_name": "CN", "organizational_unit_name": node_code, "common_name": f"{node_name} 电子印章"}
    body["subject"] = asn1_x509.Name.build(names)
    body["subject_public_key_info"] = asn1_keys.PublicKeyInfo.load(spki)
    identifier = OctetString(sha1(spki[-65:], usedforsecurity=False).digest()).dump()
    for extension in body["extensions"]:
        if extension["extn_id"].native == "key_identifier":
            extension["extn_value"] = ParsableOctetString(identifier)
    made["signature_value"] = _der(sign(body.dump(force=True)))
    return bytes(made.dump(force=True))


def _der(raw: bytes) -> bytes:
    """An ES256 signature as X.509 and CMS write it."""
    half = len(raw) // 2
    return encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))


def _usage() -> x509.KeyUsage:
    """For signing documents that bind their issuer, and for nothing else."""
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )


def seal_pdf(pages: bytes, seal: Seal, signatory: Signatory, *, at: datetime) -> bytes:
    """The same pages with the visible seal, signed as a whole; no later change is permitted."""
    left, low = ((middle - SIZE / 2) * MM for middle in CENTRE)
    box = (round(left), round(low), round(left + SIZE * MM), round(low + SIZE * MM))
    embedder = cms_embedder.PdfCMSEmbedder(fields.SigFieldSpec("Seal", on_page=-1, box=box))
    writer = IncrementalPdfFileWriter(BytesIO(pages))
    step = embedder.write_cms("Seal", writer)
    field = next(step).get_object()
    step.send(_setup(seal, at))
    field["/AP"]["/N"].get_object().compress()
    prepared, output = step.send(cms_embedder.SigIOSetup(md_algorithm="sha256"))
    proof = signatory.signer.async_sign(prepared.document_digest, "sha256", use_pades=True)
    step.send(asyncio.run(proof))
    return bytes(output.getvalue())


def _setup(seal: Seal, at: datetime) -> cms_embedder.SigObjSetup:
    """What the signature says of itself, and how it looks."""
    placeholder = pdf_byterange.SignatureObject(
        timestamp=at.astimezone(UTC), subfilter=fields.SigSeedSubFilter.PADES, bytes_reserved=ROOM
    )
    return cms_embedder.SigObjSetup(
        sig_placeholder=placeholder,
        mdp_setup=cms_embedder.SigMDPSetup(md_algorithm="sha256", certify=True, docmdp_perms=fields.MDPPerm.NO_CHANGES),
        appearance_setup=cms_embedder.SigAppearanceSetup(style=_style(seal), name=seal.name, timestamp=at),
    )


def _style(seal: Seal) -> StaticStampStyle:
    """The drawing as pyHanko wants it; red is multiplied, so that what is under the seal stays readable."""
    resources = PdfResources()  # type: ignore[no-untyped-call]
    multiply = DictionaryObject({pdf_name("/BM"): pdf_name("/Multiply")})  # type: ignore[no-untyped-call]
    resources.ext_g_state[pdf_name("/SealBlend")] = multiply
    side = round(SIZE * MM)
    drawing = RawContent(seal_drawing.draw(seal), resources, BoxConstraints(width=side, height=side))
    middle = AxisAlignment.ALIGN_MID
    plain = SimpleBoxLayoutRule(x_align=middle, y_align=middle)  # no margins
    return StaticStampStyle(border_width=0, background=drawing, background_layout=plain)
