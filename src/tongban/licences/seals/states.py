# SPDX-License-Identifier: Apache-2.0
"""How a seal stands and who may change that: one table, read by act, page and test. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

KINDS = {"document": "电子文书专用章"}  # what stands beneath the star
BULK = 20  # papers that one press lets be sealed; more take a second person


class SealState(StrEnum):
    """Whether a seal may be used."""

    IN_USE = "in_use"
    SUSPENDED = "suspended"
    DESTROYED = "destroyed"

    @property
    def label(self) -> str:
        """The word for it."""
        return WORDS[self]


WORDS = {SealState.IN_USE: "在用", SealState.SUSPENDED: "停用", SealState.DESTROYED: "已销毁"}


class Hand(StrEnum):
    """What somebody is to a seal."""

    CUSTODIAN = "custodian"  # 保管人: a member of staff of the organization
    OPERATOR = "operator"  # runs the node, registers seals


@dataclass(frozen=True)
class Change:
    """One way in which a seal comes to stand otherwise."""

    name: str
    label: str  # on the button and in the history
    origins: frozenset[SealState]
    to: SealState
    hands: frozenset[Hand]
    by_another: bool = False  # than who made the change before


CHANGES = {
    each.name: each
    for each in (
        Change("suspend", "停用", frozenset({SealState.IN_USE}), SealState.SUSPENDED, frozenset(Hand)),
        Change("resume", "恢复使用", frozenset({SealState.SUSPENDED}), SealState.IN_USE, frozenset({Hand.CUSTODIAN})),
        Change(
            "destroy",
            "销毁",
            frozenset({SealState.SUSPENDED}),
            SealState.DESTROYED,
            frozenset({Hand.OPERATOR}),
            by_another=True,
        ),
    )
}
HISTORY = {name: each.label for name, each in CHANGES.items()} | {"register": "登记", "entrust": "更换保管人"}


def possible(state: SealState, hands: frozenset[Hand]) -> list[Change]:
    """What somebody may do with a seal that stands so."""
    return [each for each in CHANGES.values() if state in each.origins and hands & each.hands]


def why_not(state: SealState, valid_from: datetime, valid_until: datetime, at: datetime) -> str:
    """Why nothing may be sealed with it now, as the end of a sentence; empty when it may."""
    if state is not SealState.IN_USE:
        return WORDS[state] if state is SealState.DESTROYED else "已停用"
    if at < valid_from:
        return "还没有到启用时间"
    return "" if at < valid_until else "已过有效期"
