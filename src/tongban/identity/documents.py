# SPDX-License-Identifier: Apache-2.0
"""What people show to say who they are: a citizen's number, or one of the documents of those who have none."""

import re

from tongban.identity import logins
from tongban.standards import identifiers
from tongban.standards.enums import IdType
from tongban.standards.node import here
from tongban.standards.refusal import BadInput

ACCEPTED = (  # of natural persons, in the order in which they are offered
    IdType.RESIDENT_ID,
    IdType.RESIDENCE_PERMIT,
    IdType.HONG_KONG_MACAO_PERMIT,
    IdType.TAIWAN_PERMIT,
    IdType.FOREIGN_PERMANENT_RESIDENT,
    IdType.PASSPORT,
)
SHAPES = {
    IdType.HONG_KONG_MACAO_PERMIT: (r"[HM]\d{8}(\d{2})?", "字母 H 或者 M 加 8 位数字"),
    IdType.TAIWAN_PERMIT: (r"\d{8}(\d{2})?", "8 位数字"),
    IdType.FOREIGN_PERMANENT_RESIDENT: (r"[A-Z]{3}\d{12}|9\d{17}", "3 个字母加 12 位数字，或者以 9 开头的 18 位数字"),
    IdType.PASSPORT: (r"[A-Z0-9]{5,15}", "5 至 15 位字母和数字"),
}
OF_CITIZENS = frozenset({IdType.RESIDENT_ID, IdType.RESIDENCE_PERMIT})  # 18 digits with the same check character


def number_of(id_type: str, text: str) -> str:
    """The number as it is kept. BadInput when it cannot be one of this kind."""
    if id_type not in ACCEPTED:
        raise BadInput("id_type", "请选择证件类型。")
    kind = IdType(id_type)
    if kind in OF_CITIZENS:
        return identifiers.resident_id(text, demo=here().demo).number
    number = identifiers.tidy_number(text)[: logins.LONGEST]
    shape, told = SHAPES[kind]
    if not re.fullmatch(shape, number):
        raise BadInput("id_number", f"{kind.label}的号码应为{told}，请与证件核对。")
    return number
