# SPDX-License-Identifier: Apache-2.0
"""The table of moves: the procedure itself. Buttons, API guards, message checks, docs and tests read it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tongban.cases.errors import FactMissing, MoveUnknown, NotNow, NotYours
from tongban.standards.actor import Actor, Role

VERSION = 1  # of the table; events name it, so that an upgrade never splits the federation


class State(StrEnum):
    """Where a case stands."""

    SUBMITTED = "submitted"
    ACCEPTED = "accepted"
    EXAMINED = "examined"
    GRANTED = "granted"
    DENIED = "denied"
    ISSUED = "issued"
    DELIVERED = "delivered"
    NOT_ACCEPTED = "not_accepted"
    WITHDRAWN = "withdrawn"


NAMES = {
    State.SUBMITTED: "已提交",
    State.ACCEPTED: "已受理",
    State.EXAMINED: "已审查",
    State.GRANTED: "准予，制证中",
    State.DENIED: "不予办理",
    State.ISSUED: "已出证，待领取",
    State.DELIVERED: "已办结",
    State.NOT_ACCEPTED: "不予受理",
    State.WITHDRAWN: "已撤回",
}
ENDED = frozenset({State.DENIED, State.DELIVERED, State.NOT_ACCEPTED, State.WITHDRAWN})


class Part(StrEnum):
    """An organization's part in a case; never a node, never a region."""

    INTAKE = "intake"  # 收件地
    HANDLING = "handling"  # 办理地
    LEAD = "lead"  # 牵头部门


class Mode(StrEnum):
    """How the two places work together."""

    ONLINE = "online"  # 全程网办
    PROXY = "proxy"  # 异地代收代办
    JOINT = "joint"  # 多地联办


class Custody(StrEnum):
    """What a move does with the duty to move the case."""

    KEEP = "keep"
    OFFER = "offer"
    TAKE = "take"


@dataclass(frozen=True)
class Need:
    """A fact the move must state. Told facts cross the border; internal ones stay where they were written."""

    name: str
    label: str
    kind: str = "textarea"  # text or textarea
    most: int = 1000  # characters
    internal: bool = False
    help: str = ""


@dataclass(frozen=True)
class Move:
    """One permitted change of a case."""

    name: str
    label: str  # on a button
    told: str  # on the timeline
    sources: frozenset[State]
    target: State | None  # None: the state stays
    by: frozenset[Role]
    part: Part
    modes: frozenset[Mode]
    needs: tuple[Need, ...] = ()
    stops: tuple[str, ...] = ()  # clocks that end
    starts: tuple[str, ...] = ()  # clocks that begin
    custody: Custody = Custody.KEEP
    asked: bool = False  # may be asked for where custody is elsewhere; real when the custodian's event returns

    def leads_to(self, state: State) -> State:
        """The state after it."""
        return state if self.target is None else self.target


S, R, P = State, Role, Part
ALL = frozenset(Mode)
UNDER_WAY = frozenset({S.SUBMITTED, S.ACCEPTED, S.EXAMINED})
APPLICANT, APPROVER, SYSTEM = frozenset({R.APPLICANT}), frozenset({R.APPROVER}), frozenset({R.SYSTEM})

OPINION = Need("opinion", "审查意见", internal=True, help="内部意见，不发送给申请人和收件地。")
DECISION = Need("note", "给申请人的说明", most=500, help="申请人在办件进度中可以看到。")
REASON = Need("reason", "理由")
WHERE = Need("where_to_go", "应当向哪个机关申请", help="写明机关名称和联系方式。")
BASIS = Need("basis", "依据", help="写明法律、法规、规章的名称和条款。")
REMEDIES = Need("remedies", "救济途径", help="写明申请行政复议、提起行政诉讼的机关和期限。")
WITHDRAWAL = Need("reason", "撤回理由", most=500)
LICENCE = (
    Need("licence_number", "证明编号", kind="text"),
    Need("licence_name", "证明名称", kind="text"),
    Need("file_digest", "文件摘要", kind="text"),
    Need("file_size", "文件大小", kind="text"),
)

