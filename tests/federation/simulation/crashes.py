# SPDX-License-Identifier: Apache-2.0
"""Processes that are killed at a chosen persistence step, and what is left of them.

All nodes live in one transaction each, which the test undoes. A process that commits nothing loses its savepoint as
it would lose its transaction; a statement outside of any stays, as it would after its commit. Files are written to
the real folder and stay as they are. What a process remembered is forgotten when the next one begins.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections

from tests.federation.simulation.story import Story
from tests.world import World
from tongban.regions.fresh import Fresh
from tongban.standards.node import Node, at, here

WRITES = ("INSERT", "UPDATE", "DELETE", "WITH")
TABLE = re.compile(r'(INSERT INTO|UPDATE|DELETE FROM) "?(\w+)')
FILE_EVENTS = {"os.rename": "renaming a file", "os.remove": "removing a file", "shutil.rmtree": "removing a folder"}


class Crash(BaseException):
    """This process was killed. No code of the product may live on."""

    def __init__(self, node: str, where: str) -> None:
        self.node, self.where = node, where
        super().__init__(f"{node} died {where}")


@dataclass(frozen=True)
class Doom:
    """Which persistence step kills a process, and whether that step is still made."""

    step: int
    after: bool
    away: bool = False  # not the process goes, but its database, for an instant: nobody knows what it kept


@dataclass
class Process:
    """What a node does between two moments at which it may be killed and nobody waits for it."""

    node: str
    doom: Doom | None = None
    steps: int = 0
    where: str = ""  # it died; empty while it lives
    lost: str = ""  # where the database went away, when it did

    @property
    def dead(self) -> bool:
        return bool(self.where)

    def die(self, where: str = "") -> None:
        """Be killed, once; whatever is called on the way out is dead as well."""
        self.where = self.where or where
        raise Crash(self.node, self.where)

    def before(self, what: Callable[[], str], *, asks: bool = False) -> None:
        """A step is about to be made; `asks` the database, outside of a commit."""
        self.steps += 1
        if self.doom is not None and self.doom.step == self.steps and not self.doom.after:
            self._meet(f"before {what()} (step {self.steps})", asks)

    def after(self, what: Callable[[], str], *, asks: bool = False) -> None:
        """A step was made."""
        if self.doom is not None and self.doom.step == self.steps and self.doom.after:
            self._meet(f"after {what()} (step {self.steps})", asks)

    def _meet(self, where: str, asks: bool) -> None:
        if self.doom is not None and self.doom.away:
            if asks:
                self.lost = where
                raise OperationalError(f"the connection was lost {where}")
            return
        self.die(where)


@dataclass
class Crashes:
    """Watches every write of every node."""

    world: World
    story: Story
    running: dict[str, list[Process]] = field(default_factory=dict)
    wrote: set[str] = field(default_factory=set)  # nodes that wrote anything since somebody looked

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Watch until the block ends."""
        with ExitStack() as stack:
            for code, node in self.world.nodes.items():
                with at(node):
                    stack.enter_context(connection.execute_wrapper(self._statement(code)))
                    stack.enter_context(_kept_open(connections[DEFAULT_DB_ALIAS]))
            _listening.append(self)
            stack.callback(_listening.pop)
            yield

    @contextmanager
    def process(self, code: str, doom: Doom | None = None) -> Iterator[Process]:
        """One process of a node. With a doom it dies, at the latest before it can tell anybody what it wrote."""
        process = Process(code, doom)
        self.running.setdefault(code, []).append(process)
        try:
            yield process
            if doom is not None and process.steps and not doom.away:
                process.die("before it could answer")
        except Crash as crash:
            self.story.tell(code, f"  its process dies {crash.where}")
            raise
        finally:
            self.running[code].pop()
            if process.lost:
                self.story.tell(code, f"  its database goes away {process.lost}")
            with at(self.world.nodes[code]):
                connection.needs_rollback = False  # there is no transaction of its own left
            if process.dead:
                begin_anew(self.world.nodes[code])

    def _statement(self, code: str) -> Callable[..., Any]:
        """Stands between Django and the database of a node."""

        def run(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
            process = self._running(code)
            if process is None:
                return execute(sql, params, many, context)
            words = sql if isinstance(sql, str) else bytes(sql[:400]).decode()
            ours = context["connection"]
            if words.startswith(("ROLLBACK TO", "RELEASE")):
                return self._end(process, ours, words, lambda: execute(sql, params, many, context))
            if process.dead:
                process.die()
            if not words.lstrip().startswith(WRITES):
                return execute(sql, params, many, context)
            self.wrote.add(code)
            process.before(lambda: _told(words), asks=True)
            alone = not ours.savepoint_ids
            made = (
                _as_own_transaction(ours, execute, sql, params, many, context)
                if alone
                else execute(sql, params, many, context)
            )
            process.after(lambda: _told(words), asks=True)
            return made

        return run

    def _end(self, process: Process, ours: Any, words: str, execute: Callable[[], Any]) -> Any:
        """The end of a savepoint; of the outermost one it is the commit."""
        if process.dead or ours.savepoint_ids or words.startswith("ROLLBACK"):
            return execute()
        try:
            process.before(lambda: "its commit")
        except Crash:
            ours.connection.execute(words.replace("RELEASE", "ROLLBACK TO"))
            raise
        made = execute()
        process.after(lambda: "its commit")
        return made

    def _running(self, code: str) -> Process | None:
        return self.running[code][-1] if self.running.get(code) else None

    def touched(self, event: str, path: str) -> None:
        """A file of a node is about to change."""
        if not any(self.running.values()) or not path.startswith(str(self.world.places.data)):
            return
        process = self._running(here().code)
        if process is None:
            return
        if process.dead:
            process.die()
        process.before(lambda: event)


@contextmanager
def _kept_open(ours: Any) -> Iterator[None]:
    """After a fault a node looks whether its connection is still good; here it would lose the whole run."""
    ours.close_if_unusable_or_obsolete = lambda: None
    try:
        yield
    finally:
        del ours.close_if_unusable_or_obsolete


def _as_own_transaction(ours: Any, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
    """A statement outside of any transaction: when it fails, only it fails."""
    raw = ours.connection
    raw.execute("SAVEPOINT alone")
    try:
        made = execute(sql, params, many, context)
    except BaseException:
        raw.execute("ROLLBACK TO SAVEPOINT alone")
        raise
    raw.execute("RELEASE SAVEPOINT alone")
    return made


def _told(words: str) -> str:
    found = TABLE.search(words)
    return " ".join(found.groups()) if found else words[:40]


_listening: list[Crashes] = []


def _heard(event: str, args: tuple[Any, ...]) -> None:
    """Python tells of every file that is opened, renamed or removed, whoever does it."""
    if not _listening or (event != "open" and event not in FILE_EVENTS):
        return
    if event == "open":
        _, mode, flags = args
        if not (isinstance(args[0], str) and (flags & 0o3 or (mode and set(str(mode)) & set("wax+")))):
            return
    path = str(args[0])
    _listening[-1].touched(FILE_EVENTS.get(event, "writing a file"), path)


sys.addaudithook(_heard)


def begin_anew(node: Node) -> None:
    """Forget what a process of this node remembered, as the next one would not know it."""
    with at(node):
        for each in _memories():
            if isinstance(each, Fresh):
                each.forget()
            elif isinstance(each, set):
                each.discard(node.code)
            else:
                for key in [key for key in each if key[0] == node.code]:
                    del each[key]


@lru_cache(maxsize=1)
def _memories() -> list[Any]:
    """Everything the product keeps between two acts: values that are looked at anew, tables and sets by node."""
    modules = [module for name, module in sorted(sys.modules.items()) if name.startswith("tongban.")]
    found = {id(value): value for module in modules for name, value in vars(module).items() if _is_memory(name, value)}
    return list(found.values())


def _is_memory(name: str, value: object) -> bool:
    kept = (name.endswith("_kept") and isinstance(value, dict)) or (name == "_serving" and isinstance(value, set))
    return kept or isinstance(value, Fresh)
