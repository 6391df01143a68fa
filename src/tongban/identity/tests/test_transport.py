# SPDX-License-Identifier: Apache-2.0
"""How the worker reaches a home node's pages: over real HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest

from tongban.identity.tests.federation import Peer, join
from tongban.identity.transport import LONGEST, NoAnswer, PageTransport, dialled
from tongban.standards.node import Node

AT = datetime(2026, 5, 6, 9, 0, tzinfo=UTC)


class Listener(BaseHTTPRequestHandler):
    """Says what it heard; /away redirects, /endless never stops."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.send_response(302 if self.path == "/away" else 200)
        self.send_header("Location", "http://evil.example/")
        self.end_headers()
        if self.path == "/endless":
            self.wfile.write(b"x" * (LONGEST * 4))
        else:
            self.wfile.write(f"{self.headers['Host']} {self.path} {parse_qs(body)['code'][0]}".encode())

    def log_message(self, *_: object) -> None:
        """Tests are quiet."""


class Listening(Peer):
    """A peer whose pages really listen."""

    port = 0

    @property
    def address(self) -> str:
        return f"http://{self.code}.localhost:{self.port}"


@pytest.fixture
def peer(empty: Node) -> Iterator[Peer]:
    server = HTTPServer(("127.0.0.1", 0), Listener)
    Thread(target=server.serve_forever, daemon=True).start()
    Listening.port = server.server_port
    found = Listening("620000", "甘肃省节点", "62")
    join(AT, found)
    yield found
    server.shutdown()
    server.server_close()


def test_a_name_under_localhost_is_dialled_on_the_loopback() -> None:
    assert dialled("http://430000.localhost:8001") == ("http://127.0.0.1:8001", "430000.localhost:8001")
    assert dialled("https://hn.example") == ("https://hn.example", "hn.example")


def test_a_form_arrives_at_the_node_that_is_named(peer: Peer) -> None:
    status, body = PageTransport().post_form("620000", "/oidc/token", {"code": "张 & c"})

    assert (status, body.decode()) == (200, f"620000.localhost:{Listening.port} /oidc/token 张 & c")


def test_a_redirect_is_not_followed_and_an_endless_answer_is_cut(peer: Peer) -> None:
    assert PageTransport().post_form("620000", "/away", {"code": "c"})[0] == 302
    assert len(PageTransport().post_form("620000", "/endless", {"code": "c"})[1]) <= LONGEST


def test_a_node_that_is_not_there_gives_no_answer(empty: Node) -> None:
    Listening.port = 9  # discard: nothing listens
    join(AT, Listening("620000", "甘肃省节点", "62"))

    with pytest.raises(NoAnswer):
        PageTransport().post_form("620000", "/oidc/token", {"code": "c"})
