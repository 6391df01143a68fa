# SPDX-License-Identifier: Apache-2.0
"""kill -9 of every process at every step of a case between two nodes, while other people are at work."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import psycopg
import pytest

from tests.crash_matrix import invariants
from tests.journeys.running import Demo, wait_until
from tests.journeys.walking import HUNAN, LANZHOU, walk
from tongban.config import home
from tongban.demo.browser import Unexpected
from tongban.standards import clock

GANSU, CHANGSHA = "620000", "430000"
WHOLE = ["submit", "offer", "take", "accept", "sign_step", "examine", "grant", "issue", "deliver"]
PATIENCE = 60.0  # seconds for a step to come
# Each step by the node where it shows first, and what shows it. All are counted from the beginning of the cell.
STEPS = {
    "submit": (GANSU, "SELECT count(*) FROM cases_number"),
    "collect": (GANSU, "SELECT count(*) FROM exchange_outbox WHERE kind = 'case.opened'"),
    "deliver": (GANSU, "SELECT count(*) FROM exchange_outbox WHERE kind = 'case.opened' AND batch_id IS NOT NULL"),
    "receive": (CHANGSHA, "SELECT count(*) FROM exchange_inbox WHERE kind = 'case.opened'"),
    "apply": (CHANGSHA, "SELECT count(*) FROM cases_case"),
    "take": (CHANGSHA, "SELECT count(*) FROM exchange_outbox WHERE kind = 'case.moved'"),
    "move": (CHANGSHA, "SELECT count(*) FROM cases_event WHERE move = 'accept'"),
    "paper": (CHANGSHA, "SELECT count(*) FROM licences_licence WHERE NOT is_notice"),
    "fetch file": (GANSU, "SELECT count(*) FROM exchange_wanted"),
    "answer": (GANSU, "SELECT count(*) FROM cases_event WHERE move = 'deliver'"),
}
PROCESSES = [(node, name) for node in (GANSU, CHANGSHA) for name in ("web", "exchange", "worker")]


@dataclass
class Striker:
    """Looks for a step and kills when it shows."""

    demo: Demo
    step: str
    pid: int
    struck: bool = False

    def run(self) -> None:
        """A look every few milliseconds."""
        node, question = STEPS[self.step]
        end = clock.monotonic() + PATIENCE
        with psycopg.connect(home.read(self.demo.nodes[node].home).database_url, autocommit=True) as connection:
            before = connection.execute(question.encode()).fetchone()
            while clock.monotonic() < end:
                if connection.execute(question.encode()).fetchone() != before:
                    os.kill(self.pid, signal.SIGKILL)
                    self.struck = True
                    return
                time.sleep(0.003)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Beside what the block does."""
        thread = threading.Thread(target=self._run, name="striker")
        thread.start()
        time.sleep(0.05)  # its first look is the state before
        yield
        thread.join(PATIENCE)

    def _run(self) -> None:
        with suppress(psycopg.Error):  # it has killed the server that it asks
            self.run()


@pytest.fixture(scope="module")
def load(demo: Demo) -> Iterator[list[str]]:
    """Somebody else applies and is served at Lanzhou, again and again; nothing of theirs may fail for good."""
    stop, ended, failed = threading.Event(), list[str](), list[str]()

    def go_on() -> None:
        while not stop.is_set():
            other = walk(demo, LANZHOU)
            try:
                other.submit(other.begin())
                other.end()
                ended.append(other.receipt)
            except (Unexpected, OSError) as why:
                failed.append(str(why))

    thread = threading.Thread(target=go_on, name="load")
    thread.start()
    yield ended
    stop.set()
    thread.join(120)
    assert failed == []


def struck(demo: Demo, step: str, pid: int | None, load: list[str]) -> dict[str, object]:
    """One case from beginning to end, with one death on its way. How long it took."""
    assert pid
    began, others = clock.monotonic(), len(load)
    before = demo.count(CHANGSHA, "cases_case")
    striker = Striker(demo, step, pid)
    story = walk(demo, HUNAN)
    page = story.begin()
    with striker.watching():
        story.submit(page)
        lines = story.end()
    assert striker.struck
    assert [line.move for line in lines] == WHOLE
    invariants.require(demo, (GANSU, CHANGSHA))
    assert demo.count(CHANGSHA, "cases_case") == before + 1
    return {"seconds": round(clock.monotonic() - began, 1), "others served meanwhile": len(load) - others}


@pytest.mark.slow
@pytest.mark.parametrize(("node", "name"), PROCESSES)
@pytest.mark.parametrize("step", STEPS)
def test_a_killed_process_loses_nothing(
    demo: Demo,
    load: list[str],
    step: str,
    node: str,
    name: str,
    record_property: Callable[[str, object], None],
) -> None:
    wait_until(lambda: demo.pid(node, name), lambda: f"{node} {name} is dead")
    pid = demo.pid(node, name)
    note(record_property, step, f"{node} {name}", struck(demo, step, pid, load))
    wait_until(lambda: demo.pid(node, name) not in (pid, None), lambda: f"{node} {name} is still dead")


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_a_killed_database_loses_nothing(
    demo: Demo, load: list[str], step: str, record_property: Callable[[str, object], None]
) -> None:
    wait_until(lambda: demo.server.pid, lambda: "the database is dead")
    note(record_property, step, "PostgreSQL", struck(demo, step, demo.server.pid, load))


@pytest.mark.slow
def test_the_diaries_are_whole_after_all_of_it(demo: Demo) -> None:
    demo.settle()
    invariants.require_ledgers(demo, (GANSU, CHANGSHA))


def note(record: Callable[[str, object], None], step: str, killed: str, told: dict[str, object]) -> None:
    """One row of the table of results."""
    for name, value in {"step": step, "killed": killed, **told}.items():
        record(name, value)
