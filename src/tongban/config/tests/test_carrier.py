# SPDX-License-Identifier: Apache-2.0
"""A real server with the carrier: requests reach the application as they were sent, and nobody slow holds a thread."""

import asyncio
import json
import multiprocessing
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from typing import Any

import pytest
from granian import Granian
from granian.constants import HTTPModes, Interfaces

from tongban.config.bodies import FORM, Bodies, Refused
from tongban.config.carrier import Carrier, Environ, Said, Together

THREADS = 2
HELD = 20  # half-sent uploads, or readers who do not read
LONG = 8_000_000  # bytes of an answer: more than the kernel holds for a reader
KEPT = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "CONTENT_LENGTH", "REMOTE_ADDR", "HTTP_HOST", "HTTP_COOKIE")


def echo(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Says what it was asked; or a lot."""
    if environ["PATH_INFO"] == "/long":
        start_response("200 OK", [])
        return iter([b"x" * 1000] * (LONG // 1000))
    told = {name: environ.get(name) for name in KEPT} | {"body": len(environ["wsgi.input"].read())}
    told |= {name: value for name, value in environ.items() if name.startswith("HTTP_X_")}
    start_response("200 OK", [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
    return [json.dumps(told).encode()]


carried = Carrier(echo, bodies=Bodies(seconds=1.0), threads=THREADS)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A real server."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        number = int(free.getsockname()[1])
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(number,))
    server.start()
    until = time.monotonic() + 60
    while not ask(number) and time.monotonic() < until:
        time.sleep(0.1)
    yield number
    server.terminate()
    server.join(20)


def serve(port: int) -> None:
    Granian(
        f"{__name__}:carried",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.RSGI,
        http=HTTPModes.http1,
        websockets=False,
    ).serve()


def ask(port: int, head: str = "GET / HTTP/1.1\r\nHost: x", body: bytes = b"") -> bytes:
    """One request on a connection of its own; nothing when nobody answers."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=30) as one:
            one.sendall(head.encode() + b"\r\nConnection: close\r\n\r\n" + body)
            with one.makefile("rb") as answer:
                return answer.read()
    except OSError:
        return b""


def told(port: int, head: str, body: bytes = b"") -> dict[str, Any]:
    said: dict[str, Any] = json.loads(ask(port, head, body).partition(b"\r\n\r\n")[2])
    return said


def test_the_application_hears_what_was_asked(port: int) -> None:
    head = "POST /%E4%B8%AD/%2F?a=%FF&b HTTP/1.1\r\nHost: here\r\nCookie: a=1\r\nCookie: b=2\r\nContent-Length: 3"

    assert told(port, head, b"abc") == {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/中//".encode().decode("latin-1"),
        "QUERY_STRING": "a=%FF&b",
        "CONTENT_LENGTH": "3",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "here",
        "HTTP_COOKIE": "a=1; b=2",
        "body": 3,
    }


def test_when_too_many_wait_for_a_thread_the_next_is_told_to_come_back() -> None:
    with pytest.raises(Refused) as why:
        asyncio.run(Carrier(echo, queue=0)._answer({}))

    assert why.value.status == 503


def test_a_header_cannot_pass_for_another(port: int) -> None:
    said = told(port, "GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1\r\nX_Forwarded_For: 2\r\nX-Forwarded-For: 3")

    assert said["HTTP_X_FORWARDED_FOR"] == "1,3"


def test_every_cookie_of_an_answer_arrives(port: int) -> None:
    head = ask(port).partition(b"\r\n\r\n")[0].lower()

    assert head.count(b"set-cookie: ") == 2


def test_an_answer_to_head_has_no_body(port: int) -> None:
    assert ask(port, "HEAD / HTTP/1.1\r\nHost: x").partition(b"\r\n\r\n")[2] == b""


def test_a_long_answer_arrives_whole_and_says_its_length(port: int) -> None:
    head, _, body = ask(port, "GET /long HTTP/1.1\r\nHost: x").partition(b"\r\n\r\n")

    assert f"content-length: {LONG}".encode() in head.lower()
    assert body == b"x" * LONG


def test_pages_answer_while_uploads_are_half_sent_and_after_they_were_given_up(port: int) -> None:
    length = FORM + 1
    held = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(HELD)]
    for upload in held:
        upload.sendall(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\nhalf".encode())

    during = [ask(port) for _ in range(HELD)]
    answers = [upload.recv(1000) for upload in held]
    after = [ask(port) for _ in range(HELD)]

    assert all(page.startswith(b"HTTP/1.1 200") for page in (*during, *after))
    assert all(answer.startswith(b"HTTP/1.1 408") and b"retry-after" in answer.lower() for answer in answers)
    for upload in held:
        upload.close()


def test_a_form_that_is_half_sent_is_given_up(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as held:
        held.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
        answer = held.recv(1000)

    assert answer.startswith(b"HTTP/1.1 408")
    assert ask(port).startswith(b"HTTP/1.1 200")


def test_who_goes_away_in_the_middle_of_a_form_leaves_nothing_behind(port: int) -> None:
    for _ in range(HELD):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as gone:
            gone.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")

    assert told(port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3", b"abc")["body"] == 3


def test_pages_answer_while_nobody_reads_long_answers(port: int) -> None:
    held = [socket.create_connection(("127.0.0.1", port), timeout=30) for _ in range(HELD)]
    for reader in held:
        reader.sendall(b"GET /long HTTP/1.1\r\nHost: x\r\n\r\n")

    pages = [ask(port) for _ in range(HELD)]

    assert all(page.startswith(b"HTTP/1.1 200") for page in pages)
    for reader in held:
        reader.close()


class Several:
    """Answers requests together; the first round waits until it is let go."""

    def __init__(self) -> None:
        self.rounds: list[list[str]] = []
        self.began, self.go = threading.Event(), threading.Event()

    def takes(self, environ: Environ) -> bool:
        return True

    def together(self, environs: Sequence[Environ]) -> list[Said]:
        names = [environ["PATH_INFO"] for environ in environs]
        self.rounds.append(names)
        self.began.set()
        self.go.wait(10)
        if "/fault" in names:
            raise ValueError
        return [(200, [], name.encode()) for name in names]


def in_company(several: Several, first: Sequence[str], rest: Sequence[str], gone: str = "") -> list[object]:
    """What each was told: the first come at the same time, the rest while those are answered."""

    async def scenario() -> list[object]:
        together = Together(several)

        def come(names: Sequence[str]) -> list[asyncio.Task[bytes]]:
            return [asyncio.create_task(told_together(together, name), name=name) for name in names]

        tasks = come(first)
        await asyncio.to_thread(several.began.wait, 10)
        tasks += come(rest)
        await asyncio.sleep(0)
        for task in tasks:
            if task.get_name() == gone:
                task.cancel()
        several.go.set()
        return list(await asyncio.gather(*tasks, return_exceptions=True))

    return asyncio.run(scenario())


async def told_together(together: Together, name: str) -> bytes:
    answer = await together.answer({"PATH_INFO": name, "wsgi.input": BytesIO()})
    return answer.body.read()


def test_who_comes_meanwhile_is_answered_together() -> None:
    several = Several()

    assert in_company(several, ["/1", "/2"], ["/3", "/4", "/5"]) == [b"/1", b"/2", b"/3", b"/4", b"/5"]
    assert several.rounds == [["/1", "/2"], ["/3", "/4", "/5"]]


def test_who_goes_away_spoils_it_for_nobody() -> None:
    answers = in_company(Several(), ["/1"], ["/2", "/3"], gone="/2")

    assert (answers[0], type(answers[1]), answers[2]) == (b"/1", asyncio.CancelledError, b"/3")


def test_a_round_that_fails_is_not_the_last() -> None:
    answers = in_company(Several(), ["/fault"], ["/2"])

    assert (type(answers[0]), answers[1]) == (ValueError, b"/2")
