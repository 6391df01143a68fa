# SPDX-License-Identifier: Apache-2.0
"""Documents grow without breaking those that were written before, or those who read an older format."""

import json
from typing import Any

import pytest

from tongban.catalogue import content, formats
from tongban.catalogue.errors import ContentRefused
from tongban.catalogue.tests.items import NAME, material
from tongban.catalogue.tests.items import content as words
from tongban.catalogue.tests.work import calls
from tongban.standards.canonical import canonical

POWER = {"source": "own", "levels": ["city"]}


def plain(**changed: Any) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(content.document(content.convert(words(**changed))))
    return read


def test_an_item_without_the_later_elements_has_the_bytes_that_it_always_had() -> None:
    assert plain().keys() == formats.FIRST["ItemContent"]
    assert plain()["materials"][0].keys() == formats.FIRST["Material"]
    assert plain()["fee"].keys() == formats.FIRST["Fee"]


def test_an_item_with_later_elements_says_its_format_and_nothing_that_is_missing() -> None:
    told = plain(power=POWER)

    assert (told["format"], told["power"]) == (2, POWER)
    assert not {"net", "hall", "remedy", "topics", "commitment"} & told.keys()
    assert content.document(content.convert(told)) == canonical(told)


def test_a_later_element_inside_a_material_makes_it_the_later_format_too() -> None:
    material = words()["materials"][0] | {"more": {"copies": 2}}
    told = plain(materials=[material], questions=[])

    assert (told["format"], told["materials"][0]["more"]) == (2, {"copies": 2})


@pytest.mark.parametrize(
    "said",
    [
        {"sections": [{"code": "more", "title": "更多"}], "form": [NAME, NAME | {"name": "two", "section": "more"}]},
        {"form": [NAME | {"type": "money"}]},
        {"form": [NAME, NAME | {"name": "two", "only_if": ["name=*"]}]},
        {"form": [NAME | {"prefill": "person.home_region", "type": "region"}]},
        {"materials": [material("id_card", more={"licence_name": "居民身份证"})], "questions": []},
    ],
)
def test_what_a_form_has_learnt_to_say_since_is_the_third_format(said: dict[str, Any]) -> None:
    told = plain(**said)

    assert told["format"] == 3
    assert content.document(content.convert(told)) == canonical(told)


def test_how_a_fee_is_paid_is_the_fifth_format() -> None:
    lines = [{"name": "工本费", "fen": 4000, "basis": "某法"}]
    charged = {"charged": True, "basis": "某法", "lines": lines}
    paid = {"before": "result", "payee": "某市财政局", "how": "凭缴款码缴纳。", "source": "假定"}

    assert "format" not in plain(fee=charged)
    told = plain(fee=charged | {"payment": paid})
    assert told["format"] == 5
    assert content.document(content.convert(told)) == canonical(told)


def test_words_of_a_later_format_are_left_aside_at_any_depth() -> None:
    told = plain(power=POWER) | {"format": content.FORMAT + 1, "weather": "fine"}
    told["power"] = told["power"] | {"tide": 1}
    told["publisher"] = told["publisher"] | {"motto": ""}
    told["questions"][0]["options"][0]["mood"] = "good"

    read = content.read(canonical(told))

    assert read.power is not None
    assert read.power.levels == ("city",)
    assert read.questions[0].options[0].code == "self"


@pytest.mark.parametrize("format", [1, 2, 3])
def test_a_misspelt_word_of_our_own_format_is_still_refused(format: int) -> None:
    with pytest.raises(ContentRefused):
        content.convert(plain(power=POWER) | {"format": format, "weather": "fine"})


@pytest.mark.parametrize("odd", [[], None, "x", {"format": "9"}, {"format": 99}, {"format": 10**9, "materials": 3}])
def test_whatever_comes_as_a_document_is_read_or_refused(odd: Any) -> None:
    with pytest.raises(ContentRefused):
        content.convert(odd)


def test_a_document_costs_no_more_than_it_is_long() -> None:
    def cost(size: int) -> tuple[int, int]:
        form = [NAME | {"name": f"f{n}", "only_if": ["f0=*"] if n else []} for n in range(size)]
        item = content.convert(words(form=form, materials=[material(f"m{n}") for n in range(size)], questions=[]))
        later = json.loads(content.document(item)) | {"format": content.FORMAT + 1}
        return calls(content.document, item), calls(content.convert, later)

    cost(1)  # what is kept of structures is read once
    assert all(large < 4.5 * small for small, large in zip(cost(20), cost(80), strict=True))
