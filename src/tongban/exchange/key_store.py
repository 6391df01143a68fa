# SPDX-License-Identifier: Apache-2.0
"""The node's own private keys, wherever they lie: sealed files of its secrets folder, or a token. Never sent."""

import os
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from tongban.regions.trustlist import Use
from tongban.standards import clock
from tongban.standards.crypto import Sealing, Suite, key_id, listed_sealing, listed_suite, sealing_beside
from tongban.standards.node import Node, here
from tongban.vault import locks, token

USES: tuple[Use, ...] = ("exchange", "document", "sign_in", "encryption")
LOOK = 60.0  # seconds after which the folder is read again even if it bears the same time
FILE = re.compile(r"(exchange|document|sign_in|encryption)(?:-([0-9]+))?\.pem")


@dataclass(frozen=True)
class Held:
    """A private key of this node: one for encryption opens what was sealed to it, all others sign."""

    use: str
    key_id: str  # as the trust list knows it; empty for a document key that has no certificate yet
    suite: str
    public: bytes
    certificate: bytes = b""  # PEM, of a document key
    private: bytes = field(default=b"", repr=False)  # PEM; empty when the key never leaves its token
    label: str = ""  # of the key in the token

    def sign(self, data: bytes) -> bytes:
        """The signature of exactly these bytes. ValueError for a key that seals."""
        if self.use == "encryption":
            raise ValueError("a key for encryption signs nothing")
        if self.private:
            return listed_suite(self.suite).sign(self.private, data)
        return token.sign(here(), self.label, self.suite, data)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """What was sealed to this key. ValueError when altered, of another context, or for another key."""
        return listed_sealing(self.suite).open_with(self.private, sealed, context)


def made_in(use: str) -> Suite | Sealing:
    """What keys of this use are made in."""
    return sealing_beside(here().suite) if use == "encryption" else suite_for(use)


def suite_for(use: str) -> Suite:
    """What keys of this use sign in: messages in the node's suite, everything else on P-256."""
    return listed_suite(here().suite if use == "exchange" else "es256")


def held(use: str) -> tuple[Held, ...]:
    """The keys of one use, oldest first. Empty when the node was never initialised."""
    node = here()
    try:
        changed = os.stat(_folder(node)).st_mtime_ns  # noqa: PTH116  asked for every batch, so nothing slower
    except FileNotFoundError:
        changed = 0
    return _held(node, use, changed, int(clock.monotonic() // LOOK))


def make() -> None:
    """Make the keys that need no certificate, each unless there are some of its use."""
    for use in ("exchange", "sign_in", "encryption"):
        if not held(use):
            keep(f"{use}.pem", made_in(use).generate())


def keep(name: str, data: bytes) -> None:
    """Keep a new key, sealed, or a certificate as it is; one that is there is never overwritten."""
    folder = here().secrets / "keys"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if name.endswith(".pem"):
        locks.keep(here(), f"keys/{name}", data)
    elif not (folder / name).exists():
        with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
    _held.cache_clear()


def next_name(use: str) -> str:
    """The name for one more key of this use, without its ending."""
    numbers = [int(found[2] or 1) for name in names(here()) if (found := FILE.fullmatch(name)) and found[1] == use]
    return f"{use}-{max(numbers) + 1}" if numbers else use


def certificate_id(pem: bytes) -> str:
    """How a certificate is named on the trust list: the digest of its bytes."""
    return f"sha256:{x509.load_pem_x509_certificate(pem).fingerprint(SHA256()).hex()}"


@lru_cache(maxsize=64)
def _folder(node: Node) -> str:
    return str(node.secrets / "keys")


def names(node: Node) -> list[str]:
    """The files there now."""
    return sorted(file.name for file in Path(_folder(node)).glob("*"))


@lru_cache(maxsize=256)
def _held(node: Node, use: str, changed: int, minute: int) -> tuple[Held, ...]:
    """Read anew when the folder has changed: another process may have made a key."""
    there = names(node)
    files = [(int(found[2] or 1), name) for name in there if (found := FILE.fullmatch(name)) and found[1] == use]
    kept = [_in_file(node, use, name) for _, name in sorted(files)]
    labels = [label for each, label in (node.token.keys if node.token else ()) if each == use]
    return (*kept, *(_in_token(node, use, label) for label in labels))


def _in_file(node: Node, use: str, name: str) -> Held:
    private = locks.read(node, f"keys/{name}")
    of = made_in(use)
    public, certificate = of.public(private), _certificate(node, Path(name).stem)
    return Held(use, _id(use, of, public, certificate), of.name, public, certificate, private)


def _in_token(node: Node, use: str, label: str) -> Held:
    of = suite_for(use)
    public, certificate = token.public(node, label, of.name), _certificate(node, f"token-{label}")
    return Held(use, _id(use, of, public, certificate), of.name, public, certificate, label=label)


def _id(use: str, of: Suite | Sealing, public: bytes, certificate: bytes) -> str:
    if use == "document":
        return certificate_id(certificate) if certificate else ""
    return key_id(of, public)


def _certificate(node: Node, stem: str) -> bytes:
    file = node.secrets / "keys" / f"{stem}.crt"
    return file.read_bytes() if file.exists() else b""
