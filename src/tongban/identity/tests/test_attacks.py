# SPDX-License-Identifier: Apache-2.0
"""Attacks on signing in that no other file names: spraying, fixation, a token to renew with, a clock that is off.

Where the others are: injection, substitution, replay and mixed-up issuers in test_oidc, test_provider and
test_visitors, as are nodes that claim people of another region; enumeration in test_codes; redirects to elsewhere in
tests/federation/test_sign_in.
"""

from datetime import UTC, datetime, timedelta

import pytest

from tests.people import PASSWORD, ZHANG, ZHOU
from tongban.identity import actions, oidc, queries
from tongban.identity.actions.sessions import begin_session
from tongban.identity.assurance import Level
from tongban.identity.errors import IdTokenRefused, TooManyTries, WrongPassword
from tongban.identity.limits import ADDRESS
from tongban.identity.models import Person
from tongban.identity.tests.federation import Peer
from tongban.standards.node import Node
from tongban.web import sign_in_cookie

AT = datetime(2026, 5, 6, 9, 0, tzinfo=UTC)
TOO_LONG = "Summer-2026" * 12  # refused without the slow comparison, and counted like any other
HOME, BAD = "10.0.0.7", "203.0.113.9"


@pytest.fixture
def zhang(empty: Node) -> Person:
    actions.add_person(
        name=ZHANG.name,
        id_number=ZHANG.id_number,
        phone=ZHANG.phone,
        home_region=ZHANG.home_region,
        password=PASSWORD,
        at=AT,
    )
    return Person.objects.get()


def test_one_password_sprayed_over_many_logins_is_stopped_and_stops_nobody_else(zhang: Person) -> None:
    tried = 0
    with pytest.raises(TooManyTries):
        for number in range(10_000):
            tried = number
            with pytest.raises(WrongPassword):
                actions.sign_in(f"199{number:08}", TOO_LONG, address=BAD, at=AT)

    assert tried == ADDRESS.tries
    with pytest.raises(TooManyTries):  # nor is the right one of anybody found out from there
        actions.sign_in(ZHANG.phone, PASSWORD, address=BAD, at=AT)
    assert actions.sign_in(ZHANG.phone, PASSWORD, address=HOME, at=AT)


def test_a_cookie_that_somebody_planted_is_never_the_one_that_is_signed_in(zhang: Person) -> None:
    planted = begin_session(zhang, issuer="430000", level=Level.MATCHED, at=AT)
    for previous in (planted, "x" * 43, ""):
        made = actions.sign_in(ZHANG.phone, PASSWORD, address=HOME, at=AT, previous=previous)
        assert made not in (planted, previous) and queries.signed_in(made, AT)
    assert queries.signed_in(planted, AT) is None and queries.signed_in("x" * 43, AT) is None
    names = {sign_in_cookie._step(), sign_in_cookie._code(), sign_in_cookie._way()}
    assert len(names) == 3  # the cookies of the way in are not the session's


def test_there_is_nothing_to_renew_a_sign_in_with_so_nothing_to_steal() -> None:
    told = oidc.discovery("http://430000.localhost:8001")
    assert told["grant_types_supported"] == ["authorization_code"]
    assert told["scopes_supported"] == ["openid"]  # no offline_access
    assert not [name for name in Person._meta.apps.all_models["identity"] if "refresh" in name]


@pytest.mark.parametrize(("off", "is_taken"), [(-59, True), (59, True), (-61, False), (361, False)])
def test_a_clock_that_is_a_little_off_holds_nobody_up_and_one_that_is_far_off_is_refused(
    off: int, is_taken: bool
) -> None:
    gansu = Peer("620000", "甘肃", "62")
    claims = oidc.Claims(
        subject="s",
        level=Level.MATCHED,
        name=ZHOU.name,
        id_type="resident_id",
        id_number=ZHOU.id_number,
        phone="",
        home_region=ZHOU.home_region,
    )
    words = {"issuer": gansu.address, "client": "430000", "nonce": "n"}
    token = oidc.id_token(claims, **words, signed_in_at=AT, key=gansu.key, at=AT)

    def read() -> oidc.Claims:
        keys, at = oidc.key_set([_point(gansu)]), AT + timedelta(seconds=off)
        return oidc.read_id_token(token, **words, keys=keys, at=at, home=gansu.name)

    if is_taken:
        assert read().name == ZHOU.name
    else:
        with pytest.raises(IdTokenRefused):
            read()


def _point(peer: Peer) -> bytes:
    numbers = peer.key.public_key.public_numbers()
    return b"\x04" + numbers.x.to_bytes(32) + numbers.y.to_bytes(32)
