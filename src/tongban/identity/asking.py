# SPDX-License-Identifier: Apache-2.0
"""What one node asks another about a person who signs in: OpenID Connect's request, pushed ahead (RFC 9126).

The relying node posts all it asks and gets a name for it; only that name travels through the browser. So what is asked
is signed for, cannot be altered on the way, and is judged before anybody is sent anywhere.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from tongban.identity.assurance import Level, acr, level_of
from tongban.identity.errors import RequestRefused, WrongReturn
from tongban.identity.oidc import AUTHORIZE, LONGEST, TOLD, Client, challenge

IDENTITY = ("name", "id_type", "id_number", "home_region")  # without these nobody is known anywhere
REQUEST_URI = "urn:ietf:params:oauth:request_uri:"
PROMPTS = frozenset({"none", "login", "consent", "select_account"})
LONGEST_AGE = 10**9  # seconds


@dataclass(frozen=True)
class Wish:
    """What the relying node wants to know of the person, and how surely."""

    claims: tuple[str, ...] = IDENTITY
    level: Level = Level.DECLARED  # the least that will do
    silent: bool = False  # answer without showing a page
    afresh: bool = False  # the password is asked for again


@dataclass(frozen=True)
class AuthorizationRequest:
    """What the other node asks, checked."""

    client: Client
    state: str
    nonce: str
    challenge: str
    claims: tuple[str, ...] = ()
    prompts: frozenset[str] = frozenset()
    max_age: int | None = None  # seconds since the password was typed
    least: frozenset[Level] | None = None  # levels of which one must be reached
    wished: frozenset[Level] = frozenset()  # levels that would be welcome

    @property
    def silent(self) -> bool:
        """Answer without showing a page."""
        return "none" in self.prompts


def asked_form(client: str, return_to: str, wish: Wish, *, state: str, nonce: str, verifier: str) -> dict[str, str]:
    """What the relying node pushes."""
    wanted: dict[str, Any] = {name: {"essential": True} if name in IDENTITY else None for name in wish.claims}
    wanted["acr"] = None
    asked = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": return_to,
        "scope": "openid",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
    }
    if wish.level > Level.DECLARED:
        enough = [acr(level) for level in Level if level >= wish.level]
        wanted["acr"] = {"essential": True, "values": enough}
        asked["acr_values"] = " ".join(enough)
    if wish.silent or wish.afresh:
        asked["prompt"] = "none" if wish.silent else "login"
    return asked | {"claims": json.dumps({"id_token": wanted}, separators=(",", ":"))}


def authorize_url(home: str, client: str, request_uri: str) -> str:
    """Where the relying node sends the browser; `home` is the home node's address."""
    return f"{home}{AUTHORIZE}?{urlencode({'client_id': client, 'request_uri': request_uri})}"


def single(pairs: Iterable[tuple[str, list[str]]], longest: int = LONGEST) -> dict[str, str]:
    """Parameters that each stand once (RFC 6749 §3.1) and are of bearable length."""
    found = dict(pairs)
    if any(len(values) != 1 or len(values[0]) > longest or "\0" in values[0] for values in found.values()):
        raise RequestRefused("invalid_request", "参数重复或过长")
    return {name: values[0] for name, values in found.items()}


def check_return(asked: Mapping[str, str], client: Client) -> None:
    """The return address must be the trust list's, letter by letter. WrongReturn: never redirect then."""
    if asked.get("redirect_uri") != client.redirect_uri:
        raise WrongReturn()


def read_request(asked: Mapping[str, str], client: Client) -> AuthorizationRequest:
    """The request, whose return address is already checked. RequestRefused in the words of the standards."""
    if asked.get("response_type") != "code":
        raise RequestRefused("unsupported_response_type", "只支持授权码方式")
    if asked.get("response_mode", "query") != "query":
        raise RequestRefused("invalid_request", "只支持 query 方式返回")
    if "request" in asked or "request_uri" in asked:
        raise RequestRefused("request_not_supported", "不支持请求对象")
    if "openid" not in asked.get("scope", "").split():
        raise RequestRefused("invalid_scope", "缺少 openid")
    if asked.get("code_challenge_method") != "S256" or len(asked.get("code_challenge", "")) != 43:
        raise RequestRefused("invalid_request", "缺少 S256 校验")
    if not asked.get("state") or not asked.get("nonce"):
        raise RequestRefused("invalid_request", "缺少 state 或 nonce")
    claims, least = _claims(asked.get("claims", ""))
    return AuthorizationRequest(
        client=client,
        state=asked["state"],
        nonce=asked["nonce"],
        challenge=asked["code_challenge"],
        claims=claims,
        prompts=_prompts(asked.get("prompt", "")),
        max_age=_seconds(asked.get("max_age", "")),
        least=least,
        wished=_levels(asked.get("acr_values", "").split()),
    )


def _prompts(said: str) -> frozenset[str]:
    prompts = frozenset(said.split())
    if not prompts <= PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise RequestRefused("invalid_request", "prompt 不正确")
    return prompts


def _seconds(said: str) -> int | None:
    if not said:
        return None
    if not (said.isascii() and said.isdigit() and int(said) <= LONGEST_AGE):
        raise RequestRefused("invalid_request", "max_age 不正确")
    return int(said)


def _claims(said: str) -> tuple[tuple[str, ...], frozenset[Level] | None]:
    """Which of the claims that we know are asked for, and which level of assurance is a must."""
    try:
        wanted = json.loads(said or "{}").get("id_token") or {}
        known = tuple(name for name in TOLD if name in wanted)
        level = wanted.get("acr") or {}
        if not level.get("essential"):
            return known, None
        values = level.get("values") or ([level["value"]] if "value" in level else [])
        return known, _levels(values) if values else frozenset(Level)
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise RequestRefused("invalid_request", "claims 不正确") from None


def _levels(said: Iterable[object]) -> frozenset[Level]:
    """Those of our scale; others mean nothing here."""
    found = set()
    for value in said:
        try:
            found.add(level_of(str(value)))
        except ValueError:
            continue
    return frozenset(found)


def answer_url(return_to: str, issuer: str, state: str, **words: str) -> str:
    """Back to the relying node, with a code or an error."""
    said = {**words, **({"state": state} if state else {}), "iss": issuer}
    return f"{return_to}?{urlencode(said)}"
