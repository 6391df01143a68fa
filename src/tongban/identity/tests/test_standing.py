# SPDX-License-Identifier: Apache-2.0
"""How surely somebody is known rests on rows: what raised it, who says so, and until when."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.people import HAN, MA, PASSWORD, ZHOU
from tests.world import Source
from tongban.identity import actions, queries, sealing
from tongban.identity.actions import looking
from tongban.identity.assurance import Level
from tongban.identity.errors import AlreadyProven, LoginTaken, WrongPassword
from tongban.identity.models import Evidence, Person, Staff, Verification
from tongban.identity.queries import SignedIn
from tongban.identity.queries.looks import looks
from tongban.identity.queries.mandates import asked
from tongban.standards.node import Node
from tongban.standards.refusal import BadInput

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PHONE = "19900000077"


def registered(
    phone: str = PHONE, name: str = HAN.name, number: str = HAN.id_number, id_type: str = "resident_id"
) -> UUID:
    words = {"name": name, "id_type": id_type, "id_number": number, "phone": phone, "home_region": "620000"}
    return actions.register(**words, password=PASSWORD, at=AT)


def signed_in(login: str, at: datetime = AT) -> SignedIn:
    found = queries.signed_in(actions.sign_in(login, PASSWORD, address="a", at=at), at)
    assert found is not None
    return found


def met(phone: str) -> UUID:
    """Han came to a window before she had an account."""
    clerk = queries.staff_actor(Staff.objects.get(login=MA.login))
    words = {"name": HAN.name, "id_type": "resident_id", "id_number": HAN.id_number, "phone": phone}
    actions.meet(**words, verification=UUID(int=1), clerk=clerk, at=AT)
    return Person.objects.get(name=HAN.name).id


def test_who_registers_is_declared_until_the_source_has_answered(node: Node) -> None:
    person = registered()
    own = signed_in(PHONE)
    assert own.level is Level.DECLARED
    with pytest.raises(WrongPassword):  # a number that is only declared signs nobody in
        actions.sign_in(HAN.id_number, PASSWORD, address="a", at=AT)

    assert actions.verify_once(AT, Source())

    assert signed_in(HAN.id_number).level is Level.MATCHED and signed_in(PHONE).actor.id == person
    row = Evidence.objects.get(person=person, level=Level.MATCHED)
    assert (row.method, row.source, bool(row.verification)) == ("matched", node.identity_source, True)
    assert row.by.startswith("system:")
    with pytest.raises(AlreadyProven):
        actions.ask_again(signed_in(PHONE), at=AT)


def test_an_open_session_rises_with_the_answer(node: Node) -> None:
    registered()
    token = actions.sign_in(PHONE, PASSWORD, address="a", at=AT)
    actions.verify_once(AT, Source())

    found = queries.signed_in(token, AT)
    assert found is not None and found.level is Level.MATCHED


@pytest.mark.parametrize(("name", "number"), [("韩学", HAN.id_number), ("高远", "996201199302140811")])
def test_who_does_not_match_stays_declared_and_is_told_so(node: Node, name: str, number: str) -> None:
    registered(name=name, number=number)
    actions.verify_once(AT, Source())

    own = signed_in(PHONE)
    assert own.level is Level.DECLARED and asked(own, AT)[0].state in ("mismatch", "unknown")
    assert actions.ask_again(own, at=AT)


def test_nobody_takes_over_who_is_here_by_knowing_name_and_number(node: Node) -> None:
    registered(name=ZHOU.name, number=ZHOU.id_number)
    actions.verify_once(AT, Source())

    own = signed_in(PHONE)
    assert own.level is Level.DECLARED and asked(own, AT)[0].trouble == "taken"
    assert signed_in(ZHOU.id_number).actor.id != own.actor.id


def test_who_came_to_a_window_before_is_the_same_person_by_number_and_phone(node: Node) -> None:
    before = met(PHONE)
    registered()
    own = signed_in(PHONE)
    assert own.actor.id != before
    actions.verify_once(AT, Source())

    again = signed_in(PHONE)
    assert (again.actor.id, again.level) == (before, Level.PRESENT)
    assert Person.objects.filter(name=HAN.name).count() == 1 and Person.objects.get(id=before).home_region == "620000"
    assert signed_in(HAN.id_number).actor.index == sealing.id_index("resident_id", HAN.id_number)


def test_who_came_to_a_window_before_is_not_taken_over_from_another_phone(node: Node) -> None:
    before = met("19900000088")
    registered()
    actions.verify_once(AT, Source())

    own = signed_in(PHONE)
    assert own.actor.id != before and own.level is Level.DECLARED and asked(own, AT)[0].trouble == "taken"


def test_what_expires_lowers_the_level_at_once(node: Node) -> None:
    met(PHONE)
    registered()
    actions.verify_once(AT, Source())
    person = signed_in(PHONE).actor.id
    ends = Evidence.objects.get(person=person, level=Level.PRESENT).expires_at
    assert ends is not None
    token = actions.sign_in(PHONE, PASSWORD, address="a", at=ends - timedelta(hours=1))

    before, after = (queries.signed_in(token, ends + timedelta(seconds=by)) for by in (-1, 1))
    assert before is not None and after is not None
    assert (before.level, after.level) == (Level.PRESENT, Level.DECLARED)


def test_a_document_that_no_source_knows_waits_for_a_window(node: Node) -> None:
    registered(name="Anna Lindt", number="E 1234 5678", id_type="passport")

    own = signed_in(PHONE)
    (question,) = asked(own, AT)
    assert (question.state, question.trouble, own.level) == ("unavailable", "not_covered", Level.DECLARED)


@pytest.mark.parametrize(
    ("id_type", "number"),
    [
        ("hong_kong_macao_permit", "H1234567"),
        ("taiwan_permit", "A2345678"),
        ("foreign_permanent_resident", "AB1234567890123"),
        ("residence_permit", "810000199001010011"),
        ("passport", "护照"),
        ("credit_code", "91994301000200010T"),
    ],
)
def test_a_number_that_is_none_of_its_kind_is_refused(node: Node, id_type: str, number: str) -> None:
    with pytest.raises(BadInput):
        registered(id_type=id_type, number=number)
    assert not Verification.objects.exists()


def test_a_phone_is_one_accounts_login(node: Node) -> None:
    with pytest.raises(LoginTaken):
        registered(phone=ZHOU.phone)


def test_who_looked_is_kept_for_three_years_and_no_longer(node: Node) -> None:
    clerk = queries.staff_actor(Staff.objects.get(login=MA.login))
    index = sealing.id_index("resident_id", HAN.id_number)
    looking.note(index, "", "unmask", actor=clerk, at=AT)
    actions.forget_old(AT + timedelta(days=3 * 365))
    assert [each.times for each in looks(index)] == [1]
    actions.forget_old(AT + timedelta(days=3 * 366 + 1))
    assert not looks(index)
