# SPDX-License-Identifier: Apache-2.0
"""Large files come in parts: a line that breaks costs a part, a reload costs nothing, and memory stays small."""

import re
import socket
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import UUID

import pytest

from tests import story
from tests.desks import Phone
from tests.federation.test_api import ask, give_token
from tests.people import ZHANG, ZHOU
from tests.world import World
from tongban.cases.actions import add_material
from tongban.cases.actions.arriving import (
    MOST_OPEN,
    PART,
    begin_upload,
    drop_upload_once,
    end_upload,
    take_part,
    uploads,
)
from tongban.cases.actions.uploading import MOST_FILES
from tongban.cases.errors import FileInfected, FileRefused
from tongban.cases.queries import draft
from tongban.cases.tests.test_scanning import EICAR, answer
from tongban.ledger import queries as ledger
from tongban.standards.actor import Actor
from tongban.standards.node import at as working_as
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

    def part(self, at: str, offset: int, data: bytes, **more: str) -> int:
        with self.world.at(self.node):
            headers = {"Upload-Offset": str(offset), "Accept": "application/json"} | more
            self.answer = self.client.generic("PATCH", at, data, "application/offset+octet-stream", headers=headers)
            return self.answer.status_code

    def reached(self, at: str) -> int:
        with self.world.at(self.node):
            self.answer = self.client.head(at, headers={"Accept": "application/json"})
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
    assert "还没有传完" not in phone.get(f"/drafts/{made}/materials/")  # and nothing to go on with
    at = phone.begin(made, "a.pdf", PART + 1)
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


def test_a_file_on_its_way_is_given_up_with_one_act_and_a_line_of_it(federation: World, made: UUID) -> None:
    phone, page = Sender(federation, ZHANG), f"/drafts/{made}/materials/"
    at = phone.begin(made, "a.pdf", PART + 1)
    place = phone.answer.json()["drop"]
    assert phone.part(at, 0, next(content(PART))) == 204
    assert re.search(rf'<form method="post" action="{place}">.*?放弃上传', phone.get(page))
    with federation.at(HUNAN), pytest.raises(NotFound):
        stranger = story.visitor(federation, ZHOU, HUNAN)
        end_upload(made, UUID(at.split("/")[-2]), actor=stranger, at=federation.clock.now())
    assert phone.get(place) and phone.path == page and pieces(federation, made) != []  # to open it gives up nothing

    told = [phone.post(place, {}) for _ in range(2)]  # as a line that breaks repeats it
    assert all("已经放弃上传，没有传完的部分已经删除。" in each and "还没有传完" not in each for each in told)
    assert pieces(federation, made) == [] and phone.part(at, PART, b"x") == 404
    with federation.at(HUNAN):
        (line,) = [each for each in ledger.story(f"draft:{made}") if each.verb == "upload.dropped"]
        assert line.actor == zhang(federation).pseudonym


def test_whose_session_ends_is_told_so_and_goes_on_after_signing_in(federation: World, made: UUID) -> None:
    phone, page = Sender(federation, ZHANG), f"/drafts/{made}/materials/"
    at = phone.begin(made, "a.pdf", PART + 1)
    kept = phone.answer.json()["kept"]
    assert kept == "已收到的部分保留到 2026年11月30日（周一）（从开始上传起 7 天），过后自动删除。"
    first, last = content(PART + 1)
    assert phone.part(at, 0, first) == 204
    phone.client.cookies.clear()
    assert (phone.part(at, PART, last), phone.reached(at)) == (401, -1) and phone.answer.status_code == 401

    again = Sender(federation, ZHANG)
    assert kept in again.get(page)
    assert (again.reached(at), again.part(at, PART, last)) == (PART, 204)


def test_two_files_that_end_together_do_not_make_one_too_many(federation: World, made: UUID) -> None:
    who, now = zhang(federation), federation.clock.now()
    with federation.at(HUNAN):
        begun = [begin_upload(made, NEED, f"{n}.pdf", 6, actor=who, at=now) for n in range(2)]
        have = sum(len(need.given) for need in draft(made, who).requirements)
        for n in range(MOST_FILES - have - 1):
            add_material(made, NEED, f"z{n}.pdf", [b"%PDF-" + bytes([n])], actor=who, at=now)
        assert take_part(made, begun[0].id, 0, b"%PDF-y", actor=who, at=now) == 6
        with pytest.raises(FileRefused, match="最多上传 20 个文件"):
            take_part(made, begun[1].id, 0, b"%PDF-z", actor=who, at=now)
        assert sum(len(need.given) for need in draft(made, who).requirements) == MOST_FILES
        assert uploads(made, actor=who) == [] and pieces(federation, made) == []


def test_what_another_page_goes_on_with_must_be_the_same_file(federation: World, made: UUID) -> None:
    first, last = content(PART + 1)
    changed = b"%PDF-2" + first[6:]  # of the same name and size
    phone = Sender(federation, ZHANG)
    at = phone.begin(made, "a.pdf", PART + 1)
    assert phone.part(at, 0, first) == 204
    assert phone.part(at, PART, last, **{"Repr-Digest": "?"}) == 422 and phone.reached(at) == PART
    assert phone.part(at, PART, last, **{"Repr-Digest": sent(changed + last)}) == 422
    assert "可能中途改过" in phone.answer.json()["title"] and pieces(federation, made) == []
    at = phone.begin(made, "a.pdf", PART + 1)
    assert phone.part(at, 0, first) == 204
    assert phone.part(at, PART, last, **{"Repr-Digest": sent(first + last)}) == 204


def test_of_an_infected_file_nothing_is_kept(federation: World, made: UUID) -> None:
    who, now, data = zhang(federation), federation.clock.now(), b"%PDF-" + EICAR
    with socket.create_server(("127.0.0.1", 0)) as server:
        Thread(target=lambda: answer(server.accept()[0]), daemon=True).start()
        scanner = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with working_as(replace(federation.nodes[HUNAN], scanner=scanner)), pytest.raises(FileInfected):
            begun = begin_upload(made, NEED, "a.pdf", len(data), actor=who, at=now)
            take_part(made, begun.id, 0, data, actor=who, at=now)
    with federation.at(HUNAN):
        assert uploads(made, actor=who) == [] and pieces(federation, made) == []
        assert not files.has(f"case:{made}", files.digest_of(data))


def test_a_part_that_comes_after_submitting_is_not_swallowed(federation: World, made: UUID) -> None:
    phone = Sender(federation, ZHANG)
    at = phone.begin(made, "a.pdf", 6)
    story.hand_in(federation, zhang(federation), made)
    assert phone.part(at, 0, b"%PDF-y") == 404


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
