# SPDX-License-Identifier: Apache-2.0
"""What one node may tell another about a person of its own, where sign-ins serve, and what is still to be told."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from tongban.identity import asking, ending, trust
from tongban.identity.asking import REQUEST_URI, AuthorizationRequest
from tongban.identity.errors import RequestGone
from tongban.identity.models import EVERYWHERE, Consent, PushedRequest, Session, SignOut, Use
from tongban.identity.oidc import LONGEST, digest
from tongban.identity.queries import SignedIn
from tongban.identity.vouching import MANDATES
from tongban.standards.actor import Role
from tongban.standards.node import here


def sign_in_due(code: str) -> str:
    """Whether this home node is to be asked about somebody. ValueError for what is no node's code."""
    _require_code(code)
    return (
        f"SELECT 1 FROM identity_attempt WHERE issuer = '{code}' "  # noqa: S608
        "AND status IN ('push', 'code') AND try_at <= %(at)s"
    )


def sign_out_due(code: str) -> str:
    """Whether this node is to be told that a sign-in is over. ValueError for what is no node's code."""
    _require_code(code)
    return f"SELECT 1 FROM identity_sign_out WHERE node = '{code}' AND try_at <= %(at)s"  # noqa: S608


def _require_code(code: str) -> None:
    if not (code.isascii() and code.isdigit()):
        raise ValueError(f"not a node's code: {code[:20]}")


# The home node's side


@dataclass(frozen=True)
class Pushed:
    """A request that another node pushed, read."""

    digest: bytes
    asked: AuthorizationRequest
    created_at: datetime
    ends_at: datetime
    agreed_at: datetime | None


class Standing(StrEnum):
    """What a request still lacks before it can be answered with a code."""

    NOTHING = "nothing"
    SIGN_IN = "login_required"
    CONSENT = "consent_required"
    LEVEL = "unmet_authentication_requirements"


def pushed(client: str, request_uri: str, at: datetime) -> Pushed:
    """The request of this name, made by this client. RequestGone when there is none to answer."""
    if not request_uri.startswith(REQUEST_URI) or len(request_uri) > LONGEST:
        raise RequestGone()
    name = digest(request_uri.removeprefix(REQUEST_URI))
    row = PushedRequest.objects.filter(digest=name, client=client, answered_at=None, ends_at__gt=at).first()
    if row is None:
        raise RequestGone()
    known = trust.client(trust.partner(client, at))
    asking.check_return(row.asked, known)
    return Pushed(name, asking.read_request(row.asked, known), row.created_at, row.ends_at, row.agreed_at)


def standing(found: Pushed, own: SignedIn | None, at: datetime) -> Standing:
    """What is still needed of the person, the password first."""
    asked = found.asked
    if own is None or own.person is None or _is_stale(found, own, at):
        return Standing.SIGN_IN
    if asked.least is not None and own.level not in asked.least:
        return Standing.SIGN_IN if own.person.level in asked.least else Standing.LEVEL
    if own.level not in asked.wished and own.person.level in asked.wished and not asked.silent:
        return Standing.SIGN_IN  # they have been verified since: typing it again brings the higher level
    if not consented(own.actor.id, asked.client.code, asked.claims):
        return Standing.CONSENT
    shows = "consent" in asked.prompts or MANDATES in asked.claims  # others are named in these: each time anew
    return Standing.CONSENT if shows and found.agreed_at is None else Standing.NOTHING


def _is_stale(found: Pushed, own: SignedIn, at: datetime) -> bool:
    """Whether the password has to be typed again for this very request; once it was, it need not be any more."""
    if own.began_at >= found.created_at:
        return False
    if found.asked.prompts & {"login", "select_account"}:
        return True
    return found.asked.max_age is not None and own.began_at < at - timedelta(seconds=found.asked.max_age)


def consented(person: UUID, client: str, claims: Iterable[str]) -> bool:
    """Whether a person has let this node, or all, know all of this."""
    rows = Consent.objects.filter(person_id=person, client__in=(client, EVERYWHERE)).values_list("claims", flat=True)
    wanted = set(claims)
    found = [set(row) for row in rows]
    return any(wanted <= row for row in found if row)


def roams(person: UUID) -> bool:
    """Whether a person has let all nodes know who they are."""
    return Consent.objects.filter(person_id=person, client=EVERYWHERE).exclude(claims=[]).exists()


# What a person sees of it


@dataclass(frozen=True)
class Agreed:
    """A node that may know something."""

    client: str
    name: str
    claims: tuple[str, ...]
    at: datetime


@dataclass(frozen=True)
class SessionView:
    """One browser in which somebody is signed in."""

    key: str  # hexadecimal digest; opens nothing
    began_at: datetime
    ends_at: datetime
    issuer_name: str
    is_own: bool
    is_this: bool
    used_at: tuple[str, ...]  # names of other nodes


def sessions(who: SignedIn, at: datetime) -> list[SessionView]:
    """Where somebody is signed in at this node, newest first. Two selects."""
    column = "person_id" if who.actor.role is Role.APPLICANT else "staff_id"
    rows = list(Session.objects.filter(**{column: who.actor.id}, ended_at=None, ends_at__gt=at).order_by("-began_at"))
    uses = Use.objects.filter(session__in=[row.digest for row in rows]).order_by("first_at")
    served: dict[bytes, list[str]] = {}
    for use in uses:
        served.setdefault(bytes(use.session_id), []).append(trust.name_of(use.client))
    return [
        SessionView(
            key=bytes(row.digest).hex(),
            began_at=row.began_at,
            ends_at=row.ends_at,
            issuer_name=trust.name_of(row.issuer),
            is_own=row.issuer == here().code,
            is_this=bytes(row.digest) == who.session,
            used_at=tuple(served.get(bytes(row.digest), ())),
        )
        for row in rows
    ]


def agreed(who: SignedIn) -> list[Agreed]:
    """Which single nodes a person lets know what; only their home node can say. One select."""
    rows = Consent.objects.filter(person_id=who.actor.id).exclude(claims=[]).exclude(client=EVERYWHERE)
    return [
        Agreed(client=row.client, name=trust.name_of(row.client), claims=tuple(row.claims), at=row.agreed_at)
        for row in rows.order_by("-agreed_at")
    ]


# Signing out


def leaves(token: str, own: SignedIn | None, at: datetime) -> str:
    """The node that sent this browser here to sign out, when it names the very session that the browser has."""
    hint = ending.read_hint(token, issuer=trust.own_address(), keys=trust.own_public_keys(at))
    if hint is None or own is None:
        return ""
    found = Use.objects.filter(client=hint.client, sid=hint.sid, session_id=own.session)
    return hint.client if found.exists() else ""


@dataclass(frozen=True)
class Telling:
    """A node that is to be told that somebody signed out."""

    name: str
    is_told: bool
    is_silent: bool  # it was asked and did not answer
    is_home: bool  # it vouched for the person, and tells the others


def sign_out(ended: UUID) -> list[Telling]:
    """How far the news of one ended session has come. One select; the name of the news is known to who signed out."""
    rows = SignOut.objects.filter(ended=ended).order_by("node")
    return [
        Telling(trust.name_of(row.node), row.told_at is not None, bool(row.trouble), not row.subject) for row in rows
    ]
