# SPDX-License-Identifier: Apache-2.0
"""The form of an application for its pages: which fields may come to apply, what stands in them, what they hang on."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tongban.cases.application import proved
from tongban.catalogue import conditions, filling
from tongban.catalogue.conditions import FILLED, Term
from tongban.catalogue.content import ItemContent
from tongban.catalogue.filling import Open
from tongban.catalogue.forms import NO, YES, Column, Field, Section
from tongban.catalogue.scenario import given
from tongban.regions.queries import region_names

SOURCES = {  # what prefilled a field, as the page says it
    "person.name": "来自实名登录",
    "person.id_number": "来自实名登录",
    "person.phone": "来自您的账号",
    "person.home_region": "来自您的账号",
    "company.name": "来自单位登记",
    "company.code": "来自单位登记",
}


@dataclass(frozen=True)
class FieldView:
    """One field with what stands in it."""

    name: str
    label: str
    type: str
    required: bool
    max: int
    help: str
    choices: tuple[tuple[str, str], ...]
    value: str
    prefilled: bool  # proved by the sign-in; shown, not asked
    shown: str  # the value in words
    source: str  # where the value came from, when it was not typed
    applies: bool  # by what stands in the form now
    hangs: str  # on which fields of the form: JSON for the page; empty where on none
    when: str  # the same in words
    columns: tuple[Column, ...]
    least_rows: int
    rows: tuple[dict[str, str], ...]


@dataclass(frozen=True)
class SectionView:
    """A part of the form with its fields; the first one has no title where fields stand before all sections."""

    code: str
    title: str
    help: str
    applies: bool
    hangs: str
    when: str
    fields: tuple[FieldView, ...]


def section_views(item: ItemContent, kept: Mapping[str, Any]) -> tuple[SectionView, ...]:
    """The form in its sections, with every field that may come to apply after these answers."""
    answers, fixed = kept["answers"], proved(item, kept)
    values: Mapping[str, str] = {**kept["form"], **fixed}
    applying = {field.name for field in filling.applicable(item, answers, values)}
    codes = filling.places_in(item.form, values)
    places = region_names(codes) if codes else {}
    views: dict[str, list[FieldView]] = {}
    for field, open_ones in filling.possible(item, answers):
        view = _view(item, field, values.get(field.name, ""), places, open_ones, field.name in applying, fixed)
        views.setdefault(field.section, []).append(view)
    sections = {each.code: each for each in item.sections}
    said = given(item, answers)
    return tuple(
        _section(item, sections.get(code), conditions.left_open(sections[code].only_if, said) if code else None, fields)
        for code, fields in views.items()
    )


def covered(item: ItemContent, sections: Iterable[SectionView]) -> tuple[SectionView, ...]:
    """The same for who does not need the person: what tells of them is covered (`filling.covered`)."""
    known = {field.name: field for field in item.form}
    return tuple(
        replace(section, fields=tuple(_covered(known[each.name], each) for each in section.fields))
        for section in sections
    )


def _covered(field: Field, view: FieldView) -> FieldView:
    if field.personal == "plain" or not view.value:
        return view
    codes = filling.places_in((field,), {field.name: view.value})
    word = filling.covered(field, view.value, region_names(codes) if codes else None)
    return replace(view, value=word, shown=word, rows=())


def field_views(sections: Iterable[SectionView]) -> tuple[FieldView, ...]:
    """All the fields of all sections, in order."""
    return tuple(field for section in sections for field in section.fields)


def _section(item: ItemContent, section: Section | None, open_ones: Open, fields: list[FieldView]) -> SectionView:
    return SectionView(
        code=section.code if section else "",
        title=section.title if section else "",
        help=section.help if section else "",
        applies=any(field.applies for field in fields),
        hangs=_hangs(open_ones),
        when=said_when(item, open_ones),
        fields=tuple(fields),
    )


def _view(
    item: ItemContent,
    field: Field,
    value: str,
    places: Mapping[str, str],
    open_ones: Open,
    applies: bool,
    fixed: Mapping[str, str],
) -> FieldView:
    is_fixed = bool(fixed.get(field.name))
    least = [check.than for check in field.checks if check.kind == "at_least" and check.than.isdigit()]
    return FieldView(
        name=field.name,
        label=field.label,
        type=field.type,
        required=field.required,
        max=field.max,
        help=field.help,
        choices=tuple((choice.code, choice.text) for choice in field.choices),
        value=value,
        prefilled=is_fixed,
        shown=filling.in_words(field, value, places),
        source=SOURCES.get(field.prefill, "") if value else "",
        applies=applies,
        hangs=_hangs(open_ones),
        when=said_when(item, open_ones),
        columns=field.columns,
        least_rows=min(int(least[0]), field.max) if field.type == "rows" and least else 1,
        rows=tuple(filling.rows_of(value)) if field.type == "rows" else (),
    )


def _hangs(open_ones: Open) -> str:
    return "" if open_ones is None else json.dumps([[str(term) for term in each] for each in open_ones])


def said_when(item: ItemContent, open_ones: Open) -> str:
    """“是否委托他人”选“是”时填写, or nothing where it hangs on no field."""
    if not open_ones:
        return ""
    fields = {field.name: field for field in item.form}
    told = ("并且".join(_told(fields.get(term.name), term) for term in each) for each in open_ones)
    return f"{'，或者'.join(told)}时填写"


def _told(field: Field | None, term: Term) -> str:
    if field is None:
        return ""
    if term.value == FILLED:
        return f"{'没有' if term.negated else ''}填写“{field.label}”"
    words = {YES: "是", NO: "否"} | {choice.code: choice.text for choice in field.choices}
    return f"“{field.label}”{'不' if term.negated else ''}选“{words.get(term.value, term.value)}”"
