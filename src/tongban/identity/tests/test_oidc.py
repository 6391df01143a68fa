# SPDX-License-Identifier: Apache-2.0
"""The protocol between nodes, attacked."""

from base64 import urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from tongban.identity import asking, ending, oidc
from tongban.identity.asking import IDENTITY, Wish
from tongban.identity.assurance import Level, acr, level_of
from tongban.identity.errors import IdTokenRefused, RequestRefused, TokenRefused, WrongReturn
from tongban.identity.oidc import Claims, Client, Given

AT = datetime(2026, 5, 6, 9, 0, tzinfo=UTC)
HUNAN, GANSU = "http://430000.localhost:8001", "http://620000.localhost:8002"
CLIENT = Client("620000", "甘肃省节点", GANSU + oidc.RETURN)
VERIFIER, NONCE = "v" * 43, "n-of-this-sign-in"
HUNAN_KEY, GANSU_KEY, JILIN_KEY = (oidc.private_key(ECKey.generate_key("P-256").as_pem(private=True)) for _ in range(3))
ZHANG = Claims("sub-1", Level.MATCHED, "张伟", "resident_id", "990101199001010017", "13800000001", "430100")


def keys(*held: ECKey) -> KeySet:
    return oidc.key_set(
        b"\x04" + key.public_key.public_numbers().x.to_bytes(32) + key.public_key.public_numbers().y.to_bytes(32)
        for key in held
    )


def asked(**changed: str) -> dict[str, str]:
    wish = Wish()
    return (
        asking.asked_form(CLIENT.code, CLIENT.redirect_uri, wish, state="s", nonce=NONCE, verifier=VERIFIER) | changed
    )


def form(key: ECKey = GANSU_KEY, issuer: str = HUNAN, **changed: str) -> dict[str, str]:
    said = oidc.token_form(code="the-code", verifier=VERIFIER, return_to=CLIENT.redirect_uri)
    return said | oidc.proof(client=CLIENT.code, issuer=issuer, key=key, at=AT) | changed


GIVEN = Given(CLIENT.code, CLIENT.redirect_uri, oidc.challenge(VERIFIER), AT + timedelta(minutes=5))


def token(**changed: Any) -> str:
    said: dict[str, Any] = {
        "issuer": HUNAN,
        "client": "620000",
        "nonce": NONCE,
        "signed_in_at": AT,
        "key": HUNAN_KEY,
        "at": AT,
    }
    return oidc.id_token(ZHANG, **(said | changed))


def read(held: str, **changed: Any) -> Claims:
    said: dict[str, Any] = {
        "issuer": HUNAN,
        "client": "620000",
        "nonce": NONCE,
        "keys": keys(HUNAN_KEY),
        "at": AT,
        "home": "湖南省节点",
    }
    return oidc.read_id_token(held, **(said | changed))


