# SPDX-License-Identifier: Apache-2.0
"""One run: a seed, some people, a bad line, mortal processes; then peace, and the reckoning."""

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection

from tests.federation.simulation import invariants
from tests.federation.simulation.backups import Backup
from tests.federation.simulation.crashes import Crashes, begin_anew
from tests.federation.simulation.network import Line
from tests.federation.simulation.people import People
from tests.federation.simulation.plan import drawn
from tests.federation.simulation.stage import Stage
from tests.federation.simulation.story import Broken, Story, name
from tests.world import World
from tongban.config.worker import Duty, seen
from tongban.exchange import actions as exchange
from tongban.exchange.models import Outbox, Wanted
from tongban.exchange.queries import is_recovering
from tongban.standards.refusal import Refusal
from tongban.vault import files

MOMENTS = (0.02, 0.3, 2, 20, 100, 400)  # seconds that may pass between two steps
OFTEN, SELDOM = (0, 1, 2, 3), (0, 0, 0, 1)  # times that a duty is done in a row, when it is its node's turn
LULL = timedelta(minutes=6)  # longer than any line rests
LULLS = 12  # until everything must have arrived; longer than a clock was ever wrong
ROUNDS = 60
WHOLE = 10  # one seed in so many does every duty; the others leave what tells people of it
WAITING = (
    "SELECT EXISTS (SELECT 1 FROM exchange_outbox WHERE answered_at IS NULL AND recipient = ANY(%s)) "
    "OR EXISTS (SELECT 1 FROM exchange_inbox WHERE state = 'received') "
    "OR EXISTS (SELECT 1 FROM exchange_wanted WHERE fetched_at IS NULL) OR EXISTS (SELECT 1 FROM ledger_pending) "
    "OR EXISTS (SELECT 1 FROM licences_licence WHERE state = 'pending' AND NOT is_notice)"
)


