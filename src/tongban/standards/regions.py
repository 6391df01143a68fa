# SPDX-License-Identifier: Apache-2.0
"""What the digits of a region code say by themselves (GB/T 2260, GB/T 10114); which codes exist is data."""

import re
from enum import IntEnum

NATION = "000000"  # not in GB/T 2260: the node that speaks for the whole country

# GB/T 2260: the first two digits
PROVINCES = {
    "11": "北京市",
    "12": "天津市",
    "13": "河北省",
    "14": "山西省",
    "15": "内蒙古自治区",
    "21": "辽宁省",
    "22": "吉林省",
    "23": "黑龙江省",
    "31": "上海市",
    "32": "江苏省",
    "33": "浙江省",
    "34": "安徽省",
    "35": "福建省",
    "36": "江西省",
    "37": "山东省",
    "41": "河南省",
    "42": "湖北省",
    "43": "湖南省",
    "44": "广东省",
    "45": "广西壮族自治区",
    "46": "海南省",
    "50": "重庆市",
    "51": "四川省",
    "52": "贵州省",
    "53": "云南省",
    "54": "西藏自治区",
    "61": "陕西省",
    "62": "甘肃省",
    "63": "青海省",
    "64": "宁夏回族自治区",
    "65": "新疆维吾尔自治区",
    "71": "台湾省",
    "81": "香港特别行政区",
    "82": "澳门特别行政区",
}
MUNICIPALITIES = frozenset({"11", "12", "31", "50"})
DEMONSTRATION = "99"  # no province: what is invented for the demo begins with it

# GB/T 10114: the seventh of twelve digits
TOWNS = {"0": "街道", "1": "镇", "2": "乡", "3": "乡", "4": "政企合一的单位", "5": "政企合一的单位"}

_CODE = re.compile(r"[0-9]{6}(?:[0-9]{6})?")


class Level(IntEnum):
    """How far down a region is: the five levels 省市县乡村 under the nation."""

    NATION = 0
    PROVINCE = 1
    CITY = 2
    COUNTY = 3
    TOWN = 4
    VILLAGE = 5


def is_region_code(text: str) -> bool:
    """Whether this is written like a region code of 6 or 12 digits in a known province, or the nation."""
    return bool(_CODE.fullmatch(text)) and (text[:2] in PROVINCES or _stem(text) == "")


def level(code: str) -> Level:
    """How far down this code is. ValueError when it is not 6 or 12 digits."""
    stem = _stem(code)
    return {0: Level.NATION, 2: Level.PROVINCE, 4: Level.CITY, 6: Level.COUNTY, 9: Level.TOWN}.get(
        len(stem), Level.VILLAGE
    )


def parent_code(code: str) -> str | None:
    """The code one level up, None above the nation.

    市辖区 and 省直辖县级行政区划 are headings of the standard, not regions: their members belong to the province.
    """
    stem = _stem(code)
    if not stem:
        return None
    shorter = {12: 9, 9: 6, 6: 4, 4: 2, 2: 0}[len(stem)]
    if shorter == 4 and _is_heading(stem[:4]):
        shorter = 2
    return _filled(stem[:shorter])


def province_of(code: str) -> str:
    """The province's own code, e.g. 430000 of 430102; the nation's for the nation."""
    return _filled(_stem(code)[:2])


def province_name(code: str) -> str | None:
    """The province's name as in GB/T 2260; None when the first two digits are nobody's."""
    return PROVINCES.get(code[:2])


def contains(outer: str, inner: str) -> bool:
    """Whether the inner code lies in the outer one; every region contains itself."""
    return _stem(inner).startswith(_stem(outer))


def ancestors(code: str) -> list[str]:
    """All codes above, nearest first, the nation last."""
    above: list[str] = []
    while (parent := parent_code(above[-1] if above else code)) is not None:
        above.append(parent)
    return above


def statistical_code(code: str) -> str:
    """The 12 digits of 统计用区划代码 for any region code. ValueError for anything else."""
    return _stem(code).ljust(12, "0")


def short_code(code: str) -> str:
    """The six digits where they say it all, otherwise the 12 of a town or village."""
    return _filled(_stem(code))


def kind_below(code: str) -> str:
    """What a town's or village's own digits say it is; empty where the rules leave it open, and above."""
    stem = _stem(code)
    if len(stem) == 9:
        return TOWNS.get(stem[6], "") if stem[6:] != "000" else ""
    return _village(int(stem[9:])) if len(stem) == 12 else ""


def _village(number: int) -> str:
    """统计用区划代码: committees of residents first, then those of villagers."""
    if 1 <= number <= 199:
        return "居民委员会"
    return "村民委员会" if 200 <= number <= 399 else ""


def _is_heading(city: str) -> bool:
    return city[2:] == "90" or (city[:2] in MUNICIPALITIES and city[2:] in {"01", "02"})


def _stem(code: str) -> str:
    """The digits that say something: 2, 4, 6, 9 or 12 of them, none for the nation."""
    if not _CODE.fullmatch(code):
        raise ValueError(f"{code!r} is not a region code of 6 or 12 digits")
    if int(code) == 0:
        return ""
    if len(code) == 12 and code[6:] != "000000":
        return code[:9] if code[9:] == "000" else code
    return code[:2] if code[2:6] == "0000" else code[:4] if code[4:6] == "00" else code[:6]


def _filled(stem: str) -> str:
    return stem.ljust(6 if len(stem) <= 6 else 12, "0")
