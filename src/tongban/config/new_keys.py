# SPDX-License-Identifier: Apache-2.0
"""Makes a node's keys, and the entry by which the hub puts it on the trust list."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from cryptography import x509

from tongban.exchange import key_store
from tongban.exchange.key_store import Held
from tongban.licences import sealing
from tongban.regions import requests
from tongban.regions.trustlist import Key, TrustedNode, key_of
from tongban.standards import node as nodes
from tongban.standards.canonical import canonical
from tongban.standards.node import Node

LIFETIME = timedelta(days=365 * 5)
EARLY = timedelta(days=1)  # a peer's clock may be a little behind
ENTRY = "entry.json"


def make(node: Node, at: datetime) -> None:
    """Make the keys that are missing and write entry.json, which holds nothing secret."""
    with nodes.at(node):
        had = set(key_store.names(node))
        key_store.make()
        if not key_store.held("document"):
            key_store.keep("document.pem", sealing.make_private_key())
        if not key_store.held("document")[0].certificate:
            private = key_store.held("document")[0].private  # the certificate is for the key that stands
            key_store.keep("document.crt", sealing.certify(private, node.name, node.code, at=at))
        if not (node.home / ENTRY).exists() or set(key_store.names(node)) != had:
            write_entry(node.home / ENTRY, at)


def listing(held: Held, since: datetime) -> Key:
    """A key of ours as the list carries it; a document key lives as long as its certificate."""
    until = since + LIFETIME
    if held.certificate:
        certificate = x509.load_pem_x509_certificate(held.certificate)
        until = min(until, certificate.not_valid_after_utc)
    return key_of(
        _use(held.use),
        held.suite,
        held.public,
        id=held.key_id,
        not_before=since,
        not_after=until,
        certificate=held.certificate.decode(),
    )


def fingerprint(file: Path) -> str:
    """What two operators compare over the telephone about an entry, however its lines are broken."""
    return requests.fingerprint(canonical(json.loads(file.read_text(encoding="utf-8"))))


def entry(file: Path, *, regions: Sequence[str], roles: Sequence[str]) -> TrustedNode:
    """A node for the trust list, from the entry.json it handed in; what it may do is the hub's to say."""
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    words = {name: told[name] for name in ("code", "name", "address", "dial")}
    listed = tuple(_key(key) for key in told["keys"])
    return TrustedNode(**words, regions=tuple(regions), status="active", roles=tuple(roles), keys=listed)


def write_entry(file: Path, at: datetime) -> None:
    """What others may know of this node: every key it holds, nothing secret."""
    node, since = nodes.here(), (at - EARLY).replace(microsecond=0)
    listed = [listing(held, since) for use in key_store.USES for held in key_store.held(use) if held.key_id]
    words = {name: getattr(node, name) for name in ("code", "name", "address", "dial")}
    told = words | {"keys": [msgspec.to_builtins(key) for key in listed]}
    file.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def _key(told: dict[str, str]) -> Key:
    return Key(
        id=told["id"],
        use=_use(told["use"]),
        suite=told["suite"],
        public=told["public"],
        not_before=datetime.fromisoformat(told["not_before"]),
        not_after=datetime.fromisoformat(told["not_after"]),
        certificate=told["certificate"],
    )


def _use(word: str) -> Any:
    """The use of a key, checked. ValueError for a word that is none."""
    if word not in key_store.USES:
        raise ValueError(f"no key is used for {word!r}")
    return word
