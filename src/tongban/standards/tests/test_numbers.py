# SPDX-License-Identifier: Apache-2.0
"""The numbers of a case: readable back, and a slip of the finger is noticed."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.standards import numbers
from tongban.standards.numbers import mod_11_10, project_no, read_project_no, read_receipt_no, receipt_no

TASK = "12441500196720244T3442199806003"
DAY = date(2026, 9, 30)
serials = st.integers(1, 10**11 - 1)
days = st.dates(date(2000, 1, 1), date(2999, 12, 31))


def test_the_check_digit_is_that_of_the_iso_7064_example() -> None:
    assert mod_11_10("0794") == "5"  # ISO 7064 MOD 11,10, the worked example


def test_a_receipt_number_says_where_when_and_which() -> None:
    made = receipt_no("620100", DAY, 17)

    assert made.startswith("620100202609300000017")
    assert len(made) == 22
    assert read_receipt_no(made) == numbers.ReceiptNo("620100", DAY, 17)


def test_a_project_number_is_the_layout_seen_in_guangdong() -> None:
    made = project_no(TASK, date(2022, 6, 23), 68)

    assert made == "12441500196720244T3442199806003202206230068"
    assert read_project_no(made) == numbers.ProjectNo(TASK, date(2022, 6, 23), 68)


@given(days, serials)
def test_numbers_are_read_back_however_large_the_serial(day: date, serial: int) -> None:
    receipt, project = receipt_no("430100", day, serial), project_no(TASK, day, serial)

    assert read_receipt_no(receipt) == numbers.ReceiptNo("430100", day, serial)
    assert read_project_no(project) == numbers.ProjectNo(TASK, day, serial)
    assert len(project) <= numbers.LONGEST_PROJECT_NO
    assert not numbers.looks_like_project_no(receipt)
    assert not numbers.looks_like_receipt_no(project)


@given(serials, st.data())
def test_any_single_wrong_digit_is_noticed(serial: int, data: st.DataObject) -> None:
    number = receipt_no("430100", DAY, serial)
    place = data.draw(st.integers(0, len(number) - 1))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != number[place]]))

    assert not numbers.looks_like_receipt_no(number[:place] + wrong + number[place + 1 :])


@pytest.mark.parametrize("region", ["43010", "4301000", "43010X", "", "四三〇一〇〇", "٤٣٠١٠٠"])
def test_no_number_is_made_for_what_is_no_region(region: str) -> None:
    with pytest.raises(ValueError):
        receipt_no(region, DAY, 1)


@pytest.mark.parametrize(("task", "serial"), [("short", 1), (TASK, 0), (TASK, -1), (TASK, 10**11), (TASK.lower(), 1)])
def test_no_project_number_is_made_of_wrong_parts(task: str, serial: int) -> None:
    with pytest.raises(ValueError):
        project_no(task, DAY, serial)


@given(st.text(max_size=60))
def test_any_text_may_be_asked_about(text: str) -> None:
    numbers.looks_like_receipt_no(text)
    numbers.looks_like_project_no(text)


def test_an_impossible_day_is_no_number() -> None:
    body = "430100" + "20260231" + "0000001"

    assert read_receipt_no(body + mod_11_10(body)) is None
    assert read_project_no(TASK + "20261301" + "0001") is None
