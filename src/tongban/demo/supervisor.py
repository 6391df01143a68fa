# SPDX-License-Identifier: Apache-2.0
"""Runs the nodes of the demo side by side: starts, watches, restarts and ends their processes."""

import fcntl
import http.client
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from types import FrameType
from typing import Any

from tongban.database.server import Server
from tongban.demo import child, processes, setup, status, welcome
from tongban.demo.plan import Places
from tongban.demo.telling import Telling
from tongban.standards import clock
from tongban.standards.node import Node

COMMANDS: Mapping[str, Sequence[str]] = {
    "web": ("-m", "tongban.cli", "node", "serve", "pages"),
    "exchange": ("-m", "tongban.cli", "node", "serve", "exchange"),
    "worker": ("-m", "tongban.cli", "node", "worker"),
}
SHARED: Mapping[str, Sequence[str]] = {  # what belongs to no node
    "identity_source": ("-m", "tongban.demo.identity_source"),
}
LOOK = 0.2  # seconds between two looks at the children
LONGEST_WAIT = 10.0  # seconds between two starts of a child that keeps dying
STEADY = 30.0  # seconds of life after which a child's earlier deaths are forgotten
READY_WITHIN = 90.0  # seconds for all nodes together
STOP_WITHIN = 8.0  # seconds before a child that does not stop is killed
LOG_LIMIT = 5_000_000  # bytes of a log before it is put aside at a start


class DemoFailure(Exception):
    """The demo cannot go on; the sentence says why."""


@dataclass
class Child:
    """One process, with what is needed to start it again."""

    owner: str  # code of its node; empty when it belongs to none
    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    process: ForkServerProcess | None = None
    restarts: int = 0
    deaths: int = 0  # in a row
    born: float = 0.0
    due: float = 0.0  # when to start it next, while it is dead

    @property
    def called(self) -> str:
        """What a person reads."""
        return f"节点 {self.owner} 的 {self.name}" if self.owner else self.name

    def start(self) -> None:
        """Start it; its output goes to its log."""
        self.born = clock.monotonic()
        self.process = child.start(f"{self.owner} {self.name}".strip(), self.command, self.environment, self.log)

    def look(self) -> None:
        """Notice a death, end what it left behind, and start it again when it is time."""
        if self.process is not None:
            if self.process.is_alive():
                return
            processes.end(self.process.pid)  # a web server's own child would keep the port
            steady = clock.monotonic() - self.born > STEADY
            self.deaths = 1 if steady else self.deaths + 1
            self.due = clock.monotonic() + min(LONGEST_WAIT, 0.1 * 2**self.deaths)
            self.process = None
        if clock.monotonic() >= self.due:
            self.restarts += 1
            self.start()

    def last_words(self) -> str:
        """The end of its log."""
        return self.log.read_bytes()[-3000:].decode(errors="replace").strip() if self.log.exists() else ""