def test_the_challenge_is_that_of_rfc_7636_appendix_b() -> None:
    assert (
        oidc.challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_what_one_node_asks_the_other_reads() -> None:
    asking.check_return(asked(), CLIENT)
    request = asking.read_request(asked(), CLIENT)

    assert (request.state, request.nonce, request.challenge) == ("s", NONCE, oidc.challenge(VERIFIER))
    assert request.claims == IDENTITY and request.least is None and not request.silent


def test_how_sure_and_how_silent_is_read_as_it_was_asked() -> None:
    wish = Wish(claims=("name",), level=Level.PRESENT, silent=True)
    said = asking.asked_form(CLIENT.code, CLIENT.redirect_uri, wish, state="s", nonce=NONCE, verifier=VERIFIER)
    request = asking.read_request(said | {"max_age": "600"}, CLIENT)

    assert request.claims == ("name",) and request.silent and request.max_age == 600
    assert request.least == request.wished == {Level.PRESENT, Level.CERTIFIED}


def test_claims_and_levels_that_we_do_not_know_are_not_told() -> None:
    claims = '{"id_token": {"email": null, "name": null, "acr": {"essential": true, "values": ["gold"]}}}'
    request = asking.read_request(asked(claims=claims, acr_values="gold urn:tongban:assurance:3"), CLIENT)

    assert request.claims == ("name",) and request.least == frozenset() and request.wished == {Level.PRESENT}


@pytest.mark.parametrize(
    "address",
    [
        "",
        "http://evil.example/sign-in/return",
        GANSU + oidc.RETURN + "/",
        GANSU + oidc.RETURN + "?x=1",
        GANSU.upper() + oidc.RETURN,
        GANSU + "/sign-in/%72eturn",
        GANSU + "@evil.example" + oidc.RETURN,
        HUNAN + oidc.RETURN,
    ],
)
def test_a_return_address_that_is_not_the_trust_lists_is_refused(address: str) -> None:
    with pytest.raises(WrongReturn):
        asking.check_return(asked(redirect_uri=address), CLIENT)


@pytest.mark.parametrize(
    ("name", "value", "error"),
    [
        ("response_type", "token", "unsupported_response_type"),
        ("response_type", "code id_token", "unsupported_response_type"),
        ("scope", "profile", "invalid_scope"),
        ("code_challenge_method", "plain", "invalid_request"),
        ("code_challenge", "short", "invalid_request"),
        ("state", "", "invalid_request"),
        ("nonce", "", "invalid_request"),
        ("prompt", "none login", "invalid_request"),
        ("prompt", "create", "invalid_request"),
        ("max_age", "-1", "invalid_request"),
        ("max_age", "1e3", "invalid_request"),
        ("max_age", "９", "invalid_request"),
        ("claims", "{", "invalid_request"),
        ("claims", "[]", "invalid_request"),
        ("claims", '{"id_token": 7}', "invalid_request"),
        ("claims", '{"id_token": {"acr": {"essential": true, "values": 3}}}', "invalid_request"),
        ("claims", "[" * 500, "invalid_request"),
        ("response_mode", "fragment", "invalid_request"),
        ("request", "e30.e30.", "request_not_supported"),
        ("request_uri", "https://evil.example/", "request_not_supported"),
    ],
)
def test_a_weaker_request_is_refused(name: str, value: str, error: str) -> None:
    with pytest.raises(RequestRefused) as refused:
        asking.read_request(asked(**{name: value}), CLIENT)

    assert refused.value.error == error


def test_a_parameter_that_stands_twice_is_refused() -> None:
    with pytest.raises(RequestRefused):
        asking.single([("state", ["a", "b"])])
    with pytest.raises(RequestRefused):
        asking.single([("state", ["a" * 600])])


def test_the_answer_names_who_gives_it() -> None:
    assert asking.answer_url(CLIENT.redirect_uri, HUNAN, "s", code="c") == (
        "http://620000.localhost:8002/sign-in/return?code=c&state=s&iss=http%3A%2F%2F430000.localhost%3A8001"
    )


def test_a_node_proves_itself_and_redeems_its_code() -> None:
    assert oidc.check_assertion(form(), oidc.named_client(form()), keys(GANSU_KEY), HUNAN, AT)
    oidc.check_grant(form(), GIVEN, CLIENT.code, AT)


@pytest.mark.parametrize(
    ("changed", "key", "issuer", "later"),
    [
        ({}, JILIN_KEY, HUNAN, 0),  # signed by another node
        ({}, GANSU_KEY, "http://220000.localhost:8003", 0),  # made for another node
        ({}, GANSU_KEY, HUNAN, 400),  # too old
        ({}, GANSU_KEY, HUNAN, -120),  # from the future
        ({"client_assertion": "x.y.z"}, GANSU_KEY, HUNAN, 0),
        ({"client_assertion": ""}, GANSU_KEY, HUNAN, 0),
        ({"client_assertion_type": "password"}, GANSU_KEY, HUNAN, 0),
    ],
)
def test_a_node_that_cannot_prove_itself_is_refused(
    changed: dict[str, str], key: ECKey, issuer: str, later: int
) -> None:
    said = form(key, issuer, **changed)

    with pytest.raises(TokenRefused) as refused:
        client = oidc.named_client(said)
        oidc.check_assertion(said, client, keys(GANSU_KEY), HUNAN, AT + timedelta(seconds=later))

    assert refused.value.error == "invalid_client"


def test_the_assertion_of_one_node_does_not_serve_another_with_the_same_keys() -> None:
    said = form(client_id="220000")

    with pytest.raises(TokenRefused):
        oidc.check_assertion(said, oidc.named_client(said), keys(GANSU_KEY), HUNAN, AT)


@pytest.mark.parametrize(
    ("given", "changed"),
    [
        (GIVEN, {"code_verifier": "w" * 43}),
        (GIVEN, {"code_verifier": ""}),
        (GIVEN, {"redirect_uri": HUNAN + oidc.RETURN}),
        (replace(GIVEN, client="220000"), {}),
        (replace(GIVEN, ends_at=AT), {}),
    ],
)
def test_a_code_in_the_wrong_hands_opens_nothing(given: Given, changed: dict[str, str]) -> None:
    with pytest.raises(TokenRefused) as refused:
        oidc.check_grant(form() | changed, given, CLIENT.code, AT)

    assert refused.value.error == "invalid_grant"


def test_only_a_code_is_redeemed() -> None:
    with pytest.raises(TokenRefused) as refused:
        oidc.check_grant(form(grant_type="refresh_token"), GIVEN, CLIENT.code, AT)

    assert refused.value.error == "unsupported_grant_type"


def test_what_the_home_node_says_arrives_whole() -> None:
    assert read(token()) == ZHANG
    assert read(token(), at=AT + timedelta(minutes=5, seconds=30)) == ZHANG


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ({"nonce": "of-another-sign-in"}, {}),
        ({"client": "220000"}, {}),  # a token for another node, carried over
        ({"issuer": "http://220000.localhost:8003"}, {}),  # mixed up
        ({"key": JILIN_KEY}, {}),
        ({}, {"keys": keys(JILIN_KEY)}),
        ({}, {"keys": keys()}),
        ({}, {"at": AT + timedelta(minutes=7)}),
        ({}, {"at": AT - timedelta(minutes=2)}),
    ],
)
def test_an_id_token_for_something_else_is_refused(said: dict[str, Any], wanted: dict[str, Any]) -> None:
    with pytest.raises(IdTokenRefused):
        read(token(**said), **wanted)


