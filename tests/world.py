# SPDX-License-Identifier: Apache-2.0
"""Several nodes in one process: real databases, the real WSGI application, a virtual clock, a network that fails."""

import re
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlencode, urlsplit

from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import override_settings

from tongban.cases.queries.expected import forget as forget_history
from tongban.catalogue.queries import forget as forget_items
from tongban.catalogue.search.memory import forget as forget_names
from tongban.config import new_keys
from tongban.config.carrier import Application
from tongban.config.settings import PAGES, database
from tongban.config.worker import Duty, duties, seen
from tongban.database import nodes as connecting
from tongban.database.server import Server
from tongban.demo import certificates, content, federation
from tongban.demo.identity_source import Register
from tongban.demo.plan import Places
from tongban.exchange import actions as exchange
from tongban.exchange import keys
from tongban.exchange.errors import Unreachable
from tongban.exchange.queries import is_recovering
from tongban.exchange.transport import Answer
from tongban.identity import source as identity_source
from tongban.identity.sms import NotSent
from tongban.identity.transport import NoAnswer
from tongban.ledger.actions import sequence_once
from tongban.licences.types.queries import forget as forget_types
from tongban.regions.queries import forget
from tongban.standards import clock
from tongban.standards.node import Node, at, here
from tongban.vault import locks
from tongban.web.doors.peers import Peers

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # Monday, 09:00 in China
RESTING = frozenset({"notices", "reminders", "sending"})  # duties left undone: most tests look at none of it


@dataclass(frozen=True)
class Sent:
    """One request that crossed the network, for faults and for looking at."""

    sender: str
    recipient: str
    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes


class Clocks(clock.VirtualClock):
    """One time for all, and how far the clock of each node is off."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.off: dict[str, timedelta] = {}  # by node

    def now(self) -> datetime:
        """What the clock of the node at work shows; the true time when none is wrong."""
        return self.true() + self.off.get(here().code, timedelta()) if self.off else self.true()

    def true(self) -> datetime:
        """The time that no clock need show."""
        return super().now()


Fault = Callable[[Sent], Sent | None]  # another request, or None: it is lost; an exception: it breaks


@dataclass
class Network:
    """Carries requests between nodes in this process; only the socket is replaced."""

    world: "World"
    down: set[str] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)
    seen: list[Sent] = field(default_factory=list)

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        recipient = self.world.code_at(url)
        sent: Sent | None = Sent(here().code, recipient, method, url, dict(headers), body)
        assert sent is not None
        self.seen.append(sent)
        if {sent.sender, recipient} & self.down:
            raise Unreachable(why="down")
        for fault in self.faults:
            sent = fault(sent)
            if sent is None:
                raise Unreachable(why="lost")
        return self.world.request(recipient, sent.method, sent.url, sent.headers, sent.body, door="exchange")

    def post_form(self, node_code: str, path: str, form: Mapping[str, str]) -> tuple[int, bytes]:
        if {here().code, node_code} & self.down:
            raise NoAnswer(node_code)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        url = self.world.nodes[node_code].address + path
        answer = self.world.request(node_code, "POST", url, headers, urlencode(form).encode(), door="pages")
        return answer.status, answer.body


@dataclass
class Source:
    """The demo's identity source without a socket. Whoever it knows as slow is answered when asked the third time."""

    silent: bool = False
    asked: list[str] = field(default_factory=list)  # numbers
    register: Register = field(default_factory=Register)

    def ask(
        self, name: str, id_type: str, id_number: str, beside: identity_source.Beside | None = None
    ) -> identity_source.Answer:
        self.asked.append(id_number)
        pace = self.register.pace(id_number)
        if self.silent or pace == "down" or (pace == "slow" and self.asked.count(id_number) < 3):
            raise identity_source.SourceSilent("told to be")
        return self.register.answer(name, id_number, beside)


