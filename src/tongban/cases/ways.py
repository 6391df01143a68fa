# SPDX-License-Identifier: Apache-2.0
"""How a material may be had, in the order in which it is tried, and how far each way can be trusted. Pure.

国务院令第716号第七条: what can be had by sharing is not asked of the applicant, so it comes first.
"""

from enum import StrEnum

from tongban.catalogue.content import ItemContent, Material
from tongban.standards.enums import ApplyForm, MaterialForm, MaterialKind, SourceChannel


class Way(StrEnum):
    """One way to have a material."""

    LICENCE = "licence"
    SHARED = "shared"
    EARLIER = "earlier"
    COMMITMENT = "commitment"
    UPLOAD = "upload"
    WINDOW = "window"
    POST = "post"


NAMES = {
    Way.LICENCE: "调取电子证照",
    Way.SHARED: "查询共享数据",
    Way.EARLIER: "使用以前提交的材料",
    Way.COMMITMENT: "书面承诺",
    Way.UPLOAD: "自己上传",
    Way.WINDOW: "到窗口提交",
    Way.POST: "邮寄",
}
FETCHED = (Way.LICENCE, Way.SHARED)  # by the system, one after the other, once the applicant agrees


class Level(StrEnum):
    """可信等级 of a material (国办函〔2016〕108号)."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"


MARKS = {
    Level.A: "签发机关提供，可以直接使用",
    Level.B: "窗口已与原件核对",
    Level.C: "申请人上传，须核对原件",
    Level.D: "申请人自行提供，由申请人负责",
}


def ways(item: ItemContent, material: Material) -> tuple[Way, ...]:
    """The ways that an item leaves open for a material, in order: they follow from what it declares of it."""
    more, is_paper = material.more, material.form is MaterialForm.PAPER
    is_form = more is not None and more.kind is MaterialKind.FORM  # filled in for one application
    promised = item.commitment is not None and material.code in item.commitment.covers
    opens = {
        Way.LICENCE: bool(more and more.licence),
        Way.SHARED: bool(more and more.resource),
        Way.EARLIER: not is_paper and not is_form,
        Way.COMMITMENT: promised,
        Way.UPLOAD: not is_paper,
        Way.WINDOW: ApplyForm.WINDOW in item.apply_forms,
        Way.POST: ApplyForm.COURIER in item.apply_forms,
    }
    return tuple(way for way, is_open in opens.items() if is_open)


def fetched(item: ItemContent, material: Material) -> tuple[Way, ...]:
    """Those that the system tries by itself."""
    return tuple(way for way in ways(item, material) if way in FETCHED)


def level(way: Way | str, material: Material | None, *, at_window: bool) -> Level:
    """How far a file can be trusted that came this way."""
    if way in FETCHED:
        return Level.A
    if at_window:
        return Level.B
    return Level.C if material is not None and material.source is SourceChannel.GOVERNMENT else Level.D
