# SPDX-License-Identifier: Apache-2.0
"""Two versions differ where they say different things, and the difference says where."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tongban.catalogue.difference import difference, text_of, to_be_checked
from tongban.catalogue.tests.items import content, material, promised


def places(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str]]:
    return [(change.place, change.kind) for change in difference(before, after)]


def test_the_same_content_differs_nowhere() -> None:
    assert difference(content(), content()) == []


def test_a_changed_value_is_told_with_its_element_before_and_after() -> None:
    (change,) = difference(content(), content(phone="0731-1"))

    assert (change.unit, change.name, change.before, change.after) == ("phone", "咨询方式", "0731-00000001", "0731-1")
    assert change.shown() == ("0731-00000001", "0731-1")


def test_materials_are_matched_by_their_code_whatever_their_order() -> None:
    card, letter = material("id_card"), material("letter")
    new = material("photo")

    assert places(content(materials=[card, letter]), content(materials=[card | {"issuer": "公安"}, new])) == [
        ("materials.id_card.issuer", "changed"),
        ("materials.letter", "removed"),
        ("materials.photo", "added"),
    ]
    assert places(content(materials=[card, letter]), content(materials=[letter, card])) == [("materials.#", "changed")]


def test_what_was_not_said_before_is_added() -> None:
    assert places(content(), content(power={"source": "own"})) == [("power.source", "added")]
    assert places(content(), content(materials=[])) == [
        (f"materials.{code}", "removed") for code in ("id_card", "letter", "agent_id")
    ]


def test_only_what_an_application_rests_on_is_looked_at_again() -> None:
    after = content(phone="0731-1", limits={"statutory": None, "promised": promised(3)}, conditions=["住在本地。"])

    assert [change.unit for change in difference(content(), after)] == ["limits.promised", "conditions", "phone"]
    assert [change.unit for change in to_be_checked(content(), after)] == ["conditions"]


def test_values_are_shown_as_people_read_them() -> None:
    assert [text_of(value) for value in (None, True, ["一", "二"], 3, {"b": 1})] == [
        "",
        "是",
        "一\n二",
        "3",
        '{"b": 1}',
    ]


changes = st.fixed_dictionaries(
    {},
    optional={
        "visits": st.integers(0, 3),
        "phone": st.sampled_from(["0731-1", "0731-2"]),
        "conditions": st.lists(st.sampled_from(["甲。", "乙。"]), min_size=1, max_size=3),
        "materials": st.lists(st.sampled_from(["a", "b", "c"]), unique=True).map(lambda codes: [*map(material, codes)]),
    },
)


@given(changes, changes)
def test_the_way_back_is_the_same_difference_turned_round(before: dict[str, Any], after: dict[str, Any]) -> None:
    there, back = difference(content(**before), content(**after)), difference(content(**after), content(**before))

    assert {(c.place, text_of(c.before), text_of(c.after)) for c in there} == {
        (c.place, text_of(c.after), text_of(c.before)) for c in back
    }
    assert (there == []) == (content(**before) == content(**after))
