# SPDX-License-Identifier: Apache-2.0
"""The basic catalogue as layers: what each level lays down for those below, what is inherited and locked, what is open.

The nation fixes name, code, basis and type; a province, city or county may fix more for its own. Where two levels have
fixed the same element the higher one holds.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from tongban.catalogue import elements
from tongban.catalogue.content import AnyRegion, Publisher
from tongban.catalogue.elements import FOUR, Keeper, units
from tongban.catalogue.errors import ContentRefused
from tongban.catalogue.parts import Part, Problem
from tongban.standards import codes, regions
from tongban.standards.canonical import NotCanonical, canonical, parse
from tongban.standards.enums import UseLevel
from tongban.standards.regions import NATION, Level

LEVELS = {
    Level.NATION: UseLevel.NATION,
    Level.PROVINCE: UseLevel.PROVINCE,
    Level.CITY: UseLevel.CITY,
    Level.COUNTY: UseLevel.COUNTY,
    Level.TOWN: UseLevel.TOWN,
    Level.VILLAGE: UseLevel.VILLAGE,
}


# What an item that says nothing of it says: an unknown statutory limit is null, never a guess.
NOTHING: dict[str, Any] = {"materials": [], "questions": [], "faq": [], "assumptions": [], "visit_reason": ""}


class BasicContent(Part, frozen=True):
    """One level's word on a basic item (基本目录事项): for which region, whose use, and which elements it fixes."""

    code: str
    region: AnyRegion
    publisher: Publisher
    levels: Annotated[tuple[UseLevel, ...], msgspec.Meta(min_length=1)]  # who is to claim it
    elements: dict[str, Any]  # in the shape of an item's content
    format: int = 1


@dataclass(frozen=True)
class Inherited:
    """What the levels above say together about an item."""

    code: str
    content: dict[str, Any]  # the fixed elements, in the shape of an item's content
    fixed_by: Mapping[str, Publisher]  # by path of the unit
    levels: tuple[UseLevel, ...]

    @property
    def name(self) -> str:
        """The item's name, which all share."""
        return str(self.content.get("name", ""))

    def keeper_of(self, path: str) -> Keeper:
        """Whose word a unit is here: what a level above has fixed is the catalogue's."""
        return Keeper.CATALOGUE if path in self.fixed_by else units()[path].keeper

    def may_edit(self, path: str) -> bool:
        """Whether an organization that claims the item writes this unit itself."""
        return path in units() and self.keeper_of(path) in (Keeper.SHARED, Keeper.LOCAL)


def read(document: bytes) -> BasicContent:
    """The layer in stored or received bytes. ContentRefused when it is none."""
    try:
        return convert(parse(document, strict=True))
    except NotCanonical as why:
        raise ContentRefused("content", f"不是规范的 JSON：{why}。") from why


def convert(plain: Any) -> BasicContent:
    """The layer in plain JSON values. ContentRefused with the field that does not fit."""
    try:
        return msgspec.convert(plain, BasicContent)
    except msgspec.ValidationError as why:
        what, _, where = str(why).partition(" - at `$.")
        raise ContentRefused(where.rstrip("`") or "content", f"内容不合基本目录格式：{what}。") from why


def document(layer: BasicContent) -> bytes:
    """The bytes that are published, digested and kept."""
    return canonical(msgspec.json.decode(msgspec.json.encode(layer)))


def problems(layer: BasicContent, above: Sequence[BasicContent] = ()) -> list[Problem]:
    """What is wrong with a layer, given those above it."""
    return [*_code(layer), *_claimed_by(layer), *_four(layer), *_elements(layer, above)]


def check(layer: BasicContent, above: Sequence[BasicContent] = ()) -> None:
    """ContentRefused for the first fault."""
    for problem in problems(layer, above):
        raise ContentRefused(problem.field, problem.why)


def is_top(code: str, region: str) -> bool:
    """Whether the basic item begins with this region: the nation's codes begin with 00, a province's with its own."""
    return region == (NATION if code[:2] == codes.NATIONAL else code[:2] + "0000")


def may_fix(path: str) -> bool:
    """Whether a level may lay this unit down for those below; the code is the layer's own and stands above it."""
    return units()[path].keeper in (Keeper.CATALOGUE, Keeper.SHARED) and path != "basic_code"


