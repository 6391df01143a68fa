# SPDX-License-Identifier: Apache-2.0
"""A real demo for journeys: five nodes as processes, in a folder and on ports of their own, the same for all tests."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import psycopg

from tongban.config import home
from tongban.database.server import Server
from tongban.demo import accounts, processes, proofs, setup, status
from tongban.demo.browser import Browser
from tongban.demo.plan import HUB, Places
from tongban.regions.trustlist import TrustList
from tongban.standards import clock
from tongban.standards.node import Node

RUNNING = "TONGBAN_JOURNEYS_AT"  # folder:port of a demo that runs already, for whoever writes a journey
START_WITHIN = 420.0  # seconds, on a machine that does much else
SETTLE_WITHIN = 90.0
FIRST_PORT, LAST_PORT, STEP = 12000, 30000, 210  # below the ports that the kernel hands out


@dataclass(frozen=True)
class Demo:
    """A running demo and what tests ask of it."""

    places: Places

    @property
    def environment(self) -> dict[str, str]:
        """What makes a command mean this demo."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("TONGBAN_")}
        ours = {"TONGBAN_DEMO_DATA": str(self.places.data), "TONGBAN_DEMO_PORT": str(self.places.port)}
        return kept | ours | {"TONGBAN_DEMO_KNOWN": "0"}  # no story needs the others, which keep nodes busy

    def tongban(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one of our commands and wait for its end."""
        command = [sys.executable, "-m", "tongban.cli", *words]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=START_WITHIN, check=False
        )

    def start(self) -> None:
        """Prepare and start it. AssertionError with its last words."""
        done = self.tongban("demo", "up", "--detach")
        assert done.returncode == 0, done.stdout + done.stderr

    def end(self) -> None:
        """Stop it and delete all of it."""
        status.reset(self.places)
        shutil.rmtree(self.places.data.parent, ignore_errors=True)

    # What it is

    @cached_property
    def nodes(self) -> dict[str, Node]:
        return {node.code: node for node in self.places.nodes()}

    @cached_property
    def accounts(self) -> list[dict[str, Any]]:
        return accounts.accounts(self.places)

    def account(self, node: str, login: str) -> dict[str, Any]:
        """Somebody who can sign in at a node."""
        return next(one for one in self.accounts if (one["node"], one["login"]) == (node, login))

    @cached_property
    def listed(self) -> TrustList:
        """The trust list as the hub hands it out, checked by the hub's key."""
        handed = Browser().get(f"{self.nodes[HUB].dial}/exchange/trust-list").body
        return proofs.trust_list(handed, proofs.anchor(proofs.entries(self.places), clock.now()))

    @property
    def server(self) -> Server:
        return Server(self.places.database)

    def pid(self, node: str, name: str) -> int | None:
        """The process of a node by its name: web, exchange or worker; None while it is dead."""
        told = next(one for one in status.report(self.places)["nodes"] if one["code"] == node)
        pid: int | None = told["processes"][name]["pid"]
        return pid

    def logs(self, pattern: str = "*/logs/*") -> list[Path]:
        """What the processes wrote."""
        return sorted((self.places.data / "nodes").glob(pattern))

    # What it holds

    def rows(self, node: str, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask a node's database directly."""
        with psycopg.connect(home.read(self.nodes[node].home).database_url, connect_timeout=10) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def count(self, node: str, table: str) -> int:
        """How many rows a table has."""
        return int(self.rows(node, f"SELECT count(*) FROM {table}")[0][0])

    def backlog(self) -> dict[str, dict[str, int] | None]:
        """What waits at each node; None for a node whose database is shut."""
        return {node["code"]: node["backlog"] for node in status.report(self.places)["nodes"]}

    def settle(self) -> None:
        """Wait until nothing waits anywhere."""
        wait_until(lambda: all(b == {"to_send": 0, "to_apply": 0} for b in self.backlog().values()), self.backlog)

    def tongban_at(self, node: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one of our commands as a node."""
        said = setup.environment(self.nodes[node], self.places)
        command = [sys.executable, "-m", "tongban.cli", *words]
        return subprocess.run(command, env=said, capture_output=True, text=True, timeout=120, check=False)


def wait_until(claim: Callable[[], object], told: Callable[[], object], seconds: float = SETTLE_WITHIN) -> None:
    """Look again and again until it is so. AssertionError with what was told last."""
    end = clock.monotonic() + seconds
    while not claim():
        assert clock.monotonic() < end, told()
        time.sleep(0.1)


@contextmanager
def running() -> Iterator[Demo]:
    """A demo of our own; or the one that the environment names, left as it is."""
    if said := os.environ.get(RUNNING):
        folder, _, port = said.rpartition(":")
        yield Demo(Places(Path(folder), int(port)))
        return
    folder = tempfile.mkdtemp(prefix="tongban-journeys-")
    Path(folder).chmod(0o711)  # the database's user passes through
    demo = Demo(Places(Path(folder) / "data", _free_port()))
    try:
        demo.start()
        yield demo
    finally:
        demo.end()


def _free_port() -> int:
    """The first of a range that nobody uses; other runs on this machine begin elsewhere."""
    start = FIRST_PORT + os.getpid() * STEP % (LAST_PORT - FIRST_PORT)
    while not all(map(processes.is_free, Places(Path(), start).ports())):
        start = FIRST_PORT + (start + STEP - FIRST_PORT) % (LAST_PORT - FIRST_PORT)
    return start
