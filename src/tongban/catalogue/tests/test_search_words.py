# SPDX-License-Identifier: Apache-2.0
"""What people type is read as meant: places, common speech, sounds and slips; the everyday questions stay answered."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.catalogue.actions import KNOWN_ITEMS
from tongban.catalogue.search import marking, pinyin, sorting, speech
from tongban.catalogue.search.features import features
from tongban.catalogue.search.names import Names
from tongban.catalogue.search.naming import matter
from tongban.catalogue.search.places import Places
from tongban.regions.actions import REGIONS

QUERIES = Path(__file__).parents[4] / "bench" / "search_queries"


def rows(file: Path) -> Iterator[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


@pytest.fixture(scope="module")
def places() -> Places:
    found = [row for row in rows(REGIONS) if row["status"] == "active"]
    return Places((row["code"], row["name"], int(row["level"])) for row in found)


@pytest.fixture(scope="module")
def names() -> Names:
    made = Names()
    for row in rows(KNOWN_ITEMS):
        made.add(int(row["number"]), row["name"])
    made.weigh()
    return made


def best(names: Names, q: str) -> str:
    return names.texts[names.rank(speech.asked(q), 1)[0].id]


@pytest.mark.parametrize(
    ("q", "name"),
    [
        ("办社保卡", "社会保障卡申领"),
        ("shebaoka", "社会保障卡申领"),
        ("ｓｂｋ　挂失", "社会保障卡临时挂失"),
        ("異地就醫備案", "异地就医结算备案"),
        ("异地救医备案", "异地就医结算备案"),
        ("扯证", "结婚登记"),
        ("bdccx", "不动产登记资料查询"),
        ("个体工商互注销", "个体工商户注销登记"),
        ("shebaoak", "社会保障卡申领"),
        ("yingyezhizhobuban", "营业执照遗失补领、换发"),
    ],
)
def test_common_speech_sounds_and_slips_lead_to_the_official_name(names: Names, q: str, name: str) -> None:
    assert best(names, q) == name


def test_at_least_nineteen_of_twenty_tuning_questions_find_their_item_first(names: Names, places: Places) -> None:
    asked = list(rows(QUERIES / "tuning.csv"))
    missed = [
        row["query"]
        for row in asked
        if best(names, places.find(speech.plain(row["query"])).rest) not in row["expected"].split("|")
    ]

    assert len(missed) <= len(asked) / 20, missed


@pytest.mark.parametrize(
    ("text", "code", "rest"),
    [
        ("长沙查公积金", "430100", "查公积金"),
        ("湖南省长沙市天心区身份证", "430103", "身份证"),
        ("兰州城关区办身份证", "620102", "办身份证"),
        ("城关区办身份证", "", "城关区办身份证"),  # there are several
        ("changshashebaoka", "430100", "shebaoka"),
        ("xianchang", "", "xianchang"),  # not 西安
        ("医保定点医院", "", "医保定点医院"),  # not 保定
        ("内蒙古护照", "150000", "护照"),
        ("长沙", "430100", ""),
    ],
)
def test_a_place_is_taken_out_of_the_question(places: Places, text: str, code: str, rest: str) -> None:
    found = places.find(text)

    assert (found.code, found.rest) == (code, rest)


@pytest.mark.parametrize(
    ("name", "shared"),
    [
        ("长沙市社会保障卡申领", "社会保障卡申领"),
        ("兰州市城关区失业登记（本人办理）", "失业登记"),
        ("残疾人证（新办）", "残疾人证（新办）"),
        ("结婚登记办理", "结婚登记"),
        ("长沙市", "长沙市"),
    ],
)
def test_a_matter_has_one_name_everywhere(places: Places, name: str, shared: str) -> None:
    assert matter(name, places) == shared


def test_letters_are_syllables_or_first_letters() -> None:
    assert pinyin.syllables("gongjijin") == ("gong", "ji", "jin")
    assert pinyin.syllables("gongjij") == ("gong", "ji")
    assert pinyin.syllables("gjj") == ()
    assert pinyin.initials("住房公积金") == "zfgjj"


def test_every_saying_is_read_once_and_means_something() -> None:
    with (Path(speech.__file__).parent / "data" / "speech.csv").open(encoding="utf-8", newline="") as lines:
        told = list(csv.DictReader(lines))

    assert len(told) == len(speech.sayings())
    assert {row["kind"] for row in told} == {"same", "speech", "empty"}
    assert [row["said"] for row in told if (row["kind"] == "empty") == bool(row["meant"])] == []
    assert [row["said"] for row in told if speech.plain(row["said"]) != row["said"]] == []
    assert [row["said"] for row in told if not row["for"]] == []


def test_names_are_sorted_under_departments_and_themes() -> None:
    assert sorting.department("长沙住房公积金管理中心（演示）") == "住房公积金"
    assert sorting.department("某某协会") == ""
    assert sorting.themes("新生儿入户") == ("户籍身份", "婚姻生育")


def test_what_was_asked_is_marked_by_sight_and_by_sound() -> None:
    marked = marking.marked("异地就医结算备案", features(speech.asked("异地救医备案"), asked=True))

    assert "".join(part.text for part in marked) == "异地就医结算备案"
    assert [part.text for part in marked if part.hit] == ["异地就医", "备案"]


@given(st.text(max_size=120))
def test_whatever_is_typed_is_read(text: str) -> None:
    pieces = speech.asked(text)

    assert all(piece.text and 0 < piece.weight <= 1 for piece in pieces)
    assert "".join(part.text for part in marking.marked(text, features(pieces, asked=True))) == text
