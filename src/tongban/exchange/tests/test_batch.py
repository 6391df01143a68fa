# SPDX-License-Identifier: Apache-2.0
"""Many messages under one signature."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.exchange import batch
from tongban.exchange.errors import ExchangeRefusal, Malformed, Oversize, Tampered
from tongban.exchange.tests.letters import KEYS, envelope, packed
from tongban.standards.canonical import canonical, parse
from tongban.standards.crypto import merkle, suite

SUITES = ("ed25519", "sm2")


@pytest.mark.parametrize("name", SUITES)
@pytest.mark.parametrize("count", [1, 2, 3, 7, 8])
def test_a_batch_arrives_as_it_was_packed(name: str, count: int) -> None:
    sent = packed(count, name)

    came = batch.unpack(sent.bytes())

    assert came == sent
    batch.check_root(came, suite(name))
    assert suite(name).verify(KEYS[name].public, came.head_bytes, came.signature)


@pytest.mark.parametrize("name", SUITES)
def test_each_message_is_tied_to_the_signed_root_alone(name: str) -> None:
    sent, mine = packed(5, name), suite(name)
    for data, proof in zip(sent.messages, batch.proofs(sent, mine), strict=True):
        path = [bytes.fromhex(step) for step in proof["path"]]
        leaf = merkle.leaf_hash(mine, data)
        root = bytes.fromhex(sent.head.root)
        assert merkle.verify_path(mine, leaf, proof["index"], proof["size"], path, root)
        other = merkle.leaf_hash(mine, data + b" ")
        assert not merkle.verify_path(mine, other, proof["index"], proof["size"], path, root)


@pytest.mark.parametrize("name", SUITES)
def test_a_message_altered_left_out_added_or_moved_is_tampered(name: str) -> None:
    sent = packed(4, name)
    one, two, *rest = sent.messages
    for messages in (
        (one, two.replace(b"case:1", b"case:2"), *rest),
        (one, *rest),
        (two, one, *rest),
        (*sent.messages, one),
        (one, one, *rest),
    ):
        with pytest.raises(Tampered):
            batch.check_root(replace(sent, messages=messages), suite(name))


def test_the_count_in_the_head_must_be_the_number_of_messages() -> None:
    sent = packed(3)
    with pytest.raises(Malformed):
        batch.unpack(replace(sent, messages=sent.messages[:2]).bytes())


def test_more_than_a_batch_holds_is_refused_before_it_is_read() -> None:
    with pytest.raises(Oversize):
        batch.unpack(b"x" * (batch.LIMIT + 1))
    with pytest.raises(Malformed):
        batch.unpack(b"\n" * (batch.MOST + 2))


@given(st.binary(max_size=300))
def test_arbitrary_bytes_raise_nothing_but_a_refusal(data: bytes) -> None:
    with pytest.raises(ExchangeRefusal):
        batch.unpack(data)


@given(st.lists(st.binary(max_size=60), min_size=2, max_size=5))
def test_arbitrary_lines_after_a_true_head_raise_nothing_but_a_refusal(lines: list[bytes]) -> None:
    head = packed(len(lines) - 1).head_bytes
    try:
        came = batch.unpack(b"\n".join([head, *lines]))
        batch.check_root(came, suite("ed25519"))
    except ExchangeRefusal:
        return
    raise AssertionError("a root that nobody made was found right")


@given(st.sampled_from(sorted(parse(packed().head_bytes))), st.integers() | st.text(max_size=9) | st.none())
def test_a_head_of_any_other_value_raises_nothing_but_a_refusal(name: str, value: object) -> None:
    sent = packed()
    try:
        changed = canonical(parse(sent.head_bytes) | {name: value})
    except ValueError:
        return  # cannot be written at all
    try:
        batch.unpack(replace(sent, head_bytes=changed).bytes())
    except ExchangeRefusal:
        return


def test_a_letter_is_not_a_head() -> None:
    sent = packed()
    with pytest.raises(Malformed):
        batch.unpack(replace(sent, head_bytes=envelope().bytes()).bytes())
