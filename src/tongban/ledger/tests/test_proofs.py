# SPDX-License-Identifier: Apache-2.0
"""Every line and every earlier head can be proven from what is stored, in whatever suite, at whatever size."""

from collections.abc import Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from tests.world import World
from tongban.exchange import keys
from tongban.ledger import actions, heads, queries
from tongban.ledger.errors import EpochNotNew, NoSuchHead, NotInTree
from tongban.ledger.heads import Mark, NotAHead
from tongban.ledger.models import Branch, Leaf, Tree
from tongban.ledger.tests.burglar import tamper
from tongban.ledger.tree import BLOCK, Reader, grow
from tongban.standards.actor import system
from tongban.standards.crypto import Suite, merkle, suite
from tongban.standards.crypto.merkle import Frontier
from tongban.standards.node import Node, here

MOST = 1200


class InMemory:
    """Leaves and subtrees in a list and a dictionary."""

    def __init__(self, of: Suite, count: int) -> None:
        self.hashes = [merkle.leaf_hash(of, b"%d" % number) for number in range(count)]
        _, whole = grow(of, Frontier(), self.hashes)
        self.whole = {(each.level, each.place): each.hash for each in whole}

    def leaves(self, start: int, end: int) -> list[bytes]:
        return self.hashes[start:end]

    def branches(self, wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        return {each: self.whole[each] for each in wanted if each in self.whole}


ED, SM = suite("ed25519"), suite("sm2")
KEPT = InMemory(ED, MOST)


@given(st.data())
def test_paths_and_proofs_are_those_of_the_tree_hashed_whole(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, MOST))
    old = data.draw(st.integers(0, size))
    position = data.draw(st.integers(0, size - 1))
    reader, plain = Reader(ED, KEPT, MOST), merkle.Tree(ED, KEPT.hashes[:size])

    assert reader.root(size) == plain.root
    assert reader.path(position, size) == plain.path(position)
    assert reader.consistency(old, size) == plain.consistency(old)


def test_subtrees_that_were_never_kept_are_hashed_from_the_leaves() -> None:
    bare = InMemory(SM, MOST)
    bare.whole.clear()

    assert Reader(SM, bare, MOST).root(MOST) == merkle.root(SM, bare.hashes)


def test_a_tree_grown_in_pieces_keeps_the_same_subtrees() -> None:
    frontier, found = Frontier(), dict[tuple[int, int], bytes]()
    for start in range(0, MOST, 77):
        frontier, whole = grow(ED, frontier, KEPT.hashes[start : start + 77])
        found |= {(each.level, each.place): each.hash for each in whole}

    assert found == KEPT.whole
    assert frontier.root(ED) == merkle.root(ED, KEPT.hashes)
    assert min(level for level, _ in found) == BLOCK


@pytest.mark.parametrize("size", [-1, MOST + 1])
def test_a_tree_proves_nothing_beyond_itself(size: int) -> None:
    with pytest.raises(IndexError):
        Reader(ED, KEPT, MOST).root(size)
    with pytest.raises(IndexError):
        Reader(ED, KEPT, MOST).consistency(size, MOST)
    with pytest.raises(IndexError):
        Reader(ED, KEPT, MOST).path(size, MOST)


def grown(world: World, count: int, subject: str = "case:proof") -> Mark:
    """A tree with that many more lines, and its newest head."""
    for number in range(count):
        actions.write(subject, verb="note", actor=system(here().code), at=world.clock.now(), facts={"n": number})
    while actions.sequence_once(world.clock.now(), keys.signer()):
        pass
    return queries.own_mark()


def test_every_line_is_proven_under_the_newest_head(jilin: Node, standing: World) -> None:
    mark = grown(standing, 3)

    for number in (1, 2, 3):
        proof = queries.inclusion("case:proof", number)
        assert heads.includes(SM, mark, proof.line_digest, proof.position, proof.path)
        assert not heads.includes(SM, mark, "sm3:" + "0" * 64, proof.position, proof.path)
    with pytest.raises(NotInTree):
        queries.inclusion("case:proof", 4)


