# SPDX-License-Identifier: Apache-2.0
"""This node vouches for its own people, to whom they agreed, once for each code."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt

from tests.people import CHEN, PASSWORD, WANG, ZHANG, DemoPerson
from tongban.identity import actions, asking, oidc, queries, trust
from tongban.identity.asking import AuthorizationRequest, Wish
from tongban.identity.assurance import Level
from tongban.identity.errors import RequestGone, TokenRefused
from tongban.identity.models import AuthorizationCode, Consent, Evidence, Person
from tongban.identity.oidc import Claims
from tongban.identity.queries import SignedIn
from tongban.identity.queries.roaming import Pushed, consented, standing
from tongban.identity.tests.federation import Peer, join
from tongban.ledger.models import Line
from tongban.standards.node import Node
from tongban.standards.refusal import NotAllowed

AT = datetime(2026, 5, 6, 9, 0, tzinfo=UTC)
GANSU, JILIN = Peer("620000", "甘肃省节点", "62"), Peer("220000", "吉林省节点", "22")
VERIFIER = "v" * 43


@pytest.fixture(autouse=True)
def federation(empty: Node) -> None:
    join(AT, GANSU, JILIN)


def own_person(who: DemoPerson = ZHANG, at: datetime = AT) -> SignedIn:
    found = queries.signed_in(sign_in(who, at), at)
    assert found
    return found


def sign_in(who: DemoPerson = ZHANG, at: datetime = AT) -> str:
    actions.add_person(
        name=who.name,
        id_number=who.id_number,
        phone=who.phone,
        home_region=who.home_region,
        password=PASSWORD,
        at=AT,
    )
    return actions.sign_in(who.phone, PASSWORD, address="a", at=at)


def request(client: Peer) -> AuthorizationRequest:
    known = trust.client(trust.partner(client.code, AT))
    return AuthorizationRequest(known, "s", f"nonce-{client.code}", oidc.challenge(VERIFIER), claims=oidc.CLAIMS)


def code_for(client: Peer, who: SignedIn) -> str:
    actions.agree(who, client.code, at=AT)
    return actions.give_code(request(client), who, at=AT)


def proof(client: Peer, at: datetime = AT) -> dict[str, str]:
    return oidc.proof(client=client.code, issuer=trust.own_address(), key=client.key, at=at)


def redeem(code: str, client: Peer = GANSU, at: datetime = AT, changed: dict[str, str] | None = None) -> str:
    form = oidc.token_form(code=code, verifier=VERIFIER, return_to=client.return_to) | proof(client, at)
    return str(actions.redeem(form | (changed or {}), at=at)["id_token"])


def read(token: str, client: Peer = GANSU) -> Claims:
    return oidc.read_id_token(
        token,
        issuer=trust.own_address(),
        client=client.code,
        nonce=f"nonce-{client.code}",
        keys=trust.own_public_keys(AT),
        at=AT,
        home="本节点",
    )


def refused(code: str, client: Peer = GANSU, at: datetime = AT, changed: dict[str, str] | None = None) -> str:
    with pytest.raises(TokenRefused) as refusal:
        redeem(code, client, at, changed)
    return refusal.value.error


def test_another_node_is_told_who_signed_in() -> None:
    told = read(redeem(code_for(GANSU, own_person())))

    assert (told.name, told.id_number, told.phone) == (ZHANG.name, ZHANG.id_number, ZHANG.phone)
    assert told.home_region == ZHANG.home_region


def test_a_person_has_another_name_at_every_node_and_always_the_same_there() -> None:
    zhang = own_person()
    first, again = read(redeem(code_for(GANSU, zhang))), read(redeem(code_for(GANSU, zhang)))
    elsewhere = read(redeem(code_for(JILIN, zhang), JILIN), JILIN)

    assert first.subject == again.subject != elsewhere.subject
    assert str(zhang.actor.id) not in first.subject


def test_a_code_opens_once_and_the_second_time_withdraws_what_it_gave() -> None:
    code = code_for(GANSU, own_person())
    redeem(code)

    assert [refused(code), refused(code)] == ["invalid_grant", "invalid_grant"]
    assert AuthorizationCode.objects.get().revoked_at == AT
    assert Line.objects.filter(verb="identity.code_replayed").count() == 1


def test_a_code_tried_with_anything_wrong_is_used_up() -> None:
    zhang = own_person()
    wrong: list[dict[str, str]] = [
        {"code_verifier": "w" * 43},
        {"redirect_uri": JILIN.return_to},
        {"grant_type": "password"},
    ]
    for changed in wrong:
        code = code_for(GANSU, zhang)
        refused(code, changed=changed)
        assert refused(code) == "invalid_grant"


def test_the_code_of_one_node_opens_nothing_for_another() -> None:
    code = code_for(GANSU, own_person())

    assert refused(code, JILIN) == "invalid_grant"
    assert refused(code, JILIN, changed={"redirect_uri": GANSU.return_to}) == "invalid_grant"


def test_a_node_that_cannot_prove_itself_does_not_even_use_the_code_up() -> None:
    code = code_for(GANSU, own_person())
    stranger = Peer("620000", "假冒", "62")

    assert refused(code, stranger) == "invalid_client"
    assert refused(code, Peer("999999", "无", "99")) == "invalid_client"
    assert redeem(code)


def test_a_code_is_too_old_after_five_minutes() -> None:
    assert refused(code_for(GANSU, own_person()), at=AT + timedelta(minutes=5)) == "invalid_grant"


def test_an_unknown_code_is_refused() -> None:
    assert refused("guessed") == "invalid_grant" and refused("") == "invalid_grant"


def test_nothing_is_told_without_consent_and_consent_is_for_one_node() -> None:
    zhang = own_person()
    with pytest.raises(NotAllowed):
        actions.give_code(request(GANSU), zhang, at=AT)

    actions.agree(zhang, GANSU.code, at=AT)
    actions.agree(zhang, GANSU.code, at=AT)

    assert consented(zhang.actor.id, GANSU.code, oidc.CLAIMS) and not consented(zhang.actor.id, JILIN.code, ["name"])
    with pytest.raises(NotAllowed):
        actions.give_code(request(JILIN), zhang, at=AT)
    assert Line.objects.filter(verb="identity.agreed").count() == 1


def test_when_more_would_be_told_the_person_is_asked_again_and_keeps_their_name() -> None:
    zhang = own_person()
    before = read(redeem(code_for(GANSU, zhang))).subject
    Consent.objects.update(claims=["name"])
    assert not consented(zhang.actor.id, GANSU.code, oidc.CLAIMS) and consented(zhang.actor.id, GANSU.code, ["name"])

    assert read(redeem(code_for(GANSU, zhang))).subject == before


def needed(own: SignedIn | None, at: datetime = AT, **asked: Any) -> str:
    """What is still asked of the person before Gansu gets its code."""
    found = Pushed(b"name", replace(request(GANSU), **asked), AT, AT + timedelta(minutes=15), agreed_at=None)
    return standing(found, own, at).value


def test_the_password_is_asked_for_again_when_the_other_node_wants_it_fresh_and_only_then() -> None:
    early = own_person(at=AT - timedelta(minutes=10))
    actions.agree(early, GANSU.code, at=AT)
    late = own_person(at=AT + timedelta(seconds=20))

    assert needed(None) == "login_required"
    assert needed(early) == needed(early, max_age=600) == "nothing"
    for asked in ({"max_age": 599}, {"max_age": 0}, {"prompts": frozenset({"login"})}):
        assert needed(early, **asked) == "login_required"
        assert needed(late, AT + timedelta(minutes=5), **asked) == "nothing"  # typed for this very request


def test_a_level_that_is_a_must_is_reached_by_typing_the_password_again_or_not_at_all() -> None:
    zhang, sure = own_person(), frozenset({Level.PRESENT, Level.CERTIFIED})
    actions.agree(zhang, GANSU.code, at=AT)
    assert needed(zhang, least=sure) == needed(zhang, least=frozenset()) == "unmet_authentication_requirements"
    assert needed(zhang, wished=sure) == "nothing"  # welcome, but no must

    Evidence.objects.update(level=Level.PRESENT)  # at a window, meanwhile
    person = Person.objects.get()
    person.level = Level.PRESENT
    since = replace(zhang, person=person)
    assert needed(since, least=sure) == needed(since, wished=sure) == "login_required"
    assert needed(since, wished=sure, prompts=frozenset({"none"})) == "nothing"
    again = own_person(at=AT + timedelta(minutes=1))
    assert needed(again, least=sure) == "nothing" and again.level == Level.PRESENT


def test_who_agreed_to_everywhere_is_asked_nowhere_until_they_take_it_back() -> None:
    zhang = own_person()
    assert needed(zhang) == needed(zhang, prompts=frozenset({"consent"})) == "consent_required"

    actions.agree_everywhere(zhang, at=AT)
    assert needed(zhang) == "nothing" and needed(zhang, prompts=frozenset({"consent"})) == "consent_required"
    read(redeem(actions.give_code(request(GANSU), zhang, at=AT)))

    actions.withdraw_consent(zhang, actions.EVERYWHERE, at=AT)
    assert needed(zhang) == "consent_required"
    assert Line.objects.filter(verb="identity.consent_withdrawn").count() == 1


def test_a_code_opens_nothing_after_the_person_signed_out() -> None:
    token = sign_in()
    own = queries.signed_in(token, AT)
    assert own
    code = code_for(GANSU, own)
    actions.sign_out(token, at=AT)

    assert refused(code) == "invalid_grant"


def test_what_was_not_asked_is_not_told() -> None:
    zhang = own_person()
    actions.agree(zhang, GANSU.code, at=AT)
    told = actions.redeem(
        oidc.token_form(
            code=actions.give_code(replace(request(GANSU), claims=("name",)), zhang, at=AT),
            verifier=VERIFIER,
            return_to=GANSU.return_to,
        )
        | proof(GANSU),
        at=AT,
    )

    said = jwt.decode(str(told["id_token"]), trust.own_public_keys(AT)).claims
    assert said["name"] == ZHANG.name and not {"id_number", "phone_number", "home_region"} & set(said)


def test_a_proof_serves_once_whatever_it_was_used_for() -> None:
    zhang, used = own_person(), proof(GANSU)
    redeem(code_for(GANSU, zhang), changed=used)

    assert refused(code_for(GANSU, zhang), changed=used) == "invalid_client"
    assert refused(code_for(GANSU, zhang), changed=proof(GANSU, AT - timedelta(minutes=4))) == "invalid_client"
    assert redeem(code_for(GANSU, zhang), changed=proof(GANSU, AT + timedelta(seconds=45)))  # clocks differ a little


def test_a_pushed_request_waits_a_moment_for_its_browser_and_longer_once_it_came() -> None:
    asked = asking.asked_form(GANSU.code, GANSU.return_to, Wish(), state="s", nonce="n", verifier=VERIFIER)
    name = str(actions.push(asked | proof(GANSU), at=AT)["request_uri"])

    for client, at in ((JILIN.code, AT), (GANSU.code, AT + timedelta(seconds=90))):
        with pytest.raises(RequestGone):
            actions.open_request(client, name, at=at)
    actions.open_request(GANSU.code, name, at=AT + timedelta(seconds=80))
    found = actions.open_request(GANSU.code, name, at=AT + timedelta(minutes=14))
    actions.answered(found, at=AT)
    with pytest.raises(RequestGone):
        actions.answered(found, at=AT)


def test_visitors_staff_and_programs_are_not_vouched_for() -> None:
    actions.add_staff(
        login=CHEN.login,
        password=PASSWORD,
        name=CHEN.name,
        organization=CHEN.organization.code,
        region=CHEN.organization.region,
        roles=CHEN.roles,
        at=AT,
    )
    person = actions.add_person(name=WANG.name, id_number=WANG.id_number, home_region="430100", at=AT)
    chen = queries.signed_in(actions.sign_in_staff(CHEN.login, PASSWORD, address="a", at=AT), AT)
    program = queries.bearer(actions.issue_token(name="程序", person=person, at=AT), AT)
    own = own_person()
    visitor = SignedIn("person", own.actor, own.person_name, JILIN.code, own.level, AT)

    for who in (chen, program, visitor):
        assert who
        with pytest.raises(NotAllowed):
            actions.agree(who, GANSU.code, at=AT)
        with pytest.raises(NotAllowed):
            actions.give_code(request(GANSU), who, at=AT)


def test_the_ledger_says_who_was_told() -> None:
    zhang = own_person()
    redeem(code_for(GANSU, zhang))

    assert Line.objects.filter(verb="identity.told", subject=f"person/{zhang.actor.id}").count() == 1
