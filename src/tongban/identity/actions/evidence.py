# SPDX-License-Identifier: Apache-2.0
"""A person's level rises by what proves it, and is never written down without it."""

from datetime import datetime, timedelta
from uuid import UUID

from uuid_utils.compat import uuid7

from tongban.identity.assurance import Level
from tongban.identity.models import Evidence
from tongban.ledger import actions as ledger
from tongban.standards.actor import Actor

Method = Evidence.Method
LIFE = timedelta(days=5 * 365)  # of what a source or a window says; ours: names and faces change
LIVES = {Method.MATCHED: LIFE, Method.WINDOW: LIFE}  # the others are in force until somebody says otherwise


def prove(
    person: UUID,
    level: Level,
    method: Method,
    *,
    source: str,
    actor: Actor,
    at: datetime,
    verification: UUID | None,
    expires_at: datetime | None = None,
) -> None:
    """Note why somebody stands at a level; the latest word of one source replaces its earlier ones."""
    earlier = Evidence.objects.filter(person_id=person, method=method, source=source, ended_at=None)
    if method is Method.HOME and list(earlier.values_list("level", flat=True)) == [level]:
        return  # the same word at every sign-in
    earlier.update(ended_at=at)
    if expires_at is None and method in LIVES:
        expires_at = at + LIVES[method]
    Evidence.objects.create(
        id=uuid7(),
        person_id=person,
        level=level,
        method=method,
        source=source,
        by=actor.pseudonym,
        verification=verification,
        at=at,
        expires_at=expires_at,
    )
    facts = {"level": int(level), "method": str(method), "source": source}
    ledger.write(f"person/{person}", verb="person.proved", actor=actor, at=at, facts=facts)
