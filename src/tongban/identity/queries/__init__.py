# SPDX-License-Identifier: Apache-2.0
"""Who somebody is, how far a sign-in has come, and what a person may see of their own data."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from tongban.database import reading
from tongban.identity import outcomes, sealing, trust
from tongban.identity.assurance import Level
from tongban.identity.errors import AttemptRefused, ending
from tongban.identity.models import Attempt, Person, Staff, Verification
from tongban.identity.oidc import Claims, digest
from tongban.standards import clock
from tongban.standards.actor import Actor, Role
from tongban.standards.node import here
from tongban.standards.refusal import NotAllowed, NotFound

WHO = (
    "p.id, p.name, p.id_type, p.id_sealed, p.phone_sealed, p.home_region, p.level, p.id_index, "
    "s.id, s.name, s.organization, s.region, s.roles, s.left_at "
    "FROM {table} i LEFT JOIN identity_person p ON p.id = i.person_id LEFT JOIN identity_staff s ON s.id = i.staff_id "
    "WHERE i.digest = %s AND "
)
SESSION = (
    f"SELECT i.issuer, i.level, i.began_at, {WHO.format(table='identity_session')}i.ended_at IS NULL AND i.ends_at > %s"
)
TOKEN = f"SELECT i.scopes, i.created_at, i.ends_at, {WHO.format(table='identity_token')}i.revoked_at IS NULL"
BEARER_SECONDS = 1.0  # for which a token that was found is not looked up again
MOST_BEARERS = 5000  # in this process
DETAILS = (
    "SELECT id, name, id_type, id_sealed, phone_sealed, home_region, level, id_index FROM identity_person WHERE id = %s"
)

# What the resident worker asks: is there somebody at a window whom the identity source is to be asked about?
VERIFICATION_DUE = "SELECT 1 FROM identity_verification WHERE state = 'waiting' AND try_at <= %(at)s"


@dataclass(frozen=True)
class SignedIn:
    """Who is behind a cookie or a token."""

    kind: Literal["person", "staff"]
    actor: Actor
    person_name: str
    issuer: str  # code of the node that vouches
    level: Level
    began_at: datetime
    scopes: frozenset[str] = field(default=frozenset())  # of an API token; empty for a browser
    session: bytes = field(default=b"", repr=False, compare=False)  # digest of the cookie
    person: Person | None = field(default=None, repr=False, compare=False)

    @property
    def is_own(self) -> bool:
        """Whether they signed in with a password of this node: only those we may vouch for elsewhere."""
        return self.issuer == here().code

    @property
    def details(self) -> "PersonDetails":
        """A person's own details. NotAllowed for staff."""
        if self.person is None:
            raise NotAllowed()
        return _details(self.person)


@dataclass(frozen=True)
class PersonDetails:
    """What a person's own forms are filled in with; never for a list, never for a log."""

    id: UUID
    name: str
    id_type: str
    id_number: str
    phone: str
    home_region: str
    level: Level


@dataclass(frozen=True)
class Progress:
    """How far a sign-in at the home node has come."""

    status: str
    home: str
    home_name: str
    next: str
    silent: bool
    created_at: datetime
    ends_at: datetime
    refusal: AttemptRefused | None  # why it ended, or what it waits for


@dataclass(frozen=True)
class VerificationView:
    """What is known of who is at the window, as the clerk reads it."""

    id: UUID
    state: str  # waiting, match, mismatch, unknown, unavailable, manual
    method: str  # card, typed, manual
    source_name: str
    asked_at: datetime
    answered_at: datetime | None
    clerk_name: str
    sentence: str
    may_go_on: bool
    note: str  # of the clerk who vouches


def signed_in(token: str, at: datetime | None = None) -> SignedIn | None:
    """Who is signed in with this cookie; None when nobody, or no longer. One select."""
    if not token:
        return None
    row = reading.row(SESSION, [digest(token), at or clock.now()])
    if row is None:
        return None
    issuer, level, began_at, *who = row
    return _signed_in(who, issuer, Level(level), began_at, session=digest(token))


