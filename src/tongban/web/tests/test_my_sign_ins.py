# SPDX-License-Identifier: Apache-2.0
"""Where one is signed in, seen and ended by nobody else, and at the price of a few statements."""

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.people import MA, PASSWORD, ZHOU
from tongban.identity import actions
from tongban.identity.models import Consent
from tongban.identity.oidc import digest
from tongban.standards import clock
from tongban.standards.node import Node


@pytest.fixture
def door(node: Node) -> Client:
    """A browser at Gansu's pages."""
    return Client(headers={"host": node.address.removeprefix("http://"), "accept": "text/html"})


def citizen(door: Client) -> str:
    """Zhou is signed in in this browser; the cookie."""
    token = actions.sign_in(ZHOU.phone, PASSWORD, address="a", at=clock.now())
    door.cookies[settings.SESSION_COOKIE] = token
    return token


def of_people(asked: CaptureQueriesContext) -> list[str]:
    """The statements about people; the trust list is looked up now and then for all."""
    return [each["sql"] for each in asked if "identity_" in each["sql"]]


@pytest.mark.usefixtures("still")
def test_the_page_takes_five_statements_however_many_sessions_there_are(door: Client) -> None:
    for _ in range(4):
        citizen(door)
    with CaptureQueriesContext(connection) as asked:
        answer = door.get("/sign-in/mine/")

    assert answer.status_code == 200 and answer.content.decode().count("另一台设备") == 3
    assert len(of_people(asked)) == 5  # who, sessions, where they served, consents, everywhere


@pytest.mark.usefixtures("still")
def test_the_list_of_portals_takes_one_statement(door: Client) -> None:
    citizen(door)
    with CaptureQueriesContext(connection) as asked:
        page = door.get("/elsewhere/").content.decode()

    assert "/sign-in/arrive?home=620000&amp;next=/" in page and "湖南通办" in page
    assert len(of_people(asked)) == 1  # who


def test_a_walk_is_offered_to_nobody_who_is_not_signed_in(door: Client) -> None:
    assert "/sign-in/arrive" not in door.get("/elsewhere/").content.decode()


@pytest.mark.parametrize("path", ["/sign-in/mine/", "/desk/sign-in/mine/"])
def test_a_stranger_is_asked_to_sign_in(door: Client, path: str) -> None:
    answer = door.get(path)

    assert answer.status_code == 302 and "/sign-in/?" in answer["Location"]


def test_staff_see_and_end_their_own_sessions_only(door: Client) -> None:
    theirs = citizen(door)
    first, second = (actions.sign_in_staff(MA.login, PASSWORD, address="a", at=clock.now()) for _ in range(2))
    door.cookies[settings.SESSION_COOKIE] = second

    assert door.get("/desk/sign-in/mine/").content.decode().count("另一台设备") == 1
    assert door.post(f"/desk/sign-in/mine/{digest(theirs).hex()}/end").status_code == 404
    assert door.post(f"/desk/sign-in/mine/{digest(first).hex()}/end").status_code == 302
    assert "另一台设备" not in door.get("/desk/sign-in/mine/").content.decode()


def test_a_password_is_changed_by_who_knows_it(door: Client) -> None:
    other = citizen(door)
    citizen(door)
    new = "Ganz-Neu-2026"
    assert "密码不正确" in door.post("/sign-in/mine/password", {"password": "x", "new_password": new}).content.decode()
    told = door.post("/sign-in/mine/password", {"password": PASSWORD, "new_password": ZHOU.phone})
    assert told.status_code == 422 and "密码不能全是数字" in told.content.decode()
    assert (
        "密码已修改"
        in door.post("/sign-in/mine/password", {"password": PASSWORD, "new_password": new}).content.decode()
    )
    assert door.get("/sign-in/mine/").status_code == 200
    door.cookies[settings.SESSION_COOKIE] = other
    assert door.get("/sign-in/mine/").status_code == 302


def test_roaming_is_begun_and_ended_with_a_button_and_a_consent_taken_back(door: Client) -> None:
    citizen(door)
    door.post("/sign-in/roam")
    assert "已开启" in door.get("/sign-in/mine/").content.decode()
    door.post("/sign-in/roam", {"stop": "1"})
    assert "没有开启" in door.get("/sign-in/mine/").content.decode()

    Consent.objects.update(client="430000", claims=["name"])
    assert "湖南通办：姓名、实名等级" in door.get("/sign-in/mine/").content.decode()
    for client in ("999999", "\x00", "*", "430000"):
        assert door.post("/sign-in/withdraw", {"client": client}).status_code == 302
    assert Consent.objects.get().claims == []
