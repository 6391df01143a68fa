# SPDX-License-Identifier: Apache-2.0
"""A hub for the tests of this noun: real keys of both suites, and a federation of three nodes."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from tongban.regions.trustlist import HubKey, TrustedNode, TrustList, key_of
from tongban.standards.crypto import key_id, suite

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
YEAR = timedelta(days=365)


@dataclass(frozen=True)
class Keys:
    """A signer as exchange.keys gives it."""

    suite: str = "ed25519"
    private: bytes = field(default=b"", repr=False)

    @classmethod
    def fresh(cls, name: str = "ed25519") -> "Keys":
        return cls(name, suite(name).generate())

    @property
    def public(self) -> bytes:
        return suite(self.suite).public(self.private)

    @property
    def key_id(self) -> str:
        return key_id(suite(self.suite), self.public)

    @property
    def as_hub(self) -> HubKey:
        return HubKey(self.suite, self.public)

    def sign(self, data: bytes) -> bytes:
        return suite(self.suite).sign(self.private, data)


def node(code: str, *regions: str, keys: Keys, since: datetime = NOON - YEAR) -> TrustedNode:
    """A node with one exchange key."""
    key = key_of("exchange", keys.suite, keys.public, id=keys.key_id, not_before=since, not_after=since + 3 * YEAR)
    address = f"http://{code}.localhost:8000"
    return TrustedNode(code, f"节点{code}", regions, address, address, "active", ("region",), (key,))


def listed(hub: Keys, serial: int = 1, **changed: object) -> TrustList:
    """A list of the hub, of Hunan, and of Changsha which speaks for itself."""
    nodes = [node("000000", "00", keys=hub), node("430000", "43", keys=hub), node("430100", "4301", keys=hub)]
    made = TrustList("test", "000000", serial, NOON, NOON + YEAR, {one.code: one for one in nodes})
    return replace(made, **changed)  # type: ignore[arg-type]
