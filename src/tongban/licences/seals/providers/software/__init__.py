# SPDX-License-Identifier: Apache-2.0
"""Keys in sealed files of the node's secrets: opened in this process, for as long as it lives."""

from tongban.exchange.key_store import Held
from tongban.licences.sealing import Signatory


class Software:
    """Signs in this process."""

    name = "software"

    def holds(self, key: Held) -> bool:
        """A key that can be read."""
        return bool(key.private)

    def signatory(self, key: Held, certificate: bytes) -> Signatory:
        """ValueError when certificate and key do not belong together."""
        return Signatory.load(key.private, certificate)
