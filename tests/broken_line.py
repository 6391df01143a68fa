# SPDX-License-Identifier: Apache-2.0
"""A node's real web process, and a line to it that breaks."""

import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from tests.world import World
from tongban.standards.node import Node

START_WITHIN = 60.0  # seconds, on a machine that does much else
AT_ONCE = 64 * 1024  # bytes
SERVE = "import sys; from pathlib import Path; from tongban.config import home, serve; "
SERVE += "serve.run(home.read(Path(sys.argv[1])), 'pages', port=int(sys.argv[2]))"
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: closing sends RST, and what was on its way is lost


class Web:
    """The web process of a node of a world, with that node's database and folder."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self._process, self.port = process, port

    def memory(self, line: str) -> int:
        """Kilobytes of all its processes together: VmRSS now, VmHWM at most so far."""
        return sum(self._said(pid, line) for pid in self._all(self._process.pid))

    def end(self) -> None:
        """At once: what a broken line left open is not waited for."""
        for pid in list(self._all(self._process.pid)):
            os.kill(pid, signal.SIGKILL)

    def _all(self, pid: int) -> Iterator[int]:
        yield pid
        for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
            for child in tasks.read_text().split():
                yield from self._all(int(child))

    @staticmethod
    def _said(pid: int, line: str) -> int:
        told = Path(f"/proc/{pid}/status").read_text().splitlines()
        return next(int(each.split()[1]) for each in told if each.startswith(f"{line}:"))


@contextmanager
def served(world: World, code: str) -> Iterator[Web]:
    """One node of a world as it runs in service. Its rows must be kept, as those of the fixture `world` are."""
    node, port = world.nodes[code], free_port()
    _describe(node, world.server.url(world._database(node), world.ROLE, world.PASSWORD))
    said = {**os.environ, "TONGBAN_HOME": str(node.home)}
    with subprocess.Popen([sys.executable, "-c", SERVE, str(node.home), str(port)], env=said) as process:
        web = Web(process, port)
        try:
            _wait_for(port)
            yield web
        finally:
            web.end()


def _describe(node: Node, url: str) -> None:
    told = {"code": node.code, "name": node.name, "suite": node.suite, "address": node.address}
    told |= {"dial": node.dial, "hub": node.hub, "database_url": url}
    (node.home / "static").mkdir(exist_ok=True)
    (node.home / "node.toml").write_text("".join(f'{name} = "{value}"\n' for name, value in told.items()))


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _wait_for(port: int) -> None:
    until = time.monotonic() + START_WITHIN
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except OSError:
            assert time.monotonic() < until, "the web process does not answer"
            time.sleep(0.05)
        else:
            return


class Line:
    """Carries bytes to a port and back; behind each of the told bytes on their way there it breaks, both ways."""

    def __init__(self, to: int, breaks: list[int]) -> None:
        self._to, self._breaks, self._carried = to, sorted(breaks), 0
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port, self.broken = int(self._listening.getsockname()[1]), 0
        self._ends: list[socket.socket] = []

    def open(self) -> "Line":
        """Take connections, one after the other, until `close`."""
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def close(self) -> None:
        """End every connection that is still open."""
        for each in (self._listening, *self._ends):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(("127.0.0.1", self._to))
                self._ends += (near, far)
                threading.Thread(target=self._carry, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._carry, args=(far, near, False), daemon=True).start()

    def _carry(self, one: socket.socket, other: socket.socket, there: bool) -> None:
        with suppress(OSError), ExitStack() as ends:
            ends.callback(other.close)
            while data := one.recv(AT_ONCE):
                if there and self._breaks and self._carried + len(data) > self._breaks[0]:
                    other.sendall(data[: self._breaks.pop(0) - self._carried])
                    self._carried, self.broken = self._carried + len(data), self.broken + 1
                    for end in (one, other):
                        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
                        end.close()
                    return
                self._carried += len(data) if there else 0
                other.sendall(data)


@contextmanager
def line(to: int, breaks: list[int]) -> Iterator[Line]:
    """A line of a while."""
    made = Line(to, breaks).open()
    try:
        yield made
    finally:
        made.close()
