# SPDX-License-Identifier: Apache-2.0
"""Numbers of the documents that people show, each kind by its own rules; what a number says is taken apart."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from tongban.standards import clock
from tongban.standards.enums import IdType
from tongban.standards.identifiers import RegionStatus, credit_code, resident_id, resident_id_check, tidy_number
from tongban.standards.refusal import BadInput
from tongban.standards.regions import PROVINCES

# 港澳台居民居住证申领发放办法（国办发〔2018〕81号）第七条; 830000 is no code of GB/T 2260
RESIDENCE_REGIONS = {"810000": "香港特别行政区", "820000": "澳门特别行政区", "830000": "台湾"}

_NEW_CARD = re.compile(r"9([0-9]{2})([0-9]{3})([0-9]{8})([0-9]{3})[0-9X]")  # since 2023-12-01
_OLD_CARD = re.compile(r"([A-Z]{3})([0-9]{2})[0-9]{2}([0-9]{6})[0-9][0-9]")
_PASSPORT = re.compile(r"(?=.*[0-9])[0-9A-Z]{5,9}")  # ICAO 9303: at most nine places on the machine-readable line
_PERMIT = (re.compile(r"[0-9A-Z]{6,11}"), "通行证号码为6至11位字母和数字。")
_FORMS = {
    IdType.PASSPORT: (_PASSPORT, "护照号码为5至9位字母和数字，其中有数字。"),
    IdType.TAIWAN_PERMIT: _PERMIT,
    IdType.HONG_KONG_MACAO_PERMIT: _PERMIT,
    IdType.OTHER: (re.compile(r".{1,18}"), "证件号码应为1至18位。"),  # GB/T 39046-2020: an..18
}


@dataclass(frozen=True)
class DocumentNumber:
    """A number as it is kept, and what it says by itself; what it does not say is empty."""

    kind: IdType
    number: str
    birth: date | None = None
    sex: Literal["male", "female", ""] = ""
    region: str = ""  # of first registration, or where the card was applied for
    nationality: str = ""  # ISO 3166-1: three digits on a new card, three letters on an old one
    warnings: tuple[str, ...] = ()


def document_number(
    text: str,
    kind: IdType,
    *,
    field: str = "id_number",
    demo: bool = False,
    region_status: Callable[[str], RegionStatus] | None = None,
    on: date | None = None,
) -> DocumentNumber:
    """A document's number read by the rules of its kind; BadInput says what is wrong with it.

    Where no rule is known to us only length and characters are looked at: nobody is sent away by a guess.
    """
    if kind is IdType.RESIDENT_ID:
        read = resident_id(text, field=field, demo=demo, region_status=region_status, on=on)
        return DocumentNumber(kind, read.number, read.birth, read.sex, read.region, "", read.warnings)
    if kind is IdType.CREDIT_CODE:
        return DocumentNumber(kind, credit_code(text, field=field))
    number, day = tidy_number(text), on or clock.today()
    if kind is IdType.RESIDENCE_PERMIT:
        return _residence_permit(number, field, day)
    if kind is IdType.FOREIGN_PERMANENT_RESIDENT:
        return _permanent_resident(number, field, day)
    form, says = _FORMS[kind]
    if not form.fullmatch(number):
        raise BadInput(field, says)
    return DocumentNumber(kind, number)


def old_card_check(body: str) -> str:
    """The 15th character of an old 外国人永久居留身份证 (weights 7, 3, 1 as on machine-readable lines)."""
    total = sum(int(char, 36) * (7, 3, 1)[place % 3] for place, char in enumerate(body))
    return str(total % 10)


def _residence_permit(number: str, field: str, day: date) -> DocumentNumber:
    if number[:6] not in RESIDENCE_REGIONS:
        raise BadInput(field, "港澳台居民居住证的号码以810000、820000或830000开头。")
    read = resident_id(number, field=field, region_status=lambda _: "active", on=day)
    return DocumentNumber(IdType.RESIDENCE_PERMIT, read.number, read.birth, read.sex, read.region)


def _permanent_resident(number: str, field: str, day: date) -> DocumentNumber:
    if len(number) == 15:
        return _old_card(number, field, day)
    found = _NEW_CARD.fullmatch(number)
    if found is None:
        raise BadInput(field, "外国人永久居留身份证号码为以9开头的18位号码，旧证为3位字母加12位数字。")
    if resident_id_check(number[:17]) != number[17]:
        raise BadInput(field, "外国人永久居留身份证号码的校验位不符，请核对是否有误。")
    place, country, birth, _ = found.groups()
    return DocumentNumber(
        IdType.FOREIGN_PERMANENT_RESIDENT, number, _day(birth, field, day), "", place, country, _place_warnings(place)
    )


def _old_card(number: str, field: str, day: date) -> DocumentNumber:
    found = _OLD_CARD.fullmatch(number)
    if found is None:
        raise BadInput(field, "旧版外国人永久居留身份证号码为3位字母加12位数字。")
    if old_card_check(number[:14]) != number[14]:
        raise BadInput(field, "外国人永久居留身份证号码的校验位不符，请核对是否有误。")
    country, place, birth = found.groups()
    century = "20" if int(birth[:2]) <= day.year % 100 else "19"  # the card says two digits of the year only
    told = _place_warnings(place)
    return DocumentNumber(
        IdType.FOREIGN_PERMANENT_RESIDENT, number, _day(century + birth, field, day), "", place, country, told
    )


def _place_warnings(place: str) -> tuple[str, ...]:
    return () if place in PROVINCES else ("号码中的受理地区不在行政区划代码表中，请核对证件。",)


def _day(digits: str, field: str, on: date) -> date:
    try:
        day = date.fromisoformat(digits)
    except ValueError:
        raise BadInput(field, "证件号码中的出生日期不存在，请核对。") from None
    if not date(1850, 1, 1) <= day <= on:
        raise BadInput(field, "证件号码中的出生日期不合理，请核对。")
    return day
