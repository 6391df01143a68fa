# SPDX-License-Identifier: Apache-2.0
"""Somebody from Hunan signs in at Gansu's portal: two nodes, their real pages, one browser."""

import html
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.people import CHEN, PASSWORD, ZHANG
from tests.world import World
from tongban.identity import actions, oidc, queries
from tongban.identity.models import Session
from tongban.identity.transport import NoAnswer
from tongban.standards import clock
from tongban.standards.node import Node
from tongban.web.next_page import local

HUNAN, GANSU = "430000", "620000"


class Browser:
    """Keeps a jar of cookies for each node and reads forms like a person without JavaScript."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.jars = {code: Client(enforce_csrf_checks=True) for code in world.nodes}
        self.at = GANSU
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
            self.answer, self.where = send(path, said or None, headers={"host": host}), path
        if self.answer.status_code in (301, 302, 303):
            return self._go("GET", self.answer["Location"], {})
        return self.answer


class Pages:
    """The transport of tests: the home node's own pages, inside the transaction that the test takes back."""

    def __init__(self, world: World, *, away: str = "") -> None:
        self.world, self.away = world, away

    def post_form(self, node_code: str, path: str, form: Mapping[str, str]) -> tuple[int, bytes]:
        if node_code == self.away:
            raise NoAnswer(node_code)
        with self.world.at(node_code) as home:
            host = urlsplit(home.address).netloc
            answer = Client(enforce_csrf_checks=True).post(path, dict(form), headers={"host": host})
        return answer.status_code, answer.content


@pytest.fixture
def browser(hunan: Node, node: Node, standing: World) -> Iterator[Browser]:
    """A browser before the real pages of Hunan and Gansu; both databases forget afterwards."""
    with clock.running(standing.clock):
        yield Browser(standing)


def to_hunan(browser: Browser, next_path: str = "/sign-in/signed-out?home=") -> None:
    """As far as the password page in Hunan, or further when Hunan knows who this is."""
    browser.at = GANSU
    browser.get(f"/sign-in/?next={next_path}")
    browser.press("/sign-in/go", home=HUNAN)


def work(browser: Browser, *, away: str = "") -> int:
    """What Gansu's worker does meanwhile."""
    with browser.world.at(GANSU):
        return actions.finish_sign_ins(clock.now(), Pages(browser.world, away=away))


def who(browser: Browser, code: str) -> queries.SignedIn | None:
    jar = browser.jars[code].cookies
    held = [morsel.value for name, morsel in jar.items() if re.fullmatch(r"tb_\d{6}", name)]
    with browser.world.at(code):
        return queries.signed_in(held[0]) if held else None


def signed_in_at_gansu(browser: Browser) -> None:
    to_hunan(browser)
    browser.press("/oidc/agree", login=ZHANG.phone, password=PASSWORD)
    work(browser)
    browser.get("/sign-in/wait")


def test_a_person_signs_in_at_home_and_comes_back_to_where_they_were(browser: Browser) -> None:
    to_hunan(browser)
    assert browser.at == HUNAN and "甘肃通办请您在这里确认身份" in browser.page and "证件类型和号码" in browser.page

    browser.press("/oidc/agree", login=ZHANG.id_number, password=PASSWORD)
    assert browser.path == f"{GANSU}/sign-in/wait" and browser.answer["Refresh"] == "1"
    assert work(browser) == 1
    browser.get("/sign-in/wait")

    assert browser.path == f"{GANSU}/sign-in/signed-out?home="
    found = who(browser, GANSU)
    assert found and found.person_name == ZHANG.name and found.issuer == HUNAN
    with browser.world.at(GANSU):
        assert queries.person_details(found.actor).id_number == ZHANG.id_number


def test_the_second_time_home_asks_nothing(browser: Browser) -> None:
    signed_in_at_gansu(browser)
    browser.press("/sign-in/out")
    assert who(browser, GANSU) is None

    to_hunan(browser)

    assert browser.path == f"{GANSU}/sign-in/wait"
    assert work(browser) == 1


