# SPDX-License-Identifier: Apache-2.0
"""容缺受理 and 告知承诺 as a page shows them: promises with their words, what is to come, how a promise is verified."""

from collections.abc import Iterator, Sequence

from tongban.cases import promises, transitions
from tongban.cases.guards import can_promise, promises_made, promises_open
from tongban.cases.queries.timeline import Line, last
from tongban.cases.queries.views import ClockView, LaterView, PromiseView, VerificationView
from tongban.cases.situation import Situation
from tongban.standards.actor import Actor, Role

VERIFYING = {
    "due": "{handling}依承诺作出了决定，正在核查承诺是否属实。",
    "ordered": "{handling}核查发现承诺不属实，责令改正。",
    "reported": "改正情况已经提交，{handling}正在重新核查。",
    "kept": "{handling}核查完毕，承诺属实。",
    "false": "{handling}核查认为承诺不属实，已撤销决定。",
}
CLOCKS = {"due": "verification", "ordered": "put_right", "reported": "verification"}
WINDOW, NET = "窗口签署", "本人在网上确认"


def promise_views(case: Situation, lines: Sequence[Line], actor: Actor) -> Iterator[PromiseView]:
    """Those that were made and not taken back, then those that can be made now."""
    withdrawable = dict(promises_made(case, actor)) if case.state in transitions.UNDER_WAY else {}
    for kind in case.progress.promised:
        line = next((each for each in reversed(lines) if _makes(each, kind)), None)
        if line is not None:
            words = str(line.told.get("words", "")).splitlines()
            by = WINDOW if line.event.actor.startswith(f"{Role.CLERK}:") else NET
            name, at = promises.NAMES[kind], line.event.occurred_at
            yield PromiseView(kind, name, tuple(words), at, by, kind in withdrawable)
    if case.state not in transitions.MOVES["promise"].sources or can_promise(case, actor) is not None:
        return
    for kind, name in promises_open(case, actor):
        words = promises.words(kind, case.rules, case.lacking).splitlines()
        yield PromiseView(kind, name, tuple(words), None, "", False)


def later_view(case: Situation, lines: Sequence[Line], running: Sequence[ClockView]) -> LaterView | None:
    """What is still to be handed in, until when, and what follows otherwise."""
    if case.state not in transitions.MOVES["supplement"].sources or not case.to_come:
        return None
    limit = _running(running, "grace") or _running(running, "supplement")
    returned = last(lines, "return_supplement")
    came_since = returned is None or (last(lines, "supplement", "return_supplement") is not returned)
    return LaterView(
        materials=tuple((code, case.rules.tolerated.get(code, code)) for code in case.to_come),
        awaited=bool(case.progress.awaited),
        due_on=limit.due_on if limit else None,
        left=limit.left if limit else "",
        standing=limit.standing if limit else "",
        stalled=case.progress.stalled,
        consequence=promises.consequence_of_lacking(case.rules) if limit and case.rules.supplement else "",
        returned="" if came_since or returned is None else returned.stated.get("note", ""),
    )


def credit(lines: Sequence[Line]) -> str:
    """What was found when it was looked up last."""
    found = last(lines, "check_credit")
    if found is None:
        return ""
    register = promises.REGISTERS.get(found.stated["register"], found.stated["register"])
    return f"经{register}查询，{promises.CREDIT.get(found.stated['credit'], found.stated['credit'])}。"


def verification_view(
    case: Situation, lines: Sequence[Line], running: Sequence[ClockView], handling: str
) -> VerificationView | None:
    """How far the verification is. None where nothing was decided on a promise."""
    phase = case.progress.verification
    if phase not in VERIFYING or case.rules.commitment is None:
        return None
    limit, order = _running(running, CLOCKS.get(phase, "")), last(lines, "order_to_correct")
    return VerificationView(
        phase=phase,
        sentence=VERIFYING[phase].format(handling=handling),
        what=order.stated.get("what", "") if order and phase == "ordered" else "",
        due_on=limit.due_on if limit else None,
        left=limit.left if limit else "",
        standing=limit.standing if limit else "",
        consequence=promises.consequence_of_untruth(case.rules) if phase in ("due", "ordered") else "",
    )


def _makes(line: Line, kind: str) -> bool:
    return line.event.move in ("promise", "take_promise") and line.stated.get("promise") == kind


def _running(running: Sequence[ClockView], kind: str) -> ClockView | None:
    return next((each for each in running if each.kind == kind and each.ended_at is None), None)
