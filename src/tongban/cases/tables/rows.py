# SPDX-License-Identifier: Apache-2.0
"""One accepted case as rows of the exchange tables. Pure.

Codes are those of the exchange where a source gives them. For 业务动作, 办结结果 and 收取方式 none does: there stand
the words of GB/T 39046 table 7 and ours, each of two characters, which the columns hold.
A case has rows once it has a 办件编号, which is from its acceptance on; a special procedure once it is over, because
the exchange demands when it ended.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from tongban.cases import clocks
from tongban.cases.custody import Party
from tongban.cases.regimes import SPECIAL_PROCEDURES
from tongban.cases.states import Custody, Delivery, Mode
from tongban.cases.tables.columns import COLUMNS, Table
from tongban.cases.transitions import DECIDERS, GRANTING, ISSUING, MOVES
from tongban.catalogue.content import ItemContent
from tongban.standards.actor import Role
from tongban.standards.clock import SHANGHAI
from tongban.standards.enums import CODES, ApplyForm, IdType, ServedObject, Source, SpecialProcedure, code_of

ACCEPTING = ("accept", "accept_lacking", "deem_accepted")
ENDING: Mapping[str, str] = {  # how a case ended, by the move that ended it
    **dict.fromkeys(GRANTING, "准予"),
    "deny": "不予",
    "revoke": "撤销",
    "terminate": "终止",
    "lapse_lacking_terminated": "终止",
    "withdraw": "撤回",
    "lapse_withdrawn": "撤回",
    "lapse_lacking_withdrawn": "撤回",
    "lapse_unpaid": "撤回",
}
PASSED, RETURNED, OTHER = "通过", "退回", "其他"
ACTS: Mapping[str, str] = {  # 业务动作
    **dict.fromkeys((*ACCEPTING, "sign_step", "examine", "extend", *GRANTING), PASSED),
    **dict.fromkeys(("request_correction", "return_correction", "send_back", "return_supplement", "deny"), RETURNED),
}
SAID = ("opinion", "note", "reason", "what")  # where a move states what was thought
ELECTRONIC, ON_PAPER = "电子", "纸质"
SYSTEM, ALONE = "系统", frozenset({Role.SYSTEM})  # what the node did by itself
CODED = frozenset(CODES[IdType, Source.GAT2000])

Row = dict[str, str]


@dataclass(frozen=True)
class Step:
    """One line of the chain with what it says, for those who wrote it."""

    move: str
    at: datetime
    actor: str  # pseudonym
    facts: Mapping[str, Any]  # told to everyone in the case
    internal: Mapping[str, str]

    @property
    def stated(self) -> Mapping[str, str]:
        """All that the move states."""
        return {**self.facts.get("stated", {}), **self.internal}

    @property
    def thought(self) -> str:
        """What whoever made the move said about it; empty for moves that say nothing."""
        return next((self.stated[name] for name in SAID if self.stated.get(name)), "")


@dataclass(frozen=True)
class Told:
    """An accepted case as the organization that decides on it knows it."""

    id: UUID
    project_no: str
    item: ItemContent
    examination: Mapping[str, str]  # names of its steps, by code
    version: int
    mode: Mode
    delivery: Delivery
    applicant: Mapping[str, Any]
    handling: Party
    steps: Sequence[Step]
    files: Sequence[tuple[str, str]]  # name of the material, name of its file
    papers: Sequence[str]  # names of originals
    names: Mapping[str, str]  # of the organization's staff, by pseudonym
    changed_at: datetime

    def by(self, step: Step) -> str:
        """Who did it: a person of the organization, or the node itself."""
        return self.names.get(step.actor) or (SYSTEM if step.move in MOVES and MOVES[step.move].by == ALONE else "")

    def last(self, *moves: str) -> Step | None:
        """The latest line of one of these moves."""
        return next((step for step in reversed(self.steps) if step.move in moves), None)


def rows(case: Told) -> dict[Table, list[Row]]:
    """The rows of each table, every column of it in order; what is not known is empty."""
    made = {
        Table.ACCEPT: _accepted(case),
        Table.PROCESS: _process(case),
        Table.SPECIAL: _special(case),
        Table.RESULT: _result(case),
        Table.MATERIAL: _materials(case),
    }
    return {table: [_whole(case, table, n, row) for n, row in enumerate(found, 1)] for table, found in made.items()}


def _whole(case: Told, table: Table, number: int, said: Row) -> Row:
    """With the key, which stays the same whenever the case is told again, and every column."""
    same = {
        "row_guid": str(uuid5(case.id, f"{table}:{number}")),
        "project_no": case.project_no,
        "cd_time": moment(case.changed_at),
    }
    told = same | said
    return {column.name: told.get(column.name, "") for column in COLUMNS[table]}


def _accepted(case: Told) -> Iterator[Row]:
    step = case.last(*ACCEPTING)
    if step is None:
        return
    item, who, promised = case.item, case.applicant, _clock(step, "promised")
    form = ApplyForm.WINDOW if case.mode is Mode.PROXY else ApplyForm.ONLINE
    kind = ServedObject.ENTERPRISE if who["id_type"] == IdType.CREDIT_CODE else ServedObject.NATURAL
    agent: Mapping[str, str] = who.get("agent", {})
    yield {
        "task_code": item.task_code,
        "catalog_code": item.basic_code,
        "task_name": item.name,
        "task_version": str(case.version),
        "project_name": item.name,
        "apply_date": moment(case.steps[0].at),
        "apply_type": code_of(form, Source.EXCHANGE),
        "applyer_name": who["name"],
        "applyer_type": code_of(kind, Source.EXCHANGE),
        "applyer_page_type": _document(who),
        "applyer_page_code": who["id_number"],
        "contact_name": agent.get("name", ""),
        "contact_type": _document(agent) if agent else "",
        "contact_code": agent.get("id_number", ""),
        "contact_mobile": who["phone"],
        "accept_date": moment(clocks.instant(promised["started_at"]) if promised else step.at),
        "accept_doc_no": step.facts.get("notice", {}).get("number", ""),
        "handle_user_name": case.by(step),
        "org_code": case.handling.organization,
        "org_name": case.handling.organization_name,
        "project_type": code_of(item.project_type, Source.EXCHANGE),
        "promise_date": moment(clocks.instant(promised["due_at"])) if promised and promised["due_at"] else "",
    }


def _document(who: Mapping[str, Any]) -> str:
    """The kind of a document; for those that the list has no code for, that of other documents."""
    return code_of(IdType(who["id_type"]) if who["id_type"] in CODED else IdType.OTHER, Source.GAT2000)


def _clock(step: Step, kind: str) -> Mapping[str, Any] | None:
    """A clock as the line told of it."""
    told: Sequence[Mapping[str, Any]] = step.facts.get("clocks", ())
    return next((each for each in told if each["regime"]["kind"] == kind), None)


def _process(case: Told) -> Iterator[Row]:
    """What the organization that decides did, step by step; its own opinions are its own to tell."""
    for step in case.steps:
        move = MOVES.get(step.move)
        if move is None or move.custody is not Custody.KEEP or not move.parts & DECIDERS:
            continue
        yield {
            "process_name": case.examination.get(step.stated.get("step", ""), move.label),
            "event_name": ACTS.get(step.move, OTHER),
            "event_start_time": moment(step.at),
            "event_end_time": moment(step.at),  # one instant: nobody says when they began to think
            "handle_user_name": case.by(step),
            "handle_explain": step.thought or move.told,
        }


def _special(case: Told) -> Iterator[Row]:
    """Procedures that are over, and extensions, which the exchange counts among them."""
    began: Step | None = None
    for step in case.steps:
        if step.move == "start_special":
            began = step
        elif step.move == "end_special" and began is not None:
            procedure = SPECIAL_PROCEDURES[began.stated["procedure"]]
            yield _stopped(case, SpecialProcedure.OTHER, procedure.name, began, step)
        elif step.move == "extend":
            proposed = next(each for each in reversed(case.steps) if each.move == "propose_extension")
            yield _stopped(case, SpecialProcedure.EXTENSION, SpecialProcedure.EXTENSION.label, proposed, step)


def _stopped(case: Told, kind: SpecialProcedure, name: str, began: Step, ended: Step) -> Row:
    return {
        "special_type": code_of(kind, Source.GBT39046),
        "special_name": name,
        "special_time": moment(began.at),
        "special_reason": began.thought,
        "applyer_user_name": case.by(began),
        "end_time": moment(ended.at),
        "result": ended.thought,
        "handle_user": case.by(ended),
    }


def _result(case: Told) -> Iterator[Row]:
    step, issued = case.last(*ENDING), case.last(*ISSUING)
    if step is None:
        return
    yield {
        "result_type": ENDING[step.move],
        "result_date": moment(step.at),
        "result_explain": step.thought or MOVES[step.move].told,
        "result_cetr_name": issued.stated["licence_name"] if issued and step.move in GRANTING else "",
        "result_cetr_no": issued.stated["licence_number"] if issued and step.move in GRANTING else "",
        "is_delivery_results": "1" if case.delivery is Delivery.POST else "0",
        "handle_user_name": case.by(step),
    }


def _materials(case: Told) -> Iterator[Row]:
    for name, file in case.files:
        yield {"material_name": name, "get_type": ELECTRONIC, "get_num": "1", "material_attach_name": file}
    for name in case.papers:
        yield {"material_name": name, "get_type": ON_PAPER, "get_num": "1"}


def moment(at: datetime) -> str:
    """An instant as the exchange writes it: local time, to the second."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
