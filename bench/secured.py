# SPDX-License-Identifier: Apache-2.0
"""HTTPS for what is measured: an authority of this run's own, and one certificate for this machine."""

from dataclasses import dataclass, replace
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tongban.demo.plan import Places, Planned
from tongban.standards import clock
from tongban.standards.node import Node, Tls

CERTIFICATE, KEY = "https.crt", "https.key"
NAME = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "bench")])


@dataclass(frozen=True)
class Secured(Places):
    """The demo's places with every exchange behind HTTPS."""

    def node(self, planned: Planned) -> Node:
        """A planned node as it knows itself."""
        plain, tls = super().node(planned), self.tls
        return replace(plain, dial=plain.dial.replace("http:", "https:"), tls=tls, authorities=tls.certificate)

    @property
    def tls(self) -> Tls:
        """What all doors show."""
        return Tls(certificate=self.data / CERTIFICATE, key=self.data / KEY)


def make(tls: Tls) -> None:
    """A key, and a certificate of 127.0.0.1 that vouches for itself, good for this run."""
    key, now = ec.generate_private_key(ec.SECP256R1()), clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(NAME)
        .issuer_name(NAME)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    _write(tls.key, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    _write(tls.certificate, made.public_bytes(Encoding.PEM))


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_bytes(data)