@dataclass
class Supervisor:
    """One run of the demo, from its lock to its last process."""

    places: Places
    telling: Telling
    commands: Mapping[str, Sequence[str]] = field(default_factory=lambda: COMMANDS)
    prepare: Callable[[Places, Telling], Server] = setup.prepare
    preload: Sequence[str] = ("tongban.demo.preload",)
    shared: Mapping[str, Sequence[str]] = field(default_factory=lambda: SHARED)
    children: list[Child] = field(default_factory=list)
    server: Server | None = None
    state: str = "starting"
    stopping: bool = False
    noted: list[int | None] = field(default_factory=list)  # the processes that were last written down

    def run(self) -> None:
        """Prepare, start and watch until told to stop. DemoFailure, SetupFailure or ServerFailure."""
        self.places.data.mkdir(parents=True, exist_ok=True)
        with self._alone(), self._signals():
            try:
                self._begin()
                while not self.stopping:
                    self._look()
                    time.sleep(LOOK)
            finally:
                self._end()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Only one demo runs in one folder; the lock goes away with the process, however it ends."""
        with self.places.lock.open("a+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise status.AlreadyRunning(status.pid_of(self.places)) from None
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            yield

    @contextmanager
    def _signals(self) -> Iterator[None]:
        before = {s: signal.signal(s, self._told_to_stop) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _told_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.stopping = True
        if number == signal.SIGINT and not self.children:
            raise KeyboardInterrupt  # still preparing: no process of ours to end in order

    def _begin(self) -> None:
        status.forget(self.places)
        processes.end_all(lambda: processes.strays(self.places.data), STOP_WITHIN)
        self._require_ports()
        before = clock.monotonic()
        self.server = self.prepare(self.places, self.telling)
        self._require_ports()  # preparing took a while
        self._start_children()
        self._wait_until_ready()
        self._note("ready")
        self.telling.say(welcome.text(self.places, clock.monotonic() - before))

    def _require_ports(self) -> None:
        """Every port of ours must be free. DemoFailure naming the first that is not, and who has it."""
        for port in self.places.ports():
            if not processes.is_free(port):
                owner = processes.listener(port)
                who = f"，占用它的是 {owner}" if owner else ""
                raise DemoFailure(
                    f"端口 {port} 已被占用{who}。请先结束它，或用 TONGBAN_DEMO_PORT 换一组端口"
                    f"(例如 TONGBAN_DEMO_PORT=9000 make demo)。"
                )

    def _start_children(self) -> None:
        child.nursery(self.preload, {processes.MARK: str(self.places.data), **setup.STARTING})
        self.children += [*self._shared_children(), *self._node_children()]
        for own in self.children:
            _put_aside(own.log)
            own.start()
        self._note(self.state)

    def _node_children(self) -> Iterator[Child]:
        for node in self.places.nodes():
            for name, command in self.commands.items():
                said = setup.environment(node, self.places, "exchange" if name == "exchange" else "pages")
                yield Child(node.code, name, command, said, node.home / "logs" / f"{name}.log")

    def _shared_children(self) -> Iterator[Child]:
        for name, command in self.shared.items():
            yield Child("", name, command, setup.shared_environment(self.places), self.places.data / f"{name}.log")

    def _wait_until_ready(self) -> None:
        """Until every node answers. DemoFailure with the last words of a process that cannot start."""
        waiting = {node.code: node for node in self.places.nodes()}
        until = clock.monotonic() + READY_WITHIN
        with self.telling.running(), self.telling.step("启动节点") as step:
            while waiting and not self.stopping:
                self._look()
                self._require_no_hopeless_child()
                for node in [node for node in waiting.values() if is_ready(node)]:
                    del waiting[node.code]
                    step.at(len(self.places.nodes()) - len(waiting), len(self.places.nodes()), node.code)
                if clock.monotonic() > until:
                    raise DemoFailure(
                        f"节点 {'、'.join(waiting)} 没有在 {READY_WITHIN:.0f} 秒内就绪，请看 "
                        f"{self.places.data}/nodes/*/logs/。"
                    )
                time.sleep(0.1)

    def _require_no_hopeless_child(self) -> None:
        for own in self.children:
            if own.deaths >= 3:
                raise DemoFailure(f"{own.called} 进程无法启动，日志 {own.log}：\n{own.last_words()}")

    def _look(self) -> None:
        for own in self.children:
            own.look()
        if self.server is not None and not self.server.running:
            self.server.ensure()
        if self.noted != self._pids():
            self._note(self.state)

    def _pids(self) -> list[int | None]:
        database = [self.server.pid if self.server else None]
        return database + [own.process.pid if own.process else None for own in self.children]

    def _note(self, state: str) -> None:
        self.state, self.noted = state, self._pids()
        running: dict[str, dict[str, Any]] = {}
        for own in self.children:
            pid = own.process.pid if own.process else None
            running.setdefault(own.owner, {})[own.name] = {"pid": pid, "restarts": own.restarts}
        status.note(self.places, state, os.getpid(), running, self.noted[0])

    def _end(self) -> None:
        """Stop all children together, kill what does not stop, then the database."""
        self.stopping = True
        alive = [own.process for own in self.children if own.process is not None]
        for process in alive:
            process.terminate()
        until = clock.monotonic() + STOP_WITHIN
        for process in alive:
            process.join(max(0.0, until - clock.monotonic()))
            processes.end(process.pid)  # with what it has not ended itself
        if self.server is not None:
            self.server.stop()
        status.forget(self.places)


def is_ready(node: Node) -> bool:
    """Whether the pages of a node say that it can work, and its exchange answers."""
    return _answers(node, node.address, "/readyz") and _answers(node, node.dial, "/healthz")


def _answers(node: Node, address: str, path: str) -> bool:
    host = address.split("//", 1)[1]
    try:
        asked = http.client.HTTPConnection("127.0.0.1", int(host.rsplit(":", 1)[1]), timeout=5)
        asked.request("GET", path, headers={"Host": host})
        return asked.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False


def _put_aside(log: Path) -> None:
    """Begin a new log when the last one has grown long; one old one is kept."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_suffix(".log.1"))