def bearer(token: str, at: datetime | None = None) -> SignedIn | None:
    """Whom a program with this API token acts for; None when nobody. At most one select a second for each token.

    A token that is revoked in another process is therefore good for a second more, and no longer.
    """
    if not token:
        return None
    place, now = (here().code, digest(token)), clock.monotonic()
    kept = _bearers.get(place)
    if kept is None or now - kept.looked_at >= BEARER_SECONDS:
        kept = _Bearer(now, *_read_bearer(place[1]))
        _keep_bearer(place, kept)
    if kept.ends_at is not None and kept.ends_at <= (at or clock.now()):
        return None
    return kept.who


def forget_bearer(token: str) -> None:
    """Look again next time: the token was given or revoked here."""
    _bearers.pop((here().code, digest(token)), None)


@dataclass(frozen=True)
class _Bearer:
    """What was found for a token, and when."""

    looked_at: float
    ends_at: datetime | None
    who: SignedIn | None


_bearers: dict[tuple[str, bytes], _Bearer] = {}


def _keep_bearer(place: tuple[str, bytes], found: _Bearer) -> None:
    """Nobody's token is not kept: strangers could fill the memory with guesses."""
    if len(_bearers) >= MOST_BEARERS:
        _bearers.clear()
    if found.who is not None:
        _bearers[place] = found


def _read_bearer(digest: bytes) -> tuple[datetime | None, SignedIn | None]:
    row = reading.row(TOKEN, [digest])
    if row is None:
        return None, None
    scopes, created_at, ends_at, *who = row
    return ends_at, _signed_in(who, here().code, None, created_at, frozenset(scopes))


def person_details(actor: Actor) -> PersonDetails:
    """A person's own details, to fill in their own form. NotAllowed for anybody else."""
    row = reading.row(DETAILS, [actor.id]) if actor.role is Role.APPLICANT else None
    if row is None:
        raise NotAllowed()
    return _details(_person(row))


def _person(row: Sequence[Any]) -> Person:
    """A person from the columns of WHO and DETAILS."""
    id, name, id_type, id_sealed, phone_sealed, home_region, level, id_index = row
    return Person(
        id=id,
        name=name,
        id_type=id_type,
        id_sealed=id_sealed,
        phone_sealed=phone_sealed,
        home_region=home_region,
        level=level,
        id_index=id_index,
    )


def _details(person: Person) -> PersonDetails:
    return PersonDetails(
        id=person.id,
        name=person.name,
        id_type=person.id_type,
        id_number=sealing.opened(person.id, "id_number", person.id_sealed),
        phone=sealing.opened(person.id, "phone", person.phone_sealed),
        home_region=person.home_region,
        level=Level(person.level),
    )


def claims_for(person: Person, subject: str, level: Level, sid: str) -> Claims:
    """What we tell another node about a person of ours, under the name they have there."""
    return Claims(
        subject=subject,
        level=level,
        name=person.name,
        id_type=person.id_type,
        id_number=sealing.opened(person.id, "id_number", person.id_sealed),
        phone=sealing.opened(person.id, "phone", person.phone_sealed),
        home_region=person.home_region,
        sid=sid,
    )


def progress(browser: str, at: datetime) -> Progress | None:
    """How far the sign-in begun in this browser has come; None when there is none."""
    row = Attempt.objects.filter(browser=digest(browser)).first() if browser else None
    if row is None:
        return None
    status, trouble = row.status, row.trouble
    if status in (Attempt.Status.PUSH, Attempt.Status.WAITING, Attempt.Status.CODE) and row.ends_at <= at:
        status, trouble = Attempt.Status.REFUSED, trouble or "wrong_state"
    name = trust.name_of(row.issuer)
    refusal = ending(trouble, name) if trouble else None
    return Progress(
        status=status,
        home=row.issuer,
        home_name=name,
        next=row.next,
        silent=row.silent,
        created_at=row.created_at,
        ends_at=row.ends_at,
        refusal=refusal,
    )


