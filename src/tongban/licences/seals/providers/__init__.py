# SPDX-License-Identifier: Apache-2.0
"""Where the key of a seal can lie: one folder for each kind of place, behind one shape."""

from typing import Protocol

from tongban.exchange.key_store import Held
from tongban.licences.sealing import Signatory
from tongban.licences.seals.providers.software import Software
from tongban.licences.seals.providers.token import InToken


class Provider(Protocol):
    """A place that keeps keys and signs with them."""

    @property
    def name(self) -> str:
        """As every use of a seal names it."""

    def holds(self, key: Held) -> bool:
        """Whether this key lies there."""

    def signatory(self, key: Held, certificate: bytes) -> Signatory:
        """What signs a PDF with it."""


PROVIDERS: tuple[Provider, ...] = (Software(), InToken())


def provider_of(key: Held) -> Provider:
    """The place where this key lies."""
    return next(each for each in PROVIDERS if each.holds(key))
