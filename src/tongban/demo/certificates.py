# SPDX-License-Identifier: Apache-2.0
"""The demo's authority for personal certificates, and what stands in for everybody's USB key: a page that signs."""

from datetime import timedelta
from html import escape
from pathlib import Path
from urllib.parse import parse_qs

from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs7,
)
from cryptography.x509.oid import NameOID

from tongban.config import new_home
from tongban.demo import people
from tongban.identity.certificates import ID_NUMBER
from tongban.standards import clock

PATH = "/certificates"
NAME = "演示证书机构"
YEARS = timedelta(days=10 * 365)
DAYS = timedelta(days=90)
PAGE = (
    '<!doctype html><html lang="zh-Hans"><meta charset="utf-8"><title>演示数字证书</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    "<main><h1>用演示证书签名</h1><p>代替每个人的数字证书介质。选择是谁，粘贴从网站下载的文件内容。</p>"
    '<form method="post"><p><label>签名人 <select name="key">{options}</select></label></p>'
    '<p><label>文件内容<br><textarea name="content" rows="4" cols="60" required></textarea></label></p>'
    "<p><button>签名并下载</button></p></form></main></html>"
)


def authority(folder: Path) -> Path:
    """The authority's certificate (PEM), made with its key at the first start."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = ec.generate_private_key(ec.SECP256R1())
    key = _key(new_home.keep(folder / "authority.key", _pem(fresh)))
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    usage = x509.BasicConstraints(ca=True, path_length=0)
    made = _begun(named, named, key.public_key(), YEARS).add_extension(usage, critical=True).sign(key, SHA256())
    new_home.keep(folder / "authority.pem", made.public_bytes(Encoding.PEM))
    return folder / "authority.pem"


def sign(folder: Path, name: str, id_number: str, content: bytes) -> bytes:
    """A detached signature of somebody whom the authority certifies on the spot, CMS in DER."""
    issuer = x509.load_pem_x509_certificate(authority(folder).read_bytes())
    own, key = ec.generate_private_key(ec.SECP256R1()), _key((folder / "authority.key").read_bytes())
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    number = x509.UnrecognizedExtension(x509.ObjectIdentifier(ID_NUMBER), core.PrintableString(id_number).dump())
    made = _begun(named, issuer.subject, own.public_key(), DAYS).add_extension(number, critical=False)
    builder = pkcs7.PKCS7SignatureBuilder().set_data(content)
    signer = builder.add_signer(made.sign(key, SHA256()), own, SHA256())
    return signer.sign(Encoding.DER, [pkcs7.PKCS7Options.DetachedSignature, pkcs7.PKCS7Options.Binary])


def page() -> bytes:
    """The form."""
    rows = (f'<option value="{escape(one.key)}">{escape(one.name)}</option>' for one in people.PEOPLE)
    return PAGE.format(options="".join(rows)).encode()


def signed(folder: Path, body: bytes) -> bytes | None:
    """What the form asks for; None when it cannot be read."""
    try:
        said = parse_qs(body.decode(), strict_parsing=True)
        who = next(one for one in people.PEOPLE if one.key == said["key"][0])
        return sign(folder, who.name, who.id_number, said["content"][0].strip().encode())
    except (ValueError, KeyError, StopIteration):
        return None


def _begun(
    named: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, life: timedelta
) -> x509.CertificateBuilder:
    at = clock.now()
    made = x509.CertificateBuilder().subject_name(named).issuer_name(issuer).public_key(key)
    made = made.serial_number(x509.random_serial_number())
    return made.not_valid_before(at - timedelta(hours=1)).not_valid_after(at + life)


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _key(text: bytes) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(text, password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key
