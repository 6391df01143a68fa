# SPDX-License-Identifier: Apache-2.0
"""Sign in once, walk from portal to portal without a form, sign out anywhere and be out everywhere."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from tests.people import LI, PASSWORD, WANG, ZHANG
from tests.portals import Browser
from tests.world import World
from tongban.config.worker import serve_visitors
from tongban.identity import actions, ending, oidc, trust
from tongban.identity.actions.sessions import begin_session
from tongban.identity.assurance import Level
from tongban.identity.models import Attempt, Consent, Person, Session, SignOut
from tongban.standards import clock
from tongban.standards.refusal import NotFound

HUNAN, GANSU, JILIN = "430000", "620000", "220000"
NODES = (HUNAN, GANSU, JILIN)


@pytest.fixture
def browser(federation: World) -> Browser:
    """A person's browser, at Hunan's portal first."""
    return Browser(federation, HUNAN)


def meanwhile(browser: Browser, *codes: str) -> None:
    """What the workers of these nodes do for those who come and go."""
    for code in codes:
        with browser.world.at(code):
            for peer in NODES:
                if peer != code:
                    serve_visitors(peer, clock.now(), browser.world.network)


def sign_in(browser: Browser, **typed: str) -> None:
    browser.get(f"{browser.world.nodes[HUNAN].address}/sign-in/here?next=/elsewhere/")
    browser.press("/sign-in/here", login=ZHANG.phone, password=PASSWORD, **typed)
    assert browser.who(HUNAN)


def walk(browser: Browser, code: str) -> None:
    """By the link to another region's portal; no form is filled in on the way."""
    browser.get(f"{browser.world.nodes[code].address}/sign-in/arrive?home={HUNAN}&next=/elsewhere/")
    for _ in range(2):
        meanwhile(browser, code)
        if browser.where.startswith("/sign-in/wait"):
            browser.get("/sign-in/wait")
    assert browser.path == f"{code}/elsewhere/"


def everywhere(browser: Browser) -> list[str]:
    return [code for code in NODES if browser.who(code)]


@pytest.fixture
def wanderer(browser: Browser) -> Browser:
    """Somebody who signed in once, in Hunan, and walked to Gansu and Jilin."""
    sign_in(browser, roam="1")
    walk(browser, GANSU)
    walk(browser, JILIN)
    assert everywhere(browser) == list(NODES)
    return browser


def test_who_walks_is_the_same_person_with_another_name_everywhere(wanderer: Browser) -> None:
    for code in (GANSU, JILIN):
        found = wanderer.who(code)
        assert found and found.person_name == ZHANG.name and found.issuer == HUNAN
    with wanderer.world.at(HUNAN):
        subjects = set(Consent.objects.values_list("subject", flat=True))
        assert len(subjects) == 3  # everywhere, Gansu, Jilin


def test_signing_out_at_one_of_the_nodes_ends_it_everywhere(wanderer: Browser) -> None:
    wanderer.get(f"{wanderer.world.nodes[JILIN].address}/elsewhere/")
    wanderer.press("/sign-in/out")
    assert everywhere(wanderer) == [HUNAN, GANSU] and "正在通知湖南" in wanderer.page

    meanwhile(wanderer, JILIN, HUNAN)

    assert everywhere(wanderer) == []
    wanderer.at = JILIN
    wanderer.get(wanderer.where)
    assert "湖南已退出，用过这次登录的其他网站由它通知" in wanderer.page and "Refresh" not in wanderer.answer


def test_signing_out_at_home_ends_it_everywhere(wanderer: Browser) -> None:
    wanderer.get(f"{wanderer.world.nodes[HUNAN].address}/elsewhere/")
    wanderer.press("/sign-in/out")
    meanwhile(wanderer, HUNAN)

    assert everywhere(wanderer) == []


def test_a_session_ended_from_the_list_ends_everywhere_and_no_other(wanderer: Browser) -> None:
    other = Browser(wanderer.world, HUNAN)
    sign_in(other)
    walk(other, GANSU)

    other.get(f"{other.world.nodes[HUNAN].address}/sign-in/mine/")
    assert "甘肃、吉林" in other.page
    other.press(f"/sign-in/mine/{oidc.digest(wanderer.session(HUNAN)).hex()}")
    meanwhile(other, HUNAN)

    assert everywhere(wanderer) == [] and everywhere(other) == [HUNAN, GANSU]


def test_nobody_ends_the_session_of_somebody_else(wanderer: Browser) -> None:
    other = Browser(wanderer.world, JILIN)
    other.get(f"{other.world.nodes[JILIN].address}/sign-in/here?next=/elsewhere/")
    other.press("/sign-in/here", login=WANG.phone, password=PASSWORD)
    stranger = other.who(JILIN)
    assert stranger

    with other.world.at(JILIN):
        for key in (oidc.digest(wanderer.session(JILIN)).hex(), "00", "no key"):
            with pytest.raises(NotFound):
                actions.end_session(stranger, key, at=clock.now())
    assert wanderer.who(JILIN)


