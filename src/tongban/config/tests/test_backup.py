# SPDX-License-Identifier: Apache-2.0
"""A backup is whole or not there; a restore puts back exactly what was, or touches nothing."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from tests.world import World
from tongban.config import archive, backup, new_home, presence, restore
from tongban.config.archive import BadBackup
from tongban.config.home import BadHome
from tongban.config.restore import CannotRestore, Place
from tongban.database.server import Server
from tongban.standards.node import Node
from tongban.vault import files, keys
from tongban.vault.errors import Locked

GANSU = "620000"
COUNTS = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1"
GRANTED = (
    "SELECT relname, ARRAY(SELECT one::text FROM unnest(relacl) AS one ORDER BY 1) FROM pg_class "
    "WHERE relnamespace = 'public'::regnamespace ORDER BY relname"
)
SERIALS = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public' ORDER BY 1"


def silent(done: int, total: int, what: str) -> None:
    """Nobody is at a terminal."""


@dataclass
class Kept:
    """A node that can be backed up, and a place to put it back."""

    world: World
    node: Node
    url: str
    into: Path
    place: Place

    def backup(self, keep: int = 0) -> Path:
        self.world.pass_time(timedelta(hours=1))
        with self.world.at(self.node.code):
            return backup.make(self.node, self.url, self.into, self.world.clock.now(), silent, keep=keep)

    def store(self, content: bytes) -> str:
        with self.world.at(self.node.code):
            return files.store("case:kept", keys.new_key()[0], [content]).digest

    def asked(self, question: str, *, of: str = "") -> list[tuple[object, ...]]:
        with psycopg.connect(of or self.url) as connection:
            return connection.execute(question.encode()).fetchall()

    def counted(self, *, of: str = "") -> dict[str, object]:
        names = [str(name) for (name,) in self.asked(COUNTS, of=of)]
        return {name: self.asked(f'SELECT count(*) FROM "{name}"', of=of) for name in names}


@pytest.fixture
def kept(town: World, ground: Server, worker_name: str, tmp_path: Path) -> Iterator[Kept]:
    tmp_path.chmod(0o711)
    with town.running(), town.at(GANSU) as node:
        home = tmp_path / "home"
        shutil.copytree(node.home, home)
        shutil.copyfile(node.unlock_file, home.with_name("home.unlock"))
        own = replace(node, home=home)
        url = ground.url(town._database(node), town.ROLE, town.PASSWORD)
        name = f"town_{worker_name}_restored"
        ground.drop(name)
        ground.clone("template0", name, town.ROLE)
        new_home.write(own, ground.url(name, town.ROLE, town.PASSWORD))
        town.nodes[GANSU] = own
        try:
            place = Place(tmp_path / "restored", ground.owner_url(name), replaces=False)
            shutil.copyfile(node.unlock_file, tmp_path / "restored.unlock")
            yield Kept(town, own, url, tmp_path / "backups", place)
        finally:
            town.nodes[GANSU] = node
            ground.drop(name)


def test_a_restored_node_is_the_node_that_was_backed_up(kept: Kept) -> None:
    digest = kept.store(b"a scan of an identity card")
    made = kept.backup()

    restore.load(made, kept.place, silent)
    restore.finish(kept.place)

    there = kept.place.owner_url
    assert kept.counted(of=there) == kept.counted()
    assert kept.asked(GRANTED, of=there) == kept.asked(GRANTED)
    assert kept.asked(SERIALS, of=there) == kept.asked(SERIALS)
    with kept.world.at(GANSU):
        assert files.has("case:kept", digest)
    found = {path.relative_to(kept.place.home) for path in kept.place.home.rglob("*") if path.is_file()}
    was = {path.relative_to(kept.node.home) for path in kept.node.home.rglob("*") if path.is_file()}
    assert found == was - {Path(presence.NAME)}
    assert all((kept.place.home / path).read_bytes() == (kept.node.home / path).read_bytes() for path in found)


def test_files_that_an_earlier_backup_holds_are_not_copied_again(kept: Kept) -> None:
    digest = kept.store(b"old").removeprefix("sha256:")
    first = kept.backup()
    fresh = kept.store(b"new").removeprefix("sha256:")
    second = kept.backup()

    def links(made: Path, name: str) -> int:
        return next(made.glob(f"home/files/*/*/{name}")).stat().st_nlink

    assert (links(first, digest), links(second, digest), links(second, fresh)) == (2, 2, 1)
    shutil.rmtree(first)
    assert archive.verify(second, silent)


def test_only_the_newest_are_kept_when_asked_so(kept: Kept) -> None:
    made = [kept.backup(keep=2) for _ in range(4)]

    assert archive.backups(kept.into, GANSU) == made[2:]
    assert sorted(kept.into.iterdir()) == made[2:]


@pytest.mark.parametrize("name", ["database.dump", "SHA256SUMS", "manifest.json", "home/secrets/kek", "home/node.toml"])
def test_a_changed_byte_is_refused_by_name_and_nothing_is_touched(kept: Kept, name: str) -> None:
    made = kept.backup()
    file = made / name
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)

    with pytest.raises(BadBackup, match=Path(name).name):
        restore.load(made, kept.place, silent)

    assert not kept.place.home.exists()
    assert not kept.place.staged.exists()
    assert kept.asked(COUNTS, of=kept.place.owner_url) == []


def test_a_missing_file_is_refused_by_name(kept: Kept) -> None:
    digest = kept.store(b"a scan").removeprefix("sha256:")
    made = kept.backup()
    next(made.glob(f"home/files/*/*/{digest}")).unlink()

    with pytest.raises(BadBackup, match=digest):
        restore.load(made, kept.place, silent)


def test_a_backup_that_broke_off_is_none(kept: Kept) -> None:
    broken_off = kept.into / f"{backup.MAKING}{GANSU}-20260101T000000Z"
    broken_off.mkdir(parents=True)

    with pytest.raises(BadBackup, match="不是一份完整的备份"):
        archive.read(broken_off)
    made = kept.backup()
    assert list(kept.into.iterdir()) == [made]


def test_what_opens_the_secrets_is_not_in_the_backup(kept: Kept) -> None:
    made = kept.backup()
    secret = kept.node.unlock_file.read_bytes()

    assert all(secret not in file.read_bytes() for file in made.rglob("*") if file.is_file())
    assert "不含解锁文件" in archive.read(made)["note"]
    (kept.place.home.parent / "restored.unlock").write_bytes(b"x" * 32)
    with pytest.raises(Locked):
        restore.load(made, kept.place, silent)
    assert kept.asked(COUNTS, of=kept.place.owner_url) == []


def test_nothing_is_replaced_unless_it_was_said_so(kept: Kept) -> None:
    made = kept.backup()
    kept.place.home.mkdir()
    (kept.place.home / "node.toml").write_bytes((kept.node.home / "node.toml").read_bytes())

    with pytest.raises(CannotRestore, match="不是空的"):
        restore.load(made, kept.place, silent)

    (kept.place.home / "mark").touch()
    restore.load(made, replace(kept.place, replaces=True), silent)
    restore.finish(kept.place)
    assert not (kept.place.home / "mark").exists()
    assert len(list(kept.place.home.parent.glob("restored.before-*/mark"))) == 1


def test_another_nodes_folder_is_never_replaced(kept: Kept) -> None:
    made = kept.backup()
    new_home.write(replace(kept.node, code="430000", home=kept.place.home), "postgresql:///none")

    with pytest.raises(CannotRestore, match="不能互相取代"):
        restore.load(made, replace(kept.place, replaces=True), silent)


def test_nothing_is_restored_under_a_running_process(kept: Kept) -> None:
    made = kept.backup()
    place = replace(kept.place, replaces=True)
    with psycopg.connect(kept.place.owner_url), pytest.raises(CannotRestore, match="连接"):
        restore.load(made, place, silent)

    new_home.write(replace(kept.node, home=kept.place.home), "postgresql:///none")
    presence.hold(kept.place.home)
    try:
        with pytest.raises(BadHome, match="还在运行"):
            restore.load(made, place, silent)
    finally:
        presence.let_go()
    with presence.alone(kept.place.home), pytest.raises(BadHome, match="正在从备份恢复"):
        presence.hold(kept.place.home)
    assert kept.asked(COUNTS, of=kept.place.owner_url) == []


def test_a_backup_never_goes_into_the_node_itself(kept: Kept) -> None:
    kept.into = kept.node.home / "backups"

    with pytest.raises(BadBackup, match="不能放在节点文件夹"):
        kept.backup()
