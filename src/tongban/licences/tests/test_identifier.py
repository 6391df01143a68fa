# SPDX-License-Identifier: Apache-2.0
"""The identifier of GB/T 36904, against licences that exist."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.licences import identifier

REAL = [
    "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
    "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9",
    "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0",
    "1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.F",
]


@pytest.mark.parametrize("text", REAL)
def test_identifiers_of_real_licences_are_read_and_written_back(text: str) -> None:
    parsed = identifier.parse(text)

    assert parsed is not None
    assert str(parsed) == text


@pytest.mark.parametrize("text", REAL)
def test_any_other_check_character_is_refused(text: str) -> None:
    others = set(identifier.ALPHABET) - {text[-1]}

    assert [c for c in others if identifier.parse(text[:-1] + c)] == []


@given(st.data())
def test_one_wrong_character_is_always_found(data: st.DataObject) -> None:
    # Of two swapped ones ISO 7064 promises for its hybrid systems only that nearly all are.
    text = data.draw(st.text(identifier.ALPHABET, min_size=1, max_size=40))
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from(identifier.ALPHABET))
    wrong = text[:place] + other + text[place + 1 :]

    assert (identifier.check_character(wrong) == identifier.check_character(text)) == (wrong == text)


def test_an_identifier_is_composed_of_type_issuer_serial_and_version() -> None:
    made = identifier.compose("11100000000013338W011", "11430000006122244L", "20230000403")

    assert str(made) == REAL[0]


@pytest.mark.parametrize(
    "parts",
    [
        ("11100000000013338W01", "11430000006122244L", "1"),
        ("11100000000013338W011", "1143", "1"),
        ("11100000000013338W011", "340100", "1"),
        ("11100000000013338X011", "11430000006122244L", "1"),
        ("11100000000013338W011", "11430000006122244M", "1"),
        ("11100000000013338W011", "11430000006122244L", ""),
        ("11100000000013338W011", "11430000006122244L", "1" * 21),
        ("11100000000013338W011", "11430000006122244L", "ａ"),
    ],
)
def test_parts_of_another_form_are_refused(parts: tuple[str, str, str]) -> None:
    with pytest.raises(ValueError, match="36904"):
        identifier.compose(*parts)


@pytest.mark.parametrize("text", ["", "1.2.156.3005.2", REAL[0].lower(), REAL[0] + "\n", REAL[0][1:], "9" * 999])
def test_other_text_is_no_identifier(text: str) -> None:
    assert identifier.parse(text) is None