def test_what_was_typed_stays_and_the_password_does_not(browser: Browser) -> None:
    to_hunan(browser)
    answer = browser.press("/oidc/agree", login=ZHANG.phone, password="wrong-Password-1")

    assert answer.status_code == 422 and "登录名或密码不正确" in browser.page
    assert ZHANG.phone in browser.page and "wrong-Password-1" not in browser.page
    browser.press("/oidc/agree", login=ZHANG.phone, password=PASSWORD)
    assert browser.path == f"{GANSU}/sign-in/wait"


def test_who_declines_is_told_so_and_signs_in_nowhere_else(browser: Browser) -> None:
    to_hunan(browser)
    answer = browser.press("/oidc/agree", decline="1")

    assert browser.at == GANSU and answer.status_code == 400 and "湖南登录服务没有完成登录" in browser.page
    assert work(browser) == 0 and who(browser, GANSU) is None


def test_while_home_is_silent_the_page_says_what_is_safe_and_what_to_do(browser: Browser) -> None:
    to_hunan(browser)
    browser.press("/oidc/agree", login=ZHANG.phone, password=PASSWORD)
    assert work(browser, away=HUNAN) == 0

    page = browser.get("/sign-in/wait")
    assert page.status_code == 200 and "湖南登录服务暂时没有回应" in browser.page
    assert "没有提交任何新的申请" in browser.page and "现在再试" in browser.page

    browser.press("/sign-in/again")
    assert work(browser) == 1
    browser.get("/sign-in/wait")
    assert who(browser, GANSU)


def test_a_return_address_of_another_site_is_never_redirected_to(browser: Browser) -> None:
    to_hunan(browser)
    asked = parse_qs(urlsplit(browser.where).query)
    evil = browser.where.replace(f"{GANSU}.localhost", "evil.example")

    browser.at = HUNAN
    answer = browser.get(evil)

    assert asked["redirect_uri"] and evil != browser.where.replace("x", "y")
    assert answer.status_code == 400 and "返回地址" in browser.page


def test_a_weak_request_is_told_to_the_node_that_made_it(browser: Browser) -> None:
    to_hunan(browser)
    weak = browser.where.replace("S256", "plain")
    browser.at = HUNAN

    browser.get(weak)

    assert browser.at == GANSU and browser.answer.status_code == 400


def test_a_link_made_in_another_browser_signs_nobody_in(browser: Browser) -> None:
    to_hunan(browser)
    victim = Browser(browser.world)
    with browser.world.at(HUNAN):
        attacker = browser.jars[HUNAN].post(
            html.unescape(re.search(r'action="(/oidc/agree[^"]*)"', browser.page)[1]),  # type: ignore[index]
            {
                "login": ZHANG.phone,
                "password": PASSWORD,
                "csrfmiddlewaretoken": re.search(r'csrfmiddlewaretoken" value="([^"]+)', browser.page)[1],  # type: ignore[index]
            },
            headers={"host": urlsplit(browser.world.nodes[HUNAN].address).netloc},
        )
        link = browser.jars[HUNAN].get(
            attacker["Location"], headers={"host": urlsplit(browser.world.nodes[HUNAN].address).netloc}
        )["Location"]

    answer = victim.get(link)

    assert victim.at == GANSU and answer.status_code == 400 and "不是从本浏览器" in victim.page
    assert work(browser) == 0 and who(victim, GANSU) is None


def test_a_visitor_is_not_vouched_for_by_the_node_they_visit(browser: Browser) -> None:
    signed_in_at_gansu(browser)
    with browser.world.at(HUNAN):
        begun = actions.begin_sign_in(GANSU, "/", at=clock.now())

    browser.get(begun.url)

    assert browser.at == GANSU and "身份证号或手机号" in browser.page  # no code: a password of Gansu is asked for


