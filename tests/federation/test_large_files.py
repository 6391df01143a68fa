# SPDX-License-Identifier: Apache-2.0
"""Large files come in parts: a line that breaks costs a part, a reload costs nothing, and memory stays small."""

import resource
from collections.abc import Iterator
from hashlib import sha256
from uuid import UUID

import pytest

from tests import story
from tests.desks import Phone
from tests.people import ZHANG, ZHOU
from tests.world import World
from tongban.cases.actions.arriving import MOST_OPEN, PART, begin_upload, uploads
from tongban.cases.queries import draft
from tongban.catalogue import actions as catalogue
from tongban.catalogue.queries import item
from tongban.standards.actor import Actor, system
from tongban.standards.refusal import NotFound
from tongban.vault import files

HUNAN, GANSU, NEED = "430000", "620000", "employer_letter"
GIGABYTE = 1_000_000_000
MEMORY = 150_000  # kilobytes more than before, in this process, whatever the size


def content(size: int) -> Iterator[bytes]:
    """A PDF by its first bytes, in parts; each part is another."""
    for place in range(0, size, PART):
        part = place.to_bytes(8, "big") * (PART // 8)
        yield (b"%PDF-" + part[5:] if place == 0 else part)[: size - place]


class Sender(Phone):
    """The script of the page, without a browser."""

    def begin(self, made: UUID, name: str, size: int) -> str:
        answer = self.post(f"/drafts/{made}/materials/{NEED}/uploads/", {"name": name, "size": str(size)})
        assert self.answer.status_code in (201, 404, 422), answer
        return str(self.answer.json()["at"]) if self.answer.status_code == 201 else ""

    def part(self, at: str, offset: int, data: bytes) -> int:
        with self.world.at(self.node):
            headers = {"Upload-Offset": str(offset), "Accept": "application/json"}
            self.answer = self.client.generic("PATCH", at, data, "application/offset+octet-stream", headers=headers)
            return self.answer.status_code

    def reached(self, at: str) -> int:
        with self.world.at(self.node):
            self.answer = self.client.head(at)
            return int(self.answer.headers.get("Upload-Offset", -1))


@pytest.fixture
def made(federation: World) -> UUID:
    return story.draft(federation, zhang(federation), story.item_of(federation, HUNAN, "430100"))


def zhang(world: World) -> Actor:
    return story.visitor(world, ZHANG, HUNAN)


def test_a_file_in_parts_goes_on_where_the_line_broke(federation: World, made: UUID) -> None:
    phone, size = Sender(federation, ZHANG), 2 * PART + 77
    first, second, last = content(size)
    at = phone.begin(made, "用途说明.pdf", size)
    assert phone.part(at, 0, first) == 204
    assert phone.part(at, PART, second[: PART - 5]) == 409  # half a piece: the line broke
    assert phone.part(at, 0, first) == 409
    assert phone.answer.json()["facts"] == {"offset": str(PART)}

    again = Sender(federation, ZHANG)  # another page, another day
    assert "“用途说明.pdf”还没有传完" in again.get(f"/drafts/{made}/materials/")
    assert again.reached(at) == PART
    assert again.part(at, PART, second) == 204
    assert again.part(at, 2 * PART, last) == 204
    assert again.reached(at) == -1  # it is whole, and nothing more of it is awaited

    with federation.at(HUNAN):
        given = next(need for need in draft(made, zhang(federation)).requirements if need.code == NEED).given[0]
    assert (given.size, given.filename, given.media_type) == (size, "用途说明.pdf", "application/pdf")
    assert given.digest == f"sha256:{sha256(first + second + last).hexdigest()}"


def test_what_is_not_taken_is_refused_before_it_is_sent(federation: World, made: UUID) -> None:
    phone, other = Sender(federation, ZHANG), Sender(federation, ZHANG)
    assert phone.begin(made, "a.pdf", 20_000_001) == "" and "超过 20 MB" in phone.answer.content.decode()
    assert phone.begin(made, "a.pdf", 0) == ""
    at = phone.begin(made, "a.pdf", PART + 1)
    assert phone.part(at, 0, b"MZ" * (PART // 2)) == 422  # no type that is taken
    assert phone.part(at, 0, next(content(PART)) + b"x" * files.PIECE) == 409
    assert phone.part(at.replace(at[-10:-1], "000000000"), 0, b"x") == 404

    stranger = story.visitor(federation, ZHOU, HUNAN)
    with federation.at(HUNAN):
        for _ in range(MOST_OPEN + 2):
            begin_upload(made, NEED, "b.pdf", PART, actor=zhang(federation), at=federation.clock.now())
        assert len(uploads(made, actor=zhang(federation))) == MOST_OPEN
        with pytest.raises(NotFound):
            uploads(made, actor=stranger)
    assert other.reached(at) == -1  # it made way


@pytest.mark.slow
def test_a_gigabyte_over_a_line_that_breaks_five_times_arrives_whole_in_little_memory(federation: World) -> None:
    task = story.item_of(federation, HUNAN, "430100")
    with federation.at(HUNAN):
        told = dict(item(task).content)
        told["materials"] = [{**each, "max_bytes": GIGABYTE} for each in told["materials"]]
        catalogue.publish(told, actor=system(HUNAN), at=federation.clock.now())
    made, phone = story.draft(federation, zhang(federation), task), Sender(federation, ZHANG)
    before, hashed, offset = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, sha256(), 0
    at = phone.begin(made, "测绘成果.pdf", GIGABYTE)
    for number, part in enumerate(content(GIGABYTE)):
        hashed.update(part)
        if number % 50 == 7:  # broken off in the middle: the carrier hands nothing on, whoever sends asks and goes on
            assert phone.part(at, offset, part[: PART // 2 + 3]) == 409
            phone = Sender(federation, ZHANG)
            assert phone.reached(at) == offset
        assert phone.part(at, offset, part) == 204
        offset += len(part)

    with federation.at(HUNAN):
        given = next(need for need in draft(made, zhang(federation)).requirements if need.code == NEED).given[0]
    assert (given.size, given.digest) == (GIGABYTE, f"sha256:{hashed.hexdigest()}")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY
