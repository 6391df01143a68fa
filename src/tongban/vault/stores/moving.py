# SPDX-License-Identifier: Apache-2.0
"""Brings the files of a node's home into its bucket, once."""

from collections.abc import Callable
from pathlib import Path

from tongban.standards.node import Node
from tongban.vault.stores import ACCESS, store
from tongban.vault.stores.bucket import BucketStore

NAME = 64  # hexadecimal digits; what is still being written is called otherwise, and stays


def move_in(node: Node, tell: Callable[[int, int], None]) -> int:
    """How many files were moved. Each leaves the home when the bucket has it, so it can be stopped and run again.

    ValueError where the node has no bucket; StoreAway when the bucket does not answer.
    """
    bucket = store()
    if not isinstance(bucket, BucketStore):
        raise ValueError(f"node.toml has no [bucket], or there is no secret {ACCESS!r}")
    found = [file for file in sorted(Path(node.home, "files").glob("*/*/*")) if len(file.name) == NAME]
    for done, file in enumerate(found, 1):
        bucket.take(file.parent.name, file.name, file)
        tell(done, len(found))
    return len(found)
