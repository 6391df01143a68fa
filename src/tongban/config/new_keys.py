# SPDX-License-Identifier: Apache-2.0
"""Makes a node's keys, and the entry by which the hub puts it on the trust list."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from tongban.exchange import keys
from tongban.licences import sealing
from tongban.regions.trustlist import Key, TrustedNode, key_of
from tongban.standards import node as nodes
from tongban.standards.node import Node

LIFETIME = timedelta(days=365 * 5)
EARLY = timedelta(days=1)  # a peer's clock may be a little behind
ENTRY = "entry.json"


def make(node: Node, at: datetime) -> None:
    """Make the keys that are missing and write entry.json, which holds nothing secret."""
    with nodes.at(node):
        keys.make()
        keys.keep("document.pem", sealing.make_private_key())  # kept first: the certificate is for the key that stands
        keys.keep("document.crt", sealing.certify(keys.private("document"), node.name, node.code, at=at))
        if not (node.home / ENTRY).exists():
            _write_entry(node.home / ENTRY, at)


def entry(file: Path, *, regions: Sequence[str], roles: Sequence[str]) -> TrustedNode:
    """A node for the trust list, from the entry.json it handed in; what it may do is the hub's to say."""
    told: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    words = {name: told[name] for name in ("code", "name", "address", "dial")}
    listed = tuple(_key(key) for key in told["keys"])
    return TrustedNode(**words, regions=tuple(regions), status="active", roles=tuple(roles), keys=listed)


def _write_entry(file: Path, at: datetime) -> None:
    node, since = nodes.here(), (at - EARLY).replace(microsecond=0)
    times = {"not_before": since.isoformat(), "not_after": (since + LIFETIME).isoformat()}
    listed = [{**key, "certificate": "", **times} for key in keys.public()] + [_document(times)]
    words = {name: getattr(node, name) for name in ("code", "name", "address", "dial")}
    file.write_text(json.dumps(words | {"keys": listed}, ensure_ascii=False, indent=1), encoding="utf-8")


def _document(times: dict[str, str]) -> dict[str, str]:
    """The document key with its certificate."""
    text = keys.certificate()
    certificate = x509.load_pem_x509_certificate(text)
    public = certificate.public_key()
    if not isinstance(public, EllipticCurvePublicKey):
        raise ValueError("a document key is on the curve P-256")
    point = public.public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    made = key_of(
        "document",
        "es256",
        point,
        id=sealing.certificate_id(certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )
    words = {name: str(getattr(made, name)) for name in ("id", "use", "suite", "public")}
    return words | times | {"certificate": text.decode()}


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
    if word not in keys.USES:
        raise ValueError(f"no key is used for {word!r}")
    return word
