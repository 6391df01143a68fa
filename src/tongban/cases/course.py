# SPDX-License-Identifier: Apache-2.0
"""The course of a case: what one move does to its clocks, its papers and its progress. Pure.

The node that makes a move computes the clocks and tells them; a mirror follows what it was told. Progress follows
from the move and its facts at every node alike.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import product
from typing import Any

from tongban.cases import clocks, fees
from tongban.cases.clocks import Clock, Nature, Pause
from tongban.cases.regimes import SPECIAL_PROCEDURES
from tongban.cases.rules import Rules
from tongban.cases.said import by_field
from tongban.cases.situation import UNDERWAY, Problem, Progress, Situation, papers_after
from tongban.cases.states import ENDED, Part
from tongban.cases.transitions import MOVES, OUT, Move
from tongban.cases.transitions import NEW as BEFORE_ACCEPTANCE
from tongban.standards.actor import Role

OF_THE_ORGAN = frozenset({Nature.STATUTORY, Nature.PROMISED})
# Words of the table that mean several clocks: those of the steps of examination, and one of each problem.
STEPS, PROBLEM = "steps", "problem"
OF_STEPS = ("step:", "part:")  # what a step may have: its own limit, and that of the part of the procedure it is
LACKING = "后补的材料逾期没有补齐"  # why a promised limit stands still
AFTER_THE_END = ("verification", "put_right")  # of what was decided on a promise: they outlive the delivery


@dataclass(frozen=True)
class Said:
    """What a line says of a move: who made it, when, with which facts, under which item."""

    stated: Mapping[str, str]
    actor: str  # pseudonym
    at: datetime
    rules: Rules


def after(case: Situation, move: Move, stated: Mapping[str, str], *, actor: str) -> tuple[Situation, dict[str, Clock]]:
    """The case once this move is made by `actor` (a pseudonym), and the clocks it changes."""
    went = replace(
        case,
        state=move.leads_to(case.state),
        papers=papers_after(case.papers, move.originals, stated, intake=case.intake, handling=case.handling),
        progress=progress_after(case.progress, move.name, Said(stated, actor, case.at, case.rules)),
    )
    changed = _clocks(case, went, move, stated)
    return replace(went, clocks={**case.clocks, **changed}), changed


def progress_after(progress: Progress, move: str, said: Said) -> Progress:
    """What a move adds to the progress of a case; most add nothing. KeyError when a fact it needs is missing."""
    return EFFECTS[move](progress, said) if move in EFFECTS else progress


def _sign(progress: Progress, said: Said) -> Progress:
    step = said.stated["step"]
    return replace(progress, signed={**progress.signed, step: (*progress.signed.get(step, ()), said.actor)})


def _send_back(progress: Progress, said: Said) -> Progress:
    """What stays signed when a step is done again: all but that step and those that waited for it."""
    again = {said.stated["step"]}
    for step in said.rules.steps:  # a step stands behind those it waits for
        if again & set(step.after):
            again.add(step.code)
    return replace(progress, signed={step: who for step, who in progress.signed.items() if step not in again})


def _raise_problem(progress: Progress, said: Said) -> Progress:
    raised = Problem(kind=said.stated["kind"], owner=_side(said.actor))
    return replace(progress, problems=(*progress.problems, raised))


def _change_problem(progress: Progress, said: Said, **changes: Any) -> Progress:
    place = int(said.stated["problem"]) - 1
    if place not in range(len(progress.problems)):
        raise KeyError(said.stated["problem"])
    changed = replace(progress.problems[place], **changes)
    return replace(progress, problems=(*progress.problems[:place], changed, *progress.problems[place + 1 :]))


def _special(progress: Progress, said: Said) -> Progress:
    """A hearing that was asked for is held when its procedure begins."""
    is_held = said.stated["procedure"] == "hearing" and progress.hearing == "requested"
    return replace(progress, hearing="held") if is_held else progress


def _reopened(progress: Progress, said: Said) -> Progress:
    """The matter begins anew; what had to be corrected stays told, what is to be handed in and what is paid stay so."""
    is_settled = progress.fee in (fees.PAID, fees.WAIVED)
    return Progress(
        problems=progress.problems,
        told=progress.told,
        awaited=progress.awaited,
        supplied=progress.supplied,
        fee=progress.fee if is_settled else "",
        charges=progress.charges if is_settled else (),
        spared=progress.spared,
    )


def _promise(progress: Progress, said: Said) -> Progress:
    return replace(progress, promised=(*progress.promised, said.stated["promise"]))


def _withdraw_promise(progress: Progress, said: Said) -> Progress:
    return replace(progress, promised=tuple(each for each in progress.promised if each != said.stated["promise"]))


def _supplement(progress: Progress, said: Said) -> Progress:
    """What is handed in no longer lacks; once nothing does, the promised limit goes on."""
    handed = said.stated["handed"].split(",")
    rest = tuple(code for code in progress.awaited if code not in handed)
    supplied = tuple(dict.fromkeys((*progress.supplied, *handed)))
    return replace(progress, awaited=rest, supplied=supplied, stalled=progress.stalled and bool(rest))


def _return_supplement(progress: Progress, said: Said) -> Progress:
    returned = said.stated["returned"].split(",")
    rest = tuple(code for code in progress.supplied if code not in returned)
    return replace(progress, awaited=tuple(dict.fromkeys((*progress.awaited, *returned))), supplied=rest)


def _ask_fee(progress: Progress, said: Said) -> Progress:
    return replace(progress, fee=fees.ASKED, charges=tuple(fees.lines(said.rules, said.stated["charges"].split(","))))


def _waive_fee(progress: Progress, said: Said) -> Progress:
    """What is let off is asked for no more; with the last line the fee is settled."""
    let_off = fees.lines(said.rules, said.stated["spared"].split(","))
    spared = tuple(dict.fromkeys((*progress.spared, *let_off)))
    rest = tuple(number for number in progress.charges or fees.lines(said.rules) if number not in spared)
    charged = rest if progress.fee else ()
    return replace(progress, spared=spared, charges=charged, fee=progress.fee if rest else fees.WAIVED)


def _opened(said: Said) -> dict[str, Any]:
    """What may be corrected: all of it where the office names nothing."""
    fields = tuple(by_field(said.stated.get("fields", "")))
    materials = tuple(filter(None, said.stated.get("wrong", "").split(",")))
    return {"fields": fields, "materials": materials, "narrowed": bool(fields or materials)}


def _verified(phase: str) -> Callable[[Progress, Said], Progress]:
    return lambda progress, said: replace(progress, verification=phase)


NOTHING_OPEN: dict[str, Any] = {"fields": (), "materials": (), "narrowed": False}
EFFECTS: Mapping[str, Callable[[Progress, Said], Progress]] = {
    "request_correction": lambda progress, said: replace(progress, told=True, **_opened(said)),
    "return_correction": lambda progress, said: replace(progress, **_opened(said)),
    "correct": lambda progress, said: replace(progress, **NOTHING_OPEN),
    "hand_in": lambda progress, said: replace(progress, **NOTHING_OPEN),
    "pre_review": lambda progress, said: replace(progress, reviewed=said.stated["verdict"] == "send"),
    "sign_step": _sign,
    "send_back": _send_back,
    "offer_hearing": lambda progress, said: replace(progress, hearing="offered"),
    "request_hearing": lambda progress, said: replace(progress, hearing="requested"),
    "start_special": _special,
    "propose_extension": lambda progress, said: replace(progress, proposed_by=said.actor),
    "extend": lambda progress, said: replace(progress, proposed_by="", extended=True),
    "assign": lambda progress, said: replace(progress, assignee=said.stated.get("assignee", "")),
    "urge": lambda progress, said: replace(progress, urged_at=clocks.stamp(said.at)),
    "promise": _promise,
    "take_promise": _promise,
    "withdraw_promise": _withdraw_promise,
    "check_credit": lambda progress, said: replace(progress, credit=said.stated["credit"]),
    "accept_lacking": lambda progress, said: replace(progress, awaited=tuple(said.stated["lacking"].split(","))),
    "supplement": _supplement,
    "return_supplement": _return_supplement,
    "stall": lambda progress, said: replace(progress, stalled=True),
    "grant_on_promise": _verified("due"),
    "confirm_promise": _verified("kept"),
    "order_to_correct": _verified("ordered"),
    "report_correction": _verified("reported"),
    "revoke": _verified("false"),
    "reinstate": lambda progress, said: replace(progress, verification="kept", archived=False),
    "ask_fee": _ask_fee,
    "confirm_payment": lambda progress, said: replace(progress, fee=fees.PAID),
    "waive_fee": _waive_fee,
    "archive": lambda progress, said: replace(progress, archived=True),
    "reopen_acceptance": _reopened,
    "reopen_decision": _reopened,
    "raise_problem": _raise_problem,
    "offer_problem": lambda progress, said: _change_problem(progress, said, offered=True),
    "take_problem": lambda progress, said: _change_problem(progress, said, owner=_side(said.actor), offered=False),
    "settle_problem": lambda progress, said: _change_problem(progress, said, settled=True),
}


def due_on(case: Situation) -> date | None:
    """The day on which the case is due: the first of the organ's own limits, else the first of any that runs."""
    running = [each for each in case.clocks.values() if each.ended_at is None]
    due = [(each, day) for each in running if (day := clocks.due_on(each, case.hours)) is not None]
    own = [day for each, day in due if each.regime.nature in OF_THE_ORGAN]
    return min(own or [day for _, day in due], default=None)


