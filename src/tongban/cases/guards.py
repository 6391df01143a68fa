# SPDX-License-Identifier: Apache-2.0
"""What a move needs beside its state, part and role: each a pure function that returns the refusal, or nothing.

The table names them. They are told who would move, never what that person typed: so a page offers exactly the moves
that would be allowed. What may be typed is the matter of a need's options, at the end of this file.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from tongban.cases import errors
from tongban.cases.errors import GuardRefusal
from tongban.cases.promises import COMMITMENT, CREDIT, REGISTERS, SUPPLEMENT
from tongban.cases.promises import NAMES as PROMISES
from tongban.cases.regimes import SPECIAL_PROCEDURES
from tongban.cases.situation import AFTERWARDS as UNVERIFIED
from tongban.cases.situation import APPLICANT, COURIER, TO_APPLICANT, TO_WINDOW, UNDERWAY, Paper, Situation
from tongban.cases.states import DECIDED, ENDED, Part
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
RECIPIENTS = {"window": "收件窗口，由窗口退还", "applicant": "申请人本人"}
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
    if actor.role is Role.SECOND_APPROVER:
        return None  # who examines is never who decides
    return errors.Assigned() if assignee and assignee not in actor.answers_to else None


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
    """行政许可法 art. 42: once, before the limit is over, and only where a rule allows it.

    That limit is the law's; only where none runs it is what was promised. A promise that is broken stays so.
    """
    by = case.rules.lengthening
    reached = [k for k in EXTENDED if by and case.is_running(k) and case.clocks[k].regime.unit is by.unit]
    if not reached:
        return errors.NoExtension()  # also where it would make nothing longer
    if case.progress.extended:
        return errors.ExtendedBefore()
    is_late = case.is_overdue("decision") or all(case.is_overdue(kind) for kind in reached)
    return errors.TooLate() if is_late else None


def no_proposal(case: Situation, actor: Actor) -> GuardRefusal | None:
    """One proposal at a time."""
    return errors.ProposedBefore() if case.progress.proposed_by else None


def proposed_by_another(case: Situation, actor: Actor) -> GuardRefusal | None:
    """行政许可法 art. 42: the head of the organ approves what somebody else proposed."""
    if not case.progress.proposed_by:
        return errors.NothingProposed()
    return errors.AnotherPerson(move="批准延长期限") if case.progress.proposed_by == actor.pseudonym else None


def papers_at_the_window(case: Situation, actor: Actor) -> GuardRefusal | None:
    """Only what lies at the window can be sent or given back from there."""
    return None if list(papers_in_the_window(case, actor)) else errors.NoPapers()


def papers_for_the_organ(case: Situation, actor: Actor) -> GuardRefusal | None:
    """A file without a decision needs no originals: they go back to whoever gave them."""
    if case.state in ENDED - DECIDED:
        return errors.ToTheApplicant()
    return papers_at_the_window(case, actor)


def papers_elsewhere(case: Situation, actor: Actor) -> GuardRefusal | None:
    """Originals are received while some are not here yet; once the case has ended, those that were on their way."""
    from_whom = {COURIER} if case.state in ENDED else {COURIER, case.intake}
    return None if any(paper.holder in from_whom for paper in case.papers) else errors.NoPapers()


def papers_at_the_organ(case: Situation, actor: Actor) -> GuardRefusal | None:
    """The organ gives back what it has, or what it sent back and the courier could not deliver."""
    return None if list(papers_of_the_organ(case, actor)) else errors.NoPapers()


def papers_on_their_way(case: Situation, actor: Actor) -> GuardRefusal | None:
    """What comes back to the window has been on its way, to it or, undeliverable, to somebody else."""
    return None if list(papers_travelling(case, actor)) else errors.NoPapers()


def papers_with_the_applicant(case: Situation, actor: Actor) -> GuardRefusal | None:
    """What was given back can be handed in again, e.g. once it is right."""
    return None if list(papers_given_back(case, actor)) else errors.NoPapers()


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


def hearing_to_offer(case: Situation, actor: Actor) -> GuardRefusal | None:
    """行政许可法 art. 46, 47: those whom a licence concerns gravely are told that they may ask for a hearing; once."""
    has_limits = {"hearing_request", "hearing"} <= case.rules.regimes.keys()
    return errors.NoHearing() if case.progress.hearing or not has_limits else None


def hearing_offered(case: Situation, actor: Actor) -> GuardRefusal | None:
    """行政许可法 art. 47: it is asked for within five days."""
    if case.progress.hearing != "offered":
        return errors.NoHearing()
    return errors.TooLateToAsk() if case.is_overdue("hearing_request") else None


def no_hearing_awaited(case: Situation, actor: Actor) -> GuardRefusal | None:
    """行政许可法 art. 46-48: decided after the hearing, by its record, or once the time to ask for it is over."""
    is_asked = case.progress.hearing == "requested"
    may_be = case.progress.hearing == "offered" and not case.is_overdue("hearing_request")
    return errors.HearingAwaited() if is_asked or may_be else None


def not_archived(case: Situation, actor: Actor) -> GuardRefusal | None:
    """A file is closed once."""
    return errors.Archived() if case.progress.archived else None


def verified(case: Situation, actor: Actor) -> GuardRefusal | None:
    """What was decided on a promise is put on file once the promise has been verified."""
    return errors.NotVerified() if case.progress.verification in UNVERIFIED else None


def problems_settled(case: Situation, actor: Actor) -> GuardRefusal | None:
    """首收负责: a problem outlives the decision, and whoever has it keeps it until it is settled."""
    if not case.open_problems:
        return None
    named = (_problem(n, case.progress.problems[n - 1].kind) for n in case.open_problems)
    return errors.ProblemsOpen(names="、".join(named))


def papers_at_rest(case: Situation, actor: Actor) -> GuardRefusal | None:
    """Every original ends with the applicant or in the file; a case is not put away while one lies elsewhere."""
    loose = case.loose_papers
    return errors.PapersAbout(names="、".join(each.name for each in loose)) if loose else None


def can_promise(case: Situation, actor: Actor) -> GuardRefusal | None:
    """安阳 24-29: a written promise where the item has one; 西安, 阜新: not with a serious discredit unrepaired."""
    if not list(promises_open(case, actor)):
        return errors.NothingToPromise()
    return errors.Discredited() if case.progress.credit == "serious" else None


def promised(case: Situation, actor: Actor) -> GuardRefusal | None:
    """安阳 25-29, 上海 27, 29: a promise can be taken back until it was relied on."""
    return None if list(promises_made(case, actor)) else errors.NothingPromised()


def credit_matters(case: Situation, actor: Actor) -> GuardRefusal | None:
    """Whoever made no promise has no credit looked up; a good one once, a bad one again after its repair."""
    if not case.progress.promised:
        return errors.NothingPromised()
    return errors.CreditKnown() if case.progress.credit == "clear" else None


def creditworthy(case: Situation, actor: Actor) -> GuardRefusal | None:
    """西安, 阜新; 安阳 25-29, 上海 27, 29: whoever has a serious discredit unrepaired may have neither."""
    if case.progress.credit == "serious":
        return errors.Discredited()
    return None if case.progress.credit else errors.CreditUnknown()


def lacks_what_may_lack(case: Situation, actor: Actor) -> GuardRefusal | None:
    """安阳 24: the main materials are there (an application without them cannot be handed in), a lesser one lacks."""
    return None if case.rules.supplement and case.unsecured else errors.NothingTolerated()


def promised_to_supplement(case: Situation, actor: Actor) -> GuardRefusal | None:
    """安阳 24: only against the applicant's promise in writing."""
    return None if SUPPLEMENT in case.progress.promised else errors.NothingPromised()


