# SPDX-License-Identifier: Apache-2.0
"""The tongban lists and agreements of the demo: what published plans say of them; what is unknown is left empty."""

import csv
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from tongban.catalogue.actions import KNOWN_ITEMS
from tongban.catalogue.lists import actions
from tongban.catalogue.lists.rows import UNSURE
from tongban.catalogue.models import ListAct, RegionAgreement
from tongban.demo.people import ORGANIZATIONS, DemoOrganization
from tongban.standards.actor import Actor, system

UNSEEN = "事项名录附件没有查得，只列出有出处的条目；公布的项数见各批次。"
BATCHES = {  # as data/known_items.csv names them: code, name, deadline, announced, source
    "2020": ("2020", "第一批", "2020-12-31", 58, "国办发〔2020〕35号：2020年底前"),
    "2021": ("2021", "第二批", "2021-12-31", 74, "国办发〔2020〕35号：2021年底前"),
    "2021后": ("later", "2021年之后", None, 8, "国办发〔2020〕35号：2021年之后"),
    "2022": ("2022", "2022年新增", None, 22, "国办发〔2022〕34号；名录附件没有查得"),
    "35号文正文": ("text", "指导意见正文提到", None, None, "国办发〔2020〕35号正文"),
    "川渝通办": ("chuanyu", "川渝通办（区域事项，不属于国家名录）", None, None, "报道中的川渝通办事项"),
    "2021部门改革": ("ministry", "部门改革事项（不属于国家名录）", None, None, "部门2021年的改革措施"),
}
HUNAN = "湘政办发〔2020〕53号（2020年12月21日）"
JILIN = "《吉林省加快推进政务服务“跨省通办”工作方案》"
LANZHOU = "《兰州市推进高频政务服务事项“跨省通办”“省内通办”“全市通办”工作实施方案》（2020年12月1日）"
JILIN_NAMED = {
    "2020": ("市场主体登记注册", "养老保险关系转移接续", "职业资格证书核验", "学历公证", "机动车驾驶证公证"),
    "2021": ("工业产品生产许可证", "异地就医结算备案", "社会保障卡申领", "户口迁移"),
    "later": ("新生儿入户", "首次申领居民身份证", "结婚登记", "离婚登记"),
}
LANZHOU_NAMED = (
    *("社会保障卡申领", "异地就医登记备案和结算", "养老保险关系转移接续", "户口迁移", "住房公积金转移接续"),
    *("婚姻登记", "生育登记"),
)
SHOWN = ("开具无犯罪记录证明", "出具贷款职工住房公积金缴存使用证明")  # what the demo's nodes implement
LOAN = "002099002000"


def publish(node_code: str, at: datetime) -> int:
    """The lists of this node's organizations, how some entries stand, and its agreement. How many lists."""
    me, told = system(node_code), 0
    for key, content in contents():
        if ORGANIZATIONS[key].node == node_code:
            actions.publish(content, actor=me, at=at)
            told += 1
    if node_code == "620000":
        _open("gansu-centre", "gansu_hunan", me, at)
        _within_gansu(me, at)
    if node_code == "430000":
        _offered_to_lanzhou(me, at)
    return told


def contents() -> Iterator[tuple[str, dict[str, Any]]]:
    """Every list of the demo with the key of its publisher."""
    wide = "cross_province"
    yield "hub", _list("hub", "national", "全国高频政务服务“跨省通办”事项清单", wide, **_known())
    yield "hunan-centre", _list("hunan-centre", wide, "湖南省“跨省通办”事项清单", wide, **_hunan())
    yield "jilin-centre", _list("jilin-centre", wide, "吉林省“跨省通办”事项清单", wide, **_jilin())
    yield from (("lanzhou-centre", content) for content in _lanzhou())
    yield "hebei-centre", _list("hebei-centre", wide, "河北省“跨省通办”事项清单", wide, **_hebei())
    yield "gansu-centre", _list("gansu-centre", "gansu_hunan", "甘肃、湖南两地特色通办清单", "regional", **_two())


def _list(office: str, code: str, title: str, scope: str, **said: Any) -> dict[str, Any]:
    one = ORGANIZATIONS[office]
    publisher = {"code": one.code, "name": one.name, "region": one.region}
    return {"code": code, "title": f"{title}（演示）", "publisher": publisher, "scope": scope, **said}


def _batch(code: str, name: str, deadline: str | None, announced: int | None, source: str) -> dict[str, Any]:
    return {"code": code, "name": name, "deadline": deadline, "announced": announced, "source": source}


def _known() -> dict[str, Any]:
    """What is known of the national lists, entry by entry, with how surely."""
    with KNOWN_ITEMS.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {
        "basis": "国办发〔2020〕35号、国办发〔2022〕34号",
        "note": UNSEEN,
        "batches": [_batch(*batch) for batch in BATCHES.values()],
        "entries": [_entry(row) for row in rows],
    }


def _entry(row: dict[str, str]) -> dict[str, Any]:
    unsure = UNSURE if row["batch_basis"] == "unverified" else ""
    told = " ".join(filter(None, (unsure, row["source_note"], row["source_urls"])))
    return {
        "code": f"known-{int(row['number']):03d}",
        "name": row["name"],
        "batch": BATCHES[row["batch"]][0],
        "mode": row["mode"] or None,
        "mode_basis": row["mode_basis"] if row["mode"] else None,
        "lead": row["lead_department"],
        "lead_basis": row["lead_basis"] if row["lead_department"] else None,
        "scenario": row["scenario"],
        "confidence": row["confidence"],
        "source": told,
    }


