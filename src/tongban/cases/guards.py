# SPDX-License-Identifier: Apache-2.0
"""What a move needs beside its state, part and role: each a pure function that returns the refusal, or nothing.

The table names them. They are told who would move, never what that person typed: so a page offers exactly the moves
that would be allowed. What may be typed is the matter of a need's options, at the end of this file.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from tongban.cases import errors
from tongban.cases.errors import GuardRefusal
from tongban.cases.regimes import SPECIAL_PROCEDURES
from tongban.cases.situation import Situation
from tongban.cases.states import Part
from tongban.standards.actor import Actor, Role
from tongban.standards.clock import local_date

Guard = Callable[[Situation, Actor], GuardRefusal | None]
Option = tuple[str, str]  # value, words

PROBLEMS = {
    "lost": "材料在途中遗失",
    "wrong_paper": "收到的材料有误",
    "returned": "邮件被退回",
    "wrong_region": "收件地或者办理地有误",
    "silence": "对方没有按时回应",
}
EXTENDED = ("decision", "promised")  # clocks that an extension reaches, each in its own unit
VERDICTS = {"send": "可以寄送原件", "hold": "暂不寄送，须先改正"}
OUTCOMES = {"solved": "已解决", "resubmit": "由申请人重新提交", "compensated": "已赔付或者补办", "void": "经核实不成立"}


def steps_signed(case: Situation, actor: Actor) -> GuardRefusal | None:
    """The examination is over when every step is signed."""
    return errors.StepsOpen(names=_names(case)) if case.open_steps else None


def a_step_is_open(case: Situation, actor: Actor) -> GuardRefusal | None:
    """There is a step that this person may sign: not twice, and not after one that must be somebody else's."""
    if not case.open_steps:
        return errors.NoStepOpen()
    return None if list(steps_for(case, actor)) else errors.AnotherPerson(move=f"签署“{_names(case)}”")


def nobody_examined_alone(case: Situation, actor: Actor) -> GuardRefusal | None:
    """Where the item asks for two people, who decides is nobody who examined."""
    if case.rules.two_persons and actor.pseudonym in case.examiners():
        return errors.AnotherPerson(move="作出决定")
    return None


def assigned_to_you(case: Situation, actor: Actor) -> GuardRefusal | None:
    """A case that was given to one member of staff is that person's until it is given to another."""
    assignee = case.progress.assignee
    return errors.Assigned() if assignee and assignee != actor.pseudonym else None


def not_told_before(case: Situation, actor: Actor) -> GuardRefusal | None:
    """行政许可法 art. 32: everything that must be corrected is told at once, and once."""
    return errors.ToldBefore() if case.progress.told else None


def told_before(case: Situation, actor: Actor) -> GuardRefusal | None:
    """What is still lacking can only be something that was asked for."""
    return None if case.progress.told else errors.NotToldYet()


def silent_too_long(case: Situation, actor: Actor) -> GuardRefusal | None:
    """行政许可法 art. 32: for a licence, an application that nobody answered in time is accepted as of its receipt."""
    if not case.rules.is_licence:
        return errors.SilenceMeansNothing()
    return None if case.is_overdue("acceptance") else errors.NotDue()


def correction_overdue_withdrawn(case: Situation, actor: Actor) -> GuardRefusal | None:
    """The item declares that whoever does not correct in time has taken the application back."""
    return _correction_overdue(case, "withdrawn")


def correction_overdue_refused(case: Situation, actor: Actor) -> GuardRefusal | None:
    """The item declares that an application that is not corrected in time is not accepted."""
    return _correction_overdue(case, "not_accepted")


def _correction_overdue(case: Situation, consequence: str) -> GuardRefusal | None:
    if case.rules.consequence != consequence:
        return errors.SilenceMeansNothing()
    return None if case.is_overdue("correction") else errors.NotDue()


def extendable(case: Situation, actor: Actor) -> GuardRefusal | None:
    """行政许可法 art. 42: once, before the limit is over, and only where a rule allows it."""
    by = case.rules.lengthening
    if by is None or not any(case.is_running(k) and case.clocks[k].regime.unit is by.unit for k in EXTENDED):
        return errors.NoExtension()  # also where it would make nothing longer
    if case.progress.extended:
        return errors.ExtendedBefore()
    return errors.TooLate() if case.is_overdue("decision") or case.is_overdue("promised") else None