def nothing_lacks(case: Situation, actor: Actor) -> GuardRefusal | None:
    """An application is accepted as complete when it is, or when a promise stands in for what is not there."""
    return errors.StillLacking(names=case.rules.names(case.unsecured)) if case.unsecured else None


def all_is_there(case: Situation, actor: Actor) -> GuardRefusal | None:
    """Nobody decides in the usual way while something is still to be handed in."""
    return errors.StillLacking(names=case.rules.names(case.to_come)) if case.to_come else None


def something_is_to_come(case: Situation, actor: Actor) -> GuardRefusal | None:
    """What may be handed in later can be handed in as long as it lacks."""
    return None if case.to_come else errors.NothingAwaited()


def something_came_later(case: Situation, actor: Actor) -> GuardRefusal | None:
    """What was handed in and is not as it must be can be sent back."""
    return None if case.progress.supplied else errors.NothingSupplied()


def stalls_the_limit(case: Situation, actor: Actor) -> GuardRefusal | None:
    """台州: what does not come in time first stops the promised limit, where the item gives more time."""
    if "grace" not in case.rules.regimes or case.progress.stalled:
        return errors.SilenceMeansNothing()
    return None if case.progress.awaited and case.is_overdue("supplement") else errors.NotDue()


def lacking_overdue_withdrawn(case: Situation, actor: Actor) -> GuardRefusal | None:
    """安阳 24: whoever does not hand in what was promised has taken the application back."""
    return _lacking_overdue(case, "withdrawn")


