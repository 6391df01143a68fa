# SPDX-License-Identifier: Apache-2.0
"""One sign-in for three portals, and one sign-out: with a real browser, real processes, and a home that is silent."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.running import Demo
from tests.journeys.screen import Screens
from tests.journeys.test_browser import ITEM, open_guide, start
from tests.people import CHANGSHA_POLICE, PASSWORD, ZHANG
from tongban.demo import processes

pytestmark = pytest.mark.browser

HUNAN, GANSU, JILIN = "430000", "620000", "220000"
PLACES = {HUNAN: "湖南", GANSU: "甘肃", JILIN: "吉林"}
TELLING = "SELECT extract(epoch FROM told_at - created_at) FROM identity_sign_out ORDER BY created_at DESC LIMIT 2"


def test_who_signed_in_once_is_known_everywhere_until_they_sign_out_anywhere(
    demo: Demo, screens: Screens, record_property: Callable[[str, object], None]
) -> None:
    phone = screens.phone()
    phone.goto(f"{demo.nodes[HUNAN].address}/sign-in/here")
    phone.get_by_label("身份证号或手机号").fill(ZHANG.phone)
    phone.get_by_label("密码").fill(PASSWORD)
    phone.get_by_label("到其他省的通办网站时自动登录").check()
    screens.look_at(phone, "roaming-password")
    phone.get_by_role("button", name="登录").click()

    for node in (GANSU, JILIN):
        walk(demo, screens, phone, node)
        begin(demo, screens, phone, node)
    look_at_sign_ins(demo, screens, phone)

    phone.goto(f"{demo.nodes[JILIN].address}/")
    phone.get_by_role("button", name="退出").click()
    expect(phone.get_by_text("湖南已退出")).to_be_visible()
    screens.look_at(phone, "roaming-signed-out")
    are_out(demo, phone)
    told = [row for node in PLACES for row in demo.rows(node, TELLING)]
    assert told and all(seconds is not None for (seconds,) in told)
    record_property("seconds until all had heard", float(max(told)[0]))  # to be read: the machine may be busy
    assert (screens.complaints, screens.found_by_axe) == ([], [])


def test_while_home_is_silent_a_session_lasts_and_a_sign_out_is_kept_for_it(demo: Demo, screens: Screens) -> None:
    phone = screens.phone()
    phone.goto(f"{demo.nodes[GANSU].address}/sign-in/?next=/sign-in/mine/")
    phone.get_by_role("button", name="湖南").click()
    phone.get_by_label("身份证号或手机号").fill(ZHANG.phone)
    phone.get_by_label("密码").fill(PASSWORD)
    phone.get_by_role("button", name="登录并同意").click()
    expect(phone.get_by_role("heading", name="我的登录")).to_be_visible()

    with silent(demo, HUNAN):
        phone.reload()
        expect(phone.get_by_text("湖南暂时联系不上时也照常有效")).to_be_visible()
        screens.look_at(phone, "roaming-visitor")
        phone.get_by_role("button", name="· 退出").click()
        expect(phone.get_by_text("湖南暂时联系不上，还没有退出")).to_be_visible()
        screens.look_at(phone, "roaming-home-silent")
    expect(phone.get_by_text("湖南已退出")).to_be_visible()
    are_out(demo, phone)
    assert (screens.complaints, screens.found_by_axe) == ([], [])


def walk(demo: Demo, screens: Screens, phone: Page, node: str) -> None:
    """By the link at the foot of every page; nothing is filled in."""
    phone.get_by_role("link", name="其他省的通办网站").click()
    if node == GANSU:
        screens.look_at(phone, "roaming-elsewhere")
    phone.get_by_role("link", name=f"{PLACES[node]}通办").click()
    phone.wait_for_url(f"{demo.nodes[node].address}/")
    expect(phone.get_by_role("button", name="退出")).to_be_visible()


def begin(demo: Demo, screens: Screens, phone: Page, node: str) -> None:
    """An application is begun and kept, in one's own name, without another sign-in."""
    phone.goto(f"{demo.nodes[node].address}/items/?q={ITEM}")
    open_guide(phone, CHANGSHA_POLICE.name)
    phone.get_by_role("link", name="开始办理").click()
    start(phone)
    phone.wait_for_url(f"{demo.nodes[node].address}/drafts/**")
    phone.goto(f"{demo.nodes[node].address}/cases/")
    expect(phone.get_by_text(ITEM).first).to_be_visible()
    screens.look_at(phone, f"roaming-cases-{node}")


def look_at_sign_ins(demo: Demo, screens: Screens, phone: Page) -> None:
    phone.goto(f"{demo.nodes[HUNAN].address}/sign-in/mine/")
    expect(phone.get_by_text("也用于甘肃、吉林")).to_be_visible()
    screens.look_at(phone, "roaming-mine")


def are_out(demo: Demo, phone: Page) -> None:
    for node in PLACES:
        phone.goto(f"{demo.nodes[node].address}/elsewhere/")
        expect(phone.get_by_role("button", name="退出")).to_have_count(0)


@contextmanager
def silent(demo: Demo, node: str) -> Iterator[None]:
    """While a node's pages say nothing, a request to them stays open."""
    pids = processes.family(demo.pid(node, "web") or 0)
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