def no_proposal(case: Situation, actor: Actor) -> GuardRefusal | None:
    """One proposal at a time."""
    return errors.ProposedBefore() if case.progress.proposed_by else None


def proposed_by_another(case: Situation, actor: Actor) -> GuardRefusal | None:
    """行政许可法 art. 42: the head of the organ approves what somebody else proposed."""
    if not case.progress.proposed_by:
        return errors.NothingProposed()
    return errors.AnotherPerson(move="批准延长期限") if case.progress.proposed_by == actor.pseudonym else None


def papers_at_the_window(case: Situation, actor: Actor) -> GuardRefusal | None:
    """Only what lies at the window can be sent from there."""
    return None if any(paper.holder == case.intake for paper in case.papers) else errors.NoPapers()


def papers_elsewhere(case: Situation, actor: Actor) -> GuardRefusal | None:
    """Originals are received while some are not here yet."""
    return None if any(paper.holder != case.handling for paper in case.papers) else errors.NoPapers()


def papers_unsent(case: Situation, actor: Actor) -> GuardRefusal | None:
    """A review before the originals travel makes sense while they have not."""
    if case.progress.reviewed:
        return errors.ReviewedBefore()
    return papers_at_the_window(case, actor)


def not_urged_today(case: Situation, actor: Actor) -> GuardRefusal | None:
    """Ours: one reminder a day."""
    last = case.progress.urged_at
    if last and local_date(datetime.fromisoformat(last).astimezone(UTC)) == local_date(case.at):
        return errors.UrgedToday()
    return None


def not_archived(case: Situation, actor: Actor) -> GuardRefusal | None:
    """A file is closed once."""
    return errors.Archived() if case.progress.archived else None


def problem_is_mine(case: Situation, actor: Actor) -> GuardRefusal | None:
    """Whoever has the problem settles it or offers it to the other side."""
    return None if list(problems_mine(case, actor)) else errors.NoProblem()


def problem_is_offered(case: Situation, actor: Actor) -> GuardRefusal | None:
    """It changes hands only when the other side takes it."""
    return None if list(problems_offered(case, actor)) else errors.NoProblem()


# What may be typed: the options of a need


def steps_for(case: Situation, actor: Actor) -> Iterator[Option]:
    """The steps of examination that this person may sign now."""
    for code in case.open_steps:
        if case.rules.may_sign(code, actor.pseudonym, case.progress.signed):
            yield code, case.rules.step(code).name


def steps_done(case: Situation, actor: Actor) -> Iterator[Option]:
    """The steps of examination that can be sent back."""
    for step in case.rules.steps:
        if case.progress.signed.get(step.code):
            yield step.code, step.name


def procedures(case: Situation, actor: Actor) -> Iterator[Option]:
    """The procedures of 行政许可法 art. 45; other matters may need them too."""
    yield from ((code, each.name) for code, each in SPECIAL_PROCEDURES.items())


def problem_kinds(case: Situation, actor: Actor) -> Iterator[Option]:
    """What may have gone wrong."""
    yield from PROBLEMS.items()


def outcomes(case: Situation, actor: Actor) -> Iterator[Option]:
    """How a problem may end."""
    yield from OUTCOMES.items()


def verdicts(case: Situation, actor: Actor) -> Iterator[Option]:
    """What a review before the originals travel may find."""
    yield from VERDICTS.items()


def problems_mine(case: Situation, actor: Actor) -> Iterator[Option]:
    """The problems that this side has and has not offered to the other."""
    for number, problem in enumerate(case.progress.problems, start=1):
        if not problem.settled and not problem.offered and problem.owner is side_of(actor):
            yield str(number), _problem(number, problem.kind)


def problems_offered(case: Situation, actor: Actor) -> Iterator[Option]:
    """The problems that the other side offers to this one."""
    for number, problem in enumerate(case.progress.problems, start=1):
        if problem.offered and not problem.settled and problem.owner is not side_of(actor):
            yield str(number), _problem(number, problem.kind)


def side_of(actor: Actor) -> Part:
    """A clerk speaks for the place that took the case in, everybody else of the staff for the one that handles it."""
    return Part.INTAKE if actor.role is Role.CLERK else Part.HANDLING


def _problem(number: int, kind: str) -> str:
    return f"问题{number}：{PROBLEMS.get(kind, kind)}"


def _names(case: Situation) -> str:
    return "、".join(case.rules.step(code).name for code in case.open_steps)
