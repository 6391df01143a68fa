# SPDX-License-Identifier: Apache-2.0
"""The guide: all that an item says, for people and programs the same; of every version, whatever became of it."""

import html
import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.agreements import agreed
from tests.world import World
from tongban.catalogue import actions
from tongban.catalogue.actions.publishing import row_of
from tongban.catalogue.models import ItemVersion
from tongban.demo.content import contents
from tongban.demo.people import ORGANIZATIONS
from tongban.regions import actions as regions
from tongban.standards import clock
from tongban.standards.actor import system
from tongban.standards.enums import Mode
from tongban.standards.node import Node
from tongban.web import guides
from tongban.web.tests.whole import whole

HOST = {"host": "620000.localhost:8002"}
OFFICE = ORGANIZATIONS["lanzhou-police"]
TASK = f"{OFFICE.code}3002099001000"
PUBLISHER = {"code": OFFICE.code, "name": OFFICE.name, "region": OFFICE.region}
AT = datetime(2026, 11, 23, 1, tzinfo=UTC)
TECHNICAL = {"look", "code", "status", "mode"}  # of a section or a standing: how it is shown, not what is said


@pytest.fixture
def browser(node: Node) -> Client:
    return Client(headers=HOST)


def page(browser: Client, path: str = f"/items/{TASK}/") -> str:
    answer = browser.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def text(shown: str) -> str:
    main = shown.partition("<main")[2].partition("<footer")[0]
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", main)))


def told(browser: Client, query: str = "") -> dict[str, Any]:
    answer = browser.get(f"/api/v1/items/{TASK}/guide{query}")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def leaves(value: Any, name: str = "") -> list[str]:
    if isinstance(value, dict):
        return [each for key, inner in value.items() for each in leaves(inner, key)]
    if isinstance(value, list):
        return [each for inner in value for each in leaves(inner, name)]
    return [value] if isinstance(value, str) and name not in TECHNICAL else []


def undated(words: str) -> str:
    return re.sub(r"\d+年\d+月\d+日", "", words)


def publish_again(**changed: Any) -> None:
    (content,) = (each for each in contents() if each["task_code"] == TASK)
    actions.publish(content | changed, actor=system("620000"), at=clock.now())


def keep(mode: Mode = Mode.ONLINE) -> list[str]:
    """An item that says all there is to say, as if it had come before there were rules; every word of it."""
    item, words = whole(TASK, PUBLISHER, mode)
    ItemVersion.objects.filter(task_code=TASK).delete()
    ItemVersion.objects.create(**row_of(item, 7, "sha256:0", AT, AT.date()))
    return words


@pytest.mark.parametrize("mode", list(Mode))
def test_the_page_and_the_programs_guide_say_every_word_of_an_item_that_says_all(browser: Client, mode: Mode) -> None:
    words = keep(mode)
    seen, given = html.unescape(page(browser)), json.dumps(told(browser), ensure_ascii=False)

    assert [word for word in words if word not in seen] == []
    assert [word for word in words if word not in given] == []


@pytest.mark.parametrize("all_of_it", [True, False])
def test_nothing_is_on_one_that_is_not_on_the_other(browser: Client, all_of_it: bool) -> None:
    if all_of_it:
        keep()
    seen, given = page(browser), told(browser)
    plain, said = html.unescape(seen), leaves(given)
    dates = re.compile(r"\d{4}-\d\d-\d\d")

    assert [each for each in said if each not in plain and not dates.match(each)] == []
    left = undated(text(seen))
    for each in sorted({*said}, key=len, reverse=True):
        left = left.replace(undated(re.sub(r"\s+", " ", each)), "")
    assert re.findall(r"词\d+号|[0-9]{4,}", left) == []
    headings = re.findall(r'<h2 id="(\w+)">([^<]+)', seen)
    assert [pair for pair in headings if pair[0] not in ("changed", "elsewhere", "origin")] == [
        (each["code"], each["title"]) for each in given["sections"]
    ]


