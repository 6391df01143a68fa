# SPDX-License-Identifier: Apache-2.0
"""What the notice (文书) of each legal event says: the words made of its template. Pure.

The words are made once, in the transaction of the event, and stand in its line: page, PDF and message show these.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any

from tongban.cases import clocks, fees, promises
from tongban.cases.clocks import UNITS, Clock
from tongban.cases.regimes import LAW, SPECIAL_PROCEDURES
from tongban.cases.said import by_field
from tongban.cases.situation import Situation, numbers_in
from tongban.cases.states import Originals, Part
from tongban.cases.templates import CONSEQUENCES as CONSEQUENCES
from tongban.cases.templates import REMEDY as REMEDY
from tongban.cases.templates import TEMPLATES as TEMPLATES
from tongban.cases.templates import Template as Template
from tongban.cases.transitions import MOVES
from tongban.standards.clock import SHANGHAI, local_date
from tongban.standards.money import capitals, yuan
from tongban.standards.workdays import long_day

CONDITION = re.compile(r"\[(!?)(\w+)\]")
STATED = ("what", "reason", "where_to_go", "basis", "remedies", "note", "parcel_no", "proof", "signed")
# What the window gives for what it does with its own hands, whoever holds the case.
BY_WINDOW = frozenset({"collect", "send_originals", "return_originals", "hand_over"})
WAYS = {"net": "网上领取", "post": "邮寄", "window": "窗口领取"}


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """What a notice can speak of: the case as it is once the move is made, and what the move states."""

    move: str
    case: Situation
    stated: Mapping[str, str]
    applicant: str
    item: str
    receipt_no: str
    project_no: str
    place: str  # of the organ
    organ: str  # that decides
    phone: str
    window: str  # that took it in
    result: str  # what the item yields
    licence_number: str
    more: Mapping[str, str] = field(default_factory=dict)  # what only the act itself knows


@dataclass(frozen=True)
class Words:
    """A notice in words."""

    template: Template
    addressee: str
    paragraphs: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]

    def plain(self) -> dict[str, Any]:
        """As it is kept, printed and sent."""
        return {
            "name": self.template.name,
            "version": self.template.version,
            "addressee": self.addressee,
            "paragraphs": list(self.paragraphs),
            "rows": [list(row) for row in self.rows],
        }


def giver(move: str) -> Part:
    """Whose notice it is."""
    return Part.INTAKE if move in BY_WINDOW else Part.HANDLING


def words(occasion: Occasion) -> Words:
    """What the notice of this move says now."""
    template, facts = TEMPLATES[occasion.move], slots(occasion)
    rows = ((label, _filled(text, facts)) for label, text in template.rows)
    told = (line for text in template.paragraphs for line in _filled(text, facts).splitlines())
    return Words(
        template=template,
        addressee=occasion.applicant if template.to_applicant else occasion.organ,
        paragraphs=tuple(line.strip() for line in told if line.strip()),
        rows=tuple((label, said) for label, said in rows if said),
    )


def slots(occasion: Occasion) -> dict[str, str]:
    """Every fact that a template may name; those that are not so are left out."""
    told = {name: str(getattr(occasion, name)) for name in ("applicant", "item", "receipt_no", "project_no")}
    told |= {name: getattr(occasion, name) for name in ("place", "organ", "phone", "window", "result")}
    told |= {"licence_number": occasion.licence_number, "way": WAYS[occasion.case.way]}
    told["office"] = occasion.window if occasion.move in BY_WINDOW else occasion.organ
    at = occasion.case.at
    told |= {"day": long_day(local_date(at)), "moment": f"{long_day(local_date(at))} {at.astimezone(SHANGHAI):%H:%M}"}
    told |= {name: occasion.stated[name] for name in STATED if name in occasion.stated}
    told |= dict(_of_rules(occasion.case)) | dict(_of_clocks(occasion.case)) | dict(_of_choices(occasion))
    return {name: said for name, said in (told | dict(occasion.more)).items() if said}


def _filled(text: str, facts: Mapping[str, str]) -> str:
    """The text with its facts; empty where one is not there, or the condition in front does not hold."""
    if condition := CONDITION.match(text):
        if (condition[2] in facts) is bool(condition[1]):
            return ""
        text = text[condition.end() :]
    named = {name for _, name, _, _ in Formatter().parse(text) if name}
    return text.format_map(facts) if named <= set(facts) else ""


def _of_rules(case: Situation) -> Iterator[tuple[str, str]]:
    """What the item and the law say."""
    is_licence = case.rules.is_licence
    yield "licence", "是" if is_licence else ""
    yield "basis_of_acceptance", f"依据{LAW}第三十二条" if is_licence else "按照办事指南"
    yield "basis_of_grant", f"依据{LAW}第三十八条" if is_licence else "按照办事指南"
    yield "consequence_of_correction", CONSEQUENCES[case.rules.consequence if case.is_running("correction") else ""]
    if case.rules.supplement is not None:
        yield "consequence_of_lacking", promises.consequence_of_lacking(case.rules)
    if case.rules.commitment is not None:
        yield "consequence_of_untruth", promises.consequence_of_untruth(case.rules)
    yield "proxy" if case.mode == "proxy" else "online", "是"
    yield {"net": "net", "post": "post", "window": "at_window"}[case.way], "是"
    yield from _of_fee(case)
    by = case.rules.lengthening
    if by is not None:
        yield "extended_by", f"{by.amount} {UNITS[by.unit]}"
        yield "basis_of_extension", f"{by.law}{by.clause}" if by.law else by.source


def _of_fee(case: Situation) -> Iterator[tuple[str, str]]:
    """What is to be paid, to whom and how, and what follows otherwise."""
    asked = case.rules.fee.payment
    if asked is None or not case.progress.fee:
        return
    yield "fee_basis", case.rules.fee.basis.rstrip("。")
    yield "payee", asked.payee
    yield "how_to_pay", asked.how
    yield "limits_stop_by", asked.stops_by
    yield "consequence_of_nonpayment", fees.consequence(case.rules)
    yield "fees", fees.words(case.rules, case.progress.charges)
    yield "amount", yuan(fees.amount(case))
    yield "amount_in_capitals", capitals(fees.amount(case))
    yield {fees.ASKED: "to_pay", fees.WAIVED: "nothing_to_pay"}.get(case.progress.fee, ""), "是"


def _of_clocks(case: Situation) -> Iterator[tuple[str, str]]:
    """How long each limit is, and until when it runs."""
    for kind, each in case.clocks.items():
        if each.ended_at is None:
            yield f"{kind}_limit", _limit(each)
            due = clocks.due_on(each, case.hours)
            yield f"{kind}_due", "" if due is None else long_day(due)
        for pause in each.pauses:
            if pause.until is None and pause.clause and pause.basis != fees.WAITING:
                yield "pause_by_law", pause.clause
    if "acceptance" in case.clocks:
        yield "received_on", long_day(local_date(case.clocks["acceptance"].started_at))


def _limit(each: Clock) -> str:
    declared = each.regime
    return (f"{declared.amount} {UNITS[declared.unit]}" if declared.amount else "当日") + (
        f"（{declared.basis}）" if declared.law else ""
    )


def _of_choices(occasion: Occasion) -> Iterator[tuple[str, str]]:
    """What the move states by codes, in words."""
    stated, case = occasion.stated, occasion.case
    if "procedure" in stated:
        yield "procedure", SPECIAL_PROCEDURES[stated["procedure"]].name
    if "lacking" in stated:
        yield "lacking", case.rules.names(stated["lacking"].split(","))
    if "wrong" in stated:
        yield "wrong", case.rules.names(stated["wrong"].split(","))
    if "fields" in stated:
        yield "wrong_fields", case.rules.reasons(by_field(stated["fields"]))
    if "spared" in stated:
        yield "spared", fees.words(case.rules, stated["spared"].split(","))
    if "promise" in stated:
        yield "promise", promises.NAMES[stated["promise"]]
    if "papers" in stated:
        yield "papers", "、".join(case.papers[number - 1].name for number in sorted(numbers_in(stated["papers"])))
    elif MOVES[occasion.move].originals is Originals.LEAVE:
        sent = (paper.name for paper in case.papers if paper.parcel_no == stated["parcel_no"])
        yield "papers", "、".join(sent)
