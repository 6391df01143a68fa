# SPDX-License-Identifier: Apache-2.0
"""How a licence stands, and every way it can come to stand otherwise: one table, read by act, page and message. Pure.

The words are those of 行政许可法 (2019) 第六十九条 (撤销), 第七十条 (注销) and 行政处罚法 (2021) 第九条 (暂扣, 吊销).
"""

from dataclasses import dataclass
from enum import StrEnum


class Standing(StrEnum):
    """What whoever is shown a licence has to know."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The word for it."""
        return WORDS[self]

    @property
    def counts(self) -> bool:
        """Whether the licence may be relied upon."""
        return self is Standing.VALID


WORDS = {
    Standing.VALID: "有效",
    Standing.SUSPENDED: "暂扣",
    Standing.REVOKED: "撤销",
    Standing.CANCELLED: "注销",
    Standing.LAPSED: "失效",
    Standing.WITHDRAWN: "吊销",
}


ALIVE = frozenset({Standing.VALID, Standing.SUSPENDED})
OVER = frozenset({Standing.REVOKED, Standing.LAPSED, Standing.WITHDRAWN})


@dataclass(frozen=True)
class Change:
    """One way in which a licence comes to stand otherwise."""

    name: str
    label: str  # on the button and in the history
    origins: frozenset[Standing]
    to: Standing
    by_case: bool = False  # of the result of a case this is done by deciding about the case
    clause: str = ""


CHANGES = {
    each.name: each
    for each in (
        Change("suspend", "暂扣", frozenset({Standing.VALID}), Standing.SUSPENDED, clause="行政处罚法第九条"),
        Change("resume", "解除暂扣", frozenset({Standing.SUSPENDED}), Standing.VALID),
        Change("revoke", "撤销", ALIVE, Standing.REVOKED, by_case=True, clause="行政许可法第六十九条"),
        Change("reinstate", "恢复效力", frozenset({Standing.REVOKED}), Standing.VALID, by_case=True),
        Change("withdraw", "吊销", ALIVE, Standing.WITHDRAWN, clause="行政处罚法第九条"),
        Change("lapse", "失效", ALIVE, Standing.LAPSED),
        Change("cancel", "注销", ALIVE | OVER, Standing.CANCELLED, clause="行政许可法第七十条"),
        Change("restore", "撤回处理，恢复有效", OVER | {Standing.CANCELLED}, Standing.VALID),
    )
}

REVISED = {"alter": "变更", "renew": "延续", "annotate": "加注", "reissue": "补发"}  # a new edition takes its place
HISTORY = {name: each.label for name, each in CHANGES.items()} | {
    name: f"{label}，由新版代替" for name, label in REVISED.items()
}


def possible(standing: Standing, *, of_case: bool) -> list[Change]:
    """What an organization may do with a licence of its own that stands so; `of_case`: it is the result of a case."""
    if of_case and standing is Standing.REVOKED:  # what the case has decided the case alone takes back
        return [CHANGES["cancel"]]
    return [each for each in CHANGES.values() if standing in each.origins and not (of_case and each.by_case)]
