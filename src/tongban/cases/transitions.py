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
    COLLECTED = "collected"
    CORRECTION = "correction"
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
    State.COLLECTED: "已收件",
    State.CORRECTION: "待补正",
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


class Delivery(StrEnum):
    """How the applicant gets the result, as chosen at intake."""

    NET = "net"  # 网上下载
    POST = "post"  # 邮寄
    WINDOW = "window"  # 窗口领取


class Custody(StrEnum):
    """What a move does with the duty to move the case."""

    KEEP = "keep"
    OFFER = "offer"
    TAKE = "take"


class Originals(StrEnum):
    """What a move does with the paper originals of a case."""

    STAY = "stay"
    ARRIVE = "arrive"  # the acting organization has them
    LEAVE = "leave"  # handed to the courier; the number is stated


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
    ways: frozenset[Delivery] = frozenset(Delivery)  # open only for cases whose result is delivered so
    files: bool = False  # hands in materials
    originals: Originals = Originals.STAY

    def leads_to(self, state: State) -> State:
        """The state after it."""
        return state if self.target is None else self.target


S, R, P = State, Role, Part
ALL = frozenset(Mode)
NEW = frozenset({S.SUBMITTED, S.COLLECTED})
UNDER_WAY = NEW | {S.CORRECTION, S.ACCEPTED, S.EXAMINED}
REMOTE = frozenset({Mode.ONLINE, Mode.JOINT})
PROXY = frozenset({Mode.PROXY})
CLERK = frozenset({R.CLERK})
NET, POST, WINDOW = (frozenset({way}) for way in (Delivery.NET, Delivery.POST, Delivery.WINDOW))
APPLICANT, APPROVER, SYSTEM = frozenset({R.APPLICANT}), frozenset({R.APPROVER}), frozenset({R.SYSTEM})

OPINION = Need("opinion", "审查意见", internal=True, help="内部意见，不发送给申请人和收件地。")
DECISION = Need("note", "给申请人的说明", most=500, help="申请人在办件进度中可以看到。")
REASON = Need("reason", "理由")
WHERE = Need("where_to_go", "应当向哪个机关申请", help="写明机关名称和联系方式。")
BASIS = Need("basis", "依据", help="写明法律、法规、规章的名称和条款。")
REMEDIES = Need("remedies", "救济途径", help="写明申请行政复议、提起行政诉讼的机关和期限。")
WITHDRAWAL = Need("reason", "撤回理由", most=500)
WHAT = Need("what", "需要补正的全部内容", help="一次性告知：逐项写明缺什么、怎样补。告知之后不得再提新的要求。")
HANDED_IN = Need("note", "补正说明", most=500, help="写明这次补交了什么。")
PARCEL = Need("parcel_no", "快递单号", kind="text", most=50)
PROOF = Need("proof", "签收凭据", kind="text", most=200, help="写明签收人、签收时间，或者快递签收记录。")
LICENCE = (
    Need("licence_number", "证明编号", kind="text"),
    Need("licence_name", "证明名称", kind="text"),
    Need("file_digest", "文件摘要", kind="text"),
    Need("file_size", "文件大小", kind="text"),
)

