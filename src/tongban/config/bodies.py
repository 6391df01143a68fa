# SPDX-License-Identifier: Apache-2.0
"""Takes a request's body in, whole, bounded and timed, before a thread is asked to answer.

So a slow upload costs a connection and a file on disk, never a thread or a connection to the database.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from tempfile import SpooledTemporaryFile
from typing import IO, Protocol

from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]  # its documented place

LIMIT = 25_000_000  # bytes: files of one request and its fields
SECONDS = 30.0  # for any body
RATE = 50_000  # bytes that buy one second more: a slow line may be slow, but not still
FORM = 64 * 1024  # bytes; what is announced shorter is a form, and no form waits behind uploads
FORMS, UPLOADS = 1000, 100  # taken in at once; an upload may take LIMIT bytes of disk
LATE, BROKEN_OFF = "提交的内容没有在规定时间内到达，请重试。", "提交的内容没有全部到达，请重试。"
IN_MEMORY = 256 * 1024  # bytes of a body; what is longer waits on disk


class Source(Protocol):
    """Where a body comes from, as granian hands it over: all at once, or as it comes."""

    def __call__(self) -> Awaitable[bytes]: ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...


class Refused(Exception):
    """We do not take this body, and say why."""

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status, self.sentence = status, sentence


class Bodies:
    """How many are taken in at once, and how long each may last."""

    def __init__(
        self,
        *,
        limit: int = LIMIT,
        seconds: float = SECONDS,
        rate: float = RATE,
        forms: int = FORMS,
        uploads: int = UPLOADS,
    ) -> None:
        self._limit, self._seconds, self._rate = limit, seconds, rate
        self._free = {"form": forms, "upload": uploads}

    async def take(self, headers: Mapping[str, str], source: Source) -> IO[bytes]:
        """The whole body. Refused when it is too long, too slow, or not all of it came."""
        if "HTTP_TRANSFER_ENCODING" in headers:
            # The server does not tell the end of such a body from its sender going away.
            raise Refused(411, "请在提交时说明内容的长度（Content-Length）。")
        length = int(headers.get("CONTENT_LENGTH") or 0)
        if length > self._limit:
            raise Refused(413, "提交的内容太大。")
        if length <= FORM:
            with self._place("form"):
                return await self._receive_form(source, length)
        with self._place("upload"):
            return await self._receive(source, length)

    @contextmanager
    def _place(self, kind: str) -> Iterator[None]:
        if not self._free[kind]:
            raise Refused(503, "正在接收的内容太多，您这一次没有提交成功，请稍后再试。")
        self._free[kind] -= 1
        try:
            yield
        finally:
            self._free[kind] += 1

    async def _receive_form(self, source: Source, length: int) -> IO[bytes]:
        """All at once: a program's request is not worth one turn of the loop for each packet."""
        try:
            async with asyncio.timeout(self._seconds + length / self._rate):
                body = await source() if length else b""
        except TimeoutError:
            raise Refused(408, LATE) from None
        except ProtocolClosed:
            raise Refused(400, BROKEN_OFF) from None
        if len(body) != length:
            raise Refused(400, BROKEN_OFF)
        return BytesIO(body)

    async def _receive(self, source: Source, length: int) -> IO[bytes]:
        body: IO[bytes] = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  the application reads it
        until, arrived = asyncio.get_running_loop().time() + self._seconds, 0
        try:
            async with asyncio.timeout_at(until) as patience:
                async for chunk in source:
                    arrived += len(chunk)
                    body.write(chunk)
                    patience.reschedule(until + arrived / self._rate)
        except TimeoutError:
            body.close()
            raise Refused(408, LATE) from None
        if arrived != length:
            body.close()
            raise Refused(400, BROKEN_OFF)
        body.seek(0)
        return body
