# SPDX-License-Identifier: Apache-2.0
"""The tables of the national exchange and the one of ours beside them: every column, once.

Their columns, types and names are those of `elements`; here stands how each is read into an item's content and written
from it. What an item says and the national tables have no column for goes into columns of ours, which begin with
`tongban_`; they follow from the structure of the content, so that a new element has its column at once.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cache, cached_property
from typing import Any, Literal, get_args, get_origin

import msgspec

from tongban.catalogue import elements
from tongban.catalogue.content import Charge, Faq, ItemContent, Material
from tongban.catalogue.details import Detail
from tongban.catalogue.tables.codecs import (
    BODIES,
    CODE,
    DATE,
    FLAG,
    INT,
    JSON,
    LINES,
    STEPS,
    TEXT,
    Codec,
    one_of,
    some_of,
)
from tongban.standards.enums import Labelled, Source

OURS = "tongban_"
EXACT = "tongban_exact"  # what the other columns cannot hold exactly, so that a file comes back as it went out
KEY = "task_guid"


class Table(StrEnum):
    """A table of the exchange; the last one is ours."""

    BASIC = "basic"
    EXTEND = "extend"
    MATERIAL = "material"
    FEE = "fee_project"
    QUESTIONS = "questions"
    ORGANIZATION = "zone_organization"
    OWN = "tongban"


TITLES = {
    Table.BASIC: "基本信息",
    Table.EXTEND: "扩展信息",
    Table.MATERIAL: "申请材料",
    Table.FEE: "收费项目",
    Table.QUESTIONS: "常见问题",
    Table.ORGANIZATION: "机构",
    Table.OWN: "本系统要素",
}
LISTS: dict[Table, tuple[str, type[msgspec.Struct]]] = {  # tables of several rows for each item: where, and of what
    Table.MATERIAL: ("materials", Material),
    Table.FEE: ("fee.lines", Charge),
    Table.QUESTIONS: ("faq", Faq),
}
SINGLE = (Table.BASIC, Table.EXTEND, Table.OWN)  # of one row for each item
ITEM = (*SINGLE[:2], *LISTS, SINGLE[2])

# How a path is written where its type does not say it.
_SPECIAL: dict[str, Codec] = {
    "steps": STEPS,
    "power.with_others": BODIES,
    "other_codes.handling_items": JSON,
    "basic_code": CODE,
    "task_code": CODE,
    "publisher.code": CODE,
}
MADE = frozenset({"is_online", "task_handle_item"})  # follow from other columns: written, and not read
_LINKS = {
    Table.MATERIAL: (("task_code", "实施编码"), ("order_num", "序号")),
    Table.FEE: (("task_code", "实施编码"), ("order_num", "序号")),
    Table.QUESTIONS: (("task_code", "实施编码"), ("order_num", "序号")),
    Table.EXTEND: (("task_code", "实施编码"),),
    Table.OWN: (("task_code", "实施编码"), (EXACT, "其余各列不能准确表达的内容")),
}
_WORDS = {  # of members that `elements` does not name
    "law": "依据",
    "clause": "条款",
    "source": "来源",
    "code": "代码",
    "max_bytes": "文件大小上限",
    "types": "文件类型",
    "fen": "金额（分）",
}
_GROUPS = ("publisher", "limits", "limits.statutory", "limits.promised", "fee", "window", "result")
_SIZES = re.compile("vc([0-9]+)")


@dataclass(frozen=True)
class Column:
    """One column; `path` is where its value stands in the content, or of a list in each of its members."""

    table: Table
    name: str
    title: str
    path: str  # empty: made when written, or a link, or not kept by us
    codec: Codec = field(repr=False)
    must: bool = False
    size: int = 0  # characters, as the exchange declares; 0 where it does not
    drops_empty: bool = False  # an empty cell says nothing, rather than an empty text

    @cached_property
    def steps(self) -> tuple[str, ...]:
        """The path, taken apart."""
        return tuple(self.path.split("."))

    def value_in(self, plain: Mapping[str, Any]) -> Any:
        """What the content says here; None where it says nothing."""
        value: Any = plain
        for step in self.steps:
            if value.__class__ is not dict:
                return None
            value = value.get(step)
        return value

    def put(self, plain: dict[str, Any], value: Any) -> None:
        """Say it in a content that is being made."""
        *groups, last = self.steps
        inner = plain
        for group in groups:
            told = inner.get(group)
            if told.__class__ is not dict:
                told = inner[group] = {}
            inner = told
        inner[last] = value

    def take_out(self, plain: dict[str, Any]) -> None:
        """Say nothing of it; a group that says nothing any more goes with it."""
        found = elements.without(plain, self.path)
        plain.clear()
        plain.update(found)


@cache
def columns(table: Table, source: Source = Source.EXCHANGE) -> tuple[Column, ...]:
    """The columns of a table in their order: the key first, then those of the exchange, then ours."""
    listed = [each for each in elements.ELEMENTS if each.table.value == table.value and each.column]
    found = [_declared(table, each, source) for each in listed]
    if table is not Table.BASIC and table is not Table.ORGANIZATION:
        found = [each for each in found if each.name != KEY]
        found.insert(0, Column(table, KEY, "事项主键", "", TEXT, must=True))
    found += [Column(table, name, title, "", TEXT) for name, title in _LINKS.get(table, ())]
    return (*found, *_own(table, {each.path for each in found}, source))


def _declared(table: Table, element: elements.Element, source: Source) -> Column:
    kept = not element.path.startswith("@") and element.column not in MADE
    path = element.path if kept else ""
    root, struct = LISTS.get(table, ("", ItemContent))
    inner = path.removeprefix(root + ".") if root else path
    size = _SIZES.match(element.type)
    codec = _codec(struct, inner, source) if inner else TEXT
    sizes = int(size[1]) if size else 0
    return Column(
        table, element.column, element.name, inner, codec, element.must, sizes, bool(inner) and _drops(struct, inner)
    )


def _own(table: Table, said: set[str], source: Source) -> Iterator[Column]:
    """What the content of an item, or of a member of a list, has beside the columns of the exchange."""
    if table in LISTS:
        root, struct = LISTS[table]
        for path in _leaves(struct, ("more",)):
            if path not in said:
                yield _ours(table, path, _title(f"{root}.{path}"), struct, source)
    elif table is Table.OWN:
        elsewhere = {root for root, _ in LISTS.values()}
        elsewhere |= {each.path for which in (Table.BASIC, Table.EXTEND) for each in columns(which, source)}
        for path in _leaves(ItemContent, (*_GROUPS, *_detailed())):
            if path not in elsewhere and path != "format":
                yield _ours(table, path, _title(path), ItemContent, source)


def _ours(table: Table, path: str, title: str, struct: type[msgspec.Struct], source: Source) -> Column:
    name = OURS + path.removeprefix("more.").replace(".", "_")
    return Column(table, name, title, path, _codec(struct, path, source), drops_empty=_drops(struct, path))


def _title(path: str) -> str:
    named = {each.path: each.name for each in elements.ELEMENTS} | {path: name for name, path, _ in elements.OURS}
    if path in named:
        return named[path]
    parent, _, last = path.rpartition(".")
    whole = elements.name_of(parent or path)
    return f"{whole}{_WORDS.get(last, '（' + last + '）')}"


def _leaves(struct: type[msgspec.Struct], groups: Sequence[str], before: str = "") -> Iterator[str]:
    """The paths of what is one value; only these groups are taken apart."""
    for each in msgspec.structs.fields(struct):
        path = before + each.name
        inner = _struct_of(each.type)
        if path in groups and inner is not None:
            yield from _leaves(inner, groups, path + ".")
        else:
            yield path


def _detailed() -> tuple[str, ...]:
    """The groups of an item whose every word may be missing."""
    found = []
    for each in msgspec.structs.fields(ItemContent):
        inner = _struct_of(each.type)
        if inner is not None and issubclass(inner, Detail):
            found.append(each.name)
    return tuple(found)


def _struct_of(kind: Any) -> type[msgspec.Struct] | None:
    """The structure that a type is of, behind Annotated and `| None`."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    if get_origin(kind) is tuple:
        return None
    return next((found for arg in get_args(kind) if (found := _struct_of(arg)) is not None), None)


