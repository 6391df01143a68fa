# SPDX-License-Identifier: Apache-2.0
"""Walks story one through real HTTP and says, line by line, what happened where and whether it is proven."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from tongban.demo import accounts, proofs, status
from tongban.demo.browser import Browser, Page, Unexpected
from tongban.demo.people import ORGANIZATIONS, PEOPLE
from tongban.demo.plan import HUB, Places, places
from tongban.demo.telling import Telling
from tongban.regions.trustlist import TrustList
from tongban.standards import clock
from tongban.standards.node import Node
from tongban.standards.refusal import Refusal

ITEM = "开具无犯罪记录证明"
PICTURE = b"\x89PNG\r\n\x1a\n" + b"a small picture of an identity card" * 60
FORM = {"from": "2016-01-01", "until": "2026-11-01", "residence": "兰州市城关区演示路1号", "receiver": "演示公司"}
PATIENCE = 30.0  # seconds for something to arrive from another node
PORTAL_STAFF = {"620000": "yanglei"}  # of the organization that takes in through the portal
START_WITHIN = 240  # seconds for a demo that was not running


@dataclass(frozen=True)
class Told:
    """One story: who asks where, who decides where."""

    title: str
    person: str
    intake: str
    handling: str
    office: str
    approver: str


STORIES = (
    Told("张伟在甘肃申请，湖南长沙办理", "zhang_wei", "620000", "430000", "changsha-police", "chenjing"),
    Told(
        "王芳·买买提在甘肃申请，吉林长春办理（国密 SM2）",
        "wang_fang",
        "620000",
        "220000",
        "changchun-police",
        "liuyang",
    ),
    Told(
        "周敏在甘肃申请，兰州办理（同一节点的两个机构，不经报文）",
        "zhou_min",
        "620000",
        "620000",
        "lanzhou-police",
        "zhaomin",
    ),
)


@dataclass
class Transcript:
    """What a person reads: elapsed seconds, node, event, proof."""

    telling: Telling
    nodes: dict[str, Node]
    began: float = field(default_factory=clock.monotonic)

    def say(self, code: str, event: str, proof: str = "") -> None:
        """One line."""
        elapsed = clock.monotonic() - self.began
        where = self.nodes[code].name.replace("通办节点（演示）", "").replace("（演示）", "")
        self.telling.say(f"{elapsed:7.2f} 秒  {where}  {event}{'  ✓ ' + proof if proof else ''}")


def run() -> int:
    """0 when everything was so, 1 at the first thing that was not. Starts the demo when it does not run."""
    here, telling = places(), Telling()
    found = status.pid_of(here) is not None
    try:
        if not found:
            telling.say("演示环境没有在运行，现在启动。")
            subprocess.run(
                [sys.executable, "-m", "tongban.cli", "demo", "up", "--detach"], check=True, timeout=START_WITHIN
            )
        _check(here, telling)
    except (Unexpected, proofs.NotProven, Refusal, subprocess.SubprocessError) as wrong:
        telling.say(f"不符：{wrong}")
        return 1
    finally:
        if not found:
            status.stop(here)
    telling.say("全部相符。")
    return 0


def _check(here: Places, telling: Telling) -> None:
    nodes = {node.code: node for node in here.nodes()}
    browser = Browser()
    handed = browser.get(f"{nodes[HUB].dial}/exchange/trust-list").body
    listed = proofs.trust_list(handed, proofs.anchor(proofs.entries(here), clock.now()))
    for told in STORIES:
        telling.say(f"\n{told.title}")
        Story(told, nodes, accounts.accounts(here), listed, Transcript(telling, nodes)).walk()


@dataclass
class Story:
    """One walk through one story."""

    told: Told
    nodes: dict[str, Node]
    people: list[dict[str, Any]]
    listed: TrustList
    transcript: Transcript
    citizen: Browser = field(default_factory=Browser)
    officer: Browser = field(default_factory=Browser)
    receipt: str = ""

    def walk(self) -> None:
        """From the search to the verified paper."""
        page = self._find_and_begin()
        self._fill_in(page)
        self._decide()
        paper = self._fetch()
        self._verify(paper)
        self._prove()

    # The applicant

    def _find_and_begin(self) -> Page:
        told, portal = self.told, self.nodes[self.told.intake].address
        code = self._task_code(f"{portal}/items/?q={ITEM}")
        self._say(told.intake, f"搜索到“{ITEM}”，办理机关是{ORGANIZATIONS[told.office].name}")
        page = self.citizen.get(f"{portal}/items/{code}/")
        _need(page, ITEM)
        page = self.citizen.send(self.citizen.get(f"{portal}/apply/{code}/").form(f"/apply/{code}/"))
        return self._sign_in(page)

    def _task_code(self, search: str) -> str:
        """The item's code off the search page; in a demo that has just begun the guides are still on their way."""
        place = f"/items/{ORGANIZATIONS[self.told.office].code}"
        page = self._until(
            lambda: self.citizen.get(search), lambda p: place in p.body.decode(), f"{self.told.office}的办事指南"
        )
        _, _, rest = page.body.decode().partition(place)
        return place.removeprefix("/items/") + rest.partition("/")[0]

    def _sign_in(self, page: Page) -> Page:
        """At the person's home node, then back."""
        person = next(one for one in PEOPLE if one.key == self.told.person)
        account = self._account(person.node, "applicant", person.phone)
        words = {"login": account["login"], "password": account["password"]}
        go = page.form("/sign-in/go")
        page = self.citizen.post(go.action, go.fields | {"home": person.node})
        if person.node == self.told.intake:
            page = self.citizen.send(page.form(), words)
        else:
            self._say(person.node, "在户籍地节点登录（OpenID Connect 授权码）")
            page = self._until(lambda: self.citizen.get(page.url), lambda p: not p.refresh, "户籍地节点的登录页面")
            page = self.citizen.send(page.form("/oidc/agree"), words, button="agree")
            page = self._until(lambda: self.citizen.get(page.url), lambda p: not p.refresh, "登录完成")
        self._say(self.told.intake, f"{person.name}已登录，回到申请")
        return page

    def _fill_in(self, page: Page) -> None:
        """One step a page until the receipt, with a mistake on the way."""
        mistaken = False
        for _ in range(20):
            if "/receipt/" in page.url:
                break
            if "/form/" in page.url and not mistaken:
                self._refused(page)
                mistaken = True
            page = self._step(page)
        else:
            raise Unexpected(f"申请没有走到回执，停在 {page.url}（{page.title}）。")
        self.receipt = page.url.rstrip("/").split("/")[-2]
        self._say(self.told.intake, f"收件，编号 {self.receipt}")
        again = self.citizen.get(page.url)
        _need(again, "收件不等于受理")

    def _step(self, page: Page) -> Page:
        if "/questions/" in page.url:
            return self.citizen.send(page.form(), {"option": "self" if "/who/" in page.url else "job"})
        if "/form/" in page.url:
            return self._filled(page)
        if "/materials/" in page.url:
            if "已上传" not in page.text:
                self.citizen.upload(page.form("/id_card/add/"), "file", "身份证.png", PICTURE, "image/png")
                self._say(self.told.intake, "上传材料")
            return self.citizen.send(page.form("/materials/"))
        if "/check/" in page.url:
            twice = self.citizen.send(page.form(), AGAIN)  # an earlier check may have left a case of the same item
            return self.citizen.send(page.form(), AGAIN) if "/receipt/" in twice.url else twice
        raise Unexpected(f"没有料到的页面 {page.url}（{page.title}，{page.status}）。")

    def _filled(self, page: Page) -> Page:
        answer = self.citizen.send(page.form(), FORM)
        if answer.status == 422:  # something that others left in this draft
            raise Unexpected(f"表单没有通过：{answer.url}（{answer.title}）。")
        return answer

    def _refused(self, page: Page) -> None:
        """A wrong date is refused beside its field, and what was typed stays."""
        typed = FORM | {"from": "昨天"}
        answer = self.citizen.send(page.form(), typed)
        if answer.status != 422 or answer.form().fields.get("receiver") != FORM["receiver"]:
            raise Unexpected(f"填错日期后应在原处提示并保留已填内容，实际是 {answer.status}。")
        self._say(self.told.intake, "填错的日期在原处提示，已填内容保留")

    # The authority

    def _decide(self) -> None:
        desk = self.nodes[self.told.handling].address
        account = self._account(self.told.handling, "approver", self.told.approver)
        words = {"login": account["login"], "password": account["password"]}
        self.officer.send(self.officer.get(f"{desk}/desk/sign-in/").form(), words)
        url = f"{desk}/desk/cases/{self.receipt}/"
        page = self._until(lambda: self.officer.get(url), lambda p: p.status == 200, "办件到达办理地")
        self._say(self.told.handling, "办理地已接收", "报文签名、顺序、保管链已核对")
        for move, facts, event in MOVES:
            page = self.officer.send(page.form(f"/moves/{move}/"), facts)
            if page.status != 200:
                raise Unexpected(f"{event}没有成功：{page.title}（{page.status}）。")
            self._say(self.told.handling, event)

    # The result

    def _fetch(self) -> bytes:
        portal = self.nodes[self.told.intake].address
        page = self._until(
            lambda: self.citizen.get(f"{portal}/cases/{self.receipt}/"),
            lambda p: any(form.action.endswith("/result/") for form in p.forms),
            "证明到达收件地",
        )
        paper = self.citizen.send(page.form("/result/"))
        if not paper.body.startswith(b"%PDF-"):
            raise Unexpected(f"下载的不是 PDF：{paper.kind}（{paper.status}）。")
        self._say(self.told.intake, f"申请人下载证明（{len(paper.body) // 1000} KB）")
        self._until(
            lambda: self.citizen.get(f"{portal}/cases/{self.receipt}/"), lambda p: "已办结" in p.text, "送达确认返回"
        )
        self._say(self.told.intake, "已办结，两地看到同一条时间线")
        return paper.body

    def _verify(self, paper: bytes) -> None:
        """At a node that had no part in it: the file is good, and one changed byte is not."""
        stranger = next(code for code in self.nodes if code not in (self.told.intake, self.told.handling, HUB))
        page = self.citizen.get(f"{self.nodes[stranger].address}/verify/")
        good = self.citizen.upload(page.form(), "file", "证明.pdf", paper, "application/pdf")
        place = len(paper) // 2
        changed = paper[:place] + bytes([paper[place] ^ 1]) + paper[place + 1 :]
        bad = self.citizen.upload(good.form(), "file", "证明.pdf", changed, "application/pdf")
        _need(good, "内容没有改动")
        _need(bad, "不要采信")
        self._say(stranger, "第三地验证证明文件", "签名有效；改动一个字节即不通过")

    def _prove(self) -> None:
        """Both nodes hold the same chain; every line is proven by the node that did not make it."""
        told = self.told
        there = proofs.lines(self._evidence(told.handling, "approver", told.approver), self.listed)
        here = proofs.lines(self._evidence(told.intake, "item_manager", PORTAL_STAFF[told.intake]), self.listed)
        if [(line.number, line.digest) for line in here] != [(line.number, line.digest) for line in there]:
            raise Unexpected("两地的办件链不一致。")
        for ours, theirs in zip(here, there, strict=True):
            line = theirs if ours.node == told.intake else ours
            self._say(line.node, f"链第 {line.number} 行 {line.move}", f"摘要相接，{line.how}")

    def _evidence(self, code: str, role: str, login: str) -> dict[str, Any]:
        token = self._account(code, role, login)["token"]
        url = f"{self.nodes[code].address}/api/v1/cases/{self.receipt}/evidence"
        answer = self.officer.get(url, {"Authorization": f"Bearer {token}"})
        if answer.status != 200:
            raise Unexpected(f"取不到证据：{answer.status}。")
        told: dict[str, Any] = msgspec.json.decode(answer.body)
        return told

    def _account(self, node: str, role: str, login: str) -> dict[str, Any]:
        return next(one for one in self.people if (one["node"], one["role"], one["login"]) == (node, role, login))

    def _say(self, code: str, event: str, proof: str = "") -> None:
        self.transcript.say(code, event, proof)

    def _until(self, look: Callable[[], Page], is_so: Callable[[Page], bool], what: str) -> Page:
        """Look again and again until it is so. Unexpected when it never is."""
        end = clock.monotonic() + PATIENCE
        while True:
            page = look()
            if is_so(page):
                return page
            if clock.monotonic() > end:
                raise Unexpected(f"{PATIENCE:.0f} 秒内没有等到：{what}（{page.url}，{page.title}，{page.status}）。")
            time.sleep(0.3)


AGAIN = {"again": "自检：另一家单位也需要一份。"}
MOVES: tuple[tuple[str, dict[str, str], str], ...] = (
    ("accept", {}, "受理，给出办件编号和办结期限"),
    ("sign_step", {"step": "review", "opinion": "材料齐全，经核查无犯罪记录。"}, "审查完毕"),
    ("grant", {"note": "同意出具。"}, "准予，证明开始制作和签章"),
)


def _need(page: Page, words: str) -> None:
    """Unexpected unless the page says these words."""
    if page.status != 200 or words not in page.text + page.title:
        raise Unexpected(f"{page.url} 应写有“{words}”，实际是“{page.title}”（{page.status}）。")
