# SPDX-License-Identifier: Apache-2.0
"""Whoever sends slowly waits alone: all pages of the node answer meanwhile, and the node is whole afterwards."""

import re
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from urllib.parse import urlsplit

import pytest
from urllib3.filepost import encode_multipart_formdata

from tests.journeys.running import Demo
from tests.journeys.walking import LANZHOU, Plain, Walk, walk
from tests.people import MA
from tongban.config import bodies, serve
from tongban.demo.browser import Browser
from tongban.demo.check import PICTURE
from tongban.standards import clock

GANSU = "620000"
LINK = re.compile(r'href="(/[^"#]*)"')
NOT_PAGES = ("/static/", "/materials/1/", "/api/")
MOST = 40  # pages of one person: the lists repeat themselves
FEW, MANY = 20, 200
FILE = PICTURE + bytes(200_000)
RESERVE = 30  # seconds that a busy machine may be late

Measured = Callable[[str, object], None]


@dataclass
class Sender:
    """Somebody who has begun to send a request and pauses."""

    connection: socket.socket
    rest: bytes

    def finish(self) -> HTTPResponse:
        """Send the rest, and read the answer."""
        self.connection.sendall(self.rest)
        return self.answer()

    def answer(self, within: float = 60) -> HTTPResponse:
        """What the node says, perhaps before everything was sent."""
        self.connection.settimeout(within)
        answer = HTTPResponse(self.connection)
        answer.begin()
        return answer


@dataclass(frozen=True)
class People:
    """Who is at the node, and every page that each may open."""

    story: Walk
    draft: str
    pages: list[tuple[Browser, str]]


@pytest.fixture(scope="module")
def people(demo: Demo) -> People:
    """A citizen with a draft and cases, a clerk, an approver, an operator, and somebody who has not signed in."""
    story = walk(demo, LANZHOU)
    page = story.begin()
    while not page.url.endswith(("/materials/", "/check/")):
        page = story._step(page)
    draft = page.url.rstrip("/").rpartition("/")[0] + "/materials/"
    desk = [Plain().sign_in(demo, GANSU, login) for login in (MA.login, "zhaomin", "sunqiang")]
    at = demo.nodes[GANSU].address
    found = [*pages_of(story.citizen, at, "/"), *pages_of(story.citizen, at, urlsplit(draft).path)]
    found += pages_of(Plain(), at, "/")
    found += [one for person in desk for one in pages_of(person, at, "/desk/")]
    return People(story, draft, found)


def pages_of(person: Browser, at: str, start: str) -> list[tuple[Browser, str]]:
    """All that this person can reach by links."""
    known, answered = [start], []
    for path in known:
        page = person.get(at + path)
        if page.status != 200 or not page.kind.startswith("text/html"):
            continue
        answered.append((person, at + path))
        links = [link.replace("&amp;", "&") for link in LINK.findall(page.body.decode())]
        new = [link for link in dict.fromkeys(links) if link not in known and not any(no in link for no in NOT_PAGES)]
        known += new[: MOST - len(known)]
    return answered


def slowest(people: People) -> int:
    """Open every page: each answers. Milliseconds of the slowest."""
    took = []
    for person, url in people.pages:
        began = clock.monotonic()
        answer = person.get(url)
        took.append(clock.monotonic() - began)
        assert answer.status == 200, (url, answer.title)
    assert len(took) > 30
    return round(max(took) * 1000)


@contextmanager
def held(count: int, begin: Callable[[], Sender]) -> Iterator[list[Sender]]:
    """So many senders at once; their connections end with the block."""
    with ExitStack() as stack:
        senders = []
        for _ in range(count):
            senders.append(begin())
            stack.enter_context(senders[-1].connection)
        yield senders


