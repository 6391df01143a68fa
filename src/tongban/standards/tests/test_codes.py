# SPDX-License-Identifier: Apache-2.0
"""Item codes against the official examples."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.standards import codes
from tongban.standards.enums import ItemType, UseLevel
from tongban.standards.refusal import BadInput

SHANGHAI = "11310000MB2F30661Y2312003564000" + "01"
SHANGHAI_LICENCE = "1131000068735121X02310100327000" + "01"
SHANDONG = "11370800MB28559184" + "3" + "370117002011"
GUANGDONG = "12441500196720244T3442199806003"


def test_the_national_example_is_a_heading_of_others() -> None:
    read = codes.parse_basic("00013112700Y")

    assert (read.province, read.type_code, read.main, read.sub) == ("00", "01", "31127", "00Y")
    assert read.item_type is ItemType.LICENSING
    assert not read.is_handled


@pytest.mark.parametrize("text", [SHANGHAI, SHANGHAI_LICENCE])
def test_handling_codes_are_read_and_written_back(text: str) -> None:
    read = codes.parse_handling(text)

    assert str(read) == text
    assert read.task.level is UseLevel.PROVINCE
    assert read.number == "01"
    assert codes.is_handling_code(text)


@pytest.mark.parametrize("text", [SHANDONG, GUANGDONG])
def test_task_codes_are_read_and_written_back(text: str) -> None:
    read = codes.parse_task(text)

    assert str(read) == text
    assert read.level is UseLevel.CITY
    assert codes.is_task_code(text)


def test_guangdong_numbers_its_public_services_in_its_own_way() -> None:
    assert codes.parse_task(GUANGDONG).basic.item_type is ItemType.PUBLIC_SERVICE
    assert codes.item_type("20", "44") is ItemType.OTHER_POWER
    assert codes.item_type("20", "31") is ItemType.PUBLIC_SERVICE
    assert codes.item_type("21", "31") is None


def test_codes_are_made_from_their_parts() -> None:
    basic = codes.basic_code("37", "01", 17002, "011")
    task = codes.task_code("11370800MB28559184", UseLevel.CITY, basic)

    assert task == SHANDONG
    assert codes.handling_code(task, 7) == SHANDONG + "07"


def test_a_code_explains_itself() -> None:
    told = [(each.text, each.name, each.meaning) for each in codes.explain(SHANGHAI)]

    assert told == [
        ("11310000MB2F30661Y", "实施主体", "统一社会信用代码"),
        ("2", "行使层级", "省级"),
        ("31", "区划", "上海市"),
        ("20", "事项类型", "公共服务"),
        ("03564", "主项", "第03564号主项"),
        ("000", "子项", "无子项"),
        ("01", "业务办理项", "第01个业务办理项"),
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "0位"),
        ("00013112700", "11位"),
        ("00013112700X", "3位子项"),
        ("99013112700Y", "区划"),
        ("00903112700Y", "事项类型"),
        ("11370800MB28559180" + SHANDONG[18:], "校验位"),
        (SHANDONG[:18] + "8" + SHANDONG[19:], "行使层级"),
        (SHANDONG + "00", "顺序号"),
        (SHANDONG + "1A", "顺序号"),
    ],
)
def test_a_wrong_code_is_refused_beside_its_field(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as refused:
        codes.parse(text, field="task")

    assert refused.value.field == "task"


@pytest.mark.parametrize("wrong", [SHANDONG.lower(), f" {SHANDONG}", SHANDONG + "00", SHANDONG[:-1], ""])
def test_only_what_is_written_as_we_keep_it_is_a_code(wrong: str) -> None:
    assert not codes.is_task_code(wrong)
    assert not codes.is_handling_code(wrong)


def test_a_handling_item_of_the_shared_catalogue_has_14_characters() -> None:
    read = codes.parse("00013112700401")

    assert isinstance(read, codes.HandlingSpec)
    assert (str(read.basic), read.number) == ("000131127004", "01")
    assert [each.name for each in codes.explain("00013112700401")][-1] == "业务办理项"


def test_an_older_code_is_kept_on_import_and_refused_everywhere_else() -> None:
    kept = codes.imported(" xk0010100y ")

    assert (kept.text, kept.code) == ("XK0010100Y", None)
    assert "旧的长度" in kept.warning
    assert str(codes.imported(SHANDONG).code) == SHANDONG
    assert codes.imported(SHANDONG).warning == ""
    for wrong in (SHANDONG[:-1], "XK0010100Y1"):
        with pytest.raises(BadInput):
            codes.imported(wrong)
    with pytest.raises(BadInput, match="10位"):
        codes.parse("XK0010100Y")


def test_older_lengths_are_known_so_that_they_can_be_kept() -> None:
    assert codes.is_legacy("XK0010100Y")
    assert not codes.is_legacy(SHANDONG)


@given(st.text(max_size=40))
def test_any_text_may_be_typed_as_a_code(text: str) -> None:
    try:
        read = codes.parse(text)
    except BadInput:
        return
    assert codes.parse(str(read)) == read


@given(
    st.sampled_from(["00", "43", "62"]),
    st.sampled_from(["01", "07", "10", "20"]),
    st.integers(0, 99999),
    st.sampled_from(["000", "00Y", "001", "999"]),
    st.sampled_from(list(UseLevel)),
    st.integers(1, 99),
)
def test_what_is_made_is_read_back(province: str, kind: str, main: int, sub: str, level: UseLevel, number: int) -> None:
    basic = codes.basic_code(province, kind, main, sub)
    task = codes.task_code("11430000006122244L", level, basic)
    read = codes.parse_handling(codes.handling_code(task, number))

    assert codes.is_basic_code(basic)
    assert read.task.level is level
    assert str(read.task.basic) == basic


@given(st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_any_single_wrong_character_of_the_organ_in_a_code_is_noticed(place: int, wrong: str) -> None:
    changed = SHANDONG[:place] + wrong + SHANDONG[place + 1 :]

    assert codes.is_task_code(changed) == (changed == SHANDONG)
