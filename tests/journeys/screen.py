# SPDX-License-Identifier: Apache-2.0
"""A real Chromium for journeys: it collects what goes wrong on every page it opens."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, sync_playwright

from tests.journeys.running import Demo

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000  # milliseconds for anything a page does
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
SCREENSHOTS = "TONGBAN_SCREENSHOTS"  # a folder, for whoever wants to look
EXPECTED = ("status of 422",)  # a form that was refused on purpose is answered with it
WATCH = (
    "addEventListener('securitypolicyviolation', e => console.error('CSP ' + e.violatedDirective + ' ' + e.blockedURI))"
)


@dataclass
class Screens:
    """Windows of one browser, and all that they complained about."""

    demo: Demo
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    found_by_axe: list[str] = field(default_factory=list)
    looked_at: list[str] = field(default_factory=list)
    axe: Axe = field(default_factory=Axe)

    def phone(self, *, javascript: bool = True) -> Page:
        """A citizen's phone."""
        return self._window(PHONE, javascript=javascript, is_mobile=True, has_touch=True)

    def desk(self) -> Page:
        """An officer's screen."""
        return self._window(DESK, javascript=True)

    def _window(self, size: Any, *, javascript: bool, **more: Any) -> Page:
        context = self.browser.new_context(
            viewport=size, locale="zh-CN", timezone_id="Asia/Shanghai", java_script_enabled=javascript, **more
        )
        context.set_default_timeout(PATIENCE)
        context.add_init_script(WATCH)
        page = context.new_page()
        page.on("console", lambda said: self._hear(page, said))
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("response", self._notice)
        # The browser is told to hand file choosers over only while somebody listens, and it hears of a new
        # listener later than of the next key: so somebody listens from the beginning.
        page.on("filechooser", lambda chooser: None)
        return page

    def _hear(self, page: Page, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning") and not any(words in said.text for words in EXPECTED):
            self.complaints.append(f"{page.url}: {said.type}: {said.text}")

    def _notice(self, answer: Response) -> None:
        if answer.status >= 500 or (answer.status == 404 and "favicon" not in answer.url):
            self.complaints.append(f"{answer.url}: {answer.status}")

    def look_at_plain(self, page: Page, name: str) -> None:
        """The same for a page whose scripts are off: axe is one, so it reads a copy without our own."""
        self._picture(page, name)
        html, copy = page.content(), self._window(PHONE, javascript=True, is_mobile=True)
        copy.context.add_cookies([dict(cookie) for cookie in page.context.cookies()])  # type: ignore[arg-type, misc]
        copy.route("**/tongban/*.js*", lambda route: route.fulfill(body="", content_type="text/javascript"))
        copy.route(page.url, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
        copy.goto(page.url)
        self._read(copy, name)
        copy.context.close()

    def look_at(self, page: Page, name: str) -> None:
        """Let axe read the page; keep a picture when a folder is named."""
        self._picture(page, name)
        self._read(page, name)

    def _picture(self, page: Page, name: str) -> None:
        self.looked_at.append(name)
        if folder := os.environ.get(SCREENSHOTS):
            page.screenshot(path=f"{folder}/{name}.png", full_page=True)

    def _read(self, page: Page, name: str) -> None:
        for violation in self.axe.run(page).response["violations"]:
            nodes = "; ".join(str(node["html"])[:160] for node in violation["nodes"][:3])
            self.found_by_axe.append(f"{name}: {violation['id']} ({violation['impact']}): {nodes}")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            self.complaints.append(f"{name}: wider than the screen")


def weigh(context: BrowserContext, url: str) -> tuple[int, dict[str, int]]:
    """Bytes on the wire, heads included, when the page is opened for the first time; and of each part."""
    page = context.new_page()
    session = context.new_cdp_session(page)
    parts: dict[str, str] = {}
    weights: dict[str, int] = {}
    session.on("Network.requestWillBeSent", lambda told: parts.update({told["requestId"]: told["request"]["url"]}))
    session.on(
        "Network.loadingFinished",
        lambda told: weights.update({parts[told["requestId"]]: int(told["encodedDataLength"])}),
    )
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    page.goto(url, wait_until="load")
    page.wait_for_timeout(200)
    page.close()
    return sum(weights.values()), weights


@contextmanager
def screens_of(demo: Demo) -> Iterator[Screens]:
    """Debian's own Chromium. Skipped with a reason where it is missing; in CI that is a failure."""
    found = shutil.which("chromium")
    if found is None:
        why = "没有 Chromium：请运行 make browser"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        try:
            yield Screens(demo, browser)
        finally:
            browser.close()
