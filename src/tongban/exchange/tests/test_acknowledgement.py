# SPDX-License-Identifier: Apache-2.0
"""What the receiver signs is believed for the very batch it speaks of, and for no other."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.exchange import acknowledgement
from tongban.exchange.acknowledgement import Acknowledgement
from tongban.exchange.errors import AnswerInvalid
from tongban.exchange.tests.letters import AT, ID, KEYS
from tongban.standards.canonical import canonical, parse
from tongban.standards.crypto import suite
from tongban.standards.signer import signed

WORD = Acknowledgement(batch=ID, recipient="430000", root="ab", at=AT, answers={"m1": "stored", "m2": "id_reused"})
FOR = {"batch": ID, "recipient": "430000", "root": "ab"}


@pytest.mark.parametrize("name", ["ed25519", "sm2"])
def test_an_answer_arrives_with_its_signature(name: str) -> None:
    sent = signed(KEYS[name], WORD.bytes())

    came = acknowledgement.unwire(acknowledgement.wire(sent))

    assert came == sent
    assert suite(name).verify(KEYS[name].public, came.data, came.signature)
    assert acknowledgement.answers(came.data, batch=ID, recipient="430000", root="ab") == WORD.answers


@pytest.mark.parametrize("other", [{"batch": UUID(int=1)}, {"recipient": "220000"}, {"root": "cd"}])
def test_an_answer_to_another_batch_is_not_taken(other: dict[str, object]) -> None:
    with pytest.raises(AnswerInvalid):
        acknowledgement.answers(WORD.bytes(), **(FOR | other))  # type: ignore[arg-type]


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_no_answer(data: bytes) -> None:
    with pytest.raises(AnswerInvalid):
        acknowledgement.unwire(data)
    with pytest.raises(AnswerInvalid):
        acknowledgement.answers(data, batch=ID, recipient="430000", root="ab")


WIRED = parse(acknowledgement.wire(signed(KEYS["ed25519"], WORD.bytes())))
ODD = st.none() | st.integers(0, 9) | st.text(max_size=5) | st.lists(st.integers(0, 9), max_size=2)


@given(st.sampled_from(sorted(WIRED)), ODD)
def test_an_answer_of_odd_parts_raises_nothing_but_a_refusal(name: str, value: object) -> None:
    try:
        acknowledgement.unwire(canonical(WIRED | {name: value}))
    except AnswerInvalid:
        return


@given(st.sampled_from(sorted(parse(WORD.bytes()))), ODD)
def test_a_document_of_odd_parts_raises_nothing_but_a_refusal(name: str, value: object) -> None:
    try:
        acknowledgement.answers(canonical(parse(WORD.bytes()) | {name: value}), batch=ID, recipient="430000", root="ab")
    except AnswerInvalid:
        return
