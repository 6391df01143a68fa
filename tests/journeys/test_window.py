# SPDX-License-Identifier: Apache-2.0
"""Story two in a real browser: the clerk and the office touch the keyboard only."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.keys import attach, go, open_move, press, press_on, title, write
from tests.journeys.running import Demo
from tests.journeys.screen import Screens
from tests.people import MA, PASSWORD, ZHANG, staff

pytestmark = pytest.mark.browser

GANSU, HUNAN = "620000", "430000"
HE = staff("hefang", HUNAN)


@dataclass(frozen=True)
class Walked:
    """What one walk left to be looked at."""

    number: str
    looked_at: list[str]
    complaints: list[str]
    found_by_axe: list[str]


@pytest.fixture(scope="module")
def walked(demo: Demo, screens: Screens, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    """Taking in, a correction asked for, handed in as a request, and confirmed."""
    desk, office, folder = screens.desk(), screens.desk(), tmp_path_factory.mktemp("window")
    sign_in(demo, screens, desk)
    applicant(screens, desk)
    item(screens, desk)
    situation(screens, desk)
    materials(screens, desk, folder)
    number = verdict(screens, desk)
    asks_for_correction(demo, screens, office, number)
    hands_in(demo, screens, desk, number, folder)
    return Walked(number, screens.looked_at, screens.complaints, screens.found_by_axe)


def test_a_clerk_takes_in_by_keyboard_alone(walked: Walked) -> None:
    assert {"window-match", "window-materials", "window-done", "window-asked"} <= set(walked.looked_at)


def test_nothing_goes_wrong_behind_the_pages(walked: Walked) -> None:
    assert walked.complaints == []


def test_axe_finds_nothing_on_any_page(walked: Walked) -> None:
    assert walked.found_by_axe == []


def test_the_operator_sees_how_the_node_stands(demo: Demo, screens: Screens) -> None:
    desk = screens.desk()
    found = len(screens.found_by_axe)
    enter(demo, desk, GANSU, "sunqiang")
    desk.goto(f"{demo.nodes[GANSU].address}/desk/operations/")
    lines = desk.get_by_role("region", name="其他节点")
    expect(lines.get_by_role("row").filter(has_text="湖南")).to_contain_text("正常")
    screens.look_at(desk, "operations")
    assert screens.found_by_axe[found:] == []


# The window


def enter(demo: Demo, desk: Page, node: str, login: str) -> None:
    desk.goto(f"{demo.nodes[node].address}/desk/")
    write(desk, "登录名", login)
    write(desk, "密码", PASSWORD)
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("button", name="退出")).to_be_visible()


def sign_in(demo: Demo, screens: Screens, desk: Page) -> None:
    enter(demo, desk, GANSU, MA.login)
    screens.look_at(desk, "window-cases")
    press(desk, "收件")
    title(desk, "收件")
    screens.look_at(desk, "window-intakes")
    expect(desk.get_by_role("button", name="开始收件")).to_be_focused()
    desk.keyboard.press("Enter")


def applicant(screens: Screens, desk: Page) -> None:
    """First a wrong name, then the right one: nothing typed is lost."""
    title(desk, "申请人是谁")
    expect(desk.get_by_label("姓名", exact=True)).to_be_focused()
    screens.look_at(desk, "window-applicant")
    write(desk, "姓名", "张威")
    write(desk, "证件号码", ZHANG.id_number[:-1])
    write(desk, "手机号码", ZHANG.phone)
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-errors]")).to_be_focused()
    screens.look_at(desk, "window-applicant-refused")
    write(desk, "证件号码", ZHANG.id_number)
    desk.keyboard.press("Enter")
    title(desk, "不一致")
    screens.look_at(desk, "window-mismatch")
    expect(desk.get_by_role("link", name="更正后重新核验")).to_be_focused()
    press(desk, "更正后重新核验")
    press(desk, "显示并更正")
    write(desk, "姓名", ZHANG.name)
    desk.keyboard.press("Enter")
    title(desk, "身份核验通过")
    screens.look_at(desk, "window-match")
    expect(desk.get_by_role("link", name="下一步：选择事项")).to_be_focused()
    desk.keyboard.press("Enter")


def item(screens: Screens, desk: Page) -> None:
    title(desk, "办理什么事项")
    expect(desk.get_by_role("searchbox")).to_be_focused()
    desk.keyboard.insert_text("缴存使用证明 长沙")
    desk.keyboard.press("Enter")
    choose = desk.get_by_role("button", name="办这项").first
    expect(choose).to_be_focused()
    screens.look_at(desk, "window-item")
    desk.keyboard.press("Enter")


def situation(screens: Screens, desk: Page) -> None:
    title(desk, "情形与填写")
    expect(desk.get_by_role("radio", name="本人办理")).to_be_focused()
    desk.keyboard.press("Space")
    screens.look_at(desk, "window-situation")
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-errors]")).to_be_focused()
    screens.look_at(desk, "window-situation-refused")
    write(desk, "拟申请贷款的城市", "兰州市")
    desk.keyboard.press("Enter")


def materials(screens: Screens, desk: Page, folder: Path) -> None:
    title(desk, "材料核对")
    expect(desk.get_by_role("radio", name="符合", exact=True)).to_be_focused()
    desk.keyboard.press("Enter")
    expect(desk.locator("[data-errors]")).to_be_focused()
    screens.look_at(desk, "window-materials-refused")
    go(desk, desk.get_by_role("radio", name="符合", exact=True))
    desk.keyboard.press("Space")
    attach(desk, "的扫描件", folder / "身份证.png")
    assert desk.get_by_label("的扫描件").first.evaluate("here => here.files.length") == 1
    go(desk, desk.get_by_label("收取纸质原件"))
    desk.keyboard.press("Space")
    press(desk, "上传并留在本页")
    expect(desk.get_by_text("身份证.png").first).to_be_visible()
    screens.look_at(desk, "window-materials")
    press(desk, "保存，去下结论")


def verdict(screens: Screens, desk: Page) -> str:
    title(desk, "送达方式与结论")
    write(desk, "原件的快递单号", "SF0000000001")
    screens.look_at(desk, "window-verdict")
    press(desk, "确认结论")
    title(desk, "已收件")
    expect(desk.get_by_role("link", name="下载并打印")).to_be_visible(timeout=120_000)
    expect(desk.get_by_role("button", name="下一位申请人")).to_be_focused()
    screens.look_at(desk, "window-done")
    return "".join(desk.locator(".done .part").all_inner_texts())


# The office, and the window again


def asks_for_correction(demo: Demo, screens: Screens, office: Page, number: str) -> None:
    enter(demo, office, HUNAN, HE.login)
    found = office.get_by_role("row").filter(has_text=number)
    until(office, f"{demo.nodes[HUNAN].address}/desk/?q={number}", found)
    press_on(office, found.get_by_role("link"))
    screens.look_at(office, "office-collected")
    form = open_move(office, "一次性告知补正")
    write(office, "需要补正的全部内容", "请补交身份证背面。")
    press(office, "预览补正告知书")
    title(office, "预览：补正告知书")
    screens.look_at(office, "office-preview")
    press(office, "返回修改")
    press_on(office, form.get_by_role("button", name="确认一次性告知补正"))
    expect(office.get_by_role("status").filter(has_text="已办理")).to_be_visible()


def hands_in(demo: Demo, screens: Screens, desk: Page, number: str, folder: Path) -> None:
    waiting = desk.get_by_role("row").filter(has_text=number).filter(has_text="等本窗口代交补正")
    until(desk, f"{demo.nodes[GANSU].address}/desk/", waiting)
    screens.look_at(desk, "window-correction")
    press_on(desk, waiting.get_by_role("link"))
    title(desk, "出具贷款职工")
    open_move(desk, "代交补正材料")
    write(desk, "补正说明", "补交身份证背面。")
    attach(desk, "补交“申请人居民身份证", folder / "背面.png")
    press(desk, "代交补正材料")
    expect(desk.get_by_role("status").filter(has_text="已提交，等待")).to_be_visible()
    screens.look_at(desk, "window-asked")


def until(desk: Page, url: str, found: Locator) -> None:
    """Look again until it is there: another node needs a moment."""
    for _ in range(120):
        desk.goto(url)
        if found.count():
            return
        desk.wait_for_timeout(500)
    raise AssertionError(f"not found at {url}")
