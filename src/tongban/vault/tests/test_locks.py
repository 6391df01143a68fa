# SPDX-License-Identifier: Apache-2.0
"""A copy of a node's folder opens nothing; what opens it lies elsewhere and can be changed."""

import os
import shutil
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tongban.exchange import key_store
from tongban.standards.node import Node, at
from tongban.vault import keys, locks
from tongban.vault.errors import Locked, SealBroken


@pytest.fixture
def home(tmp_path: Path) -> Node:
    """A node with nothing but its folder."""
    return Node("430000", "湖南", "ed25519", "http://a", "http://b", tmp_path / "430000", "000000")


def stored(node: Node) -> list[bytes]:
    """Every byte in the folder."""
    return [file.read_bytes() for file in node.home.rglob("*") if file.is_file()]


def copied(node: Node, place: Path) -> Node:
    """What a thief or a backup has: the folder, without what lies beside it."""
    shutil.copytree(node.home, place / "copy")
    return replace(node, home=place / "copy")


def test_nothing_in_the_folder_shows_a_secret(home: Node) -> None:
    locks.keep(home, "kek", b"K" * 32)
    with at(home):
        key_store.make()
        private = key_store.held("exchange")[0].private

    assert not any(b"K" * 32 in content or b"PRIVATE KEY" in content for content in stored(home))
    assert private.startswith(b"-----BEGIN PRIVATE KEY-----")
    assert not home.unlock_file.is_relative_to(home.home)
    for file in (home.unlock_file, *home.secrets.rglob("*.pem"), home.secrets / "kek", home.secrets / "lock"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_copy_of_the_folder_can_neither_sign_nor_read(home: Node, tmp_path: Path) -> None:
    locks.keep(home, "kek", b"K" * 32)
    with at(home):
        key_store.make()
        _, wrapped = keys.new_key()
    thief = copied(home, tmp_path)

    with at(thief):
        with pytest.raises(Locked, match="解锁文件"):
            key_store.held("exchange")
        with pytest.raises(Locked):
            keys.unwrap(wrapped)
    thief.unlock_file.write_bytes(os.urandom(32))
    with at(thief), pytest.raises(Locked, match="不是这个节点的"):
        key_store.held("exchange")


def test_a_password_is_no_unlocking_secret(home: Node) -> None:
    home.unlock_file.write_bytes(b"secret123")

    with pytest.raises(Locked, match="32 字节"):
        locks.keep(home, "kek", b"K" * 32)


def test_a_secret_cannot_take_the_place_of_another(home: Node) -> None:
    locks.keep(home, "kek", b"K" * 32)
    locks.keep(home, "index", b"I" * 32)
    (home.secrets / "index").write_bytes((home.secrets / "kek").read_bytes())

    with pytest.raises(SealBroken):
        locks.read(home, "index")


def test_a_folder_in_the_clear_is_taken_over_once(home: Node) -> None:
    (home.secrets / "keys").mkdir(parents=True)
    with at(home):
        private = key_store.suite_for("exchange").generate()
    (home.secrets / "kek").write_bytes(b"K" * 32)
    (home.secrets / "keys" / "exchange.pem").write_bytes(private)
    with pytest.raises(Locked, match="没有加密"):
        locks.read(home, "kek")

    locks.make(home)
    before = stored(home)
    locks.make(home)

    assert stored(home) == before
    assert (locks.read(home, "kek"), locks.read(home, "keys/exchange.pem")) == (b"K" * 32, private)
    assert not any(b"PRIVATE KEY" in content for content in before)


def test_processes_that_start_at_once_make_one_lock(home: Node) -> None:
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda number: locks.keep(home, "kek", bytes([number]) * 32), range(16)))

    assert len(set(kept)) == 1
    assert locks.read(home, "kek") == kept[0]


def test_the_unlocking_secret_is_changed_without_touching_the_keys(home: Node, tmp_path: Path) -> None:
    locks.keep(home, "kek", b"K" * 32)
    sealed, old = (home.secrets / "kek").read_bytes(), home.unlock_file.read_bytes()

    place = locks.relock(home)

    assert place == home.unlock_file
    assert place.read_bytes() != old
    assert (home.secrets / "kek").read_bytes() == sealed
    fresh(home)
    assert locks.read(home, "kek") == b"K" * 32
    home.unlock_file.write_bytes(old)
    fresh(home)
    with pytest.raises(Locked):
        locks.read(home, "kek")


def test_the_unlocking_secret_can_move_to_a_place_that_the_operator_names(home: Node, tmp_path: Path) -> None:
    locks.keep(home, "kek", b"K" * 32)
    place = locks.relock(home, tmp_path / "credentials")

    fresh(home)
    with pytest.raises(Locked):
        locks.read(home, "kek")
    assert locks.read(replace(home, unlock=place), "kek") == b"K" * 32


def test_stopped_between_two_steps_of_a_change_the_secret_in_place_opens(home: Node) -> None:
    locks.keep(home, "kek", b"K" * 32)
    old = home.unlock_file.read_bytes()
    locks.relock(home)
    doors = (home.secrets / "lock").read_text().split()
    assert len(doors) == 1

    new = home.unlock_file.read_bytes()
    locks._write_lock(home, locks._open_lock(home), [old, new])  # as it stands before the last step
    for secret in (old, new):
        home.unlock_file.write_bytes(secret)
        fresh(home)
        assert locks.read(home, "kek") == b"K" * 32


def fresh(node: Node) -> None:
    """As a process that has just started."""
    locks._wrapping_key.cache_clear()
