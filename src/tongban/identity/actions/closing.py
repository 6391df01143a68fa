# SPDX-License-Identifier: Apache-2.0
"""An account ends: nobody signs in by it any more, here or by it elsewhere; the person stays for what law keeps."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from tongban.identity.actions.ending import end, end_mandates
from tongban.identity.models import Account, Consent, Mandate, Session, SignIn, Token
from tongban.identity.queries import SignedIn
from tongban.ledger import actions as ledger


@transaction.atomic
def close_account(own: SignedIn, *, at: datetime) -> None:
    """Sessions, sign-ins, tokens, consents and mandates end; the name other nodes know them by is kept for them."""
    assert own.person is not None
    person = own.person
    for row in Session.objects.select_related("person", "staff").filter(person=person, ended_at=None):
        end(row, at=at)
    Account.objects.filter(person=person).delete()
    SignIn.objects.filter(person=person).delete()
    Consent.objects.filter(person=person).update(claims=[], agreed_at=at)
    Token.objects.filter(person=person, revoked_at=None).update(revoked_at=at)
    whose = Q(person=person) | Q(agent_index=bytes(person.id_index)) if person.id_index else Q(person=person)
    end_mandates(Mandate.objects.filter(whose, ended_at=None), by=own.actor, at=at)
    ledger.write(f"person/{person.id}", verb="account.closed", actor=own.actor, at=at, facts={})
