# SPDX-License-Identifier: Apache-2.0
"""A form that is being filled in: which fields apply, what is kept of them, what is wrong. Pure.

The page, the programs' interface and the submission ask here, so that what is hidden on a screen is neither demanded
nor kept anywhere.
"""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tongban.catalogue import conditions, patterns
from tongban.catalogue.conditions import Term
from tongban.catalogue.content import ItemContent
from tongban.catalogue.forms import NO, TODAY, YES, Check, Column, Field
from tongban.catalogue.scenario import given
from tongban.standards import identifiers
from tongban.standards.refusal import BadInput
from tongban.standards.regions import is_region_code

LONGEST_NUMBER = 15  # digits
EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}")
SEVERAL = frozenset({"choices", "rows"})
NUMBERS = frozenset({"integer", "money"})


Open = tuple[tuple[Term, ...], ...] | None  # what a field still hangs on in the form; None: on nothing


@dataclass(frozen=True)
class Day:
    """When something is filled in, and whether invented ID numbers pass, as they do in the demonstration."""

    on: date
    demo: bool = False


# Which fields apply


def applicable(item: ItemContent, answers: Mapping[str, str], values: Mapping[str, str]) -> tuple[Field, ...]:
    """The fields that apply, in order; one that does not apply counts as not filled in for those after it."""
    if not any(field.only_if for field in item.form) and not item.sections:
        return item.form
    said, found = given(item, answers), []
    filled: dict[str, str] = {}
    waiting = {each.code: each for each in reversed(item.sections)}
    shut: set[str] = set()
    for field in item.form:
        section = waiting.pop(field.section, None)  # it is decided at its first field
        if section is not None and not conditions.holds(section.only_if, said, filled):
            shut.add(section.code)
        if field.section not in shut and conditions.holds(field.only_if, said, filled):
            found.append(field)
            filled[field.name] = values.get(field.name, "")
    return tuple(found)


def kept(item: ItemContent, answers: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """What is kept of a form: the values of the fields that apply, and no others."""
    return {field.name: values[field.name] for field in applicable(item, answers, values) if field.name in values}


def possible(item: ItemContent, answers: Mapping[str, str]) -> Iterator[tuple[Field, Open]]:
    """The fields that may come to apply after these answers, each with what it still hangs on in the form itself."""
    return possible_by(item, given(item, answers))


def possible_by(item: ItemContent, said: Collection[str]) -> Iterator[tuple[Field, Open]]:
    """The same for answers that are known to be given, as "question:option"."""
    shut = {each.code for each in item.sections if conditions.left_open(each.only_if, said) == ()}
    for field in item.form:
        open_ones = conditions.left_open(field.only_if, said)
        if open_ones != () and field.section not in shut:
            yield field, open_ones


# What is kept


def tidied(field: Field, value: str) -> str:
    """A value as it is kept: stray spaces and full-width digits put right; nothing that is unclear is changed."""
    tidy = TIDY.get(field.type)
    return tidy(field, value) if tidy else identifiers.tidy(value)


def rows_of(value: str) -> list[dict[str, str]]:
    """The rows of a table; none where it is no table."""
    try:
        read = json.loads(value) if value else []
    except (ValueError, RecursionError):
        return []
    if not isinstance(read, list) or not all(isinstance(row, dict) for row in read):
        return []
    return [{str(name): str(cell) for name, cell in row.items()} for row in read]


def told_rows(rows: list[dict[str, str]]) -> str:
    """Rows as they are kept; nothing where none of them says anything."""
    said = [row for row in rows if any(row.values())]
    return json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":")) if said else ""


def _tidy_rows(field: Field, value: str) -> str:
    rows = rows_of(value)
    if value and not rows and value != "[]":
        return value
    return told_rows(
        [{each.name: tidied_cell(each, row[each.name]) for each in field.columns if each.name in row} for row in rows]
    )


def tidied_cell(column: Column, value: str) -> str:
    """The same for one cell."""
    return tidied(as_field(column), value)


