# SPDX-License-Identifier: Apache-2.0
"""What applies of a form follows from the answers and the form alone, and what does not is neither asked nor kept."""

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tongban.catalogue import conditions, filling
from tongban.catalogue.content import convert, problems
from tongban.catalogue.filling import Day
from tongban.catalogue.tests.forms import ANSWERS, FORM, field, rich
from tongban.standards.identifiers import make_credit_code, make_resident_id

DAY = Day(date(2026, 11, 22), demo=True)
ITEM = convert(rich())
NUMBER = make_resident_id(date(1990, 1, 1), 1)
GOOD = {
    "name": "张伟",
    "id_number": NUMBER,
    "home": "430104",
    "agent": "李娜",
    "agent_id": NUMBER,
    "agent_phone": "19900000001",
    "why": "study,other_use",
    "which": "参展",
    "abroad": "yes",
    "from_day": "2026-01-01",
    "until_day": "2026-11-22",
    "copies": "2",
    "paid": "120050",
    "mail": "a@example.cn",
    "code": "AB1234",
    "stays": '[{"since":"2020-01-01","where":"日本"}]',
}
WORDS = st.sampled_from(["", "job", "study", "other_use", "job,study", "yes", "no", "x", "1", "2026-01-01"])
FORMS = st.dictionaries(st.sampled_from([each["name"] for each in FORM]), WORDS)
SAID = st.fixed_dictionaries(
    {}, optional={"who": st.sampled_from(["self", "agent", "x"]), "abroad": st.sampled_from(["yes", "no"])}
)


def names(answers: dict[str, str], values: dict[str, str]) -> list[str]:
    return [each.name for each in filling.applicable(ITEM, answers, values)]


def faults(**changed: str) -> dict[str, str]:
    return filling.faults(ITEM, ANSWERS, GOOD | changed, DAY)


def test_the_rich_form_keeps_every_rule_and_is_filled_in() -> None:
    assert problems(ITEM) == []
    assert faults() == {}


def test_a_section_and_a_field_appear_with_what_they_hang_on() -> None:
    assert "agent" in names({"who": "agent"}, {})
    assert "agent" not in names({"who": "self"}, {})
    assert "agent" not in names({"who": "self", "agent": "x"}, {"agent": "李娜"})
    assert "which" in names({}, {"why": "study,other_use"})
    assert "which" not in names({}, {"why": "study"})
    assert "stays" in names({}, {"abroad": "yes", "why": "study"})
    assert "stays" not in names({}, {"abroad": "yes", "why": "job,study"})


def test_an_answer_of_a_way_left_behind_does_not_count() -> None:
    hanging = convert(rich(form=[*FORM, field("last", section="use", only_if=["abroad:yes"])]))

    shown = filling.applicable(hanging, {"who": "self", "abroad": "yes"}, {})

    assert "last" not in [each.name for each in shown]


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("name", "", "请填写姓名。"),
        ("agent_id", "99010119900101001X", "受托人证件号码：身份证号码的校验码不对，请检查。"),
        ("why", "", "请选择用途。"),
        ("why", "job,study,other_use", "用途最多选 2 项。"),
        ("why", "fun", "请在所列选项中选择用途。"),
        ("which", "", "请填写用途说明。"),
        ("abroad", "maybe", "请选择是否在境外使用：是或者否。"),
        ("until_day", "2026-11-23", "止日不能晚于今天。"),
        ("until_day", "2025-12-31", "止日不能早于“起日”。"),
        ("copies", "0", "份数不能小于 1。"),
        ("copies", "两份", "份数请填写整数，例如 3。"),
        ("paid", "12.5.1", "已缴金额请填写金额，单位是元，最多两位小数，例如 1200.50。"),
        ("mail", "a@b", "电子邮箱不像电子邮箱地址，例如 name@example.cn。"),
        ("code", "ab1234", "校验码是两个大写字母和四位数字。"),
        ("home", "长沙", "户籍地请填写完整的地名，例如“湖南省长沙市岳麓区”，或者行政区划代码。"),
        ("stays", "", "请填写境外居住经历。"),
        ("stays", "[1]", "请逐行填写境外居住经历。"),
        ("stays", '[{"where":"日本"}]', "境外居住经历第 1 行：请填写起日。"),
        ("stays", json.dumps([{"where": "日本", "since": "2020-01-01"}] * 6), "境外居住经历最多填写 5 行。"),
    ],
)
def test_each_field_says_what_is_wrong_with_it(name: str, value: str, says: str) -> None:
    found = faults(**{name: value})

    assert found[name] == says or (name == "agent_id" and found[name].startswith("受托人证件号码："))
    assert found.keys() <= {name, "which"}


