# SPDX-License-Identifier: Apache-2.0
"""Tokens by which programs act for somebody."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from tongban.identity.models import Token
from tongban.identity.oidc import digest, fresh
from tongban.identity.queries import forget_bearer, forget_bearers
from tongban.ledger import actions as ledger
from tongban.standards.actor import Actor, system
from tongban.standards.node import here

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
) -> str:
    """A token for a person or a member of staff; shown once, kept as a digest.

    `token` fixes the value, for a demonstration that shows it again; the same value again changes nothing.
    """
    token = token or PREFIX + fresh()
    row = Token(
        digest=digest(token),
        person_id=person,
        staff_id=staff,
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
    facts = {"name": name, "scopes": list(scopes)}
    ledger.write(subject, verb="token.issued", actor=actor or system(here().code), at=at, facts=facts)
    return token


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
