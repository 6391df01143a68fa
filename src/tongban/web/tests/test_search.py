# SPDX-License-Identifier: Apache-2.0
"""The search page leads on, whatever is typed: places, filters, marks, help when nothing is found; names meanwhile."""

import re

import pytest
from django.test import Client

from tongban.standards.node import Node

HOST = {"host": "620000.localhost:8002"}


@pytest.fixture
def browser(node: Node) -> Client:
    return Client(headers=HOST)


def shown(browser: Client, query: str) -> str:
    answer = browser.get(f"/items/?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.partition("<main")[2].partition("<footer")[0]))


def test_common_speech_leads_to_the_item_in_each_place_the_own_province_first(browser: Client) -> None:
    page = shown(browser, "q=良民证")

    places = re.findall(r'<a href="/items/(\w+)/">([^<]+)<', page)
    assert [name for _, name in places] == ["甘肃省兰州市", "河北省廊坊市", "吉林省长春市", "湖南省长沙市"]
    assert "<mark>" in page


def test_a_place_that_was_typed_is_chosen_and_said(browser: Client) -> None:
    page = shown(browser, "q=长沙查公积金")

    assert "按您写的办理地“湖南省长沙市”" in text(page)
    assert re.search(r'<option value="430100" selected>\s*长沙市', page)
    assert "兰州住房公积金" not in page


def test_what_a_region_lacks_is_shown_from_elsewhere(browser: Client) -> None:
    assert "北京市还没有这个事项，下面是其他地区的" in text(shown(browser, "q=无犯罪证明&region=110000"))


def test_nothing_found_names_somebody_to_ask_and_themes_to_browse(browser: Client) -> None:
    said = text(shown(browser, "q=宠物寄养"))

    assert "没有找到“宠物寄养”" in said
    assert "甘肃省政务服务中心（演示）：0931-00000006" in said and "12345" in said
    assert "按主题找" in said and "住房公积金" in said


def test_filters_stay_chosen_and_narrow(browser: Client) -> None:
    page = shown(browser, "q=公积金&theme=住房公积金&mode=proxy&audience=person&department=住房公积金")

    assert page.count(" selected>") == 4 and '<details class="narrow" open>' in page
    assert "全程网办</span>" not in page
    assert "没有找到" in shown(browser, "q=公积金&theme=户籍身份")


@pytest.mark.parametrize("odd", ["%00", "%27%22%3C", "a" * 3000, "%F0%9F%98%80", "100%25_"])
def test_odd_questions_are_answered(browser: Client, odd: str) -> None:
    for name in ("q", "region", "theme", "mode", "audience", "department"):
        shown(browser, f"{name}={odd}")
    assert browser.get(f"/items/suggestions/?q={odd}").status_code == 200


def test_names_come_while_typing(browser: Client) -> None:
    names = browser.get("/items/suggestions/?q=wfz").json()["names"]

    assert names[0] == "开具无犯罪记录证明"
    assert browser.get("/items/suggestions/").json() == {"names": []}
    assert browser.get("/api/v1/suggestions?q=wfz").json() == {"names": names}
    assert browser.get("/api/v1/suggestions").json() == {"names": []}


def test_programs_find_the_same_and_hear_of_an_odd_region(browser: Client) -> None:
    found = browser.get("/api/v1/items?q=良民证&region=430000&audience=person").json()["items"]

    assert [item["region_code"] for item in found] == ["430100"]
    assert browser.get("/api/v1/items?region=%00").json()["code"] == "bad_input"
    assert browser.get("/api/v1/items?q=%00").json()["field"] == "q"
