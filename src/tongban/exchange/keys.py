# SPDX-License-Identifier: Apache-2.0
"""Which of the node's own keys works now: to sign, the newest that the trust list in force names and peers have had
time for; to open, whichever was sealed to."""

from datetime import datetime, timedelta

from tongban.exchange import key_store
from tongban.exchange.errors import SealedToOther, SealingKeyOver
from tongban.exchange.key_store import Held
from tongban.regions.errors import NoTrustList
from tongban.regions.queries import trust_list
from tongban.regions.trustlist import Key, Use
from tongban.standards import clock
from tongban.standards.node import here
from tongban.standards.signer import Signer

LATE = timedelta(days=30)  # a list lasts so long: by an older one a peer may seal to a key that has ended since
SETTLE = timedelta(minutes=5)  # after a key's first instant: a peer's clock may be that far behind


def in_use(use: Use) -> Held:
    """The key to sign with at this moment. FileNotFoundError when the node was never initialised."""
    held = key_store.held(use)
    if not held:
        raise FileNotFoundError(here().secrets / "keys" / f"{use}.pem")
    return held[0] if len(held) == 1 else _chosen(held, use, clock.now())


def signer() -> Signer:
    """What signs messages, trust lists and tree heads in this node's name."""
    return in_use("exchange")


def opener(key_id: str, at: datetime) -> Held:
    """The key of ours that something was sealed to. SealedToOther when we have none such, SealingKeyOver long after."""
    found = next((held for held in key_store.held("encryption") if held.key_id == key_id), None)
    if found is None:
        raise SealedToOther(key=key_id[:60])
    ended = next((key.not_after for key in _listed("encryption") if key.id == key_id), None)
    if ended is not None and ended + LATE <= at:
        raise SealingKeyOver(key=key_id)
    return found


def private(use: Use) -> bytes:
    """The private key in use, PEM; empty when it never leaves its token."""
    return in_use(use).private


def certificate() -> bytes:
    """The certificate of the document key in use, PEM. FileNotFoundError when it has none."""
    found = in_use("document").certificate
    if not found:
        raise FileNotFoundError(here().secrets / "keys" / "document.crt")
    return found


def unlisted(use: Use) -> Held | None:
    """A key that was made and is not on the trust list yet, the newest; None when there is none."""
    known = {key.id for key in _listed(use)}
    return next((held for held in reversed(key_store.held(use)) if held.key_id and held.key_id not in known), None)


def _chosen(held: tuple[Held, ...], use: Use, at: datetime) -> Held:
    """Newest first: settled, else in force at all (the older one was ended at once), else the first we ever had."""
    mine = {key.key_id: key for key in held}
    listed = sorted(_listed(use), key=lambda key: key.not_before, reverse=True)
    fitting = [key for key in listed if key.id in mine and key.in_force(at)]
    settled = (key for key in fitting if key.not_before + SETTLE <= at)
    chosen = next(settled, fitting[0] if fitting else None)
    return mine[chosen.id] if chosen else held[0]


def _listed(use: Use) -> list[Key]:
    try:
        node = trust_list().nodes.get(here().code)
    except NoTrustList:
        return []
    return [key for key in node.keys if key.use == use] if node else []
