# SPDX-License-Identifier: Apache-2.0
"""A visitor's home tells for whom they may act: kept for the sign-in in which it was told, and for no longer."""

from datetime import datetime
from typing import Any

from uuid_utils.compat import uuid7

from tongban.identity import sealing, trust
from tongban.identity.actions.answers import mandate as new_mandate
from tongban.identity.actions.evidence import Method, prove
from tongban.identity.actions.people import known, new_person
from tongban.identity.assurance import REAL_NAME, Level
from tongban.identity.models import Company, Mandate, Person
from tongban.identity.oidc import Claims
from tongban.identity.queries import level_of
from tongban.identity.vouching import Vouched, VouchedCompany, VouchedPerson
from tongban.ledger import actions as ledger
from tongban.standards.actor import system
from tongban.standards.clock import local_date
from tongban.standards.node import here


def keep_told(issuer: str, agent: Person, claims: Claims, *, at: datetime) -> None:
    """What home says now replaces what it said of the same sign-in before. Of whom home does not speak is left out.

    Without a name for the sign-in nobody could say when it is over, and nothing is kept.
    """
    if not claims.sid or claims.level < REAL_NAME:
        return
    before = Mandate.objects.filter(issuer=issuer, sid=claims.sid, ended_at=None)
    before.update(ended_at=at, ended_by=system(issuer).pseudonym)
    for vouched in claims.mandates:
        whose = _company(issuer, vouched.company, at) if vouched.company else _person(issuer, vouched.person, at)
        if whose:
            _keep(issuer, agent, claims, vouched, whose, at)


def _keep(issuer: str, agent: Person, claims: Claims, told: Vouched, whose: dict[str, Any], at: datetime) -> None:
    words = {"role": told.role, "items": told.items, "basis": told.basis, "ends_on": told.ends_on, **whose}
    index = sealing.id_index(claims.id_type, claims.id_number)
    made = new_mandate(
        index,
        agent.name,
        claims.id_number,
        at=at,
        granted=system(issuer),
        accepted=True,
        begins_on=local_date(at),
        issuer=issuer,
        sid=claims.sid,
        origin=told.id,
        **words,
    )
    facts = {"issuer": issuer, "origin": str(told.id)}
    ledger.write(f"mandate/{made}", verb="mandate.told", actor=system(issuer), at=at, facts=facts)


def _company(issuer: str, told: VouchedCompany, at: datetime) -> dict[str, Any]:
    """The company, unless it is known here as one of another region: no node names agents of others' companies."""
    row = Company.objects.filter(code=told.code).first()
    if row is None:
        words = {"home_region": issuer, "representative_name": "", "source": issuer, "verified_at": at}
        row = Company.objects.create(id=uuid7(), code=told.code, name=told.name, **words)
        facts = {"source": issuer}
        ledger.write(f"company/{row.id}", verb="company.added", actor=system(issuer), at=at, facts=facts)
    return {"company_id": row.id} if trust.speaks_for(issuer, row.home_region) else {}


def _person(issuer: str, told: VouchedPerson | None, at: datetime) -> dict[str, Any]:
    """The person, unless they belong to another region."""
    if told is None or not trust.speaks_for(issuer, told.home_region):
        return {}
    claims = Claims("", Level.MATCHED, told.name, told.id_type, told.id_number, "", told.home_region)
    row = known(claims)
    if row is not None and row.home_region and not trust.speaks_for(issuer, row.home_region):
        return {}
    by = system(here().code)
    row = row or new_person(claims, by, at)
    if level_of(row.id, at) < Level.MATCHED:
        prove(row.id, Level.MATCHED, Method.HOME, source=issuer, actor=by, at=at, verification=None)
    return {"person_id": row.id}
