# SPDX-License-Identifier: Apache-2.0
"""The nodes that are measured: the demo's five in a folder of their own, on ports of their own."""

import json
import os
import shutil
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import IO, Any, Literal

import psycopg

from bench.secured import Secured, make
from tongban.config import home as homes
from tongban.database.server import Server
from tongban.demo import processes, setup
from tongban.demo.plan import NODES
from tongban.demo.telling import Telling
from tongban.standards import clock
from tongban.standards.node import Node

ROOT = Path(__file__).parent.parent
FIRST_PORT = 18000
# So that no checkpoint falls into one round and not into the other; durability is the product's own.
SETTINGS = {"shared_buffers": "512MB", "max_wal_size": "8GB", "checkpoint_timeout": "30min"}
SPARE = 10  # ports for baselines, above the exchange's
READY_WITHIN = 120.0  # seconds
# Jilin speaks SM2 in the demo; here Hebei does too, so that a pair speaks nothing else.
PLANNED = tuple(replace(node, suite="sm2") if node.code == "130000" else node for node in NODES)
Door = Literal["pages", "exchange"]


class NotReady(Exception):
    """A process did not answer in time; the text is the end of its log."""


class Running:
    """One process of ours, ended when it is no longer needed."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.log = log
        self._file: IO[bytes] = log.open("ab")
        self._process = subprocess.Popen(
            command,
            env=dict(environment),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self._file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def until_ready(self, line_to: Callable[[], HTTPConnection]) -> None:
        """Wait until it answers: a server listens before the application behind it is loaded."""
        until = clock.monotonic() + READY_WITHIN
        while clock.monotonic() < until and self._process.poll() is None:
            with suppress(OSError, HTTPException), closing(line_to()) as line:
                line.request("GET", "/healthz")
                if line.getresponse().status == 200:
                    return
            time.sleep(0.1)
        raise NotReady(self.log.read_text(errors="replace")[-2000:])

    def end(self) -> None:
        """Ask it to stop; kill what is left of its group."""
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(10)
        processes.end(self._process.pid)
        self._process.wait()
        self._file.close()


class Federation:
    """Prepares nodes and runs processes of theirs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.places = Secured(folder, _free_ports(), PLANNED)
        self.server = Server(self.places.database, settings=SETTINGS)
        self._running: list[Running] = []

    def prepare(self, telling: Telling) -> None:
        """Databases, keys, trust list, content: as the demo does it."""
        self.server.ensure()
        make(self.places.tls)
        for node in self.places.nodes():
            self._found(node)
        setup.prepare(self.places, telling)

    def _found(self, node: Node) -> None:
        """Give a node its keys, as an operator would; the demo keeps what it finds."""
        said = {name: getattr(node, name) for name in ("code", "name", "suite", "address", "dial", "hub")}
        words = [word for name, value in said.items() for word in (f"--{name}", str(value))]
        subprocess.run(
            [sys.executable, "-m", "tongban.cli", "node", "init", "--home", str(node.home), *words],
            env=self.environment(node.code) | {"TONGBAN_DATABASE_URL": "postgresql:///none"},
            check=True,
            capture_output=True,
        )

    def end(self) -> None:
        """Stop everything and delete what was made."""
        self.stop()
        self.server.remove()
        shutil.rmtree(self.folder, ignore_errors=True)

    def stop(self, *wanted: Running) -> None:
        """End these processes, or all."""
        for one in wanted or tuple(self._running):
            one.end()
            self._running.remove(one)

    def last_words(self) -> str:
        """The ends of all logs, for whoever has to find out why nothing came."""
        ends = {log.name: log.read_text(errors="replace")[-1500:] for log in sorted(self.folder.glob("*.log"))}
        return "\n".join(f"{name}\n{end}" for name, end in ends.items())

    # What is where

    def node(self, code: str) -> Node:
        """A node by its code."""
        return next(node for node in self.places.nodes() if node.code == code)

    def port(self, code: str, door: Door = "pages") -> int:
        """Where a node answers."""
        return self.places.port + (100 if door == "exchange" else 0) + [n.code for n in PLANNED].index(code)

    def spare(self, number: int) -> int:
        """A port for something that is no node."""
        return self.places.port + 100 + len(PLANNED) + number

    def database(self, code: str) -> str:
        """The address of a node's database, as the node itself signs in."""
        return homes.read(self.node(code).home).database_url

    def account(self, code: str, login: str) -> dict[str, str]:
        """A demo person of a node: name, token and so on."""
        told: list[dict[str, str]] = json.loads((self.node(code).home / "demo-accounts.json").read_text("utf-8"))
        return next(one for one in told if one["login"] == login)

    def ask(self, code: str, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Rows of a node's database, read as its owner."""
        with psycopg.connect(self.server.owner_url(f"node_{code}"), autocommit=True) as connection:
            cursor = connection.execute(sql.encode(), values)
            return cursor.fetchall() if cursor.description else []

    # Processes

    def environment(self, code: str, door: str = "pages") -> dict[str, str]:
        """What a process of this node is started with."""
        return setup.environment(self.node(code), self.places, door) | {"PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"}

    def serve(self, code: str, door: Door, *, workers: int = 1, threads: int | None = None) -> Running:
        """Run a door of a node by the product's own server."""
        port = self.port(code, door)
        words = ["bench.serve", door, str(port), str(workers), str(threads or 0)]
        return self._start(words, self.environment(code, door), f"{code}-{door}", port, secured=door == "exchange")

    def work(self, code: str) -> Running:
        """Run the worker of a node."""
        return self._start(["tongban.cli", "node", "worker"], self.environment(code), f"{code}-worker")

    def bare(
        self,
        application: str,
        number: int,
        told: Mapping[str, str],
        *,
        workers: int,
        threads: int,
        secured: bool = False,
    ) -> Running:
        """Run one of our bare applications under the same server, with nothing of the product around it."""
        tls = [str(self.places.tls.certificate), str(self.places.tls.key)] if secured else []
        port = self.spare(number)
        words = ["bench.bare", application, str(port), str(workers), str(threads), *tls]
        plain = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **setup.STARTING, **told}
        return self._start(words, plain, f"bare-{application}", port, secured=secured)

    def _start(
        self,
        words: Sequence[str],
        environment: Mapping[str, str],
        name: str,
        port: int = 0,
        *,
        secured: bool = False,
    ) -> Running:
        started = Running([sys.executable, "-m", *words], environment, self.folder / f"{name}.log")
        self._running.append(started)
        if port:
            started.until_ready(partial(self._secured if secured else _plain, port))
        return started

    def _secured(self, port: int) -> HTTPSConnection:
        trusting = ssl.create_default_context(cafile=self.places.tls.certificate)
        return HTTPSConnection("127.0.0.1", port, timeout=10, context=trusting)


def _plain(port: int) -> HTTPConnection:
    return HTTPConnection("127.0.0.1", port, timeout=10)


def _free_ports() -> int:
    """The first port of a stretch that nobody listens on."""
    for first in range(FIRST_PORT, 30000, 200):
        wanted = [*range(first, first + len(PLANNED)), *range(first + 100, first + 100 + len(PLANNED) + SPARE)]
        if all(map(processes.is_free, wanted)):
            return first
    raise NotReady("没有空闲的端口")