# fmt: off
MOVES: Mapping[str, Move] = {move.name: move for move in (
    #    name                   label                told                  from                       to              who        part        modes
    Move("submit",              "提交申请",          "提交申请",           frozenset(),               S.SUBMITTED,    APPLICANT, P.INTAKE,   REMOTE),
    Move("collect",             "收件",              "窗口收件",           frozenset(),               S.COLLECTED,    CLERK,     P.INTAKE,   PROXY),
    Move("offer",               "移交办理地",        "移交办理地",         NEW,                       None,           SYSTEM,    P.INTAKE,   ALL, custody=Custody.OFFER),
    Move("take",                "接收",              "办理地已接收",       NEW,                       None,           SYSTEM,    P.HANDLING, ALL, custody=Custody.TAKE, starts=("acceptance",)),
    Move("request_correction",  "一次性告知补正",    "一次性告知补正",     NEW,                       S.CORRECTION,   APPROVER,  P.HANDLING, ALL, (WHAT,), stops=("acceptance",)),
    Move("correct",             "提交补正",          "申请人提交补正",     frozenset({S.CORRECTION}), S.SUBMITTED,    APPLICANT, P.INTAKE,   REMOTE, (HANDED_IN,), starts=("acceptance",), asked=True, files=True),
    Move("hand_in",             "代交补正材料",      "窗口代交补正材料",   frozenset({S.CORRECTION}), S.COLLECTED,    CLERK,     P.INTAKE,   PROXY, (HANDED_IN,), starts=("acceptance",), asked=True, files=True),
    Move("receive_originals",   "收到原件",          "办理地收到原件",     UNDER_WAY,                 None,           APPROVER,  P.HANDLING, PROXY, originals=Originals.ARRIVE),
    Move("accept",              "受理",              "受理",               NEW,                       S.ACCEPTED,     APPROVER,  P.HANDLING, ALL, stops=("acceptance",), starts=("decision",)),
    Move("not_accept",          "不予受理",          "不予受理",           NEW,                       S.NOT_ACCEPTED, APPROVER,  P.HANDLING, ALL, (REASON, WHERE), stops=("acceptance",)),
    Move("examine",             "审查完毕",          "审查完毕",           frozenset({S.ACCEPTED}),   S.EXAMINED,     APPROVER,  P.HANDLING, ALL, (OPINION,)),
    Move("grant",               "准予办理",          "准予办理",           frozenset({S.EXAMINED}),   S.GRANTED,      APPROVER,  P.HANDLING, ALL, (DECISION,), stops=("decision",), starts=("delivery",)),
    Move("deny",                "不予办理",          "不予办理",           frozenset({S.EXAMINED}),   S.DENIED,       APPROVER,  P.HANDLING, ALL, (REASON, BASIS, REMEDIES), stops=("decision",)),
    Move("issue",               "出具证明",          "已出具证明",         frozenset({S.GRANTED}),    S.ISSUED,       SYSTEM,    P.HANDLING, ALL, LICENCE),
    Move("deliver",             "领取",              "申请人已领取",       frozenset({S.ISSUED}),     S.DELIVERED,    APPLICANT, P.INTAKE,   ALL, stops=("delivery",), asked=True, ways=NET),
    Move("hand_over",           "窗口交付",          "窗口已交付申请人",   frozenset({S.ISSUED}),     S.DELIVERED,    CLERK,     P.INTAKE,   PROXY, (PROOF,), stops=("delivery",), asked=True, ways=WINDOW),
    Move("post",                "寄出结果",          "结果已寄出",         frozenset({S.ISSUED}),     None,           APPROVER,  P.HANDLING, ALL, (PARCEL,), ways=POST, originals=Originals.LEAVE),
    Move("confirm_post",        "确认签收",          "申请人已签收",       frozenset({S.ISSUED}),     S.DELIVERED,    APPROVER,  P.HANDLING, ALL, (PROOF,), stops=("delivery",), ways=POST),
    Move("withdraw",            "撤回申请",          "撤回申请",           UNDER_WAY,                 S.WITHDRAWN,    APPLICANT, P.INTAKE,   ALL, (WITHDRAWAL,), stops=("acceptance", "decision"), asked=True),
)}
# fmt: on
AWAIT_FILES = frozenset(state for move in MOVES.values() if move.files for state in move.sources)  # from the applicant


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


def known(state: str) -> State | None:
    """The state of that name; None for one that only a newer table knows."""
    return State(state) if state in State.__members__.values() else None


def is_system_next(state: State) -> bool:
    """Whether the node itself makes the next move, so that a page may wait for it."""
    return any(m.by == SYSTEM and m.custody is Custody.KEEP and state in m.sources for m in MOVES.values())


def is_open(move: Move, state: State, mode: Mode, way: Delivery = Delivery.NET) -> bool:
    """Whether the procedure has this move here."""
    return state in move.sources and mode in move.modes and way in move.ways


def is_yours(move: Move, actor: Actor, relation: Relation) -> bool:
    """Whether this actor is the one who makes it."""
    if actor.role not in move.by:
        return False
    if actor.role is Role.APPLICANT:
        return relation.applied
    return actor.role is Role.SYSTEM or move.part in relation.parts


def open_moves(
    state: State, mode: Mode, actor: Actor, relation: Relation, way: Delivery = Delivery.NET
) -> Iterator[Move]:
    """The moves that this person has here; a desk shows one form for each."""
    return (m for m in MOVES.values() if is_open(m, state, mode, way) and is_yours(m, actor, relation))


def check(
    move: Move,
    state: State,
    mode: Mode,
    actor: Actor,
    relation: Relation,
    facts: Mapping[str, str],
    way: Delivery = Delivery.NET,
) -> dict[str, str]:
    """The move's facts, tidied. NotYours, NotNow or FactMissing says why it cannot be made."""
    if not is_yours(move, actor, relation):
        raise NotYours(move=move.label)
    if not is_open(move, state, mode, way):
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
