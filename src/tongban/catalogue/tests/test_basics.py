# SPDX-License-Identifier: Apache-2.0
"""Levels lay down what those below inherit; what is fixed above is locked, what is open is local."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.catalogue import basics, elements
from tongban.catalogue.content import Publisher
from tongban.catalogue.errors import ContentRefused
from tongban.catalogue.tests.items import content
from tongban.catalogue.tests.layers import BASIC, GANSU, LANZHOU, layer, local
from tongban.standards.enums import UseLevel

PROVINCE = basics.convert(layer(conditions=["住在本地满半年。"]))
CITY = basics.convert(layer(LANZHOU, levels=("county",), conditions=["市里另定。"], visits=0))
OFFICE = Publisher(LANZHOU.code, LANZHOU.name, LANZHOU.region)


def faults(plain: dict[str, Any], *above: basics.BasicContent) -> list[str]:
    return [problem.field for problem in basics.problems(basics.convert(plain), above)]


def test_what_is_written_is_read_again_byte_for_byte() -> None:
    assert basics.read(basics.document(PROVINCE)) == PROVINCE
    for broken in (b"", b"[]", b"{}", basics.document(PROVINCE) + b" "):
        with pytest.raises(ContentRefused):
            basics.read(broken)


def test_the_higher_level_holds_where_two_have_fixed_the_same() -> None:
    for order in ([PROVINCE, CITY], [CITY, PROVINCE]):
        read = basics.fold(order)

        assert read.content["conditions"] == ["住在本地满半年。"]
        assert read.fixed_by["conditions"].code == GANSU.code
        assert read.fixed_by["visits"].code == LANZHOU.code
        assert (read.name, read.levels) == ("开具居住证明", (UseLevel.COUNTY,))


def test_an_organization_edits_only_what_nobody_above_has_fixed() -> None:
    read = basics.fold([PROVINCE])

    assert [read.may_edit(path) for path in ("phone", "materials", "conditions", "name", "task_code", "weather")] == [
        True, True, False, False, False, False,
    ]  # fmt: skip


def test_an_implementation_is_inherited_and_local_together() -> None:
    read = basics.fold([PROVINCE])
    whole = basics.compose(read, local(conditions=["自己写的。"], phone="0931-1"), OFFICE, UseLevel.CITY)

    assert (whole["name"], whole["phone"], whole["basic_code"]) == ("开具居住证明", "0931-1", BASIC)
    assert whole["conditions"] == ["住在本地满半年。"]
    assert whole["task_code"] == f"{LANZHOU.code}3{BASIC}"
    assert basics.local_of(read, whole).keys() == local().keys() - {"conditions"}


def test_the_four_are_said_once_where_the_item_begins() -> None:
    assert faults(layer()) == []
    assert faults(layer(name=None, item_type=None, law=None)) == ["name", "item_type", "law"]
    assert faults(layer(item_type="licensing")) == ["item_type"]
    assert faults(layer(LANZHOU, levels=("county",), name="改个名字"), PROVINCE) == ["name", "name"]
    assert faults(layer(LANZHOU, levels=("county",), visits=1), PROVINCE) == []


@pytest.mark.parametrize(
    ("fixed", "place"),
    [
        ({"phone": "0931-1"}, "phone"),
        ({"task_code": "x"}, "task_code"),
        ({"weather": "fine"}, "weather"),
        ({"power": {"tide": 1}}, "power.tide"),
        ({"visits": -1}, "visits"),
        ({"materials": [{"code": "id_card"}]}, "materials[0]"),
    ],
    ids=str,
)
def test_what_cannot_be_fixed_is_refused_with_its_place(fixed: dict[str, Any], place: str) -> None:
    assert faults(layer(**fixed)) == [place]


def test_what_a_level_above_has_fixed_is_not_fixed_again() -> None:
    assert faults(layer(LANZHOU, levels=("county",), conditions=["另定。"]), PROVINCE) == ["conditions"]


def test_a_level_asks_only_those_at_its_height_or_below() -> None:
    assert faults(layer(LANZHOU, levels=("province",), visits=0), PROVINCE) == ["levels"]
    assert faults(layer(levels=("by_level",))) == []


def test_a_heading_is_not_claimed_and_a_code_is_a_code() -> None:
    assert faults(layer() | {"code": "62209977700Y"}) == ["code"]
    assert "code" in faults(layer() | {"code": "123"})
    assert faults(layer() | {"region": "620100"})[0] == "publisher"


def test_the_test_item_of_this_noun_can_be_laid_down_whole() -> None:
    shared = {name: value for name, value in content().items() if name in {"conditions", "materials", "form", "steps"}}

    assert faults(layer(**shared)) == []


WHOLE = basics.compose(basics.fold([PROVINCE]), local(), OFFICE, UseLevel.CITY)
FIXABLE = [path for path in elements.said(WHOLE) if basics.may_fix(path)]


@given(st.sets(st.sampled_from(FIXABLE)), st.sets(st.sampled_from(FIXABLE)))
def test_whatever_levels_fix_the_rest_is_local_and_both_make_the_whole_again(above: set[str], below: set[str]) -> None:
    def fixing(region: str, paths: set[str]) -> basics.BasicContent:
        fixed: dict[str, Any] = {}
        for path in paths:
            fixed = elements.put(fixed, path, elements.get(WHOLE, path))
        return basics.convert(layer() | {"region": region, "elements": fixed})

    read = basics.fold([fixing("620000", above), fixing("620100", below)])
    own = basics.local_of(read, WHOLE)

    assert set(read.fixed_by) == above | below
    assert not set(elements.said(own)) & set(read.fixed_by)
    assert {path for path in elements.said(WHOLE) if read.may_edit(path)} == set(elements.said(own))
    again = basics.compose(read, own | {n: WHOLE[n] for n in ("name", "item_type", "law")}, OFFICE, UseLevel.CITY)
    assert again == WHOLE
