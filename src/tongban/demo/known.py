# SPDX-License-Identifier: Apache-2.0
"""All known items of the national lists that no office of the demo has written out, published by the four provinces.

What the lists say is taken from `catalogue/data/known_items.csv`; all else is assumed, and each guide says so. This is
for looking, searching and listing: the stories of the demo are told with the items of `data/items`.
"""

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from typing import Any

from tongban.catalogue import actions as catalogue
from tongban.catalogue.actions import KNOWN_ITEMS
from tongban.catalogue.models import BasicItem
from tongban.demo.content import HOURS
from tongban.demo.people import DATA, ORGANIZATIONS, DemoOrganization, rows
from tongban.standards import codes, enums
from tongban.standards.actor import system
from tongban.standards.enums import Mode

OFFICES = ("hunan-centre", "gansu-centre", "jilin-centre", "hebei-centre")
FIRST = 99_100  # main numbers of ours, before the number in the list
MODE_BASIS = {
    "stated": "来源中写明的办理模式，据公开转述。",
    "local": "一些地方公布的办理模式，据媒体报道。",
    "inferred": "按来源所述的办理经过推定的模式。",
    "": "来源没有写明办理模式，按异地代收代办假定。",
}
UNSURE = {"low": "全国清单中是否有本项、名称是否准确，没有核实。", "medium": "名称和批次的可信度中等。", "high": ""}
ASSUMED = (
    "国家基本目录中的编码未查得，主项号以99开头的编码为本演示的编码。",
    "没有写明来源的办结时限是本演示的假定，不是实施机关的规定；法定时限未查得的留空。",
    "事项类型按公共服务事项假定。",
    "实施主体未查得，由省政务服务中心（演示）代列；申请条件、申请表和办理流程由本演示编写，不是当地的规定。",
    "主题和事件的用词由本演示编写，国家的主题编码未查得。",
    "电话和地址不真实存在。",
)
WAYS: dict[Mode, dict[str, Any]] = {
    Mode.ONLINE: {"apply_forms": ["window", "online"]},
    Mode.PROXY: {
        "apply_forms": ["window", "courier"],
        "visits": 1,
        "visit_reason": "须由收件地的通办专窗核验申请人身份、查看材料原件。",
    },
    Mode.JOINT: {
        "apply_forms": ["window", "online"],
        "visits": 1,
        "visit_reason": "须在一处核验申请人身份。",
    },
}


def publish(node_code: str, at: datetime) -> int:
    """Lay the basic items down at the hub, publish at each province. How many."""
    catalogue.load_basic_items(basic_items())
    hub = ORGANIZATIONS["hub"]
    if node_code == hub.node:
        for layer in layers(hub):
            catalogue.publish_basic(layer, actor=system(node_code), at=at)
        return len(_known())
    mine = [content for content in contents() if content["publisher"]["region"][:2] == node_code[:2]]
    for content in mine:
        catalogue.publish(content, actor=system(node_code), at=at)
    return len(mine)


def contents() -> Iterator[dict[str, Any]]:
    """What every province publishes."""
    return (_content(number, ORGANIZATIONS[key]) for key in OFFICES for number in _known())


def layers(office: DemoOrganization) -> Iterator[dict[str, Any]]:
    """The basic items as the hub lays them down: only name, type and basis are fixed."""
    publisher = {"code": office.code, "name": office.name, "region": office.region}
    for number in _known():
        told = _template(number)
        elements = {name: told[name] for name in ("name", "item_type", "law")}
        code = {"code": told["basic_code"], "region": office.region, "publisher": publisher}
        yield code | {"levels": ["province"], "elements": elements}


def basic_items() -> list[BasicItem]:
    """The basic catalogue behind them; its numbers are ours."""
    return [
        BasicItem(
            code=told["basic_code"],
            name=told["name"],
            item_type=told["item_type"],
            demonstration=True,
            source="国家基本目录的编码未查得，此为演示编码",
        )
        for told in map(_template, _known())
    ]


@cache
def _known() -> dict[int, dict[str, str]]:
    """What the lists say with what the demo adds, by number."""
    with KNOWN_ITEMS.open(encoding="utf-8", newline="") as lines:
        listed = {int(row["number"]): row for row in csv.DictReader(lines)}
    return {int(row["number"]): listed[int(row["number"])] | row for row in rows("known.csv")}


@cache
def _words() -> dict[str, Any]:
    told: dict[str, Any] = json.loads((DATA / "items" / "known.json").read_text("utf-8"))
    return told


@cache
def _procedures() -> dict[int, dict[str, Any]]:
    """Of items whose procedure is known: the parts that several organs have in turn, each with its own limit."""
    told = json.loads((DATA / "items" / "known_procedures.json").read_text("utf-8"))
    return {number: each["told"] for each in told for number in each["numbers"]}


def _template(number: int) -> dict[str, Any]:
    row = _known()[number]
    mode = Mode(row["mode"] or Mode.PROXY)
    scenario = f"{row['scenario']}。" if row["scenario"] else ""
    kinds = ("person", "life_event", "company", "company_event")
    own = {
        "name": row["name"],
        "basic_code": f"0020{FIRST + number}000",
        "mode": mode,
        "mode_basis": MODE_BASIS[row["mode_basis"] if row["mode"] else ""],
        "served": row["served"].split(),
        "summary": f"{row['name']}。{scenario}这是全国“跨省通办”清单中已知的一个事项，演示中只有概要。",
        "assumptions": [*filter(None, (UNSURE[row["confidence"]],)), *ASSUMED],
        "topics": {kind: row[kind].split() for kind in kinds if row[kind]},
    }
    return _words() | own | WAYS[mode] | _procedures().get(number, {})


def _content(number: int, office: DemoOrganization) -> dict[str, Any]:
    told = _template(number)
    return told | {
        "publisher": {"code": office.code, "name": office.name, "region": office.region},
        "task_code": codes.task_code(office.code, enums.UseLevel.PROVINCE, told["basic_code"]),
        "window": {"address": f"{office.name}，{office.address}", "hours": HOURS},
        "phone": office.phone,
        "complaint_phone": f"{office.phone[:-5]}1{office.phone[-4:]}",
    }
