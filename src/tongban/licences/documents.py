# SPDX-License-Identifier: Apache-2.0
"""What stands on a paper: from a licence's facts to the words, by type. Pure.

Facts are the JSON that was sealed when the licence was issued. A type reads its own:

- no_criminal_record 无犯罪记录证明: name, id_type, id_number; from and until (ISO dates) or neither
- certificate 证明: paragraphs
- discharge_permit: paragraphs; of permits issued before types had versions
- decision 决定: paragraphs

All may add addressee, rows ([label, value] pairs), closing and notes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from tongban.licences.errors import FactsMissing, NumberPatternOdd, PaperTooLong, PaperUnknown

Facts = Mapping[str, Any]

LONGEST = 12_000  # characters: some twenty pages
NUMBER = "{region}通证〔{year}〕{serial:07d}号"  # ours; an organization may have its own


@dataclass(frozen=True)
class Heading:
    """What a paper says about itself, whatever its type."""

    title: str
    number: str
    identifier: str  # GB/T 36904; empty when the issuer has none
    issuer: str
    dated: date
    node: str  # name of the node that seals
    address: str  # where the licence can be checked; becomes the QR code
    demonstration: bool
    valid_until: date | None = None  # the last day; None: no end
    check_code: str = ""  # with the number it finds the page where the licence can be checked


@dataclass(frozen=True)
class Paper:
    """A finished text: only the typesetter comes after it."""

    heading: Heading
    layout: str  # which file in templates/
    paragraphs: tuple[str, ...]
    addressee: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    closing: str = ""
    notes: tuple[str, ...] = ()
    watermark: str = ""  # of a copy: by whom, for what, until when

    def words(self) -> str:
        """Every character that will be printed from facts."""
        head = self.heading
        fixed = (head.title, head.number, head.identifier, head.issuer, head.node, chinese_date(head.dated))
        table = (words for row in self.rows for words in row)
        return "\n".join((*fixed, self.addressee, *self.paragraphs, *table, self.closing, *self.notes, self.watermark))


@dataclass(frozen=True)
class Style:
    """One way of setting a paper: its layout, and its own words."""

    layout: str
    write: Callable[[Facts, Heading], tuple[str, ...]]
    closing: str = ""
    notes: tuple[str, ...] = ()


def chinese_date(day: date) -> str:
    """2026年5月3日."""
    return f"{day.year}年{day.month}月{day.day}日"


def compose(type_code: str, heading: Heading, facts: Facts) -> Paper:
    """The paper of a licence. PaperUnknown, FactsMissing or PaperTooLong when it cannot be written."""
    style = STYLES.get(type_code)
    if style is None:
        raise PaperUnknown(type_code=type_code)
    paper = Paper(
        heading=heading,
        layout=style.layout,
        paragraphs=style.write(facts, heading),
        addressee=str(facts.get("addressee", "")),
        rows=(*_lasting(heading), *((str(label), str(value)) for label, value in facts.get("rows", ()))),
        closing=str(facts.get("closing", style.closing)),
        notes=tuple(map(str, facts.get("notes", style.notes))),
    )
    if len(paper.words()) > LONGEST:
        raise PaperTooLong(limit=LONGEST)
    return paper


def _lasting(heading: Heading) -> tuple[tuple[str, str], ...]:
    if heading.valid_until is None:
        return ()
    return (("有效期", f"自{chinese_date(heading.dated)}至{chinese_date(heading.valid_until)}"),)


def number(pattern: str, *, region: str, year: int, serial: int) -> str:
    """The number of a paper by its organization's pattern. NumberPatternOdd when the pattern cannot serve."""
    try:
        made, other = (pattern.format(region=region, year=year, serial=one) for one in (serial, serial + 1))
        elsewhen = pattern.format(region=region, year=year + 1, serial=serial)
    except (LookupError, ValueError, AttributeError) as why:
        raise NumberPatternOdd(pattern=pattern) from why
    if len({made, other, elsewhen}) < 3 or len(made) > 60:
        raise NumberPatternOdd(pattern=pattern)
    return made


def _no_criminal_record(facts: Facts, heading: Heading) -> tuple[str, ...]:
    person = f"{_said(facts, 'name')}（{_said(facts, 'id_type')}号码：{_said(facts, 'id_number')}）"
    return (f"经查询，{_period(facts, heading)}，未发现{person}有犯罪记录。",)


def _period(facts: Facts, heading: Heading) -> str:
    until = _day(facts, "until") or heading.dated
    since = _day(facts, "from")
    if since is None:
        return f"截至{chinese_date(until)}"
    return f"自{chinese_date(since)}至{chinese_date(until)}期间"


def _plain(facts: Facts, heading: Heading) -> tuple[str, ...]:
    words = tuple(str(words) for words in facts.get("paragraphs", ()) if str(words).strip())
    if not words:
        raise FactsMissing(what="正文")
    return words


NAMES = {"name": "姓名", "id_type": "证件类型", "id_number": "证件号码", "from": "起始日期", "until": "截止日期"}


def _said(facts: Facts, what: str) -> str:
    words = str(facts.get(what) or "").strip()
    if not words:
        raise FactsMissing(what=NAMES[what])
    return words


def _day(facts: Facts, what: str) -> date | None:
    if not facts.get(what):
        return None
    try:
        return date.fromisoformat(str(facts[what]))
    except ValueError as why:
        raise FactsMissing(what=NAMES[what]) from why


STYLES = {
    "no_criminal_record": Style(
        "certificate",
        _no_criminal_record,
        closing="特此证明。",
        notes=("本证明只反映出具当日信息查询平台内的犯罪记录情况。",),
    ),
    "certificate": Style("certificate", _plain, closing="特此证明。"),
    "discharge_permit": Style("certificate", _plain, closing="特发此证。"),
    "decision": Style("decision", _plain),
}
