# SPDX-License-Identifier: Apache-2.0
"""Reminders: whoever the table names hears of a step, once, by the ways they chose, whatever is killed."""

import re
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client

from tests import story
from tests.desks import Desk
from tests.people import CHEN, LI, MA, PASSWORD, ZHANG, staff
from tests.world import World
from tongban.cases import actions, queries
from tongban.cases.models import Untold
from tongban.identity.sms import NotSent
from tongban.reminders.actions import CLAIM, choose, remind_once, send_once
from tongban.reminders.channels import Mail, Sms
from tongban.reminders.models import Reminder
from tongban.reminders.queries import messages, unread
from tongban.standards.actor import Actor
from tongban.standards.workdays import long_day

HUNAN, GANSU = "430000", "620000"
WHAT = {"what": "请补交居住证明。"}


class Postbox:
    """Keeps what a real SMTP server was handed."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.refuses = False

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self.refuses:
            return "451 busy"
        self.letters.append(message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 taken"


@pytest.fixture
def post() -> Iterator[tuple[Postbox, Mail]]:
    box = Postbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    yield box, Mail(f"smtp://127.0.0.1:{port}", "tongban@gansu.example")
    server.stop()


@pytest.fixture
def world(federation: World) -> World:
    federation.resting = {"notices"}
    return federation


def asked_to_correct(world: World) -> tuple[Actor, Actor, str]:
    """张伟 applied in Gansu, and Changsha asks him to correct."""
    zhang, chen = story.visitor(world, ZHANG, GANSU), story.approver(world, CHEN)
    given = story.submit(world, zhang, story.item_of(world, GANSU, "430100"))
    world.settle()
    with world.at(HUNAN):
        actions.make_move(given.case_id, "request_correction", actor=chen, at=world.clock.now(), facts=WHAT)
    world.settle()
    return zhang, chen, given.receipt_no


def test_each_hears_of_what_the_table_tells_them_and_only_once(world: World) -> None:
    zhang, chen, number = asked_to_correct(world)
    with world.at(HUNAN):
        assert [message.title for message in messages(chen)] == ["办理地已接收"]
        assert (unread(chen), messages(story.approver(world, CHEN))[0].receipt_no) == (1, number)
    with world.at(GANSU):
        (told,) = messages(zhang)
        page = queries.case_page(number, zhang)
        assert told.title == "一次性告知补正" and "开具无犯罪记录证明" in told.words and told.is_new
        assert page.notices[0].number in told.words and "补正告知书" in told.words
        assert not Untold.objects.exists()
        assert page.correction and page.correction.due_on and long_day(page.correction.due_on) in told.words
    ((phone, text),) = world.telephones.received
    assert phone == story.FORM["phone"] and number[-6:] in text and "需要补正" in text
    assert ZHANG.name not in text and "犯罪" not in text and number not in text
    with world.at(GANSU):  # what was told is told: the same line once more changes nothing
        Untold.objects.create(case_id=page.id, number=3, at=world.clock.now())
        Untold.objects.create(case_id=page.id, number=page.timeline[0].number, at=world.clock.now())
    world.settle()
    with world.at(GANSU):
        assert len(messages(zhang)) == 1
    assert len(world.telephones.received) == 1


def test_a_text_message_waits_for_the_morning_and_for_a_gateway_that_is_there(world: World) -> None:
    world.pass_time(timedelta(hours=14))  # 23:00 in China
    world.telephones.silent = True
    asked_to_correct(world)
    assert not world.telephones.received
    world.pass_time(timedelta(hours=9, minutes=30))
    world.settle()
    with world.at(GANSU):
        row = Reminder.objects.get(channel="sms")
        assert (row.state, row.tries, row.trouble) == ("waiting", 1, "told to be")
    world.telephones.silent = False
    world.pass_time(timedelta(minutes=1))
    world.settle()
    assert len(world.telephones.received) == 1


def test_what_a_killed_worker_left_half_sent_is_not_sent_again(world: World) -> None:
    class Killed(BaseException):
        """What no handler of ours catches."""

    class Dying:
        def send(self, phone: str, words: str) -> None:
            world.telephones.send(phone, words)
            raise Killed

    world.resting = {"notices", "sending"}
    asked_to_correct(world)
    with world.at(GANSU):
        now = world.clock.now()
        with pytest.raises(Killed):
            send_once(now, {"sms": Sms(Dying())})
        assert not send_once(now, {"sms": Sms(world.telephones)})
        assert send_once(now + CLAIM, {"sms": Sms(world.telephones)})
        assert not send_once(now + 9 * CLAIM, {"sms": Sms(world.telephones)})
        assert Reminder.objects.get(channel="sms").state == "unsure"
    assert len(world.telephones.received) == 1
    operator, clerk = Desk(world, staff("sunqiang", GANSU)), Desk(world, MA)
    assert clerk.get("/desk/operations/reminders/") and clerk.answer.status_code == 403
    page = operator.get("/desk/operations/reminders/")
    assert "不能确定是否发出" in page and "1 条没有发出" in operator.get("/desk/operations/")
    one = dict(re.findall(r'name="(case|event|recipient|channel)" value="([^"]+)"', page))
    assert "已放回待发队列" in operator.post("/desk/operations/reminders/again/", dict(one))
    assert operator.post("/desk/operations/reminders/again/", dict(one)) and operator.answer.status_code == 409
    with world.at(GANSU):
        assert send_once(world.clock.now(), {"sms": Sms(world.telephones)})
        assert not send_once(world.clock.now(), {"sms": Sms(world.telephones)})
    assert len(world.telephones.received) == 2


def test_a_worker_killed_before_it_told_tells_later(world: World) -> None:
    world.resting = {"notices", "reminders"}
    zhang, _, _ = asked_to_correct(world)
    with world.at(GANSU):
        assert Untold.objects.count() == 1 and not messages(zhang)
        assert remind_once(world.clock.now()) and not remind_once(world.clock.now())
        assert len(messages(zhang)) == 1


def test_mail_goes_to_a_real_server_where_it_was_asked_for(world: World, post: tuple[Postbox, Mail]) -> None:
    box, mail = post
    world.resting = {"notices", "sending"}
    zhang = story.visitor(world, ZHANG, GANSU)
    with world.at(GANSU):
        choose(zhang, sms=False, mail=True, address="zhang@example.com", at=world.clock.now())
    _, _, _number = asked_to_correct(world)
    senders = {"mail": mail, "sms": Sms(world.telephones)}
    with world.at(GANSU):
        box.refuses = True
        assert send_once(world.clock.now(), senders)
        assert Reminder.objects.get(channel="mail").state == "waiting" and not box.letters
        box.refuses = False
        assert send_once(world.clock.now() + timedelta(minutes=1), senders)
        assert not send_once(world.clock.now() + timedelta(hours=1), senders)
        assert Reminder.objects.get(channel="mail").state == "sent"
        told = messages(zhang)[0].words
    (letter,) = box.letters
    assert letter["To"] == "zhang@example.com" and "补正" in letter["Subject"]
    assert letter.get_content().strip() == told
    assert not world.telephones.received


def test_nobody_takes_mail_where_nobody_listens() -> None:
    with pytest.raises(NotSent):
        Mail("smtp://127.0.0.1:9", "a@b.example").send("c@d.example", "x", "y", "z")


def test_a_limit_that_runs_out_is_warned_of_once(world: World) -> None:
    zhang, _chen, number = asked_to_correct(world)
    with world.at(GANSU):
        due = queries.case_page(number, zhang).correction
    if due is None or due.due_on is None:
        pytest.skip("事项没有补正期限")
    world.pass_time(timedelta(days=(due.due_on - world.clock.now().date()).days))
    world.settle()
    world.settle()
    with world.at(GANSU):
        titles = [message.title for message in messages(zhang)]
    assert titles.count("补正期限将满") == 1


def test_messages_are_ones_own(world: World) -> None:
    zhang, _, _number = asked_to_correct(world)
    li = story.visitor(world, LI, GANSU)
    with world.at(GANSU):
        assert messages(li) == [] and unread(li) == 0
        assert unread(zhang) == 1
    with world.at(HUNAN):
        other = replace(story.approver(world, CHEN), organization="91330106MA2CFRLX8E")
        assert messages(other) == []


def test_whoever_opens_the_page_has_read_them(world: World) -> None:
    asked_to_correct(world)
    client = Client(headers={"host": world.nodes[HUNAN].address.removeprefix("http://")})
    with world.at(HUNAN):
        client.post("/desk/sign-in/", {"login": CHEN.login, "password": PASSWORD})
        assert "未读" in client.get("/desk/messages/").content.decode()
        assert "未读" not in client.get("/desk/messages/").content.decode()