def test_a_node_that_is_down_hears_of_it_when_it_is_back(wanderer: Browser) -> None:
    network = wanderer.world.network
    network.down.add(GANSU)
    wanderer.get(f"{wanderer.world.nodes[HUNAN].address}/elsewhere/")
    wanderer.press("/sign-in/out")
    meanwhile(wanderer, HUNAN)
    assert everywhere(wanderer) == [GANSU]
    wanderer.at = HUNAN
    assert "甘肃暂时联系不上" in wanderer.get(wanderer.where).content.decode()

    network.down.clear()
    wanderer.world.pass_time(timedelta(seconds=2))
    meanwhile(wanderer, HUNAN)

    assert everywhere(wanderer) == []
    with wanderer.world.at(HUNAN):
        assert not SignOut.objects.filter(told_at=None).exists()


def test_while_home_is_down_the_session_lasts_as_the_page_says(wanderer: Browser) -> None:
    wanderer.world.network.down.add(HUNAN)
    wanderer.get(f"{wanderer.world.nodes[GANSU].address}/sign-in/mine/")
    assert "暂时联系不上时也照常有效" in wanderer.page and wanderer.who(GANSU)

    wanderer.world.pass_time(timedelta(hours=8))
    assert wanderer.who(GANSU) is None


def test_a_node_that_never_comes_back_is_told_no_longer_than_a_session_lasts(wanderer: Browser) -> None:
    wanderer.world.network.down.add(GANSU)
    with wanderer.world.at(HUNAN):
        actions.sign_out(wanderer.session(HUNAN), at=clock.now())
    for hours in (0, 25):
        wanderer.world.pass_time(timedelta(hours=hours))
        meanwhile(wanderer, HUNAN)

    with wanderer.world.at(HUNAN):
        assert SignOut.objects.get(node=GANSU).try_at is None


def test_who_signs_out_before_arriving_does_not_arrive(browser: Browser) -> None:
    sign_in(browser, roam="1")
    browser.get(f"{browser.world.nodes[GANSU].address}/sign-in/arrive?home={HUNAN}&next=/elsewhere/")
    meanwhile(browser, GANSU)
    browser.get("/sign-in/wait")
    assert browser.path == f"{GANSU}/sign-in/wait"  # back with a code
    meanwhile(browser, GANSU)  # known, but not in yet
    with browser.world.at(HUNAN):
        actions.sign_out(browser.session(HUNAN), at=clock.now())
    meanwhile(browser, HUNAN)

    browser.get("/sign-in/wait")
    assert browser.path == f"{GANSU}/elsewhere/" and everywhere(browser) == []


def test_without_consent_nobody_is_told_anything_and_the_walk_goes_on(browser: Browser) -> None:
    sign_in(browser)
    walk(browser, GANSU)

    assert everywhere(browser) == [HUNAN]


def test_home_is_asked_once_a_visit_whatever_it_answers(browser: Browser) -> None:
    walk(browser, GANSU)  # nobody is signed in at home
    browser.get(f"{browser.world.nodes[GANSU].address}/sign-in/arrive?home={HUNAN}&next=/elsewhere/")

    assert browser.path == f"{GANSU}/elsewhere/"
    with browser.world.at(GANSU):
        assert Attempt.objects.count() == 1


def test_a_home_that_does_not_answer_holds_nobody_up(browser: Browser) -> None:
    browser.world.network.down.add(HUNAN)
    browser.get(f"{browser.world.nodes[GANSU].address}/sign-in/arrive?home={HUNAN}&next=/elsewhere/")
    meanwhile(browser, GANSU)
    browser.get("/sign-in/wait")
    assert browser.path == f"{GANSU}/sign-in/wait"

    browser.world.pass_time(timedelta(seconds=4))
    browser.get("/sign-in/wait")
    assert browser.path == f"{GANSU}/elsewhere/"


def test_whoever_was_here_before_is_known_on_the_next_visit_without_asking(wanderer: Browser) -> None:
    jar = wanderer.jars[GANSU].cookies
    for name in [name for name in jar if not name.endswith("_home")]:
        del jar[name]

    wanderer.get(f"{wanderer.world.nodes[GANSU].address}/departments/")
    for _ in range(2):
        assert wanderer.path == f"{GANSU}/sign-in/wait"
        meanwhile(wanderer, GANSU)
        wanderer.get("/sign-in/wait")

    assert wanderer.path == f"{GANSU}/departments/" and wanderer.who(GANSU)


def test_who_must_sign_in_again_is_led_to_the_remembered_home_by_a_page_of_its_own(wanderer: Browser) -> None:
    jar = wanderer.jars[GANSU].cookies
    del jar[next(name for name, held in jar.items() if held.value == wanderer.session(GANSU))]

    wanderer.get(f"{wanderer.world.nodes[GANSU].address}/cases/")
    assert wanderer.answer.status_code == 200 and wanderer.answer["Refresh"] == "0; url=/sign-in/wait"
    for _ in range(2):
        meanwhile(wanderer, GANSU)
        wanderer.get("/sign-in/wait")

    assert wanderer.path == f"{GANSU}/cases/" and wanderer.who(GANSU)


