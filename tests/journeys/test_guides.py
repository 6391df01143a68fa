# SPDX-License-Identifier: Apache-2.0
"""A newcomer on a phone: from what has happened to the guide, and from there into the application."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.running import Demo, wait_until
from tests.journeys.screen import Screens, weigh
from tongban.demo.people import ORGANIZATIONS

pytestmark = pytest.mark.browser

GANSU = "620000"
PERMIT = f"/items/{ORGANIZATIONS['changsha-environment'].code}3000199011000/"
SUSPENDED = f"/items/{ORGANIZATIONS['changchun-fund'].code}3002099004000/"
HEAVIEST = 60_000  # bytes of a citizen page on the wire


@pytest.fixture
def phone(demo: Demo, screens: Screens) -> Page:
    """At home in Lanzhou, when the guides of the other provinces have arrived."""
    phone, at = screens.phone(), demo.nodes[GANSU].address
    demo.settle()
    wait_until(lambda: demo.count(GANSU, "catalogue_search_pending") == 0, lambda: "entering items for search")
    phone.goto(f"{at}/")
    return phone


def test_from_home_by_a_life_event_to_the_guide_and_on_to_the_application(
    demo: Demo, screens: Screens, phone: Page
) -> None:
    complaints, found = len(screens.complaints), len(screens.found_by_axe)
    phone.get_by_role("link", name="求职就业").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("求职就业")
    screens.look_at(phone, "topic")
    place = phone.get_by_role("listitem").filter(has_text="长沙市公安局（演示）").last
    place.get_by_role("link").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("开具无犯罪记录证明")
    screens.look_at(phone, "guide")
    expect(phone.get_by_role("img", name="开具无犯罪记录证明的办理流程")).to_be_visible()
    phone.get_by_role("link", name="要准备什么").click()
    assert phone.url.endswith("#materials")
    phone.get_by_role("link", name="开始办理").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("办理前，请先看一看")

    assert screens.complaints[complaints:] == []
    assert screens.found_by_axe[found:] == []


def test_every_way_of_looking_through_is_light_and_open_to_all(demo: Demo, screens: Screens, phone: Page) -> None:
    complaints, found = len(screens.complaints), len(screens.found_by_axe)
    at = demo.nodes[GANSU].address
    paths = {"topics": "/topics/", "departments": "/departments/", "regions": "/regions/", "region": "/regions/620100/"}
    for name, path in {**paths, "guide-branches": PERMIT, "guide-suspended": SUSPENDED}.items():
        phone.goto(at + path)
        screens.look_at(phone, name)
        total, parts = weigh(phone.context, at + path)
        assert total <= HEAVIEST, parts

    assert screens.complaints[complaints:] == []
    assert screens.found_by_axe[found:] == []


def test_the_guide_is_read_by_keyboard_and_without_javascript(demo: Demo, screens: Screens, phone: Page) -> None:
    plain = screens.phone(javascript=False)
    plain.goto(demo.nodes[GANSU].address + PERMIT)
    plain.get_by_text("用文字看流程").focus()
    plain.keyboard.press("Enter")
    expect(plain.get_by_role("listitem").filter(has_text="“现场核查”“技术评估”之后：审核")).to_be_visible()
    expect(plain.get_by_role("img", name="排污许可的办理流程")).to_be_visible()


def test_a_suspended_item_offers_no_beginning(demo: Demo, phone: Page) -> None:
    phone.goto(demo.nodes[GANSU].address + SUSPENDED)

    expect(phone.get_by_role("status").first).to_contain_text("暂停办理")
    expect(phone.get_by_role("status").first).to_contain_text("业务系统升级改造")
    expect(phone.get_by_role("link", name="开始办理")).to_have_count(0)


def test_the_guide_prints_on_few_sheets(demo: Demo, phone: Page) -> None:
    phone.goto(demo.nodes[GANSU].address + PERMIT)
    printed = phone.pdf(format="A4")

    assert printed.startswith(b"%PDF")
    assert printed.count(b"/Type /Page\n") + printed.count(b"/Type /Page/") <= 8
