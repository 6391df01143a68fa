# SPDX-License-Identifier: Apache-2.0
"""Looking through items without a question: what is listed is handled, counted right and bounded."""

import re
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import LANZHOU_POLICE
from tongban.catalogue import actions as catalogue
from tongban.catalogue.models import ItemVersion, SearchCount, SearchPlace
from tongban.catalogue.search import actions, browsing, headings, memory
from tongban.catalogue.search.memory import Wanted
from tongban.demo.content import contents
from tongban.standards.actor import system
from tongban.standards.node import Node

AT = datetime(2026, 11, 23, 1, tzinfo=UTC)
TASK = f"{LANZHOU_POLICE.code}3002099001000"


@pytest.fixture(autouse=True)
def entered(node: Node) -> None:
    """Everything that is published is found."""
    while actions.enter_once(AT):
        pass
    memory.forget()


def publish(**changed: Any) -> None:
    (content,) = (each for each in contents() if each["task_code"] == TASK)
    catalogue.publish(content | changed, actor=system("620000"), at=AT)
    actions.enter_once(AT)


def words(audience: str = "") -> dict[str, int]:
    return {each.word: each.names for each in browsing.topics(audience)}


def test_topics_are_those_of_published_items_with_their_names_counted() -> None:
    assert words()["退休养老"] == 1  # in Changsha; in Changchun it is suspended
    assert words()["求职就业"] == 1  # the same in four regions
    assert "生产经营" in words("company") and "生产经营" not in words("person")


def test_a_topic_that_nobody_bears_any_more_is_not_listed() -> None:
    publish(topics={"life_event": ["搬家"]})
    assert words()["搬家"] == 1
    catalogue.retire(TASK, reason="取消。", actor=system("620000"), at=AT)
    actions.enter_once(AT)

    assert "搬家" not in words()


@pytest.mark.parametrize("word", ["长" * 31, "斜/杠", " ", "\n"])
def test_a_word_that_cannot_be_a_heading_is_left_out(word: str) -> None:
    publish(topics={"life_event": [word, "搬家"]})
    assert "搬家" in words() and not any(word.strip() in each for each in words() if word.strip())


def test_an_item_stands_under_so_many_topics_at_most() -> None:
    publish(topics={"life_event": [f"大事{n}" for n in range(40)]})
    assert sum(each.startswith("大事") for each in words()) == headings.MOST


def test_a_list_holds_the_items_of_its_topic_and_no_other() -> None:
    found = browsing.listing(Wanted(topic="life_event:求职就业"))

    assert [group.name for group in found.groups] == ["开具无犯罪记录证明"]
    assert len(found.groups[0].items) == 4
    assert browsing.listing(Wanted(topic="life_event:求职就业"), "430000").groups[0].items[0].region_code == "430100"
    assert browsing.listing(Wanted(topic="life_event:求职")).names == 0


def test_a_list_is_paged_and_every_name_stands_on_one_page() -> None:
    browsing.PAGE, kept = 3, browsing.PAGE
    try:
        pages = [browsing.listing(Wanted(), page=number) for number in range(1, 4)]
        beyond = browsing.listing(Wanted(), page=99)
    finally:
        browsing.PAGE = kept
    names = [group.name for found in pages for group in found.groups]

    assert [found.pages for found in pages] == [3, 3, 3] and len(names) == len({*names}) == pages[0].names == 7
    assert beyond.page == 3


def test_counts_are_those_of_the_places_whatever_happens_to_them() -> None:
    def right() -> Counter[str]:
        return Counter(SearchPlace.objects.values_list("region_code", flat=True))

    def kept() -> Counter[str]:
        return Counter(dict(SearchCount.objects.filter(items__gt=0).values_list("region_code", "items")))

    assert kept() == right() and right()
    publish(served=["enterprise"])
    catalogue.retire(TASK, reason="取消。", actor=system("620000"), at=AT)
    actions.enter_once(AT)
    assert kept() == right()
    SearchPlace.objects.filter(region_code="430100").update(region_code="430200")
    assert kept() == right()
    actions.rebuild()
    assert kept() == right()


def test_counts_go_down_from_the_province_and_know_for_whom() -> None:
    assert {each.region: each.items for each in browsing.counts()} == {
        code: sum(row.region_code[:2] == code[:2] for row in ItemVersion.objects.filter(status="published"))
        for code in ("130000", "220000", "430000", "620000")
    }
    assert [each.region for each in browsing.counts("620000")] == ["620100"]
    assert [(each.region, each.items) for each in browsing.counts("", "company")] == [("430000", 1)]


def test_lists_take_few_statements() -> None:
    asked: list[int] = []
    browsing.topics()  # reads the names into the process
    for look in (browsing.topics, browsing.departments, browsing.counts, lambda: browsing.listing(Wanted())):
        with CaptureQueriesContext(connection) as counted:
            look()
        asked.append(len(counted))
    assert asked == [1, 1, 1, 2]


def test_whether_anybody_handles_a_name_is_looked_up_in_the_index() -> None:
    """However many items there are: for each name one step into the index."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + browsing.HANDLED, [[1, 2, 3], "62", "62~"])
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "catalogue_search_by_name" in plan and "Nested Loop" in plan
    assert re.search(r"Index Cond: .*name_id = .*region_code", plan)