def test_a_program_a_picture_or_a_part_of_a_page_is_not_led_away(wanderer: Browser) -> None:
    jar = wanderer.jars[GANSU]
    for name in [name for name in jar.cookies if not name.endswith("_home")]:
        del jar.cookies[name]
    host = wanderer.world.nodes[GANSU].address.removeprefix("http://")
    with wanderer.world.at(GANSU):
        for headers in ({"accept": "application/json"}, {"accept": "text/html", "sec-fetch-mode": "no-cors"}):
            assert jar.get("/departments/", headers={"host": host, **headers}).status_code == 200


def test_a_link_that_names_no_home_leads_straight_to_the_page(browser: Browser) -> None:
    for home in ("999999", "", "http://evil.example", GANSU):
        browser.get(f"{browser.world.nodes[GANSU].address}/sign-in/arrive?home={home}&next=//evil.example/")
        assert browser.path == f"{GANSU}/"


def test_the_password_typed_again_keeps_the_others_and_another_person_ends_them(wanderer: Browser) -> None:
    sign_in(wanderer)
    meanwhile(wanderer, HUNAN)
    assert everywhere(wanderer) == list(NODES)

    with wanderer.world.at(HUNAN):
        known = actions.add_person(name=LI.name, id_number=LI.id_number, home_region="430100", at=clock.now())
        other, before = Person.objects.get(id=known), wanderer.session(HUNAN)
        begin_session(other, issuer=HUNAN, level=Level.MATCHED, at=clock.now(), previous=before)
    meanwhile(wanderer, HUNAN)
    assert everywhere(wanderer) == []


# A node may end what is its own, and nothing else


def said(browser: Browser, by: str, to: str, sid: str, subject: str = "") -> int:
    """What a node answers another that says a sign-in is over."""
    with browser.world.at(by):
        token = ending.sign_out_token(
            issuer=trust.own_address(), client=to, sid=sid, subject=subject, key=trust.own_key(), at=clock.now()
        )
        status, _ = browser.world.network.post_form(to, ending.SIGN_OUT, {"logout_token": token})
        again, _ = browser.world.network.post_form(to, ending.SIGN_OUT, {"logout_token": token})
    assert again == 400  # a token serves once
    return status


def test_a_node_cannot_end_what_another_vouched_for(wanderer: Browser) -> None:
    with wanderer.world.at(GANSU):
        sid = Session.objects.get(digest=oidc.digest(wanderer.session(GANSU))).sid
        subject = Consent.objects.values_list("subject", flat=True).first() or "x"

    assert said(wanderer, JILIN, GANSU, sid) == 200  # heard, and nothing of Jilin's found
    assert said(wanderer, JILIN, HUNAN, sid, subject) == 200  # the name that Gansu has for it
    assert everywhere(wanderer) == list(NODES)
    assert said(wanderer, GANSU, HUNAN, sid) == 200
    assert wanderer.who(HUNAN) is None


def test_a_sign_out_without_a_session_ends_all_that_the_home_vouched_for(wanderer: Browser) -> None:
    with wanderer.world.at(HUNAN):
        subject = Consent.objects.get(client=GANSU).subject

    assert said(wanderer, HUNAN, GANSU, "", subject) == 200 and everywhere(wanderer) == [HUNAN, JILIN]


def test_an_odd_sign_out_is_refused_by_name(browser: Browser) -> None:
    tokens = ("x.y.z", "\x00", "e30.e30.", "é", "W1tb" * 900 + ".W1tb." + "W1tb")
    for form in ({}, *({"logout_token": odd} for odd in tokens)):
        with browser.world.at(GANSU):
            status, body = browser.world.network.post_form(HUNAN, ending.SIGN_OUT, form)
        assert status == 400 and b"invalid_request" in body


def test_a_link_to_sign_out_asks_first_when_it_does_not_name_this_very_session(browser: Browser) -> None:
    sign_in(browser)
    with browser.world.at(HUNAN):
        claims = oidc.Claims("s", Level.MATCHED, ZHANG.name, "resident_id", "1", "", "430100", sid="of-nobody")
        at, key = clock.now(), trust.own_key()
        other = oidc.id_token(
            claims, issuer=trust.own_address(), client=GANSU, nonce="n", signed_in_at=at, key=key, at=at
        )
    for hint in ("", "x.y.z", "\x00", other):
        said = urlencode({"id_token_hint": hint, "post_logout_redirect_uri": "http://evil.example/"})
        browser.get(f"{browser.world.nodes[HUNAN].address}/oidc/leave?{said}")
        assert browser.at == HUNAN and browser.answer.status_code in (200, 400) and browser.who(HUNAN)


def test_the_progress_of_a_sign_out_tells_no_stranger_anything(browser: Browser) -> None:
    browser.get(f"{browser.world.nodes[GANSU].address}/sign-in/signed-out/018f0000-0000-7000-8000-000000000000")

    assert browser.answer.status_code == 200 and "通知" not in browser.page
