# SPDX-License-Identifier: Apache-2.0
"""People at their screens: they apply, take in, decide, correct, withdraw, fetch, and try again when nothing came."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import partial
from itertools import count
from typing import Any
from uuid import UUID

from tests import story as steps
from tests.federation.simulation.stage import Died, Stage
from tests.federation.simulation.story import name
from tests.people import ORGANIZATIONS, PEOPLE, STAFF, DemoPerson
from tongban.cases import actions, transitions
from tongban.cases.actions import Application, Submitted, Upload
from tongban.cases.errors import Repeated
from tongban.cases.queries.held import read
from tongban.cases.states import ENDED
from tongban.cases.transitions import Delivery, Mode, Move
from tongban.catalogue.models import ItemVersion
from tongban.catalogue.queries import published
from tongban.standards.actor import Actor, Role
from tongban.standards.refusal import Refusal
from tongban.windows import actions as windows

SCAN = {"checks": {"id_card": {"verdict": "good", "original": True}}}
IDLE = 0.5  # the weight of what nobody was offered, where a likely move has 4
SAMPLES = {"date": "2026-01-01", "phone": "19900000001"}


class Outcome(StrEnum):
    """What somebody knows of something they did."""

    UNKNOWN = "unknown"  # nobody answered: it is tried again
    DONE = "done"
    ASKED = "asked"  # accepted as a wish; real when the custodian's event returns
    REFUSED = "refused"


@dataclass
class Matter:
    """A case that people have been told of."""

    alias: str
    case_id: UUID
    number: str
    intake: str  # node
    handling: str
    applicant: Actor
    clerk: Actor | None
    approver: Actor
    by_net: bool  # the result is downloaded; having it in hand is a delivery

    @property
    def nodes(self) -> list[str]:
        return sorted({self.intake, self.handling})

    @property
    def cast(self) -> list[Actor]:
        """Everybody who may ever do something here."""
        return [self.applicant, self.approver, *([self.clerk] if self.clerk else [])]


@dataclass
class Wish:
    """One thing that somebody wants done once, and what they know of it."""

    number: int
    who: Actor
    what: str  # a move, or submit, collect
    act: Callable[[datetime], Any]
    heard: Callable[[Any], Outcome]
    matter: Matter | None = None
    outcome: Outcome = Outcome.UNKNOWN
    tried: int = 0
    marker: str = ""  # stands in the facts of the move, when it has any that are told


@dataclass
class People:
    """Everybody, and everything they were told."""

    stage: Stage
    matters: list[Matter] = field(default_factory=list)
    wishes: list[Wish] = field(default_factory=list)
    fetched: list[Matter] = field(default_factory=list)  # results that somebody has in hand
    _actors: dict[tuple[str, str], Actor] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    # What a step may be

    def apply(self) -> None:
        """Somebody applies online, at a node of their choice."""
        if len(self.matters) >= self.stage.plan.cases:
            return
        dice, nodes = self.stage.dice, self.stage.plan.nodes
        intake = dice.choice(nodes)
        items = [item for item in self._offered(intake) if item.mode == Mode.ONLINE]
        item, who = dice.choice(items), self._applicant(dice.choice(PEOPLE), intake)
        wish = self._wish(who, "submit", lambda at: None, lambda made: Outcome.DONE)
        uploads = [Upload("id_card", "身份证.png", [_picture(wish.number)])]
        uploads += [
            Upload(each.code, "材料.png", [_picture(wish.number) + each.code.encode()])
            for each in item.item.materials
            if each.code == "retirement_proof"
        ]

        def submit(at: datetime) -> Submitted:
            return actions.submit_with_files(
                _application(item, who),
                uploads,
                applicant=actions.applicant_of(who),
                actor=who,
                at=at,
                key=f"wish-{wish.number}",
                again="模拟中的另一件。",
            )

        wish.act = submit
        wish.heard = partial(self._opened, wish, item, Delivery.NET, None)
        self._try(wish, f"applies at {_place(item)}")

    def take_in(self) -> None:
        """Somebody steps up to a window, and the clerk takes everything in."""
        dice, nodes = self.stage.dice, self.stage.plan.nodes
        clerk = self._staff(dice.choice([one for one in STAFF if Role.CLERK in one.roles and one.node in nodes]).login)
        items = [item for item in self._offered(clerk.node) if item.mode == Mode.PROXY]
        if len(self.matters) >= self.stage.plan.cases or not items or not self.stage.is_up(clerk.node):
            return
        item, person = dice.choice(items), dice.choice(PEOPLE)
        way = dice.choice(list(Delivery))
        intake_id = self._prepared(clerk, item, person, way)
        if intake_id is None:
            return
        again = "模拟中的另一件。"
        wish = self._wish(
            clerk,
            "collect",
            lambda at: windows.conclude(intake_id, "collect", "", actor=clerk, at=at, again=again),
        )
        wish.heard = partial(self._opened, wish, item, way, person)
        self._try(wish, f"takes in for {person.name} towards {_place(item)}, result by {way}")

    def move(self) -> None:
        """Somebody does one or several of the things that the table offers them, now and then one it does not."""
        dice = self.stage.dice
        matter = dice.choice(self.matters)
        chances = [(who, move) for who in matter.cast if self.stage.is_up(who.node) for move in self._open(matter, who)]
        weights = [_likely(move) for _, move in chances]
        if dice.random() * (sum(weights) + IDLE) < IDLE:
            return self._make(
                matter, dice.choice(matter.cast), dice.choice(sorted(transitions.MOVES.values(), key=str))
            )
        who, move = dice.choices(chances, weights)[0]
        self._make(matter, who, move)
        for _ in range(dice.choice((0, 0, 1, 3))):  # whoever is at it goes on
            moves = list(self._open(matter, who))
            if moves:
                self._make(matter, who, dice.choices(moves, list(map(_likely, moves)))[0])

    def fetch(self) -> None:
        """Somebody downloads a result; having it in hand is a delivery."""
        matter = self.stage.dice.choice(self.matters)
        wish = self._wish(matter.applicant, "fetch", partial(self._download, matter), lambda _: Outcome.DONE, matter)
        self._try(wish, f"downloads the result of {matter.alias}")
        if wish.outcome is Outcome.DONE:
            self.fetched.append(matter)
        self.wishes.remove(wish)  # whoever was refused or saw nothing simply clicks again some day

    def insist(self) -> None:
        """Whoever heard nothing tries the same again."""
        unheard = [each for each in self.wishes if each.outcome is Outcome.UNKNOWN]
        if unheard:
            self._try(self.stage.dice.choice(unheard), "")

    def insist_all(self, code: str = "") -> None:
        """Everybody, or everybody at one node, comes to know what became of what they did."""
        for wish in list(self.wishes):
            if wish.outcome is Outcome.UNKNOWN and wish.who.node.startswith(code):
                self._try(wish, "")

    def forget(self, code: str) -> None:
        """Whoever was a guest at a node that forgot them signs in anew."""
        for known in [known for known in self._actors if known[1] == code]:
            del self._actors[known]

    # How it is done

    def _make(self, matter: Matter, who: Actor, move: Move) -> None:
        if move.name == "deliver" or not move.sources or not self.stage.is_up(who.node):
            return  # nobody delivers by hand: it comes with the download; and nobody begins a case twice
        wish = self._wish(who, move.name, lambda at: None, lambda real: Outcome.DONE if real else Outcome.ASKED, matter)
        wish.marker = f"({wish.number})"
        facts = self._facts(matter, who, move, wish.marker)

        def make(at: datetime) -> bool:
            files = self._scans(matter, who, wish.number) if move.files else []
            return actions.make_or_ask(
                matter.case_id, move.name, actor=who, at=at, facts=facts, files=files, once=f"wish-{wish.number}"
            )

        wish.act = make
        self._try(wish, f"does '{move.name}' on {matter.alias}")

    def _facts(self, matter: Matter, who: Actor, move: Move, marker: str) -> dict[str, str]:
        """What is typed: words with the mark of this wish, and of the options one that is offered just now."""
        facts = {need.name: f"{need.label[:10]} {marker}" for need in move.needs}
        with self.stage.world.at(who.node):
            try:
                held = read(matter.case_id)
            except Refusal:
                return facts
            if held.state is None:
                return facts
            case = held.situation(self.stage.world.clock.now(), held.state)
            for need in move.needs:
                options = [value for value, _ in need.options(case, who)] if need.options else []
                if options:
                    facts[need.name] = self.stage.dice.choice(options)
        return facts

    def _scans(self, matter: Matter, who: Actor, number: int) -> list[actions.GivenFile]:
        """Of a material that the office has named; of any where it has named nothing."""
        went = read(matter.case_id).progress
        codes = went.materials[:1] if went.narrowed else ("id_card",)
        return [actions.take_file(matter.number, code, "补正.png", [_picture(number)], actor=who) for code in codes]

    def _download(self, matter: Matter, at: datetime) -> None:
        view = actions.fetch_result(matter.number, actor=matter.applicant, at=at)
        content = b"".join(view.chunks)
        if not content.startswith(b"%PDF-"):
            self.stage.story.breaks(f"the result of {matter.alias} is no PDF")

    def _try(self, wish: Wish, words: str) -> None:
        """Do it, and hear what came of it."""
        stage, code = self.stage, wish.who.node
        if not stage.is_up(code):
            stage.story.tell(code, f"{_called(wish.who)} finds nobody there")
            return
        wish.tried += 1
        stage.story.tell(code, f"{_called(wish.who)} {words or f'tries again: {wish.what}'} [wish {wish.number}]")
        came = stage.attempt(code, wish.act)
        if isinstance(came, Died):
            wish.outcome = Outcome.UNKNOWN
        elif isinstance(came, Refusal):
            wish.outcome = self._refused(wish, came)
            stage.story.tell(code, f"  is told: {came.code}")
        else:
            wish.outcome = wish.heard(came)
            stage.story.tell(code, f"  is told: {wish.outcome}")

    def _refused(self, wish: Wish, no: Refusal) -> Outcome:
        """A form that was taken before was taken; whether as a wish, the place of the case tells."""
        if no.code != Repeated.code or wish.matter is None:
            return Outcome.REFUSED
        return Outcome.DONE if wish.who.node == wish.matter.handling else Outcome.ASKED

    def _opened(self, wish: Wish, item: ItemVersion, way: str, person: DemoPerson | None, made: Submitted) -> Outcome:
        """Somebody has a receipt in hand."""
        clerk = None if person is None else wish.who
        matter = Matter(
            alias=_alias(len(self.matters)),
            case_id=made.case_id,
            number=made.receipt_no,
            intake=wish.who.node,
            handling=_node(item),
            applicant=wish.who if person is None else self._applicant(person, wish.who.node),
            clerk=clerk,
            approver=self._staff(_approver(item)),
            by_net=way == Delivery.NET,
        )
        wish.matter = matter
        self.matters.append(matter)
        self.stage.story.tell(matter.intake, f"  case {matter.alias} is {made.receipt_no}, {made.case_id}")
        return Outcome.DONE

    def _open(self, matter: Matter, who: Actor) -> Iterator[Move]:
        """What the table offers somebody where they are."""
        with self.stage.world.at(who.node):
            try:
                held = read(matter.case_id)
            except Refusal:
                return iter(())  # the case is not known here yet
            if held.state is None:
                return iter(())
            case = held.situation(self.stage.world.clock.now(), held.state)
            return iter(list(transitions.open_moves(case, who, held.relation(who))))

    def _prepared(self, clerk: Actor, item: ItemVersion, person: DemoPerson, way: str) -> UUID | None:
        """Everything at a window up to the verdict; a screen that does not answer is pressed again."""
        begun = self._press(clerk, lambda at: windows.start_intake(actor=clerk, at=at))
        if begun is None:
            return None
        number = len(self.wishes)
        given = {"name": person.name, "id_number": person.id_number, "phone": person.phone}
        form = {
            field.name: field.choices[0].code if field.choices else SAMPLES.get(field.type, "演示内容")
            for field in item.item.form
        }
        picture = _picture(number)
        screens: list[Callable[[datetime], object]] = [
            lambda at: windows.set_applicant(begun, given, "card", actor=clerk, at=at),
            lambda at: self._source_answers(clerk.node, at),
            lambda at: windows.choose_item(begun, item.task_code, actor=clerk, at=at),
            lambda at: windows.answer(begun, "who", "self", actor=clerk, at=at),
            lambda at: windows.fill(begun, form, actor=clerk, at=at),
            lambda at: windows.add_file(begun, "id_card", "身份证.png", [picture], actor=clerk, at=at),
            lambda at: windows.check_material(begun, SCAN["checks"], actor=clerk, at=at),
            lambda at: windows.set_delivery(begun, way, "演示路1号", "SF0001", actor=clerk, at=at),
        ]
        for screen in screens:
            if self._press(clerk, screen) is None:
                return None
        return begun

    def _press(self, clerk: Actor, screen: Callable[[datetime], Any]) -> Any:
        """Until the screen answers; None when it refuses."""
        for _ in range(10):
            came = self.stage.attempt(clerk.node, screen)
            if isinstance(came, Refusal):
                self.stage.story.tell(clerk.node, f"{_called(clerk)} is told at the window: {came.code}")
                return None
            if not isinstance(came, Died):
                return came or True
        return None

    def _source_answers(self, code: str, at: datetime) -> None:
        """The worker asks the identity source while the clerk waits."""
        verify = next(duty for duty in self.stage.world.duties(code) if duty.name == "identity")
        verify.once(at)

    def _offered(self, intake: str) -> list[ItemVersion]:
        """What can be asked for here. What no other node ever hears of is lost with its machine."""
        plan = self.stage.plan
        alone = {plan.lost} & {intake}
        return [item for item in _items(self.stage, intake) if _node(item) in set(plan.nodes) - alone]

    def _wish(
        self,
        who: Actor,
        what: str,
        act: Callable[[datetime], Any],
        heard: Callable[[Any], Outcome] = lambda _: Outcome.DONE,
        matter: Matter | None = None,
    ) -> Wish:
        wish = Wish(number=next(self._numbers), who=who, what=what, act=act, heard=heard, matter=matter)
        self.wishes.append(wish)
        return wish

    def _applicant(self, person: DemoPerson, code: str) -> Actor:
        if (person.key, code) not in self._actors:
            self._actors[person.key, code] = steps.visitor(self.stage.world, person, code)
        return self._actors[person.key, code]

    def _staff(self, login: str) -> Actor:
        if (login, "") not in self._actors:
            self._actors[login, ""] = steps.officer(self.stage.world, next(one for one in STAFF if one.login == login))
        return self._actors[login, ""]


def _likely(move: Move) -> float:
    """How often it is done, of those that are offered: most cases go on, few end early."""
    if any(need.internal for need in move.needs):
        return 2  # examining
    if move.target is None:
        return 0.5
    return 0.3 if move.target in ENDED else 4


_known: dict[str, list[ItemVersion]] = {}  # what a founded node publishes never changes


def _items(stage: Stage, code: str) -> list[ItemVersion]:
    if code not in _known:
        with stage.world.at(code):
            _known[code] = list(published().order_by("task_code"))
    return _known[code]


def _office(item: ItemVersion) -> Any:
    return next(one for one in ORGANIZATIONS.values() if one.code == item.publisher)


def _node(item: ItemVersion) -> str:
    return str(_office(item).node)


def _place(item: ItemVersion) -> str:
    return f"{name(_node(item))}'s {_office(item).key}"


def _approver(item: ItemVersion) -> str:
    office = _office(item)
    return next(one.login for one in STAFF if one.organization.key == office.key and Role.APPROVER in one.roles)


def _application(item: ItemVersion, who: Actor) -> Application:
    """Something sensible in every field."""
    form = {
        field.name: field.choices[0].code if field.choices else SAMPLES.get(field.type, "演示内容")
        for field in item.item.form
    }
    form |= {"name": who.name}
    answers = {question.code: question.options[0].code for question in item.item.questions}
    return Application(task_code=item.task_code, version=item.version, answers=answers, form=form)


def _picture(number: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"picture %d" % number


def _called(who: Actor) -> str:
    return f"{who.name} ({who.role})"


def _alias(number: int) -> str:
    return chr(ord("A") + number % 26) + (str(number // 26) if number >= 26 else "")
