# SPDX-License-Identifier: Apache-2.0
"""A large file on a phone whose line breaks: the page goes on by itself, another goes on where it stood, or it ends."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256, shake_128
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import urllib3
from playwright.sync_api import Page, Request, Route, expect

from tests.journeys.running import Demo
from tests.journeys.screen import PATIENCE, Screens
from tests.journeys.walking import LANZHOU, walk
from tongban.cases.actions.arriving import PART

pytestmark = pytest.mark.browser

NEED, NAME = "employer_letter", "用途说明.pdf"
REMOVE = f"form[action$='/{NEED}/remove/'] button"
PLACES = "**/drafts/*/uploads/*/"  # where a file's parts go
DATA = b"%PDF-1.7 " + shake_128(b"a plan").digest(2 * PART + 80)  # three parts
DRAFT = re.compile(r"(.*/drafts/[^/]+/)(materials|check)/")  # that far, whatever another test left in it
LINE_BROKE, SIGNED_OUT = "net::ERR_", "status of 401"  # what the browser itself notes of it


@dataclass
class Line:
    """A line that breaks as it is told: one word for each request, and afterwards it is whole."""

    breaks: list[str]
    sent: list[int] = field(default_factory=list)  # where each part that was sent began

    def carry(self, route: Route) -> None:
        request = route.request
        if request.method == "PATCH":
            self.sent.append(int(request.headers["upload-offset"]))
        match self.breaks.pop(0) if self.breaks else "":
            case "lost":
                route.abort("connectionreset")
            case "answer lost":  # the node has it, and the page does not know
                assert arrives(request) == 204
                route.abort("connectionreset")
            case _:
                route.continue_()


def arrives(request: Request) -> int:
    """Carry a request of the page to the node: what it answers."""
    place = urlsplit(request.url)
    dialed = place._replace(netloc=f"127.0.0.1:{place.port}").geturl()
    headers = request.all_headers() | {"host": place.netloc}
    return urllib3.request(request.method, dialed, body=request.post_data_buffer, headers=headers).status


@contextmanager
def line(phone: Page, *breaks: str) -> Iterator[Line]:
    """Every part goes this way."""
    made = Line([*breaks])
    phone.route(PLACES, made.carry)
    yield made
    phone.unroute(PLACES)


@pytest.fixture
def phone(demo: Demo, screens: Screens) -> Page:
    """At the materials of a draft, signed in, the rest filled in by an earlier visit."""
    story = walk(demo, LANZHOU)
    page = story.begin()
    while not (found := DRAFT.match(page.url)):
        page = story._step(page)
    materials = f"{found[1]}materials/"
    host = urlsplit(page.url).hostname or ""
    kept = story.citizen._cookies[host]
    opened = screens.phone()
    opened.context.add_cookies([{"name": name, "value": kept[name], "domain": host, "path": "/"} for name in kept])
    opened.goto(materials)
    while (given := opened.locator(REMOVE)).count():  # what another run left in this draft
        given.first.click()
        opened.wait_for_load_state()
    return opened


def test_a_file_goes_on_by_itself_and_on_another_page_where_the_line_broke(
    screens: Screens, phone: Page, tmp_path: Path
) -> None:
    file = tmp_path / NAME
    file.write_bytes(DATA)
    need = phone.locator(f"section[aria-labelledby=m-{NEED}]")
    chosen = phone.locator(f"#f-{NEED}")

    with line(phone, "", "", *["lost"] * 99) as broken:
        chosen.set_input_files(file)
        expect(need.get_by_role("status").get_by_text("网络断开，已上传 49%，正在重新连接…")).to_be_visible()
        screens.look_at(phone, "upload-broken")
        phone.reload()  # somebody who does not wait
    assert broken.sent[:2] == [0, PART]
    expect(need).to_contain_text(f"“{NAME}”还没有传完：已收到 4.2 MB，共 8.4 MB。请再选一次同一个文件")
    screens.look_at(phone, "upload-to-go-on")

    with line(phone, "", "answer lost", "lost") as broken:
        chosen.set_input_files(file)
        expect(need.get_by_text("已上传", exact=True)).to_be_visible(timeout=PATIENCE)
    assert broken.sent == [PART, 2 * PART]  # what had arrived is not sent again

    assert need.locator("[name=digest]").get_attribute("value") == f"sha256:{sha256(DATA).hexdigest()}"
    expect(need).not_to_contain_text(f"“{NAME}”还没有传完")
    screens.look_at(phone, "upload-whole")
    phone.locator(REMOVE).click()  # the draft is another test's as well
    assert [said for said in screens.complaints if LINE_BROKE not in said] == []
    assert screens.found_by_axe == []


def test_who_gives_up_is_rid_of_it_and_whose_session_ends_is_told_how_to_go_on(
    screens: Screens, phone: Page, tmp_path: Path
) -> None:
    file = tmp_path / NAME
    file.write_bytes(DATA)
    need = phone.locator(f"section[aria-labelledby=m-{NEED}]")
    chosen = phone.locator(f"#f-{NEED}")
    give_up, gone = need.get_by_role("button", name="放弃上传"), need.get_by_text("已经放弃上传")

    with line(phone, "", "", *["lost"] * 99):
        chosen.set_input_files(file)
        expect(need.get_by_text("网络断开，已上传 49%")).to_be_visible()
        screens.look_at(phone, "upload-under-way")
        give_up.click()
        expect(gone).to_be_visible()
    screens.look_at(phone, "upload-given-up")
    expect(need).not_to_contain_text("还没有传完")

    with line(phone, "", "", *["lost"] * 99):
        chosen.set_input_files(file)
        expect(need.get_by_text("网络断开，已上传 49%")).to_be_visible()
        session = phone.context.cookies()
        phone.context.clear_cookies()
    expect(need).to_contain_text(re.compile("登录已经到期。已收到的部分保留到 .+（从开始上传起 7 天）"))
    screens.look_at(phone, "upload-signed-out")
    phone.context.add_cookies([dict(cookie) for cookie in session])  # type: ignore[arg-type, misc]  signed in again
    need.get_by_role("link", name="重新登录").click()
    expect(need).to_contain_text("还没有传完：已收到 4.2 MB，共 8.4 MB")
    file.write_bytes(b"%PDF-1.6 " + DATA[9:])  # another by now, of the same name and size
    chosen.set_input_files(file)
    expect(need).to_contain_text("可能中途改过，没有保存，请从头上传。", timeout=PATIENCE)
    screens.look_at(phone, "upload-another-file")
    assert [said for said in screens.complaints if LINE_BROKE not in said and SIGNED_OUT not in said] == []
    assert screens.found_by_axe == []
