# SPDX-License-Identifier: Apache-2.0
"""The table of elements and the content of an item are about the same things."""

from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from tongban.catalogue import elements
from tongban.catalogue.content import ItemContent
from tongban.catalogue.elements import ELEMENTS, ELSEWHERE, FOUR, TWELVE, Element, Keeper, Table, units
from tongban.catalogue.tests.items import content


def walked(path: str) -> Any:
    """The type at the end of a path, through lists and groups."""
    kind: Any = ItemContent
    for part in path.split("."):
        kind = get_type_hints(structure(kind), include_extras=True)[part]
    return kind


def structure(kind: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    return next((found for arg in get_args(kind) if (found := structure(arg)) is not None), None)


@pytest.mark.parametrize("element", ELEMENTS, ids=lambda each: f"{each.table}:{each.column or each.name}")
def test_every_element_of_the_sources_has_a_place(element: Element) -> None:
    assert element.path in ELSEWHERE or walked(element.path) is not None


def test_every_field_of_an_item_is_in_the_table() -> None:
    known = {path.partition(".")[0] for path in units()}

    assert {field.name for field in msgspec.structs.fields(ItemContent)} == known


def test_no_column_stands_twice_in_its_table() -> None:
    named = [(each.table, each.column) for each in ELEMENTS if each.column]

    assert len(set(named)) == len(named)
    assert sum(each.table is Table.BASIC for each in ELEMENTS) == 46


def test_what_the_four_levels_share_nobody_else_writes() -> None:
    assert {units()[path].keeper for path in FOUR} == {Keeper.CATALOGUE}
    assert len(TWELVE) == 12


def test_the_elements_that_the_exchange_wants_and_a_case_needs_are_not_missing() -> None:
    said = set(elements.said(content()))

    assert {"name", "limits.promised", "materials", "window", "fee"} <= said
    assert not elements.strangers(content())


def test_values_are_put_and_taken_out_without_touching_the_rest() -> None:
    before = content()
    after = elements.put(before, "power.levels", ["city"])

    assert elements.get(after, "power.levels") == ["city"]
    assert "power" not in before
    assert elements.without(after, "power.levels") == before
    assert (
        elements.get(elements.put(before, "limits.statutory", None), "limits.promised") == before["limits"]["promised"]
    )


def test_a_word_that_is_no_element_is_named() -> None:
    assert elements.strangers(content() | {"weather": 1, "power": {"tide": 2}}) == ["power.tide", "weather"]
