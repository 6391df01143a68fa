# SPDX-License-Identifier: Apache-2.0
"""People and staff come to be known here."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from uuid_utils.compat import uuid7

from tongban.identity import documents, logins, passwords, sealing, trust
from tongban.identity.actions.evidence import Method, prove
from tongban.identity.actions.joining import declared, join
from tongban.identity.assurance import REAL_NAME, Level
from tongban.identity.errors import LoginTaken, NotItsRegion, SubjectChanged, WeakPassword
from tongban.identity.models import Account, Login, Person, SignIn, Staff
from tongban.identity.oidc import Claims
from tongban.ledger import actions as ledger
from tongban.standards.actor import Actor, Role, system
from tongban.standards.node import here

IMPORTED = "import"  # whoever loads people into a node answers for them


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
    id_type: str = logins.RESIDENT_ID,
    actor: Actor | None = None,
) -> UUID:
    """Know a person by ID number; with a password they can sign in here. The same number again is the same person."""
    number, phone = documents.number_of(id_type, id_number), logins.phone(phone) if phone else ""
    said = Claims(
        subject="",
        level=level,
        name=name,
        id_type=id_type,
        id_number=number,
        phone=phone,
        home_region=home_region,
    )
    actor = actor or system(here().code)
    person = known(said)
    if person is None:
        person = new_person(said, actor, at)
        method = Method.MATCHED if level >= REAL_NAME else Method.DECLARED
        prove(person.id, level, method, source=IMPORTED, actor=actor, at=at, verification=None)
    if password:
        open_account(person, said, password, at)
    return person.id


@transaction.atomic
def meet(
    *, name: str, id_type: str, id_number: str, phone: str, verification: UUID, clerk: Actor, at: datetime
) -> None:
    """Somebody stood before a clerk who checked that they are the one on the document; with or without an account.

    Where their home is nobody asked: their home node, or they themselves, will say.
    """
    said = Claims("", Level.PRESENT, name, id_type, id_number, phone, home_region="")
    person = _found(said) or new_person(said, clerk, at)
    prove(
        person.id,
        Level.PRESENT,
        Method.WINDOW,
        source=clerk.organization,
        actor=clerk,
        at=at,
        verification=verification,
    )


def _found(said: Claims) -> Person | None:
    """Whose number it is; whoever registered with it, and with this phone, has it from now on."""
    holder, mine = known(said), declared(said)
    if mine is None or (holder is not None and Account.objects.filter(person=holder).exists()):
        return holder
    if holder is not None:
        Person.objects.filter(id=holder.id).update(phone_sealed=sealing.sealed(holder.id, "phone", said.phone))
        return join(mine, holder)
    Person.objects.filter(id=mine.id).update(id_index=sealing.id_index(said.id_type, said.id_number))
    return mine


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
    refuse_weak(password, login, name)
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
    person = known(claims)
    if person is not None and person.home_region and not trust.speaks_for(issuer, person.home_region):
        raise NotItsRegion(home=home)  # else any node could name the number of another region's person
    if person is None:
        person = new_person(claims, system(here().code), at)
    SignIn.objects.create(issuer=issuer, subject=claims.subject, person=person, first_at=at, last_at=at)
    _refresh(person, issuer, claims, at)
    return person


def known(said: Claims) -> Person | None:
    """By ID number; a number that is only declared belongs to nobody yet."""
    if said.level < REAL_NAME:
        return None
    index = sealing.id_index(said.id_type, said.id_number)
    return Person.objects.filter(id_type=said.id_type, id_index=index).first()


def new_person(said: Claims, actor: Actor, at: datetime) -> Person:
    """A new row, or the one that somebody else just made for the same number."""
    person = Person(
        id=uuid7(),
        id_type=said.id_type,
        name=said.name,
        home_region=said.home_region,
        created_at=at,
    )
    person.id_sealed = sealing.sealed(person.id, "id_number", said.id_number)
    if said.level >= REAL_NAME:
        person.id_index = sealing.id_index(said.id_type, said.id_number)
    if said.phone:
        person.phone_sealed = sealing.sealed(person.id, "phone", said.phone)
    Person.objects.bulk_create([person], ignore_conflicts=True)
    kept = known(said) or person
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
    _refresh(person, link.issuer, claims, at)
    return person


def _refresh(person: Person, issuer: str, claims: Claims, at: datetime) -> None:
    """Take over level, name, phone and region from the node that keeps them; the number never changes.

    A phone that is not told was perhaps not asked for: the one that is known stays.
    """
    vouching = system(here().code)
    prove(person.id, claims.level, Method.HOME, source=issuer, actor=vouching, at=at, verification=None)
    if claims.level < REAL_NAME:
        return
    person.name, person.home_region = claims.name, claims.home_region
    if claims.phone and claims.phone != sealing.opened(person.id, "phone", person.phone_sealed):
        person.phone_sealed = sealing.sealed(person.id, "phone", claims.phone)
    person.save(update_fields=["name", "home_region", "phone_sealed"])


def open_account(person: Person, said: Claims, password: str, at: datetime) -> None:
    """One account for a person; a second call changes nothing, the password included.

    A number that is only declared signs nobody in: it may be another's.
    """
    if Account.objects.filter(person=person).exists():
        return
    refuse_weak(password, said.name, said.id_number, said.phone)
    account = Account.objects.create(person=person, password_hash=passwords.hashed(password), changed_at=at)
    indexes = [sealing.id_index(said.id_type, said.id_number)] if said.level >= REAL_NAME else []
    indexes += [sealing.phone_index(said.phone)] if said.phone else []
    if Login.objects.filter(index__in=indexes).exists():
        raise LoginTaken()
    Login.objects.bulk_create([Login(index=index, account=account) for index in indexes])


def refuse_weak(password: str, *known: str) -> None:
    if (why := passwords.weakness(password, *known)) is not None:
        raise WeakPassword(field="password", why=why)
