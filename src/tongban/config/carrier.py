# SPDX-License-Identifier: Apache-2.0
"""Carries whole requests from the server's loop to the threads of a WSGI application, and whole answers back.

What is slow stays in the loop, where waiting costs nothing: bodies that trickle in, answers that nobody fetches.
"""

import asyncio
from asyncio import AbstractEventLoop, Future
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from queue import SimpleQueue
from tempfile import SpooledTemporaryFile
from threading import Thread
from typing import IO, Any, Protocol, cast, runtime_checkable

from granian.rsgi import HTTPProtocol, ProtocolClosed, Scope  # type: ignore[attr-defined]  # its documented place

from tongban.config.bodies import IN_MEMORY, RATE, SECONDS, Bodies, Refused

THREADS = 32  # that answer
QUEUE = 512  # requests that are answered or wait for a thread
MOST = 32  # requests that are answered together
CHUNK = 64 * 1024
BODILESS = ("GET", "HEAD")
UNDERSCORED = str.maketrans("-", "_")

ALIKE = {  # in every request
    "SCRIPT_NAME": "",
    "wsgi.version": (1, 0),
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}

Environ = dict[str, Any]
Headers = list[tuple[str, str]]


class Closing(Protocol):
    """What an application may return: it wants to hear that it was read."""

    def close(self) -> None: ...


Application = Callable[[Environ, Any], Iterable[bytes]]
Said = tuple[int, Headers, bytes]
Turn = tuple[Environ, AbstractEventLoop, "Future[Any]"]


@runtime_checkable
class Company(Protocol):
    """An application that answers some requests better together than one by one."""

    def takes(self, environ: Environ) -> bool:
        """Whether this is one of them."""

    def together(self, environs: Sequence[Environ]) -> Sequence[Said]:
        """What each is told."""


@dataclass(frozen=True)
class Answer:
    """What the application said, on disk when it is long."""

    status: int
    headers: Headers
    body: IO[bytes]
    length: int


class Carrier:
    """An application for the server's loop, made of one for threads."""

    def __init__(
        self, application: Application, *, bodies: Bodies | None = None, threads: int = THREADS, queue: int = QUEUE
    ) -> None:
        self._bodies, self._free = bodies or Bodies(), queue
        self._threads = Threads(application, threads)
        self._together = Together(application) if isinstance(application, Company) else None

    async def __call__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        environ = _environ(scope)
        try:
            environ["wsgi.input"] = await self._body(environ, protocol)
            answer = await self._answer(environ)
        except Refused as refused:
            protocol.response_bytes(refused.status, *_told(refused.sentence))
            return
        with answer.body, suppress(ProtocolClosed, TimeoutError):
            await _send(protocol, answer)

    async def _body(self, environ: Environ, protocol: HTTPProtocol) -> IO[bytes]:
        if environ["REQUEST_METHOD"] in BODILESS:
            return BytesIO()
        return await self._bodies.take(environ, cast(Any, protocol))

    async def _answer(self, environ: Environ) -> Answer:
        """In a thread, as soon as one is free."""
        if not self._free:
            raise Refused(503, "现在访问的人太多，请稍后再试。")
        self._free -= 1
        try:
            if self._together is not None and self._together.takes(environ):
                return await self._together.answer(environ)
            return await self._threads.answer(environ)
        finally:
            self._free += 1


class Together:
    """Has one thread answer all who wait, while those who come meanwhile make the next round.

    Nobody waits for company: who comes alone is answered alone, at once.
    """

    def __init__(self, company: Company) -> None:
        self.takes = company.takes
        self._company, self._thread = company, ThreadPoolExecutor(1, "together")
        self._waiting: list[Place] = []
        self._busy = False

    async def answer(self, environ: Environ) -> Answer:
        """In the next round."""
        loop = asyncio.get_running_loop()
        place = Place(environ, loop.create_future())
        self._waiting.append(place)
        if not self._busy:
            self._busy = True
            loop.call_soon(self._begin, loop)  # with all that the loop has read by now
        return await place.waiting

    def _begin(self, loop: AbstractEventLoop) -> None:
        turn, self._waiting = self._waiting[:MOST], self._waiting[MOST:]
        self._busy = bool(turn)
        if turn:
            self._thread.submit(self._serve, turn, loop)

    def _serve(self, turn: "Sequence[Place]", loop: AbstractEventLoop) -> None:
        answers: list[Answer | BaseException]
        try:
            said = self._company.together([place.environ for place in turn])
            answers = [Answer(status, headers, BytesIO(body), len(body)) for status, headers, body in said]
        except BaseException as failed:
            answers = [failed] * len(turn)
        with suppress(RuntimeError):  # the loop is closed: the server stops
            loop.call_soon_threadsafe(self._end, turn, answers, loop)

    def _end(self, turn: "Sequence[Place]", answers: Sequence[Answer | BaseException], loop: AbstractEventLoop) -> None:
        for place, answer in zip(turn, answers, strict=True):
            place.environ["wsgi.input"].close()
            _tell(place.waiting, answer)
        self._begin(loop)