def test_after_a_change_of_keys_both_are_read_while_both_stand_on_the_list() -> None:
    assert read(token(), keys=keys(JILIN_KEY, HUNAN_KEY)) == ZHANG


def plain(**changed: Any) -> dict[str, Any]:
    said = {
        "iss": HUNAN,
        "sub": "sub-1",
        "aud": "620000",
        "iat": int(AT.timestamp()),
        "exp": int(AT.timestamp()) + 300,
        "nonce": NONCE,
        "acr": acr(Level.MATCHED),
        "name": "张伟",
        "id_type": "resident_id",
        "id_number": "990101199001010017",
        "home_region": "430100",
    }
    return {name: value for name, value in (said | changed).items() if value is not None}


def signed(said: dict[str, Any], **header: str) -> str:
    return jwt.encode({"alg": "ES256", "kid": HUNAN_KEY.kid} | header, said, HUNAN_KEY)


@pytest.mark.parametrize(
    "changed",
    [
        {"aud": ["620000", "220000"]},
        {"aud": None},
        {"exp": None},
        {"iat": None},
        {"exp": "tomorrow"},
        {"exp": int(AT.timestamp()) + 86_400},
        {"exp": True},
        {"nonce": None},
        {"sub": ""},
        {"sub": 7},
        {"name": ["张伟"]},
        {"id_number": None},
        {"acr": "urn:tongban:assurance:9"},
        {"acr": "high"},
        {"name": "张" * 600},
        {"name": "张\x00伟"},
        {"sid": "s\x00"},
    ],
)
def test_a_signed_token_with_odd_claims_is_refused_by_name(changed: dict[str, Any]) -> None:
    with pytest.raises(IdTokenRefused):
        read(signed(plain(**changed)))


def test_an_unsigned_token_is_refused() -> None:
    head, body, _ = signed(plain()).split(".")
    none = "eyJhbGciOiJub25lIn0"

    for held in (f"{none}.{body}.", f"{head}.{body}.", f"{head}.{body}", "", "..", "é.é.é"):
        with pytest.raises(IdTokenRefused):
            read(held)


