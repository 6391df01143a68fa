# SPDX-License-Identifier: Apache-2.0
"""Item codes: 基本编码 of 12, 实施编码 of 31 and 业务办理项编码 of 33 (or 14) characters, made, read and explained.

The structure is derived from official examples; GB/T 39046-2020 still prints the older lengths 10 and 24.
"""

import re
from dataclasses import dataclass

from tongban.standards import enums
from tongban.standards.enums import ItemType, Source, UseLevel
from tongban.standards.identifiers import credit_code, is_credit_code, tidy_number
from tongban.standards.refusal import BadInput
from tongban.standards.regions import PROVINCES

NATIONAL = "00"
NO_SUB = "000"  # this 主项 has no 子项
HAS_SUBS = "00Y"  # this 主项 has 子项 and is not itself handled
LEGACY_LENGTHS = frozenset({10, 24})  # GB/T 39046-2020; kept as text when imported

_BASIC = re.compile(r"([0-9]{2})([0-9]{2})([0-9]{5})([0-9]{3}|00Y)")


@dataclass(frozen=True)
class Segment:
    """One stretch of a code and what it says, for people."""

    text: str
    name: str
    meaning: str


@dataclass(frozen=True)
class BasicCode:
    """基本编码: 区划2, 事项类型2, 主项5, 子项3."""

    province: str
    type_code: str
    main: str
    sub: str = NO_SUB

    def __str__(self) -> str:
        return self.province + self.type_code + self.main + self.sub

    @property
    def is_handled(self) -> bool:
        """Whether one can apply for it; a 主项 with 子项 is only their heading."""
        return self.sub != HAS_SUBS

    @property
    def item_type(self) -> ItemType | None:
        """The type in the national list; None for a local extension."""
        return item_type(self.type_code, self.province)

    def explain(self) -> list[Segment]:
        """Each stretch in Chinese."""
        place = "国家基本目录" if self.province == NATIONAL else PROVINCES[self.province]
        kind = self.item_type
        subs = {NO_SUB: "无子项", HAS_SUBS: "设有子项，本项不直接办理"}
        return [
            Segment(self.province, "区划", place),
            Segment(self.type_code, "事项类型", kind.label if kind else "地方扩展类型"),
            Segment(self.main, "主项", f"第{self.main}号主项"),
            Segment(self.sub, "子项", subs.get(self.sub, f"第{self.sub}号子项")),
        ]


@dataclass(frozen=True)
class TaskCode:
    """实施编码: credit code of the organization, 行使层级, 基本编码."""

    organization: str
    level_code: str
    basic: BasicCode

    def __str__(self) -> str:
        return self.organization + self.level_code + str(self.basic)

    @property
    def level(self) -> UseLevel:
        """The level at which the power is used."""
        return enums.from_code(UseLevel, self.level_code, Source.GBT39046)

    def explain(self) -> list[Segment]:
        """Each stretch in Chinese."""
        return [
            Segment(self.organization, "实施主体", "统一社会信用代码"),
            Segment(self.level_code, "行使层级", self.level.label),
            *self.basic.explain(),
        ]


@dataclass(frozen=True)
class HandlingSpec:
    """业务办理项 in the catalogue that all share (实施规范): 基本编码 and a number of two digits."""

    basic: BasicCode
    number: str

    def __str__(self) -> str:
        return str(self.basic) + self.number

    def explain(self) -> list[Segment]:
        """Each stretch in Chinese."""
        return [*self.basic.explain(), Segment(self.number, "业务办理项", f"第{self.number}个业务办理项")]


@dataclass(frozen=True)
class Imported:
    """A code as an office brought it: read where it can be, otherwise kept as text with the reason."""

    text: str
    code: "BasicCode | HandlingSpec | TaskCode | HandlingCode | None"
    warning: str = ""


@dataclass(frozen=True)
class HandlingCode:
    """业务办理项编码: 实施编码 and a number of two digits."""

    task: TaskCode
    number: str

    def __str__(self) -> str:
        return str(self.task) + self.number

    def explain(self) -> list[Segment]:
        """Each stretch in Chinese."""
        return [*self.task.explain(), Segment(self.number, "业务办理项", f"第{self.number}个业务办理项")]


def basic_code(province: str, type_code: str, main: int, sub: str = NO_SUB) -> str:
    """A 基本编码 from its parts; BadInput when one of them is not possible."""
    return str(parse_basic(f"{province}{type_code}{main:05d}{sub}"))


def task_code(organization: str, level: UseLevel, basic: str) -> str:
    """An 实施编码 from its parts; BadInput when one of them is not possible."""
    return str(parse_task(organization + enums.code_of(level, Source.GBT39046) + basic))


def handling_code(task: str, number: int) -> str:
    """A 业务办理项编码 from its parts; BadInput when one of them is not possible."""
    return str(parse_handling(f"{task}{number:02d}"))


