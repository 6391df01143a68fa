# SPDX-License-Identifier: Apache-2.0
"""The formal check (形式审查) against the other region's rule card. Pure. Substance is never decided here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tongban.catalogue.content import Material


class Verdict(StrEnum):
    """The three verdicts a window has, and no fourth."""

    COLLECT = "collect"  # 收件
    COMPLETE = "complete"  # 当场告知补齐
    ELSEWHERE = "elsewhere"  # 不属代收范围，告知去处


VERDICTS = {Verdict.COLLECT: "收件", Verdict.COMPLETE: "告知补齐", Verdict.ELSEWHERE: "不属代收，告知去处"}


@dataclass(frozen=True)
class Check:
    """What the clerk found about one material."""

    requirement: str
    is_good: bool
    note: str = ""
    original: bool = False  # a paper original is taken in and sent on


def read_checks(kept: Mapping[str, Mapping[str, object]]) -> dict[str, Check]:
    """The checks as they were kept."""
    return {
        code: Check(code, each.get("verdict") == "good", str(each.get("note", "")), bool(each.get("original")))
        for code, each in kept.items()
    }


def lacking(
    requirements: Sequence[Material], checks: Mapping[str, Check], given: frozenset[str]
) -> list[tuple[str, str]]:
    """(material, sentence) for everything that stands against taking in, all at once."""
    found = []
    for material in requirements:
        check = checks.get(material.code)
        if check is None:
            found.append((material.code, f"请核对“{material.name}”并给出结论。"))
        elif not check.is_good:
            found.append((material.code, f"“{material.name}”不齐全或不符合要求：{check.note or '未写明'}"))
        elif material.necessity == "required" and material.code not in given and not check.original:
            found.append((material.code, f"请扫描“{material.name}”，或者勾选收取原件。"))
    return found


def told(requirements: Sequence[Material], checks: Mapping[str, Check]) -> list[dict[str, str]]:
    """The checks as the case's first line tells of them."""
    rows = []
    for material in requirements:
        check = checks.get(material.code)
        verdict = "good" if check and check.is_good else "lacking"
        rows.append({"requirement": material.code, "verdict": verdict, "note": check.note if check else ""})
    return rows


def complete_notice(requirements: Sequence[Material], checks: Mapping[str, Check], note: str) -> list[str]:
    """The paragraphs of a 一次性告知单: everything that is lacking, in one go."""
    items = [
        f"{number}. {material.name}：{checks[material.code].note or '请按办事指南的要求补齐。'}"
        for number, material in enumerate(
            (m for m in requirements if m.code in checks and not checks[m.code].is_good), start=1
        )
    ]
    return ["经形式审查，您提交的下列材料需要补齐，本告知为一次性告知：", *items, *([note] if note else [])]
