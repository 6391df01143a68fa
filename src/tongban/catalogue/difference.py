# SPDX-License-Identifier: Apache-2.0
"""What differs between two contents of an item: which element, what it said, what it says."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tongban.catalogue import elements

KEYS = ("code", "name", "number", "question")  # by which the members of a list are known, the first that they have
FOR_APPLICANTS = frozenset(  # what an application rests on: only this is looked at again under a later version
    {"conditions", "questions", "form", "materials", "fee", "visits", "mode", "served", "apply_forms", "commitment"}
    | {"supplement", "co_applicants", "sections", "assurance"}
)


@dataclass(frozen=True)
class Change:
    """One difference. A value that was not there, or is not there any more, is None."""

    unit: str  # path of the unit it lies in
    name: str  # of the unit, for people
    place: str  # where in it, e.g. materials.id_card.accept_note
    before: Any
    after: Any

    @property
    def kind(self) -> str:
        """added, removed or changed."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"

    @property
    def concerns_applicants(self) -> bool:
        """Whether an application made before has to be looked at again because of it."""
        return self.unit in FOR_APPLICANTS

    def shown(self) -> tuple[str, str]:
        """Both values as text."""
        return text_of(self.before), text_of(self.after)


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Every difference between two plain contents, element by element; members of lists are matched by their code."""
    return [change for path in elements.units() for change in _of_unit(path, dict(before), dict(after))]


def to_be_checked(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """What has to be looked at again when an application made under `before` is handled under `after`."""
    return [change for change in difference(before, after) if change.concerns_applicants]


def text_of(value: Any) -> str:
    """A value for a table: words as they are, lists line by line, the rest as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "\n".join(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict | list) else str(value)


def _of_unit(path: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[Change]:
    name = elements.units()[path].name
    for place, old, new in _between(path, elements.get(before, path), elements.get(after, path)):
        yield Change(path, name, place, old, new)


def _between(place: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict):
        for word in dict.fromkeys([*old, *new]):
            yield from _between(f"{place}.{word}", old.get(word), new.get(word))
    elif (pair := (_by_key(old), _by_key(new))) and None not in pair:
        yield from _members(place, *pair)
    else:
        yield place, old, new


def _members(place: str, old: dict[str, Any] | None, new: dict[str, Any] | None) -> Iterator[tuple[str, Any, Any]]:
    old, new = old or {}, new or {}
    for key in dict.fromkeys([*old, *new]):
        yield from _between(f"{place}.{key}", old.get(key), new.get(key))
    kept_old, kept_new = [key for key in old if key in new], [key for key in new if key in old]
    if kept_old != kept_new:
        yield f"{place}.#", kept_old, kept_new  # the same members in another order


def _by_key(value: Any) -> dict[str, Any] | None:
    """The members of a list of structures by their key; None where there is no such list, or a key stands twice."""
    if not isinstance(value, list | tuple) or not value or not all(isinstance(one, dict) for one in value):
        return {} if value in ([], ()) else None
    key = next((word for word in KEYS if all(word in one for one in value)), None)
    found = {str(one[key]): one for one in value} if key else {}
    return found if len(found) == len(value) else None
