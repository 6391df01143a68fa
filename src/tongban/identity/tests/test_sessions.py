# SPDX-License-Identifier: Apache-2.0
"""Signing in by password, sessions, tokens."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import CHEN, PASSWORD, WANG, ZHANG, DemoPerson
from tongban.identity import actions, queries
from tongban.identity.actions.sessions import PERSON_LIFE
from tongban.identity.errors import LoginTaken, TooManyTries, WeakPassword, WrongPassword
from tongban.identity.limits import HERE, LOGIN
from tongban.identity.models import Account, Login, Person, Session, Staff, Tries
from tongban.ledger.models import Line
from tongban.standards.actor import Role
from tongban.standards.node import Node
from tongban.standards.refusal import BadInput, NotAllowed

AT = datetime(2026, 5, 6, 9, 0, tzinfo=UTC)
HOME, CAFE = "10.0.0.7", "203.0.113.9"


def known(who: DemoPerson, password: str = PASSWORD) -> UUID:
    return actions.add_person(
        name=who.name,
        id_number=who.id_number,
        phone=who.phone,
        home_region=who.home_region,
        password=password,
        at=AT,
    )


def employed() -> UUID:
    return actions.add_staff(
        login=CHEN.login,
        password=PASSWORD,
        name=CHEN.name,
        organization=CHEN.organization.code,
        region=CHEN.organization.region,
        roles=CHEN.roles,
        at=AT,
    )


def sign_in(login: str, password: str = PASSWORD, *, address: str = HOME, at: datetime = AT) -> str:
    return actions.sign_in(login, password, address=address, at=at)


def test_a_person_signs_in_by_id_number_or_phone_however_typed(empty: Node) -> None:
    person = known(ZHANG)

    for login in (ZHANG.id_number, ZHANG.id_number.lower(), ZHANG.phone, f" +86 {ZHANG.phone[:3]} {ZHANG.phone[3:]}"):
        found = queries.signed_in(sign_in(login), AT)
        assert found and found.actor.id == person and found.actor.role is Role.APPLICANT and found.is_own


def test_the_same_number_is_the_same_person_and_keeps_the_password(empty: Node) -> None:
    assert known(ZHANG) == known(ZHANG, "another-Password-9")

    assert (Person.objects.count(), Account.objects.count()) == (1, 1)
    assert sign_in(ZHANG.phone)


def test_numbers_are_stored_sealed_and_blind(empty: Node) -> None:
    known(ZHANG)

    with connection.cursor() as cursor:
        for table in ("identity_person", "identity_login", "identity_account"):
            cursor.execute(f"SELECT string_agg(t::text, ' ') FROM {table} t")
            stored = cursor.fetchone()[0]
            assert ZHANG.id_number not in stored and ZHANG.phone not in stored and PASSWORD not in stored
            assert ZHANG.id_number.encode().hex() not in stored


def test_a_person_sees_their_own_details_and_nobody_elses(empty: Node) -> None:
    known(ZHANG)
    employed()
    zhang = queries.signed_in(sign_in(ZHANG.phone), AT)
    chen = queries.signed_in(actions.sign_in_staff(CHEN.login, PASSWORD, address=HOME, at=AT), AT)
    assert zhang and chen

    details = queries.person_details(zhang.actor)
    assert (details.name, details.id_number, details.phone) == (ZHANG.name, ZHANG.id_number, ZHANG.phone)
    with pytest.raises(NotAllowed):
        queries.person_details(chen.actor)


def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(empty: Node) -> None:
    known(ZHANG)

    answers = set()
    for login in (ZHANG.phone, WANG.phone, "not a login", ""):
        with pytest.raises(WrongPassword) as refused:
            sign_in(login, "wrong-Password-1")
        answers.add((refused.value.sentence, refused.value.field))

    assert len(answers) == 1


def test_guessing_is_slowed_here_and_nobody_else_waits(empty: Node) -> None:
    known(ZHANG)
    known(WANG)
    for _ in range(HERE.tries):
        with pytest.raises(WrongPassword):
            sign_in(ZHANG.phone, "wrong-Password-1", address=CAFE)

    with pytest.raises(TooManyTries):  # even the right one: who guesses must not learn that it was right
        sign_in(ZHANG.phone, address=CAFE)
    assert sign_in(ZHANG.phone, address=HOME)
    assert sign_in(WANG.phone, address=CAFE)
    assert sign_in(ZHANG.phone, address=CAFE, at=AT + HERE.within)


def test_an_unknown_login_is_slowed_the_same_way(empty: Node) -> None:
    for _ in range(HERE.tries):
        with pytest.raises(WrongPassword):
            sign_in(ZHANG.phone, "wrong-Password-1")

    with pytest.raises(TooManyTries):
        sign_in(ZHANG.phone, "wrong-Password-1")


def test_guessing_from_everywhere_does_not_keep_the_owner_out(empty: Node) -> None:
    known(ZHANG)
    sign_in(ZHANG.phone, address=HOME)
    for guess in range(LOGIN.tries + 5):
        with pytest.raises((WrongPassword, TooManyTries)):
            sign_in(ZHANG.phone, "wrong-Password-1", address=f"198.51.100.{guess}")

    with pytest.raises(TooManyTries):
        sign_in(ZHANG.phone, address="198.51.100.200")
    assert sign_in(ZHANG.phone, address=HOME)


def test_the_right_password_forgives_earlier_mistakes(empty: Node) -> None:
    known(ZHANG)
    for _ in range(3):
        for _ in range(HERE.tries - 1):
            with pytest.raises(WrongPassword):
                sign_in(ZHANG.phone, "wrong-Password-1")
        assert sign_in(ZHANG.phone)


def test_counts_name_neither_login_nor_address(empty: Node) -> None:
    with pytest.raises(WrongPassword):
        sign_in(ZHANG.phone, "wrong-Password-1", address=CAFE)

    assert all(CAFE.encode() not in bytes(key) for key in Tries.objects.values_list("key", flat=True))


def test_every_sign_in_has_a_new_cookie_and_ends_the_old_one(empty: Node) -> None:
    known(ZHANG)
    planted = sign_in(ZHANG.phone)

    fresh = actions.sign_in(ZHANG.phone, PASSWORD, address=HOME, at=AT, previous=planted)

    assert fresh != planted and queries.signed_in(fresh, AT)
    assert queries.signed_in(planted, AT) is None
    assert not Session.objects.filter(digest=fresh.encode()).exists()


def test_a_session_ends_by_itself_and_by_signing_out(empty: Node) -> None:
    person = known(ZHANG)
    token = sign_in(ZHANG.phone)
    assert queries.signed_in(token, AT + PERSON_LIFE - timedelta(seconds=1))
    assert queries.signed_in(token, AT + PERSON_LIFE) is None

    actions.sign_out(token, at=AT)
    actions.sign_out(token, at=AT)
    actions.sign_out("unknown", at=AT)

    assert queries.signed_in(token, AT) is None
    told = Line.objects.filter(subject=f"person/{person}").order_by("number")
    assert list(told.values_list("verb", flat=True)) == [
        "person.added",
        "person.proved",
        "signed_in",
        "signed_out",
    ]


def test_who_is_signed_in_costs_one_statement(empty: Node) -> None:
    known(ZHANG)
    employed()
    cookies = [sign_in(ZHANG.phone), actions.sign_in_staff(CHEN.login, PASSWORD, address=HOME, at=AT)]
    tokens = [actions.issue_token(name="程序", person=known(ZHANG), at=AT)]

    for ask, held in [(queries.signed_in, cookies), (queries.bearer, tokens)]:
        for one in held:
            with CaptureQueriesContext(connection) as asked:
                assert ask(one, AT)
            assert len(asked) == 1


def test_staff_act_in_their_roles_until_they_leave(empty: Node) -> None:
    staff = employed()
    assert employed() == staff
    found = queries.signed_in(actions.sign_in_staff(CHEN.login, PASSWORD, address=HOME, at=AT), AT)

    assert found and found.kind == "staff" and found.actor.roles == frozenset(CHEN.roles)
    assert found.actor.organization == CHEN.organization.code

    token = actions.issue_token(name="程序", staff=staff, at=AT)
    Staff.objects.update(left_at=AT)
    assert queries.bearer(token, AT) is None
    with pytest.raises(WrongPassword):
        actions.sign_in_staff(CHEN.login, PASSWORD, address=HOME, at=AT)


def test_a_person_does_not_sign_in_at_the_desk_nor_staff_at_the_portal(empty: Node) -> None:
    known(ZHANG)
    employed()

    with pytest.raises(WrongPassword):
        actions.sign_in_staff(ZHANG.phone, PASSWORD, address=HOME, at=AT)
    with pytest.raises(WrongPassword):
        sign_in(CHEN.login)


def test_a_token_works_until_it_is_revoked_or_over(empty: Node) -> None:
    person = known(ZHANG)
    fixed = actions.issue_token(name="演示", person=person, token="tbt_demo-of-zhang", at=AT)
    assert actions.issue_token(name="演示", person=person, token="tbt_demo-of-zhang", at=AT) == fixed
    short = actions.issue_token(name="短期", person=person, ends_at=AT + timedelta(hours=1), at=AT)

    found = queries.bearer(fixed, AT)
    assert found and found.actor.id == person
    assert queries.bearer(short, AT) and queries.bearer(short, AT + timedelta(hours=1)) is None
    assert queries.bearer("", AT) is None and queries.bearer("tbt_other", AT) is None
    actions.revoke_token(fixed, at=AT)
    assert queries.bearer(fixed, AT) is None
    assert queries.signed_in(short, AT) is None  # a token is no cookie


def test_weak_passwords_wrong_numbers_and_taken_logins_are_refused_by_name(empty: Node) -> None:
    with pytest.raises(WeakPassword):
        known(ZHANG, "12345678")
    with pytest.raises(BadInput):
        actions.add_person(name="张伟", id_number="990101199001010011", home_region="430100", at=AT)
    known(ZHANG)
    with pytest.raises(LoginTaken):
        actions.add_person(
            name=WANG.name,
            id_number=WANG.id_number,
            phone=ZHANG.phone,
            home_region=WANG.home_region,
            password=PASSWORD,
            at=AT,
        )
    assert (Person.objects.count(), Login.objects.count()) == (1, 2)


def test_what_has_served_its_time_is_forgotten(empty: Node) -> None:
    known(ZHANG)
    sign_in(ZHANG.phone)
    with pytest.raises(WrongPassword):
        sign_in(WANG.phone, address=CAFE)

    actions.forget_old(AT + timedelta(days=2))
    assert Session.objects.count() == 1 and Tries.objects.filter(known_at=None).count() == 0
    actions.forget_old(AT + timedelta(days=120))
    assert Session.objects.count() == 0 and Tries.objects.count() == 0
