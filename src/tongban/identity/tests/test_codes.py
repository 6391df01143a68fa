# SPDX-License-Identifier: Apache-2.0
"""Codes by text message: what they open, what they do not, and that nobody learns from them who has an account."""

import re
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import PASSWORD, WANG, ZHANG
from tests.world import Telephones
from tongban.identity import actions, queries
from tongban.identity.actions import codes, evidence
from tongban.identity.assurance import Level
from tongban.identity.errors import CodeOver, TooManyTries, WeakPassword, WrongCode, WrongPassword
from tongban.identity.limits import CODE
from tongban.identity.models import Account, Person, SmsCode
from tongban.ledger.models import Line
from tongban.standards.actor import system
from tongban.standards.node import Node
from tongban.standards.refusal import BadInput

AT = datetime(2026, 5, 6, 9, 0, tzinfo=UTC)
HOME, CAFE = "10.0.0.7", "203.0.113.9"
VALUES = re.compile(r"'[^']*'|NULL|\bVALUES.*")  # what differs between two people
NEW = "Ganz-Neues-Passwort-7"


@pytest.fixture
def phones(empty: Node) -> Telephones:
    """Whose telephones ring; 张伟 has an account and was seen at a window, 王芳 has none."""
    person = actions.add_person(
        name=ZHANG.name,
        id_number=ZHANG.id_number,
        phone=ZHANG.phone,
        home_region=ZHANG.home_region,
        password=PASSWORD,
        at=AT - timedelta(days=9),
    )
    seen(person, AT - timedelta(days=9))
    return Telephones()


def seen(person: object, at: datetime) -> None:
    """A clerk saw the person and the document."""
    clerk = system("430000")
    evidence.prove(person, Level.CERTIFIED, evidence.Method.WINDOW, source="w", actor=clerk, at=at, verification=None)  # type: ignore[arg-type]


def ask(phones: Telephones, phone: str = ZHANG.phone, *, address: str = HOME, at: datetime = AT) -> str:
    browser = codes.ask_code(phone, address=address, at=at)
    codes.carry_codes_once(at, phones)
    return browser


def enter(browser: str, code: str, at: datetime = AT, address: str = HOME) -> str:
    return codes.sign_in_by_code(browser, code, address=address, at=at)


def test_a_code_signs_in_once_in_the_browser_that_asked_and_claims_no_more_than_it_proves(phones: Telephones) -> None:
    browser, other = ask(phones), ask(phones)
    code = phones.code()
    assert phones.received[-1][0] == ZHANG.phone

    with pytest.raises(WrongCode):
        enter(browser, code)  # it was for the other browser
    found = queries.signed_in(enter(other, f" {code} "), AT)
    assert found and found.person_name == ZHANG.name and found.is_own
    assert found.level is Level.MATCHED  # by password it is CERTIFIED
    with pytest.raises(CodeOver):
        enter(other, code)


def test_a_code_is_over_after_five_minutes_or_five_wrong_ones(phones: Telephones) -> None:
    late, guessed = ask(phones), ask(phones)
    code = phones.code()
    with pytest.raises(CodeOver):
        enter(late, phones.code(), AT + codes.LIFE)
    for _ in range(codes.TRIES):
        with pytest.raises(WrongCode):
            enter(guessed, "000000" if code != "000000" else "111111")
    with pytest.raises(CodeOver):
        enter(guessed, code)


def test_a_code_that_nobody_carried_is_tried_again_until_it_is_old(phones: Telephones) -> None:
    phones.silent = True
    browser = ask(phones)
    phones.silent = False
    assert not codes.carry_codes_once(AT + timedelta(seconds=1), phones)
    assert codes.carry_codes_once(AT + codes.PAUSE, phones) and enter(browser, phones.code())
    assert not codes.carry_codes_once(AT + codes.PAUSE, phones)
    assert SmsCode.objects.get(browser=SmsCode.objects.values("browser")[:1]).sealed is None


