# SPDX-License-Identifier: Apache-2.0
"""What was and what is: the fields and files that were handed in since the application."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tongban.cases import transitions
from tongban.cases.queries.timeline import Line
from tongban.cases.queries.views import ChangeView, MaterialView
from tongban.cases.said import by_field
from tongban.catalogue import filling
from tongban.catalogue.content import ItemContent
from tongban.catalogue.forms import Field
from tongban.regions.queries import region_names

Word = Callable[[Field, str, Mapping[str, str]], str]


def changes(
    lines: Sequence[Line], kept: Mapping[str, Any], item: ItemContent, files: Sequence[MaterialView], word: Word
) -> Iterator[ChangeView]:
    """By the lines that handed something in; materials are numbered in the order of the lines that brought them."""
    later = [line for line in lines[1:] if _brought(line) or line.stated.get("corrected")]
    before: Iterator[Mapping[str, str | None]] = iter(kept.get("corrected", ()))
    place = len(files) - sum(map(_brought, later))
    for line in later:
        new = files[place : place + _brought(line)]
        values = by_field(line.stated.get("corrected", ""))
        was = next(before, {}) if values else {}
        move = transitions.MOVES.get(line.event.move)
        yield ChangeView(
            at=line.event.occurred_at,
            title=move.told if move else line.event.move,
            fields=tuple(_fields(item, was, values, word)),
            files=tuple(_files(files[:place], new)),
        )
        place += len(new)


def _brought(line: Line) -> int:
    return len(line.told.get("materials", ()))


def _fields(
    item: ItemContent, was: Mapping[str, str | None], values: Mapping[str, str], word: Word
) -> Iterator[tuple[str, str, str]]:
    named = tuple(field for field in item.form if field.name in values)
    codes = [*filling.places_in(named, was), *filling.places_in(named, values)]
    places = region_names(codes) if codes else {}
    for field in named:
        before, now = (word(field, each.get(field.name) or "", places) or "未填写" for each in (was, values))
        yield field.label, before, now


def _files(
    before: Sequence[MaterialView], new: Sequence[MaterialView]
) -> Iterator[tuple[str, tuple[MaterialView, ...], tuple[MaterialView, ...]]]:
    for name in dict.fromkeys(each.name for each in new):
        yield name, tuple(x for x in before if x.name == name), tuple(x for x in new if x.name == name)
