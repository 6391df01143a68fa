# SPDX-License-Identifier: Apache-2.0
"""A node's folder is made once, whole and private."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tongban.config import home, new_home, new_keys
from tongban.standards.node import Node
from tongban.vault import locks

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
URL = 'postgresql://node:a"b@/node?host=/run/x&port=5432'


@pytest.fixture
def node(tmp_path: Path) -> Node:
    return Node(
        code="220000",
        name='吉林"通办"节点',
        suite="sm2",
        address="http://220000.localhost:8003",
        dial="http://127.0.0.1:8103",
        home=tmp_path / "220000",
        hub="000000",
        demo=True,
    )


def test_what_is_written_is_read_back(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGBAN_DEMO", "1")
    new_home.write(node, URL, ("tongban.example.org",))

    read = home.read(node.home)

    assert (read.node, read.database_url, read.trusted_hosts) == (node, URL, ("tongban.example.org",))


def test_secrets_are_private_and_never_replaced(node: Node) -> None:
    new_home.write(node, URL)
    before = {file.name: file.read_bytes() for file in node.secrets.iterdir()}

    new_home.write(node, URL.replace("5432", "5433"))

    assert {file.name: file.read_bytes() for file in node.secrets.iterdir()} == before
    assert set(before) == {*new_home.SECRETS, locks.LOCK}
    assert {len(locks.read(node, name)) for name in new_home.SECRETS} == {new_home.LENGTH}
    for file in (*node.secrets.iterdir(), node.home / "node.toml"):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(node.secrets.stat().st_mode) == 0o700
    assert home.read(node.home).database_url.endswith("port=5433")


def test_the_entry_for_the_hub_holds_every_key_and_no_secret(node: Node) -> None:
    new_home.write(node, URL)
    new_keys.make(node, AT)

    entry = new_keys.entry(node.home / new_keys.ENTRY, regions=("22",), roles=("region",))

    assert entry.code == node.code
    assert sorted((key.use, key.suite) for key in entry.keys) == [
        ("document", "es256"),
        ("encryption", "sm2"),
        ("exchange", "sm2"),
        ("sign_in", "es256"),
    ]
    assert all(key.in_force(AT) for key in entry.keys)
    assert entry.certificates[0].startswith("-----BEGIN CERTIFICATE-----")
    assert "PRIVATE" not in (node.home / new_keys.ENTRY).read_text()


def test_keys_are_made_once(node: Node) -> None:
    new_home.write(node, URL)
    new_keys.make(node, AT)
    before = (node.home / new_keys.ENTRY).read_bytes()

    new_keys.make(node, AT)

    assert (node.home / new_keys.ENTRY).read_bytes() == before


def test_an_entry_with_an_unknown_use_is_refused(node: Node, tmp_path: Path) -> None:
    new_home.write(node, URL)
    new_keys.make(node, AT)
    told = json.loads((node.home / new_keys.ENTRY).read_text())
    told["keys"][0]["use"] = "everything"
    (tmp_path / "odd.json").write_text(json.dumps(told))

    with pytest.raises(ValueError, match="everything"):
        new_keys.entry(tmp_path / "odd.json", regions=(), roles=())
