# SPDX-License-Identifier: Apache-2.0
"""Takes a request's body in, whole, bounded and timed, before the application sees the request.

So a slow upload holds no database connection, and never more than its share of the threads that answer pages.
"""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from tongban.standards import clock

LIMIT = 25_000_000  # bytes: files of one request and its fields
SECONDS = 30.0  # for the whole body
READERS = 24  # bodies taken in at once, fewer than the threads of the server
IN_MEMORY = 256 * 1024  # bytes of a body; what is longer waits on disk
CHUNK = 64 * 1024

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]


class TooLong(Exception):
    """More was sent than we take."""


class Bodies:
    """Wraps an application; what it reads as wsgi.input has arrived completely."""

    def __init__(
        self, application: Application, *, limit: int = LIMIT, seconds: float = SECONDS, readers: int = READERS
    ) -> None:
        self._application, self._limit, self._seconds = application, limit, seconds
        self._free = threading.BoundedSemaphore(readers)
        self._pool = ThreadPoolExecutor(readers, "body")

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in ("GET", "HEAD") or environ.get("CONTENT_LENGTH") == "0":
            return self._application(environ, start_response)
        if _length(environ) > self._limit:
            return _refuse(start_response, "413 Content Too Large", "提交的内容太大。")
        if not self._free.acquire(blocking=False):
            return _refuse(start_response, "503 Service Unavailable", "正在接收的内容太多，请稍后再试。")
        reading = self._pool.submit(_take, environ["wsgi.input"], self._limit, clock.monotonic() + self._seconds)
        reading.add_done_callback(lambda _: self._free.release())
        try:
            body, length = reading.result(self._seconds)
        except TooLong:
            return _refuse(start_response, "413 Content Too Large", "提交的内容太大。")
        except (TooSlow, OSError):
            reading.add_done_callback(_throw_away)
            return _refuse(start_response, "408 Request Timeout", "提交的内容没有在规定时间内到达，请重试。")
        try:
            return self._application({**environ, "wsgi.input": body, "CONTENT_LENGTH": str(length)}, start_response)
        finally:
            body.close()


def _length(environ: Environ) -> int:
    said = environ.get("CONTENT_LENGTH") or "0"
    return int(said) if said.isdigit() else 0


def _take(source: Any, limit: int, until: float) -> tuple[IO[bytes], int]:
    """The whole body and its length. TooLong, TooSlow, or OSError when the sender went away."""
    body: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  the application reads it
    length = 0
    while chunk := source.read(CHUNK):
        length += len(chunk)
        if length > limit:
            body.close()
            raise TooLong
        if clock.monotonic() > until:
            body.close()
            raise TooSlow
        body.write(chunk)
    body.seek(0)
    return body, length


def _throw_away(late: "Future[tuple[IO[bytes], int]]") -> None:
    """A body that arrived after we had given up."""
    if late.exception() is None:
        late.result()[0].close()


def _refuse(start_response: Any, status: str, sentence: str) -> Iterable[bytes]:
    told = sentence.encode()
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(told))),
        ("Connection", "close"),
        ("Retry-After", "5"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    start_response(status, headers)
    return [told]
