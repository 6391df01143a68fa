# SPDX-License-Identifier: Apache-2.0
"""The same people over real databases: they apply, decide, correct, forget and come back, at three nodes at once."""

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from uuid import UUID

from django.db import connection

from tests import story as steps
from tests.people import MA, PEOPLE
from tests.procedure_simulation import days, people
from tests.procedure_simulation.offices import Office, opened
from tests.procedure_simulation.story import Story
from tests.world import World
from tongban.cases import actions, transitions
from tongban.cases.actions import Application, Collection, Upload
from tongban.cases.models import Clock
from tongban.cases.queries.agreed import with_agreement
from tongban.cases.queries.held import Held, read
from tongban.cases.situation import Progress
from tongban.cases.states import Delivery, Mode
from tongban.cases.transitions import Move
from tongban.catalogue.models import ItemVersion
from tongban.catalogue.queries import item
from tongban.demo.people import DemoPerson
from tongban.exchange import keys
from tongban.identity.queries import person_details
from tongban.ledger.actions import sequence_once
from tongban.standards.actor import Actor, Role
from tongban.standards.refusal import Refusal

PORTALS = ("620000", "430000", "220000")
PICTURE = b"\x89PNG\r\n\x1a\n"
FORM = {"text": "演示内容", "textarea": "演示内容", "date": "2026-01-01", "phone": "19900000001"}
NEWS = timedelta(hours=6)  # at the longest until all nodes have told each other everything
WEEK = timedelta(days=7)
SOME = 400  # looks at one case
SAID_NO = frozenset({"already_asked", "result_on_its_way", "custody_offered", "case_changed"})  # and also the guards'


@dataclass
class Matter:
    """A case, and everybody who has anything to do with it."""

    number: int
    case_id: UUID
    receipt_no: str
    began: datetime
    office: Office
    cast: dict[Role, Sequence[Actor]]
    habits: dict[Role, people.Habit]
    made: Counter[str] = field(default_factory=Counter)
    looking: set[Role] = field(default_factory=set)  # who will look again
    looks: int = 0
    ended: bool = False

    @property
    def nodes(self) -> list[str]:
        """Where it is kept."""
        return sorted({self.office.node, *(who.node for each in self.cast.values() for who in each)})


