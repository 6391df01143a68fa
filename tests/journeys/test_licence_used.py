# SPDX-License-Identifier: Apache-2.0
"""免交: an identity card that Jilin issued (SM2) stands in for an upload in Lanzhou, until Jilin takes it back."""

import re
import sys

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.running import Demo, wait_until
from tests.journeys.screen import Screens
from tests.journeys.test_browser import choose, start
from tests.people import LIU, PASSWORD, WANG, DemoStaff, staff
from tongban.demo.browser import Browser
from tongban.standards import clock

pytestmark = pytest.mark.browser

GANSU, JILIN = "620000", "220000"
ENQUIRY, FUND = "个人住房公积金缴存贷款等信息查询", "兰州住房公积金管理中心（演示）"
CARD = "SELECT id FROM licences_licence WHERE holder_name = %s AND name = '居民身份证' AND state = 'ready'"


def test_a_licence_of_jilin_satisfies_a_requirement_in_gansu_until_it_is_withdrawn(
    demo: Demo, screens: Screens
) -> None:
    phone = screens.phone()
    begin(demo, phone)
    have_it_fetched(screens, phone)
    number = submit(phone)
    desk = Browser()
    shown = look(demo, desk, number)
    assert "材料从哪里来" in shown and "A级" in shown and "不能作为依据" not in shown
    for move, facts in (("accept", {}), ("sign_step", {"step": "review", "opinion": "材料齐全。"})):
        page = desk.get(f"{demo.nodes[GANSU].address}/desk/cases/{number}/")
        assert desk.send(page.form(f"/moves/{move}/"), facts).status == 200

    withdraw(demo)
    began = clock.monotonic()
    wait_until(lambda: "现为“吊销”" in look(demo, desk, number), lambda: "not heard of")
    sys.stdout.write(f"revoked in Jilin, refused in Gansu after {clock.monotonic() - began:.1f} s\n")
    page = desk.get(f"{demo.nodes[GANSU].address}/desk/cases/{number}/")
    refused = desk.send(page.form("/moves/grant/"), {"note": "同意。"})
    assert refused.status == 409 and "不能作为依据" in refused.text
    phone.goto(f"{demo.nodes[GANSU].address}/cases/{number}/")
    phone.get_by_text("查看填写的信息和材料").click()
    screens.look_at(phone, "licence-used-withdrawn")
    assert (screens.complaints, screens.found_by_axe) == ([], [])


def begin(demo: Demo, phone: Page) -> None:
    """Signed in at home in Jilin, everything filled in at Gansu."""
    phone.goto(f"{demo.nodes[GANSU].address}/items/?q={ENQUIRY} 兰州")
    phone.get_by_role("listitem").filter(has_text=FUND).get_by_role("link").first.click()
    phone.get_by_role("link", name="开始办理").click()
    start(phone)
    phone.get_by_role("button", name="吉林").click()
    phone.get_by_label("身份证号或手机号").fill(WANG.phone)
    phone.get_by_label("密码").fill(PASSWORD)
    phone.get_by_role("button", name="登录并同意").click()
    phone.wait_for_url(f"{demo.nodes[GANSU].address}/drafts/**")
    choose(phone, "缴存和提取")
    phone.get_by_label("查询期间的起日").fill("2020-01-01")
    phone.get_by_label("查询期间的止日").fill("2026-01-01")
    phone.get_by_role("button", name="保存并继续").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("上传材料")


def have_it_fetched(screens: Screens, phone: Page) -> None:
    """The applicant agrees; the page follows by itself what the worker does."""
    phone.get_by_label("在哪里签发的").select_option(JILIN)
    screens.look_at(phone, "licence-used-consent")
    phone.get_by_role("button", name="同意，由系统调取").click()
    expect(phone.get_by_text("长春市公安局（演示）提供了“居民身份证”")).to_be_visible(timeout=120_000)
    screens.look_at(phone, "licence-used-fetched")
    phone.get_by_role("button", name="继续，核对申请").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("提交前，请核对")


def submit(phone: Page) -> str:
    phone.get_by_role("button", name=re.compile("提交")).last.click()
    expect(phone.get_by_role("heading", name="申请已提交")).to_be_visible()
    return phone.url.rstrip("/").split("/")[-2]


def signed_in(demo: Demo, desk: Browser, who: DemoStaff) -> None:
    page = desk.get(f"{demo.nodes[who.node].address}/desk/sign-in/")
    desk.send(page.form(), {"login": who.login, "password": PASSWORD})


def look(demo: Demo, desk: Browser, number: str) -> str:
    """The page of the case at the desk of Lanzhou's fund."""
    at = f"{demo.nodes[GANSU].address}/desk/cases/{number}/"
    page = desk.get(at)
    if "sign-in" in page.url:
        signed_in(demo, desk, staff("mahui", GANSU))
        page = desk.get(at)
    return page.text


def withdraw(demo: Demo) -> None:
    """Changchun's police withdraw it at their desk."""
    ((card,),) = demo.rows(JILIN, CARD, WANG.name)
    desk = Browser()
    signed_in(demo, desk, LIU)
    page = desk.get(f"{demo.nodes[JILIN].address}/desk/licences/{card}/")
    done = desk.send(page.form("/change/"), {"change": "withdraw", "reason": "持证人已经换领。", "basis": "演示依据"})
    assert "已吊销" in done.text
