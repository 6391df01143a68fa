# SPDX-License-Identifier: Apache-2.0
"""Values of an item as people read them, and structures as facts under the names that the sources give them."""

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date, datetime
from functools import cache
from typing import Any

import msgspec

from tongban.catalogue.content import Limit
from tongban.catalogue.details import Attachment, Body, HandlingItem, VerticalSystem, Way
from tongban.catalogue.elements import ELEMENTS
from tongban.standards.enums import Labelled
from tongban.web import words
from tongban.web.guides.parts import Fact, Section

# What the sources have no name for, or one that people would not understand.
NAMES = {
    "materials.more.licence_name": "可由电子证照代替",
    "materials.more.licence_type": "关联电子证照编码",
    "materials.more.resource": "可由共享数据代替",
    "materials.more.resource_code": "共享数据编码",
    "materials.more.resource_from": "共享数据来源",
    "materials.more.visits": "为此到现场的次数",
    "materials.more.visit_reason": "到现场的原因",
    "materials.more.blank_file": "空白表格下载",
    "materials.more.sample_file": "示例样表下载",
    "power.system": "使用的国家或省垂管系统",
    "fee.lines.more.standard": "收费标准",
}


def fact(name: str, value: Any, *notes: str) -> Iterator[Fact]:
    """A fact, where there is something to say; an address and a telephone number can be followed."""
    text = said(value)
    if text:
        yield Fact(name, text, tuple(note for note in notes if note), link_of(value))


def facts_of(struct: msgspec.Struct | None, path: str, but: Collection[str] = ()) -> Iterator[Fact]:
    """Everything that a structure says, under the names of its elements; nothing of what it does not say."""
    for field in msgspec.structs.fields(struct) if struct is not None else ():
        value = getattr(struct, field.name)
        if field.name not in but and value != field.default:
            yield from fact(name_of(f"{path}.{field.name}"), value)


@cache
def _named() -> dict[str, str]:
    return {each.path: each.name for each in reversed(ELEMENTS)} | NAMES


def name_of(path: str) -> str:
    """What people call the element at this path."""
    return _named().get(path, path.rpartition(".")[2])


def said(value: Any) -> str:
    """A value in words; empty for one that says nothing."""
    if value is None or value == "" or value == () or value is msgspec.UNSET:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Labelled):
        return value.label
    if isinstance(value, tuple):
        return "；".join(filter(None, map(said, value)))
    if isinstance(value, date | datetime):
        return words.day(value)
    return _structure(value) if isinstance(value, msgspec.Struct) else str(value)


def _structure(value: msgspec.Struct) -> str:
    say = STRUCTURES.get(type(value))
    parts = (said(getattr(value, name)) for name in value.__struct_fields__)
    return say(value) if say else "；".join(filter(None, parts))


def _body(body: Body) -> str:
    code = f"统一社会信用代码 {body.code}" if body.code else ""
    return _with(body.name, (code, body.address, body.phone, body.net))


def _system(system: VerticalSystem) -> str:
    return _with(system.name, (system.level.label if system.level else "", system.net))


def _with(name: str, more: Iterable[str]) -> str:
    told = "，".join(filter(None, more))
    return f"{name}（{told}）" if told else name


STRUCTURES: dict[type, Callable[[Any], str]] = {
    Way: lambda way: f"{way.kind.label}：{way.at}",
    HandlingItem: lambda item: f"{item.number} {item.name}",
    Attachment: lambda file: f"{file.name}（{words.size(file.size)}）",
    Limit: words.limit,
    Body: _body,
    VerticalSystem: _system,
}


def link_of(value: Any) -> str:
    """Where a value leads, when it is an address."""
    return value if isinstance(value, str) and value.startswith(("https://", "http://")) else ""


def section(code: str, title: str, look: Any, *, folded: bool = False, **told: Iterable[Any]) -> Iterator[Section]:
    """A section, where there is something in it."""
    kept = {name: tuple(values) for name, values in told.items()}
    if any(kept.values()):
        yield Section(code, title, look, folded, **kept)


def rests_on(limit: Limit) -> tuple[str, ...]:
    """The law, clause and source of a limit."""
    return tuple(filter(None, (words.law_of(limit), limit.source)))
