# SPDX-License-Identifier: Apache-2.0
"""Who acts for whom: both sides say yes, each signed in as themselves, and either ends it at once."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.people import HAN, PASSWORD, ZHANG, ZHOU
from tests.world import Source
from tongban.identity import actions, queries, sealing
from tongban.identity.errors import MandateOver, MandateRefused, NotAMinor, NotProven, OwnNumber
from tongban.identity.models import Company, Evidence, Mandate, Session
from tongban.identity.oidc import digest
from tongban.identity.queries import SignedIn
from tongban.identity.queries.mandates import MandateView, mandates
from tongban.ledger.models import Line
from tongban.standards.node import Node
from tongban.standards.refusal import BadInput, NotAllowed, NotFound

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
COMPANY = {"name": "长沙星河科技有限公司（演示）", "code": "91994301000200010T"}
REPRESENTED = {"representative_name": HAN.name, "representative_number": HAN.id_number}
CHILD = {"name": "周小禾", "id_number": "996201201506010242"}
YEAR = TODAY + timedelta(days=365)


@pytest.fixture(autouse=True)
def people(node: Node) -> Iterator[None]:
    """Zhou is at home here; Zhang and Han have accounts here as well."""
    for one in (ZHANG, HAN):
        words: dict[str, Any] = {"name": one.name, "id_number": one.id_number, "phone": one.phone}
        actions.add_person(**words, home_region="620000", password=PASSWORD, at=AT)
    yield


def who(token: str, at: datetime = AT) -> SignedIn:
    found = queries.signed_in(token, at)
    assert found is not None
    return found


def session(phone: str) -> str:
    return actions.sign_in(phone, PASSWORD, address="a", at=AT)


def register_company(asking: str, **changed: str) -> None:
    actions.ask_company(who(asking), **{**COMPANY, **REPRESENTED, **changed}, until=YEAR, at=AT)
    assert actions.verify_once(AT, Source())


def received(token: str) -> list[MandateView]:
    return mandates(who(token), AT)[0]


def given(token: str) -> list[MandateView]:
    return mandates(who(token), AT)[1]


def appointed() -> tuple[str, str, UUID]:
    """Zhang registered the company, Han confirmed him, and he has switched to it."""
    zhang, han = session(ZHANG.phone), session(HAN.phone)
    register_company(zhang)
    (mandate,) = received(zhang)
    actions.confirm(who(han), mandate.id, at=AT)
    actions.act_for(who(zhang), mandate.id, at=AT)
    return zhang, han, mandate.id


def test_an_agent_waits_for_the_representative_who_confirms_signed_in_as_themselves() -> None:
    zhang, han = session(ZHANG.phone), session(HAN.phone)
    register_company(zhang)
    (mine,) = received(zhang)

    assert (mine.role, mine.state, mine.waits_for, mine.principal) == ("agent", "asked", "principal", COMPANY["name"])
    with pytest.raises(NotFound):
        actions.act_for(who(zhang), mine.id, at=AT)
    for stranger in (zhang, session(ZHOU.phone)):
        with pytest.raises(NotFound):
            actions.confirm(who(stranger), mine.id, at=AT)
    assert [each.role for each in received(han)] == ["representative"]
    assert [each.id for each in given(han)] == [mine.id]

    actions.confirm(who(han), mine.id, at=AT)
    actions.act_for(who(zhang), mine.id, at=AT)

    acting = who(zhang)
    assert acting.actor.behalf is not None and acting.person_name == ZHANG.name
    assert acting.actor.index == sealing.id_index("credit_code", COMPANY["code"])
    assert acting.actor.pseudonym == f"applicant:{acting.actor.id}/agent:{mine.id}"
    details = queries.person_details(acting.actor, AT)
    assert details.agent is not None
    assert (details.name, details.id_number, details.phone, details.agent.name) == (
        *COMPANY.values(),
        ZHANG.phone,
        ZHANG.name,
    )
    verbs = Line.objects.filter(subject=f"mandate/{mine.id}").order_by("number").values_list("verb", flat=True)
    assert list(verbs) == ["mandate.asked", "mandate.granted", "mandate.used"]


def test_who_is_signed_in_takes_one_statement_whoever_they_act_for() -> None:
    zhang, _, _ = appointed()
    with CaptureQueriesContext(connection) as asked:
        assert queries.signed_in(zhang, AT) is not None

    assert len(asked) == 1


def test_an_agent_whose_mandate_ends_loses_access_at_once_and_does_nothing_in_their_own_name_by_mistake() -> None:
    zhang, han, mandate = appointed()
    acting = who(zhang).actor
    actions.end_mandate(who(han), mandate, at=AT)

    over = who(zhang)
    assert over.is_over and over.actor.behalf is None
    with pytest.raises(MandateOver):
        queries.person_details(acting, AT)
    with pytest.raises(NotFound):
        actions.act_for(over, mandate, at=AT)
    actions.act_for(over, None, at=AT)
    assert not who(zhang).is_over


def test_a_mandate_is_over_on_the_day_after_its_last() -> None:
    zhang, _, _ = appointed()
    Session.objects.filter(digest=digest(zhang)).update(ends_at=AT + timedelta(days=900))
    last = datetime(YEAR.year, YEAR.month, YEAR.day, 15, 59, tzinfo=UTC)  # 23:59 in China

    assert not who(zhang, last).is_over and who(zhang, last + timedelta(minutes=1)).is_over


def test_a_company_that_the_register_does_not_know_so_is_not_known_here() -> None:
    zhang = session(ZHANG.phone)
    register_company(zhang, name="长沙星河（演示）")
    register_company(zhang, representative_name=ZHANG.name, representative_number=ZHANG.id_number)

    assert not Company.objects.exists() and not received(zhang)
    for wrong in ({"code": "91994301000200010A"}, {"name": ""}, {"representative_number": "1"}):
        with pytest.raises(BadInput):
            actions.ask_company(who(zhang), **{**COMPANY, **REPRESENTED, **wrong}, until=YEAR, at=AT)


def test_the_representative_registers_and_names_agents_who_accept() -> None:
    zhang, han = session(ZHANG.phone), session(HAN.phone)
    register_company(han)
    (mine,) = received(han)
    assert (mine.role, mine.state) == ("representative", "stands")
    with pytest.raises(MandateRefused):
        actions.end_mandate(who(han), mine.id, at=AT)
    actions.act_for(who(han), mine.id, at=AT)
    words: dict[str, Any] = {"name": ZHANG.name, "id_number": ZHANG.id_number, "items": ["a"], "until": YEAR}
    made = actions.let_act(who(han), **words, at=AT)

    (offered,) = received(zhang)
    assert (offered.id, offered.waits_for, offered.items, offered.role) == (made, "agent", ("a",), "agent")
    with pytest.raises(NotFound):
        actions.accept(who(session(ZHOU.phone)), made, at=AT)
    actions.accept(who(zhang), made, at=AT)
    actions.act_for(who(zhang), made, at=AT)
    acting = who(zhang).actor
    assert acting.covers("a") and not acting.covers("b")
    with pytest.raises(MandateRefused):  # an agent names no agents
        actions.let_act(who(zhang), **(words | {"name": ZHOU.name, "id_number": ZHOU.id_number}), at=AT)


def test_a_newly_registered_representative_takes_the_place_of_the_one_before() -> None:
    zhang, han = session(ZHANG.phone), session(HAN.phone)
    register_company(han)
    source = Source()
    source.register.belongs[COMPANY["code"]] = (ZHANG.name, ZHANG.id_number)
    changed = {"representative_name": ZHANG.name, "representative_number": ZHANG.id_number}
    actions.ask_company(who(zhang), **COMPANY, **changed, until=YEAR, at=AT)
    actions.verify_once(AT, source)

    assert [each.state for each in received(han)] == ["ended"]
    assert [(each.role, each.state) for each in received(zhang)] == [("representative", "stands")]


def test_a_helper_is_named_by_number_accepts_and_is_ended_by_either() -> None:
    zhou, zhang = session(ZHOU.phone), session(ZHANG.phone)
    words: dict[str, Any] = {"name": ZHANG.name, "id_number": ZHANG.id_number, "items": [], "until": YEAR}
    made = actions.let_act(who(zhou), **words, at=AT)
    with pytest.raises(NotFound):
        actions.act_for(who(zhang), made, at=AT)
    actions.accept(who(zhang), made, at=AT)
    actions.act_for(who(zhang), made, at=AT)

    assert who(zhang).actor.owner == who(zhou).actor.id and who(zhang).actor.index == who(zhou).actor.index
    with pytest.raises(NotFound):
        actions.end_mandate(who(session(HAN.phone)), made, at=AT)
    actions.end_mandate(who(zhang), made, at=AT)
    assert who(zhang).actor.behalf is None and not who(zhang).is_over
    assert [each.state for each in given(zhou)] == ["ended"]


def test_what_cannot_be_granted_is_refused_at_its_field() -> None:
    zhou = session(ZHOU.phone)
    words: dict[str, Any] = {"name": ZHANG.name, "id_number": ZHANG.id_number, "items": [], "until": YEAR}
    with pytest.raises(OwnNumber):
        actions.let_act(who(zhou), **(words | {"id_number": ZHOU.id_number}), at=AT)
    for until in (TODAY - timedelta(days=1), TODAY + timedelta(days=2000)):
        with pytest.raises(BadInput):
            actions.let_act(who(zhou), **(words | {"until": until}), at=AT)
    made = actions.let_act(who(zhou), **(words | {"name": "张威"}), at=AT)
    with pytest.raises(MandateRefused):
        actions.accept(who(session(ZHANG.phone)), made, at=AT)


def test_nobody_lets_act_or_acts_whose_number_is_only_declared() -> None:
    zhou = session(ZHOU.phone)
    Evidence.objects.all().delete()
    with pytest.raises(NotProven):
        actions.let_act(who(zhou), name=ZHANG.name, id_number=ZHANG.id_number, items=[], until=YEAR, at=AT)
    with pytest.raises(NotAllowed):
        actions.ask_again(who(actions.sign_in_staff("mali", PASSWORD, address="a", at=AT)), at=AT)


def test_a_guardian_acts_for_a_child_until_it_is_of_age() -> None:
    zhou = session(ZHOU.phone)
    actions.ask_ward(who(zhou), **CHILD, at=AT)
    actions.verify_once(AT, Source())
    (mine,) = received(zhou)

    assert (mine.role, mine.state, mine.basis) == ("guardian", "stands", "登记的监护关系")
    assert mine.ends_on == date(2033, 5, 31)
    actions.act_for(who(zhou), mine.id, at=AT)
    assert queries.person_details(who(zhou).actor, AT).id_number == CHILD["id_number"]


def test_nobody_is_guardian_of_whom_the_register_does_not_say_so() -> None:
    zhang = session(ZHANG.phone)
    actions.ask_ward(who(zhang), **CHILD, at=AT)
    actions.verify_once(AT, Source())

    assert not received(zhang) and not Mandate.objects.exists()
    with pytest.raises(NotAMinor):
        actions.ask_ward(who(zhang), name=ZHOU.name, id_number=ZHOU.id_number, at=AT)
