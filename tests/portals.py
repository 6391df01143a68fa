# SPDX-License-Identifier: Apache-2.0
"""A browser before the real pages of several nodes in this process."""

import html
import re
from typing import Any
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.test import Client

from tests.world import World
from tongban.identity import queries


class Browser:
    """Keeps a jar of cookies for each node and reads forms like a person without JavaScript."""

    def __init__(self, world: World, at: str) -> None:
        self.world = world
        self.jars = {code: Client(enforce_csrf_checks=True) for code in world.nodes}
        self.at = at
        self.answer: Any = HttpResponse()
        self.where = ""

    def get(self, url: str) -> Any:
        return self._go("GET", url, {})

    def press(self, action: str, **typed: str) -> Any:
        """Send the form on the page whose action begins so, hidden fields included."""
        for form in re.findall(r"<form.*?</form>", self.page, re.S):
            target = html.unescape(re.search(r'action="([^"]*)"', form)[1])  # type: ignore[index]
            if target.startswith(action):
                hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
                return self._go("POST", target, {k: html.unescape(v) for k, v in hidden} | typed)
        raise AssertionError(f"no form to {action} on this page")

    @property
    def page(self) -> str:
        return str(self.answer.content.decode())

    @property
    def path(self) -> str:
        return f"{self.at}{self.where}"

    def _go(self, method: str, url: str, said: dict[str, str]) -> Any:
        parts = urlsplit(url)
        if parts.hostname:
            self.at = parts.hostname.split(".")[0]
        with self.world.at(self.at):
            host = urlsplit(self.world.nodes[self.at].address).netloc
            path = f"{parts.path}?{parts.query}" if parts.query else parts.path
            send = self.jars[self.at].post if method == "POST" else self.jars[self.at].get
            headers = {"host": host, "accept": "text/html"}
            self.answer, self.where = send(path, said or None, headers=headers), path
        if self.answer.status_code in (301, 302, 303):
            return self._go("GET", self.answer["Location"], {})
        return self.answer

    def session(self, code: str) -> str:
        """The cookie of the session at a node, empty when there is none."""
        jar = self.jars[code].cookies
        return next((held.value for name, held in jar.items() if re.fullmatch(r"tb_\d{6}", name)), "")

    def who(self, code: str) -> queries.SignedIn | None:
        """Whom a node takes this browser for."""
        with self.world.at(code):
            return queries.signed_in(self.session(code))
