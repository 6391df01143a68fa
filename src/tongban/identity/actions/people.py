# SPDX-License-Identifier: Apache-2.0
"""People and staff come to be known here."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from uuid_utils.compat import uuid7

from tongban.identity import logins, passwords, sealing, trust
from tongban.identity.assurance import REAL_NAME, Level
from tongban.identity.errors import LoginTaken, NotItsRegion, SubjectChanged, WeakPassword
from tongban.identity.models import Account, Login, Person, SignIn, Staff
from tongban.identity.oidc import Claims
from tongban.ledger import actions as ledger
from tongban.standards.actor import Actor, Role, system
from tongban.standards.node import here


@transaction.atomic
def add_person(
    *,
    name: str,
    id_number: str,
    home_region: str,
    at: datetime,
    phone: str = "",
    password: str = "",
    level: Level = Level.MATCHED,
    actor: Actor | None = None,
) -> UUID:
    """Know a person by ID number; with a password they can sign in here. The same number again is the same person."""
    number, phone = logins.id_number(id_number), logins.phone(phone) if phone else ""
    said = Claims(
        subject="",
        level=level,
        name=name,
        id_type=logins.RESIDENT_ID,
        id_number=number,
        phone=phone,
        home_region=home_region,
    )
    person = _known(said) or _new_person(said, actor or system(here().code), at)
    if password:
        _open_account(person, said, password, at)
    return person.id


@transaction.atomic
def add_staff(
    *,
    login: str,
    password: str,
    name: str,
    organization: str,
    region: str,
    roles: Sequence[Role],
    at: datetime,
    actor: Actor | None = None,
) -> UUID:
    """Know a member of staff by login; the same login again is the same member."""
    if (known := Staff.objects.filter(login=login).first()) is not None:
        return known.id
    _refuse_weak(password, login, name)
    staff = Staff.objects.create(
        id=uuid7(),
        login=login,
        password_hash=passwords.hashed(password),
        name=name,
        organization=organization,
        region=region,
        roles=[Role(role).value for role in roles],
        created_at=at,
    )
    facts = {"organization": organization, "region": region, "roles": [Role(role).value for role in roles]}
    ledger.write(f"staff/{staff.id}", verb="staff.added", actor=actor or system(here().code), at=at, facts=facts)
    return staff.id


@transaction.atomic
def person_from_claims(issuer: str, claims: Claims, *, at: datetime) -> Person:
    """The person a home node vouches for: found by its name for them, else by ID number at real-name level."""
    home = trust.name_of(issuer)
    if not trust.speaks_for(issuer, claims.home_region):
        raise NotItsRegion(home=home)
    link = SignIn.objects.select_related("person").filter(issuer=issuer, subject=claims.subject).first()
    if link is not None:
        return _seen_again(link, claims, home, at)
    person = _known(claims)
    if person is not None and not trust.speaks_for(issuer, person.home_region):
        raise NotItsRegion(home=home)  # else any node could name the number of another region's person
    if person is None:
        person = _new_person(claims, system(here().code), at)
    SignIn.objects.create(issuer=issuer, subject=claims.subject, person=person, first_at=at, last_at=at)
    _refresh(person, claims)
    return person


def _known(said: Claims) -> Person | None:
    """By ID number; a number that is only declared belongs to nobody yet."""
    if said.level < REAL_NAME:
        return None
    index = sealing.id_index(said.id_type, said.id_number)
    return Person.objects.filter(id_type=said.id_type, id_index=index).first()


def _new_person(said: Claims, actor: Actor, at: datetime) -> Person:
    """A new row, or the one that somebody else just made for the same number."""
    person = Person(
        id=uuid7(),
        id_type=said.id_type,
        name=said.name,
        home_region=said.home_region,
        level=said.level,
        created_at=at,
    )
    person.id_sealed = sealing.sealed(person.id, "id_number", said.id_number)
    if said.level >= REAL_NAME:
        person.id_index = sealing.id_index(said.id_type, said.id_number)
    if said.phone:
        person.phone_sealed = sealing.sealed(person.id, "phone", said.phone)
    Person.objects.bulk_create([person], ignore_conflicts=True)
    kept = _known(said) or person
    if kept.id == person.id:
        facts = {"home_region": said.home_region, "level": int(said.level)}
        ledger.write(f"person/{person.id}", verb="person.added", actor=actor, at=at, facts=facts)
    return kept


def _seen_again(link: SignIn, claims: Claims, home: str, at: datetime) -> Person:
    """The same subject must stay the same person, whatever else has changed."""
    person = link.person
    if sealing.opened(person.id, "id_number", person.id_sealed) != claims.id_number:
        raise SubjectChanged(home=home)
    SignIn.objects.filter(issuer=link.issuer, subject=link.subject).update(last_at=at)
    _refresh(person, claims)
    return person


def _refresh(person: Person, claims: Claims) -> None:
    """Take over name, phone and region from the node that keeps them; the number never changes.

    A phone that is not told was perhaps not asked for: the one that is known stays.
    """
    if claims.level < REAL_NAME:
        return
    person.name, person.home_region, person.level = claims.name, claims.home_region, claims.level
    if claims.phone and claims.phone != sealing.opened(person.id, "phone", person.phone_sealed):
        person.phone_sealed = sealing.sealed(person.id, "phone", claims.phone)
    person.save(update_fields=["name", "home_region", "level", "phone_sealed"])


def _open_account(person: Person, said: Claims, password: str, at: datetime) -> None:
    """One account for a person; a second call changes nothing, the password included."""
    if Account.objects.filter(person=person).exists():
        return
    _refuse_weak(password, said.name, said.id_number, said.phone)
    account = Account.objects.create(person=person, password_hash=passwords.hashed(password), changed_at=at)
    indexes = [sealing.id_index(said.id_type, said.id_number)]
    indexes += [sealing.phone_index(said.phone)] if said.phone else []
    if Login.objects.filter(index__in=indexes).exists():
        raise LoginTaken()
    Login.objects.bulk_create([Login(index=index, account=account) for index in indexes])


def _refuse_weak(password: str, *known: str) -> None:
    if (why := passwords.weakness(password, *known)) is not None:
        raise WeakPassword(field="password", why=why)