def as_field(column: Column) -> Field:
    """A column as the field that each of its cells is."""
    return Field(
        name=column.name,
        label=column.label,
        type=column.type,
        required=column.required,
        max=column.max,
        personal="plain",
        help=column.help,
        choices=column.choices,
    )


def _tidy_number(_: Field, value: str) -> str:
    plain = re.sub(r"[\s,，]", "", identifiers.tidy(value))
    return str(int(plain)) if re.fullmatch(rf"-?[0-9]{{1,{LONGEST_NUMBER}}}", plain) else plain


def _tidy_choices(field: Field, value: str) -> str:
    said = [part.strip() for part in value.split(",") if part.strip()]
    offered = [choice.code for choice in field.choices]
    odd = [part for part in said if part not in offered]
    return ",".join([code for code in offered if code in said] + odd)


TIDY: dict[str, Callable[[Field, str], str]] = {
    "textarea": lambda _, value: value.replace("\r\n", "\n").strip(),
    "phone": lambda _, value: identifiers.tidy_number(value),
    "id_number": lambda _, value: identifiers.tidy_number(value),
    "credit_code": lambda _, value: identifiers.tidy_number(value),
    "region": lambda _, value: re.sub(r"\s", "", identifiers.tidy(value)),
    "email": lambda _, value: re.sub(r"\s", "", identifiers.tidy(value)),
    "integer": _tidy_number,
    "money": _tidy_number,
    "choices": _tidy_choices,
    "rows": _tidy_rows,
}


# What is wrong


def faults(item: ItemContent, answers: Mapping[str, str], values: Mapping[str, str], day: Day) -> dict[str, str]:
    """A sentence for every field that applies and is not as asked, by its name."""
    fields = applicable(item, answers, values)
    there = {field.name: (field, values.get(field.name, "")) for field in fields}
    found = {}
    for field in fields:
        if (sentence := _fault(field, values.get(field.name, ""), there, day)) is not None:
            found[field.name] = sentence
    return found


Filled = Mapping[str, tuple[Field, str]]


def _fault(field: Field, value: str, there: Filled, day: Day) -> str | None:
    """What is wrong with one value, as a sentence that says what to do."""
    if not value:
        return f"请{_verb(field)}{field.label}。" if field.required else None
    if field.type not in SEVERAL and len(value) > field.max:
        return f"{field.label}不能超过 {field.max} 个字。"
    kind = KINDS.get(field.type)
    if kind is not None and (sentence := kind(field, value, day)) is not None:
        return sentence
    return next(
        (said for check in field.checks if (said := _broken(check, field, value, there, day)) is not None), None
    )


def _verb(field: Field) -> str:
    return "选择" if field.type in ("choices", "yes_no") else "填写"


def _date_fault(field: Field, value: str, _: Day) -> str | None:
    return None if _date(value) else f"{field.label}请按“年-月-日”填写，例如 2026-05-03。"


def _phone_fault(field: Field, value: str, _: Day) -> str | None:
    return None if re.fullmatch(r"1[3-9][0-9]{9}", value) else f"{field.label}应为 11 位手机号码。"


def _choice_fault(field: Field, value: str, _: Day) -> str | None:
    return None if value in {choice.code for choice in field.choices} else f"请选择{field.label}。"


def _choices_fault(field: Field, value: str, _: Day) -> str | None:
    chosen = value.split(",")
    known = set(chosen) <= {choice.code for choice in field.choices} and len(set(chosen)) == len(chosen)
    return None if known else f"请在所列选项中选择{field.label}。"


def _yes_no_fault(field: Field, value: str, _: Day) -> str | None:
    return None if value in (YES, NO) else f"请选择{field.label}：是或者否。"


def _email_fault(field: Field, value: str, _: Day) -> str | None:
    return None if EMAIL.fullmatch(value) else f"{field.label}不像电子邮箱地址，例如 name@example.cn。"


