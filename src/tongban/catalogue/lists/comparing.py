# SPDX-License-Identifier: Apache-2.0
"""What differs between two lists, of one publisher or of two: entries are matched by code or by what they are. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from tongban.catalogue.lists.content import Batch, Entry, TongbanList

FIELDS = {
    "name": "事项名称",
    "basic_code": "基本编码",
    "batch": "批次",
    "mode": "办理模式",
    "lead": "牵头单位",
    "responsible": "责任单位",
    "timetable": "时间表",
    "scenario": "应用场景",
}


@dataclass(frozen=True)
class Told:
    """One field that two entries give differently, as text."""

    field: str
    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Pair:
    """One matter on both lists, or on one only."""

    before: Entry | None
    after: Entry | None
    differences: tuple[Told, ...] = ()

    @property
    def name(self) -> str:
        """What the matter is called, on the first list if it is there."""
        either = self.before or self.after
        return either.name if either else ""


@dataclass(frozen=True)
class Comparison:
    """Two lists side by side."""

    only_before: tuple[Pair, ...]
    only_after: tuple[Pair, ...]
    differing: tuple[Pair, ...]
    same: int

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs."""
        return not (self.only_before or self.only_after or self.differing)


def compare(before: TongbanList, after: TongbanList) -> Comparison:
    """Both lists entry by entry; of the same list by the entry's code, of two lists by basic code or by name."""
    pairs = list(_pairs(before, after))
    return Comparison(
        only_before=tuple(pair for pair in pairs if pair.after is None),
        only_after=tuple(pair for pair in pairs if pair.before is None),
        differing=tuple(pair for pair in pairs if pair.differences),
        same=sum(bool(pair.before and pair.after and not pair.differences) for pair in pairs),
    )


def told_batch(batch: Batch | None) -> str:
    """A batch for people."""
    return "" if batch is None else batch.name + (f"（{_day(batch.deadline)}前）" if batch.deadline else "")


def _pairs(before: TongbanList, after: TongbanList) -> Iterator[Pair]:
    one_list = (before.publisher.code, before.code) == (after.publisher.code, after.code)
    left = {entry.code: entry for entry in after.entries}
    by_code = {entry.code: entry for entry in after.entries} if one_list else {}
    by_basic = {entry.basic_code: entry for entry in reversed(after.entries) if entry.basic_code}
    by_name = {plain_name(entry.name): entry for entry in reversed(after.entries)}
    for entry in before.entries:
        other = _match(entry, left, by_code, by_basic, by_name)
        if other is not None:
            del left[other.code]
        yield Pair(entry, other, tuple(_differences(entry, other, before, after)) if other else ())
    for entry in left.values():
        yield Pair(None, entry)


def _match(entry: Entry, left: Mapping[str, Entry], *by: Mapping[str, Entry]) -> Entry | None:
    keys = (entry.code, entry.basic_code, plain_name(entry.name))
    found = (known.get(key) for known, key in zip(by, keys, strict=True) if key)
    return next((other for other in found if other is not None and other.code in left), None)


def plain_name(name: str) -> str:
    """A name without the signs that two offices put differently."""
    return "".join(sign for sign in name if sign.isalnum()).casefold()


def _differences(before: Entry, after: Entry, old: TongbanList, new: TongbanList) -> Iterator[Told]:
    for field, name in FIELDS.items():
        said, says = _text(before, field, old), _text(after, field, new)
        if said != says:
            yield Told(field, name, said, says)


def _text(entry: Entry, field: str, within: TongbanList) -> str:
    if field == "batch":
        return told_batch(within.batch(entry.batch))
    if field == "mode":
        return entry.mode.label if entry.mode else ""
    if field == "responsible":
        return "、".join(entry.responsible)
    if field == "timetable":
        return "；".join(f"{step.name}{_day(step.due) if step.due else ''}" for step in entry.timetable)
    return str(getattr(entry, field))


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
