# SPDX-License-Identifier: Apache-2.0
"""What an applicant promises in writing (容缺受理, 告知承诺): the kinds, and the exact words that are confirmed. Pure.

The words are the item's own, with what the promise is about, until when, and what follows if it is not kept.
"""

from collections.abc import Iterator, Sequence

from tongban.cases.clocks import UNITS, Regime
from tongban.cases.rules import Rules

SUPPLEMENT, COMMITMENT = "supplement", "commitment"
NAMES = {SUPPLEMENT: "容缺受理承诺书", COMMITMENT: "告知承诺书"}
CREDIT = {"clear": "没有尚未修复的严重失信记录", "serious": "有尚未修复的严重失信记录"}
REGISTERS = {
    "national": "“信用中国”网站",
    "local": "本地公共信用信息平台",
    "sector": "行业主管部门的信用记录",
}
CONSEQUENCES = {
    "withdrawn": "视为撤回申请，办理就此结束；以后需要时可以重新申请",
    "terminated": "终止办理、退回申请；以后材料齐全时可以重新申请",
}


def words(kind: str, rules: Rules, lacking: Sequence[str]) -> str:
    """The whole promise as the applicant confirms it."""
    said = _supplement(rules, lacking) if kind == SUPPLEMENT else _commitment(rules)
    return "\n".join(said)


def consequence_of_lacking(rules: Rules) -> str:
    """What follows when nothing is handed in, in one sentence."""
    assert rules.supplement is not None
    end = CONSEQUENCES[rules.supplement.consequence]
    if "grace" not in rules.regimes:
        return f"到期没有补齐的，{end}。"
    more = length(rules.regimes["grace"])
    return f"到期没有补齐的，承诺的办理期限暂停计算；再过 {more}仍没有补齐的，{end}。"


def consequence_of_untruth(rules: Rules) -> str:
    """What follows when the promise turns out to be untrue, in one sentence."""
    assert rules.commitment is not None
    if rules.commitment.put_right is None:
        return "经核查承诺不实的，办理机关将撤销已经作出的决定。"
    limit = length(rules.regimes["put_right"])
    return f"经核查承诺不实的，办理机关责令在 {limit}内改正；到期没有改正的，撤销已经作出的决定。"


def length(limit: Regime) -> str:
    """15 个工作日"""
    return f"{limit.amount} {UNITS[limit.unit]}"


def _supplement(rules: Rules, lacking: Sequence[str]) -> Iterator[str]:
    assert rules.supplement is not None
    yield rules.supplement.promise
    yield f"需要补齐的材料：{rules.names(lacking)}。"
    yield f"补齐期限：自受理之日起 {length(rules.regimes['supplement'])}。"
    yield consequence_of_lacking(rules)


def _commitment(rules: Rules) -> Iterator[str]:
    assert rules.commitment is not None
    yield rules.commitment.promise
    yield f"以这份承诺代替提交的材料：{rules.names(rules.commitment.covers)}。"
    yield f"核查：办理机关自作出决定之日起 {length(rules.regimes['verification'])}内核查承诺是否属实。"
    yield consequence_of_untruth(rules)
