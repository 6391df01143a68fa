# SPDX-License-Identifier: Apache-2.0
"""A second factor: codes as the RFC makes them, used once; papers instead of telephones; who must have one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.people import CHEN, PASSWORD, SUN, DemoStaff
from tongban.identity import actions, queries, sealing, totp
from tongban.identity.actions import factors, steps
from tongban.identity.actions.credentials import change_staff_password
from tongban.identity.errors import (
    FactorNeeded,
    MoreNeeded,
    PasskeyRefused,
    StepOver,
    TooManyTries,
    WeakPassword,
    WrongFactor,
    WrongPassword,
)
from tongban.identity.limits import FACTOR
from tongban.identity.models import Factor, Staff
from tongban.identity.queries import SignedIn
from tongban.identity.queries.strength import codes_left, enrolment, my_factors, step
from tongban.standards.node import Node, at

AT = datetime(2026, 5, 6, 9, 0, tzinfo=UTC)
HOME = "10.0.0.7"


def employed(who: DemoStaff) -> Staff:
    actions.add_staff(
        login=who.login,
        password=PASSWORD,
        name=who.name,
        organization=who.organization.code,
        region=who.organization.region,
        roles=who.roles,
        at=AT,
    )
    return Staff.objects.get(login=who.login)


@pytest.fixture
def chen(empty: Node) -> Staff:
    return employed(CHEN)


def sign_in(login: str = CHEN.login, at: datetime = AT) -> str:
    return actions.sign_in_staff(login, PASSWORD, address=HOME, at=at)


def way(at: datetime = AT) -> str:
    """The cookie after the right password of who has more to show."""
    with pytest.raises(MoreNeeded) as more:
        sign_in(at=at)
    return more.value.step


def who(cookie: str) -> SignedIn:
    found = queries.signed_in(cookie, AT)
    assert found
    return found


def now(staff: Staff, later: int = 0) -> str:
    """What the telephone shows so many steps later."""
    row = Factor.objects.get(staff=staff, kind="totp")
    secret = bytes.fromhex(sealing.opened(row.id, "totp", row.secret))
    return totp.code(secret, totp.step_at(AT) + later)


def with_totp(staff: Staff) -> list[str]:
    factors.begin_totp(staff, at=AT)
    return factors.prove_totp(staff, now(staff), at=AT)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_codes_are_those_of_rfc_6238(seconds: int, told: str) -> None:
    assert totp.code(b"12345678901234567890", seconds // totp.PERIOD, digits=8) == told


@pytest.mark.parametrize(("count", "told"), list(enumerate(["755224", "287082", "359152", "969429", "338314"])))
def test_codes_are_those_of_rfc_4226(count: int, told: str) -> None:
    assert totp.code(b"12345678901234567890", count) == told


def test_who_has_an_authenticator_is_asked_for_it_and_a_code_is_good_once(chen: Staff) -> None:
    assert sign_in()
    assert len(with_totp(chen)) == factors.CODES

    token = way()
    assert step(token, AT).wants == "factor" and step(token, AT).has_totp
    with pytest.raises(WrongFactor):
        steps.show_code(token, now(chen), address=HOME, at=AT)  # it proved the authenticator
    with pytest.raises(WrongFactor):
        steps.show_code(token, "000000", address=HOME, at=AT)
    entered = steps.show_code(token, now(chen, 1), address=HOME, at=AT)
    assert who(entered).person_name == CHEN.name
    with pytest.raises(StepOver):
        steps.show_code(token, now(chen, 1), address=HOME, at=AT)
    with pytest.raises(WrongFactor):
        steps.show_code(way(), now(chen, 1), address=HOME, at=AT)


def test_a_recovery_code_stands_in_once_however_it_is_typed(chen: Staff) -> None:
    first, *_ = with_totp(chen)

    assert steps.show_code(way(), f" {first.upper()} ", address=HOME, at=AT)
    assert codes_left(chen.id) == factors.CODES - 1
    with pytest.raises(WrongFactor):
        steps.show_code(way(), first, address=HOME, at=AT)
    assert first.encode() not in b"".join(bytes(each.secret or b"") for each in Factor.objects.all())


def test_guessing_the_second_factor_is_slowed_over_all_ways_in(chen: Staff) -> None:
    with_totp(chen)
    for _ in range(FACTOR.here.tries):
        with pytest.raises(WrongFactor):
            steps.show_code(way(), "000000", address=HOME, at=AT)
    with pytest.raises(TooManyTries):
        steps.show_code(way(), now(chen, 1), address=HOME, at=AT)


def test_the_way_in_is_over_after_a_while_and_for_who_has_left(chen: Staff) -> None:
    with_totp(chen)
    token = way()
    with pytest.raises(StepOver):
        steps.show_code(token, now(chen, 1), address=HOME, at=AT + timedelta(minutes=10))
    Staff.objects.update(left_at=AT)
    with pytest.raises(StepOver):
        step(token, AT)
    with pytest.raises(StepOver):
        step("", AT)


def test_whose_role_asks_for_it_sets_one_up_before_they_come_in(empty: Node) -> None:
    sun = employed(SUN)
    assert sign_in(SUN.login)
    with at(replace(empty, second_factor=("operator",))):
        with pytest.raises(MoreNeeded) as more:
            sign_in(SUN.login)
        token = more.value.step
        assert step(token, AT).wants == "enrol"
        with pytest.raises(StepOver):
            steps.show_code(token, "000000", address=HOME, at=AT)  # nothing to show yet
        assert steps.begin_enrolment(token, at=AT) == sun and enrolment(sun)
        entered, codes = steps.enrol(token, now(sun), at=AT)
        assert who(entered).person_name == SUN.name and len(codes) == factors.CODES
        (only,) = my_factors(sun.id)
        with pytest.raises(FactorNeeded):
            factors.end_factor(who(entered), only.id, at=AT)


def test_a_first_password_is_changed_before_they_come_in(chen: Staff) -> None:
    Staff.objects.update(password_due=True)
    token = way()
    assert step(token, AT).wants == "password"
    for weak in (PASSWORD, "short", f"{CHEN.login}-2026"):
        with pytest.raises(WeakPassword):
            steps.choose_password(token, weak, at=AT)
    assert steps.choose_password(token, "My-Very-Own-77", at=AT)
    with pytest.raises(WrongPassword):
        sign_in()


def test_a_passkey_of_nobody_is_refused_by_name(chen: Staff) -> None:
    with_totp(chen)
    token = way()
    for answer in ("", "[]", "{}", '{"id": "ä"}', '{"id": "AAAA"}', "{" * 5000):
        with pytest.raises(PasskeyRefused):
            steps.show_passkey(token, answer, address=HOME, at=AT)


def test_the_password_is_changed_by_who_knows_it_and_ends_the_other_sessions(chen: Staff) -> None:
    here, there = sign_in(), sign_in()
    with pytest.raises(WrongPassword):
        change_staff_password(who(here), "guess", "My-Very-Own-77", address=HOME, at=AT)
    change_staff_password(who(here), PASSWORD, "My-Very-Own-77", address=HOME, at=AT)
    assert queries.signed_in(here, AT) and queries.signed_in(there, AT) is None
