# SPDX-License-Identifier: Apache-2.0
"""Somebody from Hunan signs in at Gansu's portal: two nodes, their real pages, one browser."""

import html
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client

from tests.people import CHEN, PASSWORD, ZHANG
from tests.portals import Browser
from tests.world import World
from tongban.identity import actions, asking, oidc, queries, trust
from tongban.identity.asking import Wish
from tongban.identity.models import Session
from tongban.identity.transport import NoAnswer
from tongban.standards import clock
from tongban.standards.node import Node
from tongban.web.next_page import local

HUNAN, GANSU = "430000", "620000"


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
        yield Browser(standing, GANSU)


def to_hunan(browser: Browser, next_path: str = "/sign-in/signed-out?home=") -> None:
    """As far as the password page in Hunan, or further when Hunan knows who this is."""
    browser.at = GANSU
    browser.get(f"/sign-in/?next={next_path}")
    browser.press("/sign-in/go", home=HUNAN)
    assert browser.path == f"{GANSU}/sign-in/wait"
    work(browser)
    browser.get("/sign-in/wait")


def work(browser: Browser, *, away: str = "") -> int:
    """What Gansu's worker does meanwhile."""
    with browser.world.at(GANSU):
        return actions.finish_sign_ins(HUNAN, clock.now(), Pages(browser.world, away=away))


def signed_in_at_gansu(browser: Browser) -> None:
    to_hunan(browser)
    browser.press("/oidc/agree", login=ZHANG.phone, password=PASSWORD)
    work(browser)
    browser.get("/sign-in/wait")


def test_who_was_sent_home_and_never_arrived_is_sent_again(browser: Browser) -> None:
    to_hunan(browser)
    browser.at = GANSU  # the answer that said where to go was lost: the page is loaded again
    browser.get("/sign-in/wait")
    assert browser.path == f"{GANSU}/sign-in/wait"
    work(browser)
    browser.get("/sign-in/wait")
    assert browser.at == HUNAN

    browser.press("/oidc/agree", login=ZHANG.phone, password=PASSWORD)
    work(browser)
    browser.get("/sign-in/wait")
    assert browser.who(GANSU) is not None


