# SPDX-License-Identifier: Apache-2.0
"""Whom to believe: from the trust list this node holds, which must not be stale."""

from datetime import datetime

from tongban.exchange.errors import SenderSuspended, UnknownKey, UnknownSender
from tongban.regions.queries import trust_list
from tongban.regions.trustlist import Key, TrustedNode


def peer(code: str, at: datetime) -> TrustedNode:
    """An active node. UnknownSender, SenderSuspended, or TrustListExpired."""
    listed = trust_list()
    listed.require_unexpired(at)
    node = listed.nodes.get(code)
    if node is None or node.status == "removed":
        raise UnknownSender()
    if node.status != "active":
        raise SenderSuspended()
    return node


def encryption_key(code: str, at: datetime) -> Key | None:
    """What to seal to for an active node: its newest encryption key in force. None when it has none (yet)."""
    return next(peer(code, at).keys_for("encryption", at), None)


def exchange_key(node: TrustedNode, key_id: str, at: datetime) -> Key:
    """The key of that node with this fingerprint, in force. UnknownKey otherwise."""
    for key in node.keys_for("exchange", at):
        if key.id == key_id:
            return key
    raise UnknownKey()