def test_the_cookie_is_new_closed_to_scripts_and_bound_to_this_site(browser: Browser) -> None:
    signed_in_at_gansu(browser)

    for code in (HUNAN, GANSU):
        [cookie] = [m for name, m in browser.jars[code].cookies.items() if re.fullmatch(r"tb_\d{6}", name)]
        assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["path"] == "/" and not cookie["domain"]
        with browser.world.at(code):
            assert not Session.objects.filter(digest=cookie.value.encode()).exists()
            assert Session.objects.filter(digest=oidc.digest(cookie.value)).exists()


def test_own_people_sign_in_without_a_journey(browser: Browser) -> None:
    browser.at = HUNAN
    browser.get("/sign-in/?next=/sign-in/signed-out")
    browser.press("/sign-in/go", home=HUNAN)
    assert browser.at == HUNAN and "确认身份" not in browser.page

    browser.press("/sign-in/here", login=ZHANG.phone, password=PASSWORD)

    found = who(browser, HUNAN)
    assert found and found.issuer == HUNAN and browser.path == f"{HUNAN}/sign-in/signed-out"


def test_staff_sign_in_at_the_desk_and_out(browser: Browser) -> None:
    browser.at = HUNAN
    browser.get("/desk/sign-in/?next=/sign-in/signed-out")
    wrong = browser.press("/desk/sign-in/", login=CHEN.login, password="wrong-Password-1")
    assert wrong.status_code == 422 and CHEN.login in browser.page

    browser.press("/desk/sign-in/", login=CHEN.login, password=PASSWORD)

    found = who(browser, HUNAN)
    assert found and found.kind == "staff" and found.actor.organization == CHEN.organization.code


def test_a_form_without_protection_is_refused(browser: Browser) -> None:
    with browser.world.at(GANSU):
        host = urlsplit(browser.world.nodes[GANSU].address).netloc
        for path in ("/sign-in/go", "/sign-in/here", "/sign-in/out", "/sign-in/again", "/oidc/agree"):
            assert browser.jars[GANSU].post(path, headers={"host": host}).status_code == 403


def test_the_token_endpoint_answers_in_the_words_of_the_standard(browser: Browser) -> None:
    status, body = Pages(browser.world).post_form(HUNAN, "/oidc/token", {"grant_type": "authorization_code"})
    assert status == 401 and b'"error": "invalid_client"' in body

    with browser.world.at(HUNAN):
        host = urlsplit(browser.world.nodes[HUNAN].address).netloc
        twice = Client().post("/oidc/token", {"code": ["a", "b"]}, headers={"host": host})
        assert twice.status_code == 400 and twice.json()["error"] == "invalid_request"
        assert "no-store" in twice["Cache-Control"]
        published = Client().get("/.well-known/openid-configuration", headers={"host": host}).json()
        assert published["issuer"] == browser.world.nodes[HUNAN].address
        assert len(Client().get("/oidc/jwks", headers={"host": host}).json()["keys"]) == 1


def test_an_attempt_nobody_came_back_from_is_over_in_a_quarter_of_an_hour(browser: Browser) -> None:
    to_hunan(browser)
    way = next(m.value for name, m in browser.jars[GANSU].cookies.items() if name.endswith("_way"))

    with browser.world.at(GANSU):
        late = queries.progress(way, clock.now() + timedelta(minutes=15))
    assert late and late.status == "refused"


@pytest.mark.parametrize(
    "path",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "///evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "http:evil.example",
        "/\x00/evil",
        "evil.example",
        "",
        "/" + "a" * 3000,
    ],
)
def test_after_signing_in_nobody_is_sent_to_another_site(path: str) -> None:
    assert local(path) == "/"


def test_a_page_of_this_site_is_gone_back_to() -> None:
    assert local("/cases/?tab=open#x") == "/cases/?tab=open#x"
