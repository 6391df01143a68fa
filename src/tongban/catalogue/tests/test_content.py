# SPDX-License-Identifier: Apache-2.0
"""An item is published only when it has the right shape and keeps the rules of the item schema."""

from typing import Any

import pytest

from tongban.catalogue import content
from tongban.catalogue.errors import ContentRefused
from tongban.catalogue.tests.items import NAME, POLICE, WHO, material, promised
from tongban.catalogue.tests.items import content as words
from tongban.standards.identifiers import make_credit_code

STEP = {"code": "check", "name": "书面审查"}


def test_what_was_written_is_read_again_byte_for_byte() -> None:
    item = content.convert(words())
    document = content.document(item)

    assert content.read(document) == item
    assert content.document(content.read(document)) == document
    assert content.problems(item) == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"mode": "by_pigeon"}, "mode"),
        ({"name": ""}, "name"),
        ({"surprise": 1}, "content"),
        ({"visits": -1}, "visits"),
        ({"visits": "0"}, "visits"),
        ({"conditions": []}, "conditions"),
        ({"materials": [material("id_card", max_bytes=1_000_000_001)]}, "materials[0].max_bytes"),
        ({"materials": [material("id_card", types=["text/html"])]}, "materials[0].types[0]"),
        ({"publisher": {"code": POLICE, "name": "长沙"}}, "publisher"),
    ],
    ids=str,
)
def test_a_word_that_does_not_fit_is_refused_with_its_place(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(ContentRefused) as refused:
        content.convert(words(**changed))

    assert refused.value.field == field


def test_bytes_in_another_spelling_are_refused() -> None:
    document = content.document(content.convert(words()))

    for broken in (document + b" ", b"", b"[]", b"\xff", document[:-1]):
        with pytest.raises(ContentRefused):
            content.read(broken)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"publisher": {"code": POLICE[:-1] + "0", "name": "长沙", "region": "430100"}}, "publisher.code"),
        ({"task_code": "1" * 31}, "task_code"),
        ({"task_code": make_credit_code("11", "994301", 2) + "3002099001000"}, "task_code"),
        ({"item_type": "licensing"}, "item_type"),
        ({"limits": {"statutory": promised(3), "promised": promised(5)}}, "limits.promised"),
        ({"limits": {"statutory": None, "promised": promised(0)}}, "project_type"),
        ({"project_type": "at_once"}, "project_type"),
        ({"limits": {"statutory": None, "promised": promised(4, "hour")}}, "project_type"),
        ({"extension": promised(3, "natural_day")}, "extension"),
        ({"examination": [STEP, STEP]}, "examination"),
        ({"examination": [STEP | {"after": ["later"]}]}, "examination"),
        ({"examination": [STEP | {"apart_from": ["check"]}]}, "examination"),
        ({"mode": "proxy", "visits": 1}, "visit_reason"),
        ({"mode": "proxy", "apply_forms": ["window"]}, "apply_forms"),
        ({"visits": 1, "visit_reason": "核验身份"}, "mode"),
        ({"fee": {"charged": True, "basis": "规定"}}, "fee"),
        ({"fee": {"charged": False, "lines": [{"name": "工本费", "fen": 500, "basis": "规定"}]}}, "fee"),
        ({"complaint_phone": "0731-00000001"}, "complaint_phone"),
        ({"result": {"name": "证明", "type": "other", "template": "certificate"}}, "result.sample"),
        ({"conditions": ["法律法规规定的其他条件"]}, "conditions"),
        ({"materials": [material("id_card", name="其他有关材料")], "questions": []}, "materials"),
        ({"materials": [material("id_card"), material("id_card")], "questions": []}, "materials"),
        ({"materials": []}, "questions"),
        ({"questions": [WHO, WHO]}, "questions"),
        ({"questions": [WHO | {"only_if": ["later:yes"]}]}, "questions"),
        ({"questions": [WHO | {"options": [{"code": c, "text": c, "ends": True} for c in "ab"]}]}, "questions"),
        ({"form": [NAME, NAME]}, "form"),
        ({"form": [NAME | {"type": "choice"}]}, "form.name"),
        ({"form": [NAME | {"prefill": "person.name", "personal": "plain"}]}, "form.name"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_broken_rule_is_refused_by_its_field(changed: dict[str, Any], field: str) -> None:
    item = content.convert(words(**changed))

    assert field in [problem.field for problem in content.problems(item)]
    with pytest.raises(ContentRefused):
        content.check(item)


def test_a_licence_needs_a_frequent_question_and_five_steps() -> None:
    basic = "000199001000"
    item = content.convert(words(item_type="licensing", basic_code=basic, task_code=POLICE + "3" + basic))

    assert [problem.field for problem in content.problems(item)] == ["faq", "steps"]


FEE: dict[str, Any] = {
    "charged": True,
    "basis": "《某条例》第五条",
    "lines": [{"name": "工本费", "fen": 4000, "basis": "《某条例》第五条"}],
    "payment": {"before": "decision", "payee": "某市财政局", "how": "凭缴款码缴纳。", "source": "假定"},
}


@pytest.mark.parametrize(
    "changed",
    [
        {"charged": False, "lines": []},
        {"lines": [{"name": "工本费", "fen": 0, "basis": "《某条例》第五条"}]},
        {"payment": FEE["payment"] | {"consequence": "withdrawn"}},
        {"payment": FEE["payment"] | {"consequence": "withdrawn", "days": 5, "before": "result"}},
    ],
    ids=["where nothing is charged", "without a sum", "a consequence without a term", "withdrawn after a grant"],
)
def test_how_a_fee_is_paid_contradicts_nothing(changed: dict[str, Any]) -> None:
    assert not list(content.problems(content.convert(words(fee=FEE))))
    item = content.convert(words(fee=FEE | changed))
    assert [problem.field for problem in content.problems(item)] == ["fee"]


LATER = [material("letter", necessity="tolerated"), material("id_card")]
SUPPLEMENT = {"days": 5, "unit": "working_day", "consequence": "withdrawn", "promise": "我承诺。", "source": "假定"}
COMMITMENT: dict[str, Any] = {
    "covers": ["letter"],
    "promise": "我承诺。",
    "at_once": True,
    "verification": promised(40),
    "consequence": "revoked",
    "excluded": [],
    "basis": "不涉及（测试）",
    "source": "假定",
}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"materials": LATER}, "supplement"),
        ({"materials": [material("id_card")], "supplement": SUPPLEMENT}, "supplement"),
        ({"materials": LATER, "supplement": SUPPLEMENT | {"days": 6}}, "supplement"),
        (
            {"materials": [material("letter", necessity="tolerated", form="paper")], "supplement": SUPPLEMENT},
            "materials",
        ),
        ({"materials": LATER, "commitment": COMMITMENT | {"excluded": ["ecology"]}}, "commitment"),
        ({"materials": LATER, "commitment": COMMITMENT | {"covers": ["letter", "id_card"]}}, "commitment"),
        ({"materials": LATER, "commitment": COMMITMENT | {"consequence": "put_right"}}, "commitment"),
        ({"materials": LATER, "commitment": COMMITMENT | {"put_right": promised(10)}}, "commitment"),
    ],
    ids=str,
)
def test_a_promise_stands_in_only_for_what_may_come_later_and_says_what_follows(
    changed: dict[str, Any], field: str
) -> None:
    item = content.convert(words(questions=[], **changed))
    assert field in {problem.field for problem in content.problems(item)}


def test_what_may_come_later_has_a_limit_or_a_commitment() -> None:
    for way in ({"supplement": SUPPLEMENT}, {"commitment": COMMITMENT}, {"supplement": SUPPLEMENT | {"unit": "month"}}):
        assert content.problems(content.convert(words(questions=[], materials=LATER, **way))) == []
