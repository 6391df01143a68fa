# SPDX-License-Identifier: Apache-2.0
"""Story one walked by people who try again when a page does not answer, and who can be interrupted on the way."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Timer
from typing import Any

import urllib3

from tests.journeys.running import Demo
from tongban.demo import proofs
from tongban.demo.browser import Browser, Page, Unexpected
from tongban.demo.check import MOVES, PORTAL_STAFF, STORIES, Story, Told, Transcript
from tongban.demo.proofs import Proven
from tongban.demo.telling import Telling
from tongban.standards import clock

PATIENCE = 120.0  # seconds: the machine may be busy with other tests
HUNAN, JILIN, LANZHOU = STORIES
MIDDLE = ("收件", "办理地已接收", "受理", "审查完毕", "准予", "申请人下载证明")  # events from submit to delivery


class Patient(Browser):
    """Somebody who loads the page again when nothing or a fault came back, as people do."""

    def __init__(self) -> None:
        super().__init__()
        self.tried_again = 0

    def _once(self, method: str, url: str, body: bytes, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        end = clock.monotonic() + PATIENCE
        while True:
            try:
                answer = super()._once(method, url, body, headers)
            except Unexpected:
                if clock.monotonic() > end:
                    raise
            else:
                if answer.status != 503 or clock.monotonic() > end:
                    return answer
            self.tried_again += 1
            time.sleep(0.3)


@dataclass
class Interrupted(Transcript):
    """A transcript that strikes a moment after one of the events."""

    after: str = ""
    delay: float = 0.0  # seconds
    strike: Callable[[], None] = lambda: None
    struck: bool = False

    def say(self, code: str, event: str, proof: str = "") -> None:
        super().say(code, event, proof)
        if event.startswith(self.after) and not self.struck:
            self.struck = True
            Timer(self.delay, self.strike).start()


@dataclass
class Walk(Story):
    """The demo's own story with patience."""

    citizen: Browser = field(default_factory=Patient)
    officer: Browser = field(default_factory=Patient)

    def begin(self) -> Page:
        """Search, read, sign in at home, come back."""
        return self._find_and_begin()

    def submit(self, page: Page) -> None:
        """Fill in, upload, submit; a receipt number is there afterwards."""
        self._fill_in(page)

    def end(self) -> list[Proven]:
        """From the authority's desk to the proofs. The lines of the chain, the same at both nodes."""
        self._decide()
        self._verify(self._fetch())
        self._prove()
        return self.lines()

    def lines(self) -> list[Proven]:
        """The chain as the intake node holds it, every line proven."""
        told = self.told
        return proofs.lines(self._evidence(told.intake, "item_manager", PORTAL_STAFF[told.intake]), self.listed)

    def case_page(self) -> Page:
        """What the applicant sees."""
        return self.citizen.get(f"{self.nodes[self.told.intake].address}/cases/{self.receipt}/")

    def _decide(self) -> None:
        """As in the demo; when an answer was lost on the way, the page says whether the move was made."""
        desk = self.nodes[self.told.handling].address
        account = self._account(self.told.handling, "approver", self.told.approver)
        words = {"login": account["login"], "password": account["password"]}
        self.officer.send(self.officer.get(f"{desk}/desk/sign-in/").form(), words)
        url = f"{desk}/desk/cases/{self.receipt}/"
        self._until(lambda: self.officer.get(url), lambda p: p.status == 200, "办件到达办理地")
        self._say(self.told.handling, "办理地已接收")
        for move, facts, event in MOVES:
            page = self.officer.get(url)
            answer = self.officer.send(page.form(f"/moves/{move}/"), facts)
            again = self.officer.get(url)
            if answer.status not in (200, 409) or _offers(again, move):
                raise Unexpected(f"{event}没有成功：{answer.title}（{answer.status}）。")
            self._say(self.told.handling, event)

    def _until(self, look: Callable[[], Page], is_so: Callable[[Page], bool], what: str) -> Page:
        end = clock.monotonic() + PATIENCE
        while not is_so(page := look()):
            if clock.monotonic() > end:
                raise Unexpected(f"{PATIENCE:.0f} 秒内没有等到：{what}（{page.url}，{page.title}，{page.status}）。")
            time.sleep(0.3)
        return page


def _offers(page: Page, move: str) -> bool:
    return any(form.action.endswith(f"/moves/{move}/") for form in page.forms)


def walk(demo: Demo, told: Told, transcript: Transcript | None = None) -> Walk:
    """A story of this demo, not yet begun."""
    said = transcript or Transcript(Telling(), demo.nodes)
    return Walk(told=told, nodes=demo.nodes, people=demo.accounts, listed=demo.listed, transcript=said)


def counted(demo: Demo, told: Told) -> dict[str, Any]:
    """What must grow by exactly one when a story is walked once."""
    return {
        "cases at the intake": demo.count(told.intake, "cases_case"),
        "cases where they are decided": demo.count(told.handling, "cases_case"),
        "licences where they are issued": demo.count(
            told.handling, "licences_licence WHERE NOT is_notice AND case_id IS NOT NULL"
        ),
    }


class Plain(Browser):
    """A browser that also shows an answer just as it came, redirects included."""

    def ask(
        self, method: str, url: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> urllib3.BaseHTTPResponse:
        """One request, one answer."""
        return self._once(method, url, body, headers or {})

    def sign_in(self, demo: Demo, node: str, login: str) -> "Plain":
        """As somebody of this node: staff at the desk, others at the portal."""
        account = demo.account(node, login)
        door = "/sign-in/here" if account["role"] == "applicant" else "/desk/sign-in/"
        form = self.get(f"{demo.nodes[node].address}{door}").form()
        page = self.send(form, {"login": login, "password": account["password"]})
        assert page.status == 200, page.title
        return self
