# SPDX-License-Identifier: Apache-2.0
"""A security key in a real browser: added, asked for at the next sign-in, and worth nothing to another."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.running import Demo
from tests.journeys.screen import Screens
from tests.people import PASSWORD, staff

pytestmark = pytest.mark.browser

HUNAN = "430000"
WEN = staff("wenjie", HUNAN)  # whom no other journey signs in
KEY = {
    "protocol": "ctap2",
    "transport": "usb",
    "hasResidentKey": False,
    "hasUserVerification": False,
    "automaticPresenceSimulation": True,
}


def test_who_added_a_security_key_signs_in_with_it_and_not_without(demo: Demo, screens: Screens) -> None:
    desk = screens.desk()
    plug_in(desk)
    sign_in(demo, desk)
    desk.goto(f"{demo.nodes[HUNAN].address}/desk/sign-in/mine/")
    screens.look_at(desk, "my-sign-ins")
    desk.get_by_role("button", name="添加安全密钥").click()
    expect(desk.get_by_role("heading", name="请记下恢复码")).to_be_visible()
    codes = desk.locator(".codes li").all_inner_texts()
    screens.look_at(desk, "recovery-codes")
    desk.get_by_role("link", name="已记下").click()
    desk.get_by_role("button", name="退出").first.click()

    sign_in(demo, desk)
    screens.look_at(desk, "second-step")
    desk.get_by_role("button", name="使用安全密钥").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("办件")

    other = screens.desk()  # another machine, with another key
    plug_in(other)
    sign_in(demo, other)
    other.get_by_role("button", name="使用安全密钥").click()
    expect(other.get_by_text("没有读到安全密钥")).to_be_visible()
    other.get_by_label("恢复码").fill(codes[0])
    other.get_by_role("button", name="登录").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("办件")
    assert (screens.complaints, screens.found_by_axe) == ([], [])


def plug_in(desk: Page) -> None:
    """A key of its own for this browser."""
    devices = desk.context.new_cdp_session(desk)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})


def sign_in(demo: Demo, desk: Page) -> None:
    desk.goto(f"{demo.nodes[HUNAN].address}/desk/sign-in/")
    desk.get_by_label("登录名").fill(WEN.login)
    desk.get_by_label("密码").fill(PASSWORD)
    desk.get_by_role("button", name="登录").click()
