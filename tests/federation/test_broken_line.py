# SPDX-License-Identifier: Apache-2.0
"""A large file over a real line that breaks five times, to the node's real web process, by page and by program."""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from http.client import HTTPConnection, HTTPException
from uuid import UUID

import pytest
from django.conf import settings

from tests import story
from tests.broken_line import Line, line, served
from tests.federation.test_api import give_token
from tests.federation.test_large_files import NEED, content
from tests.people import PASSWORD, ZHANG
from tests.world import World
from tongban.cases.actions.arriving import PART
from tongban.cases.queries import draft
from tongban.catalogue import actions as catalogue
from tongban.catalogue.queries import item
from tongban.identity.actions import sign_in
from tongban.standards.actor import Actor, system

HUNAN, GIGABYTE = "430000", 1_000_000_000
BREAKS = 5
MEMORY = 96 * 1024  # kilobytes more than before, in all web processes together, whatever the size
TRIES = 3 * BREAKS


class Caller:
    """One connection at a time over the line; a new one when it broke."""

    def __init__(self, over: Line, host: str, headers: Mapping[str, str]) -> None:
        self._over, self._said = over, {"Host": host, "Accept": "application/json", **headers}
        self._connection: HTTPConnection | None = None

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Mapping[str, str], bytes]:
        """What is answered. OSError or HTTPException when the line broke."""
        if self._connection is None:
            self._connection = HTTPConnection("127.0.0.1", self._over.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            self._connection.request(method, path, body, self._said | named)
            answer = self._connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, HTTPException):
            self._connection.close()
            self._connection = None
            raise


Offset = Callable[[], int]
Send = Callable[[int, bytes], int]


def send_all(size: int, offset: Offset, send: Send) -> str:
    """Part by part; where the line broke, from where the node says. The digest of what was sent."""
    hashed, tries = sha256(), 0
    for place, part in enumerate(content(size)):
        hashed.update(part)
        reached = place * PART
        while reached < place * PART + len(part):
            try:
                reached = offset() if tries else reached
                assert reached >= place * PART, "what had arrived is gone"
                if reached == place * PART:
                    reached = send(reached, part)
            except (OSError, HTTPException):
                tries += 1
                assert tries < TRIES, "the file does not arrive"
    return f"sha256:{hashed.hexdigest()}"


def whole(size: int) -> str:
    hashed = sha256()
    for part in content(size):
        hashed.update(part)
    return b64encode(hashed.digest()).decode()


def by_program(caller: Caller, made: UUID, size: int) -> str:
    """With a token, in /api/v1."""
    at = f"/api/v1/drafts/{made}/uploads"
    asked = json.dumps({"requirement": NEED, "filename": "测绘成果.pdf", "size": size}).encode()
    with pytest.raises((OSError, HTTPException)):  # it broke in the first words
        caller.ask("POST", at, asked, Idempotency_Key="the one")
    status, _, told = caller.ask("POST", at, asked, Idempotency_Key="the one")
    assert status == 200, told
    one, digest = f"{at}/{json.loads(told)['id']}", whole(size)

    def offset() -> int:
        status, headers, _ = caller.ask("GET", one)
        return int(headers["Upload-Offset"]) if status == 200 else size

    def send(at: int, part: bytes) -> int:
        last = {"Repr_Digest": f"sha-256=:{digest}:"} if at + len(part) == size else {}
        of_part = f"sha-256=:{b64encode(sha256(part).digest()).decode()}:"
        status, headers, told = caller.ask("PATCH", one, part, Upload_Offset=str(at), Content_Digest=of_part, **last)
        assert status == 200, told
        return int(headers["Upload-Offset"])

    return send_all(size, offset, send)


def by_page(caller: Caller, made: UUID, size: int) -> str:
    """As the script of the page does."""
    _, headers, page = caller.ask("GET", f"/drafts/{made}/materials/")
    token = re.search(rb'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None, page.decode()
    caller._said["Cookie"] += "; " + headers["Set-Cookie"].partition(";")[0]
    caller._said["X-CSRFToken"] = token[1].decode()
    form = f"name=a.pdf&size={size}".encode()
    kind = "application/x-www-form-urlencoded"
    status, _, told = caller.ask("POST", f"/drafts/{made}/materials/{NEED}/uploads/", form, Content_Type=kind)
    assert status == 201, told
    one = json.loads(told)["at"]

    def offset() -> int:
        status, headers, _ = caller.ask("HEAD", one)
        return size if status == 404 else int(headers["Upload-Offset"])

    def send(at: int, part: bytes) -> int:
        status, headers, told = caller.ask("PATCH", one, part, Upload_Offset=str(at))
        assert status == 204, told
        return int(headers["Upload-Offset"])

    return send_all(size, offset, send)


def large(world: World) -> str:
    """The story's item, with files of a gigabyte."""
    task = story.item_of(world, HUNAN, "430100")
    with world.at(HUNAN):
        told = dict(item(task).content)
        told["materials"] = [{**each, "max_bytes": GIGABYTE} for each in told["materials"]]
        catalogue.publish(told, actor=system(HUNAN), at=world.clock.now())
    return task


def signed_in(world: World, who: Actor) -> list[Mapping[str, str]]:
    """What a program says with each request, and what a browser does."""
    give_token(world, who)
    with world.at(HUNAN):
        session = sign_in(ZHANG.phone, PASSWORD, address="192.0.2.1", at=datetime.now(UTC))
    cookie = settings.SESSION_COOKIE.replace(settings.NODE_CODE, HUNAN)
    return [{"Authorization": f"Bearer test_{who.id}"}, {"Cookie": f"{cookie}={session}"}]


@pytest.mark.parametrize("size", [24_000_000, pytest.param(GIGABYTE, marks=pytest.mark.slow)])
def test_a_large_file_over_a_line_that_breaks_five_times_arrives_whole_in_little_memory(
    world: World, size: int
) -> None:
    zhang = story.visitor(world, ZHANG, HUNAN)
    made = story.draft(world, zhang, large(world))
    program, browser = signed_in(world, zhang)
    breaks = [size * each // BREAKS + 12_345 * each + 7 for each in range(1, BREAKS)]
    with served(world, HUNAN) as web:
        before = web.memory("VmRSS")
        for said, way, first in ((program, by_program, 300), (browser, by_page, PART + 1234)):
            with line(web.port, [first, *breaks]) as over:
                caller = Caller(over, f"{HUNAN}.localhost:{over.port}", said)
                digest = way(caller, made, size)
                assert over.broken == BREAKS
            with world.at(HUNAN):
                given = next(need for need in draft(made, zhang).requirements if need.code == NEED).given[0]
                assert (given.size, given.digest) == (size, digest)
        assert web.memory("VmHWM") - before < MEMORY
