# SPDX-License-Identifier: Apache-2.0
"""Eight clients that ask as fast as they are answered: wrk where Debian has it, else threads of ours."""

import json
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from tongban.standards import clock

CLIENTS = 8
MARK = "@@"  # in a template: where each request's own value goes
SCRIPT = Path(__file__).parent / "drive.lua"


class BadDrive(Exception):
    """A measurement that measured errors is none."""


@dataclass(frozen=True)
class Driven:
    """What the clients saw."""

    requests: int
    seconds: float
    failed: int  # connections that broke
    refused: int  # answers of 400 and more
    p50: float  # milliseconds
    p95: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


def name() -> str:
    """Which client measures."""
    return f"wrk -t1 -c{CLIENTS}" if shutil.which("wrk") else f"{CLIENTS} 个线程(未安装 wrk)"


def template(method: str, url: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """One HTTP/1.1 request as bytes."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    said = {"Host": parts.netloc, **headers}
    if body or method == "POST":
        said |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    lines = [f"{method} {path} HTTP/1.1", *(f"{key}: {value}" for key, value in said.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def drive(port: int, request: bytes, values: Sequence[str], seconds: float) -> Driven:
    """Ask for so many seconds. BadDrive when anything was refused or broke."""
    with tempfile.TemporaryDirectory(prefix="tongban-bench-") as folder:
        (Path(folder) / "template").write_bytes(request)
        (Path(folder) / "values").write_text("\n".join(values) + "\n", encoding="ascii")
        words = [str(Path(folder) / "template"), str(Path(folder) / "values")]
        driven = _wrk(port, words, seconds) if shutil.which("wrk") else _threads(port, words, seconds)
    if driven.refused or driven.failed or not driven.requests:
        raise BadDrive(f"{driven} 例：{sample(port, request, values)}")
    return driven


def sample(port: int, request: bytes, values: Sequence[str]) -> str:
    """One answer as text, for people who look for what is wrong."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        line.sendall(request.replace(MARK.encode(), values[-1].encode() if values else b""))
        return line.recv(4000).decode(errors="replace")


def _wrk(port: int, words: Sequence[str], seconds: float) -> Driven:
    command = ["wrk", "-t1", f"-c{CLIENTS}", f"-d{seconds:.0f}s", "--timeout", "20s", "-s", str(SCRIPT)]
    said = subprocess.run(
        [*command, f"http://127.0.0.1:{port}/", "--", *words], capture_output=True, text=True, check=True
    ).stdout
    told = next(line for line in said.splitlines() if line.startswith("DRIVEN "))
    requests, micros, failed, refused, p50, p95 = map(int, told.split()[1:])
    return Driven(requests, micros / 1e6, failed, refused, p50 / 1000, p95 / 1000)


def _threads(port: int, words: Sequence[str], seconds: float) -> Driven:
    """The same from a process of its own, so that it does not share an interpreter with anybody."""
    command = [sys.executable, "-m", "bench.client", str(port), *words, str(seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=SCRIPT.parents[1])
    return Driven(**json.loads(done.stdout))


class _Clients:
    """Threads with one connection each; a status of 400 or more is counted, not hidden."""

    def __init__(self, port: int, request: bytes, values: Sequence[bytes], seconds: float) -> None:
        self.port, self.values = port, values
        self.head, _, self.tail = request.partition(MARK.encode())
        self.has_mark = MARK.encode() in request
        self.seconds, self.next = seconds, count()
        self.took: list[float] = []
        self.failed = self.refused = 0

    def run(self) -> Driven:
        began = clock.monotonic()
        threads = [threading.Thread(target=self._ask, args=(began + self.seconds,)) for _ in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        lasted, took = clock.monotonic() - began, sorted(self.took) or [0.0]
        p50, p95 = (took[int(len(took) * share)] * 1000 for share in (0.5, 0.95))
        return Driven(len(self.took), lasted, self.failed, self.refused, p50, p95)

    def _ask(self, until: float) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=20) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while (before := clock.monotonic()) < until and (request := self._request()) is not None:
                try:
                    line.sendall(request)
                    self.refused += _status(line) >= 400
                except (OSError, ValueError):
                    self.failed += 1
                    return
                self.took.append(clock.monotonic() - before)

    def _request(self) -> bytes | None:
        if not self.has_mark:
            return self.head
        place = next(self.next)
        return self.head + self.values[place] + self.tail if place < len(self.values) else None


def _status(line: socket.socket) -> int:
    """Read one answer, with a Content-Length or in chunks. ValueError when it breaks off."""
    data = line.recv(65536)
    while b"\r\n\r\n" not in data:
        data += _more(line)
    head, _, body = data.partition(b"\r\n\r\n")
    _, told, rest = head.lower().partition(b"content-length:")
    length = int(rest.split(b"\r\n", 1)[0]) if told else None
    while len(body) < length if length is not None else not body.endswith(b"0\r\n\r\n"):
        body += _more(line)
    return int(head[9:12])


def _more(line: socket.socket) -> bytes:
    if not (data := line.recv(65536)):
        raise ValueError("the server hung up")
    return data


if __name__ == "__main__":
    wanted, first, second = int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    clients = _Clients(wanted, first.read_bytes(), second.read_bytes().splitlines(), float(sys.argv[4]))
    print(json.dumps(clients.run().__dict__))
