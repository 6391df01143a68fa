# SPDX-License-Identifier: Apache-2.0
"""Files in a bucket, over real HTTP, by the rules that hold for a folder."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest
from moto.server import ThreadedMotoServer

from tests.world import World
from tongban.standards.node import Bucket, Node, at
from tongban.vault import files, locks, stores
from tongban.vault.errors import FileMissing, SealBroken, StoreAway
from tongban.vault.files import PIECE, SEALED, Arriving, Growing
from tongban.vault.stores import ACCESS
from tongban.vault.stores.bucket import BucketStore
from tongban.vault.stores.moving import move_in
from tongban.vault.tests.test_files import KEY, SUBJECT, content

NAME, PREFIX = "tongban", "620000"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server that speaks S3."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    _, port = running.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    running.stop()


@pytest.fixture
def bucket(server: str) -> Iterator[object]:
    """An empty bucket, looked at by another implementation than the one that fills it."""
    access = {"aws_access_key_id": "node", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    made = boto3.resource("s3", endpoint_url=server, **access).create_bucket(Bucket=NAME)
    yield made
    made.objects.all().delete()


@pytest.fixture
def node(standing: World, server: str, bucket: object, tmp_path: Path) -> Iterator[Node]:
    """A node that keeps its files there."""
    plain = standing.nodes["620000"]
    home = tmp_path / "home"
    with at(replace(plain, home=home, unlock=tmp_path / "unlock", bucket=Bucket(NAME, server, prefix=PREFIX))) as made:
        locks.replace(made, ACCESS, b"node\nsecret")
        yield made


def lying_in(home: Path) -> list[Path]:
    return [path for path in (home / "files").rglob("*") if path.is_file()]


@pytest.mark.parametrize("size", [0, 1, PIECE, 2 * PIECE + 17, 9 * PIECE + 5])
def test_a_file_of_any_size_comes_back_whole_and_in_part(node: Node, size: int) -> None:
    data = content(size)
    stored = files.store(SUBJECT, KEY, [data])

    assert b"".join(files.read(SUBJECT, KEY, stored.digest)) == data
    assert files.has(SUBJECT, stored.digest) and files.size_of(SUBJECT, stored.digest) == size
    assert files.read_range(SUBJECT, KEY, stored.digest, size // 3, PIECE) == data[size // 3 : size // 3 + PIECE]
    assert not lying_in(node.home)


def test_what_the_bucket_sees_says_nothing(node: Node, bucket: object) -> None:
    stored = files.store(SUBJECT, KEY, ["身份证：99430119900307001X".encode()])
    (seen,) = bucket.objects.all()  # type: ignore[attr-defined]

    assert seen.key.startswith(f"{PREFIX}/") and seen.key.endswith(stored.digest.removeprefix("sha256:"))
    assert "case" not in seen.key and b"99430119900307001X" not in seen.get()["Body"].read()


def test_what_came_in_parts_gets_there_too(node: Node) -> None:
    data = content(2 * PIECE + 5)
    arriving = Arriving(SUBJECT, KEY, files.digest_of(data), len(data))
    assert not arriving.add(data[:PIECE]) and not files.has(SUBJECT, files.digest_of(data))
    assert arriving.add(data[PIECE:])
    growing = Growing("case:2", KEY, "one", len(data))
    growing.add(data)

    growing.keep(files.digest_of_all(growing.pieces()))
    assert all(b"".join(files.read(each, KEY, files.digest_of(data))) == data for each in (SUBJECT, "case:2"))
    assert not lying_in(node.home)


def test_an_altered_object_is_refused_and_a_missing_one_is_missing(node: Node, bucket: object) -> None:
    stored = files.store(SUBJECT, KEY, [content(2 * PIECE)])
    (seen,) = bucket.objects.all()  # type: ignore[attr-defined]
    seen.put(Body=seen.get()["Body"].read()[:SEALED])
    with pytest.raises(SealBroken):
        list(files.read(SUBJECT, KEY, stored.digest))
    seen.delete()
    with pytest.raises(FileMissing):
        files.read(SUBJECT, KEY, stored.digest)


def test_what_came_to_nothing_is_removed_and_others_stay(node: Node) -> None:
    gone, kept = files.store(SUBJECT, KEY, [b"one"]), files.store("case:2", KEY, [b"two"])
    files.forget(SUBJECT)
    files.forget("case:3")

    assert not files.has(SUBJECT, gone.digest) and files.has("case:2", kept.digest)


def test_a_bucket_that_does_not_answer_is_said_so_and_nothing_is_left_behind(node: Node) -> None:
    nobody = Bucket(NAME, "http://127.0.0.1:9")
    with at(replace(node, bucket=nobody)), pytest.raises(StoreAway):
        files.store(SUBJECT, KEY, [b"one"])

    assert not lying_in(node.home)


def test_the_files_of_the_home_move_into_the_bucket(node: Node) -> None:
    with at(replace(node, bucket=None)):
        stored = [files.store(f"case:{number}", KEY, [content(number)]) for number in range(3)]
        with pytest.raises(ValueError, match=r"no \[bucket\]"):
            move_in(node, lambda *_: None)
    told: list[tuple[int, int]] = []

    assert move_in(node, lambda *how: told.append(how)) == 3 and told[-1] == (3, 3)
    assert not lying_in(node.home) and move_in(node, lambda *_: None) == 0
    for number, each in enumerate(stored):
        assert b"".join(files.read(f"case:{number}", KEY, each.digest)) == content(number)


def test_a_bucket_is_asked_once_which_files_it_has_and_then_no_more(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = [files.store(SUBJECT, KEY, [content(size)]).digest for size in (1, 2, 3)]
    bucket = stores.store()
    asked: list[str] = []
    assert isinstance(bucket, BucketStore)
    monkeypatch.setattr(bucket, "_bucket", Counted(bucket._bucket, asked))

    assert files.which(SUBJECT, stored) == frozenset(stored) and asked == ["list"]
    assert files.which(SUBJECT, stored[:2]) == frozenset(stored[:2]) and asked == ["list"]
    there = f"sha256:{'0' * 64}"  # on its way: looked for again, until it has come
    assert files.which(SUBJECT, [*stored, there]) == frozenset(stored) and asked == ["list", "list"]
    assert files.which("case:2", []) == frozenset() and len(asked) == 2
    files.forget(SUBJECT)
    assert files.which(SUBJECT, stored) == frozenset()


class Counted:
    """A bucket that notes what it is asked."""

    def __init__(self, bucket: object, asked: list[str]) -> None:
        self._bucket, self._asked = bucket, asked

    def __getattr__(self, name: str) -> object:
        self._asked.append(name)
        return getattr(self._bucket, name)
