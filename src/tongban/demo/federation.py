# SPDX-License-Identifier: Apache-2.0
"""The demo's trust list: the hub signs it once for all nodes, each node takes it over."""

from datetime import datetime

from tongban.demo.plan import FEDERATION, Places
from tongban.demo.proofs import anchor, entries
from tongban.exchange import keys
from tongban.regions import actions, queries
from tongban.regions.trustlist import unpacked
from tongban.standards.actor import system
from tongban.standards.node import here


def sign(places: Places, at: datetime) -> None:
    """Publish the list as the hub, and write it where the other nodes find it."""
    actions.publish_trust_list(
        entries(places), at, signer=keys.signer(), actor=system(here().code), federation=FEDERATION
    )
    new = places.trust.with_suffix(".new")
    new.write_bytes(queries.trust_list_document())
    new.replace(places.trust)


def accept(places: Places, at: datetime) -> None:
    """Take the list over; the hub's key comes from the hub's own entry, as an operator would hand it over."""
    handed = unpacked(places.trust.read_bytes())
    actions.accept_trust_list(handed, at, actor=system(here().code), anchor=anchor(entries(places), at))
