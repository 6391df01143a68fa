# SPDX-License-Identifier: Apache-2.0
"""The demo's trust list: the hub signs it once for all nodes, each node takes it over."""

from dataclasses import replace
from datetime import datetime

import msgspec

from tongban.demo.plan import FEDERATION, Places
from tongban.demo.proofs import anchor, entries
from tongban.exchange import actions as exchange
from tongban.exchange import keys
from tongban.regions import actions, membership, queries
from tongban.regions.errors import NoTrustList
from tongban.regions.membership import Changed
from tongban.regions.trustlist import TrustedNode, TrustList, unpacked
from tongban.standards.actor import system
from tongban.standards.node import here


def sign(places: Places, at: datetime) -> None:
    """Publish the list as the hub, and write it where the other nodes find it."""
    handed = entries(places)
    try:
        queries.trust_list()
    except NoTrustList:
        actions.publish_trust_list(handed, at, signer=keys.signer(), actor=system(here().code), federation=FEDERATION)
    else:
        exchange.change_at_hub(lambda listed: _where_they_are(listed, handed), at, actor=system(here().code))
    new = places.trust.with_suffix(".new")
    new.write_bytes(queries.trust_list_document())
    new.replace(places.trust)


def accept(places: Places, at: datetime) -> None:
    """Take the list over; the hub's key comes from the hub's own entry, as an operator would hand it over."""
    handed = unpacked(places.trust.read_bytes())
    actions.accept_trust_list(handed, at, actor=system(here().code), anchor=anchor(entries(places), at))


def _where_they_are(listed: TrustList, handed: list[TrustedNode]) -> Changed:
    """The demo may have moved to other ports; keys and agreements that have changed since stay."""
    nodes = listed.nodes | {each.code: _as_now(listed.nodes.get(each.code, each), each) for each in handed}
    return replace(membership.renewed(listed), nodes=tuple(nodes.values()))


def _as_now(node: TrustedNode, handed: TrustedNode) -> TrustedNode:
    """Where it says it is, with its first key of a use that it had none of."""
    uses = {key.use for key in node.keys}
    first = tuple(key for key in handed.keys if key.use not in uses)
    return msgspec.structs.replace(node, address=handed.address, dial=handed.dial, keys=(*node.keys, *first))
