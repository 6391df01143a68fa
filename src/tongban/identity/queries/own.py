# SPDX-License-Identifier: Apache-2.0
"""All that identity keeps of one person, for the person: no secret, and nobody else's numbers."""

from typing import Any
from uuid import UUID

from django.db.models import Q

from tongban.identity import sealing
from tongban.identity.models import Consent, Evidence, Mandate, Person, Session, SignIn, Token, Verification
from tongban.identity.queries.looks import looks


def data_of(person: UUID) -> dict[str, Any]:
    """As plain values, by what they are. One select each."""
    row = Person.objects.get(id=person)
    index = sealing.index_of(row.id, row.id_index)
    own, agent = {"person": person}, Q(agent_index=index) | Q(person=person)
    return {
        "person": {
            "name": row.name,
            "id_type": row.id_type,
            "id_number": sealing.opened(row.id, "id_number", row.id_sealed),
            "phone": sealing.opened(row.id, "phone", row.phone_sealed),
            "home_region": row.home_region,
            "created_at": row.created_at,
        },
        "evidence": list(
            Evidence.objects.filter(**own).values("level", "method", "source", "at", "expires_at", "ended_at")
        ),
        "verifications": list(Verification.objects.filter(**own).values("purpose", "name", "state", "asked_at")),
        "sessions": list(Session.objects.filter(**own).values("issuer", "level", "began_at", "ends_at", "ended_at")),
        "sign_ins": list(SignIn.objects.filter(**own).values("issuer", "first_at", "last_at")),
        "consents": list(Consent.objects.filter(**own).values("client", "claims", "agreed_at")),
        "tokens": list(Token.objects.filter(**own).values("name", "scopes", "created_at", "ends_at", "revoked_at")),
        "mandates": list(
            Mandate.objects.filter(agent).values(
                "role", "agent_name", "items", "basis", "begins_on", "ends_on", "granted_at", "accepted_at", "ended_at"
            )
        ),
        "looks": [vars(each) for each in looks(index)],
    }
