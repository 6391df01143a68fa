# SPDX-License-Identifier: Apache-2.0
"""What a node hands to the hub: the request to be listed, and the request to list a new key beside the old one."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from tongban.config import new_keys
from tongban.exchange import actions as exchange
from tongban.exchange import key_store, keys
from tongban.exchange.key_store import Held
from tongban.licences import sealing
from tongban.regions import membership, requests
from tongban.regions.queries import trust_list
from tongban.regions.trustlist import TrustedNode, TrustList, Use
from tongban.standards.actor import system
from tongban.standards.node import here

FIRST_REQUEST = "encryption-key-request.json"


def joining(regions: Sequence[str], at: datetime) -> bytes:
    """The request to be listed, signed by every key it names that signs: whoever asks holds them all."""
    node, since = here(), (at - new_keys.EARLY).replace(microsecond=0)
    held = [keys.in_use(use) for use in key_store.USES]
    entered = TrustedNode(
        code=node.code,
        name=node.name,
        regions=tuple(regions),
        address=node.address,
        dial=node.dial,
        status="active",
        roles=(),
        keys=tuple(new_keys.listing(each, since) for each in held),
    )
    return requests.write(requests.joining(entered, at), [each for each in held if each.use != "encryption"])


def rotation(use: Use, at: datetime) -> bytes:
    """The request to list a key of ours that is not listed yet; one is made when there is none.

    Signed by that key, unless it is for encryption, and by the exchange key in use, which says that it is this node
    who asks.
    """
    new = keys.unlisted(use) or _made(use, at)
    asked = requests.rotating(here().code, new_keys.listing(new, at.replace(microsecond=0)), at)
    new_keys.write_entry(here().home / new_keys.ENTRY, at)
    signing = [keys.in_use("exchange")] if use == "encryption" else [new, keys.in_use("exchange")]
    return requests.write(asked, signing)


def first_encryption_key(at: datetime) -> Path | None:
    """The request to list this node's first encryption key, where its operator finds it; None when none is needed.

    For nodes that were listed before there were such keys: one is made. The hub lists its own.
    """
    file, listed = here().home / FIRST_REQUEST, trust_list()
    node = listed.nodes.get(here().code)
    if node is None or any(key.use == "encryption" for key in node.keys):
        file.unlink(missing_ok=True)
        return None
    asked = rotation("encryption", at)
    if here().code == listed.hub:
        approve(asked, at)
        return None
    file.write_bytes(asked)
    return file


def approve(file: bytes, at: datetime, *, overlap: timedelta = membership.OVERLAP, at_once: bool = False) -> TrustList:
    """As the hub: list the new key of this request."""
    request = requests.read(file)
    return exchange.change_at_hub(
        lambda listed: membership.key_changed(listed, request, at, overlap=overlap, at_once=at_once),
        at,
        actor=system(here().code),
    )


def _made(use: Use, at: datetime) -> Held:
    name = key_store.next_name(use)
    key_store.keep(f"{name}.pem", key_store.made_in(use).generate())
    if use == "document":
        private = key_store.held(use)[-1].private
        key_store.keep(f"{name}.crt", sealing.certify(private, here().name, here().code, at=at))
    made = key_store.held(use)[-1]
    exchange.note_key_made(use, made.key_id, at)
    return made
