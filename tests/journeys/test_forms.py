# SPDX-License-Identifier: Apache-2.0
"""A form whose fields hang on one another, in a real browser: they appear and vanish, or say when."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.running import Demo, wait_until
from tests.journeys.screen import Screens
from tests.journeys.test_browser import choose, start
from tests.people import CHANGSHA_POLICE, PASSWORD, ZHOU, staff
from tongban.catalogue.tests.forms import rich
from tongban.demo import setup

pytestmark = pytest.mark.browser

GANSU, HUNAN = "620000", "430000"
BASIC = "002099008000"
TASK = f"{CHANGSHA_POLICE.code}3{BASIC}"
PUBLISH = """
import json, sys
from pathlib import Path
from tongban.cli.at_home import as_node
as_node(Path(sys.argv[1]))
from tongban.catalogue.actions import publish, retire
from tongban.standards import clock
from tongban.standards.actor import system
told, how = json.load(sys.stdin), {"actor": system(sys.argv[2]), "at": clock.now()}
if "retire" in sys.argv:
    retire(told["task_code"], reason="测试结束。", **how)
else:
    publish(told, **how)
"""


@pytest.fixture(scope="module")
def published(demo: Demo) -> Iterator[Demo]:
    """Changsha has published an item with a rich form, and Gansu has heard of it; afterwards it is no more."""
    publisher = {"code": CHANGSHA_POLICE.code, "name": CHANGSHA_POLICE.name, "region": CHANGSHA_POLICE.region}
    words = rich(task_code=TASK, basic_code=BASIC, publisher=publisher, name="填表试验（测试）")
    home, said = demo.nodes[HUNAN].home, setup.environment(demo.nodes[HUNAN], demo.places)
    command = [sys.executable, "-c", PUBLISH, str(home), HUNAN]
    subprocess.run(command, input=json.dumps(words), env=said, text=True, check=True, timeout=120)
    statement = "SELECT count(*) FROM catalogue_item_version WHERE task_code = %s AND status = 'published'"
    wait_until(lambda: demo.rows(GANSU, statement, TASK)[0][0], lambda: "the item is on its way")
    yield demo
    subprocess.run([*command, "retire"], input=json.dumps(words), env=said, text=True, check=True, timeout=120)
    demo.settle()


def at_the_form(demo: Demo, phone: Page) -> None:
    """Signed in at home, the questions answered."""
    phone.goto(f"{demo.nodes[GANSU].address}/apply/{TASK}/")
    start(phone)
    phone.get_by_role("button", name="甘肃").click()
    phone.get_by_label("身份证号或手机号").fill(ZHOU.phone)
    phone.get_by_label("密码").fill(PASSWORD)
    phone.get_by_role("button", name="登录").click()
    phone.wait_for_url(f"{demo.nodes[GANSU].address}/drafts/**")
    if "/questions/" in phone.url:
        choose(phone, "委托他人")
        choose(phone, "否")
    if not phone.url.endswith("/form/"):
        phone.goto(phone.url.rpartition("/drafts/")[0] + "/drafts/" + phone.url.split("/drafts/")[1][:36] + "/form/")
    expect(phone.get_by_role("heading", level=1)).to_have_text("填写信息")


def test_fields_appear_and_vanish_at_once(published: Demo, screens: Screens, tmp_path: Path) -> None:
    phone, complaints, found = screens.phone(), len(screens.complaints), len(screens.found_by_axe)
    at_the_form(published, phone)
    screens.look_at(phone, "rich-form")
    which, stays = phone.get_by_label("用途说明"), phone.get_by_role("group", name="境外居住经历", exact=True)
    expect(which).to_be_hidden()
    expect(stays).to_be_hidden()

    phone.get_by_label("另有用途").check()
    expect(which).to_be_visible()
    phone.get_by_role("group", name="是否在境外使用").get_by_label("是", exact=True).check()
    expect(stays).to_be_visible()
    phone.get_by_label("求职").check()
    expect(stays).to_be_hidden()
    expect(phone.get_by_label("单位代码")).to_be_visible()
    phone.get_by_label("求职").uncheck()
    screens.look_at(phone, "rich-form-open")

    fill(phone)
    phone.get_by_label("份数").fill("0")
    phone.get_by_role("button", name="保存并继续").click()
    expect(phone.locator("[data-errors]")).to_be_focused()
    expect(phone.get_by_text("份数不能小于 1。").first).to_be_visible()
    expect(phone.get_by_label("已缴金额")).to_have_value("1200.50")
    screens.look_at(phone, "rich-form-refused")
    phone.get_by_label("份数").fill("1")
    phone.get_by_role("button", name="保存并继续").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("上传材料")
    screens.look_at(phone, "rich-materials")
    assert screens.complaints[complaints:] == []
    assert screens.found_by_axe[found:] == []


def fill(phone: Page) -> None:
    phone.get_by_label("受托人姓名").fill("李娜")
    phone.get_by_label("受托人证件号码").fill(ZHOU.id_number)
    phone.get_by_label("受托人手机号码").fill("199 0000 0002")
    phone.get_by_label("用途说明").fill("参加展会")
    phone.get_by_label("起日", exact=True).first.fill("2020-01-01")
    phone.get_by_label("止日").fill("2021-01-01")
    phone.get_by_label("已缴金额").fill("1,200.5")
    phone.get_by_label("国家").first.fill("日本")
    phone.get_by_label("起日", exact=True).last.fill("2020-02-01")


def test_without_the_script_every_field_says_when_it_is_filled_in(published: Demo, screens: Screens) -> None:
    phone, complaints, found = screens.phone(javascript=False), len(screens.complaints), len(screens.found_by_axe)
    at_the_form(published, phone)
    expect(phone.get_by_text("“用途”选“另有用途”时填写。")).to_be_visible()
    phone.get_by_label("求职").check()
    phone.get_by_label("另有用途").uncheck()
    phone.get_by_label("份数").fill("1")
    phone.get_by_role("button", name="保存，再加一行").click()
    screens.look_at_plain(phone, "rich-form-plain")

    expect(phone.get_by_label("用途说明")).to_have_value("")  # it did not apply, so nothing of it was kept
    assert screens.complaints[complaints:] == []
    assert screens.found_by_axe[found:] == []


def test_a_manager_tries_out_and_edits_with_a_form(published: Demo, screens: Screens) -> None:
    desk, complaints, found = screens.desk(), len(screens.complaints), len(screens.found_by_axe)
    who, home = staff("tangyi", HUNAN), published.nodes[HUNAN].address
    desk.goto(f"{home}/desk/sign-in/")
    desk.get_by_label("登录名").fill(who.login)
    desk.get_by_label("密码").fill(PASSWORD)
    desk.get_by_role("button", name="登录").click()
    desk.goto(f"{home}/desk/items/002099001000/")
    if desk.get_by_role("button", name="认领", exact=True).count():
        desk.get_by_role("button", name="认领", exact=True).click()
    desk.locator("aside").get_by_role("button", name="编制").or_(
        desk.get_by_role("link", name="打开草稿")
    ).first.click()
    desk.get_by_role("link", name="情形试走").click()
    desk.get_by_label("本人").first.check()
    desk.get_by_role("button", name="看结果").click()
    desk.get_by_label("求职").first.check()
    desk.get_by_role("button", name="看结果").click()
    expect(desk.get_by_role("heading", name="申请表")).to_be_visible()
    screens.look_at(desk, "try-out")
    desk.goto(desk.url.split("/try/")[0] + "/elements/form/")
    desk.locator("details.member > summary").nth(2).click()
    screens.look_at(desk, "edit-form")
    desk.goto(desk.url.replace("/form/", "/materials/"))
    screens.look_at(desk, "edit-materials")
    assert screens.complaints[complaints:] == []
    assert screens.found_by_axe[found:] == []
