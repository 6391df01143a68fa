# SPDX-License-Identifier: Apache-2.0
"""Tokens by which programs act for somebody."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from tongban.identity.errors import TokenNameMissing, TokenRoleMissing, TokenScopesMissing, TooManyTokens
from tongban.identity.models import Token
from tongban.identity.oidc import digest, fresh
from tongban.identity.queries import SignedIn, forget_bearer, forget_bearers
from tongban.identity.queries.tokens import places_of, tokens_of
from tongban.identity.scopes import offered
from tongban.ledger import actions as ledger
from tongban.standards.actor import Actor, system
from tongban.standards.node import here
from tongban.standards.refusal import NotFound

MOST = 10  # that somebody has at the same time
LIVES = (30, 90, 365)  # days
LONGEST_NAME = 40  # characters
PREFIX = "tbt_"  # so that scanners of leaked secrets can recognise one


@transaction.atomic
def issue_token(
    *,
    name: str,
    at: datetime,
    person: UUID | None = None,
    staff: UUID | None = None,
    scopes: Sequence[str] = ("all",),
    ends_at: datetime | None = None,
    token: str = "",
    actor: Actor | None = None,
    role: str = "",
    post: UUID | None = None,
) -> str:
    """A token for a person or a member of staff; shown once, kept as a digest.

    `role` or `post` is what a member of staff's program acts as, as long as they have it; without, their first role.
    `token` fixes the value, for a demonstration that shows it again; the same value again changes nothing.
    """
    token = token or PREFIX + fresh()
    row = Token(
        digest=digest(token),
        person_id=person,
        staff_id=staff,
        role=role,
        post_id=post,
        name=name,
        scopes=list(scopes),
        created_at=at,
        ends_at=ends_at,
    )
    if Token.objects.filter(digest=row.digest).exists():
        return token
    row.save(force_insert=True)
    forget_bearer(token)
    subject = f"person/{person}" if person else f"staff/{staff}"
    facts = {"name": name, "scopes": list(scopes), "as": str(post or role)}
    ledger.write(subject, verb="token.issued", actor=actor or system(here().code), at=at, facts=facts)
    return token


@transaction.atomic
def issue_own(own: SignedIn, name: str, scopes: Sequence[str], days: int, *, at: datetime, acts_as: str = "") -> str:
    """A token for a program of one's own, shown once. NotAllowed for who came by a token or acts for somebody else.

    `acts_as` is the key of one of a member of staff's `places_of`; who has only one need not say it.
    TokenNameMissing, TokenRoleMissing, TokenScopesMissing; TooManyTokens when there are MOST already.
    """
    held = tokens_of(own, at)
    if not name.strip():
        raise TokenNameMissing(field="name")
    places = {place.key: place for place in places_of(own)}
    place = places.get(acts_as) if len(places) > 1 else next(iter(places.values()), None)
    if places and place is None:
        raise TokenRoleMissing(field="acts_as")
    known = dict(offered(to_staff=own.kind == "staff"))
    if not scopes or not set(scopes) <= set(known) or days not in LIVES:
        raise TokenScopesMissing(field="scopes")
    if len(held) >= MOST:
        raise TooManyTokens(field="name", most=MOST)
    return issue_token(
        name=name.strip()[:LONGEST_NAME],
        at=at,
        person=own.actor.id if own.kind == "person" else None,
        staff=own.actor.id if own.kind == "staff" else None,
        scopes=scopes,
        ends_at=at + timedelta(days=days),
        actor=own.actor,
        role=place.role if place and place.post is None else "",
        post=place.post if place else None,
    )


@transaction.atomic
def revoke_own(own: SignedIn, key: str, *, at: datetime) -> None:
    """End one of one's own tokens. NotFound."""
    held = next((each for each in tokens_of(own, at) if each.key == key), None)
    if held is None:
        raise NotFound(what="这个程序令牌")
    Token.objects.filter(digest=bytes.fromhex(key)).update(revoked_at=at)
    forget_bearers()
    subject = f"{own.kind}/{own.actor.id}"
    ledger.write(subject, verb="token.revoked", actor=own.actor, at=at, facts={"name": held.name})


@transaction.atomic
def revoke_token(token: str, *, at: datetime, actor: Actor | None = None) -> None:
    """End a token; nothing happens when there is none."""
    row = Token.objects.select_for_update().filter(digest=digest(token), revoked_at=None).first()
    if row is None:
        return
    Token.objects.filter(digest=row.digest).update(revoked_at=at)
    forget_bearer(token)
    subject = f"person/{row.person_id}" if row.person_id else f"staff/{row.staff_id}"
    ledger.write(
        subject,
        verb="token.revoked",
        actor=actor or system(here().code),
        at=at,
        facts={"name": row.name},
    )


def revoke_all(*, at: datetime, actor: Actor, person: UUID | None = None, staff: UUID | None = None) -> None:
    """End every token of somebody, as part of the caller's transaction."""
    whose = Q(person_id=person) if person else Q(staff_id=staff)
    open_ones = Token.objects.filter(whose, revoked_at=None)
    subject = f"person/{person}" if person else f"staff/{staff}"
    for name in open_ones.values_list("name", flat=True):
        ledger.write(subject, verb="token.revoked", actor=actor, at=at, facts={"name": name})
    open_ones.update(revoked_at=at)
    forget_bearers()