def _id_fault(field: Field, value: str, day: Day) -> str | None:
    try:
        identifiers.resident_id(value, field=field.name, demo=day.demo, on=day.on)
    except BadInput as no:
        return f"{field.label}：{no.sentence}"
    return None


def _credit_fault(field: Field, value: str, _: Day) -> str | None:
    try:
        identifiers.credit_code(value, field=field.name)
    except BadInput as no:
        return f"{field.label}：{no.sentence}"
    return None


def _integer_fault(field: Field, value: str, _: Day) -> str | None:
    whole = re.fullmatch(rf"-?[0-9]{{1,{LONGEST_NUMBER}}}", value)
    return None if whole else f"{field.label}请填写整数，例如 3。"


def _money_fault(field: Field, value: str, _: Day) -> str | None:
    fen = re.fullmatch(rf"[0-9]{{1,{LONGEST_NUMBER}}}", value)
    return None if fen else f"{field.label}请填写金额，单位是元，最多两位小数，例如 1200.50。"


def _region_fault(field: Field, value: str, _: Day) -> str | None:
    if is_region_code(value):
        return None
    return f"{field.label}请填写完整的地名，例如“湖南省长沙市岳麓区”，或者行政区划代码。"


def _rows_fault(field: Field, value: str, day: Day) -> str | None:
    rows = rows_of(value)
    if not rows:
        return f"请逐行填写{field.label}。"
    if len(rows) > field.max:
        return f"{field.label}最多填写 {field.max} 行。"
    for number, row in enumerate(rows, 1):
        for column in field.columns:
            if (said := _fault(as_field(column), row.get(column.name, ""), {}, day)) is not None:
                return f"{field.label}第 {number} 行：{said}"
    return None


KINDS: dict[str, Callable[[Field, str, Day], str | None]] = {
    "date": _date_fault,
    "phone": _phone_fault,
    "choice": _choice_fault,
    "choices": _choices_fault,
    "yes_no": _yes_no_fault,
    "email": _email_fault,
    "id_number": _id_fault,
    "credit_code": _credit_fault,
    "integer": _integer_fault,
    "money": _money_fault,
    "region": _region_fault,
    "rows": _rows_fault,
}


# What an item holds a field to beside its type


def _broken(check: Check, field: Field, value: str, there: Filled, day: Day) -> str | None:
    other, against = there.get(check.than, (None, ""))
    if check.kind == "pattern":
        good = patterns.matches(check.than, value)
    elif check.kind in ("same_as", "differs_from"):
        good = not against or (value == against) is (check.kind == "same_as")
    else:
        good = _in_order(check, field, value, against, day)
    return None if good else check.says or _sentence(check, field, other)


def _in_order(check: Check, field: Field, value: str, against: str, day: Day) -> bool:
    """Whether it is no less, or no more; what it is held to and is not there holds it to nothing."""
    mine: date | int | None = measure(field, value)
    if field.type == "date":
        limit: date | int | None = _day(check, against, day)
    else:
        told = against or check.than
        limit = int(told) if re.fullmatch(r"-?[0-9]{1,18}", told) else None
    if mine is None or limit is None:
        return True
    low, high = (limit, mine) if check.kind == "at_least" else (mine, limit)
    return low <= high  # type: ignore[operator]  # both days, or both numbers


def measure(field: Field, value: str) -> date | int | None:
    """What of a value is compared: the day, the number, or how many."""
    if field.type == "date":
        return _date(value)
    if field.type in NUMBERS:
        return int(value) if re.fullmatch(r"-?[0-9]{1,18}", value) else None
    if field.type == "choices":
        return len(value.split(","))
    return len(rows_of(value)) if field.type == "rows" else len(value)


def _day(check: Check, against: str, day: Day) -> date | None:
    found = day.on if check.than == TODAY else _date(against or check.than)
    try:
        return found + timedelta(days=check.plus) if found else None
    except OverflowError:
        return None


