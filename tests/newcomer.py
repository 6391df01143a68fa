# SPDX-License-Identifier: Apache-2.0
"""A node that has just joined: nobody has told it anything yet, of what a subject begins with."""

from tests.world import World
from tongban.exchange.models import Followed, Inbox, Outbox, Sent


def forget(world: World, newcomer: str, *prefixes: str) -> None:
    """Undo all letters to this node about subjects of these kinds, at both ends."""
    for prefix in prefixes:
        for code in world.nodes:
            with world.at(code):
                for model in (Sent, Outbox):
                    model.objects.filter(recipient=newcomer, subject__startswith=prefix).delete()
        with world.at(newcomer):
            for model in (Inbox, Followed):
                model.objects.filter(subject__startswith=prefix).delete()
