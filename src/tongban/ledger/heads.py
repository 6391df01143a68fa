# SPDX-License-Identifier: Apache-2.0
"""Signed tree heads: what one says, and what can be proven under it. Pure; a stranger checks with the same lines.

A node that came back from a backup has lost lines that its peers may have witnessed. It then begins a new
epoch, and every head of that epoch says after which head of the old line it goes on: a loss is never silent.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Literal

import msgspec

from tongban.ledger.lines import instant
from tongban.standards.canonical import canonical, parse
from tongban.standards.crypto import Suite, merkle

VERSION = 1
Whole = Annotated[int, msgspec.Meta(ge=0)]
Word = Annotated[str, msgspec.Meta(max_length=200)]
Root = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class NotAHead(ValueError):
    """These bytes are no tree head."""


class Mark(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place on a tree line: so many lines, with this root."""

    epoch: Whole
    size: Whole
    root: Root


class After(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an epoch goes on: behind this head of an earlier line, of which so many lines were kept."""

    epoch: Whole
    size: Whole
    root: Root
    kept: Whole


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A head as it is written."""

    v: Literal[1]
    node: Word
    epoch: Whole
    size: Whole
    root: Root
    at: Word
    after: After | None


@dataclass(frozen=True)
class TreeHead:
    """What a node says of its tree."""

    node: str
    epoch: int
    size: int
    root: str
    at: datetime
    after: After | None

    @property
    def mark(self) -> Mark:
        """The place it speaks of."""
        return Mark(self.epoch, self.size, self.root)

    def bytes(self) -> bytes:
        """The exact bytes that are signed."""
        told = {"node": self.node, "epoch": self.epoch, "size": self.size, "root": self.root, "at": instant(self.at)}
        after = None if self.after is None else msgspec.to_builtins(self.after)
        return canonical({"v": VERSION, **told, "after": after})


def read(document: bytes) -> TreeHead:
    """The head in these bytes, unverified. NotAHead when it is none."""
    try:
        told = msgspec.convert(parse(document, strict=True), Words)
        at = datetime.strptime(told.at, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
    except (ValueError, RecursionError) as wrong:
        raise NotAHead(str(wrong)) from wrong
    head = TreeHead(told.node, told.epoch, told.size, told.root, at, told.after)
    if head.bytes() != document:
        raise NotAHead("the time is spelt another way")
    return head


def includes(suite: Suite, at: Mark, line_digest: str, position: int, path: Sequence[bytes]) -> bool:
    """Whether the line with this digest stands at this place of the tree."""
    leaf = merkle.leaf_hash(suite, line_digest.encode())
    return merkle.verify_path(suite, leaf, position, at.size, path, bytes.fromhex(at.root))


def continues(suite: Suite, old: Mark, new: Mark, proof: Sequence[bytes]) -> bool:
    """Whether the larger tree begins with all the lines of the smaller one."""
    roots = bytes.fromhex(old.root), bytes.fromhex(new.root)
    return merkle.verify_consistency(suite, old.size, new.size, *roots, proof)
