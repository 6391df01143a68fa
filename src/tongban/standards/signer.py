# SPDX-License-Identifier: Apache-2.0
"""What can sign in a node's name: a key with its suite and its public fingerprint."""

from dataclasses import dataclass
from typing import Protocol


class Signer(Protocol):
    """A private key behind a narrow door; a hardware module can stand here."""

    @property
    def key_id(self) -> str:
        """The fingerprint under which the trust list knows the public part."""

    @property
    def suite(self) -> str:
        """The name of the suite, e.g. "ed25519"."""

    def sign(self, data: bytes) -> bytes:
        """The signature of exactly these bytes."""


@dataclass(frozen=True)
class Signed:
    """Bytes with what proves whose they are."""

    data: bytes
    signature: bytes
    key_id: str
    suite: str


def signed(signer: Signer, data: bytes) -> Signed:
    """These bytes, signed."""
    return Signed(data=data, signature=signer.sign(data), key_id=signer.key_id, suite=signer.suite)