def test_asking_too_often_waits_here_and_the_owner_may_ask_from_where_they_are_known(phones: Telephones) -> None:
    enter(ask(phones), phones.code())  # from home, the right one
    for number in range(CODE.login.tries + 3):
        with pytest.raises(TooManyTries) if number >= CODE.login.tries else nullcontext():
            ask(phones, address=f"198.51.100.{number}")
    assert enter(ask(phones), phones.code())  # nobody has kept the owner out

    for number in range(CODE.here.tries + 1):
        with pytest.raises(TooManyTries) if number == CODE.here.tries else nullcontext():
            ask(phones, WANG.phone, address=CAFE)


def test_who_forgot_the_password_sets_a_new_one_and_everything_else_ends(phones: Telephones) -> None:
    before = actions.sign_in(ZHANG.phone, PASSWORD, address=HOME, at=AT)
    token = actions.issue_token(name="程序", person=Person.objects.get().id, at=AT)
    browser = codes.ask_recovery(ZHANG.id_number, ZHANG.phone, address=CAFE, at=AT)
    codes.carry_codes_once(AT, phones)

    with pytest.raises(WeakPassword):
        codes.recover(browser, phones.code(), f"{ZHANG.phone}a", address=CAFE, at=AT)
    entered = codes.recover(browser, phones.code(), NEW, address=CAFE, at=AT)

    found = queries.signed_in(entered, AT)
    assert found and found.level is Level.MATCHED
    assert queries.signed_in(before, AT) is None and queries.bearer(token, AT) is None
    with pytest.raises(WrongPassword):
        actions.sign_in(ZHANG.phone, PASSWORD, address=HOME, at=AT)
    assert Line.objects.filter(verb="password.recovered").count() == 1


def test_a_recovered_password_proves_no_more_than_the_telephone_until_the_person_was_seen_again(
    phones: Telephones,
) -> None:
    def level() -> Level:
        found = queries.signed_in(actions.sign_in(ZHANG.phone, NEW, address=HOME, at=AT), AT)
        assert found
        return found.level

    browser = codes.ask_recovery(ZHANG.id_number, ZHANG.phone, address=HOME, at=AT)
    codes.carry_codes_once(AT, phones)
    codes.recover(browser, phones.code(), NEW, address=HOME, at=AT)
    assert level() is Level.MATCHED

    seen(Account.objects.get().person_id, AT + timedelta(minutes=1))
    assert level() is Level.CERTIFIED


WAYS: list[tuple[str, Callable[[str, str], object]]] = [
    ("password by phone", lambda _, phone: actions.sign_in(phone, "wrong-Password-1", address=HOME, at=AT)),
    ("password by number", lambda number, _: actions.sign_in(number, "wrong-Password-1", address=HOME, at=AT)),
    ("code", lambda _, phone: codes.ask_code(phone, address=HOME, at=AT)),
    ("recovery", lambda number, phone: codes.ask_recovery(number, phone, address=HOME, at=AT)),
    ("a wrong code", lambda _, phone: enter(codes.ask_code(phone, address=HOME, at=AT), "12345")),
    ("staff", lambda _, phone: actions.sign_in_staff(phone, "wrong-Password-1", address=HOME, at=AT)),
]


@pytest.mark.parametrize(("way", "go"), WAYS, ids=[name for name, _ in WAYS])
def test_known_and_unknown_get_the_same_answer_for_the_same_work(
    phones: Telephones, way: str, go: Callable[[str, str], object]
) -> None:
    def answer(number: str, phone: str) -> tuple[object, ...]:
        said: tuple[object, ...] = ("went on",)
        with CaptureQueriesContext(connection) as asked:
            try:
                go(number, phone)
            except (WrongPassword, WrongCode) as no:
                said = (type(no), no.sentence, no.field, no.status)
        return (*said, [VALUES.sub("", each["sql"]) for each in asked])

    known, unknown = answer(ZHANG.id_number, ZHANG.phone), answer(WANG.id_number, WANG.phone)

    assert known == unknown, way


def test_a_number_and_a_telephone_of_two_people_ring_nobody(phones: Telephones) -> None:
    browser = codes.ask_recovery(ZHANG.id_number, WANG.phone, address=HOME, at=AT)
    assert not codes.carry_codes_once(AT, phones) and phones.received == []
    with pytest.raises(WrongCode):
        codes.recover(browser, "123456", NEW, address=HOME, at=AT)
    with pytest.raises(BadInput):
        codes.ask_code("12", address=HOME, at=AT)
