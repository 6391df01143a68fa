# SPDX-License-Identifier: Apache-2.0
"""What follows when the source confirms what a person asked: a level rises, a company or a child is known here."""

import json
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from tongban.identity import logins, sealing
from tongban.identity.actions.ending import end_mandates
from tongban.identity.actions.evidence import Method, prove
from tongban.identity.actions.joining import are_one, join
from tongban.identity.actions.people import known, new_person
from tongban.identity.assurance import Level
from tongban.identity.models import Account, Company, Login, Mandate, Person, Session, Verification
from tongban.identity.oidc import Claims
from tongban.identity.outcomes import Trouble
from tongban.identity.source import Beside
from tongban.ledger import actions as ledger
from tongban.standards import identifiers
from tongban.standards.actor import Actor, system
from tongban.standards.clock import local_date
from tongban.standards.node import here

Purpose = Verification.Purpose
Role = Mandate.Role
MAJORITY = 18  # years: 《民法典》第十七条
REGISTER = "登记的法定代表人"
FAMILY = "登记的监护关系"


def words_of(row: Verification) -> dict[str, Any]:
    """Who is named beside whom the question is about, and what is wanted of it."""
    if row.beside is None:
        return {}
    told: dict[str, Any] = json.loads(sealing.opened(row.id, "beside", row.beside))
    return told


def beside(row: Verification) -> Beside | None:
    """Who is asked about beside them; nobody for a person alone."""
    said = words_of(row)
    return Beside(said["name"], said["id_number"]) if said else None


def follow(row: Verification, state: str, at: datetime) -> None:
    """Do what was asked for, in the transaction of the answer."""
    if state != Verification.State.MATCH or row.person is None:
        return
    person = Person.objects.select_for_update().get(id=row.person)
    {Purpose.SELF: _proved, Purpose.COMPANY: _company_known, Purpose.WARD: _guardian_known}[Purpose(row.purpose)](
        row, person, system(here().code), at
    )


# A person


def _proved(row: Verification, person: Person, source: Actor, at: datetime) -> None:
    """Their number is theirs from now on, and signs them in."""
    holder = Person.objects.filter(id_type=row.id_type, id_index=bytes(row.id_index)).first()
    if holder is not None and holder.id != person.id:
        if not are_one(holder, person):
            Verification.objects.filter(id=row.id).update(trouble=Trouble.TAKEN)
            return
        person = join(person, holder)
    Person.objects.filter(id=person.id).update(id_index=bytes(row.id_index), name=row.name)
    prove(person.id, Level.MATCHED, Method.MATCHED, source=row.source, actor=source, at=at, verification=row.id)
    if row.id_type == logins.RESIDENT_ID and Account.objects.filter(person=person).exists():
        Login.objects.bulk_create([Login(index=bytes(row.id_index), account_id=person.id)], ignore_conflicts=True)
    own = Session.objects.filter(person=person, issuer=here().code, ended_at=None)
    own.filter(level__lt=Level.MATCHED).update(level=Level.MATCHED)


# A company


def _company_known(row: Verification, asking: Person, source: Actor, at: datetime) -> None:
    """The company is here with the representative whom the register names; whoever asked waits for that one's yes."""
    said = words_of(row)
    code = sealing.opened(row.id, "id_number", row.id_sealed)
    told = {"name": row.name, "representative_name": said["name"], "source": row.source, "verified_at": at}
    made = Company(id=uuid7(), code=code, home_region=here().code, **told)
    Company.objects.bulk_create([made], update_conflicts=True, unique_fields=["code"], update_fields=list(told))
    company = Company.objects.get(code=code)
    if company.id == made.id:
        facts = {"source": row.source}
        ledger.write(f"company/{company.id}", verb="company.added", actor=source, at=at, facts=facts)
    index = sealing.id_index(logins.RESIDENT_ID, said["id_number"])
    _name_representative(company, index, said, source, at)
    if bytes(asking.id_index or b"") != index:
        _ask_to_be_agent(company, asking, said, at)


def _name_representative(company: Company, index: bytes, said: dict[str, Any], source: Actor, at: datetime) -> None:
    """One at a time: whom the register names now."""
    before = Mandate.objects.filter(company=company, role=Role.REPRESENTATIVE, issuer="", ended_at=None)
    if before.filter(agent_index=index).exists():
        return
    end_mandates(before, by=source, at=at)
    words = {"company_id": company.id, "role": Role.REPRESENTATIVE, "basis": REGISTER, "begins_on": local_date(at)}
    made = mandate(index, said["name"], said["id_number"], at=at, granted=source, accepted=True, **words)
    _write_down(made, "mandate.granted", source, at)


def _ask_to_be_agent(company: Company, asking: Person, said: dict[str, Any], at: datetime) -> None:
    """Who registers the company and does not represent it may act once the representative has said yes."""
    words = {"company_id": company.id, "role": Role.AGENT, "items": said["items"], "begins_on": local_date(at)}
    words["ends_on"] = date.fromisoformat(said["until"])
    number = sealing.opened(asking.id, "id_number", asking.id_sealed)
    made = mandate(bytes(asking.id_index or b""), asking.name, number, at=at, granted=None, accepted=True, **words)
    _write_down(made, "mandate.asked", system(here().code), at)


# A child


def _guardian_known(row: Verification, guardian: Person, source: Actor, at: datetime) -> None:
    """The child is a person here; the guardian whom the register names acts for them until they are of age."""
    number = sealing.opened(row.id, "id_number", row.id_sealed)
    claims = Claims("", Level.MATCHED, row.name, row.id_type, number, "", guardian.home_region)
    child = known(claims) or new_person(claims, source, at)
    prove(child.id, Level.MATCHED, Method.MATCHED, source=row.source, actor=source, at=at, verification=row.id)
    words = {"person_id": child.id, "role": Role.GUARDIAN, "basis": FAMILY, "begins_on": local_date(at)}
    words["ends_on"] = of_age_on(number) - timedelta(days=1)
    own = sealing.opened(guardian.id, "id_number", guardian.id_sealed)
    made = mandate(bytes(guardian.id_index or b""), guardian.name, own, at=at, granted=source, accepted=True, **words)
    _write_down(made, "mandate.granted", source, at)


def of_age_on(id_number: str) -> date:
    """The eighteenth birthday; of those born on 29 February the day after the 28th."""
    birth = identifiers.resident_id(id_number, demo=here().demo).birth
    try:
        return birth.replace(year=birth.year + MAJORITY)
    except ValueError:
        return date(birth.year + MAJORITY, 3, 1)


# Mandates


def mandate(
    index: bytes, name: str, number: str, *, at: datetime, granted: Actor | None, accepted: bool, **words: Any
) -> UUID:
    """A new row; who has said yes already is told."""
    made = uuid7()
    Mandate.objects.create(
        id=made,
        agent_index=index,
        agent_name=name,
        agent_sealed=sealing.sealed(made, "id_number", number),
        asked_at=at,
        granted_at=at if granted else None,
        granted_by=granted.pseudonym if granted else "",
        accepted_at=at if accepted else None,
        **{"items": [], **words},
    )
    return made


def _write_down(made: UUID, verb: str, actor: Actor, at: datetime) -> None:
    ledger.write(f"mandate/{made}", verb=verb, actor=actor, at=at, facts={})
