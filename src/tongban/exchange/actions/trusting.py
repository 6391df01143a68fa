# SPDX-License-Identifier: Apache-2.0
"""Keeping the trust list fresh: the hub signs the next one in time, everybody else fetches it."""

from datetime import datetime

from tongban.exchange import keys
from tongban.exchange.errors import Unreachable
from tongban.exchange.transport import Transport
from tongban.regions.actions import accept_trust_list, publish_trust_list
from tongban.regions.queries import trust_list
from tongban.regions.trustlist import TrustList, unpacked
from tongban.standards.actor import system
from tongban.standards.node import here

PATH = "/exchange/trust-list"


def renew_trust_list(at: datetime) -> bool:
    """As the hub: sign the list again when half of its life is over. True when it was signed."""
    listed = trust_list()
    half = listed.issued_at + (listed.expires_at - listed.issued_at) / 2
    if here().code != listed.hub or at < half:
        return False
    nodes = list(listed.nodes.values())
    publish_trust_list(nodes, at, signer=keys.signer(), actor=system(here().code), federation=listed.federation)
    return True


def fetch_trust_list(at: datetime, transport: Transport) -> TrustList:
    """Ask the hub for its newest list and take it over. Unreachable, or the refusal of a list that is not good."""
    listed = trust_list()
    if here().code == listed.hub:
        return listed
    came = transport.ask("GET", listed.node(listed.hub).dial + PATH, {}, b"")
    if came.status != 200:
        raise Unreachable(why=str(came.status))
    return accept_trust_list(unpacked(came.body), at, actor=system(here().code))
