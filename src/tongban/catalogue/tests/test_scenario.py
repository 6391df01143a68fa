# SPDX-License-Identifier: Apache-2.0
"""Answers lead to the next question, to the materials needed, or to where else to go."""

import pytest

from tongban.catalogue.content import convert
from tongban.catalogue.errors import AnswerUnknown, NotEligible
from tongban.catalogue.scenario import guide, settled
from tongban.catalogue.tests.items import content
from tongban.standards.refusal import BadInput

ITEM = convert(content())


def codes(answers: dict[str, str]) -> list[str]:
    return [material.code for material in guide(ITEM, answers).materials]


def test_the_first_question_is_asked_first() -> None:
    guidance = guide(ITEM, {})

    assert guidance.question is not None
    assert guidance.question.code == "who"
    assert codes({}) == ["id_card"]


def test_a_question_that_hangs_on_an_answer_is_skipped_without_it() -> None:
    assert guide(ITEM, {"who": "self"}).question is None
    assert codes({"who": "self"}) == ["id_card"]


def test_an_answer_asks_for_its_materials_and_its_question() -> None:
    guidance = guide(ITEM, {"who": "agent"})

    assert guidance.question is not None
    assert guidance.question.code == "abroad"
    assert codes({"who": "agent", "abroad": "no"}) == ["id_card", "letter", "agent_id"]


def test_an_answer_that_ends_it_says_where_to_go() -> None:
    assert codes({"who": "company"}) == []
    with pytest.raises(NotEligible, match="单位直接咨询"):
        settled(ITEM, {"who": "company"})


def test_an_open_question_is_named() -> None:
    with pytest.raises(BadInput) as refused:
        settled(ITEM, {"who": "agent", "abroad": ""})

    assert refused.value.field == "abroad"


def test_an_answer_that_is_not_offered_is_refused_at_its_question() -> None:
    with pytest.raises(AnswerUnknown) as refused:
        guide(ITEM, {"who": "my_cat"})

    assert refused.value.field == "who"


def test_answers_to_questions_that_are_not_asked_change_nothing() -> None:
    assert settled(ITEM, {"who": "self", "abroad": "yes", "colour": "red"}) == settled(ITEM, {"who": "self"})


def test_an_item_without_questions_is_settled_at_once() -> None:
    plain = convert(content(questions=[]))

    assert [m.code for m in settled(plain, {}).materials] == ["id_card", "letter", "agent_id"]
