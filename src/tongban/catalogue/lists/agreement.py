# SPDX-License-Identifier: Apache-2.0
"""An agreement between two regions (点对点): what the handling side lets the windows of the intake side do. Pure."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from tongban.catalogue.content import Part, Problem, Publisher, repeated
from tongban.catalogue.lists.content import Long, Name, plain
from tongban.catalogue.lists.errors import ListRefused
from tongban.standards import codes
from tongban.standards.canonical import NotCanonical, canonical, parse
from tongban.standards.regions import contains, is_region_code

Word = Literal["accept", "request_correction", "not_accept"]
Basic = Annotated[str, msgspec.Meta(pattern="^[0-9]{11}[0-9Y]$")]


class Share(Part, frozen=True):
    """A part of a step that the intake side does for the handling side, e.g. 原件核验, 结果转送."""

    step: Name
    text: Long = ""


class Agreement(Part, frozen=True):
    """What two organizations sign for their regions. Its words never change; how it stands is kept beside it."""

    id: Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]  # so none is signed twice
    title: Name
    handling: Publisher  # B: whose matters they are
    intake: Publisher  # A: whose windows act
    begins: date
    basis: Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
    moves: Annotated[tuple[Word, ...], msgspec.Meta(max_length=3)] = ()  # what A's windows do in B's name (异地受理)
    items: Annotated[tuple[Basic, ...], msgspec.Meta(max_length=500)] = ()  # empty: all that B handles
    shares: Annotated[tuple[Share, ...], msgspec.Meta(max_length=30)] = ()
    until: date | None = None  # last day; null: until one of them ends it
    notice_days: Annotated[int, msgspec.Meta(ge=0, le=365)] = 30

    def covers(self, basic_code: str) -> bool:
        """Whether it speaks of this item."""
        return not self.items or basic_code in self.items

    def lets(self, organ: str, region: str, basic_code: str, intake_region: str) -> bool:
        """Whether it is about a matter of this organ taken in by a window of that region."""
        own = organ == self.handling.code or contains(self.handling.region, region)
        return own and self.covers(basic_code) and contains(self.intake.region, intake_region)

    def is_signed_by(self, organ: str) -> bool:
        """Whether the organ whose item it is has signed itself; otherwise the item must say so too."""
        return organ == self.handling.code


def read(data: bytes) -> Agreement:
    """The agreement in stored or received bytes. ListRefused when it is none."""
    try:
        return convert(parse(data, strict=True))
    except NotCanonical as why:
        raise ListRefused("content", f"不是规范的 JSON：{why}。") from why


def convert(plain: dict[str, Any]) -> Agreement:
    """The agreement in plain JSON values. ListRefused with the field that does not fit."""
    try:
        return msgspec.convert(plain, Agreement)
    except msgspec.ValidationError as why:
        what, _, where = str(why).partition(" - at `$.")
        raise ListRefused(where.rstrip("`") or "content", f"内容不合协议格式：{what}。") from why


def document(of: Agreement) -> bytes:
    """The bytes that both sides sign."""
    return canonical(plain(of))


def check(of: Agreement) -> None:
    """ListRefused for the first rule that is not kept."""
    for problem in problems(of):
        raise ListRefused(problem.field, problem.why)


def problems(of: Agreement) -> Iterator[Problem]:
    """Every rule that this agreement breaks."""
    if of.handling.code == of.intake.code:
        yield Problem("intake", "协议的两方须是不同的机构。")
    for side, place in ((of.handling, "handling"), (of.intake, "intake")):
        if not is_region_code(side.region):
            yield Problem(place, "签署机构的行政区划代码不对。")
    if not of.moves and not of.shares:
        yield Problem("moves", "请至少写明一项由收件地窗口办理的内容。")
    if repeated(of.moves) or repeated(of.items):
        yield Problem("moves" if repeated(of.moves) else "items", "同一内容写了两次。")
    for code in of.items:
        if not codes.is_basic_code(code):
            yield Problem("items", f"“{code}”不是基本编码。")
    if of.until is not None and of.until < of.begins:
        yield Problem("until", "截止日期不能早于开始日期。")


def in_force(standing: str, begins: date, until: date | None, ends_on: date | None, day: date) -> bool:
    """Whether an agreement that stands so holds on this day: notice has been given, but it runs to its last day."""
    if standing not in ("confirmed", "ended"):
        return False
    return begins <= day and (until is None or day <= until) and (ends_on is None or day <= ends_on)