def _clocks(case: Situation, went: Situation, move: Move, stated: Mapping[str, str]) -> dict[str, Clock]:
    """The clocks that the move begins, ends, pauses, resumes or extends, by kind."""
    if went.state in ENDED and went.state is not case.state:
        ends = (kind for kind, each in case.clocks.items() if each.ended_at is None and not _outlives(kind, went))
        return {kind: _end(case.clocks[kind], case.at) for kind in ends}
    if move.reckons:
        return {kind: each for kind, each in case.clocks.items() if each.ended_at is None}
    return dict([*_ended(case, went, move), *_changed(case, went, move, stated), *_begun(case, went, move)])


def _outlives(kind: str, ended: Situation) -> bool:
    """Whether a clock has something to wait for although the case has ended."""
    if kind.startswith(f"{PROBLEM}:"):
        return _is_open(kind, ended)
    return ended.state in OUT and kind in AFTER_THE_END


def _is_open(kind: str, case: Situation) -> bool:
    """Whether the problem that this clock is for is not settled yet."""
    return int(kind.partition(":")[2]) in case.open_problems


def _ended(case: Situation, went: Situation, move: Move) -> Iterator[tuple[str, Clock]]:
    for kind in _named(case, move.stops):
        if _is_done(kind, went):
            yield kind, _end(case.clocks[kind], case.at)


