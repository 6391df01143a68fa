# SPDX-License-Identifier: Apache-2.0
"""Checks a case's evidence as a stranger would: only the hub's key is believed, everything else must prove itself."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tongban.config import new_keys
from tongban.demo.plan import HUB, Places
from tongban.regions.trustlist import HubKey, TrustedNode, TrustList, check, unpacked
from tongban.standards import clock
from tongban.standards.crypto import digest_with, merkle, suite


class NotProven(Exception):
    """Something does not prove what it says."""


@dataclass(frozen=True)
class Proven:
    """One line of the chain with how far it is proven."""

    number: int
    move: str
    node: str
    digest: str
    how: str


def anchor(nodes: Sequence[TrustedNode], at: datetime) -> HubKey:
    """The hub's key, from the hub's own entry, as an operator would hand it over."""
    hub = next(node for node in nodes if node.code == HUB)
    key = hub.key_for("exchange", at)
    return HubKey(key.suite, key.public_bytes)


def entries(places: Places) -> list[TrustedNode]:
    """What each node has handed in, with the regions and roles of the plan."""
    return [
        new_keys.entry(places.node(node).home / new_keys.ENTRY, regions=node.regions, roles=node.roles)
        for node in places.planned
    ]


def trust_list(handed: bytes, anchor: HubKey) -> TrustList:
    """The hub's list, checked by the hub's key."""
    signed = unpacked(handed)
    return check(signed.data, signed.signature, [anchor], clock.now())


def lines(evidence: dict[str, Any], listed: TrustList) -> list[Proven]:
    """Every line: its digest is true, it continues the one before, and a signed message told of it."""
    told = _lines_told(evidence, listed)
    proven, previous = [], ""
    for line in evidence["lines"]:
        words = json.loads(line["line"])
        if digest_with(line["digest"], line["line"].encode()) != line["digest"] or words["previous"] != previous:
            raise NotProven(f"第 {line['number']} 行与链不符")
        previous = line["digest"]
        how = told.get(line["line"], "本节点自有")
        proven.append(Proven(line["number"], line["move"], line["node"], line["digest"], how))
    return proven


def _lines_told(evidence: dict[str, Any], listed: TrustList) -> dict[str, str]:
    """The lines that came in messages, each with the suite of the signature that was checked."""
    told: dict[str, str] = {}
    for message in evidence["messages"]:
        name = _check_message(message, listed)
        for event in json.loads(message["envelope"])["body"].get("events", []):
            told[event["line"]] = f"{name} 签名有效"
    return told


def _check_message(message: dict[str, Any], listed: TrustList) -> str:
    """The suite's name. NotProven unless the sender's key signed a root that this envelope hangs on."""
    head = json.loads(message["head"])
    node = listed.node(message["sender"])
    keys = [key for key in node.keys if key.use == "exchange" and key.id == head["key_id"]]  # ended ones too
    signature = bytes.fromhex(message["signature"])
    if not any(suite(key.suite).verify(key.public_bytes, message["head"].encode(), signature) for key in keys):
        raise NotProven(f"{message['sender']} 的批次签名无效")
    used = suite(keys[0].suite)
    leaf = merkle.leaf_hash(used, message["envelope"].encode())
    path = [bytes.fromhex(step) for step in message["path"]]
    if not merkle.verify_path(used, leaf, message["index"], message["size"], path, bytes.fromhex(head["root"])):
        raise NotProven(f"{message['sender']} 的报文不在已签名的批次中")
    return str(keys[0].suite)