# fmt: off
MOVES: Mapping[str, Move] = {move.name: move for move in (
    #    name          label          told            from                       to              who        part        modes
    Move("submit",     "提交申请",    "提交申请",     frozenset(),               S.SUBMITTED,    APPLICANT, P.INTAKE,   ALL),
    Move("offer",      "移交办理地",  "移交办理地",   frozenset({S.SUBMITTED}),  None,           SYSTEM,    P.INTAKE,   ALL, custody=Custody.OFFER),
    Move("take",       "接收",        "办理地已接收", frozenset({S.SUBMITTED}),  None,           SYSTEM,    P.HANDLING, ALL, custody=Custody.TAKE, starts=("acceptance",)),
    Move("accept",     "受理",        "受理",         frozenset({S.SUBMITTED}),  S.ACCEPTED,     APPROVER,  P.HANDLING, ALL, stops=("acceptance",), starts=("decision",)),
    Move("not_accept", "不予受理",    "不予受理",     frozenset({S.SUBMITTED}),  S.NOT_ACCEPTED, APPROVER,  P.HANDLING, ALL, (REASON, WHERE), stops=("acceptance",)),
    Move("examine",    "审查完毕",    "审查完毕",     frozenset({S.ACCEPTED}),   S.EXAMINED,     APPROVER,  P.HANDLING, ALL, (OPINION,)),
    Move("grant",      "准予办理",    "准予办理",     frozenset({S.EXAMINED}),   S.GRANTED,      APPROVER,  P.HANDLING, ALL, (DECISION,), stops=("decision",), starts=("delivery",)),
    Move("deny",       "不予办理",    "不予办理",     frozenset({S.EXAMINED}),   S.DENIED,       APPROVER,  P.HANDLING, ALL, (REASON, BASIS, REMEDIES), stops=("decision",)),
    Move("issue",      "出具证明",    "已出具证明",   frozenset({S.GRANTED}),    S.ISSUED,       SYSTEM,    P.HANDLING, ALL, LICENCE),
    Move("deliver",    "领取",        "申请人已领取", frozenset({S.ISSUED}),     S.DELIVERED,    APPLICANT, P.INTAKE,   ALL, stops=("delivery",), asked=True),
    Move("withdraw",   "撤回申请",    "撤回申请",     UNDER_WAY,                 S.WITHDRAWN,    APPLICANT, P.INTAKE,   ALL, (WITHDRAWAL,), stops=("acceptance", "decision"), asked=True),
)}
# fmt: on


@dataclass(frozen=True)
class Relation:
    """How an actor stands to one case: the parts of their organization, and whether they applied for it."""

    parts: frozenset[Part]
    applied: bool


def move_named(name: str) -> Move:
    """The move of that name. MoveUnknown when the table has none."""
    if name not in MOVES:
        raise MoveUnknown(move=name)
    return MOVES[name]


def is_open(move: Move, state: State, mode: Mode) -> bool:
    """Whether the procedure has this move here."""
    return state in move.sources and mode in move.modes


def is_yours(move: Move, actor: Actor, relation: Relation) -> bool:
    """Whether this actor is the one who makes it."""
    if actor.role not in move.by:
        return False
    if actor.role is Role.APPLICANT:
        return relation.applied
    return actor.role is Role.SYSTEM or move.part in relation.parts


def open_moves(state: State, mode: Mode, actor: Actor, relation: Relation) -> Iterator[Move]:
    """The moves that this person has here; a desk shows one form for each."""
    return (m for m in MOVES.values() if is_open(m, state, mode) and is_yours(m, actor, relation))


def check(
    move: Move, state: State, mode: Mode, actor: Actor, relation: Relation, facts: Mapping[str, str]
) -> dict[str, str]:
    """The move's facts, tidied. NotYours, NotNow or FactMissing says why it cannot be made."""
    if not is_yours(move, actor, relation):
        raise NotYours(move=move.label)
    if not is_open(move, state, mode):
        raise NotNow(move=move.label, state=NAMES[state])
    return stated(move, facts)


def stated(move: Move, facts: Mapping[str, str]) -> dict[str, str]:
    """Exactly the facts the move needs, each present and not too long."""
    told = {}
    for need in move.needs:
        value = str(facts.get(need.name, "")).strip()
        if not value:
            raise FactMissing(field=need.name, label=need.label)
        if len(value) > need.most:
            raise FactMissing(field=need.name, label=f"{need.label}（不超过 {need.most} 字）")
        told[need.name] = value
    return told


def split(move: Move, facts: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What is told to everyone in the case, and what stays inside the organization."""
    internal = {need.name for need in move.needs if need.internal}
    told = {name: value for name, value in facts.items() if name not in internal}
    return told, {name: value for name, value in facts.items() if name in internal}
