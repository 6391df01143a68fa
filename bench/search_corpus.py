# SPDX-License-Identifier: Apache-2.0
"""A million implementations: the known items in every region in force, called as regions call them."""

import csv
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tongban.standards.regions import PROVINCES

CATALOGUE = Path(__file__).parent.parent / "src" / "tongban"
QUERIES = Path(__file__).parent / "search_queries"
MANY = 1_000_000
DIRECTION = 58  # of the list: a direction, not an item
PARTS = ("", "（本人办理）", "（委托办理）", "（网上申请）")  # 业务办理项 of one item
SHORT = {
    "社会保障卡": "社保卡",
    "住房公积金": "公积金",
    "机动车驾驶证": "驾驶证",
    "居民身份证": "身份证",
    "残疾人证": "残疾证",
}
TAILS = ("办理", "服务", "业务")
DEPARTMENTS = {
    "公安": "公安局",
    "人力资源社会保障": "人力资源和社会保障局",
    "住房城乡建设": "住房公积金管理中心",
    "市场监管": "市场监督管理局",
    "医保": "医疗保障局",
    "民政": "民政局",
    "司法": "公证处",
    "税务": "税务局",
    "自然资源": "不动产登记中心",
    "残联": "残疾人联合会",
    "交通运输": "交通运输局",
    "卫生健康": "卫生健康局",
    "生态环境": "生态环境局",
}
COMPANIES = ("企业", "单位", "个体工商户", "合作社", "许可", "市场主体", "定点", "义诊", "货物运输")


@dataclass(frozen=True)
class Implementation:
    """One organization's item."""

    task_code: str
    region: str
    name: str
    publisher: str
    mode: str
    company: bool
    number: int  # of the known item


@dataclass(frozen=True)
class Query:
    """What somebody types, and the numbers of the items that are right."""

    text: str
    right: frozenset[int]
    region: str


def known() -> list[dict[str, str]]:
    """The known items."""
    with (CATALOGUE / "catalogue" / "data" / "known_items.csv").open(encoding="utf-8", newline="") as lines:
        return [row for row in csv.DictReader(lines) if int(row["number"]) != DIRECTION]


def queries(half: str) -> list[Query]:
    """One half of the everyday queries: tuning or held_out."""
    numbers = {row["name"]: int(row["number"]) for row in known()}
    with (QUERIES / f"{half}.csv").open(encoding="utf-8", newline="") as lines:
        return [
            Query(row["query"], frozenset(numbers[name] for name in row["expected"].split("|")), row["region"])
            for row in csv.DictReader(lines)
        ]


def implementations(count: int = MANY) -> Iterator[Implementation]:
    """The same ones each time, places mixed."""
    return islice(_all(), count)


def _all() -> Iterator[Implementation]:
    drawn = random.Random(6)
    items, regions = known(), _regions()
    for part in range(len(PARTS)):
        mixed = [(region, item) for region in regions for item in items]
        drawn.shuffle(mixed)
        for (code, place), item in mixed:
            number = int(item["number"])
            yield Implementation(
                task_code=f"11{code}{number:02d}{part}000000A3002{number:06d}{part:03d}",
                region=code,
                name=_name(item["name"], place, PARTS[part], drawn),
                publisher=place + _department(item["lead_department"]),
                mode=item["mode"] or drawn.choice(("online", "proxy", "joint")),
                company=any(word in item["name"] for word in COMPANIES),
                number=number,
            )


def _regions() -> list[tuple[str, str]]:
    with (CATALOGUE / "regions" / "data" / "regions.csv").open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["status"] == "active"]
    return [(row["code"], row["name"]) for row in rows if row["code"][:2] in PROVINCES]


def _name(name: str, place: str, part: str, drawn: random.Random) -> str:
    """Seven of ten as the list has it; the others with the place, shortened, lengthened, or in words of their own."""
    chance = drawn.random()
    if chance < 0.1:
        return place + name + part
    if chance < 0.2:
        for long, short in SHORT.items():
            name = name.replace(long, short)
    elif chance < 0.28:
        name += drawn.choice(TAILS)
    elif chance < 0.3:
        part = f"（{place}{drawn.choice(('一件事', '一窗', '快办'))}）"
    return name + part


def _department(lead: str) -> str:
    return next((name for word, name in DEPARTMENTS.items() if word in lead), "政务服务中心")
