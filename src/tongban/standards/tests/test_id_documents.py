# SPDX-License-Identifier: Apache-2.0
"""Each kind of document has its own number; specimens are those shown to the public."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.standards.enums import IdType
from tongban.standards.id_documents import RESIDENCE_REGIONS, document_number, old_card_check
from tongban.standards.identifiers import make_resident_id, resident_id_check
from tongban.standards.refusal import BadInput

ON = date(2026, 9, 30)
NEW_CARD = "911124198108030024"
OLD_CARD = "CAN110081080310"


def with_check(body: str) -> str:
    return body + resident_id_check(body)


def test_a_residence_permit_is_numbered_as_citizens_are_under_a_region_of_its_own() -> None:
    for region in RESIDENCE_REGIONS:
        read = document_number(with_check(region + "19800101" + "012"), IdType.RESIDENCE_PERMIT, on=ON)

        assert (read.region, read.birth, read.sex, read.warnings) == (region, date(1980, 1, 1), "female", ())
    with pytest.raises(BadInput, match="810000"):
        document_number("11010519491231002X", IdType.RESIDENCE_PERMIT, on=ON)


def test_the_specimen_of_the_new_card_tells_place_country_and_birth() -> None:
    read = document_number(NEW_CARD, IdType.FOREIGN_PERMANENT_RESIDENT, on=ON)

    assert (read.region, read.nationality, read.birth) == ("11", "124", date(1981, 8, 3))


def test_the_specimen_of_the_old_card_is_still_read() -> None:
    read = document_number(f" {OLD_CARD.lower()} ", IdType.FOREIGN_PERMANENT_RESIDENT, on=ON)

    assert (read.number, read.region, read.nationality, read.birth) == (OLD_CARD, "11", "CAN", date(1981, 8, 3))


def test_an_unknown_place_on_a_card_is_a_warning_only() -> None:
    read = document_number(with_check("999124198108030" + "02"), IdType.FOREIGN_PERMANENT_RESIDENT, on=ON)

    assert "受理地区" in read.warnings[0]


@pytest.mark.parametrize(
    ("kind", "text", "says"),
    [
        (IdType.FOREIGN_PERMANENT_RESIDENT, "911124198108030025", "校验位"),
        (IdType.FOREIGN_PERMANENT_RESIDENT, "CAN110081080311", "校验位"),
        (IdType.FOREIGN_PERMANENT_RESIDENT, "C4N110081080310", "3位字母"),
        (IdType.FOREIGN_PERMANENT_RESIDENT, "811124198108030024", "以9开头"),
        (IdType.FOREIGN_PERMANENT_RESIDENT, with_check("91112419811303002"), "不存在"),
        (IdType.FOREIGN_PERMANENT_RESIDENT, with_check("91112420270803002"), "不合理"),
        (IdType.PASSPORT, "E1234567890", "护照"),
        (IdType.PASSPORT, "ABCDEFG", "护照"),
        (IdType.TAIWAN_PERMIT, "123", "通行证"),
        (IdType.CREDIT_CODE, "11310000MB2F306610", "校验位"),
        (IdType.RESIDENT_ID, "110105194912310021", "校验位"),
        (IdType.OTHER, "", "1至18位"),
        (IdType.OTHER, "1" * 19, "1至18位"),
    ],
)
def test_a_wrong_number_is_refused_beside_its_field(kind: IdType, text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as refused:
        document_number(text, kind, field="holder", on=ON)

    assert refused.value.field == "holder"


@pytest.mark.parametrize(
    ("kind", "text", "kept"),
    [
        (IdType.PASSPORT, "e 1234-5678", "E12345678"),
        (IdType.PASSPORT, "EA1234567", "EA1234567"),
        (IdType.HONG_KONG_MACAO_PERMIT, "h12345678", "H12345678"),
        (IdType.TAIWAN_PERMIT, "12345678", "12345678"),
        (IdType.CREDIT_CODE, "11310000mb2f30661y", "11310000MB2F30661Y"),
        (IdType.OTHER, "军字第1号", "军字第1号"),
    ],
)
def test_a_number_is_kept_without_what_was_typed_around_it(kind: IdType, text: str, kept: str) -> None:
    assert document_number(text, kind, on=ON).number == kept


def test_a_citizen_s_number_from_an_abolished_region_is_a_warning() -> None:
    read = document_number("11010519491231002X", IdType.RESIDENT_ID, on=ON, region_status=lambda _: "abolished")

    assert (read.birth, read.sex) == (date(1949, 12, 31), "female")
    assert "已撤销" in read.warnings[0]


def test_an_invented_number_is_known_in_the_demo_only() -> None:
    number = make_resident_id(date(1990, 3, 7), 15)

    assert document_number(number, IdType.RESIDENT_ID, demo=True, on=ON).number == number
    with pytest.raises(BadInput, match="演示"):
        document_number(number, IdType.RESIDENT_ID, on=ON)


@given(st.integers(0, 17), st.data())
def test_any_single_wrong_digit_of_a_new_card_is_noticed(place: int, data: st.DataObject) -> None:
    digits = "0123456789X" if place == 17 else "0123456789"
    wrong = data.draw(st.sampled_from([digit for digit in digits if digit != NEW_CARD[place]]))

    with pytest.raises(BadInput):
        document_number(NEW_CARD[:place] + wrong + NEW_CARD[place + 1 :], IdType.FOREIGN_PERMANENT_RESIDENT, on=ON)


@given(st.integers(3, 13), st.sampled_from("0123456789"))
def test_any_single_wrong_digit_of_an_old_card_changes_its_check(place: int, digit: str) -> None:
    body = OLD_CARD[:14]
    changed = body[:place] + digit + body[place + 1 :]

    # 7 and 3 are prime to 10, so that only the same digit gives the same check
    assert (old_card_check(changed) == OLD_CARD[14]) == (changed == body)


@given(st.text(max_size=40), st.sampled_from(list(IdType)))
def test_any_text_may_be_typed_as_a_number(text: str, kind: IdType) -> None:
    try:
        read = document_number(text, kind, on=ON)
    except BadInput:
        return
    assert document_number(read.number, kind, on=ON) == read


@given(st.sampled_from(sorted(RESIDENCE_REGIONS)), st.dates(date(1900, 1, 1), date(2020, 1, 1)), st.data())
def test_any_single_wrong_digit_of_a_residence_permit_is_noticed(region: str, born: date, data: st.DataObject) -> None:
    number = with_check(f"{region}{born:%Y%m%d}{data.draw(st.integers(1, 999)):03}")
    assert document_number(number, IdType.RESIDENCE_PERMIT, on=ON).birth == born
    place = data.draw(st.integers(0, 17))
    wrong = data.draw(st.sampled_from([d for d in "0123456789X"[: 11 if place == 17 else 10] if d != number[place]]))

    with pytest.raises(BadInput):
        document_number(number[:place] + wrong + number[place + 1 :], IdType.RESIDENCE_PERMIT, on=ON)


@given(st.from_regex(r"[A-Z]{1,2}[0-9]{4,7}", fullmatch=True), st.sampled_from(["", " ", "-", "\u3000"]))
def test_a_passport_is_kept_however_it_was_typed(number: str, between: str) -> None:
    typed = between.join(number).lower()

    assert document_number(typed, IdType.PASSPORT, on=ON).number == number
