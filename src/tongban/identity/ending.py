# SPDX-License-Identifier: Apache-2.0
"""What nodes say to each other when a sign-in ends: the logout token of OpenID Connect Back-Channel Logout 1.0.

It goes both ways: the home node tells all nodes where the sign-in served, and a node where somebody signs out tells the
home node. Who speaks is named by the token and proven by a key of the trust list, as everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from joserfc.jwk import ECKey, KeySet

from tongban.identity import oidc
from tongban.identity.errors import TokenRefused

SIGN_OUT = "/oidc/sign-out"
SIGNED_OUT = "/sign-in/signed-out"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
TYPE = "logout+jwt"


@dataclass(frozen=True)
class Ended:
    """Which sign-in is over: one, or all of a person's when `sid` is empty."""

    sid: str
    subject: str
    jti: str


@dataclass(frozen=True)
class Hint:
    """Which of our sign-ins a node speaks of when it sends a browser here to end it."""

    client: str
    sid: str


def read_hint(token: str, *, issuer: str, keys: KeySet) -> Hint | None:
    """An ID token that we gave, however old (RP-Initiated Logout 1.0 §2); None for anything else."""
    said = oidc.opened(token, keys) or {}
    client, sid = said.get("aud"), said.get("sid")
    if said.get("iss") != issuer or not isinstance(client, str) or not isinstance(sid, str) or not sid:
        return None
    return Hint(client, sid) if oidc.is_short(client) and oidc.is_short(sid) else None


def sign_out_token(*, issuer: str, client: str, sid: str, subject: str, key: ECKey, at: datetime) -> str:
    """A sign-in is over, said to one node."""
    said: dict[str, Any] = {
        "iss": issuer,
        "aud": client,
        "iat": oidc.seconds(at),
        "exp": oidc.seconds(at + oidc.ASSERTION_LIFE),
        "jti": oidc.fresh(),
        "sid": sid,
        "events": {EVENT: {}},
    }
    return oidc.signed(said | ({"sub": subject} if subject else {}), key, type=TYPE)


def read_sign_out(token: str, *, issuer: str, client: str, keys: KeySet, at: datetime) -> Ended:
    """What is over, when `issuer` says so to us, now. TokenRefused otherwise."""
    said = oidc.opened(token, keys)
    if said is None or said.get("iss") != issuer or not oidc.is_for(said, client) or not oidc.in_time(said, at):
        raise TokenRefused("invalid_request", "the logout token does not verify, is too old or is not for us")
    if "nonce" in said or not _is_sign_out(said):
        raise TokenRefused("invalid_request", "this is no logout token")
    sid, subject, jti = (said.get(name, "") for name in ("sid", "sub", "jti"))
    if not all(oidc.is_short(word) for word in (sid, subject, jti)):
        raise TokenRefused("invalid_request", "a claim is not a short text")
    if not jti or not (sid or subject):
        raise TokenRefused("invalid_request", "jti, and sid or sub, are required")
    return Ended(sid, subject, jti)


def _is_sign_out(said: Mapping[str, Any]) -> bool:
    """An ID token must not pass for one, whoever it was stolen from."""
    events = said.get("events")
    return isinstance(events, dict) and isinstance(events.get(EVENT), dict)
