# SPDX-License-Identifier: Apache-2.0
"""The Merkle tree of RFC 6962 §2.1 over any suite's hash: roots, paths, proofs, growth."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tongban.standards.crypto import Suite


def leaf_hash(suite: Suite, data: bytes) -> bytes:
    """What stands at the bottom for this data; the leading 0 keeps a leaf from passing as a branch."""
    return suite.hash(b"\x00" + data)


def root(suite: Suite, leaf_hashes: Sequence[bytes]) -> bytes:
    """The tree head; of no leaves, the hash of nothing."""
    return Tree(suite, leaf_hashes).root


def path(suite: Suite, leaf_hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of one leaf, from the bottom up. IndexError outside the tree."""
    return Tree(suite, leaf_hashes).path(index)


def consistency(suite: Suite, leaf_hashes: Sequence[bytes], old_size: int) -> list[bytes]:
    """The proof that the first `old_size` leaves are still the first. IndexError outside the tree."""
    return Tree(suite, leaf_hashes).consistency(old_size)


def verify_path(suite: Suite, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether this leaf hash stands at this place of the tree with this root (RFC 9162 §2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, hashed = index, size - 1, leaf
    for sibling in path:
        if not last:
            return False
        if node & 1 or node == last:
            hashed = branch_hash(suite, sibling, hashed)
            node, last = _to_left_child(node, last)
        else:
            hashed = branch_hash(suite, hashed, sibling)
        node, last = node >> 1, last >> 1
    return not last and hashed == root


def verify_consistency(
    suite: Suite, old_size: int, new_size: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the larger tree begins with the smaller one (RFC 9162 §2.1.4.2); an empty one always does."""
    if not 0 <= old_size <= new_size:
        return False
    if old_size in (0, new_size):
        is_same = old_root == (new_root if old_size else suite.hash(b""))
        return is_same and not proof
    nodes = [old_root, *proof] if old_size & (old_size - 1) == 0 else list(proof)
    return bool(nodes) and _climb(suite, old_size - 1, new_size - 1, nodes) == (old_root, new_root)


class Tree:
    """All branches of a tree of leaf hashes, hashed once; roots and paths are then read off."""

    def __init__(self, suite: Suite, leaf_hashes: Sequence[bytes]) -> None:
        self.suite = suite
        self.size = len(leaf_hashes)
        self.rows = [list(leaf_hashes)]
        while len(self.rows[-1]) > 1:
            self.rows.append(_row_above(suite, self.rows[-1]))

    @property
    def root(self) -> bytes:
        """The tree head."""
        return self.rows[-1][0] if self.size else self.suite.hash(b"")

    def path(self, index: int) -> list[bytes]:
        """The audit path of one leaf, from the bottom up. IndexError outside the tree."""
        if not 0 <= index < self.size:
            raise IndexError(f"no leaf {index} among {self.size}")
        siblings = ((row, (index >> level) ^ 1) for level, row in enumerate(self.rows))
        return [row[place] for row, place in siblings if place < len(row)]

    def consistency(self, old_size: int) -> list[bytes]:
        """The proof that the first `old_size` leaves are still the first. IndexError outside the tree."""
        if not 0 <= old_size <= self.size:
            raise IndexError(f"no head of {old_size} in a tree of {self.size}")
        if old_size in (0, self.size):
            return []
        level = (old_size & -old_size).bit_length() - 1  # the last whole subtree of the old tree
        place = (old_size >> level) - 1
        own = [self.rows[level][place]] if old_size & (old_size - 1) else []
        above = ((row, (place >> up) ^ 1) for up, row in enumerate(self.rows[level:]))
        return own + [row[at] for row, at in above if at < len(row)]


@dataclass(frozen=True)
class Frontier:
    """What a growing tree must remember to go on: its size and its whole subtrees' roots, largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def add(self, suite: Suite, leaf_hashes: Iterable[bytes]) -> "Frontier":
        """The frontier after these leaves are appended; about one hash a leaf, whatever the size."""
        size, peaks = self.size, list(self.peaks)
        for hashed in leaf_hashes:
            peaks.append(hashed)
            for _ in range((~size & size + 1).bit_length() - 1):
                right = peaks.pop()
                peaks.append(branch_hash(suite, peaks.pop(), right))
            size += 1
        return Frontier(size, tuple(peaks))

    def root(self, suite: Suite) -> bytes:
        """The tree head at this size."""
        if not self.peaks:
            return suite.hash(b"")
        *left, hashed = self.peaks
        for peak in reversed(left):
            hashed = branch_hash(suite, peak, hashed)
        return hashed


def branch_hash(suite: Suite, left: bytes, right: bytes) -> bytes:
    """What stands above two neighbours."""
    return suite.hash(b"\x01" + left + right)


def _row_above(suite: Suite, row: list[bytes]) -> list[bytes]:
    """A last one without a neighbour moves up as it is."""
    above = [branch_hash(suite, row[at], row[at + 1]) for at in range(0, len(row) - 1, 2)]
    return above + row[-1:] if len(row) & 1 else above


def _to_left_child(node: int, last: int) -> tuple[int, int]:
    """Skip the levels on which this node moved up without a neighbour."""
    while node and not node & 1:
        node, last = node >> 1, last >> 1
    return node, last


def _climb(suite: Suite, node: int, last: int, proof: list[bytes]) -> tuple[bytes, bytes] | None:
    """Both roots that this proof leads to; None when it is too long or too short."""
    while node & 1:
        node, last = node >> 1, last >> 1
    old = new = proof[0]
    for sibling in proof[1:]:
        if not last:
            return None
        if node & 1 or node == last:
            old, new = branch_hash(suite, sibling, old), branch_hash(suite, sibling, new)
            node, last = _to_left_child(node, last)
        else:
            new = branch_hash(suite, new, sibling)
        node, last = node >> 1, last >> 1
    return None if last else (old, new)
