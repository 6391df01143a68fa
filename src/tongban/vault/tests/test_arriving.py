# SPDX-License-Identifier: Apache-2.0
"""Files that come in parts: whole in the end or not there at all, wherever they were cut off."""

import pytest

from tongban.standards.node import Node
from tongban.vault import files
from tongban.vault.errors import SealBroken
from tongban.vault.files import PIECE, SEALED, Arriving
from tongban.vault.tests.test_files import KEY, SUBJECT, content, home

__all__ = ["home"]


def arriving(data: bytes) -> Arriving:
    return Arriving(SUBJECT, KEY, files.digest_of(data), len(data))


def bring(data: bytes, part: int) -> None:
    """Bring all of it, as one who begins anew for each part."""
    while not (held := arriving(data)).add(data[held.offset : held.offset + part]):
        pass


@pytest.mark.parametrize("size", [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE, 3 * PIECE + 17])
@pytest.mark.parametrize("part", [PIECE, 2 * PIECE])
def test_a_file_that_comes_in_parts_is_the_same_file(home: Node, size: int, part: int) -> None:
    data = content(size)
    bring(data, part)

    digest = files.digest_of(data)
    assert b"".join(files.read(SUBJECT, KEY, digest)) == data
    assert files.size_of(SUBJECT, digest) == size
    assert files.store(SUBJECT, KEY, [data]).digest == digest


def test_a_part_of_which_a_crash_left_half_is_brought_again(home: Node) -> None:
    data = content(3 * PIECE + 5)
    arriving(data).add(data[: 2 * PIECE])
    path = next(path for path in (home.home / "files").rglob("part-*"))
    path.write_bytes(path.read_bytes()[: SEALED + 1000])

    assert arriving(data).offset == PIECE
    bring(data, PIECE)
    assert files.has(SUBJECT, files.digest_of(data))


def test_another_content_leaves_nothing(home: Node) -> None:
    data = content(2 * PIECE)
    held = arriving(data)
    assert not held.add(data[:PIECE])
    with pytest.raises(SealBroken):
        held.add(b"x" * PIECE)

    assert not [path for path in (home.home / "files").rglob("*") if path.is_file()]


@pytest.mark.parametrize("much", [PIECE + 1, 5])
def test_more_than_was_told_or_half_a_piece_is_not_taken(home: Node, much: int) -> None:
    data = content(PIECE)
    held = Arriving(SUBJECT, KEY, files.digest_of(data), PIECE)

    with pytest.raises(SealBroken):
        held.add(b"x" * much)


@pytest.mark.parametrize(("start", "length"), [(0, 10), (5, PIECE), (PIECE - 1, 2), (2 * PIECE, 100), (0, 9 * PIECE)])
def test_any_part_can_be_read(home: Node, start: int, length: int) -> None:
    data = content(2 * PIECE + 50)
    stored = files.store(SUBJECT, KEY, [data])

    assert files.read_range(SUBJECT, KEY, stored.digest, start, length) == data[start : start + length]