def test_a_day_may_be_so_many_days_from_another() -> None:
    checks = [{"kind": "at_least", "than": "today", "plus": 3}, {"kind": "at_most", "than": "2027-01-01"}]
    item = convert(rich(form=[field("day", "date", checks=checks)], sections=[]))

    def said(day: str) -> dict[str, str]:
        return filling.faults(item, {}, {"day": day}, DAY)

    assert said("2026-11-24") == {"day": "字段day不能早于今天后 3 天。"}
    assert said("2026-11-25") == {}
    assert said("2027-01-02") == {"day": "字段day不能晚于2027-01-01。"}


def test_two_fields_are_held_to_one_another() -> None:
    two = [field("one"), field("two", checks=[{"kind": "same_as", "than": "one"}])]
    item = convert(rich(form=[*two, field("three", checks=[{"kind": "differs_from", "than": "one"}])], sections=[]))

    assert filling.faults(item, {}, {"one": "a", "two": "b", "three": "a"}, DAY) == {
        "two": "字段two须与“字段one”相同。",
        "three": "字段three不能与“字段one”相同。",
    }


@given(SAID, FORMS)
def test_what_does_not_apply_is_neither_asked_nor_kept_and_changes_nothing(
    answers: dict[str, str], values: dict[str, str]
) -> None:
    shown = names(answers, values)
    kept = filling.kept(ITEM, answers, values)

    assert kept.keys() == set(shown) & values.keys()
    assert filling.faults(ITEM, answers, values, DAY).keys() <= set(shown)
    assert names(answers, kept) == shown  # keeping nothing else changes nothing
    assert filling.faults(ITEM, answers, kept, DAY) == filling.faults(ITEM, answers, values, DAY)


@given(SAID, FORMS)
def test_the_page_has_every_field_that_applies_and_is_told_what_decides_about_it(
    answers: dict[str, str], values: dict[str, str]
) -> None:
    """What the page's script is told, asked in order as it does, shows exactly the fields that the server asks for."""
    possible = {each.name: (each, left) for each, left in filling.possible(ITEM, answers)}
    filled: dict[str, str] = {}
    for name, (_, left) in possible.items():
        if left is None or any(all(term.holds((), filled) for term in every) for every in left):
            filled[name] = values.get(name, "")

    assert list(filled) == names(answers, values)


@given(st.lists(st.text(max_size=20), max_size=4), st.frozensets(st.text(max_size=5)), FORMS)
def test_a_condition_of_any_words_is_answered(
    only_if: list[str], answers: frozenset[str], values: dict[str, str]
) -> None:
    assert isinstance(conditions.holds(only_if, answers, values), bool)


TERMS = st.builds(
    "{}{}{}".format,
    st.sampled_from(["", "!"]),
    st.sampled_from(["who:agent", "who:self", "abroad:yes"]) | st.sampled_from(["why=job", "abroad=yes", "which=*"]),
    st.just(""),
)
CONDITIONS = st.lists(st.lists(TERMS, min_size=1, max_size=3).map("&".join), max_size=3)


@given(CONDITIONS, st.frozensets(st.sampled_from(["who:agent", "who:self", "abroad:yes"])), FORMS)
def test_deciding_the_answers_first_decides_the_same(
    only_if: list[str], answers: frozenset[str], values: dict[str, str]
) -> None:
    left = conditions.left_open(only_if, answers)
    by_parts = left is None or any(all(term.holds((), values) for term in every) for every in left)

    assert by_parts == conditions.holds(only_if, answers, values)


