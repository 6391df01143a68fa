# SPDX-License-Identifier: Apache-2.0
"""Auditors look through the diary, and what they look for stands in it, too."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongban.identity.actions.looking import note
from tongban.identity.models import Person
from tongban.identity.sealing import index_of
from tongban.ledger import actions as ledger
from tongban.ledger.auditing import Wanted
from tongban.standards.actor import Actor, Role
from tongban.standards.node import here
from tongban.standards.refusal import NotAllowed

SEARCHED, EXPORTED = "audit.searched", "audit.exported"


def is_uuid(word: str) -> bool:
    """Whether this could be the identifier of a person."""
    try:
        return bool(UUID(word))
    except ValueError:
        return False


def require_auditor(actor: Actor) -> None:
    """NotAllowed for everybody else: whoever runs the node or decides in it is among those who are audited."""
    if actor.role is not Role.AUDITOR or actor.node != here().code:
        raise NotAllowed()


@transaction.atomic
def note_audit(verb: str, wanted: Wanted, *, actor: Actor, at: datetime) -> None:
    """That an auditor looked, for what; people about whom it was can read it. NotAllowed."""
    require_auditor(actor)
    times = {"since": wanted.since.isoformat(), "until": wanted.until.isoformat()}
    asked = {"subjects": list(wanted.subjects), "who": wanted.who, "kind": wanted.kind, **times}
    ledger.write(f"audit/{actor.id}", verb=verb, actor=actor, at=at, facts=asked)
    named = [wanted.who, *(each.removeprefix("person/") for each in wanted.subjects if each.startswith("person/"))]
    for found in Person.objects.filter(id__in=[each for each in named if is_uuid(each)]):
        note(index_of(found.id, found.id_index), "", "audit", actor=actor, at=at)
