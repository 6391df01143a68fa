# SPDX-License-Identifier: Apache-2.0
"""Which limits an item's cases have: read off the item version, with the law where the item leaves it open. Pure."""

from typing import Any

from tongban.cases.clocks import Regime

LAW = "《中华人民共和国行政许可法》"
# For a licence (行政许可) the law itself sets these; other items follow what they declare.
ACCEPTANCE = Regime("acceptance", 5, "working_day", LAW, "第三十二条", "法律规定")
DELIVERY = Regime("delivery", 10, "working_day", LAW, "第四十四条", "法律规定")
OURS = "本系统默认时限，可由事项另行规定"


def of_item(content: dict[str, Any]) -> dict[str, Regime]:
    """The regimes of an item version by kind of clock."""
    is_licence = content["item_type"] == "licence"
    promised = content["limits"]["promised"]
    decision = Regime(
        kind="decision",
        days=int(promised["days"]),
        unit=promised["unit"],
        law=promised["law"],
        clause=promised["clause"],
        source=promised["source"],
    )
    return {
        "acceptance": ACCEPTANCE if is_licence else Regime("acceptance", 5, "working_day", "", "", OURS),
        "decision": decision,
        "delivery": DELIVERY if is_licence else Regime("delivery", 10, "working_day", "", "", OURS),
    }
