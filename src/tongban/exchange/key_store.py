# SPDX-License-Identifier: Apache-2.0
"""The node's own private keys, wherever they lie: sealed files of its secrets folder, or a token. Never sent."""

import os
import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from tongban.standards import clock
from tongban.standards.crypto import Suite, key_id, listed_suite
from tongban.standards.node import Node, here
from tongban.vault import locks, token

USES = ("exchange", "document", "sign_in")
LOOK = 60.0  # seconds after which the folder is read again even if it bears the same time
FILE = re.compile(r"(exchange|document|sign_in)(?:-([0-9]+))?\.pem")


@dataclass(frozen=True)
class Held:
    """A private key that this node can sign with."""

    use: str
    key_id: str  # as the trust list knows it; empty for a document key that has no certificate yet
    suite: str
    public: bytes
    certificate: bytes = b""  # PEM, of a document key
    private: bytes = field(default=b"", repr=False)  # PEM; empty when the key never leaves its token
    label: str = ""  # of the key in the token

    def sign(self, data: bytes) -> bytes:
        """The signature of exactly these bytes."""
        if self.private:
            return listed_suite(self.suite).sign(self.private, data)
        return token.sign(here(), self.label, self.suite, data)


def suite_for(use: str) -> Suite:
    """What keys of this use are made in: messages in the node's suite, everything else on P-256."""
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
    """Make the exchange key in the node's suite and the sign-in key, unless there are some."""
    for use in ("exchange", "sign_in"):
        if not held(use):
            keep(f"{use}.pem", suite_for(use).generate())


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
    numbers = [int(found[2] or 1) for name in _names(here()) if (found := FILE.fullmatch(name)) and found[1] == use]
    return f"{use}-{max(numbers) + 1}" if numbers else use


def certificate_id(pem: bytes) -> str:
    """How a certificate is named on the trust list: the digest of its bytes."""
    return f"sha256:{x509.load_pem_x509_certificate(pem).fingerprint(SHA256()).hex()}"


@lru_cache(maxsize=64)
def _folder(node: Node) -> str:
    return str(node.secrets / "keys")


def _names(node: Node) -> list[str]:
    """The files there now."""
    return sorted(file.name for file in Path(_folder(node)).glob("*"))


@lru_cache(maxsize=256)
def _held(node: Node, use: str, changed: int, minute: int) -> tuple[Held, ...]:
    """Read anew when the folder has changed: another process may have made a key."""
    names = _names(node)
    files = [(int(found[2] or 1), name) for name in names if (found := FILE.fullmatch(name)) and found[1] == use]
    kept = [_in_file(node, use, name) for _, name in sorted(files)]
    labels = [label for each, label in (node.token.keys if node.token else ()) if each == use]
    return (*kept, *(_in_token(node, use, label) for label in labels))


def _in_file(node: Node, use: str, name: str) -> Held:
    private = locks.read(node, f"keys/{name}")
    of = listed_suite(node.suite if use == "exchange" else "es256")
    public, certificate = of.public(private), _certificate(node, Path(name).stem)
    return Held(use, _id(use, of, public, certificate), of.name, public, certificate, private)


def _in_token(node: Node, use: str, label: str) -> Held:
    of = listed_suite(node.suite if use == "exchange" else "es256")
    public, certificate = token.public(node, label, of.name), _certificate(node, f"token-{label}")
    return Held(use, _id(use, of, public, certificate), of.name, public, certificate, label=label)


def _id(use: str, of: Suite, public: bytes, certificate: bytes) -> str:
    if use == "document":
        return certificate_id(certificate) if certificate else ""
    return key_id(of, public)


def _certificate(node: Node, stem: str) -> bytes:
    file = node.secrets / "keys" / f"{stem}.crt"
    return file.read_bytes() if file.exists() else b""
