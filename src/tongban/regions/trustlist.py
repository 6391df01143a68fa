# SPDX-License-Identifier: Apache-2.0
"""The trust list as a value: which nodes there are, which keys they sign with, for which regions they speak."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Annotated, Any, Literal

import msgspec

from tongban.regions import errors
from tongban.standards import crypto
from tongban.standards.base64url import decode, encode
from tongban.standards.canonical import NotCanonical, canonical, parse
from tongban.standards.regions import NATION
from tongban.standards.signer import Signed

VERSION = 1
Use = Literal["exchange", "document", "sign_in", "encryption"]
Time = Annotated[datetime, msgspec.Meta(tz=True)]
Prefix = Annotated[str, msgspec.Meta(pattern="^([0-9]{2}){1,3}$")]
Code = Annotated[str, msgspec.Meta(pattern="^[0-9]{6}$")]
Family = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z_]*(\.[a-z_]+)*(\.\*)?$")]  # item.published, or case.*
CAP = 16  # lists handed over at once
# Without these nobody can follow anybody.
NEEDS_NO_AGREEMENT = (
    "item.published",
    "basic.published",
    "list.*",
    "agreement.*",
    "licence.standing",
    "licence.type",
    "licence.recognition",
    "ledger.*",
    "exchange.*",
)


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One public key of a node; `public` is base64url without padding, `certificate` PEM or empty.

    Keys for encryption are sealed to and sign nothing; all others sign.
    """

    id: str
    use: Use
    suite: str
    public: str
    not_before: Time
    not_after: Time
    certificate: str = ""

    @property
    def public_bytes(self) -> bytes:
        """The key as the suite wants it."""
        return decode(self.public)

    def in_force(self, at: datetime) -> bool:
        """Whether something signed at this time may be checked with it."""
        return self.not_before <= at < self.not_after