@pytest.mark.usefixtures("still")
def test_a_guide_takes_few_statements_and_little_of_the_wire(browser: Client) -> None:
    keep(Mode.PROXY)
    guides.guide(TASK)  # opening hours are read once a minute
    with CaptureQueriesContext(connection) as counted:
        guides.guide(TASK)
    assert len(counted) == 6  # and one for whoever is signed in

    publish_again()
    with CaptureQueriesContext(connection) as counted:
        guides.guide(TASK, 7)
    assert len(counted) == 6
    with CaptureQueriesContext(connection) as counted:
        guides.guide(TASK)
    assert len(counted) == 4
    packed = browser.get(f"/items/{TASK}/versions/7/", headers={"accept-encoding": "gzip"}).content
    assert len(packed) < 30_000  # with the look, which is less than 30 000 too


def test_what_is_not_said_is_not_there(browser: Client) -> None:
    codes = [each["code"] for each in told(browser)["sections"]]

    assert not {"promises", "together", "net"} & {*codes}
    assert "None" not in text(page(browser)) and "：。" not in text(page(browser))


def test_there_is_one_button_and_it_begins(browser: Client) -> None:
    shown = page(browser)
    assert re.findall(r'class="btn[^-"]*btn-wide" href="([^"]+)">([^<]+)', shown) == [(f"/apply/{TASK}/", "开始办理")]

    keep(Mode.PROXY)
    shown = page(browser)
    assert re.findall(r'class="btn[^-"]*btn-wide" href="([^"]+)"', shown) == ["#places"]
    assert 'id="places"' in shown and "带齐本页列出的材料，到就近的通办专窗办理" in shown
    assert shown.index("兰州市政务服务中心（演示）") < shown.index(
        "长沙市政务服务中心（演示）"
    )  # the own windows first


def test_an_old_version_keeps_its_address_and_leads_to_the_one_in_force(browser: Client) -> None:
    publish_again(phone="0931-00077777", conditions=["只有一个条件。"])
    old, new = page(browser, f"/items/{TASK}/versions/1/"), page(browser)

    assert "已被第 2 版替代" in text(old) and f'href="/items/{TASK}/"' in old and "btn-wide" not in old
    assert "→" not in text(old) and "<del>0931-00000010</del> <ins>0931-00077777</ins>" in old
    assert "受理条件" in text(old).partition("与现在有效的一版的不同")[2]
    assert "已被第" not in text(new) and f"/items/{TASK}/versions/1/" in new
    given = told(browser, "?version=1")
    assert (given["version"], given["standing"]["current"], "begin" in given) == (1, 2, False)
    assert {each["name"] for each in given["changed"]} == {"受理条件", "咨询方式"}


def test_a_suspended_item_says_why_and_since_when_and_is_taken_up_again(browser: Client) -> None:
    actions.suspend(TASK, reason="系统升级。", actor=system("620000"), at=AT + timedelta(days=1))
    assert browser.get(f"/apply/{TASK}/").headers["Location"] == f"/items/{TASK}/"  # there it says why
    shown = text(page(browser))

    assert "这个事项暂停办理，已经受理的继续办理" in shown and "原因：系统升级。" in shown and "2026年11月24日" in shown
    assert "btn-wide" not in page(browser)
    assert told(browser)["standing"] | {"sentence": ""} == {
        "status": "suspended", "label": "暂停", "reason": "系统升级。", "since": "2026-11-24", "sentence": "",
    }  # fmt: skip
    actions.resume(TASK, reason="升级完成。", actor=system("620000"), at=AT + timedelta(days=2))
    assert "暂停办理" not in text(page(browser)) and "btn-wide" in page(browser)


def test_a_retired_item_says_so_and_names_who_else_does_it(browser: Client) -> None:
    actions.retire(TASK, reason="并入其他事项。", actor=system("620000"), at=AT)
    shown = page(browser)

    assert "已经取消" in text(shown) and "并入其他事项" in text(shown) and "2026年11月23日" in text(shown)
    assert "其他地区办理的同一事项" in shown and "长沙市公安局（演示）" in shown


def test_what_waits_for_its_day_is_shown_by_its_own_address_only(browser: Client) -> None:
    (content,) = (each for each in contents() if each["task_code"] == TASK)
    later = (AT + timedelta(days=9)).date()
    actions.publish(content | {"phone": "0931-00077777"}, actor=system("620000"), at=AT, effective_from=later)

    assert "0931-00077777" not in page(browser)
    shown = text(page(browser, f"/items/{TASK}/versions/2/"))
    assert "这一版尚未生效" in shown and "生效日期：2026年12月2日" in shown


