# SPDX-License-Identifier: Apache-2.0
"""The life of one case in memory: people look when it suits them, time acts when the law says; a seed rules it all."""

import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property

from tests.procedure_simulation import agreement, days, items, people
from tests.procedure_simulation.book import WAY, WINDOW, Book
from tests.procedure_simulation.story import Story
from tongban.cases import clocks, course, reasons, transitions
from tongban.cases.situation import COURIER, Paper, Situation
from tongban.cases.states import Delivery, Mode, Part, State
from tongban.cases.transitions import FOLLOWED_BY, GRANTING, MOVES, WHEN_DUE, Move, Relation
from tongban.standards.actor import Actor, Role
from tongban.standards.refusal import Refusal

MOST = 1000  # looks at one case
MINE = frozenset({Part.INTAKE}), frozenset({Part.HANDLING}), frozenset(Part)
APPLICANT = people.actor(Role.APPLICANT, 1)
CLERKS = tuple(people.actor(Role.CLERK, n) for n in (11, 12))
DESK = tuple(people.actor(Role.APPROVER, n) for n in (21, 22, 23, 24, 25))
NODE = people.actor(Role.SYSTEM, 0)
EVERYBODY = (APPLICANT, *CLERKS, *DESK, NODE)
NAMES = {who.pseudonym: who.name for who in EVERYBODY}
MADE_BY_TIME = frozenset(name for names in WHEN_DUE.values() for name in names)
TRIED = 0.2  # how often somebody tries what they may not


class Life:
    """One case from its first line to its end."""

    def __init__(self, seed: int) -> None:
        self.dice = dice = random.Random(seed)
        words, self.rules = items.rules_drawn(dice)
        self.story = Story(
            f"CASE={seed} make test ARGS=tests/procedure_simulation", f"case {seed}: {items.told(words)}"
        )
        self.plans, self.mode = dice.choice(days.EVERY), Mode(words["mode"])
        self.way = dice.choice(list(Delivery)) if self.mode is Mode.PROXY else Delivery.NET
        self.habits = {role: dice.choice(people.HABITS) for role in (Role.APPLICANT, Role.CLERK, Role.APPROVER)}
        one_office = dice.random() < 0.1  # takes in and decides
        self.relations = {
            Role.APPLICANT: Relation(frozenset(), applied=True),
            Role.CLERK: Relation(MINE[2 if one_office else 0], applied=False),
            Role.APPROVER: Relation(MINE[2 if one_office else 1], applied=False),
            Role.SYSTEM: Relation(frozenset(), applied=False),
        }
        self.made: Counter[str] = Counter()
        self.seen: set[tuple[str, datetime]] = set()  # limits whose end had no consequence
        self.looks: dict[Role, datetime] = {}
        self.waited: frozenset[Role] = frozenset()  # for whom
        self.making: datetime | None = None  # when the paper that was granted is made
        self.reopened = dice.random() < 0.25  # somebody above will look into it, once

    @cached_property
    def colleagues(self) -> list[str]:
        """Who may be given a case."""
        return [who.pseudonym for who in DESK]

    def run(self) -> "Life":
        """All of it. Broken tells the story of what must never be."""
        self._begin()
        for _ in range(MOST):
            if self.book.is_over and not self._looked_into():
                return self
            self._next()
        self.story.require(False, "it never ends")
        return self

    # How it begins

    def _begin(self) -> None:
        dice, at = self.dice, days.FIRST + timedelta(seconds=self.dice.randrange(int(days.LENGTH.total_seconds())))
        self.hours = self.plans[at >= days.PLAN_AT]
        self.began = at
        first = MOVES["collect" if self.mode is Mode.PROXY else "submit"]
        if self.mode is Mode.PROXY:
            at = self.hours.add_working_minutes(at, dice.randint(1, 300))
        holder = dice.choice((WINDOW, WINDOW, WAY)) if self.mode is Mode.PROXY else WINDOW
        names = sorted(self.rules.on_paper | ({"照片"} if dice.random() < 0.2 else set()))
        held = names if self.mode is Mode.PROXY else []
        lacking = tuple(code for code in self.rules.tolerated if dice.random() < 0.7)
        assert first.target is not None
        self.case = Situation(
            state=first.target,
            mode=self.mode,
            way=self.way,
            rules=self.rules,
            hours=self.hours,
            at=at,
            papers=tuple(Paper(name, COURIER if holder == WAY else WINDOW) for name in held),
            entrusted=self.rules.entrusted_to(items.REGION),
            lacking=lacking,
        )
        given = [(name, holder) for name in held]
        self.book = Book(self.rules, self.hours, given, str(first.target), lacking=set(lacking))
        self.story.tell(at, "habits:", {str(role): habit.name for role, habit in self.habits.items()}, held)
        self._do(first, CLERKS[0] if self.mode is Mode.PROXY else APPLICANT, {}, at)
        self._do(MOVES["offer"], NODE, {}, at)
        self._do(MOVES["take"], NODE, {}, at + timedelta(seconds=dice.choice((0, 1, 40, 3600, 90_000))))

    # What happens next

    def _next(self) -> None:
        """The soonest of what time brings and what people do; time is first."""
        role = min(self.looks, key=self.looks.__getitem__)
        at, due = self.looks[role], self._due()
        if self.hours is not self.plans[1] and min(at, self.making or at, due[0] if due else at) >= days.PLAN_AT:
            self._plan_again()
        elif due is not None and due[0] <= min(at, self.making or at):
            self._silence(due[1], due[0])
        elif self.making is not None and self.making <= at:
            self._make_paper(self.making)
        else:
            self._look(role, at)

    def _due(self) -> tuple[datetime, str] | None:
        """The next limit whose end may have a consequence."""
        found = []
        for kind in WHEN_DUE:
            if self.case.is_running(kind):
                due = clocks.due_at(self.case.clocks[kind], self.hours)
                if due is not None and (kind, due) not in self.seen:
                    found.append((due, kind))
        return min(found, default=None)

    def _silence(self, kind: str, at: datetime) -> None:
        """The first move that the table and the item allow."""
        self.case = replace(self.case, at=at)
        for name in WHEN_DUE[kind]:
            try:
                transitions.check(MOVES[name], self.case, NODE, self.relations[Role.SYSTEM], {})
            except Refusal:
                continue
            self._do(MOVES[name], NODE, {}, at)
            return
        self.seen.add((kind, at))
        self.story.tell(at, f"the limit '{kind}' has run out, which has no consequence")
        self._require_no_silence(at)

    def _plan_again(self) -> None:
        """The days off of the next year are published: dates move, and the case says why."""
        at, (before, now) = days.PLAN_AT, self.plans
        running = [each for each in self.case.clocks.values() if each.ended_at is None]
        moved = [found for each in running if (found := reasons.moved(each, before, now))]
        self.hours = self.book.hours = now
        self.case = replace(self.case, at=at, hours=now)
        for each in moved:
            self.story.require(bool(each.why), "a date moves, and nobody says why", each)
        if moved:
            facts = {"reason": "".join(moved[0].why)}
            self._do(MOVES["reckon"], NODE, self._checked(MOVES["reckon"], NODE, facts), at)

    def _make_paper(self, at: datetime) -> None:
        facts = {need.name: "1" for need in transitions.LICENCE}
        self.making = None
        self.case = replace(self.case, at=at)
        name = "issue" if self.case.state is State.GRANTED else "remake"
        self._do(MOVES[name], NODE, self._checked(MOVES[name], NODE, facts), at)

    def _looked_into(self) -> bool:
        """Whether a superior organ has an ended case opened again."""
        if not self.reopened:
            return False
        self.reopened = False
        at = self.hours.add_working_minutes(self.case.at, self.dice.randint(60, 9000))
        self.looks = {role: at + timedelta(days=1) for role in self.looks}
        self.making = None
        self._look(Role.APPROVER, at)
        return not self.case.is_over

    def _look(self, role: Role, at: datetime) -> None:
        """Somebody looks at the case, and does one of the things they may; or tries what they may not."""
        self.case = replace(self.case, at=at)
        who = self._who(role)
        moves = list(transitions.open_moves(self.case, who, self.relations[role]))
        if self.dice.random() < TRIED:
            self._try_what_is_not_allowed(who, moves)
        idle = people.IDLE if role in people.turn(self.case) else people.WAITING
        move = people.chosen(self.dice, moves, self.made, idle)
        if move is None:
            self.looks[role] = self._later(role, at)
        else:
            facts = people.stated(self.dice, move, self.case, who, self.colleagues)
            self._do(move, who, self._checked(move, who, facts), at)

    def _who(self, role: Role) -> Actor:
        if role is Role.APPLICANT:
            return APPLICANT
        given = self.case.progress.assignee
        if role is Role.APPROVER and given and self.dice.random() < 0.8:
            return next(who for who in DESK if who.pseudonym == given)
        return self.dice.choice(CLERKS if role is Role.CLERK else DESK)

    def _try_what_is_not_allowed(self, who: Actor, allowed: list[Move]) -> None:
        """Whatever the page does not offer is refused by name, whoever asks."""
        move = self.dice.choice(list(MOVES.values()))
        if move in allowed:
            return
        facts = {need.name: "1" for need in move.needs}
        try:
            transitions.check(move, self.case, who, self.relations[who.role], facts)
        except Refusal as no:
            self.story.require(bool(no.code) and no.sentence.endswith("。"), "refused without a name", move.name)
            self.story.tell(self.case.at, f"{who.name} may not '{move.name}': {no.code}")
        else:
            self.story.require(False, "not offered, and not refused", who.name, move.name)

    def _checked(self, move: Move, who: Actor, facts: Mapping[str, str]) -> dict[str, str]:
        try:
            return transitions.check(move, self.case, who, self.relations[who.role], facts)
        except Refusal as no:
            self.story.require(False, "offered, and refused", who.name, move.name, no.code)
            raise

    # What it does

    def _do(self, move: Move, who: Actor, facts: dict[str, str], at: datetime) -> None:
        """One move, with what the node does in the same breath; then everybody looks anew."""
        before = replace(self.case, at=at)
        self._require_due(move, at)
        self.made[move.name] += 1
        begins_here = not move.sources or move.name == "offer"
        self.case, changed = course.after(before, move, facts, actor=who.pseudonym)
        handed = facts.get("handed", "").split(",")
        self.case = replace(self.case, lacking=tuple(code for code in before.lacking if code not in handed))
        self._tell(move, who, facts, changed, at)
        try:
            self.book.write(move.name, facts, who.pseudonym, str(self.case.state), at)
        except AssertionError as wrong:
            self.story.require(False, str(wrong))
        agreement.require(self.story, self.book, self.case, changed)
        after = FOLLOWED_BY.get(move.name, "")
        if after and transitions.refused(MOVES[after], self.case, NODE) is None:
            self._do(MOVES[after], NODE, {}, at)
            return
        if move.name == "revoke":
            self.making = None
        if move.name in GRANTING or (move.name == "issue" and self.dice.random() < 0.05):
            self.making = at + timedelta(seconds=self.dice.choice((1, 60, 86_400)))
        if begins_here:
            return
        waited, self.waited = self.waited, people.turn(self.case)
        for role in self._cast:
            if role is who.role or waited != self.waited or role not in self.looks:
                self.looks[role] = self._later(role, at)

    @cached_property
    def _cast(self) -> tuple[Role, ...]:
        return (Role.APPLICANT, Role.APPROVER, *((Role.CLERK,) if self.mode is Mode.PROXY else ()))

    def _later(self, role: Role, at: datetime) -> datetime:
        """When somebody looks again: staff while they are open, applicants at any hour, some of them just in time."""
        habit = self.habits[role]
        minutes = people.minutes(self.dice, habit, role in people.turn(self.case), at - self.began)
        if role is not Role.APPLICANT:
            return self.hours.add_working_minutes(at, minutes)
        later = at + timedelta(days=minutes / people.OPENING_MINUTES)
        running = self.case.clocks.get("correction")
        if habit.just_in_time and self.case.is_running("correction") and running is not None:
            due = clocks.due_at(running, self.hours)
            if due is not None and at < due - timedelta(seconds=1):
                return due - timedelta(seconds=1)
        return later.replace(microsecond=0)

    def _require_due(self, move: Move, at: datetime) -> None:
        """Time does exactly what the book says, at exactly that instant; and nobody does anything later instead."""
        due = self.book.silence()
        if move.name in MADE_BY_TIME:
            self.story.require(due == (at, move.name), "what time does is not what the law says", move.name, at, due)
        elif due is not None:
            self.story.require(at < due[0], "silence should have had its consequence", due)

    def _require_no_silence(self, at: datetime) -> None:
        due = self.book.silence()
        self.story.require(due is None or at < due[0], "silence should have had its consequence", due)

    def _tell(
        self, move: Move, who: Actor, facts: Mapping[str, str], changed: Mapping[str, clocks.Clock], at: datetime
    ) -> None:
        said = {name: NAMES.get(words, words) for name, words in facts.items() if words != people.WORDS}
        dues = {kind: each.ended_at is None and clocks.due_at(each, self.hours) for kind, each in changed.items()}
        self.story.tell(at, who.name, f"'{move.name}'", said or "", f"→ {self.case.state}", dues or "")