def _date(value: str) -> date | None:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):  # Python reads other ISO forms too
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _sentence(check: Check, field: Field, other: Field | None) -> str:
    """What a rule without words of its own says."""
    label, than = field.label, f"“{other.label}”" if other else check.than
    if check.kind == "pattern":
        return f"{label}的格式不对。"
    if check.kind in ("same_as", "differs_from"):
        return f"{label}须与{than}相同。" if check.kind == "same_as" else f"{label}不能与{than}相同。"
    least = check.kind == "at_least"
    if field.type == "date":
        return f"{label}不能{'早' if least else '晚'}于{_told_day(check, than)}。"
    if field.type in NUMBERS:
        shown = yuan(than) if field.type == "money" and other is None else than
        return f"{label}不能{'小' if least else '大'}于{'' if other else ' '}{shown}。"
    if field.type == "choices":
        return f"{label}{'至少' if least else '最多'}选 {than} 项。"
    return f"{label}{'至少' if least else '最多'} {than} {'行' if field.type == 'rows' else '个字'}。"


def _told_day(check: Check, than: str) -> str:
    day = "今天" if check.than == TODAY else than
    return f"{day}{'后' if check.plus > 0 else '前'} {abs(check.plus)} 天" if check.plus else day


# In words


def yuan(fen: str) -> str:
    """A sum in fen as people write it: 1,200.50 元."""
    return f"{int(fen) // 100:,}.{int(fen) % 100:02d} 元" if re.fullmatch(r"[0-9]{1,18}", fen) else fen


def in_words(field: Field, value: str, places: Mapping[str, str] | None = None) -> str:
    """A value for people; `places` are names of regions by code."""
    return _worded(field, value, places or {}, masked=False)


def masked(field: Field, value: str, places: Mapping[str, str] | None = None) -> str:
    """The same with numbers and addresses of persons covered."""
    return _worded(field, value, places or {}, masked=True)


def covered(field: Field, value: str, places: Mapping[str, str] | None = None) -> str:
    """The same for who does not need the person: what tells of them is cut short, or only said to be there."""
    if not value or field.personal == "plain":
        return in_words(field, value, places)
    if field.prefill == "person.name":
        return identifiers.mask_name(value)
    plain, told = in_words(field, value, places), masked(field, value, places)
    if told != plain or field.type == "rows":
        return told if field.type != "rows" else COVERED
    return COVERED if field.personal == "sensitive" else f"{plain[:3]}{COVERED}"


def _worded(field: Field, value: str, places: Mapping[str, str], *, masked: bool) -> str:
    offered = {choice.code: choice.text for choice in field.choices}
    if masked and value and (mask := MASKS.get("id_number" if field.prefill == "person.id_number" else field.type)):
        return mask(value)
    if field.type == "rows":
        told = (_row(field, row, masked=masked) for row in rows_of(value))
        return "\n".join(told)
    if field.type == "choices":
        return "、".join(offered.get(code, code) for code in value.split(",")) if value else ""
    if field.type == "yes_no":
        return {YES: "是", NO: "否"}.get(value, value)
    if field.type == "money":
        return yuan(value)
    return places.get(value, value) if field.type == "region" else offered.get(value, value)


def _row(field: Field, row: dict[str, str], *, masked: bool) -> str:
    cells = ((each.label, _worded(as_field(each), row.get(each.name, ""), {}, masked=masked)) for each in field.columns)
    return "；".join(f"{label}：{cell}" for label, cell in cells if cell)


def _mask_email(value: str) -> str:
    whose, at, where = value.partition("@")
    return f"{whose[:1]}***{at}{where}" if at else "***"


COVERED = "＊＊＊"
MASKS: dict[str, Callable[[str], str]] = {
    "id_number": identifiers.mask_id,
    "phone": identifiers.mask_phone,
    "email": _mask_email,
}


def places_in(fields: tuple[Field, ...], values: Mapping[str, Any]) -> list[str]:
    """The codes of the regions that stand in a form, to be told by name."""
    codes = (str(values.get(field.name, "")) for field in fields if field.type == "region")
    return [code for code in codes if is_region_code(code)]
