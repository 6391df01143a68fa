# SPDX-License-Identifier: Apache-2.0
"""The words people read: dates, days left, numbers."""

from datetime import UTC, date, datetime

import pytest

from tongban.cases.states import State
from tongban.web import words


def test_a_day_is_told_with_its_weekday() -> None:
    assert words.day(date(2026, 5, 3)) == "2026年5月3日（周日）"


def test_an_instant_is_told_in_the_time_of_china() -> None:
    assert words.moment(datetime(2026, 5, 2, 18, 5, tzinfo=UTC)) == "2026年5月3日（周日）02:05"


@pytest.mark.parametrize(
    ("days", "told", "colour"),
    [
        (4, "还剩 4 个工作日", "calm"),
        (1, "还剩 1 个工作日", "soon"),
        (0, "今天到期", "soon"),
        (-2, "已超过 2 个工作日", "late"),
        (None, "暂不计时", "none"),
    ],
)
def test_what_is_left_is_told_in_words_beside_the_colour(days: int | None, told: str, colour: str) -> None:
    assert (words.left(days), words.urgency(days)) == (told, colour)


def test_money_is_told_in_yuan() -> None:
    assert words.yuan(123456) == "1,234.56 元"
    assert words.yuan(0) == "不收费"


def test_a_receipt_number_is_cut_where_it_can_be_read_aloud() -> None:
    assert words.number_parts("6200002026112200000016") == ["620000", "20261122", "00000016"]
    assert "".join(words.number_parts("A1")) == "A1"


def test_a_date_of_a_form_is_told_as_people_write_it_and_nothing_else_is_touched() -> None:
    assert words.dated("2019-05-03") == "2019年5月3日（周五）"
    assert words.dated("2019-13-03") == "2019-13-03"
    assert words.dated("兰州市城关区") == "兰州市城关区"


def test_a_node_is_called_by_its_place() -> None:
    assert words.place("甘肃通办节点（演示）") == "甘肃"
    assert words.place("国家通办枢纽（演示）") == "国家"


def test_every_form_has_a_token_of_its_own() -> None:
    first, second = words.once(), words.once()
    assert first.startswith('<input type="hidden" name="once" value="')
    assert first != second


def test_the_applicant_is_told_of_the_way_of_delivery_as_somebody_spoken_to() -> None:
    assert [words.delivered_name(way) for way in ("net", "post", "window", "else")] == [
        "网上下载",
        "邮寄给您",
        "您到收件窗口领取",
        "",
    ]


def test_whose_a_limit_is_is_said_from_where_the_reader_stands() -> None:
    assert (words.whose_limit("applicant"), words.your_limit("applicant")) == ("申请人的期限", "您的期限")
    assert words.whose_limit("statutory") == words.your_limit("promised") == "机关的期限"


def test_every_state_has_its_colour() -> None:
    assert set(words.STATE_TAGS) == {str(state) for state in State}
