# SPDX-License-Identifier: Apache-2.0
"""What a node makes of an identity source that is not there or answers oddly: over real HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tests.people import ZHANG
from tongban.identity.source import LONGEST, HttpSource, SourceSilent


@contextmanager
def listening(server: HTTPServer) -> Iterator[HttpSource]:
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield HttpSource(f"http://127.0.0.1:{server.server_port}")
    finally:
        server.shutdown()
        server.server_close()


def test_a_source_that_is_not_there_gives_no_answer() -> None:
    for address in ("", "http://127.0.0.1:9"):  # discard: nothing listens
        with pytest.raises(SourceSilent):
            HttpSource(address).ask(ZHANG.name, "resident_id", ZHANG.id_number)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (503, b'{"result": "match"}'),
        (302, b'{"result": "match"}'),
        (200, b'{"result": "perhaps"}'),
        (200, b'{"result": []}'),
        (200, b'["match"]'),
        (200, b"{}"),
        (200, b"<html>"),
        (200, b"\xff"),
        (200, b'{"result": "match"' + b" " * LONGEST + b"}"),
    ],
)
def test_nothing_is_concluded_from_an_odd_answer(status: int, body: bytes) -> None:
    class Odd(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Location", "http://evil.example/")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Tests are quiet."""

    with listening(HTTPServer(("127.0.0.1", 0), Odd)) as odd, pytest.raises(SourceSilent):
        odd.ask(ZHANG.name, "resident_id", ZHANG.id_number)
