# SPDX-License-Identifier: Apache-2.0
"""Bodies arrive whole, bounded and timed, whoever sends them how slowly."""

import io
import multiprocessing
import socket
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from granian import Granian
from granian.constants import HTTPModes, Interfaces

from tongban.config.bodies import Bodies

HELD = 20  # half-sent uploads


def echo(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answers how much it was given."""
    start_response("200 OK", [])
    return [f"{environ.get('CONTENT_LENGTH')} {len(environ['wsgi.input'].read())}".encode()]


application = Bodies(echo)


class Slow(io.RawIOBase):
    """A sender that says a little and then nothing, until let go."""

    def __init__(self) -> None:
        self.let_go = threading.Event()

    def read(self, size: int = -1) -> bytes:
        self.let_go.wait(10)
        return b""


def post(bodies: Bodies, source: Any, length: int | None) -> tuple[str, bytes]:
    said: list[str] = []
    environ = {"REQUEST_METHOD": "POST", "wsgi.input": source}
    if length is not None:
        environ["CONTENT_LENGTH"] = str(length)
    told = b"".join(bodies(environ, lambda status, headers: said.append(status)))
    return said[0], told


def test_the_application_reads_what_was_sent() -> None:
    assert post(Bodies(echo), io.BytesIO(b"x" * 500_000), 500_000) == ("200 OK", b"500000 500000")


def test_a_body_without_a_length_gets_one() -> None:
    assert post(Bodies(echo), io.BytesIO(b"abc"), None) == ("200 OK", b"3 3")


@pytest.mark.parametrize("length", [101, None], ids=["announced", "not announced"])
def test_a_body_that_is_too_long_is_refused(length: int | None) -> None:
    status, told = post(Bodies(echo, limit=100), io.BytesIO(b"x" * 101), length)

    assert status.startswith("413")
    assert told.decode() == "提交的内容太大。"


def test_a_body_that_does_not_arrive_is_given_up() -> None:
    slow = Slow()

    assert post(Bodies(echo, seconds=0.2), slow, 100)[0].startswith("408")
    slow.let_go.set()


def test_when_too_many_are_slow_the_next_is_told_to_come_back() -> None:
    bodies, slow = Bodies(echo, seconds=0.2, readers=1), Slow()

    assert post(bodies, slow, 100)[0].startswith("408")
    assert post(bodies, io.BytesIO(b"x"), 1)[0].startswith("503")
    slow.let_go.set()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A real server with the threads of the pages."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = int(free.getsockname()[1])
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(number,))
    server.start()
    until = time.monotonic() + 60
    while not answers(number) and time.monotonic() < until:
        time.sleep(0.1)
    yield number
    server.terminate()
    server.join(20)


def serve(port: int) -> None:
    Granian(
        f"{__name__}:application",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        blocking_threads=32,
    ).serve()


def answers(port: int) -> bytes:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5) as page:
            page.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            return page.recv(100)
    except OSError:
        return b""


def test_pages_answer_while_twenty_uploads_are_half_sent(port: int) -> None:
    held = []
    for _ in range(HELD):
        upload = socket.create_connection(("127.0.0.1", port))
        upload.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\nhalf")
        held.append(upload)

    pages = [answers(port) for _ in range(20)]

    assert all(page.startswith(b"HTTP/1.1 200") for page in pages)
    for upload in held:
        upload.close()
