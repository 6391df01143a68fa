# SPDX-License-Identifier: Apache-2.0
"""A tongban list as it is published: its head, its batches, its entries, and the rules it must keep. Pure."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from tongban.catalogue.content import Part, Problem, Publisher, RegionCode, Text, Word, repeated
from tongban.catalogue.lists.errors import ListRefused
from tongban.catalogue.lists.words import ListScope
from tongban.standards import codes
from tongban.standards.canonical import NotCanonical, canonical, parse
from tongban.standards.enums import Mode, ModeBasis
from tongban.standards.regions import Level, contains, level

MOST_ENTRIES = 5000  # a whole city's list has some hundreds
MOST_BYTES = 8_000_000  # of a document that another node sends
SENTENCES = {
    "code": "清单代码须以小写字母开头，只用小写字母、数字和下划线，不超过40位。",
    "title": "请填写清单名称，不超过200字。",
    "scope": "请选择清单的范围。",
    "regions": "地区须是六位行政区划代码。",
    "batches.code": "批次代码只能用字母、数字、下划线和短横线，不超过40位。",
    "batches.name": "请填写批次名称，不超过200字。",
    "entries.code": "编号只能用字母、数字、下划线和短横线，不超过40位。",
    "entries.name": "请填写事项名称，不超过200字。",
    "entries.batch": "请选择批次。",
    "entries.lead": "牵头单位不超过200字。",
    "entries.responsible": "责任单位最多50个，每个不超过200字。",
    "entries.timetable": "时间表最多30步。",
    "entries.timetable.name": "时间表的每一步不超过200字。",
    "basic_code": "基本编码须是12位；不知道就留空。",
    "scenario": "应用场景不超过2000字。",
    "source": "来源不超过2000字。",
    "basis": "依据不超过2000字。",
    "note": "说明不超过2000字。",
}

Short = Annotated[str, msgspec.Meta(max_length=200)]
Long = Annotated[str, msgspec.Meta(max_length=2000)]
Name = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
EntryCode = Annotated[str, msgspec.Meta(pattern="^[0-9A-Za-z][0-9A-Za-z_-]{0,39}$")]


class Batch(Part, frozen=True):
    """One batch of a list: by when, and how many entries were announced for it; unknown is null, never a guess."""

    code: EntryCode
    name: Name
    deadline: date | None = None
    announced: Annotated[int, msgspec.Meta(ge=0, le=100_000)] | None = None
    source: Long = ""


class Milestone(Part, frozen=True):
    """One step of an entry's timetable (时间表、路线图)."""

    name: Name
    due: date | None = None


class Entry(Part, frozen=True):
    """One matter on the list. Its status is no part of the document: it is kept as acts, see `Standing`."""

    code: EntryCode  # stays the same from version to version: the history of its status hangs on it
    name: Name
    batch: EntryCode
    basic_code: Annotated[str, msgspec.Meta(pattern="^([0-9]{11}[0-9Y])?$")] = ""  # empty: not known
    mode: Mode | None = None
    mode_basis: ModeBasis | None = None
    lead: Short = ""  # 牵头单位
    lead_basis: ModeBasis | None = None
    responsible: Annotated[tuple[Name, ...], msgspec.Meta(max_length=50)] = ()  # 责任单位
    timetable: Annotated[tuple[Milestone, ...], msgspec.Meta(max_length=30)] = ()
    scenario: Long = ""  # 应用场景
    confidence: Literal["", "high", "medium", "low"] = ""  # how surely it is known, where it was read elsewhere
    source: Long = ""


class TongbanList(Part, frozen=True):
    """Everything that is frozen when a version of a list is published."""

    code: Word  # the publisher's own word for the list
    title: Name
    publisher: Publisher
    scope: ListScope
    regions: Annotated[tuple[RegionCode, ...], msgspec.Meta(max_length=60)] = ()  # of 区域: between which
    feature: bool = False  # 特色清单
    basis: Long = ""
    note: Long = ""
    assumptions: Annotated[tuple[Text, ...], msgspec.Meta(max_length=20)] = ()
    batches: Annotated[tuple[Batch, ...], msgspec.Meta(max_length=60)] = ()
    entries: Annotated[tuple[Entry, ...], msgspec.Meta(max_length=MOST_ENTRIES)] = ()

    def entry(self, code: str) -> Entry | None:
        """The entry of this code."""
        return next((entry for entry in self.entries if entry.code == code), None)

    def batch(self, code: str) -> Batch | None:
        """The batch of this code."""
        return next((batch for batch in self.batches if batch.code == code), None)


