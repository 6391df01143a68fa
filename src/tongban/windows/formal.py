# SPDX-License-Identifier: Apache-2.0
"""The formal check (形式审查) against the other region's rule card. Pure. Substance is never decided here."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tongban.cases.application import is_demanded
from tongban.cases.signing import roles
from tongban.catalogue.content import CoApplicants, Material
from tongban.standards import identifiers
from tongban.standards.refusal import BadInput


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
    """(material, sentence) for everything that stands against taking in, all at once; not what may come later."""
    found = []
    for material in requirements:
        check = checks.get(material.code)
        if check is None:
            found.append((material.code, f"请核对“{material.name}”并给出结论。"))
        elif check.original and (by := shared_by(material)):
            found.append((material.code, f"“{material.name}”由{by}可以核验，不得收取原件，请退还申请人。"))
        elif material.necessity == "tolerated":
            continue
        elif not check.is_good:
            found.append((material.code, f"“{material.name}”不齐全或不符合要求：{check.note or '未写明'}"))
        elif is_demanded(material) and material.code not in given and not check.original:
            found.append((material.code, f"请扫描“{material.name}”，或者勾选收取原件。"))
    return found


def shared_by(material: Material) -> str:
    """What verifies a material without its paper original (国务院令第716号第七条); empty where nothing does."""
    return material.more.shared if material.more else ""


def signers_lacking(
    wanted: CoApplicants, given: Sequence[Mapping[str, Any]], applicant: str, *, demo: bool
) -> list[tuple[str, str]]:
    """(field, sentence) for whatever is missing of those who apply together: who they are, and their signature.

    `applicant` is the ID number of whoever stands at the window for all.
    """
    found: list[tuple[str, str]] = []
    for place, each in enumerate(given):
        if not (each["name"] or each["id_number"]):
            continue
        found += _signer_faults(f"signer-{place}", each, demo=demo)
    named = [each for each in given if each["name"] and each["id_number"]]
    if len({applicant, *(each["id_number"] for each in named)}) <= len(named):
        found.append(("signer-0-name", "同一个人只能录入一次，申请人本人不用再录入。"))
    if len(named) < wanted.least and not found:
        found.append(("signer-0-name", f"请至少录入 {wanted.least} 名{roles(wanted)}，并核对证件、请其当场签字。"))
    return found


def _signer_faults(key: str, each: Mapping[str, Any], *, demo: bool) -> Iterator[tuple[str, str]]:
    try:
        identifiers.name(each["name"], field="name")
        identifiers.resident_id(each["id_number"], field="id_number", demo=demo)
    except BadInput as no:
        yield f"{key}-{no.field}", no.sentence
    if not each["signed"]:
        yield f"{key}-signed", f"请核对{each['name'] or '对方'}的证件原件，并请其当场签字。"


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
