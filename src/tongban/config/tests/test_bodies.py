# SPDX-License-Identifier: Apache-2.0
"""Bodies arrive whole, bounded and timed, whoever sends them how slowly."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from granian.rsgi import ProtocolClosed  # type: ignore[attr-defined]  # its documented place

from tongban.config.bodies import FORM, Bodies, Refused, Source

LONG = FORM + 1


class sent:
    """A sender that pauses before each piece."""

    def __init__(self, *chunks: bytes, pause: float = 0.0, ends: bool = True) -> None:
        self.chunks, self.pause, self.ends = chunks, pause, ends

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self.chunks:
            await asyncio.sleep(self.pause)
            yield chunk
        if not self.ends:
            await asyncio.sleep(60)

    async def __call__(self) -> bytes:
        return b"".join([chunk async for chunk in self])


def still() -> Source:
    """A sender that says a little and then nothing."""
    return sent(b"half", ends=False)


class gone:
    """A sender that goes away in the middle; the server says so when it is asked for all at once."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"half"

    async def __call__(self) -> bytes:
        raise ProtocolClosed


def take(bodies: Bodies, length: int, source: Source) -> bytes:
    async def whole() -> bytes:
        with await bodies.take({"CONTENT_LENGTH": str(length)}, source) as body:
            return body.read()

    return asyncio.run(whole())


def refused(bodies: Bodies, length: int, source: Source) -> int:
    with pytest.raises(Refused) as why:
        take(bodies, length, source)
    return why.value.status


def test_what_was_sent_is_there() -> None:
    assert take(Bodies(), 500_000, sent(b"x" * 200_000, b"y" * 300_000)) == b"x" * 200_000 + b"y" * 300_000


def test_a_request_without_a_body_has_an_empty_one() -> None:
    assert take(Bodies(), 0, sent()) == b""


def test_a_body_that_is_too_long_is_refused_before_it_is_read() -> None:
    assert refused(Bodies(limit=100), 101, still()) == 413


def test_a_body_whose_length_nobody_says_is_refused() -> None:
    with pytest.raises(Refused) as why:
        asyncio.run(Bodies().take({"HTTP_TRANSFER_ENCODING": "chunked"}, sent(b"abc")))
    assert why.value.status == 411


def test_half_a_body_is_not_taken_for_a_whole_one() -> None:
    assert refused(Bodies(), 8, sent(b"half")) == 400
    assert refused(Bodies(), LONG, sent(b"half")) == 400
    assert refused(Bodies(), 8, gone()) == 400
    assert refused(Bodies(), LONG, gone()) == 400


def test_a_body_that_does_not_arrive_is_given_up() -> None:
    assert refused(Bodies(seconds=0.05), 100, still()) == 408
    assert refused(Bodies(seconds=0.05), LONG, still()) == 408


def test_a_slow_sender_who_goes_on_is_waited_for() -> None:
    bodies = Bodies(seconds=0.2, rate=10)

    assert take(bodies, 40, sent(*[b"0123456789"] * 4, pause=0.1)) == b"0123456789" * 4


def test_when_too_many_upload_the_next_is_told_to_come_back_and_a_form_is_taken() -> None:
    bodies = Bodies(seconds=0.2, uploads=1)

    async def together() -> tuple[object, object, object]:
        headers = {"CONTENT_LENGTH": str(LONG)}
        slow = asyncio.create_task(bodies.take(headers, still()))
        await asyncio.sleep(0)
        late, form = await asyncio.gather(
            bodies.take(headers, sent(b"x" * LONG)),
            bodies.take({"CONTENT_LENGTH": "3"}, sent(b"abc")),
            return_exceptions=True,
        )
        return (*await asyncio.gather(slow, return_exceptions=True), late, form)

    slow, late, form = asyncio.run(together())

    assert isinstance(slow, Refused)
    assert isinstance(late, Refused)
    assert (slow.status, late.status) == (408, 503)
    assert not isinstance(form, BaseException)
    assert take(bodies, LONG, sent(b"x" * LONG)) == b"x" * LONG