def lacking_overdue_terminated(case: Situation, actor: Actor) -> GuardRefusal | None:
    """台州: what does not come in the time that is added either is the end of the case."""
    return _lacking_overdue(case, "terminated")


def _lacking_overdue(case: Situation, consequence: str) -> GuardRefusal | None:
    given = case.rules.supplement
    if given is None or given.consequence != consequence or not case.progress.awaited:
        return errors.SilenceMeansNothing()
    kind = "grace" if "grace" in case.rules.regimes else "supplement"
    return None if case.is_overdue(kind) else errors.NotDue()


def stands_on_a_promise(case: Situation, actor: Actor) -> GuardRefusal | None:
    """安阳 25-29, 上海 27, 29: with the promise and all else it is decided, on the spot if the item says so."""
    given = case.rules.commitment
    if given is None or COMMITMENT not in case.progress.promised:
        return errors.NothingPromised()
    rest = [*case.progress.awaited, *case.unsecured]
    if rest:
        return errors.StillLacking(names=case.rules.names(rest))
    return None if given.at_once or not case.open_steps else errors.ExaminedFirst()


def to_verify(case: Situation, actor: Actor) -> GuardRefusal | None:
    """安阳 25-29, 上海 27, 29: the organ verifies what it has decided on a promise, and again what was put right."""
    return None if case.progress.verification in ("due", "reported") else errors.NothingToVerify()


def to_put_right(case: Situation, actor: Actor) -> GuardRefusal | None:
    """安阳 25-29: an untrue promise is to be put right first, where the item says so; once."""
    given = case.rules.commitment
    is_so = given is not None and given.put_right is not None and case.progress.verification == "due"
    return None if is_so else errors.NothingToVerify()


def ordered(case: Situation, actor: Actor) -> GuardRefusal | None:
    """Whoever was ordered to put something right says how; also late, while nothing is revoked."""
    return None if case.progress.verification == "ordered" else errors.NothingOrdered()


def revocable(case: Situation, actor: Actor) -> GuardRefusal | None:
    """安阳 25-29, 上海 27, 29: revoked when it is not put right; by a person with reasons, never by time alone."""
    given, stands = case.rules.commitment, case.progress.verification
    at_once = given is not None and given.put_right is None and stands == "due"
    not_put_right = stands == "reported" or (stands == "ordered" and case.is_overdue("put_right"))
    return None if at_once or not_put_right else errors.NotRevocable()


def problem_is_mine(case: Situation, actor: Actor) -> GuardRefusal | None:
    """Whoever has the problem may offer it to the other side."""
    return None if list(problems_mine(case, actor)) else errors.NoProblem()


def problem_is_kept(case: Situation, actor: Actor) -> GuardRefusal | None:
    """首收负责: whoever has the problem settles it, also while the other side has not taken it."""
    return None if list(problems_kept(case, actor)) else errors.NoProblem()


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


def promises_open(case: Situation, actor: Actor) -> Iterator[Option]:
    """What the applicant can promise: to hand in what lacks before acceptance, to answer for it before a decision."""
    made = case.progress.promised
    is_new = not case.is_running("promised")  # that time begins with acceptance
    if case.rules.supplement and case.lacking and is_new and SUPPLEMENT not in made:
        yield SUPPLEMENT, PROMISES[SUPPLEMENT]
    if case.rules.commitment and COMMITMENT not in made and not case.progress.awaited:
        yield COMMITMENT, PROMISES[COMMITMENT]