def _named(batch: str, names: tuple[str, ...], source: str) -> list[dict[str, Any]]:
    return [
        {"code": f"{batch}-{number:03d}", "name": name, "batch": batch, "confidence": "high", "source": source}
        for number, name in enumerate(names, 1)
    ]


def _hunan() -> dict[str, Any]:
    """The plan names no item; the first batch is the nation's, so what is surely in that is in this."""
    with KNOWN_ITEMS.open(encoding="utf-8", newline="") as lines:
        first = [row for row in csv.DictReader(lines) if (row["batch"], row["batch_basis"]) == ("2020", "stated")]
    sure = tuple(row["name"] for row in first if row["confidence"] == "high")
    return {
        "basis": HUNAN,
        "note": UNSEEN,
        "batches": [
            _batch("2020", "第一批", "2020-12-31", 58, f"{HUNAN}：国务院办公厅部署的58项"),
            _batch("2021", "第二批", "2021-12-31", 73, HUNAN),
            _batch("later", "2021年之后", None, 8, HUNAN),
        ],
        "entries": _named("2020", sure, f"{HUNAN}采用国家第一批；名称据国家清单已核实的条目。"),
    }


def _jilin() -> dict[str, Any]:
    source = f"{JILIN}正文列举"
    return {
        "basis": JILIN,
        "note": UNSEEN,
        "batches": [
            _batch("2020", "第一批", "2020-12-31", 58, JILIN),
            _batch("2021", "第二批", "2021-12-31", 74, JILIN),
            _batch("later", "2021年之后", None, 8, JILIN),
        ],
        "entries": [one for batch, names in JILIN_NAMED.items() for one in _named(batch, names, source)],
    }


def _lanzhou() -> Iterator[dict[str, Any]]:
    counts = {
        ("cross_province", "跨省通办"): (57, 73, 9),
        ("province", "省内通办"): (83, 24, None),
        ("city", "全市通办"): (175, 58, None),
    }
    for (scope, name), (first, second, third) in counts.items():
        batches = [
            _batch("2020", "第一批", "2020-12-31", first, LANZHOU),
            _batch("2021", "第二批", "2021-12-31", second, f"{LANZHOU}：新增"),
        ]
        entries: list[dict[str, Any]] = []
        if third is not None:
            batches += [_batch("2022", "第三批", "2022-12-31", third, f"{LANZHOU}：新增")]
            batches += [_batch("text", "方案正文提到", None, None, LANZHOU)]
            entries = _named("text", LANZHOU_NAMED, f"{LANZHOU}总体要求列举，属于哪一批没有查得。")
        title = f"兰州市“{name}”事项清单"
        yield _list("lanzhou-centre", scope, title, scope, basis=LANZHOU, note=UNSEEN, batches=batches, entries=entries)


def _hebei() -> dict[str, Any]:
    return {
        "note": "没有查得河北省公布的清单。",
        "assumptions": ["演示假定：只列出演示节点已经实施、国家清单里也有的事项。"],
        "batches": [_batch("demo", "演示", None, None, "演示假定")],
        "entries": _named("demo", SHOWN, "演示假定"),
    }


def _two() -> dict[str, Any]:
    return {
        "regions": ["430000", "620000"],
        "feature": True,
        "note": "没有查得两地公布的清单。",
        "assumptions": ["演示假定：两地选定的事项，用来说明区域特色清单。"],
        "batches": [_batch("demo", "演示", None, None, "演示假定")],
        "entries": _named("demo", SHOWN, "演示假定"),
    }


def _open(office: str, code: str, me: Actor, at: datetime) -> None:
    own = ORGANIZATIONS[office].code
    if not ListAct.objects.filter(publisher=own, code=code).exists():
        words: dict[str, Any] = {"reason": "两地节点都已发布办事指南（演示）。", "actor": me, "at": at, "own": own}
        actions.set_status(code, ["demo-001", "demo-002"], "open", **words)


def _within_gansu(me: Actor, at: datetime) -> None:
    """Between two offices of one node, in force at once."""
    police, county = ORGANIZATIONS["lanzhou-police"], ORGANIZATIONS["chengguan-centre"]
    title = "兰州市公安局与城关区政务服务中心异地受理协议（演示）"
    row = _offered(title, police, county, ["accept", "request_correction"], [], me, at)
    if row is not None:
        actions.confirm(row.id, actor=me, at=at, own=county.code)


def _offered_to_lanzhou(me: Actor, at: datetime) -> None:
    """Between two nodes: it waits for the item manager in Lanzhou to confirm it."""
    fund, centre = ORGANIZATIONS["changsha-fund"], ORGANIZATIONS["gansu-centre"]
    title = "长沙公积金中心与甘肃省政务服务中心点对点协议（演示）"
    _offered(title, fund, centre, ["accept"], [LOAN], me, at)


def _offered(
    title: str,
    handling: DemoOrganization,
    intake: DemoOrganization,
    moves: list[str],
    items: list[str],
    me: Actor,
    at: datetime,
) -> RegionAgreement | None:
    """The agreement, unless it was offered at an earlier start."""
    if RegionAgreement.objects.filter(title=title).exists():
        return None
    words = {
        "title": title,
        "moves": moves,
        "items": items,
        "shares": [{"step": "原件核验", "text": "窗口核对原件并在系统中注明"}, {"step": "结果转送", "text": ""}],
        "begins": date(2026, 1, 1).isoformat(),
        "basis": "演示假定：点对点协议，原件核验和结果转送据湖南方案“根据授权实行异地收件、原件核验、结果转送”",
    }
    return actions.offer(words, side="handling", other=intake.code, actor=me, at=at, own=handling.code)
