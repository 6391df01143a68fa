# SPDX-License-Identifier: Apache-2.0
"""Keys in a cryptographic token, reached by PKCS#11: they sign there and never leave it."""

from tongban.exchange.key_store import Held
from tongban.licences.sealing import Signatory


class InToken:
    """Lets the token sign."""

    name = "pkcs11"

    def holds(self, key: Held) -> bool:
        """A key of which only its label is known here."""
        return bool(key.label) and not key.private

    def signatory(self, key: Held, certificate: bytes) -> Signatory:
        """TokenFailed, when it signs, names what the token said."""
        return Signatory.in_token(key.sign, certificate)
