# SPDX-License-Identifier: Apache-2.0
"""What must be so of a case at every instant: the clocks of the product and the book say the same, and explain it."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from tests.procedure_simulation.book import TRAVELS, Book, Limit, owners
from tests.procedure_simulation.story import Story
from tongban.cases import clocks, course, reasons
from tongban.cases.clocks import Clock, Nature, Standing, Unit
from tongban.cases.situation import Situation
from tongban.cases.states import ENDED, State
from tongban.standards.clock import SHANGHAI, local_date
from tongban.standards.opening import Hours
from tongban.standards.workdays import long_day

DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)
OF_THE_ORGAN = {Nature.STATUTORY, Nature.PROMISED}


def require(story: Story, book: Book, case: Situation, changed: Mapping[str, Clock]) -> None:
    """Broken unless all of it is so."""
    story.require(case.clocks.keys() == book.limits.keys(), "other clocks than by law", {*case.clocks}, {*book.limits})
    for kind, each in case.clocks.items():
        known = book.limits[kind]
        story.require(
            (each.started_at, each.ended_at, each.is_paused) == (known.since, known.until, known.is_stopped),
            "a clock differs from the law",
            kind,
            each,
            known,
        )
        if kind in changed:
            due = known.due(case.hours)
            story.require(clocks.due_at(each, case.hours) == due, "a date differs from the law", kind, due, each)
            if each.ended_at is None:
                _adds_up(story, each, due, case)
    if case.state in ENDED:
        afterwards = {"verification", "put_right"} if case.state is State.DELIVERED else set[str]()
        afterwards |= {f"problem:{n}" for n in case.open_problems}
        afterwards |= {"transit"} if {paper.holder for paper in case.papers} & TRAVELS else set()
        runs = {kind for kind, each in case.clocks.items() if not each.ended_at} - afterwards
        story.require(not runs, "it has ended, and a clock runs", runs)
    story.require(case.is_over == book.is_over, "over, and not over", case.progress)
    later = set(case.progress.awaited), set(case.progress.supplied), case.progress.stalled
    story.require(later == (book.awaited, book.supplied, book.stalled), "other papers are to come", later)
    if changed:
        _names_its_day(story, book, case)
    problems = [(str(each.owner), each.offered, each.settled) for each in case.progress.problems]
    story.require(problems == owners(book.problems), "problems are others'", problems, owners(book.problems))
    papers = [(paper.name, paper.holder) for paper in case.papers]
    story.require(papers == book.papers, "papers are elsewhere", papers, book.papers)


def _names_its_day(story: Story, book: Book, case: Situation) -> None:
    """The day that lists sort by is the soonest of the organ's limits, else the soonest of all."""
    running = [each for each in book.limits.values() if each.runs]
    own = [day for each in running if each.regime.nature in OF_THE_ORGAN and (day := _last(each, case.hours))]
    soonest = min(own or [day for each in running if (day := _last(each, case.hours))], default=None)
    story.require(course.due_on(case) == soonest, "the case is due on", soonest, "and not on", course.due_on(case))


def _last(limit: Limit, hours: Hours) -> object:
    due = limit.due(hours)
    return None if due is None else local_date(due - MOMENT)


def _adds_up(story: Story, clock: Clock, due: datetime | None, case: Situation) -> None:
    """The stretches of a limit follow one another and add up to it, and the explanation ends with the same date."""
    legs = reasons.steps(clock, case.hours)
    counted, whole = sum(leg.counted for leg in legs), clocks.total(clock)
    lines, now = reasons.explain(clock, case.hours, case.at), case.at
    story.require(all(leg.counted >= 0 for leg in legs), "a stretch counts less than nothing", legs)
    left = clocks.left(clock, now, case.hours)
    if due is None:
        story.require(counted <= whole and clock.is_paused, "a clock without a date is not paused", clock)
        later = clocks.left(clock, now + 40 * DAY, case.hours)
        story.require(left == later, "a paused clock runs", left, later)
        return
    if clock.regime.unit is Unit.MONTH and clock.extensions:
        story.require(f"以上共 {counted} 个自然日" in lines[-1], "nobody is told what it adds up to", counted, lines)
        whole = counted
    story.require(counted == whole, "the stretches do not add up to the limit", counted, whole, legs)
    story.require((left.amount < 0) == (now >= due), "what is left is below zero, and it is not late", left, due)
    is_late = clocks.state(clock, now, case.hours) is Standing.OVERDUE
    story.require(is_late == (now >= due), "late before its time, or not late after it", clock)
    said = f"{due.astimezone(SHANGHAI):%H:%M}" if clock.regime.is_in_hours else ""
    words = f"{long_day(local_date(due - (MOMENT if clock.regime.is_in_hours else DAY)))}{said}"
    story.require(any(words in line for line in lines[-2:]), "nobody is told when it is due", words, lines)
    if legs and not clock.regime.is_in_hours:
        story.require(legs[-1].last == local_date(due - DAY), "the last stretch does not end on the last day", legs)
