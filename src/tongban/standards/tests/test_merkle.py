# SPDX-License-Identifier: Apache-2.0
"""The tree against the roots that Certificate Transparency publishes, and RFC 6962's recursion."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.standards.crypto import Suite, merkle, suite

ED, SM = suite("ed25519"), suite("sm2")
INPUTS = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
LEAVES = [merkle.leaf_hash(ED, bytes.fromhex(each)) for each in INPUTS]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
suites = st.sampled_from([ED, SM])
sizes = st.integers(1, 70)


def leaves(of: Suite, count: int) -> list[bytes]:
    return [merkle.leaf_hash(of, str(number).encode()) for number in range(count)]


def recursive_path(index: int, hashes: list[bytes]) -> list[bytes]:
    """RFC 6962 §2.1.1, word for word."""
    if len(hashes) == 1:
        return []
    split = 1 << (len(hashes) - 1).bit_length() - 1
    if index < split:
        return [*recursive_path(index, hashes[:split]), merkle.root(ED, hashes[split:])]
    return [*recursive_path(index - split, hashes[split:]), merkle.root(ED, hashes[:split])]


def recursive_proof(old: int, hashes: list[bytes], is_whole: bool = True) -> list[bytes]:
    """RFC 6962 §2.1.2, word for word."""
    if old == len(hashes):
        return [] if is_whole else [merkle.root(ED, hashes)]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    if old <= split:
        return [*recursive_proof(old, hashes[:split], is_whole), merkle.root(ED, hashes[split:])]
    return [*recursive_proof(old - split, hashes[split:], False), merkle.root(ED, hashes[:split])]


@pytest.mark.parametrize("size", range(9))
def test_the_published_roots_come_out(size: int) -> None:
    assert merkle.root(ED, LEAVES[:size]).hex() == ROOTS[size]
    assert merkle.Frontier().add(ED, LEAVES[:size]).root(ED).hex() == ROOTS[size]


def test_the_published_path_of_the_first_of_eight_leaves_comes_out() -> None:
    found = [each.hex() for each in merkle.path(ED, LEAVES, 0)]

    assert found == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]


def test_the_published_consistency_of_one_with_eight_leaves_comes_out() -> None:
    found = [each.hex() for each in merkle.consistency(ED, LEAVES, 1)]

    assert found == [each.hex() for each in merkle.path(ED, LEAVES, 0)]


def test_a_leaf_never_passes_as_a_branch() -> None:
    two = LEAVES[:2]

    assert merkle.leaf_hash(ED, b"".join(two)) != merkle.root(ED, two)
    assert merkle.leaf_hash(ED, b"x") == hashlib.sha256(b"\x00x").digest()


@given(suites, sizes, st.data())
def test_a_path_proves_its_leaf_and_no_other(of: Suite, size: int, data: st.DataObject) -> None:
    hashes = leaves(of, size)
    index, other = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size - 1))
    tree = merkle.Tree(of, hashes)
    found = tree.path(index)

    assert merkle.verify_path(of, hashes[index], index, size, found, tree.root)
    if other != index:
        assert not merkle.verify_path(of, hashes[other], index, size, found, tree.root)
        assert not merkle.verify_path(of, hashes[index], other, size, found, tree.root)
    assert not merkle.verify_path(of, hashes[index], index, size, [*found, tree.root], tree.root)
    assert not found or not merkle.verify_path(of, hashes[index], index, size, found[:-1], tree.root)
    assert not merkle.verify_path(of, hashes[index], index + size, size, found, tree.root)
    assert not merkle.verify_path(of, hashes[index], -1, size, found, tree.root)


@given(sizes, st.data())
def test_paths_and_proofs_are_those_of_the_recursion_in_the_rfc(size: int, data: st.DataObject) -> None:
    hashes = leaves(ED, size)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))

    assert merkle.path(ED, hashes, index) == recursive_path(index, hashes)
    assert merkle.consistency(ED, hashes, old) == recursive_proof(old, hashes)


@given(suites, sizes, st.data())
def test_a_larger_tree_proves_that_it_begins_with_the_smaller(of: Suite, size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(0, size))
    hashes = leaves(of, size)
    before, after = merkle.root(of, hashes[:old]), merkle.root(of, hashes)
    proof = merkle.consistency(of, hashes, old)
    rewritten = [merkle.leaf_hash(of, b"rewritten"), *hashes[1:]]

    assert merkle.verify_consistency(of, old, size, before, after, proof)
    assert not merkle.verify_consistency(of, old, size, before, merkle.root(of, rewritten), proof) or old == 0
    assert not merkle.verify_consistency(of, old, size, before, after, [*proof, after])
    assert not merkle.verify_consistency(of, size + 1, size, before, after, proof)
    if 0 < old < size:
        other_proof = merkle.consistency(of, rewritten, old)
        other = merkle.root(of, rewritten)
        assert not merkle.verify_consistency(of, old, size, before, other, other_proof)
        assert not merkle.verify_consistency(of, old, size, before, after, proof[:-1])


@given(suites, sizes, st.lists(st.integers(0, 70), max_size=4))
def test_a_frontier_grows_to_the_root_of_the_whole_tree(of: Suite, size: int, cuts: list[int]) -> None:
    hashes = leaves(of, size)
    stops = sorted(min(cut, size) for cut in cuts)

    grown = merkle.Frontier()
    for start, stop in zip([0, *stops], [*stops, size], strict=True):
        grown = grown.add(of, hashes[start:stop])

    assert grown.size == size
    assert grown.root(of) == merkle.root(of, hashes)
    assert len(grown.peaks) == size.bit_count()


@pytest.mark.parametrize("index", [-1, 8, 100])
def test_outside_the_tree_there_is_no_path(index: int) -> None:
    with pytest.raises(IndexError):
        merkle.path(ED, LEAVES, index)
