# SPDX-License-Identifier: Apache-2.0
"""What nodes say to each other when somebody signs in: OpenID Connect Core 1.0, authorization code flow.

Code with PKCE S256 (RFC 7636) only, pushed requests (RFC 9126) only, private_key_jwt (RFC 7523) only, ES256 only, `iss`
in the answer (RFC 9207). Here are tokens and keys; `asking` has the request, `ending` the sign-out. Nothing in the
three reads a table, a file or the clock; keys come from the trust list, never from the other side.
"""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from hmac import compare_digest
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

from tongban.identity import vouching
from tongban.identity.assurance import Level, acr, level_of
from tongban.identity.errors import IdTokenRefused, TokenRefused
from tongban.identity.vouching import MANDATES, Vouched

PUSH, AUTHORIZE, TOKEN, JWKS = "/oidc/par", "/oidc/authorize", "/oidc/token", "/oidc/jwks"
LEAVE = "/oidc/leave"
RETURN = "/sign-in/return"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ALGORITHMS = ["ES256"]
ASSERTION_LIFE = timedelta(minutes=2)
ID_TOKEN_LIFE = timedelta(minutes=5)
LEEWAY = 60  # seconds that two nodes' clocks may differ
LONGEST_LIFE = 600  # seconds for which anything may be good that is signed here
CLAIMS = ("name", "id_type", "id_number", "phone_number", "home_region")  # of the person alone
TOLD = (*CLAIMS, MANDATES)
LONGEST = 512  # characters of any one parameter


@dataclass(frozen=True)
class Client:
    """A node that may ask us to sign its visitors in; its code is its client_id."""

    code: str
    name: str
    redirect_uri: str


@dataclass(frozen=True)
class Claims:
    """What a home node says of a person."""

    subject: str
    level: Level
    name: str
    id_type: str
    id_number: str
    phone: str
    home_region: str
    sid: str = ""  # the home node's name for this sign-in
    mandates: tuple[Vouched, ...] = ()  # for whom they may act there


@dataclass(frozen=True)
class Given:
    """What a code was given for: what the token request must match."""

    client: str
    redirect_uri: str
    challenge: str
    ends_at: datetime


def fresh() -> str:
    """An unguessable word of 256 bits: state, nonce, verifier, code, cookie."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is stored of such a word; it is too long to be guessed, so one plain hash is enough."""
    return sha256(secret.encode()).digest()


def challenge(verifier: str) -> str:
    """The S256 challenge of a verifier."""
    return urlsafe_b64encode(digest(verifier)).rstrip(b"=").decode()


# The token request, on both sides


def proof(*, client: str, issuer: str, key: ECKey, at: datetime) -> dict[str, str]:
    """How a node proves itself to another with whatever it posts."""
    said = {
        "iss": client,
        "sub": client,
        "aud": issuer,
        "jti": fresh(),
        "iat": seconds(at),
        "exp": seconds(at + ASSERTION_LIFE),
    }
    return {"client_id": client, "client_assertion_type": ASSERTION_TYPE, "client_assertion": signed(said, key)}


def token_form(*, code: str, verifier: str, return_to: str) -> dict[str, str]:
    """What the relying node posts, with its proof, to exchange its code."""
    return {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": return_to,
        "code_verifier": verifier,
    }


def named_client(form: Mapping[str, str]) -> str:
    """The node that says it asks; believed only after `check_assertion`."""
    if form.get("client_assertion_type") != ASSERTION_TYPE or not form.get("client_assertion"):
        raise TokenRefused("invalid_client", "client_assertion is required")
    return form.get("client_id") or unproven(form["client_assertion"], "sub")


def check_assertion(form: Mapping[str, str], client: str, keys: KeySet, issuer: str, at: datetime) -> str:
    """The node proves itself with its key. The assertion's jti, which must not have served before."""
    said = opened(form["client_assertion"], keys)
    if said is None or not in_time(said, at):
        raise TokenRefused("invalid_client", "client_assertion does not verify or is too old")
    jti = said.get("jti")
    if said.get("iss") != client or said.get("sub") != client or not isinstance(jti, str) or not jti:
        raise TokenRefused("invalid_client", "client_assertion is not this client's")
    if not any(is_for(said, name) for name in (issuer, issuer + TOKEN, issuer + PUSH)):
        raise TokenRefused("invalid_client", "client_assertion is for somebody else")
    return jti


def check_grant(form: Mapping[str, str], given: Given, client: str, at: datetime) -> None:
    """The code is this client's, in time, and comes from whoever holds the verifier."""
    if form.get("grant_type") != "authorization_code":
        raise TokenRefused("unsupported_grant_type", "authorization_code only")
    if given.client != client or form.get("redirect_uri") != given.redirect_uri:
        raise TokenRefused("invalid_grant", "the code was given to another client or address")
    if at >= given.ends_at:
        raise TokenRefused("invalid_grant", "the code is too old")
    if not compare_digest(challenge(form.get("code_verifier", "")), given.challenge):
        raise TokenRefused("invalid_grant", "the verifier is wrong")


# The ID token, on both sides


def id_token(
    claims: Claims,
    *,
    only: Collection[str] = CLAIMS,
    issuer: str,
    client: str,
    nonce: str,
    signed_in_at: datetime,
    key: ECKey,
    at: datetime,
) -> str:
    """What the home node says of the person, to one node, for one sign-in; of the claims only those asked for."""
    said = {
        "iss": issuer,
        "sub": claims.subject,
        "aud": client,
        "iat": seconds(at),
        "exp": seconds(at + ID_TOKEN_LIFE),
        "auth_time": seconds(signed_in_at),
        "nonce": nonce,
        "acr": acr(claims.level),
        "sid": claims.sid,
    }
    told = {
        "name": claims.name,
        "id_type": claims.id_type,
        "id_number": claims.id_number,
        "home_region": claims.home_region,
        "phone_number": claims.phone,
        MANDATES: vouching.told(claims.mandates),
    }
    return signed(said | {name: word for name, word in told.items() if word and name in only}, key)


