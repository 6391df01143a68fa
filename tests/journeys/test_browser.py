# SPDX-License-Identifier: Apache-2.0
"""Story one in a real browser, by keyboard alone: a phone in Lanzhou, a desk in Changsha, a check in Jilin."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.keys import attach, chooser, go, open_move, pick, press, press_on, touch, write, write_in
from tests.journeys.running import Demo, wait_until
from tests.journeys.screen import Screens, weigh
from tests.people import CHANGSHA_POLICE, CHEN, PASSWORD, ZHANG
from tongban.demo.check import ITEM, PICTURE

pytestmark = pytest.mark.browser

GANSU, HUNAN, JILIN = "620000", "430000", "220000"
HEAVIEST = 60_000  # bytes of a citizen page on the wire
PAGES = ["/", "/items/", f"/items/?q={ITEM}", "/verify/", "/cases/", "/sign-in/here"]
DRAFT_PAGES = ["/questions/purpose/", "/form/", "/materials/", "/check/"]
RESIDENCE, RECEIVER = "兰州市城关区演示路1号", "演示公司"


@dataclass(frozen=True)
class Walked:
    """What one walk through the story left to be looked at."""

    new_cases: int
    looked_at: list[str]
    complaints: list[str]
    found_by_axe: list[str]
    weights: dict[str, tuple[int, dict[str, int]]]


@pytest.fixture(scope="module")
def walked(demo: Demo, screens: Screens, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    """The whole story, once: the claims below are about this walk."""
    phone, desk, folder = screens.phone(), screens.desk(), tmp_path_factory.mktemp("walk")
    cases = demo.count(GANSU, "cases_case")

    find(demo, screens, phone)
    sign_in(demo, screens, phone)
    draft = phone.url.rpartition("/questions/")[0]
    answer(screens, phone)
    fill_in(screens, phone)
    upload(screens, phone, folder)
    weights = weigh_all(phone, draft, DRAFT_PAGES)
    number = submit_twice(screens, phone)
    decide(demo, screens, desk, number)
    paper = fetch(demo, screens, phone, number)
    verify(demo, screens, phone, paper, folder)
    weights |= weigh_all(phone, demo.nodes[GANSU].address, [*PAGES, f"/cases/{number}/", f"/cases/{number}/receipt/"])

    new = demo.count(GANSU, "cases_case") - cases
    return Walked(new, screens.looked_at, screens.complaints, screens.found_by_axe, weights)


def weigh_all(phone: Page, at: str, paths: list[str]) -> dict[str, tuple[int, dict[str, int]]]:
    return {path: weigh(phone.context, at + path) for path in paths}


def test_the_story_is_walked_on_a_phone_and_decided_at_a_desk(walked: Walked) -> None:
    assert {"home", "form-refused", "receipt", "desk-accepted", "case-delivered", "verify-bad"} <= set(walked.looked_at)


def test_a_double_click_makes_one_case(walked: Walked) -> None:
    assert walked.new_cases == 1


def test_nothing_goes_wrong_behind_the_pages(walked: Walked) -> None:
    """No error on the console, nothing that the content security policy refused, nothing missing, nothing too wide."""
    assert walked.complaints == []


def test_axe_finds_nothing_on_any_page(walked: Walked) -> None:
    assert walked.found_by_axe == []


def test_every_citizen_page_is_light(walked: Walked) -> None:
    assert len(walked.weights) >= len(PAGES) + len(DRAFT_PAGES)
    assert {path: parts for path, (total, parts) in walked.weights.items() if total > HEAVIEST} == {}


def test_the_story_needs_no_javascript(demo: Demo, screens: Screens, tmp_path: Path) -> None:
    """The whole way of an applicant without the module: one page each, one POST each, and nothing lost or doubled."""
    phone = screens.phone(javascript=False)
    complaints, found = len(screens.complaints), len(screens.found_by_axe)
    find_plainly(demo, screens, phone)
    choose(phone, "本人")
    choose(phone, "求职")
    fill_in_plainly(screens, phone)
    upload_plainly(screens, phone, tmp_path)
    number = submit_plainly(screens, phone)

    assert demo.rows(GANSU, "SELECT count(*) FROM cases_material m JOIN cases_case c ON c.id = m.case_id "
                     "WHERE c.receipt_no = %s", number) == [(2,)]  # fmt: skip
    assert screens.complaints[complaints:] == []
    assert screens.found_by_axe[found:] == []


# The applicant's steps


def find(demo: Demo, screens: Screens, phone: Page) -> None:
    phone.goto(f"{demo.nodes[GANSU].address}/")
    screens.look_at(phone, "home")
    write(phone, "要办什么事", "无犯罪记录")
    press(phone, "查找")
    screens.look_at(phone, "items")
    open_guide(phone, CHANGSHA_POLICE.name)
    screens.look_at(phone, "guide")
    press(phone, "开始办理")
    screens.look_at(phone, "start")
    start(phone)


def open_guide(phone: Page, office: str) -> None:
    place = phone.get_by_role("listitem").filter(has_text=office)
    wait_until(lambda: place.count() or phone.reload() is None, phone.content)  # in a new demo guides are on their way
    press_on(phone, place.last.get_by_role("link", name=ITEM))  # the innermost: a name may have several places
    expect(phone.get_by_role("heading", level=1)).to_have_text(ITEM)


def start(phone: Page) -> None:
    press_on(phone, phone.locator("main form").get_by_role("button"))


def sign_in(demo: Demo, screens: Screens, phone: Page) -> None:
    screens.look_at(phone, "sign-in")
    press(phone, "湖南")
    expect(phone.get_by_label("密码")).to_be_visible()
    assert phone.url.startswith(demo.nodes[HUNAN].address)
    screens.look_at(phone, "sign-in-at-home")
    write(phone, "身份证号或手机号", ZHANG.phone)
    write(phone, "密码", "not the password")
    press(phone, "登录并同意")
    expect(phone.locator("[data-errors]")).to_be_focused()
    screens.look_at(phone, "sign-in-refused")
    with_password(phone)
    phone.wait_for_url(f"{demo.nodes[GANSU].address}/drafts/**")


def with_password(phone: Page) -> None:
    write(phone, "密码", PASSWORD)
    press(phone, "登录并同意")


def answer(screens: Screens, phone: Page) -> None:
    press(phone, "下一步")
    expect(phone.locator("[data-errors]")).to_be_focused()
    screens.look_at(phone, "question-refused")
    choose(phone, "本人")
    screens.look_at(phone, "question")
    choose(phone, "求职")


def choose(phone: Page, words: str) -> None:
    heading = phone.get_by_role("heading", level=1).inner_text()
    pick(phone, phone.get_by_role("radio").and_(phone.get_by_label(words)).first)
    press(phone, "下一步")
    expect(phone.get_by_role("heading", level=1)).not_to_have_text(heading)


def fill_in(screens: Screens, phone: Page) -> None:
    """With one mistake: the summary is read first, and nothing typed is lost."""
    expect(phone.get_by_role("heading", level=1)).to_have_text("填写信息")
    screens.look_at(phone, "form")
    fill_in_form(phone, until="")
    press(phone, "保存并继续")
    expect(phone.locator("[data-errors]")).to_be_focused()
    expect(phone.get_by_label("查询期间的止日")).to_have_attribute("aria-invalid", "true")
    expect(phone.get_by_label("证明交给哪个单位")).to_have_value(RECEIVER)
    expect(phone.get_by_label("现居住地址")).to_have_value(RESIDENCE)
    screens.look_at(phone, "form-refused")
    touch(phone, phone.locator("[data-errors] a").first)
    expect(phone.get_by_label("查询期间的止日")).to_be_focused()
    write(phone, "查询期间的止日", "2026-11-01")
    press(phone, "保存并继续")


def fill_in_form(phone: Page, until: str = "2026-11-01", receiver: str = RECEIVER) -> None:
    write(phone, "查询期间的起日", "2016-01-01")
    write(phone, "查询期间的止日", until)
    write(phone, "现居住地址", RESIDENCE)
    write(phone, "证明交给哪个单位", receiver)


def upload(screens: Screens, phone: Page, tmp_path: Path) -> None:
    expect(phone.get_by_role("heading", level=1)).to_have_text("上传材料")
    screens.look_at(phone, "materials")
    press(phone, "继续，核对申请")
    expect(phone.locator("[data-errors]")).to_be_focused()
    screens.look_at(phone, "materials-refused")
    attach(phone, "选择文件：申请人居民身份证", tmp_path / "身份证.png")
    expect(phone.get_by_text("已上传").first).to_be_visible()
    screens.look_at(phone, "materials-given")
    press(phone, "继续，核对申请")
    expect(phone.get_by_role("heading", level=1)).to_have_text("提交前，请核对")


def send_button(phone: Page) -> Locator:
    """The button that submits; where another journey left a case of the same item, a reason is given first."""
    reason = phone.get_by_label("仍要再次申请的理由")
    if not reason.count():
        return phone.get_by_role("button", name="确认并提交申请")
    write_in(phone, reason, "两家单位各需要一份。")
    return phone.get_by_role("button", name="仍要再次申请")


def submit_twice(screens: Screens, phone: Page) -> str:
    screens.look_at(phone, "check")
    go(phone, send_button(phone))
    for _ in range(2):  # an impatient finger
        phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", name="申请已提交")).to_be_visible()
    screens.look_at(phone, "receipt")
    return phone.url.rstrip("/").split("/")[-2]


# The same without JavaScript


def find_plainly(demo: Demo, screens: Screens, phone: Page) -> None:
    phone.goto(f"{demo.nodes[GANSU].address}/")
    write(phone, "要办什么事", ITEM)
    press(phone, "查找")
    open_guide(phone, CHANGSHA_POLICE.name)
    press(phone, "开始办理")
    start(phone)
    phone.get_by_role("button", name="湖南").click()
    phone.get_by_label("身份证号或手机号").fill(ZHANG.phone)
    with_password(phone)
    phone.wait_for_url(f"{demo.nodes[GANSU].address}/drafts/**")
    screens.look_at_plain(phone, "plain-question")


def fill_in_plainly(screens: Screens, phone: Page) -> None:
    fill_in_form(phone, until="")
    phone.get_by_role("button", name="保存并继续").click()
    expect(phone.get_by_role("alert")).to_contain_text("查询期间的止日")
    expect(phone.get_by_label("现居住地址")).to_have_value(RESIDENCE)
    screens.look_at_plain(phone, "plain-form-refused")
    phone.get_by_label("查询期间的止日").fill("2026-11-01")
    phone.get_by_role("button", name="保存并继续").click()


def upload_plainly(screens: Screens, phone: Page, folder: Path) -> None:
    """A picture too large, one form sent twice, a file over the bound of all and one just below it."""
    screens.look_at_plain(phone, "plain-materials")
    card, letter = "申请人居民身份证", "用人单位或者学校出具的用途说明"
    send_plainly(phone, folder, card, "大照片.png", PICTURE + bytes(5_500_000))
    expect(phone.get_by_role("alert")).to_contain_text("文件超过 5 MB")
    screens.look_at_plain(phone, "plain-materials-refused")
    phone.goto(phone.url.removesuffix("id_card/add/"))
    send_plainly(phone, folder, card, "身份证.png", PICTURE)
    expect(phone.get_by_text("身份证.png").first).to_be_visible()
    phone.go_back()
    send_plainly(phone, folder, card, "身份证.png", PICTURE)
    expect(phone.get_by_role("status").filter(has_text="没有重复添加")).to_be_visible()
    screens.look_at_plain(phone, "plain-materials-again")
    send_plainly(phone, folder, letter, "用途说明.pdf", b"%PDF-1.7\n" + bytes(21_500_000))
    expect(phone.get_by_role("alert")).to_contain_text("超过 20 MB")
    expect(phone.get_by_text("身份证.png").first).to_be_visible()
    screens.look_at_plain(phone, "plain-materials-large")
    send_plainly(phone, folder, letter, "用途说明.pdf", b"%PDF-1.7\n" + bytes(19_900_000))
    expect(phone.get_by_text("用途说明.pdf").first).to_be_visible()
    phone.get_by_role("button", name="继续，核对申请").click()


def send_plainly(phone: Page, folder: Path, requirement: str, name: str, data: bytes) -> None:
    (folder / name).write_bytes(data)
    place = phone.locator("form").filter(has=phone.get_by_label(f"：{requirement}"))
    place.get_by_label(f"：{requirement}").set_input_files(folder / name)
    place.get_by_role("button", name="上传", exact=True).click()


def submit_plainly(screens: Screens, phone: Page) -> str:
    expect(phone.get_by_role("heading", level=1)).to_have_text("提交前，请核对")
    screens.look_at_plain(phone, "plain-check")
    send_button(phone).click()
    expect(phone.get_by_role("heading", name="申请已提交")).to_be_visible()
    screens.look_at_plain(phone, "plain-receipt")
    phone.get_by_role("link", name="查看进度").click()
    expect(phone.get_by_role("heading", name=ITEM)).to_be_visible()
    expect(phone.get_by_text("提交申请").first).to_be_visible()
    screens.look_at_plain(phone, "plain-case")
    return phone.url.rstrip("/").split("/")[-1]


# The authority


def decide(demo: Demo, screens: Screens, desk: Page, number: str) -> None:
    at = demo.nodes[HUNAN].address
    desk.goto(f"{at}/desk/")
    screens.look_at(desk, "desk-sign-in")
    write(desk, "登录名", CHEN.login)
    write(desk, "密码", PASSWORD)
    press(desk, "登录")
    row = desk.get_by_role("row").filter(has_text=number)
    for _ in range(60):
        if row.count():
            break
        desk.wait_for_timeout(500)
        desk.goto(f"{at}/desk/?q={number}")
    screens.look_at(desk, "worklist")
    press_on(desk, row.get_by_role("link"))
    screens.look_at(desk, "desk-submitted")
    make_move(desk, "受理")
    screens.look_at(desk, "desk-accepted")
    press_on(desk, desk.locator("details[name=move][open] form").get_by_role("button").first)
    expect(desk.locator("[data-errors]")).to_be_focused()
    screens.look_at(desk, "desk-refused")
    make_move(desk, "审查", "材料齐全，经核查无犯罪记录。")
    make_move(desk, "准予", "同意出具。")
    screens.look_at(desk, "desk-granted")


def make_move(desk: Page, label: str, words: str = "") -> None:
    if not words:
        press_on(desk, desk.locator("form.straight").get_by_role("button", name=label, exact=True))
    else:
        details = open_move(desk, label)
        write_in(desk, details.get_by_role("textbox").first, words)
        press_on(desk, details.get_by_role("button", name="确认"))
    expect(desk.get_by_role("status").filter(has_text="已办理")).to_be_visible()


# The result


def fetch(demo: Demo, screens: Screens, phone: Page, number: str) -> bytes:
    phone.goto(f"{demo.nodes[GANSU].address}/cases/{number}/")
    download = phone.get_by_role("button", name="下载电子文件")
    expect(download).to_be_visible(timeout=120_000)  # the page looks again by itself
    expect(phone.locator("li.hop").first).to_be_visible()
    screens.look_at(phone, "case-issued")
    with phone.expect_download() as began:
        touch(phone, download)
    phone.goto(f"{demo.nodes[GANSU].address}/cases/{number}/")
    expect(phone.get_by_text("已办结").first).to_be_visible(timeout=120_000)
    screens.look_at(phone, "case-delivered")
    phone.goto(f"{demo.nodes[GANSU].address}/cases/")
    screens.look_at(phone, "cases")
    return Path(began.value.path()).read_bytes()


def verify(demo: Demo, screens: Screens, phone: Page, paper: bytes, tmp_path: Path) -> None:
    place = len(paper) // 2
    changed = paper[:place] + bytes([paper[place] ^ 1]) + paper[place + 1 :]
    phone.goto(f"{demo.nodes[JILIN].address}/verify/")
    screens.look_at(phone, "verify")
    for name, words, data in (("good", "文件真实，内容没有改动", paper), ("bad", "请不要采信", changed)):
        file = tmp_path / f"{name}.pdf"
        file.write_bytes(data)
        chooser(phone, phone.get_by_label("选择文件：要验证的文件")).set_files(file)
        press_on(phone, phone.get_by_role("button", name="验证", exact=True))
        expect(phone.get_by_role("status").filter(has_text=words)).to_be_visible()
        screens.look_at(phone, f"verify-{name}")
