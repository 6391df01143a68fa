# SPDX-License-Identifier: Apache-2.0
"""What a home node says of those for whom a visitor may act: believed of its own only, in the sign-in of that word."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from tests.people import WANG, ZHANG, ZHOU
from tongban.identity import actions, queries, vouching
from tongban.identity.actions.sessions import begin_session
from tongban.identity.asking import IDENTITY, Wish
from tongban.identity.assurance import Level
from tongban.identity.errors import MandateRefused
from tongban.identity.models import Company, Mandate, Session
from tongban.identity.oidc import Claims, digest
from tongban.identity.queries import SignedIn
from tongban.identity.queries.mandates import MandateView, mandates
from tongban.identity.tests.federation import Home, Peer, join
from tongban.identity.vouching import MANDATES, Vouched, VouchedCompany, VouchedPerson
from tongban.ledger.models import Line
from tongban.standards.node import Node
from tongban.standards.refusal import NotFound

AT = datetime(2026, 5, 6, 9, 0, tzinfo=UTC)
JILIN, SICHUAN = Peer("220000", "吉林省节点", "22"), Peer("510000", "四川省节点", "51")
FANG = Claims("sub-fang", Level.MATCHED, WANG.name, "resident_id", WANG.id_number, "", WANG.home_region, "sid-1")
FIRM = Vouched(uuid4(), "agent", VouchedCompany("91994301000200010T", "星河科技（演示）"), ends_on=date(2026, 5, 7))
CHILD = VouchedPerson("周小禾", "resident_id", "996201201506010242", "220100")
WITH_MANDATES = Wish((*IDENTITY, MANDATES))


@pytest.fixture(autouse=True)
def federation(empty: Node) -> None:
    join(AT, JILIN, SICHUAN)


def arrive(*told: Vouched, claims: Claims = FANG, home: Peer = JILIN) -> str:
    """Somebody signs in from Jilin, which tells this; the cookie."""
    browser = actions.begin_sign_in(home.code, "/", WITH_MANDATES, at=AT)
    there = Home(home, replace(claims, mandates=told), AT)
    actions.finish_sign_ins(home.code, AT, there)
    asked = there.sent.pop()
    actions.go_home(browser, at=AT)
    actions.come_back(browser, {"code": "c", "state": asked["state"], "iss": home.address}, at=AT)
    actions.finish_sign_ins(home.code, AT, there)
    entered = actions.enter(browser, at=AT)
    assert entered, queries.progress(browser, AT)
    return entered[0]


def who(token: str, at: datetime = AT) -> SignedIn:
    found = queries.signed_in(token, at)
    assert found is not None
    return found


def received(token: str) -> list[MandateView]:
    return mandates(who(token), AT)[0]


def test_what_home_tells_is_used_in_that_sign_in_and_in_no_other() -> None:
    token = arrive(FIRM)
    (mine,) = received(token)
    assert (mine.principal, mine.role, mine.state, mine.told_by) == ("星河科技（演示）", "agent", "stands", JILIN.name)
    actions.act_for(who(token), mine.id, at=AT)

    acting = who(token).actor
    assert acting.behalf is not None and acting.behalf.mandate == mine.id
    assert queries.person_details(acting, AT).id_number == "91994301000200010T"
    told = Line.objects.filter(subject=f"mandate/{mine.id}").order_by("number").values_list("verb", flat=True)
    assert list(told) == ["mandate.told", "mandate.used"]
    other = arrive(claims=replace(FANG, sid="sid-2"))
    assert received(other) == []
    with pytest.raises(NotFound):
        actions.act_for(who(other), mine.id, at=AT)
    person = who(token).person
    assert person is not None
    Session.objects.filter(digest=digest(other)).update(mandate=mine.id)  # however it came to be there
    assert who(other).is_over
    unnamed = begin_session(person, issuer=JILIN.code, level=Level.MATCHED, at=AT)  # a sign-in without a sid
    assert received(unnamed) == []


def test_what_home_tells_anew_takes_the_place_of_what_it_told_of_the_same_sign_in() -> None:
    token = arrive(FIRM)
    actions.act_for(who(token), received(token)[0].id, at=AT)
    again = arrive()

    assert received(again)[0].state == "ended" and not Mandate.objects.filter(ended_at=None).exists()


def test_its_last_day_holds_here_too() -> None:
    token = arrive(FIRM)
    actions.act_for(who(token), received(token)[0].id, at=AT)

    midnight = datetime(2026, 5, 7, 16, 0, tzinfo=UTC)  # in China
    Session.objects.update(ends_at=midnight + timedelta(days=1))
    assert not who(token, midnight - timedelta(minutes=1)).is_over and who(token, midnight).is_over


def test_it_is_changed_where_it_was_given() -> None:
    token = arrive(msgspec.structs.replace(FIRM, role="representative"))
    (mine,) = received(token)
    with pytest.raises(MandateRefused):
        actions.end_mandate(who(token), mine.id, at=AT)
    actions.act_for(who(token), mine.id, at=AT)
    words: dict[str, Any] = {"name": ZHANG.name, "id_number": ZHANG.id_number, "items": []}
    with pytest.raises(MandateRefused):
        actions.let_act(who(token), **words, until=date(2026, 6, 1), at=AT)


def test_a_node_says_so_of_its_own_companies_and_people_only() -> None:
    company = Company(id=uuid4(), code=FIRM.company.code, name="星河", home_region="430000", verified_at=AT)  # type: ignore[union-attr]
    company.save()
    actions.add_person(name=ZHOU.name, id_number=ZHOU.id_number, home_region="620100", at=AT)
    ours = VouchedPerson(ZHOU.name, "resident_id", ZHOU.id_number, "220100")  # who is known here as another region's
    theirs = VouchedPerson("周小禾", "resident_id", "996201201506010242", "620100")
    told = [FIRM] + [Vouched(uuid4(), "guardian", person=each) for each in (ours, theirs, CHILD)]

    assert [each.principal for each in received(arrive(*told))] == [CHILD.name]


def test_who_names_no_sign_in_or_is_not_known_by_number_brings_nothing_along() -> None:
    for claims in (replace(FANG, sid=""), replace(FANG, level=Level.DECLARED, subject="other")):
        arrive(FIRM, claims=claims)
    assert not Mandate.objects.exists()


@pytest.mark.parametrize(
    "odd",
    [
        {"role": "owner"},
        {"company": {"code": "1", "name": "x"}},
        {"company": None},
        {"person": msgspec.to_builtins(CHILD)},
        {"items": ["a"] * 41},
        {"basis": "\u202e"},
        {"id": "no uuid"},
    ],
)
def test_what_cannot_be_read_is_no_word_of_home(odd: dict[str, Any]) -> None:
    said = msgspec.to_builtins(FIRM) | odd
    with pytest.raises(ValueError, match="mandate"):
        vouching.read([said])
    with pytest.raises(ValueError, match="mandates"):
        vouching.read([msgspec.to_builtins(FIRM)] * 21)
