# SPDX-License-Identifier: Apache-2.0
"""Files in sealed pieces: the same bytes come back, or a refusal."""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from tests.world import World
from tongban.standards.node import Node, at
from tongban.vault import files
from tongban.vault.errors import FileMissing, SealBroken
from tongban.vault.files import PIECE, SEALED

KEY = bytes(range(32))
SUBJECT = "case:0/../1"  # what no file system would like


@pytest.fixture
def home(standing: World, tmp_path: Path) -> Iterator[Node]:
    """A node whose files are thrown away."""
    with at(replace(standing.nodes["620000"], home=tmp_path)) as made:
        yield made


def content(size: int) -> bytes:
    return (b"0123456789abcdef" * (size // 16 + 1))[:size]


def sealed_file(node: Node) -> Path:
    """The one file that was stored."""
    return next(path for path in (node.home / "files").rglob("*") if path.is_file())


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 17])
def test_a_file_of_any_size_comes_back_whole(home: Node, size: int) -> None:
    data = content(size)
    stored = files.store(SUBJECT, KEY, (data[at : at + 70_001] for at in range(0, size, 70_001)))

    assert (stored.size, stored.digest) == (size, f"sha256:{sha256(data).hexdigest()}")
    assert b"".join(files.read(SUBJECT, KEY, stored.digest)) == data


def test_the_name_depends_on_the_content_not_on_how_it_came(home: Node) -> None:
    first = files.store(SUBJECT, KEY, [b"ab", b"", b"c"])
    again = files.store(SUBJECT, KEY, [b"abc"])

    assert first == again
    assert len([path for path in (home.home / "files").rglob("*") if path.is_file()]) == 1


def test_nothing_readable_lies_on_the_disk(home: Node) -> None:
    files.store(SUBJECT, KEY, ["身份证：99430119900307001X".encode()])

    assert b"99430119900307001X" not in sealed_file(home).read_bytes()
    assert not list((home.home / "files").rglob("*case*"))


@pytest.mark.parametrize("size", [PIECE, 2 * PIECE, 2 * PIECE + 5])
def test_a_file_cut_off_between_two_pieces_is_refused(home: Node, size: int) -> None:
    stored = files.store(SUBJECT, KEY, [content(size)])
    path = sealed_file(home)
    whole = path.read_bytes()
    for left in {(len(whole) - 1) // SEALED * SEALED, SEALED - 1, 1} - {0}:
        path.write_bytes(whole[:left])
        with pytest.raises(SealBroken):
            list(files.read(SUBJECT, KEY, stored.digest))


def test_pieces_in_another_order_are_refused(home: Node) -> None:
    stored = files.store(SUBJECT, KEY, [content(PIECE), content(2 * PIECE)])
    path = sealed_file(home)
    whole = path.read_bytes()
    path.write_bytes(whole[SEALED : 2 * SEALED] + whole[:SEALED] + whole[2 * SEALED :])

    with pytest.raises(SealBroken):
        list(files.read(SUBJECT, KEY, stored.digest))


def test_an_altered_piece_is_refused_and_those_before_it_are_not(home: Node) -> None:
    stored = files.store(SUBJECT, KEY, [content(3 * PIECE)])
    path = sealed_file(home)
    whole = bytearray(path.read_bytes())
    whole[SEALED + 99] ^= 1
    path.write_bytes(bytes(whole))
    reading = files.read(SUBJECT, KEY, stored.digest)

    assert next(reading) == content(PIECE)
    with pytest.raises(SealBroken):
        next(reading)


def test_something_added_at_the_end_is_refused(home: Node) -> None:
    stored = files.store(SUBJECT, KEY, [b"abc"])
    path = sealed_file(home)
    path.write_bytes(path.read_bytes() * 2)

    with pytest.raises(SealBroken):
        list(files.read(SUBJECT, KEY, stored.digest))


def test_a_file_emptied_on_the_disk_is_refused(home: Node) -> None:
    stored = files.store(SUBJECT, KEY, [b"abc"])
    sealed_file(home).write_bytes(b"")

    with pytest.raises(SealBroken):
        list(files.read(SUBJECT, KEY, stored.digest))


def test_another_file_under_this_name_is_refused(home: Node) -> None:
    first, second = files.store(SUBJECT, KEY, [b"first"]), files.store(SUBJECT, KEY, [b"second"])
    folder = sealed_file(home).parent
    (folder / second.digest[7:]).replace(folder / first.digest[7:])

    with pytest.raises(SealBroken):
        list(files.read(SUBJECT, KEY, first.digest))


def test_the_key_of_another_subject_opens_nothing(home: Node) -> None:
    stored = files.store(SUBJECT, KEY, [b"abc"])
    with pytest.raises(SealBroken):
        list(files.read(SUBJECT, bytes(32), stored.digest))


@pytest.mark.parametrize("digest", ["", "sha256:", "sha256:../../secrets/kek", f"sm3:{'0' * 64}", f"sha256:{'0' * 64}"])
def test_a_file_that_is_not_here_is_missing_by_name(home: Node, digest: str) -> None:
    assert not Path("kek").exists()
    with pytest.raises(FileMissing):
        files.read(SUBJECT, KEY, digest)


def test_asking_whether_a_strange_name_is_here_is_answered_no(home: Node) -> None:
    assert not files.has(SUBJECT, f"sha256:{'0' * 64}")
    with pytest.raises(FileMissing):
        files.has(SUBJECT, "../../secrets/kek")


def test_what_broke_off_while_it_was_stored_leaves_nothing(home: Node) -> None:
    def broken() -> Iterator[bytes]:
        yield b"begun"
        raise OSError("the line went dead")

    with pytest.raises(OSError, match="dead"):
        files.store(SUBJECT, KEY, broken())

    assert not [path for path in (home.home / "files").rglob("*") if path.is_file()]
