# SPDX-License-Identifier: Apache-2.0
"""The lines of a case in words: its timeline, and what later pages need of single lines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from tongban.cases import custody, fees, promises, transitions
from tongban.cases.custody import Party
from tongban.cases.guards import OUTCOMES, PROBLEMS, RECIPIENTS, VERDICTS
from tongban.cases.models import Event
from tongban.cases.queries.held import Held, rules_cached
from tongban.cases.queries.views import TimelineEntry
from tongban.cases.regimes import SPECIAL_PROCEDURES
from tongban.cases.rules import Rules
from tongban.cases.said import by_field
from tongban.cases.sealed import event_context, opened
from tongban.cases.signing import ROLES
from tongban.cases.situation import numbers_in
from tongban.cases.states import Part
from tongban.identity.queries.mandates import ROLES as MANDATES
from tongban.regions.queries import trust_list
from tongban.standards.actor import Actor, Role
from tongban.standards.money import yuan

METHODS = {"card": "读卡", "typed": "录入证件号码", "manual": "窗口人工核对"}
RESULTS = {"match": "一致", "manual": "人证一致，由窗口人员负责"}
STAFF_NAMES = {Role.APPROVER: "审批人员", Role.CLERK: "窗口人员"}
SHOWN = {
    "what": "需要补正的内容",
    "signed": "纸质承诺书",
    "organ": "作出决定的机关",
    "document": "文书",
    "reason": "理由",
    "where_to_go": "应当向哪个机关申请",
    "basis": "依据",
    "remedies": "救济途径",
    "note": "说明",
    "parcel_no": "快递单号",
    "proof": "签收凭据",
    "bill": "缴款码或者财政电子票据号码",
}
CHOSEN = {  # choices in words, where the case itself is not needed to know them
    "verdict": ("预审结论", VERDICTS),
    "procedure": ("特别程序", {code: each.name for code, each in SPECIAL_PROCEDURES.items()}),
    "kind": ("问题种类", PROBLEMS),
    "outcome": ("处理结果", OUTCOMES),
    "promise": ("承诺", promises.NAMES),
    "to": ("寄给", RECIPIENTS),
    "credit": ("查询结果", promises.CREDIT),
    "register": ("在哪里查询", promises.REGISTERS),
    "proved": ("核对依据", fees.PROVED),
}
MATERIALS = {  # codes with commas between
    "wrong": "需要补正的材料",
    "lacking": "容缺后补的材料",
    "handed": "补交的材料",
    "returned": "退回的材料",
}
CHARGED = {"charges": "收费项目", "spared": "减免项目"}  # numbers of lines of the item's fee
OPINIONS = {"assign": "指派理由", "send_back": "退回理由"}  # of other moves: an opinion on the matter


@dataclass(frozen=True)
class Line:
    """One line of the chain with what it says, opened."""

    event: Event
    told: Mapping[str, Any]  # to everyone in the case
    internal: Mapping[str, str]  # of the place that wrote it

    @property
    def stated(self) -> Mapping[str, str]:
        """The facts that the move states."""
        stated: Mapping[str, str] = self.told.get("stated", {})
        return stated


def lines_of(held: Held, events: Sequence[Event]) -> list[Line]:
    """The lines in their order, each opened once."""
    return [_line(held, event) for event in events]


def _line(held: Held, event: Event) -> Line:
    facts = opened(held.key, bytes(event.sealed), event_context(event.number))
    return Line(event, facts["facts"], facts.get("internal", {}))


def last(lines: Sequence[Line], *moves: str) -> Line | None:
    """The latest line of one of these moves."""
    return next((line for line in reversed(lines) if line.event.move in moves), None)


def turned(lines: Sequence[Line]) -> int:
    """The number of the line that brought the state in which the case still is."""
    number, state = 0, None
    for line in lines:
        if line.event.state != state:
            number, state = line.event.number, line.event.state
    return number


def timeline(held: Held, lines: Sequence[Line], actor: Actor, names: Mapping[str, str]) -> tuple[TimelineEntry, ...]:
    """What happened, newest first. `names` are those of colleagues, whom only their own office knows."""
    entries, node = [], ""
    for line in lines:
        entries.append(_entry(held, line, actor, names, hop=bool(node) and line.event.node != node))
        node = line.event.node
    return tuple(reversed(entries))


def _entry(held: Held, line: Line, actor: Actor, names: Mapping[str, str], *, hop: bool) -> TimelineEntry:
    event, move = line.event, transitions.MOVES.get(line.event.move)
    details = list(_said(held, line))
    if actor.role is not Role.APPLICANT:
        details += [*_said_inside(line, names), *_found_at_the_window(line.told)]
    place = _whose(held, event)
    return TimelineEntry(
        number=event.number,
        at=event.occurred_at,
        title=move.told if move else event.move,
        by=_by(held, event, place),
        place=place.region_name if place else "",
        node_name=node_name(event.node),
        hop=hop,
        details=tuple(details),
        disputed=event.disputed,
    )


def _said(held: Held, line: Line) -> Iterator[tuple[str, str]]:
    """What everybody may read."""
    stated = line.stated
    if "step" in stated:
        yield "审查环节", step_name(held, stated["step"])
    if "problem" in stated:
        yield "问题", f"问题{stated['problem']}"
    if "papers" in stated:
        yield "原件", "、".join(held.papers[number - 1].name for number in sorted(numbers_in(stated["papers"])))
    for name, (label, words) in CHOSEN.items():
        if name in stated:
            yield label, words.get(stated[name], stated[name])
    rules = rules_cached(held.task_code, held.item_version)
    yield from ((label, rules.names(stated[name].split(","))) for name, label in MATERIALS.items() if name in stated)
    if stated.get("fields"):
        yield "需要更正的填写内容", rules.reasons(by_field(stated["fields"]))
    if stated.get("corrected"):
        labels = (rules.fields.get(name, name) for name in by_field(stated["corrected"]))
        yield "更正的填写内容", "、".join(labels)
    yield from ((label, stated[name]) for name, label in SHOWN.items() if name in stated)
    yield from _of_fee(rules, stated)
    if line.told.get("signers"):
        yield "共同确认", _confirmed(line.told["signers"])
    if line.told.get("again", {}).get("reason"):
        yield "再次申请的理由", line.told["again"]["reason"]
    yield from _numbered(line)


def _of_fee(rules: Rules, stated: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is to be paid, what was let off, what was paid."""
    for name, label in CHARGED.items():
        if name in stated:
            yield label, fees.words(rules, stated[name].split(","))
    if "paid" in stated:
        yield "到账金额", yuan(int(stated["paid"]))