class Simulation:
    """A run of one seed."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.dice = world, random.Random(seed)
        self.resting = world.resting if seed % WHOLE else set()
        plan = drawn(self.dice)
        self.story = Story(seed, world.clock.true)
        crashes = Crashes(world, self.story)
        line = Line(world, story=self.story, dice=self.dice, odds=plan.odds, crashes=crashes)
        self.stage = Stage(world, self.dice, plan, self.story, crashes, line)
        self.people = People(self.stage)
        self.plan, self.line, self.crashes = plan, line, crashes
        self.backup: Backup | None = None
        self.seen: invariants.Holdings = {}

    def run(self) -> Story:
        """The whole of it. Broken tells the story of what must never be."""
        with self._ruled():
            try:
                self._play()
            except Broken:
                raise
            except Exception as fault:
                self.story.breaks(f"a fault that nobody named: {type(fault).__name__}: {fault}")
                raise Broken(self.story.told()) from fault
        return self.story

    def _play(self) -> None:
        self.story.tell("", self.plan.told())
        self.people.apply()
        for _ in range(self.plan.steps):
            self._step()
        self._peace()
        invariants.at_the_end(self.stage, self.people)
        self.story.check()

    @contextmanager
    def _ruled(self) -> Iterator[None]:
        """The seed rules the network, the clocks, and the product's own chance (how long a line rests)."""
        before = random.getstate()
        random.seed(self.story.seed)
        self.world.network = self.line
        self.world.clock.off.update(self.plan.clocks)
        for code in self.world.nodes:
            begin_anew(self.world.nodes[code])
        try:
            with self.crashes.watching():
                yield
        finally:
            random.setstate(before)
            self.world.clock.off.clear()
            self._tidy()

    def _step(self) -> None:
        self.world.pass_time(timedelta(seconds=self.dice.choice(MOMENTS) * self.dice.uniform(0.5, 1)))
        odds, some = self.plan.odds, bool(self.people.matters)
        steps: dict[Callable[[], None], float] = {
            self.people.apply: 1.2,
            self.people.take_in: 0.6,
            self.people.move: 8 if some else 0,
            self.people.fetch: 2 if some else 0,
            self.people.insist: 2,
            self._work: 10,
            self._late: 2 if self.line.late else 0,
            self._part: odds.parting,
            self._stop: odds.stopping,
            self._mend_clock: 0.3 if self.plan.broken else 0,
            self._back_up: (0.2 if self.backup else 2) if self.plan.lost and not self.line.recovering else 0,
            self._lose: 1 if self.backup else 0,
        }
        self.dice.choices(list(steps), list(steps.values()))[0]()
        invariants.at_any_instant(self.stage, self.people.matters, self.seen)
        self.story.check()

    # What a step may be, beside what people do

    def _work(self) -> None:
        """A worker goes about its duties, each of them a process that may die."""
        code = self.dice.choice(["000000", *self.plan.nodes * 3])
        if code in self.line.down:
            return
        if code in self.line.recovering:
            self._recover(code)
            return
        due = self._due(code)
        for duty in self.dice.sample(due, len(due)):
            for _ in range(self.dice.choice(OFTEN if duty.due else SELDOM)):
                if not self._once(code, duty):
                    break

    def _late(self) -> None:
        self.line.arrive()

    def _part(self) -> None:
        """Two nodes lose sight of one another, in one direction or both; or everybody sees everybody again."""
        if self.line.cut and self.dice.random() < 0.6:
            self.line.cut.clear()
            self.story.tell("", "all lines are whole again")
            return
        one, other = self.dice.sample(self.plan.nodes, 2)
        both = self.dice.random() < 0.5
        self.line.cut |= {(one, other), (other, one)} if both else {(one, other)}
        self.story.tell("", f"nothing goes from {name(one)} to {name(other)}{' or back' if both else ''}")

    def _stop(self) -> None:
        """A node stands still, or is started again."""
        if self.line.down:
            code = self.dice.choice(sorted(self.line.down))
            self.line.down.discard(code)
            self.story.tell(code, "is started again")
        else:
            code = self.dice.choice(["000000", *self.plan.nodes])
            self.line.down.add(code)
            self.story.tell(code, "stands still")
            begin_anew(self.world.nodes[code])

    def _mend_clock(self) -> None:
        broken = self.plan.broken
        if broken is not None and abs(self.world.clock.off.get(broken, timedelta())) > timedelta(minutes=5):
            self.world.clock.off[broken] = timedelta()
            self.story.tell(broken, "sets its clock right")

    def _back_up(self) -> None:
        assert self.plan.lost is not None
        self.backup = Backup.of(self.world, self.plan.lost)
        self.story.tell(self.plan.lost, "is backed up")

    def _lose(self) -> None:
        """The machine of a node is lost when everything it said had just arrived, and comes back from its backup."""
        assert self.backup is not None
        code = self.backup.node
        if self.line.down or self.line.cut:
            return
        self._have_it_all_told(code)
        if self._owes(code):
            return  # a line rests: what was not told would be lost with the machine
        self.story.tell(code, f"loses its machine, and comes back as it was at {self.backup.at:%H:%M:%S} UTC")
        begin_anew(self.world.nodes[code])
        self.backup.restore(self.world)
        self.backup = None
        self.people.forget(code)
        self.line.recovering.add(code)
        self.crashes.wrote.add(code)

    def _have_it_all_told(self, code: str) -> None:
        """Everybody at a node hears how it went, and its peers are told, files included. What they say is not asked."""
        self.line.calm = True
        self.people.insist_all(code)
        for _ in range(4):
            self._all_work(code)
            for peer in (each for each in self.plan.nodes if each != code):
                for duty in self._due(peer):
                    while duty.name.partition(":")[0] in ("apply", "files") and self._once(peer, duty):
                        pass
        self.line.calm = False

    def _owes(self, code: str) -> bool:
        """Whether anything that others need is only at this node."""
        with self.world.at(code):
            owed = Outbox.objects.filter(answered_at=None, recipient__in=self.plan.nodes).exists()
        for peer in self.plan.nodes:
            with self.world.at(peer):
                owed |= Wanted.objects.filter(sender=code, fetched_at=None).exists()
        return owed

    def _recover(self, code: str) -> bool:
        """A round of coming back. Whether anything was done."""
        did = self._once(code, Duty("recover", lambda at: exchange.recover_once(at, self.line)))
        with self.world.at(code):
            if not is_recovering():
                self.line.recovering.discard(code)
                self.story.tell(code, "serves again")
        return did

    # How it ends

    def _peace(self) -> None:
        """Everything is mended, everybody hears how it went, and all that waits finds its way."""
        self.line.heal()
        self._mend_clock()
        self.story.tell("", "peace: the line is whole, every node runs, every clock is right")
        while self.line.late:
            self.line.arrive()
        for _ in range(LULLS):
            self._settle()
            self.people.insist_all()
            self.story.check()
            if not (self.line.recovering or any(map(self._waits, self.plan.nodes))):
                return
            self.world.pass_time(LULL)

    def _waits(self, code: str) -> bool:
        """Whether anything at a node is still to be done."""
        with self.world.at(code), connection.cursor() as cursor:
            cursor.execute(WAITING, [list(self.plan.nodes)])
            return bool(cursor.fetchone()[0])

    def _settle(self) -> None:
        for _ in range(ROUNDS):
            if not sum(self._all_work(code) for code in self.plan.nodes):
                return
        self.story.breaks("the nodes never come to rest")

    def _all_work(self, code: str) -> bool:
        """Every duty that is due. Whether anything was done."""
        if code in self.line.recovering:
            return self._recover(code)
        return sum(self._once(code, duty) for duty in self._due(code) if duty.due or duty.name == "sequence") > 0

    def _due(self, code: str) -> list[Duty]:
        """What the look-out of a node sees to be done, and the duties that it does not look for."""
        mine = (each for each in self.world.duties(code) if not _goes_elsewhere(each, self.plan.nodes))
        duties = [each for each in mine if each.name not in self.resting]
        watched = [each for each in duties if each.due]
        with self.world.at(code):
            due = seen(watched, self.world.clock.now())
        return [each for each in duties if not each.due or each in due]

    def _once(self, code: str, duty: Duty) -> bool:
        """One duty as the worker would do it; a refusal is logged there, and told here."""
        self.story.begin(code, f"does its duty '{duty.name}'")
        came = self.stage.attempt(code, duty.once)
        if isinstance(came, Refusal):
            self.story.tell(code, f"  is refused: {came.code}")
        self.story.end(worth_telling=came is True)
        return came is True

    def _tidy(self) -> None:
        """Files are not undone with the transaction."""
        for code in self.world.nodes:
            with self.world.at(code):
                for matter in self.people.matters:
                    files.forget(f"case:{matter.case_id}")


def _goes_elsewhere(duty: Duty, nodes: tuple[str, ...]) -> bool:
    what, _, peer = duty.name.partition(":")
    return what == "send" and peer not in nodes
