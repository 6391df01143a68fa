# SPDX-License-Identifier: Apache-2.0
"""Numbers and names of people and organizations: cleaning, checking, masking."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Literal

from tongban.standards import clock
from tongban.standards.refusal import BadInput
from tongban.standards.regions import DEMONSTRATION, PROVINCES

RegionStatus = Literal["active", "abolished", "unknown"]

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_DOTS = dict.fromkeys(map(ord, "•・‧∙⋅．｡●･᛫"), "·")  # what keyboards give for the dot of 少数民族 names
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643: 2^(17-i) mod 11
_ID_CHECKS = "10X98765432"
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100: without I, O, S, V, Z
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)  # 3^i mod 31
_ORGANIZATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714
_ID = re.compile(r"[0-9]{17}[0-9X]")
_CREDIT = re.compile(rf"[1-9A-HJ-NP-RTUWXY][0-9A-HJ-NP-RTUWXY][0-9]{{6}}[{_CREDIT_ALPHABET}]{{10}}")
_PHONE = re.compile(r"1[3-9][0-9]{9}")
_NAME = re.compile(r"[^\W\d_]+(?:[·' .\-][^\W\d_]+)*\.?")


@dataclass(frozen=True)
class ResidentId:
    """A citizen's number taken apart. The region is that of first registration, not of the home today."""

    number: str
    region: str
    birth: date
    sex: Literal["male", "female"]
    warnings: tuple[str, ...] = ()


def tidy(text: str) -> str:
    """Half-width letters and digits, single spaces, nothing invisible. Characters of names stay as they are."""
    shown = "".join(_shown(char) for char in text.translate(_FULL_WIDTH))
    return " ".join(shown.split())


def tidy_number(text: str) -> str:
    """A number or code as it is kept: no spaces, no hyphens, capital letters."""
    return re.sub(r"[\s\-–—_]", "", tidy(text)).upper()


def tidy_name(text: str) -> str:
    """A name as it is kept: one kind of dot, no space beside it or between Chinese characters."""
    name = re.sub(r"\s*·\s*", "·", tidy(text.translate(_DOTS)))
    name = re.sub(r"(?<=[⺀-鿿\U00020000-\U0003ffff])\.(?=[⺀-鿿\U00020000-\U0003ffff])", "·", name)
    return re.sub(r"(?<=[⺀-鿿\U00020000-\U0003ffff]) (?=[⺀-鿿\U00020000-\U0003ffff])", "", name)


def resident_id(
    text: str,
    *,
    field: str = "id_number",
    demo: bool = False,
    region_status: Callable[[str], RegionStatus] | None = None,
    on: date | None = None,
) -> ResidentId:
    """A 公民身份号码 (GB 11643) read and checked; BadInput says what is wrong with it.

    A region that is abolished or not in our table is a warning only: people keep the number of their birth.
    Numbers with prefix 99 are invented and known only when `demo` is true.
    """
    number = tidy_number(text)
    _check_id_form(number, field)
    birth = _birth(number[6:14], field, on or clock.today())
    if number.startswith(DEMONSTRATION):
        if not demo:
            raise BadInput(field, "这是演示用的身份证号码，不能在正式系统中使用。")
        warnings: tuple[str, ...] = ()
    else:
        warnings = _region_warnings(number[:6], region_status)
    return ResidentId(number, number[:6], birth, "male" if int(number[16]) % 2 else "female", warnings)


def is_resident_id(text: str, *, demo: bool = False) -> bool:
    """Whether this reads as a citizen's number."""
    try:
        resident_id(text, demo=demo)
    except BadInput:
        return False
    return True


def resident_id_check(body: str) -> str:
    """The 18th character of a citizen's number whose first 17 digits are given (ISO 7064 MOD 11-2)."""
    return _ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(body, _ID_WEIGHTS, strict=True)) % 11]


def make_resident_id(birth: date, serial: int, region: str = "990101") -> str:
    """An invented number for the demo and tests; an odd serial (1–999) is a man's. ValueError outside 99."""
    if not region.startswith(DEMONSTRATION) or not 1 <= serial <= 999:
        raise ValueError("only numbers that cannot belong to anyone are made")
    body = f"{region}{birth:%Y%m%d}{serial:03d}"
    return body + resident_id_check(body)


def credit_code(text: str, *, field: str = "credit_code") -> str:
    """A 统一社会信用代码 (GB 32100) cleaned and checked; BadInput says what is wrong with it."""
    code = tidy_number(text)
    if len(code) != 18:
        raise BadInput(field, f"统一社会信用代码应为18位，您填写了{len(code)}位。")
    if not _CREDIT.fullmatch(code):
        raise BadInput(field, "统一社会信用代码由数字和大写字母组成，不使用字母I、O、S、V、Z。")
    if credit_code_check(code[:17]) != code[17]:
        raise BadInput(field, "统一社会信用代码的校验位不符，请核对是否有误。")
    return code