def _numbered(line: Line) -> Iterator[tuple[str, str]]:
    """What the step gave a number to."""
    if line.told.get("notice"):
        yield "文书", f"《{line.told['notice']['name']}》{line.told['notice']['number']}"
    if "project_no" in line.told:
        yield "办件编号", line.told["project_no"]
    if line.event.move in transitions.ISSUING:
        yield "证明编号", line.stated["licence_number"]


def _confirmed(signers: Sequence[Mapping[str, str]]) -> str:
    """Who confirmed beside the applicant, in which role; never by name."""
    roles = [ROLES.get(each["role"], each["role"]) for each in signers]
    told = "、".join(f"{role} {roles.count(role)} 人" for role in dict.fromkeys(roles))
    at_a_window = signers[0]["by"].startswith(f"{Role.CLERK}:")
    return f"{told}已在窗口当场签字" if at_a_window else f"{told}已在提交前各自确认"


def _said_inside(line: Line, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What stays inside the office."""
    if line.internal.get("assignee"):
        yield "经办人（内部）", names.get(line.internal["assignee"], STAFF_NAMES[Role.APPROVER])
    if line.internal.get("opinion"):
        yield f"{OPINIONS.get(line.event.move, '审查意见')}（内部）", line.internal["opinion"]


def step_name(held: Held, code: str) -> str:
    """What the item calls a step of examination; the code where a newer version knows it."""
    steps = {step.code: step.name for step in rules_cached(held.task_code, held.item_version).steps}
    return steps.get(code, code)


def _found_at_the_window(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What the window established, for the office that decides: identity, and each material's formal check."""
    verified = facts.get("verification")
    if verified:
        how, result = METHODS.get(verified["method"], verified["method"]), RESULTS.get(verified["result"], "")
        yield "身份核验", "，".join(filter(None, (how, verified["source"], result)))
    noted = [f"{check['requirement']}：{check['note']}" for check in facts.get("checks", ()) if check["note"]]
    if noted:
        yield "形式审查说明", "；".join(noted)


def _whose(held: Held, event: Event) -> Party | None:
    """The place that did it, which another may have written down; never a member of staff by name."""
    if _is_of(event, Role.APPLICANT) or _is_of(event, Role.CLERK):
        return custody.with_part(held.parties, Part.INTAKE)
    named = (party for party in held.parties if party.organization_name == event.organization_name)
    at_the_node = (party for party in held.parties if party.node == event.node)
    return next(chain(named, at_the_node), None)


def _by(held: Held, event: Event, place: Party | None) -> str:
    if _is_of(event, Role.APPLICANT):
        acting = MANDATES.get(event.actor.partition("/")[2].partition(":")[0], "")
        return f"申请人（由{acting}代为办理）" if acting else "申请人"
    if place is None:
        return event.organization_name
    move = transitions.MOVES.get(event.move)
    if _is_of(event, Role.CLERK) and move is not None and Role.CLERK not in move.by:
        organ = custody.with_part(held.parties, Part.HANDLING)
        return f"{place.organization_name}（以{organ.organization_name}名义）"
    return place.organization_name


def _is_of(event: Event, role: Role) -> bool:
    return event.actor.startswith(f"{role}:")


def node_name(code: str) -> str:
    """What people call a node."""
    node = trust_list().nodes.get(code)
    return node.name if node else code
