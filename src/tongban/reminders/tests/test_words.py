# SPDX-License-Identifier: Apache-2.0
"""What people are told: a phrase for everything the table tells, nothing personal in a text message, no night calls."""

from datetime import UTC, date, datetime

import pytest

from tongban.cases.models import OF_APPLICANTS
from tongban.cases.transitions import MOVES
from tongban.reminders import words
from tongban.reminders.quiet import Quiet
from tongban.standards.actor import Role

DUE = {kind: date(2026, 12, 1) for kind in ("promised", *OF_APPLICANTS)}


def test_whatever_the_table_tells_the_applicant_has_its_words_and_nothing_else_has() -> None:
    assert {name for name, move in MOVES.items() if Role.APPLICANT in move.tells} == set(words.APPLICANT)
    assert set(words.LIMITS) == set(OF_APPLICANTS)


@pytest.mark.parametrize("about", [*words.APPLICANT, *words.LIMITS])
def test_a_phrase_can_be_said_with_its_dates_and_where_it_may_without(about: str) -> None:
    assert "{" not in words.phrase(about, DUE)
    if about in words.APPLICANT:
        assert "{" not in words.phrase(about, {})
    assert words.title(about)


def test_every_desk_that_hears_of_a_step_is_told_in_a_sentence() -> None:
    for name, move in MOVES.items():
        for role in move.tells - {Role.APPLICANT}:
            assert words.to_desk(name, "开具无犯罪记录证明", role).endswith("。")


def test_a_text_message_names_neither_the_person_nor_the_matter() -> None:
    said = words.by_sms("甘肃省", "620100202611230000018", words.phrase("request_correction", DUE))
    assert (
        said == "【甘肃省通办】您尾号000018的申请需要补正，请在2026年12月1日（周二）前提交。"
        "请登录通办网站，在“我的办件”里查看。"
    )


@pytest.mark.parametrize(
    ("words", "at", "then"),
    [
        ("22:00-08:00", (23, 1, 0), (23, 1, 0)),  # 09:00 in China
        ("22:00-08:00", (23, 15, 0), (24, 0, 0)),  # 23:00: at eight
        ("22:00-08:00", (23, 16, 30), (24, 0, 0)),  # half past midnight: the same morning
        ("22:00-08:00", (23, 0, 0), (23, 0, 0)),  # eight sharp
        ("12:00-14:00", (23, 4, 0), (23, 6, 0)),  # noon
        ("", (23, 16, 0), (23, 16, 0)),
    ],
)
def test_no_telephone_rings_in_the_quiet_hours(
    words: str, at: tuple[int, int, int], then: tuple[int, int, int]
) -> None:
    first, second = (datetime(2026, 11, *each, tzinfo=UTC) for each in (at, then))
    assert Quiet.of(words).over(first) == second


@pytest.mark.parametrize("odd", ["22", "22:00", "25:00-08:00", "22:00-", "abends"])
def test_hours_that_cannot_be_read_are_none(odd: str) -> None:
    with pytest.raises(ValueError):
        Quiet.of(odd)
