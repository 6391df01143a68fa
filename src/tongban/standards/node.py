# SPDX-License-Identifier: Apache-2.0
"""Which node this is: a value that follows the work, so that several nodes fit in one process."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Token:
    """A cryptographic token reached by PKCS#11, and which uses have their key in it: (use, label) pairs."""

    module: str  # the vendor's library
    label: str
    keys: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Tls:
    """What the exchange shows to those who dial it by HTTPS, where no proxy does so: PEM files."""

    certificate: Path  # with what leads to its authority
    key: Path


@dataclass(frozen=True)
class Bucket:
    """A bucket that speaks S3, for the node's sealed files; what opens it lies among the secrets."""

    name: str
    endpoint: str  # e.g. https://s3.example
    region: str = "us-east-1"  # what most servers of that language expect where they have no regions
    prefix: str = ""  # where others keep things in the same bucket


@dataclass(frozen=True)
class Node:
    """One deployment as it knows itself; what others may know of it stands on the trust list."""

    code: str  # six digits of GB/T 2260; 000000 speaks for the whole country
    name: str
    suite: str  # "ed25519" or "sm2"
    address: str  # where people go, e.g. http://430000.localhost:8001
    dial: str  # where peers' processes dial the exchange, e.g. http://127.0.0.1:8101
    home: Path  # the node's own folder: secrets, files, logs
    hub: str  # the node whose signature makes a trust list
    demo: bool = False
    identity_source: str = ""  # who confirms names and ID numbers, e.g. https://…; empty: nobody does
    identity_limit: int = 60  # seconds that the source has to answer before a clerk may vouch
    sms_gateway: str = ""  # who carries text messages, e.g. https://…; empty: nobody does
    scanner: str = ""  # who looks at files for malware, e.g. unix:///run/clamav/clamd.ctl; empty: nobody does
    mail_server: str = ""  # who carries letters, e.g. smtps://mail.example:465; empty: nobody does
    mail_from: str = ""  # the address that they come from
    quiet: str = "22:00-08:00"  # hours in which no text message goes out; empty: there are none
    second_factor: tuple[str, ...] = ()  # roles in which a password alone does not sign in
    keep_years: int = 10  # after archiving, before what is personal in a case may be erased here
    upload_days: int = 7  # that a file which never became whole is kept, so that it can go on
    witness_every: int = 60  # seconds at least between two tree heads that a peer is told
    unlock: Path | None = None  # the file that unlocks the secrets; None: the one made beside the home
    token: Token | None = None  # where keys lie in hardware
    bucket: Bucket | None = None  # None: files lie in the home
    tls: Tls | None = None  # None: a proxy ends HTTPS, or there is none
    certificate_authorities: Path | None = None  # who issues people's digital certificates (PEM); None: none is taken
    authorities: Path | None = None  # who vouches for peers' certificates (PEM); None: whom the machine trusts

    @property
    def secrets(self) -> Path:
        """The folder of files that never leave this machine."""
        return self.home / "secrets"

    @property
    def unlock_file(self) -> Path:
        """What opens the secrets; never inside the home, so that a copy of the home opens nothing."""
        return self.unlock or self.home.with_name(self.home.name + ".unlock")


_current: ContextVar[Node] = ContextVar("tongban_node")
_settled: list[Node] = []


def here() -> Node:
    """The node that the present work belongs to. RuntimeError when nobody said."""
    node = _current.get(None)
    if node is not None:
        return node
    if _settled:
        return _settled[0]
    raise RuntimeError("no node is set: use node.settle() in service, node.at() in tests")


def settle(node: Node) -> None:
    """Make this the node of the whole process, threads included."""
    _settled[:] = [node]


@contextmanager
def at(node: Node) -> Iterator[Node]:
    """Work as this node until the block ends."""
    token = _current.set(node)
    try:
        yield node
    finally:
        _current.reset(token)
