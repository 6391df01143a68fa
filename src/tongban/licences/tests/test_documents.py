# SPDX-License-Identifier: Apache-2.0
"""What stands on a paper."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from tongban.licences import documents
from tongban.licences.documents import compose
from tongban.licences.errors import FactsMissing, NumberPatternOdd, PaperTooLong, PaperUnknown
from tongban.licences.tests.conftest import FACTS, HEADING


def test_a_certificate_of_no_criminal_record_says_who_and_for_which_time() -> None:
    paper = compose("no_criminal_record", HEADING, FACTS)

    assert paper.paragraphs == (
        "经查询，自2010年9月1日至2026年5月3日期间，未发现张伟（居民身份证号码：990101199003070018）有犯罪记录。",
    )
    assert paper.closing == "特此证明。"


def test_without_a_period_it_speaks_up_to_its_own_date() -> None:
    paper = compose("no_criminal_record", HEADING, FACTS | {"from": "", "until": None})

    assert paper.paragraphs[0].startswith("经查询，截至2026年5月3日，")


def test_days_and_months_are_written_without_leading_zeros() -> None:
    assert documents.chinese_date(date(2026, 5, 3)) == "2026年5月3日"


@pytest.mark.parametrize("lost", ["name", "id_type", "id_number"])
def test_a_missing_fact_is_named(lost: str) -> None:
    with pytest.raises(FactsMissing) as refused:
        compose("no_criminal_record", HEADING, FACTS | {lost: " "})

    assert documents.NAMES[lost] in refused.value.sentence


@pytest.mark.parametrize(
    ("type_code", "facts", "refusal"),
    [
        ("diploma", {}, PaperUnknown),
        ("certificate", {"paragraphs": ["", "  "]}, FactsMissing),
        ("decision", {"paragraphs": ["长" * documents.LONGEST]}, PaperTooLong),
        ("no_criminal_record", FACTS | {"from": "2010-02-30"}, FactsMissing),
    ],
)
def test_what_cannot_be_written_is_refused(type_code: str, facts: dict[str, Any], refusal: type) -> None:
    with pytest.raises(refusal):
        compose(type_code, HEADING, facts)


def test_every_word_of_a_paper_is_among_those_the_fonts_are_asked_for() -> None:
    facts = {"paragraphs": ["甲"], "addressee": "乙", "rows": [["丙", "丁"]], "closing": "戊", "notes": ["己"]}

    words = compose("decision", HEADING, facts).words()

    assert set("甲乙丙丁戊己") <= set(words)
    assert HEADING.title in words


def test_a_paper_that_ends_says_from_when_until_when() -> None:
    heading = replace(HEADING, dated=date(2026, 11, 23), valid_until=date(2031, 11, 22))

    paper = compose("certificate", heading, {"paragraphs": ["准予排污。"]})

    assert paper.rows[0] == ("有效期", "自2026年11月23日至2031年11月22日")


def test_numbers_follow_the_organizations_pattern() -> None:
    usual = documents.number(documents.NUMBER, region="430100", year=2026, serial=123)
    own = documents.number("长公证字〔{year}〕{serial}号", region="430100", year=2026, serial=123)

    assert usual == "430100通证〔2026〕0000123号"
    assert own == "长公证字〔2026〕123号"


@pytest.mark.parametrize(
    "pattern",
    ["", "{serial}", "{year}", "{year}{serial}{who}", "{year}{serial", "{0}{year}{serial}", "{year.x}{serial}"],
)
def test_a_pattern_that_would_repeat_numbers_or_is_odd_is_refused(pattern: str) -> None:
    with pytest.raises(NumberPatternOdd):
        documents.number(pattern, region="430100", year=2026, serial=1)