def test_a_look_that_meets_the_push_half_way_waits_and_looks_again(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.get("/sign-in/?next=/cases/")
    go_home = actions.go_home

    def too_early(way: str, *, at: datetime) -> str:
        gone = go_home(way, at=at)
        work(browser)  # home takes the question in just now
        return gone

    with monkeypatch.context() as patched:
        patched.setattr(actions, "go_home", too_early)
        browser.press("/sign-in/go", home=HUNAN)
    assert browser.path == f"{GANSU}/sign-in/wait" and browser.answer.status_code == 200
    browser.get("/sign-in/wait")
    assert browser.at == HUNAN


def test_who_comes_back_from_home_by_themselves_may_choose_another(browser: Browser) -> None:
    to_hunan(browser)
    browser.at = GANSU
    browser.world.clock.advance(timedelta(seconds=6))
    browser.get("/sign-in/wait")

    assert browser.path.startswith(f"{GANSU}/sign-in/?choose=1")


def test_a_person_signs_in_at_home_and_comes_back_to_where_they_were(browser: Browser) -> None:
    to_hunan(browser)
    assert browser.at == HUNAN and "甘肃通办请您在这里确认身份" in browser.page and "证件类型和号码" in browser.page

    browser.press("/oidc/agree", login=ZHANG.id_number, password=PASSWORD)
    assert browser.path == f"{GANSU}/sign-in/wait" and browser.answer["Refresh"] == "1"
    assert work(browser) == 1
    browser.get("/sign-in/wait")

    assert browser.path == f"{GANSU}/sign-in/signed-out?home="
    found = browser.who(GANSU)
    assert found and found.person_name == ZHANG.name and found.issuer == HUNAN
    with browser.world.at(GANSU):
        assert queries.person_details(found.actor).id_number == ZHANG.id_number


def test_the_second_time_home_asks_nothing(browser: Browser) -> None:
    signed_in_at_gansu(browser)
    browser.jars[GANSU].cookies.clear()
    assert browser.who(GANSU) is None

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
    assert work(browser) == 0 and browser.who(GANSU) is None


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
    assert browser.who(GANSU)


def pushed(browser: Browser, **changed: str) -> tuple[int, dict[str, str]]:
    """What Hunan answers when Gansu pushes this."""
    with browser.world.at(GANSU) as gansu:
        asked = asking.asked_form(GANSU, trust.return_to(), Wish(), state="s", nonce="n", verifier="v" * 43)
        home = browser.world.nodes[HUNAN].address
        proof = oidc.proof(client=gansu.code, issuer=home, key=trust.own_key(), at=clock.now())
    status, body = Pages(browser.world).post_form(HUNAN, oidc.PUSH, asked | proof | changed)
    return status, json.loads(body)


@pytest.mark.parametrize(
    "changed",
    [
        {"redirect_uri": "http://evil.example/sign-in/return"},
        {"code_challenge_method": "plain"},
        {"response_type": "token"},
        {"request_uri": "urn:ietf:params:oauth:request_uri:x"},
        {"claims": "\x00"},
    ],
)
def test_a_weak_request_is_refused_before_anybody_is_sent_anywhere(browser: Browser, changed: dict[str, str]) -> None:
    status, told = pushed(browser, **changed)

    assert status == 400 and told["error"] in ("invalid_request", "unsupported_response_type", "request_not_supported")


def test_a_request_is_taken_in_from_its_own_node_only_and_a_proof_serves_once(browser: Browser) -> None:
    with browser.world.at(GANSU):
        proof = oidc.proof(client=GANSU, issuer=browser.world.nodes[HUNAN].address, key=trust.own_key(), at=clock.now())
    first, again = pushed(browser, **proof), pushed(browser, **proof)

    assert first[0] == 201 and first[1]["request_uri"].startswith("urn:") and again == (401, again[1])
    assert again[1]["error"] == "invalid_client"
    assert pushed(browser, client_id="220000")[0] == 401


@pytest.mark.parametrize(
    "asked",
    [
        "client_id=620000",
        "client_id=620000&request_uri=urn:ietf:params:oauth:request_uri:guessed",
        "client_id=620000&request_uri=https://evil.example/",
        "client_id=620000&redirect_uri=http://evil.example/&response_type=code&scope=openid&state=s",
        "client_id=999999&request_uri=urn:ietf:params:oauth:request_uri:guessed",
        "client_id=620000&client_id=220000",
        "request_uri=%00",
        "",
    ],
)
def test_without_a_pushed_request_nobody_is_redirected(browser: Browser, asked: str) -> None:
    browser.at = HUNAN
    answer = browser.get(f"/oidc/authorize?{asked}")

    assert browser.at == HUNAN and 400 <= answer.status_code < 500 and "Location" not in answer


def test_the_request_of_one_node_does_not_serve_another_nor_twice(browser: Browser) -> None:
    to_hunan(browser)
    here = browser.where
    browser.at = HUNAN
    assert browser.get(here.replace(GANSU, "220000")).status_code == 400
    browser.get(here)
    browser.press("/oidc/agree", login=ZHANG.phone, password=PASSWORD)
    assert browser.at == GANSU

    browser.at = HUNAN
    assert browser.get(here).status_code == 400 and "已经用过" in browser.page


def test_a_link_made_in_another_browser_signs_nobody_in(browser: Browser) -> None:
    to_hunan(browser)
    victim = Browser(browser.world, GANSU)
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
    assert work(browser) == 0 and victim.who(GANSU) is None


def test_a_visitor_is_not_vouched_for_by_the_node_they_visit(browser: Browser) -> None:
    signed_in_at_gansu(browser)
    with browser.world.at(HUNAN):
        way = actions.begin_sign_in(GANSU, "/", at=clock.now())
        actions.finish_sign_ins(GANSU, clock.now(), Pages(browser.world))
        address = actions.go_home(way, at=clock.now())

    browser.get(address)

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

    found = browser.who(HUNAN)
    assert found and found.issuer == HUNAN and browser.path == f"{HUNAN}/sign-in/signed-out"


def test_staff_sign_in_at_the_desk_and_out(browser: Browser) -> None:
    browser.at = HUNAN
    browser.get("/desk/sign-in/?next=/sign-in/signed-out")
    wrong = browser.press("/desk/sign-in/", login=CHEN.login, password="wrong-Password-1")
    assert wrong.status_code == 422 and CHEN.login in browser.page

    browser.press("/desk/sign-in/", login=CHEN.login, password=PASSWORD)

    found = browser.who(HUNAN)
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
