# SPDX-License-Identifier: Apache-2.0
"""The demo's identity source: says of invented people whether name and number belong together. A process of its own.

Some of its people are there to be tried out: one is answered slowly, one not at all; see data/README.md.
"""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tongban.demo import certificates, people
from tongban.demo.plan import SOURCE, places
from tongban.demo.telephones import Telephones
from tongban.identity.sms import PATH as SMS
from tongban.identity.source import PATH, Answer, Beside
from tongban.standards import clock

SLOW = 8.0  # seconds from the first question to the answer
KEPT = 60.0  # seconds that a slow answer stays ready; then it is slow again
LONGEST = 4 * 1024  # bytes of a question
HOST = "127.0.0.1"
SIGNATURE = "application/pkcs7-signature"


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
    belongs: dict[str, tuple[str, str]] = field(default_factory=lambda: dict(_belonging()))
    ready: dict[str, float] = field(default_factory=dict)  # when a slow answer will be there

    def answer(self, name: str, id_number: str, beside: Beside | None = None) -> Answer:
        """Whether they belong together, and whoever is named beside them to them."""
        found = self.known.get(id_number)
        if found is None:
            return Answer.UNKNOWN
        theirs = beside is None or self.belongs.get(id_number) == (beside.name, beside.id_number)
        return Answer.MATCH if found.name == name and theirs else Answer.MISMATCH

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
    rows += [(row["code"], Registered(row["name"], "")) for row in people.rows("companies.csv")]
    rows += [(row["id_number"], Registered(row["name"], "")) for row in people.rows("wards.csv")]
    return rows + [(row["id_number"], Registered(row["name"], row["pace"])) for row in people.rows("identity.csv")]


def _belonging() -> Iterator[tuple[str, tuple[str, str]]]:
    """By number of a company its legal representative, by number of a child the guardian: name and number."""
    names = {one.id_number: one.name for one in people.PEOPLE}
    for row in people.rows("companies.csv"):
        yield row["code"], (row["representative"], row["representative_number"])
    for row in people.rows("wards.csv"):
        yield row["id_number"], (names[row["guardian"]], row["guardian"])


class Answers(BaseHTTPRequestHandler):
    """POST /verify {name, id_type, id_number, beside?} is answered {result}; GET /healthz says that we are there.

    Beside it the gateway of text messages: POST /sms takes one, GET /sms shows them. And everybody's digital
    certificate: GET /certificates asks what is to be signed by whom, POST signs it.
    """

    protocol_version = "HTTP/1.1"
    timeout = 30  # seconds without a word on a connection
    register: Register
    telephones: Telephones
    certificates: Path | None

    def do_GET(self) -> None:
        if self.path == SMS:
            return self._send(200, "text/html; charset=utf-8", self.telephones.page())
        if self.path == certificates.PATH:
            return self._send(200, "text/html; charset=utf-8", certificates.page())
        self._say(200 if self.path == "/healthz" else 404, {})

    def do_POST(self) -> None:
        if self.path == SMS:
            return self._say(202 if self.telephones.take(self._body() or b"") else 400, {})
        if self.path == certificates.PATH and self.certificates is not None:
            made = certificates.signed(self.certificates, self._body() or b"")
            return self._send(200, SIGNATURE, made) if made else self._say(400, {})
        asked = self._asked()
        if self.path != PATH or asked is None:
            self.close_connection = True
            return self._say(400, {"error": "bad_request"})
        number = asked["id_number"]
        if self.register.pace(number) == "down":
            self.close_connection = True  # without a word
            return None
        time.sleep(self.register.wait(number))
        return self._say(200, {"result": self.register.answer(asked["name"], number, _beside(asked))})

    def _asked(self) -> dict[str, Any] | None:
        """The question; None when it is none."""
        try:
            said: Any = json.loads(self._body() or b"")
        except ValueError:
            return None
        whole = isinstance(said, dict) and all(isinstance(said.get(name), str) for name in ("name", "id_number"))
        return said if whole else None

    def _body(self) -> bytes | None:
        """What was sent; None when it is too long or does not say how long it is."""
        length = self.headers.get("Content-Length", "")
        return self.rfile.read(int(length)) if length.isdecimal() and int(length) <= LONGEST else None

    def _say(self, status: int, told: dict[str, str]) -> None:
        self._send(status, "application/json", json.dumps(told).encode())

    def _send(self, status: int, kind: str, body: bytes) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            if kind == SIGNATURE:
                self.send_header("Content-Disposition", 'attachment; filename="signature.p7s"')
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # whoever asked has gone: they will ask again

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: questions are about people."""


def _beside(asked: dict[str, Any]) -> Beside | None:
    said = asked.get("beside")
    return Beside(str(said.get("name")), str(said.get("id_number"))) if isinstance(said, dict) else None


def server(port: int, register: Register | None = None, certificates: Path | None = None) -> ThreadingHTTPServer:
    """Ready to serve on the loopback; port 0 takes any."""
    shared = {"register": register or Register(), "telephones": Telephones(), "certificates": certificates}
    handler = type("Asked", (Answers,), shared)
    return ThreadingHTTPServer((HOST, port), handler)


if __name__ == "__main__":
    server(places().port + SOURCE, certificates=places().certificates).serve_forever()
