# SPDX-License-Identifier: Apache-2.0
"""What a file, a trust list and a status list together say, without asking anybody. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tongban.licences.standings import Standing
from tongban.licences.status_list import StatusList
from tongban.licences.verify import Verdict
from tongban.standards.clock import SHANGHAI


class Outcome(StrEnum):
    """The answer in one word; each has an exit code of its own."""

    VALID = "valid"
    VALID_THEN = "valid_older_than_policy"
    NOT_VALID = "not_valid"
    UNKNOWN = "unknown"
    NOT_GENUINE = "not_genuine"


EXITS = {  # 2 is what a command ends with that was called wrongly
    Outcome.VALID: 0,
    Outcome.NOT_GENUINE: 1,
    Outcome.NOT_VALID: 3,
    Outcome.UNKNOWN: 4,
    Outcome.VALID_THEN: 5,
}


@dataclass(frozen=True)
class Told:
    """A status list whose signature was checked; or why it says nothing."""

    listed: StatusList | None = None
    trouble: str = ""  # a sentence


@dataclass(frozen=True)
class Answer:
    """What is known of a file, as of when, from which node."""

    outcome: Outcome
    sentences: Sequence[str]
    standing: Standing | None = None
    node: str = ""
    signed_at: datetime | None = None
    as_of: datetime | None = None  # of the status list
    fresh_until: datetime | None = None


def answer(verdict: Verdict, node_name: str, told: Told, now: datetime) -> Answer:
    """The answer for a file of which the verdict is known."""
    said = verdict.sentences(node_name)
    node = verdict.signer_node or ""
    if not verdict.intact or verdict.signed_at is None:
        return Answer(Outcome.NOT_GENUINE, said, node=node)
    listed, why = told.listed, _why_silent(verdict, told)
    if listed is None or why:
        more = [why, "结论：文件是真的，现在是否有效不清楚。"]
        return Answer(Outcome.UNKNOWN, [*said, *more], node=node, signed_at=verdict.signed_at)
    standing = listed.standing(verdict.digest)
    outcome, words = _judged(standing, listed, now)
    return Answer(
        outcome,
        [*said, *words],
        standing=standing,
        node=node,
        signed_at=verdict.signed_at,
        as_of=listed.issued_at,
        fresh_until=listed.fresh_until,
    )


def _why_silent(verdict: Verdict, told: Told) -> str:
    """Why the status list says nothing of this file; empty when it does."""
    listed = told.listed
    if listed is None:
        return told.trouble or "没有给出签发节点的状态清单。"
    if listed.node != verdict.signer_node:
        return f"状态清单是节点 {listed.node} 的，不是签发节点 {verdict.signer_node} 的。"
    if verdict.signed_at is not None and listed.issued_at < verdict.signed_at:
        return f"状态清单是{when(listed.issued_at)}的，比这份文件还早。"
    return ""


def _judged(standing: Standing, listed: StatusList, now: datetime) -> tuple[Outcome, list[str]]:
    as_of = f"截至{when(listed.issued_at)}，签发节点的状态清单上是“{standing.label}”。"
    if not standing.counts:
        return Outcome.NOT_VALID, [as_of, "结论：请不要采信。"]
    if now < listed.fresh_until:
        return Outcome.VALID, [as_of, f"这份清单可以用到{when(listed.fresh_until)}。", "结论：有效。"]
    older = f"签发节点声明清单只可用到{when(listed.fresh_until)}，现在已经超过，请取得新的清单再验证。"
    return Outcome.VALID_THEN, [as_of, older, "结论：当时有效，现在是否有效不清楚。"]


def when(at: datetime) -> str:
    """An instant as people here read it."""
    return f"{at.astimezone(SHANGHAI):%Y年%-m月%-d日 %H:%M}"
