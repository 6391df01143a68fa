# SPDX-License-Identifier: Apache-2.0
"""Large files come in parts: a line that breaks costs a part, a reload costs nothing, and memory stays small."""

from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests import story
from tests.desks import Phone
from tests.federation.test_api import ask, give_token
from tests.people import ZHANG, ZHOU
from tests.world import World
from tongban.cases.actions.arriving import MOST_OPEN, PART, begin_upload, drop_upload_once, uploads
from tongban.cases.queries import draft
from tongban.ledger import queries as ledger
from tongban.standards.actor import Actor
from tongban.standards.refusal import NotFound
from tongban.vault import files, stores

HUNAN, NEED = "430000", "employer_letter"


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


UPLOADS = {"requirement": NEED, "filename": "测绘成果.pdf", "size": PART + 77}


def sent(data: bytes) -> str:
    """A digest as RFC 9530 writes it."""
    return f"sha-256=:{b64encode(sha256(data).digest()).decode()}:"


def test_a_program_sends_parts_with_their_digests_and_begins_once(federation: World, made: UUID) -> None:
    who, at = zhang(federation), f"/drafts/{made}/uploads"
    give_token(federation, who)

    def ask_it(method: str, path: str, body: object = None, **headers: str) -> tuple[int, Any]:
        return ask(
            federation, who, method, path, body, **{name.replace("_", "-"): said for name, said in headers.items()}
        )

    (_, begun), (_, again) = (ask_it("POST", at, UPLOADS, Idempotency_Key="one") for _ in range(2))
    assert begun == again and begun["offset"] == 0 and begun["until"] == "2026-11-30"
    assert ask_it("POST", at, UPLOADS | {"size": 5}, Idempotency_Key="one")[1]["code"] == "idempotency_key_reused"
    one, (first, last) = f"{at}/{begun['id']}", content(PART + 77)

    assert ask_it("PATCH", one, first)[1]["field"] == "Upload-Offset"
    assert ask_it("PATCH", one, first, Upload_Offset="0", Content_Digest="md5=:x:")[0] == 422
    assert ask_it("PATCH", one, first, Upload_Offset="0", Content_Digest=sent(last))[1]["code"] == "part_altered"
    assert ask_it("PATCH", one, first + b"x", Upload_Offset="0")[0] == 413
    assert ask_it("GET", one)[1]["offset"] == 0
    assert ask_it("PATCH", one, first, Upload_Offset="0", Content_Digest=sent(first))[1]["offset"] == PART
    assert ask_it("PATCH", one, first, Upload_Offset="0")[1]["facts"] == {"offset": str(PART)}
    status, told = ask_it("PATCH", one, last, Upload_Offset=str(PART), Repr_Digest=sent(first + last))
    assert (status, told["complete"], ask_it("GET", one)[0]) == (200, True, 404)
    given = next(need for need in ask_it("GET", f"/drafts/{made}")[1]["requirements"] if need["code"] == NEED)["given"]
    assert [each["digest"] for each in given] == [f"sha256:{sha256(first + last).hexdigest()}"]


def test_a_whole_that_is_not_what_was_announced_is_gone_with_all_its_parts(federation: World, made: UUID) -> None:
    who, at = zhang(federation), f"/drafts/{made}/uploads"
    give_token(federation, who)
    _, begun = ask(federation, who, "POST", at, UPLOADS | {"size": 9})
    altered = {"Upload-Offset": "0", "Repr-Digest": sent(b"%PDF-1.70")}
    assert ask(federation, who, "PATCH", f"{at}/{begun['id']}", b"%PDF-1.7x", **altered)[1]["code"] == "file_altered"
    assert ask(federation, who, "GET", at)[1] == {"uploads": []}
    assert pieces(federation, made) == []
    _, begun = ask(federation, who, "POST", at, UPLOADS)
    assert ask(federation, who, "DELETE", f"{at}/{begun['id']}")[1] == {"uploads": []}


def pieces(world: World, made: UUID) -> list[str]:
    """What lies on the disk of a file that is not whole."""
    with world.at(HUNAN):
        folder = Path(stores.local().place(sha256(f"case:{made}".encode()).hexdigest()))
        return [each.name for each in folder.glob("growing-*")]


def test_what_never_became_whole_is_removed_after_its_days_with_a_line_of_it(federation: World, made: UUID) -> None:
    phone = Sender(federation, ZHANG)
    at = phone.begin(made, "a.pdf", PART + 1)
    assert phone.part(at, 0, next(content(PART))) == 204
    assert "保留到 2026年11月30日" in phone.get(f"/drafts/{made}/materials/")
    begun = federation.clock.now()
    with federation.at(HUNAN):
        assert not drop_upload_once(begun + timedelta(days=7, hours=23))
        assert pieces(federation, made) != []
        assert drop_upload_once(begun + timedelta(days=8, seconds=1))
        assert not drop_upload_once(begun + timedelta(days=9))
        assert [line.verb for line in ledger.story(f"draft:{made}")][-1] == "upload.dropped"
    assert pieces(federation, made) == [] and phone.reached(at) == -1
    assert any(duty.once is drop_upload_once for duty in federation.duties(HUNAN))