class Town:
    """Some cases, from the first to the last day."""

    def __init__(self, world: World, seed: int, cases: int, within: timedelta) -> None:
        self.world, self.dice = world, random.Random(seed)
        self.story = Story(f"SEED={seed} CASES={cases} pytest tests/procedure_simulation -m slow", f"town {seed}")
        self.offices = opened(world, self.dice)
        self.clerk = steps.officer(world, MA)
        self.matters: list[Matter] = []
        self.refused: Counter[str] = Counter()
        self.done: Counter[str] = Counter()
        self._diary: list[tuple[datetime, int, Matter | None, Role]] = []
        self._order = count()
        self._visitors: dict[tuple[str, str], Actor] = {}
        start = self._renewed = world.clock.now()
        for _ in range(cases):
            self._note(start + within * self.dice.random(), None, Role.APPLICANT)

    def run(self) -> "Town":
        """Everything that people and time do, until all cases have ended. Broken tells what must never be."""
        while self._diary:
            self._until(self._diary[0][0] + NEWS)
        self.world.settle()
        return self

    # Time

    def _until(self, news: datetime) -> None:
        """What people do before this instant; then everybody hears of it. Limits that run out before are obeyed."""
        due, acted = self._next_due(), False
        stop = min(news, due)
        while self._diary and self._diary[0][0] < stop:
            at, _, matter, role = heappop(self._diary)
            self._pass(at)
            acted |= self._apply() if matter is None else self._look(matter, role)
        if acted:
            self._settle()
            stop = min(stop, self._next_due())
        self._pass(stop)
        if stop - self._renewed >= WEEK:
            self._keep_trust(stop)
        if stop >= due or acted:
            self._settle()

    def _settle(self) -> None:
        """Every node does what its look-out sees, until there is nothing more."""
        while sum(self._work(code) for code in self.world.nodes):  # every node has its turn
            pass

    def _work(self, code: str) -> bool:
        """One round at a node, senders first: what arrived in time counts before a limit runs out. Whether any."""
        with self.world.at(code), connection.cursor() as cursor:
            at = self.world.clock.now()
            watched = [duty for duty in self.world.duties(code) if duty.due]
            cursor.execute(f"SELECT {', '.join(f'EXISTS ({duty.due})' for duty in watched)}", {"at": at})
            seen = [duty for duty, due in zip(watched, cursor.fetchone(), strict=True) if due]
            did = False
            for duty in sorted(seen, key=lambda each: not each.name.startswith("send")):
                while duty.once(at):
                    did = True
            if did:
                sequence_once(at, keys.signer())
            return did

    def _keep_trust(self, at: datetime) -> None:
        """What no work brings but time: the hub renews its list of who is trusted, and everybody fetches it."""
        self._renewed = at
        for code in self.world.nodes:  # the hub is the first
            with self.world.at(code):
                for duty in self.world.duties(code):
                    if duty.name == "trust":
                        duty.once(at)

    def _pass(self, at: datetime) -> None:
        self.world.pass_time(max(at - self.world.clock.now(), timedelta()))

    def _next_due(self) -> datetime:
        """When the next limit runs out whose end may have a consequence."""
        now, found = self.world.clock.now(), []
        for code in PORTALS:
            with self.world.at(code):
                due = Clock.objects.filter(ended_at=None, kind__in=transitions.WHEN_DUE, due_at__gt=now)
                found += due.order_by("due_at").values_list("due_at", flat=True)[:1]
        return min(found, default=datetime.max.replace(tzinfo=now.tzinfo))

    def _note(self, at: datetime, matter: Matter | None, role: Role) -> None:
        if matter is not None:
            matter.looking.add(role)
        heappush(self._diary, (at, next(self._order), matter, role))

    # People

    def _apply(self) -> bool:
        """Somebody applies, online or at a window."""
        dice, office = self.dice, self.dice.choice(self.offices)
        version, person = dice.choice(office.published), dice.choice(PEOPLE)
        if version.mode == Mode.ONLINE:
            node = dice.choice(PORTALS)
            given, clerks = self._submit(version, self._visitor(person, node)), []
        else:
            node, clerks = self.clerk.node, [self.clerk]
            given = self._collect(version, person)
        matter = Matter(
            number=len(self.matters) + 1,
            case_id=given.case_id,
            receipt_no=given.receipt_no,
            began=self.world.clock.now(),
            office=office,
            cast={
                Role.APPLICANT: [self._visitor(person, node)],
                Role.APPROVER: office.desk,
                **({Role.CLERK: clerks} if clerks else {}),
            },
            habits={role: dice.choice(people.HABITS) for role in Role},
        )
        self.matters.append(matter)
        self.done["begin"] += 1
        self.story.tell(
            self.world.clock.now(), f"case {matter.number} begins at {node} towards {office.organization.key}"
        )
        for role in matter.cast:
            self._note(self._later(matter, role, is_turn=role is Role.APPROVER), matter, role)
        self._settle()
        return True

    def _submit(self, version: ItemVersion, who: Actor) -> actions.Submitted:
        with self.world.at(who.node):
            here = item(version.task_code)
            return actions.submit_with_files(
                _application(here, who.name),
                [Upload("id_card", "身份证.png", [PICTURE + b"card"])],
                applicant=actions.applicant_of(who),
                actor=who,
                at=self.world.clock.now(),
                key=f"{len(self.matters)}",
                again="模拟中的另一件。",
            )

    def _collect(self, version: ItemVersion, person: DemoPerson) -> actions.Submitted:
        clerk, dice = self.clerk, self.dice
        who = self._visitor(person, clerk.node)
        with self.world.at(clerk.node):
            here = item(version.task_code)
            keyed = actions.new_keyed()
            names = [each.name for each in here.item.materials if each.code != "id_card"]
            collection = Collection(
                application=_application(here, person.name),
                applicant=actions.applicant_from(person_details(who)),
                verification={"method": "人工核验"},
                checks=[],
                originals=[here.item.material("id_card").name, *names],
                parcel_no=dice.choice(("", "", "SF0")),
                delivery=dice.choice(list(Delivery)),
                again="模拟中的另一件。",
            )
            return actions.collect(collection, actor=clerk, keyed=keyed, at=self.world.clock.now())

    def _look(self, matter: Matter, role: Role) -> bool:
        """Somebody looks at a case where they are, and does one of the things that they may. Whether they did any."""
        matter.looks += 1
        self.story.require(matter.looks < SOME, "a case never ends", matter.number)
        now, dice = self.world.clock.now(), self.dice
        with self.world.at(self._who(matter, role).node):
            held = read(matter.case_id)
            assert held.state is not None
            case = held.situation(now, held.state)
            who = self._given(matter, role, case.progress.assignee)
            is_turn = role in people.turn(case)
            matter.ended = case.is_over
            moves = [] if matter.ended and dice.random() < 0.7 else _offered(held, who, now)
            move = people.chosen(dice, moves, matter.made, people.IDLE if is_turn else people.WAITING)
            if move is not None:
                self._make(matter, held, who, move, now)
                matter.ended = False  # whoever had turned away looks again: it may not be over any more
        matter.looking.discard(role)
        for each in matter.cast:
            if not matter.ended and each not in matter.looking:  # also who had turned away before it was opened again
                self._note(self._later(matter, each, is_turn=is_turn and each is role), matter, each)
        return move is not None

    def _make(self, matter: Matter, held: Held, who: Actor, move: Move, now: datetime) -> None:
        assert held.state is not None
        desk = [each.pseudonym for each in matter.office.desk]
        facts = people.stated(self.dice, move, held.situation(now, held.state), who, desk)
        try:
            if move.name == "deliver":
                b"".join(actions.fetch_result(matter.receipt_no, actor=who, at=now).chunks)
                real = True
            else:
                files = self._scans(matter, who, held.progress, facts) if move.files else []
                real = actions.make_or_ask(matter.case_id, move.name, actor=who, at=now, facts=facts, files=files)
        except Refusal as no:
            self.refused[no.code] += 1
            self.story.require(no.code in SAID_NO, "offered, and refused", matter.number, move.name, no.code)
            return
        matter.made[move.name] += 1
        self.done[move.name] += 1
        self.story.tell(now, f"case {matter.number}: {who.role} '{move.name}'", "" if real else "(asked for)")

    def _scans(self, matter: Matter, who: Actor, went: Progress, facts: Mapping[str, str]) -> list[actions.GivenFile]:
        """Of what is handed in later, or of what is to be corrected; of anything where nothing was named."""
        codes = facts["handed"].split(",") if "handed" in facts else went.materials if went.narrowed else ("id_card",)
        return [
            actions.take_file(
                matter.case_id, code, "补交.png", [PICTURE + b"%d" % self.dice.randrange(10**9)], actor=who
            )
            for code in codes
        ]

    def _who(self, matter: Matter, role: Role) -> Actor:
        return matter.cast[role][0]

    def _given(self, matter: Matter, role: Role, assignee: str) -> Actor:
        found = [who for who in matter.cast[role] if who.pseudonym == assignee]
        return found[0] if found and self.dice.random() < 0.8 else self.dice.choice(matter.cast[role])

    def _later(self, matter: Matter, role: Role, *, is_turn: bool) -> datetime:
        now = self.world.clock.now()
        minutes = people.minutes(self.dice, matter.habits[role], is_turn, now - matter.began)
        if role is Role.APPLICANT:
            return now + timedelta(days=minutes / people.OPENING_MINUTES)
        return days.USUALLY[1].add_working_minutes(now, minutes)

    def _visitor(self, person: DemoPerson, node: str) -> Actor:
        if (person.key, node) not in self._visitors:
            self._visitors[person.key, node] = steps.visitor(self.world, person, node)
        return self._visitors[person.key, node]


def _offered(held: Held, who: Actor, now: datetime) -> list[Move]:
    """What a page offers: where another node holds the case, what may be asked of it."""
    assert held.state is not None
    holding, case = held.head.holding, with_agreement(held, held.situation(now, held.state), who)
    holder = next(party for party in held.parties if party.number == (holding.offered_to or holding.holder))
    asked = {move for _, move in held.asked}
    return [
        move
        for move in transitions.open_moves(case, who, held.relation(who))
        if holder.node == who.node or (transitions.may_ask(move, who) and move.name not in asked)
    ]


def _application(version: ItemVersion, name: str) -> Application:
    """Something sensible in every field."""
    form = {
        each.name: each.choices[0].code if each.choices else FORM.get(each.type, "演示内容")
        for each in version.item.form
    }
    return Application(task_code=version.task_code, version=version.version, answers={}, form=form | {"name": name})