@lru_cache(maxsize=4096)
def is_credit_code(text: str) -> bool:
    """Whether this reads as a credit code. A node has few organizations, and asks for them with every paper."""
    try:
        credit_code(text)
    except BadInput:
        return False
    return True


def credit_code_check(body: str) -> str:
    """The 18th character of a credit code whose first 17 are given (GB 32100, modulus 31)."""
    total = sum(_CREDIT_ALPHABET.index(c) * weight for c, weight in zip(body, _CREDIT_WEIGHTS, strict=True))
    return _CREDIT_ALPHABET[-total % 31]


def make_credit_code(category: str, region: str, serial: int) -> str:
    """A credit code with true check characters; 11 is 机关, 12 事业单位, 91 企业; region 99xxxx: a demonstration."""
    organization = f"{serial:08d}"
    code = f"{category}{region}{organization}{organization_code_check(organization)}"
    return credit_code(code + credit_code_check(code))


def is_demonstration_credit_code(code: str) -> bool:
    """Whether the organization behind this code is invented: registered in a region that begins with 99."""
    return code[2:4] == DEMONSTRATION


def organization_code_check(body: str) -> str:
    """The 9th character of an organization code whose first 8 are given (GB 11714, modulus 11)."""
    total = sum(int(c, 36) * weight for c, weight in zip(body, _ORGANIZATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def phone(text: str, *, field: str = "phone") -> str:
    """A mobile number of 11 digits, +86 and spaces taken off; BadInput otherwise."""
    number = tidy_number(text).removeprefix("+")
    if len(number) == 13:
        number = number.removeprefix("86")
    if len(number) != 11:
        raise BadInput(field, f"手机号码应为11位数字，您填写了{len(number)}位。")
    if not _PHONE.fullmatch(number):
        raise BadInput(field, "这不是有效的手机号码，请核对。")
    return number


def name(text: str, *, field: str = "name") -> str:
    """A person's name as it is kept, 2 to 50 characters with dots and rare characters; BadInput otherwise."""
    kept = tidy_name(text)
    if not kept:
        raise BadInput(field, "请填写姓名。")
    if not 2 <= len(kept) <= 50:
        raise BadInput(field, "姓名应为2至50个字。")
    if not _NAME.fullmatch(kept):
        raise BadInput(field, "姓名只能包含文字和间隔号“·”，请与证件上的一致。")
    return kept


def mask_id(number: str) -> str:
    """A document's number for a screen: 430***********1234; shorter ones show the ends only."""
    if len(number) < 12:
        return _masked(number, 1, 1)
    return _masked(number, 3, 4)


def mask_phone(number: str) -> str:
    """A phone number for a screen: 138****5678."""
    return _masked(number, 3, 4) if len(number) >= 11 else _masked(number, 1, 1)


def mask_name(whole: str) -> str:
    """A name for a screen: 张*, 王*·***, 李*; the dot stays so that people know themselves."""
    if len(whole) < 2:
        return "*" * len(whole)
    return whole[0] + "".join(char if char == "·" else "*" for char in whole[1:])


def _masked(text: str, head: int, tail: int) -> str:
    hidden = len(text) - head - tail
    return text[:head] + "*" * hidden + text[len(text) - tail :] if hidden > 0 else "*" * len(text)


def _shown(char: str) -> str:
    """Tabs and line ends as a space; control and invisible characters as nothing; the rest as it is."""
    if char.isspace():
        return " "
    return "" if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co"} else char


def _check_id_form(number: str, field: str) -> None:
    if len(number) == 15:
        raise BadInput(field, "15位旧身份证号码已停用，请填写18位号码。")
    if len(number) != 18:
        raise BadInput(field, f"身份证号码应为18位，您填写了{len(number)}位。")
    if not _ID.fullmatch(number):
        raise BadInput(field, "身份证号码前17位应为数字，末位为数字或X。")
    if resident_id_check(number[:17]) != number[17]:
        raise BadInput(field, "身份证号码的校验位不符，请核对是否有误。")


def _birth(digits: str, field: str, on: date) -> date:
    try:
        birth = date.fromisoformat(digits)
    except ValueError:
        raise BadInput(field, "身份证号码中的出生日期不存在，请核对。") from None
    if not date(1850, 1, 1) <= birth <= on:
        raise BadInput(field, "身份证号码中的出生日期不合理，请核对。")
    return birth


def _region_warnings(region: str, status: Callable[[str], RegionStatus] | None) -> tuple[str, ...]:
    by_province: RegionStatus = "active" if region[:2] in PROVINCES else "unknown"
    said = status(region) if status is not None else by_province
    told = {
        "abolished": "号码前6位是已撤销的行政区划。",
        "unknown": "号码前6位不在行政区划代码表中，请核对证件。",
    }
    return (told[said],) if said in told else ()
