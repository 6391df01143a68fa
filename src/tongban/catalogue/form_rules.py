# SPDX-License-Identifier: Apache-2.0
"""What a form as data must keep: types with what belongs to them, conditions on what stands before, checks."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from tongban.catalogue import conditions, patterns
from tongban.catalogue.conditions import FILLED
from tongban.catalogue.forms import MOST_ROWS, NO, TODAY, YES, Check, Field, Section
from tongban.catalogue.parts import Problem

OFFERING = frozenset({"choice", "choices"})
PREFILLS = {  # the type that a prefilled value has, and the class it belongs to
    "person.name": (("text",), ("identity",)),
    "person.id_number": (("text", "id_number"), ("identity",)),
    "person.phone": (("phone",), ("contact", "identity")),
    "person.home_region": (("region",), ("identity", "contact", "sensitive")),
    "company.name": (("text",), ("plain", "identity")),
    "company.code": (("text",), ("plain", "identity")),
}
OF_PERSONS = {"phone": "联系方式", "email": "联系方式", "id_number": "身份"}  # never of no class
COMPARED = frozenset({"integer", "money", "date"})
HELD_TO = {  # the types that a kind of check is for
    "pattern": frozenset({"text", "textarea", "phone", "email", "id_number", "credit_code"}),
    "at_least": COMPARED | {"text", "textarea", "choices", "rows"},
    "at_most": COMPARED | {"text", "textarea", "choices", "rows"},
}


def form_problems(sections: Sequence[Section], form: Sequence[Field], answers: frozenset[str]) -> Iterator[Problem]:
    """Every rule that a form breaks; `answers` are all that can be given, as "question:option"."""
    if _repeated(field.name for field in form):
        yield Problem("form", "申请表的字段名重复。")
    yield from _sections(sections, form)
    before: dict[str, Field] = {}
    opened: set[str] = set()
    for field in form:
        section = next((each for each in sections if each.code == field.section), None)
        if section is not None and section.code not in opened:
            opened.add(section.code)
            yield from _condition(f"sections.{section.code}", section.title, section.only_if, answers, before)
        place = f"form.{field.name}"
        yield from _belongings(place, field)
        yield from _classes(place, field)
        yield from _condition(place, field.label, field.only_if, answers, before)
        for check in field.checks:
            yield from _check(place, field, check, before)
        before[field.name] = field


def _sections(sections: Sequence[Section], form: Sequence[Field]) -> Iterator[Problem]:
    if _repeated(each.code for each in sections):
        yield Problem("sections", "申请表分组的代码重复。")
    order = ["", *(each.code for each in sections)]
    at = 0
    for field in form:
        if field.section not in order:
            yield Problem(f"form.{field.name}", f"字段“{field.label}”所在的分组{field.section}没有定义。")
        elif order.index(field.section) < at:
            yield Problem(f"form.{field.name}", f"字段“{field.label}”须和同一分组的字段排在一起，分组按顺序排。")
        else:
            at = order.index(field.section)
    used = {field.section for field in form}
    for each in sections:
        if each.code not in used:
            yield Problem(f"sections.{each.code}", f"分组“{each.title}”里没有字段。")


def _belongings(place: str, field: Field) -> Iterator[Problem]:
    if (field.type in OFFERING) != bool(field.choices):
        yield Problem(place, "单选和多选字段须有选项，其余字段不得有选项。")
    if _repeated(choice.code for choice in field.choices):
        yield Problem(place, "选项代码重复。")
    if (field.type == "rows") != bool(field.columns):
        yield Problem(place, "表格字段须有列，其余字段不得有列。")
    if field.type == "rows" and field.max > MOST_ROWS:
        yield Problem(place, f"表格最多 {MOST_ROWS} 行。")
    if _repeated(column.name for column in field.columns):
        yield Problem(place, "表格的列名重复。")
    for column in field.columns:
        if (column.type == "choice") != bool(column.choices):
            yield Problem(place, f"列“{column.label}”是单选的须有选项，其余不得有选项。")
    if field.name == TODAY:
        yield Problem(place, "字段不能以 today 为名，它表示填写的当天。")


def _classes(place: str, field: Field) -> Iterator[Problem]:
    if field.prefill.startswith("person.") and field.personal == "plain":
        yield Problem(place, "预填个人信息的字段须标明个人信息类别。")
    elif field.prefill:
        types, classes = PREFILLS[field.prefill]
        if field.type not in types:
            yield Problem(place, "预填的内容与字段类型不合。")
        if field.prefill in ("person.name", "person.id_number") and field.personal not in classes:
            yield Problem(place, "实名登录证明的姓名和证件号码须标为身份信息，不能改动。")
    if field.locked and not field.prefill:
        yield Problem(place, "不是预填的字段不能锁定。")
    persons = {field.type, *(column.type for column in field.columns)} & OF_PERSONS.keys()
    if field.personal == "plain" and persons - _OLD:
        kinds = "、".join(sorted({OF_PERSONS[kind] for kind in persons}))
        yield Problem(place, f"“{field.label}”收集{kinds}，须标明个人信息类别。")


_OLD = frozenset({"phone"})  # of a form without a class it was allowed before


def _condition(
    place: str, label: str, only_if: Sequence[str], answers: frozenset[str], before: dict[str, Field]
) -> Iterator[Problem]:
    for term in conditions.named(only_if):
        if term.is_answer:
            if f"{term.name}:{term.value}" not in answers:
                yield Problem(place, f"“{label}”以没有的情形选项{term.name}:{term.value}为条件。")
        elif term.name not in before:
            yield Problem(place, f"“{label}”以{term.name}为条件，它须是排在前面的字段。")
        elif not _may_hold(before[term.name], term.value):
            yield Problem(place, f"“{label}”以“{before[term.name].label}”不会有的值{term.value}为条件。")


def _may_hold(field: Field, value: str) -> bool:
    if value == FILLED:
        return True
    if field.type == "yes_no":
        return value in (YES, NO)
    return field.type in OFFERING and value in {choice.code for choice in field.choices}


def _check(place: str, field: Field, check: Check, before: dict[str, Field]) -> Iterator[Problem]:
    if check.kind == "pattern":
        yield from _pattern(place, field, check)
        return
    other = before.get(check.than)
    if check.kind in ("same_as", "differs_from"):
        if other is None or other.type != field.type:
            yield Problem(place, f"“{field.label}”须与排在前面、类型相同的字段比较。")
        return
    if field.type not in HELD_TO[check.kind]:
        yield Problem(place, f"“{field.label}”这种字段没有大小先后可比。")
    elif other is not None and (other.type != field.type or field.type not in COMPARED):
        yield Problem(place, f"“{field.label}”须与类型相同的日期、整数或者金额字段比较。")
    elif other is None and not _is_measure(field, check.than):
        yield Problem(place, f"“{field.label}”的比较值{check.than}不是{_measure(field)}，也不是排在前面的字段。")
    if check.plus and field.type != "date":
        yield Problem(place, "只有日期可以加减天数。")


def _pattern(place: str, field: Field, check: Check) -> Iterator[Problem]:
    if field.type not in HELD_TO["pattern"] or field.max > patterns.MOST:
        yield Problem(place, f"格式规则用于不超过 {patterns.MOST} 个字的文字字段。")
    if not patterns.is_pattern(check.than):
        yield Problem(place, "格式规则只能由字符、[字符组]、\\d、次数（? * + {m,n}）和整体的 | 组成。")
    if not check.says:
        yield Problem(place, "格式规则须写明给填写人看的提示。")


def _is_measure(field: Field, than: str) -> bool:
    if field.type == "date":
        return than == TODAY or _is_date(than)
    return bool(re.fullmatch(r"-?[0-9]{1,15}", than))


def _measure(field: Field) -> str:
    return "日期（或者 today）" if field.type == "date" else "整数"


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _repeated(codes: Iterable[str]) -> bool:
    listed = list(codes)
    return len(set(listed)) != len(listed)
