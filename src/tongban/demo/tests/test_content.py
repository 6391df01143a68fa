# SPDX-License-Identifier: Apache-2.0
"""The demo's data keeps the rules that real data must keep, and cannot be taken for it."""

import csv
import json

import msgspec

from tongban.catalogue import content
from tongban.catalogue.actions import KNOWN_ITEMS
from tongban.catalogue.drift import Said, report
from tongban.demo import known
from tongban.demo.content import IDENTITY_CARD, basic_items, contents
from tongban.demo.people import DATA, ORGANIZATIONS, PEOPLE, STAFF, rows
from tongban.standards import codes, identifiers
from tongban.standards.actor import Role

ITEMS = [content.convert(words) for words in contents()]
NODES = {"000000", "130000", "220000", "430000", "620000"}


def test_every_item_keeps_every_rule() -> None:
    assert [(item.task_code, content.problems(item)) for item in ITEMS if content.problems(item)] == []


def test_every_code_has_the_structure_of_the_standard() -> None:
    assert all(codes.is_task_code(item.task_code) for item in ITEMS)
    assert all(codes.is_basic_code(item.code) and item.demonstration for item in basic_items())
    assert len({item.task_code for item in ITEMS}) == len(ITEMS) == 16


def test_every_item_stands_on_the_national_lists_as_far_as_they_are_known() -> None:
    with KNOWN_ITEMS.open(encoding="utf-8", newline="") as lines:
        known = {row["name"]: row for row in csv.DictReader(lines)}

    assert len(known) == 99
    for item in ITEMS:
        row = known[item.name]
        assert row["confidence"] == "high"
        assert item.mode == row["mode"] or (not row["mode"] and any("模式" in said for said in item.assumptions))


def test_every_item_says_what_it_assumes_and_claims_no_statutory_limit() -> None:
    assert all(item.assumptions and item.limits.statutory is None for item in ITEMS)
    assert {item.limits.promised.source for item in ITEMS} == {"本演示的假定"}


def test_four_police_offices_certify_and_each_node_but_the_hub_publishes() -> None:
    offices = {office.code: office.node for office in ORGANIZATIONS.values()}
    certify = [item for item in ITEMS if item.name == "开具无犯罪记录证明"]

    assert sorted(offices[item.publisher.code] for item in certify) == ["130000", "220000", "430000", "620000"]
    assert {offices[item.publisher.code] for item in ITEMS} == NODES - {"000000"}


def test_organizations_have_true_check_characters_in_a_range_of_their_own() -> None:
    for office in ORGANIZATIONS.values():
        assert identifiers.credit_code(office.code) == office.code
        assert identifiers.is_demonstration_credit_code(office.code)
        assert office.code[16] == identifiers.organization_code_check(office.code[8:16])
        assert "演示" in office.name
        assert office.phone.partition("-")[2].startswith("0")
    assert {office.node for office in ORGANIZATIONS.values()} == NODES


def test_people_have_numbers_that_only_a_demo_knows() -> None:
    for person in PEOPLE:
        assert identifiers.is_resident_id(person.id_number, demo=True)
        assert not identifiers.is_resident_id(person.id_number)
        assert identifiers.name(person.name) == person.name
        assert identifiers.phone(person.phone) == person.phone
        assert person.home_region.startswith(person.node[:2])


def test_staff_work_at_the_node_of_their_organization() -> None:
    assert all(one.organization.node == one.node for one in STAFF)
    assert {one.node for one in STAFF if one.name == "孙强"} == NODES
    assert len({(one.node, one.login) for one in STAFF}) == len(STAFF)


def test_every_window_may_have_the_card_fetched_that_a_window_item_takes_for_a_paper() -> None:
    taken = {
        (each.more.licence_name, each.more.licence_type)
        for item in ITEMS
        if item.mode == "proxy"
        for each in item.materials
        if each.more and each.more.licence
    }
    granted = {(row["node"], row["organization"]) for row in rows("licence_uses.csv") if row["licence"] == "居民身份证"}
    windows = {one.organization.key for one in STAFF if Role.CLERK in one.roles}

    assert taken == {("居民身份证", IDENTITY_CARD)}
    assert granted >= {(node, window) for node in NODES - {"000000"} for window in windows}


def test_two_differences_between_offices_are_on_purpose_and_say_so() -> None:
    limits = {item.limits.promised.days for item in ITEMS if item.name == "开具无犯罪记录证明"}
    conditions = {item.publisher.region: item.conditions for item in ITEMS if item.name == "提前还清住房公积金贷款"}
    read_me = (DATA / "README.md").read_text("utf-8")

    assert len(limits) > 1
    assert conditions["131000"] != conditions["620100"]
    assert all(json.loads(file.read_text("utf-8"))["why"] for file in (DATA / "differences").iterdir())
    assert "differences/" in read_me and "promised" in read_me


def test_the_drift_report_tells_the_difference_that_may_be_from_the_one_that_may_not() -> None:
    def demanded(name: str) -> dict[str, str]:
        said = [
            Said(item.basic_code, item.publisher.region, "", "", item.task_code, 1, msgspec.to_builtins(item))
            for item in ITEMS
            if item.name == name
        ]
        return {drift.unit: drift.demanded for drift in report("", said, {}).drifts}

    assert demanded("提前还清住房公积金贷款")["conditions"] == "五级十二同"
    assert set(demanded("开具无犯罪记录证明")) == {"limits.promised"}


def test_one_item_examines_in_branches_and_every_item_has_topics() -> None:
    (rich,) = (item for item in ITEMS if item.name == "排污许可")
    after = {step.code: step.after for step in rich.examination}

    assert after["on_site"] == after["assessment"] == ("documents",)
    assert after["review"] == ("on_site", "assessment")
    assert all(item.topics and any("主题" in said for said in item.assumptions) for item in ITEMS)


def test_the_provinces_publish_all_other_known_items_and_say_what_is_assumed() -> None:
    others = [content.convert(words) for words in known.contents()]
    names = {item.name for item in [*others, *ITEMS]}
    with KNOWN_ITEMS.open(encoding="utf-8", newline="") as lines:
        listed = {row["name"]: row for row in csv.DictReader(lines)}

    assert set(listed) - names == {"跨地区投资项目审批、工程建设项目审批流程简化"}  # a direction, no item
    assert len(others) == 4 * 91 == len({item.task_code for item in others})
    assert [(item.name, content.problems(item)) for item in others if content.problems(item)] == []
    assert all(codes.is_basic_code(item.code) for item in known.basic_items())
    for item in others:
        assert item.mode == listed[item.name]["mode"] or "假定" in item.mode_basis
        assert item.topics and any("没有核实" in said for said in item.assumptions) == (
            listed[item.name]["confidence"] == "low"
        )
