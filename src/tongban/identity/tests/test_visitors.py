# SPDX-License-Identifier: Apache-2.0
"""People of other nodes sign in here: the whole way, and every way it may go wrong."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc.jwk import ECKey

from tests.people import PASSWORD, WANG, ZHANG
from tongban.identity import actions, oidc, queries
from tongban.identity.actions.visitors import USUAL
from tongban.identity.asking import IDENTITY, Wish
from tongban.identity.assurance import Level
from tongban.identity.errors import Declined, LevelTooLow, WrongIssuer, WrongState
from tongban.identity.models import Attempt, Person, SignIn
from tongban.identity.oidc import Claims
from tongban.identity.tests.federation import Home, Peer, join
from tongban.regions.errors import UnknownNode
from tongban.standards.node import Node

AT = datetime(2026, 5, 6, 9, 0, tzinfo=UTC)
JILIN, SICHUAN = Peer("220000", "吉林省节点", "22"), Peer("510000", "四川省节点", "51")
FANG = Claims("sub-fang", Level.MATCHED, WANG.name, "resident_id", WANG.id_number, WANG.phone, WANG.home_region)


@pytest.fixture(autouse=True)
def federation(empty: Node) -> None:
    join(AT, JILIN, SICHUAN, Peer("150000", "内蒙古节点", "15", status="suspended"))


class Visit:
    """One browser on its way to Jilin and back; the worker has asked Jilin already."""

    def __init__(
        self, home: Peer = JILIN, claims: Claims = FANG, at: datetime = AT, wish: Wish = USUAL, *, asks: bool = True
    ) -> None:
        self.browser, self.peer = actions.begin_sign_in(home.code, "/items/", wish, at=at), home
        self.home = Home(home, claims, at)
        if asks:
            self.finish(at)
            self.asked = self.home.sent.pop()
            self.url = actions.go_home(self.browser, at=at)

    def back(self, **changed: str) -> None:
        said = {"code": "the-code", "state": self.asked["state"], "iss": self.peer.address} | changed
        actions.come_back(self.browser, said, at=AT)

    def finish(self, at: datetime = AT) -> int:
        return actions.finish_sign_ins(self.peer.code, at, self.home)

    def outcome(self, at: datetime = AT) -> tuple[str, str]:
        progress = queries.progress(self.browser, at)
        assert progress
        return progress.status, progress.refusal.code if progress.refusal else ""


def test_a_visitor_goes_home_comes_back_and_is_in() -> None:
    visit = Visit()
    visit.back()
    assert visit.finish() == 1
    entered = actions.enter(visit.browser, at=AT)

    assert entered and entered[1] == "/items/"
    found = queries.signed_in(entered[0], AT)
    assert found and found.issuer == entered[2] == JILIN.code and not found.is_own and found.person_name == WANG.name
    assert queries.person_details(found.actor).id_number == WANG.id_number
    [form] = visit.home.sent
    assert form["redirect_uri"] == visit.asked["redirect_uri"]
    assert set(parse_qs(urlsplit(visit.url).query)) == {"client_id", "request_uri"}  # nothing else travels openly
    assert oidc.challenge(form["code_verifier"]) == visit.asked["code_challenge"]


def test_a_way_in_is_used_once() -> None:
    visit = Visit()
    visit.back()
    visit.finish()
    assert actions.enter(visit.browser, at=AT) and actions.enter(visit.browser, at=AT) is None


def test_what_the_way_needed_is_gone_afterwards() -> None:
    visit = Visit()
    visit.back()
    visit.finish()

    row = Attempt.objects.get()
    assert (row.code, row.verifier, row.nonce) == ("", "", "")


def test_nothing_is_asked_before_the_code_is_there_nor_twice() -> None:
    visit = Visit()
    assert visit.finish() == 0 and visit.home.sent == []
    assert actions.go_home(visit.browser, at=AT) == ""  # once
    visit.back()
    visit.back()  # the page was opened again
    visit.finish()
    assert visit.finish() == 0 and len(visit.home.sent) == 1


def test_a_wrong_state_or_another_browser_gets_nowhere() -> None:
    visit, other = Visit(), Visit()

    with pytest.raises(WrongState):
        visit.back(state="guessed")
    with pytest.raises(WrongState):
        visit.back(state=other.asked["state"])  # somebody else's link, opened in this browser
    with pytest.raises(WrongState):
        actions.come_back("", {"code": "c", "state": visit.asked["state"], "iss": JILIN.address}, at=AT)
    with pytest.raises(WrongState):
        actions.come_back(
            visit.browser,
            {"code": "c", "state": visit.asked["state"], "iss": JILIN.address},
            at=AT + timedelta(minutes=15),
        )
    assert set(Attempt.objects.values_list("status", flat=True)) == {"waiting"}


@pytest.mark.parametrize("issuer", ["", SICHUAN.address, "http://evil.example"])
def test_an_answer_by_another_node_ends_the_sign_in(issuer: str) -> None:
    visit = Visit()

    with pytest.raises(WrongIssuer):
        visit.back(iss=issuer)

    assert visit.finish() == 0 and visit.outcome() == ("refused", "wrong_issuer")


def test_a_no_at_home_is_a_no_here() -> None:
    visit = Visit()

    with pytest.raises(Declined):
        visit.back(error="access_denied", code="")

    assert visit.outcome() == ("refused", "sign_in_declined")


def test_an_id_token_of_another_sign_in_is_refused() -> None:
    other, visit = Visit(), Visit()
    visit.back()
    visit.home.nonce = other.home.nonce

    assert visit.finish() == 1 and visit.outcome() == ("refused", "id_token_refused")
    assert actions.enter(visit.browser, at=AT) is None


def test_an_id_token_by_another_key_is_refused() -> None:
    visit = Visit()
    visit.back()
    visit.home.signs_with = oidc.private_key(ECKey.generate_key("P-256").as_pem(private=True))

    assert visit.finish() == 1 and visit.outcome() == ("refused", "id_token_refused")


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        ((400, b'{"error": "invalid_grant"}'), "code_refused"),
        ((401, b'{"error": "invalid_client"}'), "not_trusted_there"),
        ((200, b"{}"), "id_token_refused"),
        ((200, b'{"id_token": 7}'), "id_token_refused"),
        ((200, b"[]"), "id_token_refused"),
        ((200, b"<html>"), "id_token_refused"),
        ((302, b""), "id_token_refused"),
    ],
)
def test_an_odd_answer_is_refused_by_name(answer: tuple[int, bytes], refusal: str) -> None:
    visit = Visit()
    visit.back()
    visit.home.answer = answer

    assert visit.finish() == 1 and visit.outcome() == ("refused", refusal)


@pytest.mark.parametrize("answer", [None, (503, b""), (429, b"")])
def test_a_silent_home_node_is_asked_again_until_the_time_is_over(answer: tuple[int, bytes] | None) -> None:
    visit = Visit()
    visit.back()
    visit.home.silent, visit.home.answer = answer is None, answer

    assert visit.finish() == 0 and visit.outcome() == ("code", "home_node_silent")
    assert visit.finish() == 0 and len(visit.home.sent) == 1  # not at once
    actions.try_again(visit.browser, at=AT)
    assert visit.finish() == 0 and len(visit.home.sent) == 2
    late = AT + timedelta(minutes=16)
    assert visit.finish(late) == 1 and visit.outcome(late) == ("refused", "home_node_silent")


@pytest.mark.parametrize("answer", [None, (502, b""), (429, b"")])
def test_before_home_has_heard_the_question_nobody_is_sent_there(answer: tuple[int, bytes] | None) -> None:
    visit = Visit(asks=False)
    visit.home.silent, visit.home.answer = answer is None, answer

    assert visit.finish() == 0 and visit.outcome() == ("push", "home_node_silent")
    assert actions.go_home(visit.browser, at=AT) == ""
    visit.home.silent, visit.home.answer = False, None
    assert visit.finish(AT + timedelta(seconds=2)) == 1 and visit.outcome() == ("waiting", "")
    assert actions.go_home(visit.browser, at=AT).startswith(f"{JILIN.address}/oidc/authorize?client_id=430000&")


@pytest.mark.parametrize(
    ("answer", "refusal"),
    [
        ((401, b'{"error": "invalid_client"}'), "not_trusted_there"),
        ((400, b'{"error": "invalid_request"}'), "id_token_refused"),
        ((201, b'{"request_uri": "https://evil.example/"}'), "id_token_refused"),
        ((201, b"[]"), "id_token_refused"),
        ((200, b"<html>"), "id_token_refused"),
    ],
)
def test_a_question_that_home_does_not_take_ends_the_sign_in(answer: tuple[int, bytes], refusal: str) -> None:
    visit = Visit(asks=False)
    visit.home.answer = answer

    assert visit.finish() == 1 and visit.outcome() == ("refused", refusal)
    assert actions.go_home(visit.browser, at=AT) == ""


def test_only_what_a_page_needs_is_asked_for() -> None:
    assert set(IDENTITY) < set(oidc.CLAIMS) and "phone_number" not in Visit().asked["claims"]
    assert "phone_number" in Visit(wish=Wish(claims=oidc.CLAIMS)).asked["claims"]


def test_who_is_not_known_surely_enough_is_not_let_in() -> None:
    visit = Visit(wish=Wish(level=Level.PRESENT))
    visit.back()

    assert visit.finish() == 1 and visit.outcome() == ("refused", "level_too_low")
    with pytest.raises(LevelTooLow):
        Visit(wish=Wish(level=Level.PRESENT)).back(error="unmet_authentication_requirements", code="")


def test_a_home_node_that_wakes_up_lets_its_people_in() -> None:
    visit = Visit()
    visit.back()
    visit.home.silent = True
    visit.finish()
    visit.home.silent = False

    assert visit.finish(AT + timedelta(seconds=2)) == 1 and visit.outcome() == ("ready", "")


def test_a_silent_node_is_asked_once_a_pass_and_people_of_others_do_not_wait_behind_it() -> None:
    jilin = [Visit() for _ in range(3)]
    sichuan = Visit(SICHUAN, replace(FANG, subject="x", id_number=ZHANG.id_number, home_region="510100"))
    for visit in (*jilin, sichuan):
        visit.back()
    jilin[0].home.silent = True

    assert actions.finish_sign_ins(JILIN.code, AT, jilin[0].home) == 0 and sichuan.finish() == 1

    assert len(jilin[0].home.sent) == 1
    assert sichuan.outcome()[0] == "ready" and {visit.outcome() for visit in jilin} == {("code", "home_node_silent")}


def come(claims: Claims, home: Peer = JILIN) -> tuple[str, str]:
    visit = Visit(home, claims)
    visit.back()
    visit.finish()
    return visit.outcome()


def test_the_second_visit_is_the_same_person_with_news() -> None:
    come(FANG)
    assert come(replace(FANG, phone="13900000009", name="王芳")) == ("ready", "")

    [person] = Person.objects.all()
    assert person.name == "王芳" and SignIn.objects.count() == 1


def test_a_person_known_from_a_window_is_the_same_row() -> None:
    known = actions.add_person(name=WANG.name, id_number=WANG.id_number, home_region=WANG.home_region, at=AT)
    come(FANG)

    assert SignIn.objects.get().person_id == known


def test_a_number_that_was_only_declared_joins_nobody() -> None:
    actions.add_person(name=WANG.name, id_number=WANG.id_number, home_region=WANG.home_region, at=AT)
    come(replace(FANG, level=Level.DECLARED))

    assert Person.objects.count() == 2 and Person.objects.filter(id_index=None).count() == 1


def test_two_people_whose_numbers_were_only_declared_share_nothing() -> None:
    come(replace(FANG, level=Level.DECLARED))
    come(replace(FANG, level=Level.DECLARED, subject="sub-other"))

    one, other = (queries.person_actor(person) for person in Person.objects.all())
    assert one.index and other.index and one.index != other.index


def test_a_node_may_not_speak_for_another_region() -> None:
    assert come(replace(FANG, home_region="510100")) == ("refused", "not_its_region")
    assert come(replace(FANG, home_region="999999")) == ("refused", "not_its_region")
    assert Person.objects.count() == 0


def test_a_node_may_not_name_the_number_of_another_regions_person(empty: Node) -> None:
    actions.add_person(name=ZHANG.name, id_number=ZHANG.id_number, home_region="430100", password=PASSWORD, at=AT)

    stolen = replace(FANG, id_number=ZHANG.id_number, name=ZHANG.name)

    assert come(stolen) == ("refused", "not_its_region")
    assert SignIn.objects.count() == 0


def test_a_subject_does_not_change_its_person() -> None:
    come(FANG)

    assert come(replace(FANG, id_number=ZHANG.id_number)) == ("refused", "subject_changed")


def test_a_node_that_is_unknown_or_suspended_signs_nobody_in() -> None:
    for code in ("999999", "150000", ""):
        with pytest.raises(UnknownNode):
            actions.begin_sign_in(code, "/", at=AT)


def test_a_node_suspended_in_between_signs_nobody_in() -> None:
    visit = Visit()
    visit.back()
    join(AT, replace(JILIN, status="suspended"))

    assert visit.finish() == 1 and visit.outcome()[0] == "refused" and visit.home.sent == []
