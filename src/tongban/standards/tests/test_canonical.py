# SPDX-License-Identifier: Apache-2.0
"""The canonical form against the examples of RFC 8785 and against itself."""

import json
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.standards.canonical import DEEPEST, LARGEST, NotCanonical, canonical, parse

texts = st.text(st.characters(codec="utf-8"), max_size=12)
numbers = st.integers(-LARGEST, LARGEST)
values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


class Colour(StrEnum):
    RED = "red"


def test_strings_are_escaped_as_the_example_of_rfc_8785_3_2_2() -> None:
    value = {
        "string": "\u20ac$\u000f\u000aA'\u0042\u0022\u005c\\\"/",
        "literals": [None, True, False],
    }

    written = canonical(value)

    assert written == '{"literals":[null,true,false],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}'.encode()


def test_keys_are_sorted_as_the_example_of_rfc_8785_3_2_3() -> None:
    value = {
        "\u20ac": "Euro Sign",
        "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh",
        "1": "One",
        "\U0001f600": "Emoji: Grinning Face",
        "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis",
    }

    order = list(json.loads(canonical(value)).values())

    assert order == [
        "Carriage Return",
        "One",
        "Control",
        "Latin Small Letter O With Diaeresis",
        "Euro Sign",
        "Emoji: Grinning Face",
        "Hebrew Letter Dalet With Dagesh",
    ]


def test_every_control_character_is_escaped_as_ecmascript_does() -> None:
    written = canonical("".join(map(chr, range(0x20))) + "\x7f\u2028/")

    assert written == (
        b'"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r\\u000e\\u000f'
        b"\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018\\u0019\\u001a\\u001b\\u001c\\u001d"
        b'\\u001e\\u001f\x7f\xe2\x80\xa8/"'
    )


@pytest.mark.parametrize(
    "value",
    [
        1.0,
        float("nan"),
        LARGEST + 1,
        -LARGEST - 1,
        2**70,
        [2**60],
        {"a": {"b": 10**16}},
        {"a": [1, 0.5]},
        {1: "a"},
        {None: 1},
        (1, 2),
        b"bytes",
        {"a": {1}},
        "\ud800",
        {"\udfff": 1},
        {"\U0001f600": "\ud800"},
    ],
)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(NotCanonical):
        canonical(value)


def test_a_value_that_contains_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)

    with pytest.raises(NotCanonical):
        canonical(endless)


def test_what_is_nested_too_deep_is_refused() -> None:
    deep: list[Any] = []
    for _ in range(DEEPEST - 1):
        deep = [deep]

    assert canonical(deep) == b"[" * DEEPEST + b"]" * DEEPEST
    with pytest.raises(NotCanonical):
        canonical([deep])


def test_a_long_number_in_a_string_is_no_number() -> None:
    assert canonical({"id": "x:990101199001011234567"}) == b'{"id":"x:990101199001011234567"}'
    assert canonical([LARGEST, -LARGEST]) == b"[9007199254740991,-9007199254740991]"


def test_an_enumeration_is_written_by_name() -> None:
    assert canonical({"colour": Colour.RED, Colour.RED: [Colour.RED]}) == b'{"colour":"red","red":["red"]}'


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1,"a":1}',
        b'[{},[{"b":1,"b":2}]]',
        b"1.5",
        b"1e3",
        b"NaN",
        b"-Infinity",
        b"9007199254740992",
        b"-9007199254740992",
        b"9" * 5000,
        b'"\\ud800"',
        b'{"\\udc00":1}',
        b"\xff",
        b'"\xed\xa0\x80"',
        b"\xef\xbb\xbf{}",
        b"",
        b"{",
        b"[" * 100_000,
        b"{} {}",
        b'"\n"',
    ],
)
def test_bytes_that_two_readers_might_read_differently_are_refused(data: bytes) -> None:
    with pytest.raises(NotCanonical):
        parse(data)
    with pytest.raises(NotCanonical):
        parse(data, strict=True)


@pytest.mark.parametrize("data", [b'{"b":1,"a":2}', b"[1, 2]", b'"\\u0041"', b"-0", b"[]\n", b'"\\/"'])
def test_another_spelling_is_read_but_not_in_strict_mode(data: bytes) -> None:
    parse(data)

    with pytest.raises(NotCanonical):
        parse(data, strict=True)


@given(values)
def test_what_was_written_is_read_back(value: Any) -> None:
    assert parse(canonical(value), strict=True) == value


@given(st.dictionaries(texts, numbers))
def test_keys_stand_in_the_order_of_utf16(value: dict[str, int]) -> None:
    keys = list(json.loads(canonical(value)))

    assert keys == sorted(value, key=lambda key: key.encode("utf-16-be"))


@given(values)
def test_the_fast_writer_agrees_with_the_library_of_the_language(value: Any) -> None:
    ours = canonical(value)

    assert sorted(ours) == sorted(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


@given(st.binary(max_size=60) | texts.map(str.encode))
def test_any_bytes_are_either_read_or_refused(data: bytes) -> None:
    try:
        value = parse(data)
    except NotCanonical:
        return
    assert parse(canonical(value)) == value
