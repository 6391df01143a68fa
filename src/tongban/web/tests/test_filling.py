# SPDX-License-Identifier: Apache-2.0
"""What is entered into a form becomes what is kept, and what cannot be read stays as it was typed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.web.filling import fen, in_yuan


@given(st.integers(0, 10**14 - 1))
def test_a_sum_that_was_kept_is_shown_and_read_again_as_it_was(kept: int) -> None:
    assert fen(in_yuan(str(kept))) == str(kept)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1200", "120000"),
        ("1,200.5", "120050"),
        ("１２.3４", "1234"),
        ("￥12元", "1200"),
        ("¥ 0.01", "1"),
        (" 3 元 ", "300"),
        ("", ""),
    ],
)
def test_a_sum_is_read_in_yuan_however_people_write_it(typed: str, kept: str) -> None:
    assert fen(typed) == kept


@given(st.text(max_size=30))
def test_what_is_no_sum_is_never_taken_for_one(typed: str) -> None:
    kept = fen(typed)
    if re.fullmatch("[0-9]+", kept):
        assert any(sign.isdigit() for sign in typed)
        assert fen(in_yuan(kept)) == kept
    else:
        assert kept.strip() in (typed.strip(), f"{typed.strip()} 元")
