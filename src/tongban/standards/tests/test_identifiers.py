# SPDX-License-Identifier: Apache-2.0
"""Identifiers of invented people and of known organizations."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.standards import identifiers as ids
from tongban.standards.refusal import BadInput

ON = date(2026, 9, 30)
ZHANG_WEI = ids.make_resident_id(date(1990, 3, 7), 15)
KNOWN_CODES = [
    "11310000MB2F30661Y",
    "1131000068735121X0",
    "11370800MB28559184",
    "12441500196720244T",
    "11100000000013338W",
    "11430000006122244L",
    "11100000MB03271699",
    "11330105002500287C",
    "11220000013544541J",
]


def test_the_check_digit_is_that_of_the_gb_11643_examples() -> None:
    assert ids.resident_id_check("11010519491231002") == "X"
    assert ids.resident_id_check("44052418800101001") == "4"


def test_a_number_tells_birth_and_sex() -> None:
    read = ids.resident_id(ZHANG_WEI, demo=True, on=ON)

    assert (read.birth, read.sex, read.region, read.warnings) == (date(1990, 3, 7), "male", "990101", ())


def test_a_number_is_read_however_it_was_typed() -> None:
    read = ids.resident_id(" １１０１０５　19491231-002x\u200b", on=ON)

    assert read.number == "11010519491231002X"
    assert read.sex == "female"


def test_invented_numbers_are_known_in_the_demo_only() -> None:
    assert ids.is_resident_id(ZHANG_WEI, demo=True)
    with pytest.raises(BadInput, match="演示"):
        ids.resident_id(ZHANG_WEI)


def test_no_number_is_invented_that_could_be_somebody_s() -> None:
    with pytest.raises(ValueError):
        ids.make_resident_id(date(1990, 3, 7), 1, region="430102")


def test_an_abolished_or_unknown_region_is_a_warning_only() -> None:
    number = "11010519491231002X"

    assert ids.resident_id(number, on=ON, region_status=lambda code: "active").warnings == ()
    assert "已撤销" in ids.resident_id(number, on=ON, region_status=lambda code: "abolished").warnings[0]
    assert "不在" in ids.resident_id(number, on=ON, region_status=lambda code: "unknown").warnings[0]


def with_check(body: str) -> str:
    return body + ids.resident_id_check(body)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "18位"),
        ("110105491231002", "15位旧"),
        ("1101051949123100", "16位"),
        ("11010519491231002A", "末位为数字或X"),
        ("1101051949X231002X", "前17位"),
        ("110105194912310021", "校验位"),
        (with_check("11010519490231002"), "不存在"),
        (with_check("11010520261001002"), "不合理"),
        (with_check("11010517491231002"), "不合理"),
        ("٤٤٠٥٢٤١٨٨٠٠١٠١٠٠١٤", "前17位"),
    ],
)
def test_a_wrong_number_is_refused_beside_its_field(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as refused:
        ids.resident_id(text, field="holder", on=ON)

    assert refused.value.field == "holder"


@given(st.integers(0, 17), st.dates(date(1900, 1, 1), date(2020, 1, 1)), st.integers(1, 999), st.data())
def test_any_single_wrong_digit_of_a_number_is_noticed(
    place: int, birth: date, serial: int, data: st.DataObject
) -> None:
    number = ids.make_resident_id(birth, serial)
    digits = "0123456789X" if place == 17 else "0123456789"
    wrong = data.draw(st.sampled_from([digit for digit in digits if digit != number[place]]))

    assert not ids.is_resident_id(number[:place] + wrong + number[place + 1 :], demo=True)


@pytest.mark.parametrize("code", KNOWN_CODES)
def test_known_credit_codes_pass(code: str) -> None:
    assert ids.credit_code(code) == code
    assert ids.credit_code(f" {code[:8].lower()} {code[8:].lower()}") == code
    assert ids.organization_code_check(code[8:16]) == code[16]
    assert not ids.is_demonstration_credit_code(code)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "0位"),
        ("11310000MB2F30661", "17位"),
        ("11310000MB2F30661I", "不使用字母"),
        ("11310000MB2F306610", "校验位"),
        ("1131000OMB2F30661Y", "不使用字母"),
        ("统一社会信用代码统一社会信用代码一二", "不使用字母"),
    ],
)
def test_a_wrong_credit_code_is_refused(text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        ids.credit_code(text)


@given(st.sampled_from(["11", "12", "91", "52"]), st.integers(0, 10**8 - 1))
def test_codes_we_make_pass_and_are_marked_as_demonstration(category: str, serial: int) -> None:
    code = ids.make_credit_code(category, "994301", serial)

    assert ids.is_credit_code(code)
    assert ids.is_demonstration_credit_code(code)


@pytest.mark.parametrize("text", ["13812345678", "+86 138-1234-5678", "８６13812345678", " 138 1234 5678\t"])
def test_a_phone_is_read_however_it_was_typed(text: str) -> None:
    assert ids.phone(text) == "13812345678"


@pytest.mark.parametrize(
    "text", ["", "1381234567", "12812345678", "138123456789", "1381234567a", "一三八一二三四五六七八"]
)
def test_a_wrong_phone_is_refused_beside_its_field(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        ids.phone(text)

    assert refused.value.field == "phone"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("张 伟", "张伟"),
        (" 王芳 • 买买提 ", "王芳·买买提"),
        ("王芳．买买提", "王芳·买买提"),
        ("李䶮", "李䶮"),
        ("𠮷田", "𠮷田"),
        ("Anne-Marie  O'Neil", "Anne-Marie O'Neil"),
    ],
)
def test_a_name_is_kept_as_people_write_it(text: str, kept: str) -> None:
    assert ids.name(text) == kept


@pytest.mark.parametrize("text", ["", "张", "张伟1", "<b>张伟</b>", "·张伟", "张伟@", "张" * 51])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        ids.name(text)


def test_masks_show_enough_for_the_owner_only() -> None:
    assert ids.mask_id("11010519491231002X") == "110***********002X"
    assert ids.mask_id("E12345678") == "E*******8"
    assert ids.mask_phone("13812345678") == "138****5678"
    assert ids.mask_name("张伟") == "张*"
    assert ids.mask_name("王芳·买买提") == "王*·***"
    assert ids.mask_name("李䶮") == "李*"
    assert (ids.mask_name(""), ids.mask_id(""), ids.mask_phone("12")) == ("", "", "**")


@given(st.text(max_size=40))
def test_any_text_may_be_typed(text: str) -> None:
    tidied = ids.tidy(text)

    assert ids.tidy(tidied) == tidied
    assert ids.tidy_number(ids.tidy_number(text)) == ids.tidy_number(text)
    for read in (ids.resident_id, ids.credit_code, ids.phone, ids.name):
        try:
            read(text)
        except BadInput:
            continue
    for mask in (ids.mask_id, ids.mask_phone, ids.mask_name):
        assert len(mask(text)) == len(text)


@given(st.sampled_from(KNOWN_CODES), st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXY"))
def test_any_single_wrong_character_of_a_credit_code_is_noticed(code: str, place: int, wrong: str) -> None:
    changed = code[:place] + wrong + code[place + 1 :]

    assert ids.is_credit_code(changed) == (changed == code)


@given(st.sampled_from(KNOWN_CODES), st.integers(0, 16))
def test_two_neighbours_that_changed_places_in_a_credit_code_are_noticed(code: str, place: int) -> None:
    changed = code[:place] + code[place + 1] + code[place] + code[place + 2 :]

    assert ids.is_credit_code(changed) == (changed == code)