KINDS = st.sampled_from([each.name for each in ITEM.form])


@settings(max_examples=300)
@given(KINDS, st.text(max_size=30) | st.sampled_from(["[]", "[[]]", "{}", '[{"where":"a"}]', "9" * 30, "-0", "０１"]))
def test_whatever_is_typed_is_tidied_once_and_then_passes_or_is_refused(name: str, value: str) -> None:
    one = next(each for each in ITEM.form if each.name == name)
    tidy = filling.tidied(one, value)

    assert filling.tidied(one, tidy) == tidy
    assert isinstance(filling.in_words(one, tidy), str)
    assert isinstance(filling.masked(one, tidy), str)
    filling.faults(ITEM, ANSWERS, GOOD | {name: tidy}, DAY)


def test_values_in_words_and_masked() -> None:
    def told(name: str, value: str) -> tuple[str, str]:
        one = next(each for each in ITEM.form if each.name == name)
        return filling.in_words(one, value, {"430104": "湖南省长沙市岳麓区"}), filling.masked(one, value)

    assert told("why", "job,study")[0] == "求职、留学"
    assert told("abroad", "no")[0] == "否"
    assert told("paid", "120050")[0] == "1,200.50 元"
    assert told("home", "430104")[0] == "湖南省长沙市岳麓区"
    assert told("stays", GOOD["stays"])[0] == "国家：日本；起日：2020-01-01"
    assert told("agent_id", NUMBER)[1] != NUMBER
    assert told("mail", "abc@example.cn")[1] == "a***@example.cn"
    assert told("agent_phone", "19900000001")[1] == "199****0001"


def test_a_company_code_is_checked() -> None:
    good = make_credit_code("91", "990101", 1)

    assert faults(why="job", company=good) == {}
    assert "company" in faults(why="job", company=f"{good[:-1]}{'0' if good[-1] != '0' else '1'}")


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"form": [field("a", "choices")]}, "form.a"),
    ({"form": [field("a", "rows")]}, "form.a"),
    ({"form": [field("today")]}, "form.today"),
    ({"form": [field("a", section="none")]}, "form.a"),
    ({"form": [field("a", section="use"), field("b")], "sections": [{"code": "use", "title": "用途"}]}, "form.b"),
    ({"form": [field("a")], "sections": [{"code": "use", "title": "用途"}]}, "sections.use"),
    ({"form": [field("a", only_if=["who:nobody"])]}, "form.a"),
    ({"form": [field("a", only_if=["b=*"]), field("b")]}, "form.a"),
    ({"form": [field("a", "yes_no"), field("b", only_if=["a=perhaps"])]}, "form.b"),
    ({"form": [field("a", "email")]}, "form.a"),
    ({"form": [field("a", "region", prefill="person.phone", personal="contact")]}, "form.a"),
    ({"form": [field("a", prefill="person.name", personal="contact")]}, "form.a"),
    ({"form": [field("a", locked=True)]}, "form.a"),
    ({"form": [field("a", checks=[{"kind": "pattern", "than": "(a+)+", "says": "不对"}])]}, "form.a"),
    ({"form": [field("a", checks=[{"kind": "pattern", "than": "a"}])]}, "form.a"),
    ({"form": [field("a", "date", checks=[{"kind": "at_least", "than": "tomorrow"}])]}, "form.a"),
    ({"form": [field("a", "yes_no", checks=[{"kind": "at_least", "than": "1"}])]}, "form.a"),
    ({"form": [field("a", checks=[{"kind": "same_as", "than": "b"}])]}, "form.a"),
    ({"form": [field("a", "integer", checks=[{"kind": "at_least", "than": "1", "plus": 1}])]}, "form.a"),
]


@pytest.mark.parametrize(("changed", "place"), BROKEN, ids=str)
def test_a_form_that_contradicts_itself_is_told_by_its_place(changed: dict[str, Any], place: str) -> None:
    assert place in {problem.field for problem in problems(convert(rich(**{"sections": []} | changed)))}
