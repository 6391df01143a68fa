# SPDX-License-Identifier: Apache-2.0
"""Patterns of an item are matched as a regular expression would, in bounded time, and nothing else is one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.catalogue import patterns

PIECES = st.sampled_from(["a", "b", "[ab]", "[^a]", "[a-c]", "\\d", ".", "\\.", "[0-9x]"])
TIMES = st.sampled_from(["", "?", "*", "+", "{2}", "{1,3}", "{0,2}", "{1,}"])
PATTERNS = st.lists(st.tuples(PIECES, TIMES).map("".join), min_size=1, max_size=5).map("".join)
TEXTS = st.text(alphabet="abcx.0189\n", max_size=12)


@given(st.lists(PATTERNS, min_size=1, max_size=3).map("|".join), TEXTS)
def test_a_pattern_means_what_a_regular_expression_means(pattern: str, text: str) -> None:
    assert patterns.is_pattern(pattern)
    assert patterns.matches(pattern, text) == bool(re.fullmatch(pattern, text))


@pytest.mark.parametrize(
    "odd", ["", "(a)", "(a+)+", "a**", "[", "[]", "a{3,1}", "a{999}", "\\1", "[z-a]", "a||(", "x" * 201]
)
def test_what_is_no_pattern_is_known(odd: str) -> None:
    assert not patterns.is_pattern(odd)


@given(st.text(max_size=40), st.text(max_size=40))
def test_whatever_is_written_is_answered(pattern: str, text: str) -> None:
    assert isinstance(patterns.is_pattern(pattern), bool)
    assert isinstance(patterns.matches(pattern, text), bool)


def test_a_pattern_that_would_take_a_regular_expression_for_ever_is_answered_at_once() -> None:
    assert not patterns.matches("a*" * 40 + "b", "a" * 200)
