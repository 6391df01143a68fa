# SPDX-License-Identifier: Apache-2.0
"""Licence identifiers against those printed on real licences."""

import pytest

from tongban.standards.licence_ids import LicenceId, make_licence_id, read_licence_id

KNOWN = [
    "11100000000013338W011.11430000006122244L.20230000403.001.U",
    "11100000MB03271699022.340100.000000016.001.9",
    "11100000000013338W009.11330105002500287C.2025052201.002.0",
    "11100000000013338W032.11220000013544541J.2430599.001.F",
]


@pytest.mark.parametrize("text", KNOWN)
def test_real_identifiers_are_read(text: str) -> None:
    read = read_licence_id(f"1.2.156.3005.2.{text}")

    assert read == read_licence_id(text)
    assert str(read) == f"1.2.156.3005.2.{text}"


def test_an_identifier_is_made_from_its_parts() -> None:
    made = make_licence_id("11100000000013338W011", "11430000006122244L", "20230000403")

    assert made.endswith(KNOWN[0])
    assert read_licence_id(made) == LicenceId("11100000000013338W011", "11430000006122244L", "20230000403", 1)


@pytest.mark.parametrize("text", ["", KNOWN[0][:-1] + "V", KNOWN[0].replace("0403", "0430"), KNOWN[0].lower()])
def test_a_mistyped_identifier_is_none(text: str) -> None:
    assert read_licence_id(text) is None


@pytest.mark.parametrize(
    ("type_code", "issuer", "serial", "version"),
    [
        ("11100000000013338W011", "340100", "1", 1),
        ("11100000000013338X011", "11430000006122244L", "1", 1),
        ("11100000000013338W011", "11430000006122244L", "", 1),
        ("11100000000013338W011", "11430000006122244L", "1", 0),
        ("11100000000013338W011", "11430000006122244L", "1", 1000),
        ("11100000000013338W011", "11430000006122244L", "1" * 21, 1),
    ],
)
def test_no_identifier_is_made_of_wrong_parts(type_code: str, issuer: str, serial: str, version: int) -> None:
    with pytest.raises(ValueError):
        make_licence_id(type_code, issuer, serial, version)
