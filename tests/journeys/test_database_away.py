# SPDX-License-Identifier: Apache-2.0
"""One node's database stops: the others work, the page says what waits for whom, and afterwards all ends well."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from tests.journeys.running import Demo, wait_until
from tests.journeys.test_odd_input import ROUTES, filled
from tests.journeys.walking import HUNAN, JILIN, LANZHOU, Plain, counted, walk
from tongban.demo.browser import Browser

SAID = {200, 302, 400, 403, 404, 405, 503}  # a page that needs no database, or a sentence; never a fault
FOR_PROGRAMS = {"/readyz", "/metrics"}


def test_one_node_without_its_database_stops_nobody_else(demo: Demo) -> None:
    demo.settle()
    before = counted(demo, HUNAN)
    story = walk(demo, HUNAN)
    page = story.begin()

    with shut(demo, "430000"):
        story.submit(page)
        wait_until(lambda: "暂时联系不上" in story.case_page().text, lambda: story.case_page().text)
        waiting = story.case_page()
        walk_others(demo, without="430000")
        answers = doors(demo, "430000")

    assert "等待长沙市公安局（演示）接收" in waiting.text
    assert re.search("湖南[^。]{0,6}暂时联系不上", waiting.text)
    assert "不用重新提交" in waiting.text
    assert answers == {"/healthz": 200, "/readyz": 503, "/": 503, "/desk/": 302}

    lines = story.end()

    assert [line.number for line in lines] == list(range(1, 10))
    others = {"cases at the intake": 2}
    assert counted(demo, HUNAN) == {what: count + 1 + others.get(what, 0) for what, count in before.items()}
    demo.settle()


def test_a_page_without_its_database_says_so_and_promises_nothing(demo: Demo) -> None:
    url = f"{demo.nodes['130000'].address}/items/"
    many_at_once(url)  # so that many threads of the server have a connection that is going to die
    with shut(demo, "130000"):
        page = Browser().get(url)

    assert page.status == 503
    assert "数据库暂时连接不上" in page.text
    assert "其他地区的服务不受影响" in page.text
    assert many_at_once(url) == {200}


@pytest.mark.parametrize("login", ["", "zhangyu"], ids=["nobody", "clerk"])
def test_every_page_without_its_database_says_so(demo: Demo, login: str) -> None:
    browser, at = Plain(), demo.nodes["130000"].address
    if login:
        browser.sign_in(demo, "130000", login)

    with shut(demo, "130000"):
        answers = {path: browser.ask("GET", at + path) for path in {filled(route)[0] for route in ROUTES}}

    assert {path: answer.status for path, answer in answers.items() if answer.status not in SAID} == {}
    away = [path for path, answer in answers.items() if answer.status == 503 and path not in FOR_PROGRAMS]
    assert {path for path in away if "数据库暂时连接不上" not in answers[path].data.decode()} == set()
    assert len(away) > (100 if login else 30)


def many_at_once(url: str) -> set[int]:
    """Open a page in many browsers together: what was answered."""
    with ThreadPoolExecutor(20) as people:
        return {page.status for page in people.map(lambda _: Browser().get(url), range(40))}


@contextmanager
def shut(demo: Demo, node: str) -> Iterator[None]:
    """This node's database is closed to everybody."""
    demo.server.shut(f"node_{node}")
    try:
        yield
    finally:
        demo.server.reopen(f"node_{node}")


def walk_others(demo: Demo, without: str) -> None:
    """Cases between other nodes, and within one, go their way from beginning to end."""
    for told in (JILIN, LANZHOU):
        other = walk(demo, told)
        other.nodes = {code: node for code, node in demo.nodes.items() if code != without}
        other.submit(other.begin())
        other.end()


def doors(demo: Demo, node: str) -> dict[str, int]:
    """What the node's own doors answer."""
    address = demo.nodes[node].address
    return {path: Plain().ask("GET", f"{address}{path}").status for path in ("/healthz", "/readyz", "/", "/desk/")}