def promises_made(case: Situation, actor: Actor) -> Iterator[Option]:
    """The promises that nobody has relied on yet; what was accepted on one stays so."""
    for kind in case.progress.promised:
        if kind == COMMITMENT or not (case.progress.awaited or case.progress.supplied):
            yield kind, PROMISES[kind]


def confirmations(case: Situation, actor: Actor) -> Iterator[Option]:
    """That the whole text was read and is meant."""
    if actor.role is Role.CLERK:
        yield "yes", "申请人已当面阅读承诺书全文，知道不兑现的后果，自愿签字"
    else:
        yield "yes", "我已阅读承诺书全文，知道不兑现的后果，自愿作出承诺"


def findings_of_credit(case: Situation, actor: Actor) -> Iterator[Option]:
    """What the register of credit says."""
    yield from CREDIT.items()


def registers_of_credit(case: Situation, actor: Actor) -> Iterator[Option]:
    """Where it was looked up; ours."""
    yield from REGISTERS.items()


def materials_asked(case: Situation, actor: Actor) -> Iterator[Option]:
    """What the item asks for."""
    yield from case.rules.materials.items()


def fields_filled(case: Situation, actor: Actor) -> Iterator[Option]:
    """What the item's form asks for and the applicant could have filled in wrongly."""
    yield from case.rules.fields.items()


def fields_told(case: Situation, actor: Actor) -> Iterator[Option]:
    """The fields that the office asked to be corrected, and no others."""
    yield from ((name, case.rules.fields.get(name, name)) for name in case.progress.fields)


def materials_lacking(case: Situation, actor: Actor) -> Iterator[Option]:
    """What may come later and has not come."""
    yield from ((code, case.rules.tolerated[code]) for code in case.unsecured)


def materials_to_come(case: Situation, actor: Actor) -> Iterator[Option]:
    """What can be handed in."""
    yield from ((code, case.rules.tolerated.get(code, code)) for code in case.to_come)


def materials_supplied(case: Situation, actor: Actor) -> Iterator[Option]:
    """What was handed in later and can be sent back."""
    yield from ((code, case.rules.tolerated.get(code, code)) for code in case.progress.supplied)


def papers_in_the_window(case: Situation, actor: Actor) -> Iterator[Option]:
    """The originals that lie where they were taken in."""
    yield from _papers(case, lambda paper: paper.holder == case.intake)


def papers_of_the_organ(case: Situation, actor: Actor) -> Iterator[Option]:
    """The originals that the organ has, and those that it sent back."""
    yield from _papers(case, lambda paper: paper.holder in (case.handling, TO_WINDOW, TO_APPLICANT))


def papers_travelling(case: Situation, actor: Actor) -> Iterator[Option]:
    """The originals that a courier has."""
    yield from _papers(case, lambda paper: paper.holder in UNDERWAY)


def papers_given_back(case: Situation, actor: Actor) -> Iterator[Option]:
    """The originals that the applicant has again."""
    yield from _papers(case, lambda paper: paper.holder == APPLICANT)


def ways_back(case: Situation, actor: Actor) -> Iterator[Option]:
    """To whom the organ sends originals back."""
    yield from RECIPIENTS.items()


def _papers(case: Situation, which: Callable[[Paper], bool]) -> Iterator[Option]:
    return ((str(n), paper.name) for n, paper in enumerate(case.papers, start=1) if which(paper))


def problems_kept(case: Situation, actor: Actor) -> Iterator[Option]:
    """The problems that this side has; also one that is offered is its own until the other side takes it."""
    for number in case.open_problems:
        problem = case.progress.problems[number - 1]
        if problem.owner is side_of(actor):
            yield str(number), _problem(number, problem.kind)


def problems_mine(case: Situation, actor: Actor) -> Iterator[Option]:
    """The problems that this side has and has not offered to the other."""
    for number, words in problems_kept(case, actor):
        if not case.progress.problems[int(number) - 1].offered:
            yield number, words


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