def _is_done(kind: str, case: Situation) -> bool:
    """Whether a clock that the move may end really has nothing more to wait for."""
    if kind in ("supplement", "grace"):
        return not case.progress.awaited or (kind == "supplement" and case.progress.stalled)
    if kind == "transit":
        return not _travels(case)
    if kind == "hearing":
        return case.progress.hearing == "held"
    if kind == "payment":
        return case.progress.fee != fees.ASKED
    return not (kind.startswith(f"{PROBLEM}:") and _is_open(kind, case))


def _travels(case: Situation) -> bool:
    """Whether an original is on its way."""
    return any(paper.holder in UNDERWAY for paper in case.papers)


def _changed(case: Situation, went: Situation, move: Move, stated: Mapping[str, str]) -> Iterator[tuple[str, Clock]]:
    for kind in _named(case, move.pauses):
        begins = _not_before(case.clocks[kind], case.at)
        pause = _pause(case, stated, begins)
        if pause and pause.reaches(case.clocks[kind].regime) and not case.clocks[kind].is_paused:
            yield kind, case.clocks[kind].pause(pause)
    for kind in _named(case, move.resumes):
        if case.clocks[kind].is_paused and not _stands_still(case.clocks[kind], went):
            yield kind, case.clocks[kind].resume(_not_before(case.clocks[kind], case.at))
    for kind in _named(case, move.extends):
        by = case.rules.lengthening
        if by is not None and by.unit is case.clocks[kind].regime.unit and not case.is_overdue(kind):
            yield kind, case.clocks[kind].extend(by.granted(_not_before(case.clocks[kind], case.at)))


