# SPDX-License-Identifier: Apache-2.0
"""Where regions differ is told element by element; what is to be claimed and is not is counted by region."""

import csv
import io
from typing import Any

from tests.people import LANZHOU_POLICE
from tongban.catalogue import actions, coverage, drift, queries
from tongban.catalogue.drift import Said
from tongban.catalogue.tests.items import content, promised
from tongban.catalogue.tests.layers import BASIC, KEEPER, LANZHOU, NODE, NOON, laid, layer
from tongban.standards.enums import UseLevel
from tongban.standards.node import Node

POLICE = "002099001000"  # 开具无犯罪记录证明, which all four provinces of the demo implement


def said(place: str, **changed: Any) -> Said:
    return Said(BASIC, "430100", place, f"{place}公安局", f"task-{place}", 1, content(**changed))


def test_what_most_say_is_the_measure_where_nothing_is_fixed() -> None:
    three = {"statutory": None, "promised": promised(3)}
    told = drift.report(BASIC, [said("长沙"), said("兰州"), said("长春", limits=three, phone="0431-1")], {})

    assert [(each.said.place, each.place, each.measure, each.value) for each in told.drifts] == [
        ("长春", "limits.promised.days", 5, 3)
    ]
    assert told.by_unit() == [("limits.promised", 1)]
    assert told.drifts[0].demanded == "五级十二同"


def test_what_is_fixed_is_the_measure_even_against_all() -> None:
    told = drift.report(BASIC, [said("长沙"), said("兰州")], {"name": "另一个名称"})

    assert [(each.unit, each.demanded) for each in told.drifts] == [("name", "四级四同")] * 2
    assert told.fixed == {"name"}


def test_nobody_to_compare_is_an_empty_report() -> None:
    assert drift.report(BASIC, [], {"name": "甲"}).drifts == ()


def test_the_report_opens_in_a_spreadsheet_and_runs_nothing() -> None:
    told = drift.report(BASIC, [said("长沙"), said("兰州"), said("=HYPERLINK(1)", visit_reason="=1+1")], {})
    file = drift.as_csv(drift.rows(told))
    read = list(csv.reader(io.StringIO(file.decode("utf-8-sig"))))

    assert file.startswith(b"\xef\xbb\xbf")
    assert tuple(read[0]) == drift.HEADER
    assert read[1][-1] == "'=1+1"
    assert read[1][5] == "'=HYPERLINK(1)"


def test_the_demo_s_provinces_differ_in_what_they_promise(node: Node) -> None:
    told = queries.drift(POLICE)

    assert len(told.compared) >= 1
    assert {each.unit for each in told.drifts} <= {"limits.promised"}


def test_the_rates_count_what_is_due_published_claimed_and_declined() -> None:
    items = {f"62209977{n}000": [UseLevel.CITY, UseLevel.COUNTY] for n in range(1, 5)}
    shared = {"620100": items, "620102": items, "620000": items}
    published = [("622099771000", "620100"), ("622099999000", "620100")]
    spoken = [
        ("622099772000", "620100", "claimed"),
        ("622099773000", "620100", "declined"),
        ("622099771000", "620100", "claimed"),
    ]
    province, city, county = coverage.coverage(shared, published, spoken)

    assert (province.due, province.claim_rate) == (frozenset(), None)
    said = (city.published, city.claimed, city.declined, city.missing)
    assert [sorted(each) for each in said] == [[f"62209977{n}000"] for n in range(1, 5)]
    assert (city.claim_rate, city.publish_rate) == (2 / 3, 1 / 3)
    assert (len(county.missing), county.claim_rate) == (4, 0.0)
    table = list(coverage.rows([province, city], {"620100": "甘肃省兰州市"}))
    assert table[1:] == [
        ("620000", "", "0", "0", "0", "0", "0", "—", "—"),
        ("620100", "甘肃省兰州市", "4", "1", "1", "1", "1", "66.7%", "33.3%"),
    ]


def test_the_rates_follow_what_organizations_say_and_publish(node: Node) -> None:
    laid()
    before = {each.region: each for each in queries.claim_rates("620000")}
    actions.claim(BASIC, actor=KEEPER, at=NOON)
    after = {each.region: each for each in queries.claim_rates("620000")}

    assert BASIC in before["620100"].missing
    assert BASIC in after["620100"].claimed
    assert BASIC not in after["620000"].due
    assert (BASIC in after["620102"].missing, set(after)) == (True, set(before))
    assert {region[:2] for region in after} == {"62"}


def test_the_nearest_level_says_who_is_to_claim(node: Node) -> None:
    laid()
    actions.publish_basic(layer(LANZHOU, levels=("city",), visits=0), actor=NODE, at=NOON)
    rates = {each.region: each for each in queries.claim_rates("620000")}

    assert (BASIC in rates["620100"].due, BASIC in rates["620102"].due) == (True, False)


def test_an_implementation_that_drifts_from_a_later_layer_is_found(node: Node) -> None:
    laid()
    office = {"code": LANZHOU_POLICE.code, "name": LANZHOU_POLICE.name, "region": LANZHOU_POLICE.region}
    plain = content(publisher=office, basic_code=BASIC, task_code=f"{LANZHOU_POLICE.code}3{BASIC}")
    actions.publish(plain, actor=NODE, at=NOON)
    laid(visits=0, conditions=["全省统一。"])

    told = queries.drift(BASIC, "620000")

    assert {each.unit for each in told.drifts} == {"name", "law", "conditions"}
