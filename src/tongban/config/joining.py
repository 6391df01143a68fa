# SPDX-License-Identifier: Apache-2.0
"""A node takes over the hub's newest trust list; the first time an operator hands it the hub's entry."""

from datetime import datetime
from pathlib import Path

from tongban.config import new_keys
from tongban.exchange.actions import trusting
from tongban.exchange.errors import Unreachable
from tongban.exchange.transport import Transport
from tongban.regions import requests
from tongban.regions.actions import accept_trust_list
from tongban.regions.trustlist import HubKey, TrustList, unpacked
from tongban.standards.actor import system
from tongban.standards.node import here


def fetch(at: datetime, transport: Transport, hub_entry: Path | None = None, fingerprint: str = "") -> TrustList:
    """Ask the hub. Unreachable, FingerprintDiffers, or the refusal of a list that is not good."""
    if hub_entry is None:
        return trusting.fetch_trust_list(at, transport)
    requests.require_fingerprint(new_keys.fingerprint(hub_entry), fingerprint)
    hub = new_keys.entry(hub_entry, regions=(), roles=())
    came = transport.ask("GET", hub.dial + trusting.PATH, {}, b"")
    if came.status != 200:
        raise Unreachable(why=str(came.status))
    handed = unpacked(came.body)
    fitting = [key for key in hub.keys if key.use == "exchange" and key.id == handed.key_id]
    key = fitting[0] if fitting else hub.key_for("exchange", at)
    anchor = HubKey(key.suite, key.public_bytes)
    return accept_trust_list(handed, at, actor=system(here().code), anchor=anchor)