class TrustedNode(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One node as the federation knows it; `regions` are prefixes of GB/T 2260 codes, e.g. "43"."""

    code: Code
    name: str
    regions: tuple[Prefix, ...]
    address: str
    dial: str
    status: Literal["active", "suspended", "removed"]
    roles: tuple[str, ...]
    keys: tuple[Key, ...]

    def keys_for(self, use: Use, at: datetime) -> Iterator[Key]:
        """The keys for this use in force at this time, newest first."""
        fitting = (key for key in self.keys if key.use == use and key.in_force(at))
        return iter(sorted(fitting, key=lambda key: key.not_before, reverse=True))

    def key_for(self, use: Use, at: datetime) -> Key:
        """The newest key for this use. NoKeyInForce when there is none."""
        key = next(self.keys_for(use, at), None)
        if key is None:
            raise errors.NoKeyInForce(node=self.code, use=use)
        return key

    @property
    def certificates(self) -> tuple[str, ...]:
        """PEM of every document certificate, expired ones too: old papers must stay checkable."""
        return tuple(key.certificate for key in self.keys if key.use == "document" and key.certificate)


class Agreement(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Nodes of one region may send these kinds to nodes of another; `*` at the end stands for a whole family."""

    sender: Prefix = msgspec.field(name="from")
    recipient: Prefix = msgspec.field(name="to")
    kinds: tuple[Family, ...]


class Entries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The document itself, as written."""

    v: Literal[1]
    federation: str
    hub: Code
    serial: Annotated[int, msgspec.Meta(ge=1)]
    issued_at: Time
    expires_at: Time
    nodes: tuple[TrustedNode, ...]
    agreements: tuple[Agreement, ...] = ()


class Packed(msgspec.Struct, frozen=True):
    """A signed list between two nodes; bytes are base64url."""

    document: str
    signature: str
    key_id: str
    suite: str


class PackedLists(msgspec.Struct, frozen=True):
    """Several, the older first."""

    lists: tuple[Packed, ...]


@dataclass(frozen=True)
class TrustList:
    """A document that has been read; whether to believe it is for `check` to say."""

    federation: str
    hub: str
    serial: int
    issued_at: datetime
    expires_at: datetime
    nodes: dict[str, TrustedNode]
    agreements: tuple[Agreement, ...] = ()

    def node(self, code: str) -> TrustedNode:
        """A node that has not been removed. UnknownNode otherwise."""
        found = self.nodes.get(code)
        if found is None or found.status == "removed":
            raise errors.UnknownNode(node=code)
        return found

    def node_for_region(self, region: str) -> TrustedNode:
        """The node with the longest prefix of this region code. NoNodeForRegion when none has."""
        best: tuple[int, TrustedNode] | None = None
        for node in self.standing():
            length = max((len(prefix) for prefix in node.regions if region.startswith(prefix)), default=0)
            if length and (best is None or length > best[0]):
                best = (length, node)
        if best is None:
            raise errors.NoNodeForRegion(region=region)
        return best[1]

    def speaker_for(self, region: str) -> TrustedNode:
        """The node whose word on a region counts; on the whole country it is the hub's."""
        return self.node(self.hub) if region == NATION else self.node_for_region(region)

    def peers(self, own: str) -> list[TrustedNode]:
        """Every node but one's own that has not been removed, by code."""
        return [node for node in self.standing() if node.code != own]

    def standing(self) -> Iterator[TrustedNode]:
        """The nodes that have not been removed, by code."""
        return (node for _, node in sorted(self.nodes.items()) if node.status != "removed")

    def may_send(self, sender: str, recipient: str, kind: str) -> bool:
        """Whether a message of this kind may go from node to node.

        A list without agreements allows everything. One that has any allows what they name, what every node must
        hear to follow the others, and whatever the hub sends or is sent.
        """
        if not self.agreements or self.hub in (sender, recipient) or _is_of(kind, NEEDS_NO_AGREEMENT):
            return True
        return _is_of(kind, self._agreed_kinds.get((sender, recipient), ()))

    @cached_property
    def _agreed_kinds(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """By pair of nodes, worked out once for a list: letters ask for every single one."""
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for agreement in self.agreements:
            for sender in self._nodes_in(agreement.sender):
                for recipient in self._nodes_in(agreement.recipient):
                    found[sender, recipient] = found.get((sender, recipient), ()) + agreement.kinds
        return found

    def _nodes_in(self, prefix: str) -> list[str]:
        return [node.code for node in self.standing() if any(each.startswith(prefix) for each in node.regions)]

    def require_unexpired(self, at: datetime) -> None:
        """TrustListExpired when nobody may be trusted by this list any more."""
        if at >= self.expires_at:
            raise errors.TrustListExpired(serial=self.serial, expired_at=stamp(self.expires_at))


@dataclass(frozen=True)
class HubKey:
    """A key that is believed to be the hub's, and for lists issued when; without times, for any."""

    suite: str
    public: bytes
    not_before: datetime | None = None
    not_after: datetime | None = None

    def fits(self, issued_at: datetime) -> bool:
        """Whether a list of this time may be signed with it."""
        begun = self.not_before is None or self.not_before <= issued_at
        return begun and (self.not_after is None or issued_at < self.not_after)


def compose(listed: TrustList) -> bytes:
    """The bytes that are signed: RFC 8785, times to the second in UTC."""
    nodes = [_plain_node(node) for _, node in sorted(listed.nodes.items())]
    head = {"v": VERSION, "federation": listed.federation, "hub": listed.hub, "serial": listed.serial}
    times = {"issued_at": stamp(listed.issued_at), "expires_at": stamp(listed.expires_at)}
    agreements = [_plain_agreement(agreement) for agreement in listed.agreements]
    return canonical(head | times | {"nodes": nodes, "agreements": agreements})


def read(document: bytes) -> TrustList:
    """The list in these bytes. TrustListMalformed when it is not one."""
    try:
        entries = msgspec.convert(parse(document, strict=True), Entries)
        nodes = {node.code: node for node in entries.nodes}
        _require_sound(entries, nodes)
    except (NotCanonical, msgspec.ValidationError, ValueError) as why:
        raise errors.TrustListMalformed(why=str(why)) from why
    times = (entries.issued_at.astimezone(UTC), entries.expires_at.astimezone(UTC))
    return TrustList(entries.federation, entries.hub, entries.serial, *times, nodes, entries.agreements)


def check(
    document: bytes, signature: bytes, keys: Iterable[HubKey], at: datetime, current: int = 0, *, passing: bool = False
) -> TrustList:
    """The list, if one of these hub keys signed it in its time, it is not older than `current` and not expired.

    One that is passed through on the way to a newer one may have expired.
    """
    verifying = [key for key in keys if _verifies(key, document, signature)]
    if not verifying:
        raise errors.TrustListForged(why="没有一把枢纽公钥能验证它")
    listed = read(document)
    if not any(key.fits(listed.issued_at) for key in verifying):
        raise errors.TrustListForged(why="签发时那把枢纽密钥不在有效期内")
    if listed.serial < current:
        raise errors.TrustListOlder(serial=listed.serial, current=current)
    if not passing:
        listed.require_unexpired(at)
    return listed


def packed(handed: Signed) -> bytes:
    """A signed list as it is handed from node to node."""
    return canonical(_packed(handed))


def unpacked(data: bytes) -> Signed:
    """What somebody handed over, not believed yet. TrustListMalformed when it is not that."""
    try:
        return _unpacked(msgspec.convert(parse(data), Packed))
    except (NotCanonical, msgspec.ValidationError, ValueError) as why:
        raise errors.TrustListMalformed(why=str(why)) from why


def packed_lists(several: Iterable[Signed]) -> bytes:
    """Lists in the order in which they follow one another."""
    return canonical({"lists": [_packed(handed) for handed in several]})


def unpacked_lists(data: bytes) -> list[Signed]:
    """What somebody handed over, not believed yet. TrustListMalformed when it is not that."""
    try:
        words = msgspec.convert(parse(data), PackedLists)
        return [_unpacked(each) for each in words.lists]
    except (NotCanonical, msgspec.ValidationError, ValueError) as why:
        raise errors.TrustListMalformed(why=str(why)) from why


def hub_keys(listed: TrustList) -> list[HubKey]:
    """The keys by which the hub of this list signs the next ones, each for its time."""
    keys = listed.node(listed.hub).keys
    return [HubKey(k.suite, k.public_bytes, k.not_before, k.not_after) for k in keys if k.use == "exchange"]


def key_of(
    use: Use,
    suite: str,
    public: bytes,
    *,
    id: str,
    not_before: datetime,
    not_after: datetime,
    certificate: str = "",
) -> Key:
    """A key as the list carries it, from raw bytes."""
    return Key(id, use, suite, encode(public), not_before, not_after, certificate)


def plain_key(key: Key) -> dict[str, Any]:
    """A key as it is written in signed documents."""
    words = {name: getattr(key, name) for name in ("id", "use", "suite", "public", "certificate")}
    return words | {"not_before": stamp(key.not_before), "not_after": stamp(key.not_after)}


def stamp(at: datetime) -> str:
    """A time as the list writes it: UTC, whole seconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _verifies(key: HubKey, document: bytes, signature: bytes) -> bool:
    try:
        return crypto.suite(key.suite).verify(key.public, document, signature)
    except ValueError:  # a suite that we do not know
        return False


def _is_of(kind: str, families: Iterable[str]) -> bool:
    """Whether a kind is one of these or of a family among them."""
    return any(kind == each or (each.endswith(".*") and kind.startswith(each[:-1])) for each in families)


def _packed(handed: Signed) -> dict[str, str]:
    words = {"key_id": handed.key_id, "suite": handed.suite, "signature": encode(handed.signature)}
    return words | {"document": encode(handed.data)}


def _unpacked(words: Packed) -> Signed:
    return Signed(decode(words.document), decode(words.signature), words.key_id, words.suite)


def _plain_agreement(agreement: Agreement) -> dict[str, Any]:
    return {"from": agreement.sender, "to": agreement.recipient, "kinds": list(agreement.kinds)}


def _plain_node(node: TrustedNode) -> dict[str, Any]:
    keys = [plain_key(key) for key in node.keys]
    lists = {"regions": list(node.regions), "roles": list(node.roles), "keys": keys}
    words = {name: getattr(node, name) for name in ("code", "name", "address", "dial", "status")}
    return words | lists


def _require_sound(entries: Entries, nodes: dict[str, TrustedNode]) -> None:
    """ValueError for what the types cannot say."""
    if len(nodes) != len(entries.nodes):
        raise ValueError("同一节点列了两次")
    if entries.hub not in nodes:
        raise ValueError("名单上没有枢纽")
    if entries.expires_at <= entries.issued_at:
        raise ValueError("到期时间早于签发时间")
    for key in (key for node in entries.nodes for key in node.keys):
        decode(key.public)
    prefixes = [prefix for node in entries.nodes if node.status != "removed" for prefix in node.regions]
    if len(set(prefixes)) != len(prefixes):
        raise ValueError("两个节点代表同一地区")
