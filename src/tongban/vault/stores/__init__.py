# SPDX-License-Identifier: Apache-2.0
"""Where sealed files lie for good: a folder of this machine, or a bucket that speaks S3. One interface for both.

A store sees sealed bytes under names that say nothing. What is still being written lies beside the node's home in
both cases, and the store takes it over whole.
"""

from collections.abc import Collection, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from tongban.standards.node import Node, here
from tongban.vault import locks
from tongban.vault.stores.bucket import BucketStore
from tongban.vault.stores.folder import FolderStore
from tongban.vault.stores.made import Made

__all__ = ["ACCESS", "Made", "Store", "local", "store"]

ACCESS = "bucket"  # the name among the secrets of what opens the bucket: identifier and secret, a line each


class Store(Protocol):
    """What keeps files. A folder names a subject, a name its content; both are hexadecimal digits."""

    def size(self, folder: str, name: str) -> int | None:
        """Bytes of the sealed file; None when there is none."""

    def which(self, folder: str, names: Collection[str]) -> Collection[str]:
        """Those of these that are there; at most one request, however many are asked for."""

    def part(self, folder: str, name: str, start: int, length: int) -> bytes:
        """So many sealed bytes from there, fewer at the end. FileMissing."""

    def keep(self, folder: str, made: Sequence[Made], *, is_new: bool) -> None:
        """Take over what was written; all of it is durable under its name when this returns."""

    def take(self, folder: str, name: str, passing: Path) -> None:
        """The same for one that came in parts and lies safely on this machine's disk."""

    def forget(self, folder: str) -> None:
        """Remove all of a folder; nothing happens when there is none."""


def store() -> Store:
    """Where this node keeps its files."""
    node = here()
    return _local(node) if node.bucket is None else _bucket(node)


def local() -> FolderStore:
    """The folder in the node's home: what is still being written lies there, whatever the store."""
    return _local(here())


@lru_cache(maxsize=64)
def _local(node: Node) -> FolderStore:
    return FolderStore(f"{node.home}/files")


@lru_cache(maxsize=64)
def _bucket(node: Node) -> BucketStore:
    assert node.bucket is not None
    identifier, _, secret = locks.read(node, ACCESS).decode().partition("\n")
    return BucketStore(node.bucket, (identifier, secret))
