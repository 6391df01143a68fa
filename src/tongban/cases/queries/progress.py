# SPDX-License-Identifier: Apache-2.0
"""How far a case is, as a page shows it: clocks, steps of examination, what must be corrected, what went wrong."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from tongban.cases import clocks, course, custody, transitions
from tongban.cases.clocks import Clock, Nature, Regime
from tongban.cases.guards import PROBLEMS
from tongban.cases.notices import CONSEQUENCES
from tongban.cases.queries.fields import FieldView
from tongban.cases.queries.held import Held
from tongban.cases.queries.timeline import STAFF_NAMES, Line, last
from tongban.cases.queries.views import ClockView, CorrectionView, ProblemView, StepView, TimelineEntry
from tongban.cases.reasons import explain
from tongban.cases.regimes import SPECIAL_PROCEDURES, deemed_accepted_on
from tongban.cases.said import by_field
from tongban.cases.situation import Situation
from tongban.cases.states import ENDED
from tongban.standards.actor import Role
from tongban.standards.workdays import long_day

STEP = "step:"  # begins the kind of a step's clock


def clock_views(case: Situation) -> tuple[ClockView, ...]:
    """Every clock of the case, those that run first and what matters most in front."""
    views = []
    for running in sorted(case.clocks.values(), key=lambda each: _urgency(each, case)):
        views.append(
            ClockView(
                name=_name(running.regime),
                kind=running.regime.kind,
                nature=str(running.regime.nature),
                standing=str(clocks.state(running, case.at, case.hours)),
                left=_left(running, case),
                due_on=clocks.due_on(running, case.hours),
                pause=_pause(running),
                ended_at=running.ended_at,
                lines=(*explain(running, case.hours, case.at), *_silence(running)),
                law=running.regime.basis,
            )
        )
    return tuple(views)


def _silence(running: Clock) -> Iterator[str]:
    """What the law makes of it when nobody answers, where it makes anything of it."""
    day = deemed_accepted_on(running)
    if day is not None:
        yield f"到期没有告知补正的，自收到申请材料之日（{long_day(day)}）起即为受理，依据：{running.regime.basis}。"


def _name(declared: Regime) -> str:
    """A step's limit, and that of a part of the procedure, bear its name alone."""
    return f"环节“{declared.name}”" if declared.kind.startswith(course.OF_STEPS) else declared.name


def _left(running: Clock, case: Situation) -> str:
    return clocks.left(running, case.at, case.hours).words


def _pause(running: Clock) -> str:
    if not running.is_paused:
        return ""
    pause = running.pauses[-1]
    return f"因{pause.basis}暂停计时" + (f"，依据{pause.clause}。" if pause.clause else "。")


def _urgency(running: Clock, case: Situation) -> tuple[bool, bool, date]:
    """Over and done last, then what is nobody's duty or stands still, the rest by the day."""
    due = clocks.due_on(running, case.hours)
    is_idle = running.is_paused or running.regime.nature is Nature.TRANSIT
    return running.ended_at is not None, is_idle, due or date.max


def step_views(held: Held, case: Situation, lines: Sequence[Line], names: Mapping[str, str]) -> Iterator[StepView]:
    """The examination step by step, once it has begun."""
    signed = case.progress.signed
    if held.state not in transitions.EXAMINING and not signed:
        return
    for step in case.rules.steps:
        people = signed.get(step.code, ())
        is_open = step.code in case.open_steps and held.state in transitions.EXAMINING
        limit = case.clocks.get(f"{STEP}{step.code}") if is_open else None
        yield StepView(
            name=step.name,
            state="signed" if case.rules.is_signed(step.code, signed) else "open" if is_open else "waiting",
            signed=tuple((_signer(who, names), at) for who in people if (at := _signed_at(lines, step.code, who))),
            persons=step.persons,
            after=tuple(case.rules.step(code).name for code in step.after if not case.rules.is_signed(code, signed)),
            due_on=clocks.due_on(limit, case.hours) if limit else None,
            left=_left(limit, case) if limit else "",
            standing=str(clocks.state(limit, case.at, case.hours)) if limit else "",
        )


def _signer(who: str, names: Mapping[str, str]) -> str:
    return names.get(who, STAFF_NAMES[Role.APPROVER])


def _signed_at(lines: Sequence[Line], step: str, who: str) -> datetime | None:
    """When this person signed the step last."""
    for line in reversed(lines):
        if line.event.move == "sign_step" and (line.stated.get("step"), line.event.actor) == (step, who):
            return line.event.occurred_at
    return None


def correction(
    held: Held, lines: Sequence[Line], running: Sequence[ClockView], case: Situation, form: Sequence[FieldView]
) -> CorrectionView | None:
    """What the office asked to be corrected, while it waits for it; `form` as whoever reads it may see it."""
    asked = last(lines, "request_correction", "return_correction")
    if asked is None or held.state not in transitions.AWAIT_FILES:
        return None
    limit = next((each for each in running if each.kind == "correction" and not each.ended_at), None)
    said = by_field(asked.stated.get("fields", ""))
    return CorrectionView(
        what=asked.stated.get("what", ""),
        due_on=limit.due_on if limit else None,
        left=limit.left if limit else "",
        standing=limit.standing if limit else "",
        consequence=CONSEQUENCES[case.rules.consequence if limit else ""],
        wrong=tuple(filter(None, asked.stated.get("wrong", "").split(","))),
        fields=tuple((field, said[field.name]) for field in form if field.name in said),
    )


def special(held: Held, lines: Sequence[Line]) -> str:
    """The special procedure that is under way, by its name."""
    if held.state not in transitions.MOVES["end_special"].sources:
        return ""
    began = last(lines, "start_special")
    known = SPECIAL_PROCEDURES.get(began.stated["procedure"]) if began else None
    return known.name if known else "特别程序"


def entry_numbered(entries: Sequence[TimelineEntry], number: int) -> TimelineEntry | None:
    """The entry of the line of that number."""
    return next((entry for entry in entries if entry.number == number), None)


def extended(held: Held, lines: Sequence[Line], entries: Sequence[TimelineEntry]) -> TimelineEntry | None:
    """The line that put the limit off, while that limit still runs."""
    line = last(lines, "extend")
    is_so = line is not None and held.progress.extended and held.state not in ENDED
    return entry_numbered(entries, line.event.number) if line and is_so else None


def problem_views(held: Held, case: Situation, lines: Sequence[Line]) -> Iterator[ProblemView]:
    """What went wrong and whose it is now."""
    raised = [line for line in lines if line.event.move == "raise_problem"]
    for number, (problem, line) in enumerate(zip(case.progress.problems, raised, strict=False), start=1):
        owner = custody.with_part(held.parties, problem.owner).organization_name
        state = "settled" if problem.settled else "offered" if problem.offered else "open"
        says = {
            "settled": f"已由{owner}处理完毕。",
            "offered": f"{owner}已请对方接手；对方接手之前仍由{owner}负责。",
            "open": f"由{owner}负责处理。",
        }
        said = [each for each in lines if each.stated.get("problem") == str(number) and "note" in each.stated]
        yield ProblemView(
            number=number,
            kind=PROBLEMS.get(problem.kind, problem.kind),
            owner_name=owner,
            state=state,
            sentence=says[state],
            about=(said[-1] if said else line).stated.get("note", ""),
            raised_at=line.event.occurred_at,
        )