def _pause(case: Situation, stated: Mapping[str, str], at: datetime) -> Pause | None:
    """For the special procedure that begins, or a fee; or because what was promised has not been handed in in time."""
    if "procedure" in stated:
        return SPECIAL_PROCEDURES[stated["procedure"]].pause(at, by_law=case.rules.is_licence)
    if "charges" in stated:
        return fees.pause(case.rules, at)
    return Pause("", LACKING, at, None, "promised")


def _stands_still(running: Clock, case: Situation) -> bool:
    """Whether another reason keeps a clock paused when one of two is gone; the page names the first of them."""
    if case.state in MOVES["end_special"].sources or fees.stands_still(case):
        return True
    return case.progress.stalled and running.regime.nature is Nature.PROMISED


def _begun(case: Situation, went: Situation, move: Move) -> Iterator[tuple[str, Clock]]:
    for kind in move.starts:
        if kind == STEPS:
            yield from _steps(case, went)
        elif kind == PROBLEM:
            yield from _problems(case, went)
        elif kind in case.rules.regimes and _begins(kind, went):
            yield kind, clocks.begin(case.rules.regimes[kind], _since(case, move))


def _end(running: Clock, at: datetime) -> Clock:
    return running.end(_not_before(running, at))


def _not_before(running: Clock, at: datetime) -> datetime:
    """This instant, or the last that the clock knows: a node's own clock may have been set back in between."""
    return max((at, running.started_at, *(pause.until or pause.since for pause in running.pauses)))


def _since(case: Situation, move: Move) -> datetime:
    """From when the new clock counts: now, or from where another began."""
    return case.clocks[move.since].started_at if move.since in case.clocks else case.at


def _named(case: Situation, kinds: tuple[str, ...]) -> list[str]:
    """The running clocks that the table's words mean."""
    begin = (*(OF_STEPS if STEPS in kinds else ()), *((f"{PROBLEM}:",) if PROBLEM in kinds else ()))
    meant = {kind for kind in case.clocks if kind in kinds or kind.startswith(begin)}
    return [kind for kind in meant if case.is_running(kind)]


def _begins(kind: str, case: Situation) -> bool:
    """Whether a clock really begins here.

    The organ's time to accept begins when it has the application and the originals that the item asks for on paper;
    until they arrive their transit has a clock of its own, which is nobody's duty.
    """
    if kind == "acceptance":
        return not case.awaits_originals and not case.is_running("acceptance") and case.state in BEFORE_ACCEPTANCE
    if kind == "transit":
        return _travels(case)
    if kind == "supplement":
        return bool(case.progress.awaited) and not case.progress.stalled and not case.is_running(kind)
    return True


def _steps(case: Situation, went: Situation) -> Iterator[tuple[str, Clock]]:
    """The clocks of steps that can be signed now begin, those of signed ones end."""
    for step, prefix in product(went.rules.steps, OF_STEPS):
        kind, is_open = f"{prefix}{step.code}", step.code in went.open_steps
        if case.is_running(kind) and not is_open:
            yield kind, _end(case.clocks[kind], case.at)
        elif kind in went.rules.regimes and is_open and not case.is_running(kind):
            yield kind, clocks.begin(went.rules.regimes[kind], case.at)


def _problems(case: Situation, went: Situation) -> Iterator[tuple[str, Clock]]:
    """Each problem has a limit of its own, from the day on which it was noted down."""
    for number in went.open_problems if PROBLEM in went.rules.regimes else ():
        kind = f"{PROBLEM}:{number}"
        if kind not in case.clocks:
            own = replace(went.rules.regimes[PROBLEM], kind=kind, label=f"问题{number}处理时限")
            yield kind, clocks.begin(own, case.at)


def _side(actor: str) -> Part:
    """A clerk's pseudonym begins with the role."""
    return Part.INTAKE if actor.startswith(f"{Role.CLERK}:") else Part.HANDLING