@dataclass
class Telephones:
    """Whoever is sent a text message has it here, unless nobody carries them."""

    received: list[tuple[str, str]] = field(default_factory=list)  # number, words
    silent: bool = False

    def send(self, phone: str, words: str) -> None:
        if self.silent:
            raise NotSent("told to be")
        self.received.append((phone, words))

    def code(self) -> str:
        """The digits in the latest message."""
        found = re.search("[0-9]{6}", self.received[-1][1])
        assert found is not None
        return found[0]


class World:
    """The nodes of the demo's plan under another name, each with its own database and folder."""

    ROLE, PASSWORD = "tongban_test", "test"  # one role for all: that nodes are kept apart is tested with the server

    def __init__(self, server: Server, template: str, name: str, homes: Path) -> None:
        self.server, self.template, self.name = server, template, name
        self.places = Places(homes)
        self.nodes: dict[str, Node] = {node.code: node for node in self.places.nodes()}
        self.network = Network(self)
        self.source = Source()
        self.telephones = Telephones()
        self.resting = set(RESTING)
        self.clock = Clocks(START)
        self._handlers: dict[str, Application] = {}

    # Making and ending

    def found(self) -> None:
        """Make databases, keys and the trust list, and load what each node begins with."""
        shutil.rmtree(self.places.data, ignore_errors=True)
        certificates.authority(self.places.certificates)
        for node in self.nodes.values():
            self._make_home(node)
            self._make_database(node, self.template)
        with clock.running(self.clock):
            for node in self.nodes.values():
                with at(node):
                    new_keys.make(node, self.clock.now())
            for node in self.nodes.values():
                with at(node):
                    self._join(node)
            for node in self.nodes.values():
                with at(node):
                    content.load(node, lambda *_: None)
            self.settle()

    def _join(self, node: Node) -> None:
        if node.code == node.hub:
            federation.sign(self.places, self.clock.now())
        else:
            federation.accept(self.places, self.clock.now())

    @property
    def is_there(self) -> bool:
        """Whether all its databases are."""
        return all(self.server.exists(self._database(node)) for node in self.nodes.values())

    def copy(self, name: str, homes: Path) -> "World":
        """The same nodes once more, to be changed freely."""
        shutil.rmtree(homes, ignore_errors=True)
        shutil.copytree(self.places.data, homes)
        made = World(self.server, self.template, name, homes)
        made.clock = Clocks(self.clock.now())
        for code, node in self.nodes.items():
            made._make_database(made.nodes[code], self._database(node))
        return made

    def lent(self) -> "World":
        """The same databases and folders, with a clock and a network of its own."""
        made = copy(self)
        made.clock, made.network, made.source = Clocks(self.clock.now()), Network(made), Source()
        made.telephones = Telephones()
        return made

    def rest(self) -> None:
        """Leave the databases, so that they can be copied."""
        for code in self.nodes:
            self.detach(code)

    def end(self) -> None:
        """Drop databases and folders."""
        self.rest()
        for node in self.nodes.values():
            self.server.drop(self._database(node))
        shutil.rmtree(self.places.data, ignore_errors=True)

    @contextmanager
    def running(self) -> Iterator["World"]:
        """Let this world's clock run, and its databases be the ones of its nodes; every test begins alike."""
        self.resting = set(RESTING)
        with ExitStack() as stack:
            stack.enter_context(clock.running(self.clock))
            forget_items()
            forget_types()
            forget_history()
            for node in self.nodes.values():
                self.attach(node.code)
                with at(node):
                    forget()
                    forget_names()
            yield self

    def _make_home(self, node: Node) -> None:
        node.secrets.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in ("django", "kek", "index"):
            locks.keep(node, name, secrets.token_bytes(32))

    def _make_database(self, node: Node, template: str) -> None:
        self.server.drop(self._database(node))
        self.server.clone(template, self._database(node), self.ROLE)
        self.attach(node.code)

    def _database(self, node: Node) -> str:
        return f"{self.name}_{node.code}"

    def attach(self, code: str) -> None:
        """Make this world's database the one that the node's code means."""
        name = self._database(self.nodes[code])
        if connecting.attached(code) != name:
            connecting.attach(code, database(self.server.url(name, self.ROLE, self.PASSWORD)))

    def detach(self, code: str) -> None:
        """Close the node's connection."""
        connecting.detach(code)

    # Living

    @contextmanager
    def at(self, code: str) -> Iterator[Node]:
        """Work as one of the nodes."""
        with at(self.nodes[code]):
            yield self.nodes[code]

    def code_at(self, url: str) -> str:
        """Which node answers at this address, pages or exchange."""
        port = urlsplit(url).port
        for node in self.nodes.values():
            if port in (urlsplit(node.address).port, urlsplit(node.dial).port):
                return node.code
        raise Unreachable(why="nobody there")

    def request(
        self, code: str, method: str, url: str, headers: Mapping[str, str], body: bytes, *, door: str
    ) -> Answer:
        """Put a request to a node's WSGI application."""
        said: list[tuple[str, list[tuple[str, str]]]] = []
        _spare_transactions()
        with at(self.nodes[code]), self._door(door):
            start = cast(Any, lambda status, headers, *_: said.append((status, headers)))
            answered = self._handler(door)(environ(method, url, headers, body), start)
            data = b"".join(answered)
            if hasattr(answered, "close"):
                answered.close()
        ((status, told),) = said
        return Answer(int(status.split()[0]), data, dict(told).get("Content-Type", ""))

    def _door(self, door: str) -> override_settings:
        urls = "tongban.config.urls" if door == "pages" else "tongban.config.urls_exchange"
        return override_settings(
            ROOT_URLCONF=urls, MIDDLEWARE=PAGES if door == "pages" else PAGES[:2], TONGBAN_DOOR=door
        )

    def _handler(self, door: str) -> Application:
        if door not in self._handlers:
            self._handlers[door] = WSGIHandler() if door == "pages" else Peers(WSGIHandler())
        return self._handlers[door]

    def settle(self, rounds: int = 50) -> None:
        """Let every node do what is due until nothing is."""
        for _ in range(rounds):
            if not sum(self.work(code) for code in self.nodes):  # every node has its turn
                return
        raise AssertionError("the world does not come to rest")

    def duties(self, code: str) -> list[Duty]:
        """What the worker of a node does, over this world's network."""
        with at(self.nodes[code]):
            return duties(self.network, self.network, self.source, self.telephones)

    def work(self, code: str) -> bool:
        """One round of a node's duties that have work, senders first. Whether anything was done."""
        did = False
        with at(self.nodes[code]):
            if is_recovering():
                return exchange.recover_once(self.clock.now(), self.network)
            watched = [duty for duty in self.duties(code) if duty.due and duty.name not in self.resting]
            if not seen(watched, self.clock.now()):
                watched = []  # most nodes are at rest most of the time
            for duty in sorted(watched, key=lambda each: not each.name.startswith("send")):
                while seen([duty], self.clock.now()) and duty.once(self.clock.now()):
                    did = True
                    if duty.name != "apply":
                        break
            sequence_once(self.clock.now(), keys.signer())
        return did

    def pass_time(self, by: timedelta) -> None:
        """Move the clock on."""
        self.clock.advance(by)


def _spare_transactions() -> None:
    """Django's own cleaning around a request would end a transaction that a test will undo.

    Its test client brings it back every time; tests.ground cleans with more care.
    """
    for around in (request_started, request_finished):
        around.disconnect(close_old_connections)


def environ(method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, object]:
    """A WSGI request."""
    parts = urlsplit(url)
    made: dict[str, object] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": unquote(parts.path, "latin-1"),
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname,
        "SERVER_PORT": str(parts.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": BytesIO(body),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "wsgi.version": (1, 0),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": parts.netloc,
    }
    for name, value in headers.items():
        key = name.upper().replace("-", "_")
        made[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] = value
    return made


def altered(sent: Sent, **changes: object) -> Sent:
    """The same request with something else in it."""
    return replace(sent, **changes)  # type: ignore[arg-type]