def test_a_phone_that_is_not_known_is_not_claimed() -> None:
    assert read(signed(plain())).phone == ""
    assert (
        "phone_number"
        not in jwt.decode(
            oidc.id_token(
                replace(ZHANG, phone=""),
                issuer=HUNAN,
                client="620000",
                nonce=NONCE,
                signed_in_at=AT,
                key=HUNAN_KEY,
                at=AT,
            ),
            HUNAN_KEY,
        ).claims
    )


def test_published_keys_hold_nothing_private() -> None:
    [key] = oidc.published(keys(HUNAN_KEY))["keys"]

    assert key["kid"] == HUNAN_KEY.kid and key["alg"] == "ES256" and "d" not in key


def test_a_point_that_is_none_is_no_key() -> None:
    with pytest.raises(ValueError, match="P-256"):
        oidc.public_key(b"\x02" + bytes(32))


def test_levels_go_over_the_border_and_back() -> None:
    assert [level_of(acr(level)) for level in Level] == list(Level)
    with pytest.raises(ValueError, match="level"):
        level_of("https://example/high")


def test_only_what_was_asked_for_is_told() -> None:
    held = oidc.id_token(
        ZHANG, only=("name",), issuer=HUNAN, client="620000", nonce=NONCE, signed_in_at=AT, key=HUNAN_KEY, at=AT
    )

    told = jwt.decode(held, HUNAN_KEY).claims
    assert told["name"] == ZHANG.name and not {"id_number", "id_type", "home_region", "phone_number"} & set(told)


DEEP = ".".join([urlsafe_b64encode(b"[" * 1400).decode()] * 2 + ["x"])  # deeper than a reader goes


def over(key: ECKey = HUNAN_KEY, issuer: str = HUNAN, client: str = "620000", at: datetime = AT) -> str:
    return ending.sign_out_token(issuer=issuer, client=client, sid="sid-1", subject="sub-1", key=key, at=at)


def heard(held: str) -> ending.Ended:
    return ending.read_sign_out(held, issuer=HUNAN, client="620000", keys=keys(HUNAN_KEY), at=AT)


def test_a_sign_out_is_heard_whole() -> None:
    said = heard(over())

    assert (said.sid, said.subject) == ("sid-1", "sub-1") and said.jti != heard(over()).jti


@pytest.mark.parametrize(
    "held",
    [
        over(key=JILIN_KEY),
        over(issuer=GANSU),
        over(client="220000"),
        over(at=AT - timedelta(minutes=10)),
        over(at=AT + timedelta(minutes=5)),
        token(),  # an ID token that somebody kept
        oidc.signed({"iss": HUNAN}, HUNAN_KEY),
        "",
        "x.y.z",
        DEEP,
    ],
)
def test_a_sign_out_that_is_none_or_not_for_us_is_refused(held: str) -> None:
    with pytest.raises(TokenRefused):
        heard(held)


@pytest.mark.parametrize(
    "changed",
    [
        {"events": None},
        {"events": {}},
        {"events": [ending.EVENT]},
        {"events": {ending.EVENT: True}},
        {"nonce": "n"},
        {"jti": None},
        {"jti": 7},
        {"sid": None, "sub": None},
        {"sid": "s" * 600},
        {"sub": "\x00"},
        {"exp": None},
    ],
)
def test_a_signed_sign_out_with_odd_claims_is_refused(changed: dict[str, Any]) -> None:
    said = {
        "iss": HUNAN,
        "aud": "620000",
        "iat": int(AT.timestamp()),
        "exp": int(AT.timestamp()) + 100,
        "jti": "j",
        "sid": "s",
        "events": {ending.EVENT: {}},
    } | changed
    with pytest.raises(TokenRefused):
        heard(oidc.signed({name: word for name, word in said.items() if word is not None}, HUNAN_KEY))


def test_a_sign_out_signs_nobody_in() -> None:
    with pytest.raises(IdTokenRefused):
        read(over())
