# SPDX-License-Identifier: Apache-2.0
"""Whom a reader may believe: the trust lists in a dossier, and nothing but the hub's key above them. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from tongban.dossier.report import Report, when
from tongban.regions import trustlist
from tongban.regions.trustlist import Key, TrustList
from tongban.standards.crypto import suite
from tongban.standards.refusal import Refusal
from tongban.standards.signer import Signed

PART = "信任名单"
SHORTEST = 32  # hexadecimal digits of a fingerprint: half of a SHA-256


@dataclass(frozen=True)
class Handed:
    """A list with its signature, read and not believed yet."""

    listed: TrustList
    signed: Signed


class Trust:
    """The lists that are believed, by serial."""

    def __init__(self, lists: Mapping[int, TrustList]) -> None:
        self.lists = dict(lists)

    def name(self, node: str) -> str:
        """A node in words."""
        for listed in reversed(self.lists.values()):
            if node in listed.nodes:
                return f"{listed.nodes[node].name}（{node}）"
        return f"不在名单上的节点（{node}）"

    def key(self, node: str, signed: Signed, at: datetime, serial: int | None = None) -> Key | str:
        """The exchange key that signed, if it was that node's and in force then; else the sentence that says why not.

        With a serial only that list counts, when it is here.
        """
        lists = [self.lists[serial]] if serial in self.lists else list(self.lists.values())
        why = f"{self.name(node)}的名单条目中没有签名所用的密钥 {signed.key_id}"
        for listed in reversed(lists):
            for key in listed.nodes[node].keys if node in listed.nodes else ():
                if (key.id, key.suite, key.use) != (signed.key_id, signed.suite, "exchange"):
                    continue
                if why_not := _why_not(listed, node, key, at):
                    why = f"{self.name(node)}{why_not}"
                    continue
                return key
        return why

    def signature(self, node: str, signed: Signed, at: datetime, serial: int | None = None) -> str:
        """Empty when the node signed these bytes with a key that was in force; else why not."""
        key = self.key(node, signed, at, serial)
        if isinstance(key, str):
            return key
        if not suite(key.suite).verify(key.public_bytes, signed.data, signed.signature):
            return f"{self.name(node)}的签名无效"
        return ""

    def certificates(self) -> dict[str, list[str]]:
        """Every document certificate that any list names, by node."""
        found: dict[str, list[str]] = {}
        for listed in self.lists.values():
            for node in listed.nodes.values():
                found.setdefault(node.code, []).extend(node.certificates)
        return found


def _why_not(listed: TrustList, node: str, key: Key, at: datetime) -> str:
    if not key.in_force(at):
        return f"签名时（{when(at)}）所用的密钥 {key.id} 不在有效期内"
    if listed.nodes[node].status != "active":
        return f"在第 {listed.serial} 号名单上不是有效成员"
    if at >= listed.expires_at:
        return f"签名时第 {listed.serial} 号名单已经过期"
    return ""


def believed(handed: Sequence[Handed], hub_key: str, report: Report) -> Trust:
    """The lists that lead back to the hub's key; without one given, to the key of the newest list."""
    ordered = sorted(handed, key=lambda each: each.listed.serial)
    anchors = _anchors(ordered, hub_key)
    report.hub_keys = tuple(fingerprint(key) for key in anchors)
    report.compared = bool(hub_key)
    if not anchors:
        report.broken(PART, "没有一份信任名单出自给定指纹的枢纽公钥：这是另一个枢纽的名单，或者指纹有误。")
        return Trust({})
    good: dict[int, Handed] = {}
    while fresh := [each for each in ordered if each.listed.serial not in good and _signed_by(each, anchors)]:
        good |= {each.listed.serial: each for each in fresh}
        anchors = [*anchors, *(key for each in fresh for key in _hub_keys(each.listed))]
    trust = Trust({serial: good[serial].listed for serial in sorted(good)})
    _tell(ordered, good, report)
    return trust


def _tell(ordered: Sequence[Handed], good: Mapping[int, Handed], report: Report) -> None:
    places = {(each.listed.federation, each.listed.hub) for each in good.values()}
    for each in ordered:
        serial = each.listed.serial
        if serial not in good:
            report.broken(PART, f"第 {serial} 号信任名单不是由枢纽签发的，或者与给定的枢纽公钥接不上。")
        elif (each.listed.federation, each.listed.hub) not in places or len(places) > 1:
            report.broken(PART, f"第 {serial} 号信任名单属于另一个联邦。")
        else:
            until = f"{each.listed.issued_at:%Y-%m-%d} 至 {each.listed.expires_at:%Y-%m-%d}"
            report.proven(PART, f"第 {serial} 号信任名单由枢纽 {each.listed.hub} 签发，有效期 {until}。")


def _anchors(ordered: Sequence[Handed], hub_key: str) -> list[Key]:
    """The hub's keys that a reader begins with."""
    keys = {key.id: key for each in ordered for key in _hub_keys(each.listed)}
    if hub_key:
        return [key for key in keys.values() if is_of(key, hub_key)]
    return [key for key in keys.values() if key.id == ordered[-1].signed.key_id] if ordered else []


def _hub_keys(listed: TrustList) -> Iterable[Key]:
    hub = listed.nodes.get(listed.hub)
    return [key for key in hub.keys if key.use == "exchange"] if hub else []


def _signed_by(each: Handed, keys: Iterable[Key]) -> bool:
    signed = each.signed
    return any(
        (key.id, key.suite) == (signed.key_id, signed.suite)
        and key.in_force(each.listed.issued_at)
        and suite(key.suite).verify(key.public_bytes, signed.data, signed.signature)
        for key in keys
        if key.suite in ("ed25519", "sm2")
    )


def fingerprint(key: Key) -> str:
    """A key as it is compared: suite, then the whole SHA-256 of its public bytes."""
    return f"{key.suite}-{sha256(key.public_bytes).hexdigest()}"


def is_of(key: Key, told: str) -> bool:
    """Whether a fingerprint somebody gave, whole or its first half, however spaced, is this key's."""
    plain = "".join(told.lower().split()).replace(":", "")
    for head in ("ed25519-", "sm2-", "sha256"):
        plain = plain.removeprefix(head)
    plain = plain.replace("-", "")
    return len(plain) >= SHORTEST and sha256(key.public_bytes).hexdigest().startswith(plain)


def read(data: bytes) -> Handed | None:
    """A list in its one spelling; None when it is none."""
    try:
        signed = trustlist.unpacked(data)
        return Handed(trustlist.read(signed.data), signed) if trustlist.packed(signed) == data else None
    except Refusal:
        return None