def parse_basic(text: str, *, field: str = "basic_code") -> BasicCode:
    """A 基本编码 taken apart; BadInput says what is wrong with it."""
    code = _of_length(text, 12, "基本编码", field)
    found = _BASIC.fullmatch(code)
    if found is None:
        raise BadInput(field, "基本编码由2位区划、2位事项类型、5位主项、3位子项组成。")
    basic = BasicCode(*found.groups())
    if basic.province != NATIONAL and basic.province not in PROVINCES:
        raise BadInput(field, f"基本编码前2位“{basic.province}”不是省级行政区划代码。")
    if not _is_type_code(basic.type_code):
        raise BadInput(field, f"基本编码中的事项类型“{basic.type_code}”不存在。")
    return basic


def parse_task(text: str, *, field: str = "task_code") -> TaskCode:
    """An 实施编码 taken apart; BadInput says what is wrong with it."""
    code = _of_length(text, 31, "实施编码", field)
    if code[18] not in "1234567":
        raise BadInput(field, f"实施编码第19位“{code[18]}”不是行使层级代码（1至7）。")
    return TaskCode(credit_code(code[:18], field=field), code[18], parse_basic(code[19:], field=field))


def parse_spec(text: str, *, field: str = "handling_code") -> HandlingSpec:
    """A catalogue's 业务办理项编码 of 14 characters taken apart; BadInput says what is wrong with it."""
    code = _of_length(text, 14, "业务办理项编码（实施规范）", field)
    return HandlingSpec(parse_basic(code[:12], field=field), _number(code[12:], field))


def parse_handling(text: str, *, field: str = "handling_code") -> HandlingCode:
    """A 业务办理项编码 taken apart; BadInput says what is wrong with it."""
    code = _of_length(text, 33, "业务办理项编码", field)
    return HandlingCode(parse_task(code[:31], field=field), _number(code[31:], field))


def imported(text: str, *, field: str = "code") -> Imported:
    """A code from an office's own files: an older length is kept as it is, with a warning; BadInput for the rest.

    New data goes through `parse`, which knows no older lengths.
    """
    code = tidy_number(text)
    if is_legacy(code):
        return Imported(code, None, f"{len(code)}位编码是旧的长度，照原样保留，未作校验。")
    return Imported(code, parse(code, field=field))


def parse(text: str, *, field: str = "code") -> BasicCode | HandlingSpec | TaskCode | HandlingCode:
    """Whichever of them the length says; BadInput otherwise."""
    code = tidy_number(text)
    match len(code):
        case 12:
            return parse_basic(code, field=field)
        case 14:
            return parse_spec(code, field=field)
        case 31:
            return parse_task(code, field=field)
        case 33:
            return parse_handling(code, field=field)
    raise BadInput(field, f"事项编码应为12位、14位、31位或33位，您填写了{len(code)}位。")


def explain(text: str) -> list[Segment]:
    """What each stretch of a code says, in Chinese; BadInput when it is no code."""
    return parse(text).explain()


def is_basic_code(text: str) -> bool:
    """Whether this is a 基本编码 exactly as it is kept."""
    found = _BASIC.fullmatch(text)
    return bool(found and found[1] in {NATIONAL, *PROVINCES} and _is_type_code(found[2]))


def is_task_code(text: str) -> bool:
    """Whether this is an 实施编码 exactly as it is kept."""
    is_formed = len(text) == 31 and text[18] in "1234567" and text == tidy_number(text)
    return is_formed and is_credit_code(text[:18]) and is_basic_code(text[19:])


def is_handling_code(text: str) -> bool:
    """Whether this is a 业务办理项编码 exactly as it is kept."""
    return bool(re.fullmatch(r"[0-9]{2}", text[31:])) and text[31:] != "00" and is_task_code(text[:31])


def is_legacy(text: str) -> bool:
    """Whether an imported code has one of the lengths of GB/T 39046-2020: keep it as text, do not check it."""
    return len(text) in LEGACY_LENGTHS and text.isascii() and text.isalnum()


def item_type(type_code: str, province: str = NATIONAL) -> ItemType | None:
    """The type that two digits mean in this province's codes; None for a local extension."""
    source = Source.GUANGDONG if province == "44" and type_code in {"20", "21"} else Source.GBT39046
    try:
        return enums.from_code(ItemType, type_code, source)
    except ValueError:
        return None


def _is_type_code(digits: str) -> bool:
    """00–10 and 20 are national, 11–19 and from 21 on are left to extension (GB/T 39046 A.1)."""
    return "00" <= digits <= "29"


def _number(digits: str, field: str) -> str:
    if not re.fullmatch(r"[0-9]{2}", digits) or digits == "00":
        raise BadInput(field, "业务办理项编码末2位应为01至99的顺序号。")
    return digits


def _of_length(text: str, length: int, name: str, field: str) -> str:
    code = tidy_number(text)
    if len(code) != length:
        raise BadInput(field, f"{name}应为{length}位，您填写了{len(code)}位。")
    return code