@pytest.mark.parametrize("path", [f"/items/{TASK}/versions/9/", f"/items/{'0' * 31}/", f"/items/{TASK}/versions/0/"])
def test_what_is_not_there_is_not_found(browser: Client, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_programs_hear_the_same_of_what_is_not_there(browser: Client) -> None:
    assert browser.get(f"/api/v1/items/{TASK}/guide?version=9").json()["code"] == "not_found"
    assert browser.get(f"/api/v1/items/{'0' * 31}/guide").status_code == 404
    assert browser.get(f"/api/v1/items/{TASK}/guide?version=x").status_code == 422


def test_words_of_a_publisher_run_nothing(browser: Client) -> None:
    publish_again(conditions=['<script>alert("x")</script>'], summary="</svg><b>粗</b>")
    shown = page(browser)

    assert "<script>alert" not in shown and "<b>粗" not in shown and "&lt;script&gt;" in shown


def test_the_guide_of_another_node_says_whose_it_is_and_how_fresh(federation: World) -> None:
    task = f"{ORGANIZATIONS['changsha-police'].code}3002099001000"
    federation.settle()
    with federation.at("620000"):
        copy = guides.guide(task)
    with federation.at("430000"):
        own = guides.guide(task)
        actions.suspend(task, reason="系统升级。", actor=system("430000"), at=federation.clock.now())
    federation.settle()
    federation.pass_time(timedelta(days=200))
    with federation.at("620000"):
        later = guides.guide(task)

    assert (copy.origin.node, copy.origin.copy, copy.origin.stale) == ("430000", True, False)
    assert (own.origin.copy, own.origin.fresh_until, own.digest) == (False, None, copy.digest)
    assert own.sections == copy.sections or [each.code for each in own.sections] == [
        each.code for each in copy.sections
    ]
    assert (later.origin.stale, later.standing.reason, str(later.standing.since)) == (True, "系统升级。", "2026-11-23")


def test_an_agreement_in_force_says_which_windows_accept_and_one_that_is_not_says_nothing(federation: World) -> None:
    fund, centre = ORGANIZATIONS["lanzhou-fund"], ORGANIZATIONS["changsha-centre"]
    task = f"{fund.code}3002099002000"

    def said() -> list[str]:
        with federation.at("620000"):
            (places,) = (each for each in guides.guide(task).sections if each.code == "places")
            return [fact.text for fact in places.facts if fact.name in ("异地受理", "由窗口代办的环节")]

    federation.settle()
    assert said() == []
    shares = [{"step": "原件核验", "text": "窗口核对原件"}, {"step": "结果转送"}]
    agreed(federation, fund, centre, until=date(2026, 12, 31), shares=shares)
    assert said() == [
        "长沙市政务服务中心（演示）的窗口按协议可以代为受理",
        "长沙市政务服务中心（演示）的窗口按协议办理：原件核验（窗口核对原件）、结果转送",
    ]
    federation.pass_time(timedelta(days=60))
    assert said() == []


def test_each_window_says_when_it_is_open_and_one_that_has_entered_nothing_that_it_has_not(browser: Client) -> None:
    keep(Mode.PROXY)
    lanzhou, qilihe = ORGANIZATIONS["lanzhou-centre"], ORGANIZATIONS["qilihe-centre"]
    regions.set_opening_on(lanzhou.code, clock.today(), (), reason="停电", actor=system("620000"), at=clock.now())
    (places,) = (each for each in told(browser)["sections"] if each["code"] == "places")
    hours = {
        entry["name"]: next(fact for fact in entry["facts"] if fact["name"] == "办理时间")
        for entry in places["entries"]
    }

    assert hours[lanzhou.name]["text"] == "周一至周五 9:00—12:00、13:30—17:00；周六 9:00—12:00"
    today = clock.today()
    assert hours[lanzhou.name]["notes"] == [f"{today.month}月{today.day}日 不开放"]
    assert hours[qilihe.name]["text"] == "周一至周五 9:00—12:00、13:30—17:00"
    assert "没有登记" in hours[qilihe.name]["notes"][0]
    assert "9:00—12:00、13:30—17:00；周六" in text(page(browser))
