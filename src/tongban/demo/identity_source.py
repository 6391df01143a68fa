# SPDX-License-Identifier: Apache-2.0
"""The demo's identity source: says of invented people whether name and number belong together. A process of its own.

Some of its people are there to be tried out: one is answered slowly, one not at all; see data/README.md.
"""

import json
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tongban.demo import people
from tongban.demo.plan import SOURCE, places
from tongban.identity.source import PATH, Answer
from tongban.standards import clock

SLOW = 8.0  # seconds from the first question to the answer
KEPT = 60.0  # seconds that a slow answer stays ready; then it is slow again
LONGEST = 4 * 1024  # bytes of a question
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Registered:
    """Somebody the source knows; `pace` is empty, slow or down."""

    name: str
    pace: str


@dataclass
class Register:
    """Everybody the source knows, by number."""

    slow: float = SLOW
    known: dict[str, Registered] = field(default_factory=lambda: dict(_rows()))
    ready: dict[str, float] = field(default_factory=dict)  # when a slow answer will be there

    def answer(self, name: str, id_number: str) -> Answer:
        """Whether they belong together."""
        found = self.known.get(id_number)
        if found is None:
            return Answer.UNKNOWN
        return Answer.MATCH if found.name == name else Answer.MISMATCH

    def pace(self, id_number: str) -> str:
        """How a question about this number is answered: at once (empty), slow, or down: not at all."""
        return self.known[id_number].pace if id_number in self.known else ""

    def wait(self, id_number: str) -> float:
        """Seconds until the answer is there; asking again does not begin anew."""
        if self.pace(id_number) != "slow":
            return 0.0
        at, ready = clock.monotonic(), self.ready.get(id_number)
        if ready is None or at > ready + KEPT:
            ready = self.ready[id_number] = at + self.slow
        return max(0.0, ready - at)


def _rows() -> list[tuple[str, Registered]]:
    """The demo's people, and those who are there to be tried out."""
    rows = [(one.id_number, Registered(one.name, "")) for one in people.PEOPLE]
    return rows + [(row["id_number"], Registered(row["name"], row["pace"])) for row in people.rows("identity.csv")]


class Answers(BaseHTTPRequestHandler):
    """POST /verify {name, id_type, id_number} is answered {result}; GET /healthz says that we are there."""

    protocol_version = "HTTP/1.1"
    timeout = 30  # seconds without a word on a connection
    register: Register

    def do_GET(self) -> None:
        self._say(200 if self.path == "/healthz" else 404, {})

    def do_POST(self) -> None:
        asked = self._asked()
        if self.path != PATH or asked is None:
            self.close_connection = True
            return self._say(400, {"error": "bad_request"})
        number = asked["id_number"]
        if self.register.pace(number) == "down":
            self.close_connection = True  # without a word
            return None
        time.sleep(self.register.wait(number))
        return self._say(200, {"result": self.register.answer(asked["name"], number)})

    def _asked(self) -> dict[str, str] | None:
        """The question; None when it is none."""
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal() or int(length) > LONGEST:
            return None
        try:
            said: Any = json.loads(self.rfile.read(int(length)))
        except ValueError:
            return None
        whole = isinstance(said, dict) and all(isinstance(said.get(name), str) for name in ("name", "id_number"))
        return said if whole else None

    def _say(self, status: int, told: dict[str, str]) -> None:
        body = json.dumps(told).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # whoever asked has gone: they will ask again

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: questions are about people."""


def server(port: int, register: Register | None = None) -> ThreadingHTTPServer:
    """Ready to serve on the loopback; port 0 takes any."""
    handler = type("Asked", (Answers,), {"register": register or Register()})
    return ThreadingHTTPServer((HOST, port), handler)


if __name__ == "__main__":
    server(places().port + SOURCE).serve_forever()
