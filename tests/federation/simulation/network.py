# SPDX-License-Identifier: Apache-2.0
"""A line that loses, delays, doubles, reorders, parts and alters. It carries the signed bytes as they are."""

import random
from collections import Counter
from dataclasses import dataclass, field, replace

from tests.federation.simulation.crashes import Crash, Crashes, Doom
from tests.federation.simulation.plan import Odds
from tests.federation.simulation.story import Story, name
from tests.world import Network, Sent
from tongban.exchange.errors import Recovering, Unreachable
from tongban.exchange.transport import Answer
from tongban.standards.canonical import parse
from tongban.standards.node import here
from tongban.standards.refusal import Refusal
from tongban.web.refusals import DatabaseAway

FATES = ("lost", "unanswered", "late", "twice", "tampered")
PLACES = {"body": 3, "header": 1, "path": 1, "answer": 2}  # where a byte is altered, and how often


@dataclass
class Line(Network):
    """The network of one run."""

    story: Story = field(kw_only=True)
    dice: random.Random = field(kw_only=True)
    odds: Odds = field(kw_only=True)
    crashes: Crashes = field(kw_only=True)
    cut: set[tuple[str, str]] = field(default_factory=set)  # from, to
    late: list[Sent] = field(default_factory=list)
    recovering: set[str] = field(default_factory=set)  # nodes that come back from a backup and do not serve yet
    calm: bool = False
    refused: Counter[str] = field(default_factory=Counter)  # what peers answered, by code

    def ask(self, method: str, url: str, headers: object, body: bytes) -> Answer:
        sent = Sent(here().code, self.world.code_at(url), method, url, dict(headers), body)  # type: ignore[call-overload]
        there, fate = name(sent.recipient), self._fate()
        what = f"  asks {there} {method} {_path(url)} ({len(body)} bytes)"
        if (sent.sender, sent.recipient) in self.cut or {sent.sender, sent.recipient} & self.down:
            return self._silence(sent, f"{what}: no way there")
        if fate == "lost":
            return self._silence(sent, f"{what}: lost on the way")
        if fate in ("late", "twice"):
            self.late.append(sent)
        if fate == "late":
            return self._silence(sent, f"{what}: stuck on the way")
        place = self._place(sent) if fate == "tampered" else ""
        given = self._altered(sent, place) if place else sent
        self.story.tell(sent.sender, what + {"twice": ": a copy is stuck on the way"}.get(fate, _altering(place)))
        came = self.carry(given)
        if place == "body" and came.status < 300:
            self.story.breaks(f"{there} accepted a body that was altered on the way")
        if place == "answer":
            came = replace(came, body=_flipped(self.dice, came.body))
        if fate == "unanswered" or (sent.recipient, sent.sender) in self.cut:
            return self._silence(sent, f"  the answer of {there} is lost")
        return came

    def carry(self, sent: Sent) -> Answer:
        """Put a request to its recipient, whose process may die over it."""
        doom = doomed(self.dice, self.odds.crash) if not self.calm else None
        try:
            with self.crashes.process(sent.recipient, doom) as process:
                came = self.world.request(
                    sent.recipient, sent.method, sent.url, sent.headers, sent.body, door="exchange"
                )
        except Crash as crash:
            raise Unreachable(why="died") from crash
        if not process.lost:
            self._look_at(sent, came)
        elif came.status >= 500 and _code(came.body) not in (DatabaseAway.code, Recovering.code):
            self.story.breaks(f"{name(sent.recipient)} answered {came.status} while its database was away")
        return came

    def arrive(self) -> None:
        """Something that was stuck comes out, long after its sender has given up; nobody hears the answer."""
        sent = self.late.pop(self.dice.randrange(len(self.late)))
        if sent.recipient in self.down:
            return
        self.story.tell(sent.recipient, f"a stuck request of {name(sent.sender)} arrives: {_path(sent.url)}")
        try:
            self.carry(sent)
        except Unreachable:
            return

    def heal(self) -> None:
        """From now on everything arrives at once and once."""
        self.calm = True
        self.cut.clear()
        self.down.clear()

    def _look_at(self, sent: Sent, came: Answer) -> None:
        """No door answers with a fault, and every refusal has a name that is known."""
        if came.status >= 500 and _code(came.body) != Recovering.code:
            self.story.breaks(f"{name(sent.recipient)} answered {came.status} to {_path(sent.url)}")
        if came.status < 300:
            return
        code = _code(came.body)
        self.refused[code] += 1
        self.story.tell(sent.recipient, f"  refuses: {came.status} {code or 'without a word'}")
        if code not in codes() and came.status != 404:
            self.story.breaks(f"{name(sent.recipient)} refused without a known code: {came.status} {came.body[:80]!r}")

    def _fate(self) -> str:
        if self.calm:
            return ""
        chance = self.dice.random()
        for fate in FATES:
            chance -= getattr(self.odds, fate)
            if chance < 0:
                return fate
        return ""

    def _place(self, sent: Sent) -> str:
        there = {"body": bool(sent.body), "header": bool(sent.headers), "path": True, "answer": True}
        weights = {place: weight for place, weight in PLACES.items() if there[place]}
        return self.dice.choices(list(weights), list(weights.values()))[0]

    def _silence(self, sent: Sent, why: str) -> Answer:
        self.story.tell(sent.sender, why)
        raise Unreachable(why="silence")

    def _altered(self, sent: Sent, place: str) -> Sent:
        if place == "body":
            return replace(sent, body=_flipped(self.dice, sent.body))
        if place == "header":
            which = self.dice.choice(sorted(sent.headers))
            return replace(sent, headers={**sent.headers, which: _misread(self.dice, sent.headers[which])})
        if place == "path":
            root = sent.url[: -len(_path(sent.url))]
            return replace(sent, url=f"{root}/{_misread(self.dice, _path(sent.url)[1:])}")
        return sent


def doomed(dice: random.Random, chance: float) -> Doom | None:
    """Whether a process dies, and where."""
    if dice.random() >= chance:
        return None
    return Doom(step=dice.randint(1, 7), after=dice.random() < 0.5, away=dice.random() < 0.3)


def codes() -> frozenset[str]:
    """Every code that a refusal may have."""
    found, left = set(), [Refusal]
    while left:
        kind = left.pop()
        found.add(kind.code)
        left += kind.__subclasses__()
    return frozenset(found)


def _altering(place: str) -> str:
    return f": a byte of its {place} is altered" if place else ""


def _flipped(dice: random.Random, data: bytes) -> bytes:
    """One bit of one byte is another."""
    place = int(dice.random() * len(data))  # lengths of signatures differ; how the dice are used must not
    bit = 1 << dice.randrange(8)
    return data[:place] + bytes(byte ^ bit for byte in data[place : place + 1]) + data[place + 1 :]


def _misread(dice: random.Random, text: str) -> str:
    """One letter is its neighbour; what no HTTP server lets through does not come here either."""
    place = int(dice.random() * len(text))
    changed = chr(ord(text[place : place + 1] or "y") ^ 1)
    return text[:place] + (changed if changed.isascii() and changed.isprintable() else "x") + text[place + 1 :]


def _path(url: str) -> str:
    return "/" + url.split("/", 3)[3]


def _code(body: bytes) -> str:
    try:
        told = parse(body)
    except (ValueError, RecursionError):
        return ""
    return str(told.get("code", "")) if isinstance(told, dict) else ""
