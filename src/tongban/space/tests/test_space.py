# SPDX-License-Identifier: Apache-2.0
"""One's own space in a browser: every page is one's own, a copy of one's data is nobody else's, an account ends."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.people import HAN, PASSWORD, ZHANG, ZHOU
from tests.world import Source
from tongban.identity import actions, queries
from tongban.identity.actions.codes import carry_codes_once
from tongban.identity.errors import WrongPassword
from tongban.identity.models import Account, Person, Session
from tongban.space.actions import make_export_once
from tongban.space.models import Export
from tongban.standards import clock
from tongban.standards.node import Node, at

PAGES = ["", "identity/", "seen/", "data/", "close/", "acting/", "mandates/", "mandates/new/", "company/", "child/"]


@pytest.fixture
def door(node: Node) -> Client:
    """A browser at Gansu's pages, in which Zhou is signed in."""
    made = Client(headers={"host": node.address.removeprefix("http://"), "accept": "text/html"})
    made.cookies[settings.SESSION_COOKIE] = actions.sign_in(ZHOU.phone, PASSWORD, address="a", at=clock.now())
    return made


def another(node: Node) -> Client:
    """A browser in which somebody else is signed in."""
    words: dict[str, Any] = {"name": ZHANG.name, "id_number": ZHANG.id_number, "phone": ZHANG.phone}
    actions.add_person(**words, home_region="620000", password=PASSWORD, at=clock.now())
    made = Client(headers={"host": node.address.removeprefix("http://"), "accept": "text/html"})
    made.cookies[settings.SESSION_COOKIE] = actions.sign_in(ZHANG.phone, PASSWORD, address="a", at=clock.now())
    return made


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_for_its_owner_and_asks_strangers_to_sign_in(door: Client, page: str) -> None:
    assert door.get(f"/my/{page}").status_code == 200
    door.cookies.clear()
    assert "/sign-in/?" in door.get(f"/my/{page}")["Location"]


def test_the_first_page_takes_few_statements(door: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        door.get("/my/")

    assert len([each for each in asked if "identity_" in each["sql"]]) == 3  # who, received, given


def test_a_copy_of_ones_data_is_made_by_the_worker_for_oneself_and_gone_after_a_week(door: Client, node: Node) -> None:
    door.post("/my/data/")
    door.post("/my/data/")
    made = Export.objects.get()
    assert door.get(f"/my/data/{made.id}/").status_code == 409
    assert make_export_once(clock.now()) and not make_export_once(clock.now())

    answer = door.get(f"/my/data/{made.id}/")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:  # type: ignore[attr-defined]
        told = json.loads(archive.read("data.json"))
    assert told["person"]["id_number"] == ZHOU.id_number and told["evidence"] and "password" not in str(told)
    assert another(node).get(f"/my/data/{made.id}/").status_code == 404

    assert make_export_once(clock.now() + timedelta(days=8)) and not Export.objects.exists()
    assert door.get(f"/my/data/{made.id}/").status_code == 404


def test_a_closed_account_signs_nobody_in_and_the_person_stays(door: Client) -> None:
    assert door.post("/my/close/now").status_code == 422
    assert door.post("/my/close/now", {"sure": "1"})["Location"] == "/sign-in/signed-out"

    person = Person.objects.get(name=ZHOU.name)
    assert not Account.objects.filter(person=person).exists()
    assert not Session.objects.filter(person=person, ended_at=None).exists()
    with pytest.raises(WrongPassword):
        actions.sign_in(ZHOU.phone, PASSWORD, address="a", at=clock.now())


def test_letting_act_accepting_and_switching_by_the_pages(door: Client, node: Node) -> None:
    words = {"name": ZHANG.name, "id_number": ZHANG.id_number, "scope": "all", "until": "2099-01-01"}
    assert "截止日期应在" in door.post("/my/mandates/new/", words).content.decode()
    until = (clock.today() + timedelta(days=30)).isoformat()
    assert door.post("/my/mandates/new/", words | {"until": until}).status_code == 302

    helper = another(node)
    own = queries.signed_in(helper.cookies[settings.SESSION_COOKIE].value)
    assert own is not None and "请您担任帮办代办人" in helper.get("/my/").content.decode()
    mandate = str(helper.get("/my/mandates/").content.decode()).split("/my/mandates/")[1].split("/")[0]
    helper.post(f"/my/mandates/{mandate}/accept")
    helper.post("/my/acting/choose", {"mandate": mandate})
    assert "您正在代<b>周*</b>办理" in helper.get("/cases/").content.decode()

    door.post(f"/my/mandates/{mandate}/end")
    page = helper.get("/cases/")
    assert page.status_code == 403 and "代为办理的授权已经结束" in page.content.decode()
    helper.post("/my/acting/choose", {"mandate": ""})
    assert helper.get("/cases/").status_code == 200


class Post:
    """A gateway that keeps what it is given."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def send(self, phone: str, words: str) -> None:
        self.words.append(words)


def test_who_registers_proves_the_phone_first_and_the_source_is_asked_about_the_rest(node: Node) -> None:
    post, door = Post(), Client(headers={"host": node.address.removeprefix("http://"), "accept": "text/html"})
    typed = {"name": HAN.name, "id_type": "resident_id", "id_number": HAN.id_number, "phone": HAN.phone}
    with at(replace(node, sms_gateway="http://127.0.0.1:9")):
        assert "验证码已发送" in door.post("/sign-in/register", typed | {"send": "1"}).content.decode()
        assert carry_codes_once(clock.now(), post)
        code = post.words[0].split("，")[0].removeprefix("验证码 ")

        for wrong in ({"code": "000000"}, {"code": code, "password": "12345678"}, {"code": code, "phone": ZHOU.phone}):
            assert door.post("/sign-in/register", typed | {"password": PASSWORD} | wrong).status_code == 422
        answer = door.post("/sign-in/register", typed | {"password": PASSWORD, "code": code})
        assert answer["Location"] == "/my/identity/"
        assert "正在向登记来源核对" in door.get("/my/identity/").content.decode()
        assert actions.verify_once(clock.now(), Source())
        assert "姓名和证件号码已核对" in door.get("/my/identity/").content.decode()