def read(document: bytes) -> TongbanList:
    """The list in stored or received bytes. ListRefused when it is none."""
    if len(document) > MOST_BYTES:
        raise ListRefused("content", "清单过大。")
    try:
        return convert(parse(document, strict=True))
    except NotCanonical as why:
        raise ListRefused("content", f"不是规范的 JSON：{why}。") from why


def convert(plain: dict[str, Any]) -> TongbanList:
    """The list in plain JSON values. ListRefused with the field that does not fit."""
    try:
        return msgspec.convert(plain, TongbanList)
    except msgspec.ValidationError as why:
        what, _, where = str(why).partition(" - at `$.")
        field = where.rstrip("`") or "content"
        raise ListRefused(field, sentence(field) or f"内容不合清单格式：{what}。") from why


def sentence(field: str) -> str:
    """What to do about a field that does not fit; empty where there is nothing to say in few words."""
    plain = re.sub(r"\[[^]]*\]", "", field)
    return SENTENCES.get(plain) or SENTENCES.get(plain.rpartition(".")[2], "")


def document(of: TongbanList) -> bytes:
    """The bytes that are published, digested and kept."""
    return canonical(plain(of))


def plain(of: msgspec.Struct) -> dict[str, Any]:
    """The same as JSON values."""
    words: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(of))
    return words


def problems(of: TongbanList) -> list[Problem]:
    """Every rule that this list breaks."""
    return [problem for rule in (_reach, _batches, _entries) for problem in rule(of)]


def check(of: TongbanList) -> None:
    """ListRefused for the first rule that is not kept."""
    for problem in problems(of):
        raise ListRefused(problem.field, problem.why)


def _reach(of: TongbanList) -> Iterator[Problem]:
    own = level(of.publisher.region)
    if of.scope is ListScope.REGIONAL:
        if len(set(of.regions)) < 2 or repeated(of.regions):
            yield Problem("regions", "区域通办清单须写明至少两个不同的地区。")
        elif own is not Level.NATION and not any(
            contains(region, of.publisher.region) or contains(of.publisher.region, region) for region in of.regions
        ):
            yield Problem("regions", "区域通办清单须包括发布机构自己的地区。")
    elif of.regions:
        yield Problem("regions", "只有区域通办清单写明地区，其他清单的范围由发布机构所在地确定。")
    if of.scope is ListScope.PROVINCE and own is Level.NATION:
        yield Problem("scope", "省内通办清单由省或者省以下的机构发布。")
    if of.scope is ListScope.CITY and own not in (Level.CITY, Level.COUNTY):
        yield Problem("scope", "全市通办清单由市、县的机构发布。")


def _batches(of: TongbanList) -> Iterator[Problem]:
    if repeated(batch.code for batch in of.batches):
        yield Problem("batches", "批次的代码重复。")


def _entries(of: TongbanList) -> Iterator[Problem]:
    if repeated(entry.code for entry in of.entries):
        yield Problem("entries", "清单条目的编号重复。")
    known = {batch.code for batch in of.batches}
    seen: set[str] = set()
    for entry in of.entries:
        place = f"entries.{entry.code}"
        if entry.name in seen:
            yield Problem(place, f"“{entry.name}”在清单中出现了两次。")
        seen.add(entry.name)
        if entry.batch not in known:
            yield Problem(place, f"“{entry.name}”的批次“{entry.batch}”不在清单的批次中。")
        if entry.basic_code and not codes.is_basic_code(entry.basic_code):
            yield Problem(place, f"“{entry.name}”的基本编码结构不对。")
        if (entry.mode is None) != (entry.mode_basis is None):
            yield Problem(place, f"“{entry.name}”的办理模式和它的依据须一并写明。")
