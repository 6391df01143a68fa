# SPDX-License-Identifier: Apache-2.0
"""What is sealed opens only with its key, in its place, unaltered."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.world import World
from tongban.database.statement import Statement
from tongban.standards.node import Node, at
from tongban.vault import keys
from tongban.vault.actions import destroy_key, keep_key
from tongban.vault.errors import KeyDestroyed, SealBroken
from tongban.vault.queries import subject_key

KEY = bytes(range(32))


@given(st.binary(max_size=300), st.binary(max_size=40))
def test_what_was_sealed_opens_again(plain: bytes, context: bytes) -> None:
    assert keys.unseal(KEY, keys.seal(KEY, plain, context), context) == plain


def test_the_same_thing_sealed_twice_looks_different() -> None:
    assert keys.seal(KEY, "张伟".encode(), b"name") != keys.seal(KEY, "张伟".encode(), b"name")


def test_a_blob_moved_to_another_place_does_not_open() -> None:
    sealed = keys.seal(KEY, "张伟".encode(), b"event:1")
    with pytest.raises(SealBroken):
        keys.unseal(KEY, sealed, b"event:2")


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(SealBroken):
        keys.unseal(bytes(32), keys.seal(KEY, b"x", b"name"), b"name")


@given(st.data())
def test_one_changed_bit_anywhere_is_found(data: st.DataObject) -> None:
    sealed = bytearray(keys.seal(KEY, "兰州".encode(), b"name"))
    place = data.draw(st.integers(0, len(sealed) * 8 - 1))
    sealed[place // 8] ^= 1 << place % 8
    with pytest.raises(SealBroken):
        keys.unseal(KEY, bytes(sealed), b"name")


@given(st.binary(max_size=60))
def test_arbitrary_bytes_are_refused_by_name(data: bytes) -> None:
    with pytest.raises(SealBroken):
        keys.unseal(KEY, data, b"name")


def test_a_data_key_is_wrapped_by_the_key_of_its_node(node: Node, standing: World) -> None:
    key, wrapped = keys.new_key()

    assert key not in wrapped
    assert keys.unwrap(wrapped) == key
    assert keys.unwrap(memoryview(wrapped)) == key
    with at(standing.nodes["430000"]), pytest.raises(SealBroken):
        keys.unwrap(wrapped)


def test_equal_values_have_equal_indexes_at_one_node_only(node: Node, standing: World) -> None:
    here = keys.blind("id", "99430119900307001X")

    assert here == keys.blind("id", "99430119900307001X")
    assert here != keys.blind("phone", "99430119900307001X")
    assert here != keys.blind("id", "990101199003070026")
    with at(standing.nodes["430000"]):
        assert here != keys.blind("id", "99430119900307001X")


def test_an_index_names_its_version_and_holds_nothing_to_read(node: Node) -> None:
    made = keys.blind("id", "99430119900307001X")

    assert made[:1] == keys.VERSION
    assert len(made) == 33
    assert b"19900307" not in made


def test_a_node_without_secrets_seals_nothing(node: Node, tmp_path: Path) -> None:
    with at(replace(node, home=tmp_path)), pytest.raises(FileNotFoundError):
        keys.new_key()


def kept(subject: str, wrapped: bytes) -> None:
    write = Statement()
    write.guard("SELECT 1", [])
    keep_key(write, subject, wrapped)
    write.run()


def test_the_first_key_of_a_subject_stays(node: Node) -> None:
    (first, wrapped), (_, other) = keys.new_key(), keys.new_key()
    kept("case:1", wrapped)
    kept("case:1", other)

    assert subject_key("case:1") == first
    assert subject_key("case:2") is None


def test_a_destroyed_key_is_gone_and_says_so(node: Node, standing: World) -> None:
    kept("case:1", keys.new_key()[1])
    destroy_key("case:1", at=standing.clock.now())

    with pytest.raises(KeyDestroyed):
        subject_key("case:1")
    kept("case:1", keys.new_key()[1])  # nobody can give the subject a second life unseen
    with pytest.raises(KeyDestroyed):
        subject_key("case:1")