def verification(verification_id: UUID, actor: Actor, at: datetime | None = None) -> VerificationView:
    """How far a verification is, for clerks of the organization that asked. NotFound for others. One select."""
    row = Verification.objects.defer("id_index", "id_sealed").filter(id=verification_id).first()
    if row is None or not may_see_verification(row, actor):
        raise NotFound(what="这次身份核验")
    state = state_at(row, at or clock.now())
    limit = int((row.ends_at - row.asked_at).total_seconds())
    told = outcomes.sentence(state, trouble=row.trouble, tries=row.tries, limit=limit, clerk=row.clerk_name)
    return VerificationView(
        id=row.id,
        state=state,
        method=row.method,
        source_name=_source_name(row),
        asked_at=row.asked_at,
        answered_at=row.answered_at,
        clerk_name=row.clerk_name,
        sentence=told,
        may_go_on=state in outcomes.MAY_GO_ON,
        note=row.note,
    )


def state_at(row: Verification, at: datetime) -> str:
    """What is known at this instant: past the limit nobody has to wait for a worker to say so."""
    overdue = row.state == Verification.State.WAITING and row.ends_at <= at
    return str(Verification.State.UNAVAILABLE if overdue else row.state)


def may_see_verification(row: Verification, actor: Actor) -> bool:
    """Clerks of the organization that asked; the node's other people have no business with it."""
    return actor.role is Role.CLERK and actor.node == here().code and actor.organization == row.organization


def _source_name(row: Verification) -> str:
    """Who gives the word, for records and screens."""
    if row.state == Verification.State.MANUAL:
        return "证件原件（人工核对）"
    if not row.source:
        return "无"
    return "人口身份核验来源（演示）" if here().demo else "人口身份核验来源"


def staff_of(organization: str) -> list[Staff]:
    """Who works at an organization, by name."""
    return list(Staff.objects.filter(organization=organization, left_at=None).order_by("name", "id"))


def operator_named(login: str) -> Actor | None:
    """Somebody who runs this node, by login, in that duty; None when there is no such person."""
    found = Staff.objects.filter(login=login, left_at=None).first()
    actor = staff_actor(found) if found else None
    return replace(actor, role=Role.OPERATOR) if actor and Role.OPERATOR in actor.roles else None


def _signed_in(
    who: Sequence[Any],
    issuer: str,
    level: Level | None,
    began_at: datetime,
    scopes: frozenset[str] = frozenset(),
    session: bytes = b"",
) -> SignedIn | None:
    """Who the columns of WHO are; where no sign-in gave a level it is the person's own."""
    if who[0] is not None:
        person = _person(who[:8])
        level = level or Level(person.level)
        return SignedIn("person", person_actor(person), person.name, issuer, level, began_at, scopes, session, person)
    staff_id, staff_name, organization, region, roles, left_at = who[8:]
    if staff_id is None or left_at is not None:
        return None
    staff = Staff(id=staff_id, name=staff_name, organization=organization, region=region, roles=roles)
    level = level or Level.CERTIFIED
    return SignedIn("staff", staff_actor(staff), staff_name, issuer, level, began_at, scopes, session)


def person_actor(person: Person) -> Actor:
    """A person acting for themselves."""
    return Actor(
        id=person.id,
        role=Role.APPLICANT,
        name=person.name,
        node=here().code,
        region=person.home_region,
        roles=frozenset({Role.APPLICANT}),
        index=sealing.index_of(person.id, person.id_index),
    )


def colleagues(organization: str, role: Role) -> list[tuple[str, str]]:
    """(pseudonym, name) of everybody who works for this organization in that role today, by name."""
    rows = Staff.objects.filter(organization=organization, roles__contains=[str(role)], left_at=None)
    return [(f"{role}:{row.id}", row.name) for row in rows.order_by("name", "id")]


def staff_actor(staff: Staff) -> Actor:
    """A member of staff acting in their first role."""
    roles = [Role(role) for role in staff.roles]
    return Actor(
        id=staff.id,
        role=roles[0],
        name=staff.name,
        node=here().code,
        region=staff.region,
        organization=staff.organization,
        roles=frozenset(roles),
    )
