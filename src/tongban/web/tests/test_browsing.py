# SPDX-License-Identifier: Apache-2.0
"""Pages for looking through: by what happens in life, by department, by region; plain addresses that can be kept."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tongban.standards.node import Node

HOST = {"host": "620000.localhost:8002"}
MOST = 7  # statements of a page
PATHS = ["/", "/topics/", "/departments/", "/regions/", "/regions/620000/", "/topics/life_event/购房租房/", "/items/"]


@pytest.fixture
def browser(node: Node) -> Client:
    return Client(headers=HOST)


def shown(browser: Client, path: str) -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.partition("<main")[2].partition("<footer")[0]))


def test_home_leads_to_a_life_event_and_on_to_a_guide(browser: Client) -> None:
    assert 'href="/topics/life_event/%E6%B1%82%E8%81%8C%E5%B0%B1%E4%B8%9A/"' in shown(browser, "/")
    page = shown(browser, "/topics/life_event/求职就业/")

    assert text(page).count("个工作日") == 4 and "全程网办" in page
    assert re.findall(r'href="(/items/\w{31}/)"', page)


def test_the_switch_keeps_to_people_or_companies(browser: Client) -> None:
    everybody, company = shown(browser, "/topics/"), shown(browser, "/topics/?audience=company")

    assert "个人事件" in everybody and "企业事件" in everybody
    assert "个人事件" not in company and "生产经营" in company
    assert re.findall(r'aria-current="true">([^<]+)', company) == ["企业和单位"]
    assert "公安" not in text(shown(browser, "/departments/?audience=company"))


def test_departments_list_what_they_handle(browser: Client) -> None:
    assert "住房公积金 5 项" in text(shown(browser, "/departments/"))
    assert "共 5 个事项" in text(shown(browser, "/departments/住房公积金/"))


def test_regions_lead_down_and_count(browser: Client) -> None:
    assert "甘肃省 4 项" in text(shown(browser, "/regions/"))
    gansu, lanzhou = shown(browser, "/regions/620000/"), shown(browser, "/regions/620100/")

    assert "兰州市 4 项" in text(gansu) and "共 4 个事项" in text(gansu)
    assert 'href="/regions/620000/"' in lanzhou and "长沙" not in text(lanzhou)
    assert "没有符合这些条件的事项" in shown(browser, "/regions/110000/")


def test_a_list_is_narrowed_by_its_address(browser: Client) -> None:
    page = shown(browser, "/topics/life_event/购房租房/?mode=proxy&region=430000&page=7")

    assert "共 2 个事项" in text(page) and page.count(" selected>") == 2
    assert '<details class="narrow" open>' in page


@pytest.mark.parametrize(
    "path",
    [
        "/topics/life_event/没有这件事/",
        "/topics/weather/晴/",
        "/departments/没有这个部门/",
        "/regions/999999/",
        "/regions/62/",
        "/regions/000000/",
        "/regions/%00/",
    ],
)
def test_what_is_not_there_is_not_found(browser: Client, path: str) -> None:
    assert browser.get(path).status_code == 404


@pytest.mark.parametrize("odd", ["%00", "%27%22%3C", "9" * 3000, "-1", "%F0%9F%98%80"])
def test_odd_wishes_are_answered(browser: Client, odd: str) -> None:
    for name in ("page", "region", "theme", "mode", "audience", "department"):
        for path in ("/topics/", "/departments/", "/regions/", "/regions/620000/", "/departments/公安/"):
            shown(browser, f"{path}?{name}={odd}")


@pytest.mark.parametrize(
    "path",
    ["/", "/topics/", "/departments/", "/regions/", "/regions/620000/", "/topics/life_event/购房租房/", "/items/"],
)
@pytest.mark.usefixtures("still")
def test_a_page_takes_few_statements_one_heading_and_says_where_one_is(browser: Client, path: str) -> None:
    shown(browser, path)
    with CaptureQueriesContext(connection) as counted:
        page = shown(browser, path)
        assert len(counted) <= MOST
    assert page.count("<h1") == 1
    assert path in ("/",) or page.count('aria-current="page"') >= 2
