# SPDX-License-Identifier: Apache-2.0
"""A page that follows its case never takes away what somebody is typing."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Response, expect

from tests.journeys.running import Demo, wait_until
from tests.journeys.screen import Screens
from tests.journeys.walking import HUNAN, Plain, walk
from tests.people import CHEN, PASSWORD, ZHANG
from tongban.demo import processes

pytestmark = pytest.mark.browser

GANSU, CHANGSHA = "620000", "430000"
HALF = "补交身份证背面，另外还"


def test_a_half_written_correction_outlives_the_updates_of_its_page(demo: Demo, screens: Screens) -> None:
    number = to_be_corrected(demo)
    phone = screens.phone()
    sign_in(demo, phone)
    phone.goto(f"{demo.nodes[GANSU].address}/cases/{number}/")
    with silent(demo, CHANGSHA):
        withdraw(phone)
        screens.look_at(phone, "withdrawal-asked")
        note = phone.get_by_label("补正说明")
        note.fill(HALF)
        for _ in range(2):
            with phone.expect_response(is_update):
                pass
        phone.wait_for_timeout(300)
        expect(note).to_have_value(HALF)
    expect(phone.locator("#live")).to_contain_text("已撤回", timeout=60_000)
    expect(note).to_have_value(HALF)


def to_be_corrected(demo: Demo) -> str:
    """A case of Zhang's that Changsha wants corrected; its number."""
    story = walk(demo, HUNAN)
    story.submit(story.begin())
    officer, at = Plain().sign_in(demo, CHANGSHA, CHEN.login), demo.nodes[CHANGSHA].address
    url = f"{at}/desk/cases/{story.receipt}/"
    wait_until(lambda: officer.get(url).status == 200, lambda: f"{url} is not there")
    officer.send(officer.get(url).form("/moves/request_correction/"), {"what": "请补交身份证背面。"})
    wait_until(lambda: "需要补正" in story.case_page().text, lambda: "Gansu has not heard of it")
    return story.receipt


def sign_in(demo: Demo, phone: Page) -> None:
    phone.goto(f"{demo.nodes[GANSU].address}/sign-in/?next=/cases/")
    phone.get_by_role("button", name="湖南").click()
    phone.get_by_label("身份证号或手机号").fill(ZHANG.phone)
    phone.get_by_label("密码").fill(PASSWORD)
    phone.get_by_role("button", name="登录并同意").click()
    phone.wait_for_url("**/cases/")


def withdraw(phone: Page) -> None:
    phone.get_by_text("撤回这个申请").click()
    phone.get_by_label("撤回理由").fill("不需要了。")
    phone.get_by_role("button", name="撤回申请").click()
    expect(phone.get_by_text("等待确认").first).to_be_visible()


def is_update(answer: Response) -> bool:
    return answer.request.headers.get("hx-request") == "true"


@contextmanager
def silent(demo: Demo, node: str) -> Iterator[None]:
    """While a node's exchange says nothing, a request to it stays open."""
    pids = processes.family(demo.pid(node, "exchange") or 0)
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
