# SPDX-License-Identifier: Apache-2.0
"""Keeping the trust list fresh: the hub signs the next one in time, everybody else follows it, list by list."""

from collections.abc import Callable
from datetime import datetime

from tongban.exchange import keys
from tongban.exchange.errors import Unreachable
from tongban.exchange.transport import Transport
from tongban.ledger import actions as ledger
from tongban.regions import membership
from tongban.regions.actions import change_trust_list, follow_trust_lists
from tongban.regions.membership import Changed
from tongban.regions.queries import trust_list
from tongban.regions.trustlist import CAP, TrustList, unpacked_lists
from tongban.standards.actor import Actor, system
from tongban.standards.node import here

PATH = "/exchange/trust-list"


def renew_trust_list(at: datetime) -> bool:
    """As the hub: sign the list again when half of its life is over. True when it was signed."""
    listed = trust_list()
    half = listed.issued_at + (listed.expires_at - listed.issued_at) / 2
    if here().code != listed.hub or at < half:
        return False
    change_at_hub(membership.renewed, at, actor=system(here().code))
    return True


def change_at_hub(change: Callable[[TrustList], Changed], at: datetime, *, actor: Actor) -> TrustList:
    """One act on the list, signed with the hub's own key. NotTheHub elsewhere; peers fetch it within a minute."""
    return change_trust_list(change, at, signer=keys.signer(), actor=actor)


def note_key_made(use: str, key_id: str, at: datetime) -> None:
    """A new key of ours waits to be listed."""
    ledger.write(
        "trust_list", verb="trust.key_made", actor=system(here().code), at=at, facts={"use": use, "key": key_id}
    )


def fetch_trust_list(at: datetime, transport: Transport) -> TrustList:
    """Ask the hub for the lists after ours and take them over. Unreachable, or the refusal of one that is not good."""
    listed = trust_list()
    return listed if here().code == listed.hub else follow_lists_of(listed.hub, at, transport)


def follow_lists_of(code: str, at: datetime, transport: Transport) -> TrustList:
    """Take over the lists after ours that a node holds: whoever hands them on, the hub's signature proves them."""
    while True:
        listed = trust_list()
        came = transport.ask("GET", f"{listed.node(code).dial}{PATH}?after={listed.serial}", {}, b"")
        if came.status != 200:
            raise Unreachable(why=str(came.status))
        handed = unpacked_lists(came.body)
        if not handed:
            return listed
        listed = follow_trust_lists(handed, at, actor=system(here().code))
        if len(handed) < CAP:
            return listed
