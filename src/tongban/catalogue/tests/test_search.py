# SPDX-License-Identifier: Apache-2.0
"""A citizen finds the right item by common words, sounds and slips; what is published is found, nothing else."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import CHANGSHA_POLICE, LANZHOU_POLICE
from tongban.catalogue import actions as catalogue
from tongban.catalogue.models import ItemVersion, SearchName, SearchPlace
from tongban.catalogue.search import actions, memory, queries
from tongban.catalogue.search.memory import Wanted
from tongban.catalogue.tests.items import content as words
from tongban.standards.actor import system
from tongban.standards.node import Node

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
BASIC = "002099777000"  # of no item that the demo publishes


@pytest.fixture(autouse=True)
def forgetful(node: Node) -> None:
    memory.forget()


def publish(**changed: Any) -> ItemVersion:
    office = {"code": LANZHOU_POLICE.code, "name": LANZHOU_POLICE.name, "region": LANZHOU_POLICE.region}
    item = words(publisher=office, basic_code=BASIC, task_code=f"{LANZHOU_POLICE.code}3{BASIC}", **changed)
    return catalogue.publish(item, actor=system("620000"), at=NOON)


def enter() -> None:
    while actions.enter_once(NOON):
        continue


def names(q: str, region: str = "", **narrowed: str) -> list[str]:
    return [group.name for group in queries.search(q, region, Wanted(**narrowed)).groups]


def places(q: str, region: str = "") -> list[str]:
    return [item.region_code for item in queries.search(q, region).items]


@pytest.mark.parametrize(
    "q",
    [
        "无犯罪证明",
        "良民证",
        "無犯罪記錄證明",
        "开无犯罪证明需要什么",
        "wufanzui",
        "wfzjlzm",
        "无反罪记录证名",
        "无犯罪",
    ],
)
def test_an_item_is_found_however_people_say_it(q: str) -> None:
    assert names(q)[0] == "开具无犯罪记录证明"


def test_items_of_every_node_are_found_the_own_province_first() -> None:
    assert places("无犯罪记录证明") == ["620100", "131000", "220100", "430100"]


def test_a_place_in_the_question_narrows_it_and_is_told() -> None:
    found = queries.search("长沙无犯罪证明")

    assert [item.region_code for item in found.items] == ["430100"]
    assert (found.region, found.read, found.elsewhere) == ("430100", True, False)
    assert places("hunanwufanzui") == ["430100"]


def test_a_region_holds_what_lies_inside_it() -> None:
    assert {code[:2] for code in places("公积金", "430000")} == {"43"}
    assert set(places("公积金", "620100")) == {"620100"}


def test_what_the_region_does_not_have_is_shown_from_elsewhere_and_said_so() -> None:
    found = queries.search("无犯罪证明", "110000")

    assert found.elsewhere
    assert {item.region_code for item in found.items} >= {"430100", "620100"}


def test_filters_narrow_what_is_found() -> None:
    publish(name="换领居民身份证", served=["enterprise"], mode="joint")
    enter()

    assert names("身份证", audience="company") == ["换领居民身份证"]
    assert names("身份证", audience="person") == []
    assert names("身份证", mode="joint") == ["换领居民身份证"]
    assert names("身份证", theme="户籍身份", department="公安") == ["换领居民身份证"]
    assert names("身份证", theme="公证") == []


def test_nothing_asked_shows_everything_and_narrows_too() -> None:
    assert len(names("")) == 7
    assert {code[:2] for code in places("长沙")} == {"43"}


def test_nonsense_finds_nothing_and_a_near_miss_names_what_is_near() -> None:
    assert queries.search("宠物狗上牌").groups == ()
    assert queries.search("100%_").groups == ()
    assert queries.search("\x00'\"\\").groups != ()  # nothing is left of it, so nothing was asked


def test_what_is_published_is_found_and_what_is_superseded_or_withdrawn_is_not() -> None:
    first = publish(name="换领居民身份证")
    enter()
    publish(name="换领居民身份证明")
    enter()

    (group,) = queries.search("换领居民身份证").groups
    assert [(item.name, item.version) for item in group.items] == [("换领居民身份证明", 2)]
    ItemVersion.objects.filter(task_code=first.task_code).update(status="withdrawn")
    enter()
    assert names("换领居民身份证") == []
    assert not SearchPlace.objects.filter(task_code=first.task_code).exists()


def test_a_name_is_the_same_in_every_city() -> None:
    publish(name="兰州市换领居民身份证")
    enter()

    assert names("换领身份证") == ["换领居民身份证"]


def test_a_rebuild_brings_the_same_and_clears_what_is_gone() -> None:
    enter()
    before = set(SearchPlace.objects.values_list("task_code", "version", "region_code"))
    SearchPlace.objects.filter(region_code="430100").delete()
    SearchName.objects.create(name="没有人办的", department="", mode="", person=True, company=False)
    told: list[tuple[int, int]] = []

    assert actions.rebuild(lambda done, of: told.append((done, of))) == len(before)
    assert set(SearchPlace.objects.values_list("task_code", "version", "region_code")) == before
    assert not SearchName.objects.filter(name="没有人办的").exists()
    assert told[-1] == (len(before), len(before))


def test_a_rebuild_that_fails_changes_nothing() -> None:
    before = set(SearchPlace.objects.values_list("task_code", flat=True))

    def interrupted(done: int, of: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        actions.rebuild(interrupted)
    assert set(SearchPlace.objects.values_list("task_code", flat=True)) == before


def test_an_item_is_found_by_its_code() -> None:
    code = queries.search("无犯罪证明").items[0].task_code

    assert [item.task_code for item in queries.search(code).items] == [code]
    assert {item.publisher for item in queries.search(CHANGSHA_POLICE.code).items} == {CHANGSHA_POLICE.code}


def test_suggestions_come_while_typing() -> None:
    for typed in ("无犯", "wufan", "wfz", "良民"):
        assert queries.suggest(typed)[0] == "开具无犯罪记录证明"
    assert queries.suggest("") == []
    assert queries.suggest("公")[0].find("公积金") > 0


def test_search_takes_one_statement() -> None:
    queries.search("公积金")
    with CaptureQueriesContext(connection) as asked:
        queries.search("无犯罪记录 证明", "430000")

    assert len(asked) == 1


def test_a_new_version_is_shown_at_once_even_before_it_is_entered() -> None:
    publish(name="换领居民身份证")
    enter()
    publish(name="换领居民身份证", summary="第二版")

    assert [item.version for item in queries.search("换领身份证").items] == [2]


def test_what_is_withdrawn_is_gone_at_once_even_before_it_is_entered(node: Node) -> None:
    version = queries.search("无犯罪证明", "430000").items[0]
    ItemVersion.objects.filter(task_code=version.task_code).update(status="withdrawn")

    assert "430100" not in places("无犯罪证明")