@dataclass(frozen=True)
class Place:
    """A request of a round, and who waits for its answer."""

    environ: Environ
    waiting: "Future[Answer]"


class Threads:
    """As many as are needed at once, up to a number; each has a connection to the database as long as it lives.

    A pool of the standard library keeps a future, two locks and a count for each request, which nobody here asks for.
    Only the loop calls these, so nothing is locked.
    """

    def __init__(self, application: Application, most: int) -> None:
        self._application, self._most = application, most
        self._queue: SimpleQueue[Turn] = SimpleQueue()
        self._started = self._busy = 0

    async def answer(self, environ: Environ) -> Answer:
        """By whichever thread is free first."""
        loop = asyncio.get_running_loop()
        waiting: Future[Answer] = loop.create_future()
        self._busy += 1
        if self._busy > self._started < self._most:
            self._started += 1
            Thread(target=self._work, name="request", daemon=True).start()
        self._queue.put((environ, loop, waiting))
        try:
            return await waiting
        finally:
            self._busy -= 1

    def _work(self) -> None:
        while True:
            _answer(self._application, *self._queue.get())


def _answer(application: Application, environ: Environ, loop: AbstractEventLoop, waiting: "Future[Answer]") -> None:
    """Let the loop know what the application said, or that it failed."""
    try:
        said: Answer | BaseException = _call(application, environ)
    except BaseException as failed:
        said = failed
    with suppress(RuntimeError):  # the loop is closed: the server stops
        loop.call_soon_threadsafe(_tell, waiting, said)


def _tell(waiting: "Future[Answer]", said: Answer | BaseException) -> None:
    if waiting.cancelled():
        return
    if isinstance(said, BaseException):
        waiting.set_exception(said)
    else:
        waiting.set_result(said)


def _environ(scope: Scope) -> Environ:
    """The request in WSGI's words, without its body."""
    server, _, port = scope.server.rpartition(":")
    environ: Environ = {
        **ALIKE,
        "REQUEST_METHOD": scope.method,
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string.encode().decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "SERVER_NAME": server,
        "SERVER_PORT": port,
        "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
        "HTTP_HOST": scope.authority or "",
        "wsgi.url_scheme": scope.scheme,
        "wsgi.errors": BytesIO(),
    }
    environ.update(_headers(scope.headers.items()))
    return environ


def _headers(said: Headers) -> dict[str, str]:
    """Headers by their names in WSGI."""
    told: dict[str, str] = {}
    for name, value in said:
        if "_" in name:
            continue  # it would be taken for the header with a hyphen, which a proxy may have vouched for
        key = _key(name)
        between = "; " if key == "HTTP_COOKIE" else ","
        told[key] = f"{told[key]}{between}{value}" if key in told else value
    return told


@lru_cache(maxsize=256)
def _key(name: str) -> str:
    key = name.upper().translate(UNDERSCORED)
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def _call(application: Application, environ: Environ) -> Answer:
    """The application's whole answer, and the request's body gone."""
    said: list[tuple[int, Headers]] = []
    with environ["wsgi.input"]:
        parts = application(environ, lambda status, headers, failure=None: said.append((int(status[:3]), headers)))
        try:
            body, length = _gathered(parts)
        finally:
            if hasattr(parts, "close"):
                cast(Closing, parts).close()
    return Answer(*said[-1], body, length)


def _gathered(parts: Iterable[bytes]) -> tuple[IO[bytes], int]:
    """The body and how long it is; what comes in one piece needs no file."""
    if isinstance(parts, tuple) and len(parts) == 1:
        return BytesIO(parts[0]), len(parts[0])
    body: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  the loop reads it
    body.writelines(parts)
    length = body.tell()
    body.seek(0)
    return body, length


async def _send(protocol: HTTPProtocol, answer: Answer) -> None:
    """At once when it is short; else as fast as it is fetched."""
    if answer.length <= IN_MEMORY:
        protocol.response_bytes(answer.status, answer.headers, answer.body.read())
        return
    # With a length, nobody takes an answer that was broken off for a whole one.
    headers = [pair for pair in answer.headers if pair[0].lower() != "content-length"]
    stream = protocol.response_stream(answer.status, [*headers, ("Content-Length", str(answer.length))])
    async with asyncio.timeout(SECONDS + answer.length / RATE):
        while chunk := answer.body.read(CHUNK):
            await stream.send_bytes(chunk)


def _told(sentence: str) -> tuple[Headers, bytes]:
    """A refusal before any page was asked."""
    words = sentence.encode()
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(words))),
        ("Connection", "close"),
        ("Retry-After", "5"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    return headers, words