def test_every_earlier_head_is_proven_to_begin_the_newest(node: Node, standing: World) -> None:
    first, second = grown(standing, 2), grown(standing, 5)

    assert heads.continues(ED, first, second, queries.consistency(first.size, second.size))
    wrong = Mark(first.epoch, first.size, "0" * 64)
    assert not heads.continues(ED, wrong, second, queries.consistency(first.size, second.size))
    with pytest.raises(NoSuchHead):
        queries.consistency(first.size, second.size + 1)
    with pytest.raises(NoSuchHead):
        queries.head_of(second.size + 1)


def test_a_proof_in_a_tree_of_a_thousand_lines_takes_few_statements(node: Node, standing: World) -> None:
    grown(standing, 1)
    begun = queries.tree_size()
    mine = suite(here().suite)
    hashes = [merkle.leaf_hash(mine, digest.encode()) for digest in (f"sha256:{n:064x}" for n in range(1000))]
    Leaf.objects.bulk_create(
        Leaf(position=begun + n, subject="case:many", number=n, line_digest=f"sha256:{n:064x}") for n in range(1000)
    )
    tree = Tree.objects.get()
    frontier = Frontier(tree.size, tuple(bytes.fromhex(peak) for peak in tree.peaks))
    frontier, whole = grow(mine, frontier, hashes)
    Branch.objects.bulk_create(Branch(level=b.level, place=b.place, hash=b.hash) for b in whole)
    Tree.objects.update(size=frontier.size, peaks=[peak.hex() for peak in frontier.peaks])

    with CaptureQueriesContext(
        connection,
    ) as asked:
        proof = queries.inclusion("case:many", 500, frontier.size)
    mark = Mark(1, frontier.size, frontier.root(mine).hex())
    assert heads.includes(mine, mark, proof.line_digest, proof.position, proof.path)
    assert len(asked) <= 7


def test_a_kept_subtree_that_was_altered_is_found(node: Node, standing: World) -> None:
    grown(standing, 300)
    assert queries.first_broken() is None

    tamper("UPDATE ledger_branch SET hash = %s", [b"\0" * 32])

    found = queries.first_broken()
    assert found is not None
    assert found.why == "账本树中保存的子树与叶不符"


def test_after_a_restore_every_head_says_behind_which_one_it_goes_on(node: Node, standing: World) -> None:
    kept = grown(standing, 2)
    lost = Mark(1, kept.size + 7, "ab" * 32)

    actions.begin_epoch(2, lost, kept.size, actor=system(here().code), at=standing.clock.now())
    newest = grown(standing, 1)

    after = queries.beginnings()[2]
    assert (after.epoch, after.size, after.root, after.kept) == (1, lost.size, lost.root, kept.size)
    assert newest.epoch == 2
    assert heads.continues(ED, kept, newest, queries.consistency(kept.size, newest.size))
    assert [line.verb for line in queries.story(f"ledger/{here().code}")] == ["ledger.restarted"]
    assert queries.first_broken() is None
    with pytest.raises(EpochNotNew):
        actions.begin_epoch(2, lost, kept.size, actor=system(here().code), at=standing.clock.now())


def test_an_epoch_that_lost_nothing_goes_on_behind_the_nodes_own_last_head(node: Node, standing: World) -> None:
    own = grown(standing, 3)

    actions.begin_epoch(2, None, own.size, actor=system(here().code), at=standing.clock.now())
    grown(standing, 1)

    assert queries.beginnings()[2].size == queries.beginnings()[2].kept == own.size


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"{}",
        b'{"v":1}',
        b'{"after":null,"at":"x","epoch":1,"node":"a","root":"' + b"0" * 64 + b'","size":1,"v":1}',
    ],
)
def test_what_is_no_head_is_refused(document: bytes) -> None:
    with pytest.raises(NotAHead):
        heads.read(document)
