# SPDX-License-Identifier: Apache-2.0
"""Reads a node's folder: node.toml and the secrets beside it."""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tongban.standards.node import Node


class BadHome(Exception):
    """The node folder is missing something; the sentence says what."""


@dataclass(frozen=True)
class Home:
    """All that a process must know before it can start."""

    node: Node
    database_url: str
    trusted_hosts: tuple[str, ...]


def read(folder: Path) -> Home:
    """The node described in folder/node.toml. BadHome when it cannot be used."""
    file = folder / "node.toml"
    if not file.is_file():
        raise BadHome(f"{folder} is not a node folder: node.toml is missing")
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    wanted = ("code", "name", "suite", "address", "dial", "hub", "database_url")
    missing = [key for key in wanted if not isinstance(table.get(key), str)]
    if missing:
        raise BadHome(f"{file} lacks {', '.join(missing)}")
    node = Node(
        code=table["code"],
        name=table["name"],
        suite=table["suite"],
        address=table["address"],
        dial=table["dial"],
        home=folder,
        hub=table["hub"],
        demo=bool(table.get("demo", False)) and os.environ.get("TONGBAN_DEMO") == "1",  # both must say so
        identity_source=_source(table, file),
        identity_limit=int(table.get("identity_limit", 60)),
    )
    hosts = tuple(str(host) for host in table.get("hosts", ())) or (f"{node.code}.localhost", "127.0.0.1")
    return Home(node=node, database_url=table["database_url"], trusted_hosts=hosts)


def _source(table: dict[str, Any], file: Path) -> str:
    """The address of the identity source: numbers go there in clear, so only by TLS or within the machine."""
    address = str(table.get("identity_source", ""))
    parts = urlsplit(address)
    if address and parts.scheme != "https" and (parts.scheme, parts.hostname) != ("http", "127.0.0.1"):
        raise BadHome(f"{file}: identity_source must begin with https:// or http://127.0.0.1")
    return address


def secret(node: Node, name: str) -> bytes:
    """One secret of the node; files are made at first start and never leave the machine."""
    file = node.secrets / name
    if not file.is_file():
        raise BadHome(f"{file} is missing; 'tongban node init' makes it")
    return file.read_bytes()
