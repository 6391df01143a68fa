# SPDX-License-Identifier: Apache-2.0
"""The kinds that the exchange itself reads: a peer's signed tree head, an echo, and what was echoed."""

from tongban.database.statement import Statement
from tongban.exchange import witness
from tongban.exchange.actions import echoing, witnessing
from tongban.exchange.envelope import fitting
from tongban.exchange.registry import Message, handles, replays


@handles(witnessing.KIND, body=witness.Words)
def hear_head(message: Message, write: Statement) -> None:
    """A head of the sender's diary: kept as evidence, also when it contradicts an earlier one."""
    witnessing.hear(message, write)


@handles(echoing.ECHO, body=echoing.Words)
def say_back(message: Message, write: Statement) -> None:
    """An echo is answered when it is applied, once, to its sender."""
    echoing.say_back(message, write)


@replays(echoing.ECHO)
def follow_echo(message: Message, write: Statement) -> None:
    """After a restore nothing is said back anew: what was said before comes back as this node's own words."""


@handles(echoing.ECHOED, body=echoing.Echoed)
def hear_echoed(message: Message, write: Statement) -> None:
    """That it was applied is all; nobody echoes an echo."""
    fitting(message.body, echoing.Echoed)