def begun(url: str, body: bytes, kind: str, cookies: dict[str, str] | None = None) -> Sender:
    """A request with its head and half of its body sent."""
    parts = urlsplit(url)
    cookie = "; ".join(f"{name}={value}" for name, value in (cookies or {}).items())
    head = [f"POST {parts.path} HTTP/1.1", f"Host: {parts.netloc}", f"Origin: {parts.scheme}://{parts.netloc}"]
    head += [f"Cookie: {cookie}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", "", ""]
    connection = socket.create_connection(("127.0.0.1", parts.port or 80), timeout=60)
    connection.sendall("\r\n".join(head).encode() + body[: len(body) // 2])
    return Sender(connection, body[len(body) // 2 :])


def upload(people: People) -> Sender:
    """Half a file for the draft, from somebody who has signed in."""
    citizen = people.story.citizen
    form = citizen.get(people.draft).form("/id_card/add/")
    body, kind = encode_multipart_formdata({**form.fields, "file": ("身份证.png", FILE, "image/png")})
    return begun(form.action, body, kind, citizen._cookies[f"{GANSU}.localhost"])


def test_every_page_answers_while_twenty_uploads_are_half_sent(people: People, record_property: Measured) -> None:
    with held(FEW, lambda: upload(people)) as senders:
        record_property("最慢的页面（毫秒）", slowest(people))
        answers = [sender.finish().status for sender in senders]

    assert set(answers) <= {200, 302, 303, 422}  # the draft takes so many files and no more
    assert "已上传" in people.story.citizen.get(people.draft).text


def test_every_page_answers_while_twenty_batches_are_half_sent(
    demo: Demo, people: People, record_property: Measured
) -> None:
    at, browser = demo.nodes[GANSU].dial, Plain()
    body = bytes(200_000)

    with held(FEW, lambda: begun(f"{at}/exchange/batches", body, "application/json")) as senders:
        record_property("最慢的页面（毫秒）", slowest(people))
        assert browser.ask("GET", f"{at}/healthz").status == 200
        answers = [sender.finish().status for sender in senders]

    assert all(400 <= status < 500 for status in answers)  # nobody has signed it


def test_every_page_answers_while_fifty_heads_are_half_sent(people: People, record_property: Measured) -> None:
    with held(50, lambda: half_a_head(people)):
        record_property("最慢的页面（毫秒）", slowest(people))


@pytest.mark.slow
def test_half_a_head_is_given_up(people: People) -> None:
    with held(600, lambda: half_a_head(people)) as senders:
        slowest(people)
        for sender in senders:
            sender.connection.settimeout(serve.HEADER_SECONDS + RESERVE)
            assert b"200" not in sender.connection.recv(1000)
        slowest(people)


@pytest.mark.slow
def test_of_two_hundred_half_sent_uploads_half_are_sent_away_and_half_are_given_up(
    people: People, record_property: Measured
) -> None:
    with held(MANY, lambda: upload(people)) as senders:
        record_property("最慢的页面（毫秒）", slowest(people))
        patience = bodies.SECONDS + len(FILE) / bodies.RATE + RESERVE
        answers = [sender.answer(patience) for sender in senders]
        record_property("全部超时以后（毫秒）", slowest(people))

    statuses = [answer.status for answer in answers]
    assert {status: statuses.count(status) for status in set(statuses)} == {
        408: bodies.UPLOADS,
        503: MANY - bodies.UPLOADS,
    }
    told = {answer.status: (answer.getheader("Retry-After"), answer.read().decode()) for answer in answers}
    assert all(again and "请" in sentence for again, sentence in told.values())
    with held(1, lambda: upload(people)) as senders:
        assert senders[0].finish().status in (200, 302, 303, 422)


def half_a_head(people: People) -> Sender:
    """A request whose head does not end."""
    parts = urlsplit(people.draft)
    connection = socket.create_connection(("127.0.0.1", parts.port or 80), timeout=60)
    connection.sendall(f"GET / HTTP/1.1\r\nHost: {parts.netloc}\r\nX-".encode())
    return Sender(connection, b"")
