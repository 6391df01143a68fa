# SPDX-License-Identifier: Apache-2.0
"""One message as bytes: read as it was written, or refused by name."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.exchange import envelope as envelopes
from tongban.exchange.errors import ExchangeRefusal, Malformed
from tongban.exchange.tests.letters import AT, envelope
from tongban.standards.canonical import canonical, parse

WORDS = parse(envelope().bytes())
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def test_what_is_written_is_read_again() -> None:
    assert envelopes.read(envelope().bytes()) == envelope()


@given(body=st.dictionaries(st.text(max_size=8), PLAIN, max_size=4), sequence=st.integers(1, 2**53 - 1))
def test_any_body_crosses_unchanged(body: dict[str, Any], sequence: int) -> None:
    written = envelope(body=body, sequence=sequence).bytes()

    read = envelopes.read(written)

    assert (read.body, read.sequence) == (body, sequence)
    assert read.bytes() == written


def test_a_message_is_one_line() -> None:
    assert b"\n" not in envelope(body={"text": "一行\n又一行"}).bytes()


@given(st.binary(max_size=200))
def test_arbitrary_bytes_raise_nothing_but_a_refusal(data: bytes) -> None:
    with pytest.raises(ExchangeRefusal):
        envelopes.read(data)


@given(st.data())
def test_an_altered_letter_is_read_or_refused_and_nothing_else(data: st.DataObject) -> None:
    written = bytearray(envelope().bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        written[data.draw(st.integers(0, len(written) - 1))] = data.draw(st.integers(0, 255))
    try:
        read = envelopes.read(bytes(written))
    except ExchangeRefusal:
        return
    assert all(ord(sign) >= 32 for word in (read.kind, read.subject, read.sender) for sign in word)


@given(st.sampled_from(sorted(WORDS)), PLAIN)
def test_a_field_of_any_other_value_raises_nothing_but_a_refusal(name: str, value: object) -> None:
    try:
        envelopes.read(canonical(WORDS | {name: value}))
    except ExchangeRefusal:
        return


@pytest.mark.parametrize("name", sorted(WORDS))
def test_a_missing_field_is_malformed(name: str) -> None:
    left = {key: value for key, value in WORDS.items() if key != name}
    with pytest.raises(Malformed):
        envelopes.read(canonical(left))


@pytest.mark.parametrize(
    "changed",
    [
        {"v": 2},
        {"more": 1},
        {"id": "no-uuid"},
        {"occurred_at": "2026-11-23T01:00:00Z"},
        {"occurred_at": "yesterday"},
        {"sequence": 0},
        {"sequence": True},
        {"epoch": -1},
        {"kind": ""},
        {"kind": "x" * 201},
        {"kind": "case\u0000moved"},
        {"subject": "case:1\n"},
        {"body": []},
    ],
)
def test_what_this_version_does_not_know_is_refused_not_ignored(changed: dict[str, object]) -> None:
    with pytest.raises(Malformed):
        envelopes.read(canonical(WORDS | changed))


@pytest.mark.parametrize("spelled", [b' {"v":1}', b'{"v":1.0}', b'{"v":1,"v":1}', b"[" * 9000, b"\xff"])
def test_only_the_one_canonical_spelling_is_read(spelled: bytes) -> None:
    with pytest.raises(Malformed):
        envelopes.read(spelled)


def test_an_instant_has_always_the_same_width_in_utc() -> None:
    assert envelopes.instant(datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)) == "2026-01-02T03:04:05.000000Z"
    assert envelopes.read_instant(envelopes.instant(AT)) == AT


@pytest.mark.parametrize(
    "spelling", [str.upper, "{{{}}}".format, "urn:uuid:{}".format, lambda text: text.replace("-", "")]
)
def test_an_identifier_has_one_spelling(spelling: Callable[[str], str]) -> None:
    with pytest.raises(Malformed):
        envelopes.read(canonical(WORDS | {"id": spelling("0190a6f0-0000-7000-8000-00000000abcd")}))
