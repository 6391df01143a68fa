# SPDX-License-Identifier: Apache-2.0
"""Proofs over a tree too big to hold: whole subtrees are kept, the rest is hashed when asked. Pure.

Subtrees of 256 leaves and more are kept, one hash for every 128 lines or so. A proof then reads one row for each
level above, and the leaves of at most three blocks.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from tongban.standards.crypto import Suite, merkle
from tongban.standards.crypto.merkle import Frontier

BLOCK = 8  # levels below the lowest one that is kept: 2**8 leaves
WIDTH = 1 << BLOCK


@dataclass(frozen=True)
class Branch:
    """The root of a whole subtree of 2**level leaves, the place-th of its level."""

    level: int
    place: int
    hash: bytes


class Kept(Protocol):
    """Where leaves and subtrees are read from."""

    def leaves(self, start: int, end: int) -> Sequence[bytes]:
        """The leaf hashes in [start, end)."""

    def branches(self, wanted: Sequence[tuple[int, int]]) -> Mapping[tuple[int, int], bytes]:
        """The roots of whole subtrees by level and place; those that were not kept are left out."""


def grow(suite: Suite, frontier: Frontier, leaf_hashes: Iterable[bytes]) -> tuple[Frontier, list[Branch]]:
    """The frontier after these leaves, and the subtrees worth keeping that they completed."""
    size, peaks, whole = frontier.size, list(frontier.peaks), []
    for hashed in leaf_hashes:
        peaks.append(hashed)
        for level in range(1, (~size & size + 1).bit_length()):
            right = peaks.pop()
            peaks.append(merkle.branch_hash(suite, peaks.pop(), right))
            if level >= BLOCK:
                whole.append(Branch(level, size >> level, peaks[-1]))
        size += 1
    return Frontier(size, tuple(peaks)), whole


class Reader:
    """Roots, paths and proofs of one tree at any of its sizes (RFC 6962 §2.1)."""

    def __init__(self, suite: Suite, kept: Kept, size: int) -> None:
        self._suite, self._kept, self.size = suite, kept, size
        self._blocks: dict[int, merkle.Tree] = {}
        self._branches: dict[tuple[int, int], bytes] = {}

    def root(self, size: int) -> bytes:
        """The tree head at this size. IndexError beyond the tree."""
        self._require(size)
        return self._hashes([(0, size)])[0] if size else self._suite.hash(b"")

    def path(self, position: int, size: int) -> list[bytes]:
        """The audit path of one leaf in the tree of this size. IndexError outside."""
        self._require(size)
        if not 0 <= position < size:
            raise IndexError(f"no leaf {position} among {size}")
        start, end, found = 0, size, []
        while end - start > 1:
            middle = start + _left(end - start)
            if position < middle:
                found.append((middle, end))
                end = middle
            else:
                found.append((start, middle))
                start = middle
        return self._hashes(found[::-1])

    def consistency(self, old: int, new: int) -> list[bytes]:
        """The proof that the tree of size `old` begins the one of size `new`. IndexError outside."""
        self._require(new)
        if not 0 <= old <= new:
            raise IndexError(f"no head of {old} in a tree of {new}")
        if old in (0, new):
            return []
        start, end, found = 0, new, []
        while old != end:
            middle = start + _left(end - start)
            if old <= middle:
                found.append((middle, end))
                end = middle
            else:
                found.append((start, middle))
                start = middle
        own = [(start, end)] if start else []
        return self._hashes(own + found[::-1])

    def _require(self, size: int) -> None:
        if not 0 <= size <= self.size:
            raise IndexError(f"no head of {size} in a tree of {self.size}")

    def _hashes(self, parts: Sequence[tuple[int, int]]) -> list[bytes]:
        """The hashes over these ranges of leaves; what is kept of them is asked for together."""
        wanted = {whole for part in parts for whole in _wholes(*part) if whole[0] >= BLOCK}
        self._branches |= self._kept.branches(sorted(wanted - set(self._branches)))
        return [self._under(*part) for part in parts]

    def _under(self, start: int, end: int) -> bytes:
        """The hash over leaves [start, end), which begin where a subtree of that size does."""
        width = end - start
        if width & (width - 1) == 0:
            return self._whole(width.bit_length() - 1, start // width)
        middle = start + _left(width)
        return merkle.branch_hash(self._suite, self._under(start, middle), self._under(middle, end))

    def _whole(self, level: int, place: int) -> bytes:
        if level < BLOCK:
            block = (place << level) >> BLOCK
            row = self._block(block).rows[level]
            return row[place - (block << (BLOCK - level))]
        kept = self._branches.get((level, place))
        if kept is not None:
            return kept
        if level == BLOCK:
            return self._block(place).root
        left, right = self._whole(level - 1, 2 * place), self._whole(level - 1, 2 * place + 1)
        return merkle.branch_hash(self._suite, left, right)

    def _block(self, number: int) -> merkle.Tree:
        if number not in self._blocks:
            start = number << BLOCK
            self._blocks[number] = merkle.Tree(self._suite, self._kept.leaves(start, min(start + WIDTH, self.size)))
        return self._blocks[number]


def _wholes(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The whole subtrees (level, place) that a range of leaves is made of."""
    width = end - start
    if width & (width - 1) == 0:
        yield width.bit_length() - 1, start // width
        return
    middle = start + _left(width)
    yield from _wholes(start, middle)
    yield from _wholes(middle, end)


def _left(width: int) -> int:
    """How many leaves the left part of a tree has: the largest power of two below its width."""
    return 1 << ((width - 1).bit_length() - 1)