def fold(layers: Sequence[BasicContent]) -> Inherited:
    """What the layers say together, from the outermost region inwards; at least one."""
    content: dict[str, Any] = {}
    fixed: dict[str, Publisher] = {}
    ordered = sorted(layers, key=lambda layer: regions.level(layer.region))
    for layer in ordered:
        for path in elements.said(layer.elements):
            if path not in fixed:
                content = elements.put(content, path, elements.get(layer.elements, path))
                fixed[path] = layer.publisher
    return Inherited(ordered[0].code, content, fixed, ordered[-1].levels)


def compose(above: Inherited, local: Mapping[str, Any], publisher: Publisher, level: UseLevel) -> dict[str, Any]:
    """The whole plain content of an implementation: inherited, its own, and what follows from who publishes it."""
    whole: dict[str, Any] = NOTHING | dict(local)
    for path in above.fixed_by:
        whole = elements.put(whole, path, elements.get(above.content, path))
    made = {
        "basic_code": above.code,
        "task_code": codes.task_code(publisher.code, level, above.code),
        "publisher": msgspec.to_builtins(publisher),
    }
    limits = {"statutory": None} | whole["limits"] if isinstance(whole.get("limits"), dict) else None
    return whole | made | ({"limits": limits} if limits else {})


def local_of(above: Inherited, content: Mapping[str, Any]) -> dict[str, Any]:
    """What of a published content is the organization's own to edit."""
    own: dict[str, Any] = {}
    for path in elements.said(dict(content)):
        if above.may_edit(path):
            own = elements.put(own, path, elements.get(dict(content), path))
    return own


def fitting(path: str, value: Any) -> Any:
    """The value, if it is one for this unit. ContentRefused otherwise."""
    try:
        msgspec.convert(value, elements.type_at(path))
    except msgspec.ValidationError as why:
        what, _, where = str(why).partition(" - at `$")
        raise ContentRefused(path + where.rstrip("`"), f"“{elements.name_of(path)}”的内容不合格式：{what}。") from why
    return value


def _code(layer: BasicContent) -> Iterator[Problem]:
    if not codes.is_basic_code(layer.code):
        yield Problem("code", "基本编码的结构不对。")
    elif not codes.parse_basic(layer.code).is_handled:
        yield Problem("code", "设有子项的主项不直接办理，不能认领。")
    if layer.publisher.region != layer.region:
        yield Problem("publisher", "基本目录由该行政区划自己的机构编制。")


def _claimed_by(layer: BasicContent) -> Iterator[Problem]:
    own = list(LEVELS).index(regions.level(layer.region)) if regions.is_region_code(layer.region) else 0
    for level in layer.levels:
        if level is not UseLevel.BY_LEVEL and list(LEVELS.values()).index(level) < own:
            yield Problem("levels", f"{level.label}在本级之上，不能由本级要求认领。")


def _four(layer: BasicContent) -> Iterator[Problem]:
    """四级四同: said once, where the item begins."""
    named = set(elements.said(layer.elements)) & set(FOUR)
    if not is_top(layer.code, layer.region):
        for path in sorted(named):
            yield Problem(path, f"“{elements.name_of(path)}”由基本目录的最上一级统一，本级不能另定。")
        return
    for path in ("name", "item_type", "law"):
        if path not in named:
            yield Problem(path, f"基本目录须写明“{elements.name_of(path)}”。")
    told = elements.get(layer.elements, "item_type")
    kind = codes.item_type(layer.code[2:4], layer.code[:2])
    if told is not None and kind is not None and told != kind:
        yield Problem("item_type", "事项类型与基本编码中的类型代码不一致。")


def _elements(layer: BasicContent, above: Sequence[BasicContent]) -> Iterator[Problem]:
    for stranger in elements.strangers(layer.elements):
        yield Problem(stranger, f"没有“{stranger}”这个要素。")
    fixed = fold(above).fixed_by if above else {}
    for path in elements.said(layer.elements):
        unit = units()[path]
        if not may_fix(path):
            yield Problem(path, f"“{unit.name}”由实施机构填写或者系统生成，基本目录不能统一。")
        elif path in fixed:
            yield Problem(path, f"“{unit.name}”已由{fixed[path].name}统一，下级不能另定。")
        else:
            yield from _fits(path, elements.get(layer.elements, path))


def _fits(path: str, value: Any) -> Iterator[Problem]:
    try:
        fitting(path, value)
    except ContentRefused as no:
        yield Problem(no.field or path, str(no.facts["why"]))