def type_in(struct: type[msgspec.Struct], path: str) -> Any:
    """The type of what stands at a path of a structure."""
    kind: Any = struct
    for step in path.split("."):
        inner = _struct_of(kind)
        fields = {each.name: each.type for each in msgspec.structs.fields(inner)} if inner else {}
        kind = fields[step]
    return kind


def _drops(struct: type[msgspec.Struct], path: str) -> bool:
    """Whether an empty cell says nothing here: in details, and where there is a default other than an empty text."""
    parent = path.rpartition(".")[0]
    inner = _struct_of(type_in(struct, parent)) if parent else struct
    if inner is None or issubclass(inner, Detail):
        return True
    return _bare(type_in(struct, path)) is not str


def _codec(struct: type[msgspec.Struct], path: str, source: Source) -> Codec:
    """By the type of what stands there."""
    if path in _SPECIAL:
        return _SPECIAL[path]
    kind = _bare(type_in(struct, path))
    if get_origin(kind) is tuple:
        member = _bare(get_args(kind)[0])
        if _is_listed(member):
            return some_of(member, source)
        return LINES if member is str or get_origin(member) is Literal else JSON
    if _is_listed(kind):
        return one_of(kind, source)
    return _PLAIN.get(kind, JSON)


_PLAIN: dict[Any, Codec] = {str: TEXT, int: INT, bool: FLAG, date: DATE}


def _is_listed(kind: Any) -> bool:
    """Whether this is one of the standards' lists of words."""
    return isinstance(kind, type) and issubclass(kind, Labelled)


def _bare(kind: Any) -> Any:
    """A type without what qualifies it; a date is written as one."""
    told = [arg for arg in get_args(kind) if arg is not type(None)]
    if get_origin(kind) is tuple or not told:
        return kind
    return _bare(told[0]) if _is_qualified(kind, told) else kind


def _is_qualified(kind: Any, told: Sequence[Any]) -> bool:
    return hasattr(kind, "__metadata__") or len(told) < len(get_args(kind))


@cache
def by_header(table: Table, source: Source = Source.EXCHANGE) -> dict[str, Column]:
    """Columns by their name or their Chinese one."""
    found: dict[str, Column] = {}
    for each in columns(table, source):
        found.setdefault(each.title, each)
        found.setdefault(each.name.lower(), each)
    return found


def table_of(sheet: str, header: Sequence[str]) -> Table | None:
    """Which table a sheet is: by its name, otherwise by its columns; None when it is none of them."""
    told = sheet.strip().lower()
    for table in Table:
        if told in (table.value, TITLES[table]) or told.endswith("_" + table.value):
            return table
    counted = {table: _known(table, header) for table in Table}
    best = max(counted, key=lambda table: counted[table])
    return best if counted[best] * 2 > len(header) else None


def _known(table: Table, header: Sequence[str]) -> int:
    return sum(column_of(table, title, Source.EXCHANGE) is not None for title in header)


def column_of(table: Table, title: str, source: Source) -> Column | None:
    """The column of this header, by either of its names."""
    known = by_header(table, source)
    return known.get(title) or known.get(title.lower())
