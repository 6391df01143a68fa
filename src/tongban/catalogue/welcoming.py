# SPDX-License-Identifier: Apache-2.0
"""Nodes that have joined since are told what this one has published: items, what is laid down for them, lists."""

from collections.abc import Callable, Mapping
from datetime import datetime

from tongban.catalogue.actions import announce, announce_basics
from tongban.catalogue.lists import actions as lists
from tongban.regions.errors import NoTrustList
from tongban.regions.queries import trust_list
from tongban.standards.node import here

Announce = Callable[[str, datetime], int]  # to a recipient; how many it was told of

KINDS: Mapping[str, Announce] = {  # of letter, and who sends them all
    "item.published": announce,
    "basic.published": announce_basics,
    "list.published": lists.announce,
}


class Welcome:
    """The duty of telling newcomers; it looks when the trust list is another than the one it saw last."""

    def __init__(self, more: Mapping[str, Announce] | None = None) -> None:
        """`more` is what nouns above this one have to tell, likewise."""
        self._kinds = {**KINDS, **(more or {})}
        self._serial = 0

    def once(self, at: datetime) -> bool:
        """Tell every node what it was never told. Whether there was any."""
        try:
            listed = trust_list()
        except NoTrustList:
            return False
        if listed.serial == self._serial:
            return False
        told = 0
        for node in listed.peers(here().code):
            for kind, tell in self._kinds.items():
                if listed.may_send(here().code, node.code, kind):
                    told += tell(node.code, at)
        self._serial = listed.serial
        return told > 0