def read_id_token(token: str, *, issuer: str, client: str, nonce: str, keys: KeySet, at: datetime, home: str) -> Claims:
    """What the home node says, when it says so itself, to us, now, for this sign-in. IdTokenRefused else."""
    said = opened(token, keys)
    sound = (
        said is not None
        and said.get("iss") == issuer
        and is_for(said, client)
        and compare_digest(str(said.get("nonce", "")).encode(), nonce.encode())
        and in_time(said, at)
    )
    if said is None or not sound:
        raise IdTokenRefused(home=home)
    try:
        return _claims(said)
    except ValueError as wrong:
        raise IdTokenRefused(home=home) from wrong


def _claims(said: Mapping[str, Any]) -> Claims:
    """ValueError when a claim is missing or of another kind."""
    words = {name: said.get(name, "") for name in ("sub", "sid", *CLAIMS)}
    if not all(is_short(word) for word in words.values()):
        raise ValueError("a claim is not a short text")
    if not all(words[name] for name in ("sub", "name", "id_type", "id_number", "home_region")):
        raise ValueError("a claim is missing")
    return Claims(
        subject=words["sub"],
        level=level_of(str(said.get("acr", ""))),
        name=words["name"],
        id_type=words["id_type"],
        id_number=words["id_number"],
        phone=words["phone_number"],
        home_region=words["home_region"],
        sid=words["sid"],
        mandates=vouching.read(said.get(MANDATES, [])),
    )


# Keys and what is published


def private_key(pem: bytes) -> ECKey:
    """A node's sign-in key. Its kid is the RFC 7638 thumbprint, the same on both sides."""
    return _named(pem)


def public_key(point: bytes) -> ECKey:
    """A key of the trust list, from its uncompressed P-256 point (65 bytes). ValueError when it is none."""
    if len(point) != 65 or point[0] != 4:
        raise ValueError("not an uncompressed point of P-256")
    x, y = (urlsafe_b64encode(half).rstrip(b"=").decode() for half in (point[1:33], point[33:]))
    return _named({"kty": "EC", "crv": "P-256", "x": x, "y": y})


def key_set(points: Iterable[bytes]) -> KeySet:
    """The keys of one node."""
    return KeySet([public_key(point) for point in points])


def published(keys: KeySet) -> dict[str, Any]:
    """The public keys as a JWK set, for readers that do not have the trust list."""
    return {"keys": [{**key.as_dict(private=False), "use": "sig", "alg": "ES256"} for key in keys.keys]}


def discovery(issuer: str) -> dict[str, Any]:
    """OpenID Connect Discovery 1.0 §3."""
    return {
        "issuer": issuer,
        "authorization_endpoint": issuer + AUTHORIZE,
        "token_endpoint": issuer + TOKEN,
        "pushed_authorization_request_endpoint": issuer + PUSH,
        "end_session_endpoint": issuer + LEAVE,
        "require_pushed_authorization_requests": True,
        "jwks_uri": issuer + JWKS,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": ALGORITHMS,
        "scopes_supported": ["openid"],
        "claims_supported": ["sub", "sid", "acr", "auth_time", *TOLD],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "backchannel_logout_supported": True,
        "backchannel_logout_session_supported": True,
        "acr_values_supported": [acr(level) for level in Level],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ALGORITHMS,
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }


def _named(held: bytes | dict[str, str | list[str]]) -> ECKey:
    return ECKey.import_key(held, {"kid": ECKey.import_key(held).thumbprint()})


def signed(said: dict[str, Any], key: ECKey, *, type: str = "JWT") -> str:
    """The claims under a node's sign-in key."""
    return jwt.encode({"alg": "ES256", "kid": key.kid, "typ": type}, said, key, algorithms=ALGORITHMS)


def unproven(token: str, name: str) -> str:
    """Who a token says it is of, to know whose keys to check it with; not to be believed before that."""
    try:
        said = json.loads(urlsafe_b64decode(token.split(".")[1] + "=="))[name]
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""
    return said if isinstance(said, str) and len(said) <= LONGEST else ""


def opened(token: str, keys: KeySet) -> dict[str, Any] | None:
    """The claims, when one of these keys signed them; time and meaning are still to be checked."""
    try:
        return jwt.decode(token, keys, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        return None


def is_short(word: object) -> bool:
    """A text that can be kept and shown."""
    return isinstance(word, str) and len(word) <= LONGEST and word.isprintable()


def is_for(said: Mapping[str, Any], name: str) -> bool:
    """Named as the only audience: a token for two could be carried from one to the other."""
    return said.get("aud") in (name, [name])


def in_time(said: Mapping[str, Any], at: datetime) -> bool:
    """Issued in the past, not yet over, and not meant to live long; the clocks may differ by LEEWAY."""
    issued, ends, now = said.get("iat"), said.get("exp"), seconds(at)
    if type(issued) is not int or type(ends) is not int:
        return False
    return issued - LEEWAY <= now < ends + LEEWAY and ends - issued <= LONGEST_LIFE


def seconds(at: datetime) -> int:
    """As JOSE writes a time."""
    return int(at.astimezone(UTC).timestamp())
