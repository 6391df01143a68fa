# SPDX-License-Identifier: Apache-2.0
"""Who somebody is, how far a sign-in has come, and what a person may see of their own data."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import Q

from tongban.database import reading
from tongban.identity import outcomes, sealing, trust
from tongban.identity.assurance import Level
from tongban.identity.errors import AttemptRefused, MandateOver, ending
from tongban.identity.models import Attempt, Person, Staff, Verification
from tongban.identity.oidc import Claims, digest
from tongban.identity.queries import behalf
from tongban.identity.queries.behalf import Principal
from tongban.identity.vouching import Vouched
from tongban.standards import clock
from tongban.standards.actor import Actor, Role
from tongban.standards.node import here
from tongban.standards.refusal import NotAllowed, NotFound

LEVEL = (  # what the evidence in force gives
    "(SELECT COALESCE(max(e.level), 1) FROM identity_evidence e WHERE e.person_id = p.id AND e.ended_at IS NULL "
    "AND (e.expires_at IS NULL OR e.expires_at > %(at)s))"
)
PERSON = f"p.id, p.name, p.id_type, p.id_sealed, p.phone_sealed, p.home_region, {LEVEL}, p.id_index"
STANDS_IN = (  # for whom a member of staff stands in now
    "(SELECT array_agg(l.staff_id) FROM identity_leave l WHERE l.substitute_id = s.id AND l.ended_at IS NULL "
    "AND l.begins_at <= %(at)s AND l.ends_at > %(at)s)"
)
WHO = f"{PERSON}, s.id, s.name, s.organization, s.region, s.roles, s.left_at, {STANDS_IN}"
FROM = (
    "FROM {table} i LEFT JOIN identity_person p ON p.id = i.person_id LEFT JOIN identity_staff s ON s.id = i.staff_id"
)
POST = "i.role, o.organization, o.region, o.role"  # where, and in which role, a member of staff acts now
AT_POST = "LEFT JOIN identity_post o ON o.id = i.post_id AND o.ended_at IS NULL "
SESSION = (
    f"SELECT i.issuer, i.level, i.began_at, i.mandate_id, {POST}, {behalf.COLUMNS}, {WHO} "
    f"{FROM.format(table='identity_session')} {behalf.JOINS.format(mandate='i.mandate_id', told=behalf.TOLD)} "
    f"{AT_POST}WHERE i.digest = %(digest)s AND i.ended_at IS NULL AND i.ends_at > %(at)s"
)
TOKEN = (
    f"SELECT i.scopes, i.created_at, i.ends_at, i.post_id, {POST}, {WHO} {FROM.format(table='identity_token')} "
    f"{AT_POST}WHERE i.digest = %(digest)s AND i.revoked_at IS NULL"
)
BEARER_SECONDS = 1.0  # for which a token that was found is not looked up again
MOST_BEARERS = 5000  # in this process
DETAILS = (
    f"SELECT {behalf.COLUMNS}, {PERSON} FROM identity_person p "  # noqa: S608
    f"{behalf.JOINS.format(mandate='%(mandate)s', told='')} WHERE p.id = %(person)s"
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
    principal: Principal | None = field(default=None, repr=False, compare=False)  # for whom they act now
    is_over: bool = False  # they acted for somebody, and may no longer

    @property
    def is_own(self) -> bool:
        """Whether they signed in with a password of this node: only those we may vouch for elsewhere."""
        return self.issuer == here().code

    @property
    def details(self) -> "PersonDetails":
        """A person's own details. NotAllowed for staff."""
        if self.person is None:
            raise NotAllowed()
        return _details(self.person, self.principal)

    @property
    def own_details(self) -> "PersonDetails":
        """Of the person who is signed in, whoever they act for. NotAllowed for staff."""
        if self.person is None:
            raise NotAllowed()
        return _details(self.person, None)


@dataclass(frozen=True)
class Agent:
    """Who acts where the applicant is somebody else."""

    name: str
    id_type: str
    id_number: str
    role: str  # representative, agent, helper, guardian


@dataclass(frozen=True)
class PersonDetails:
    """What an applicant's own forms are filled in with; never for a list, never for a log."""

    id: UUID
    name: str
    id_type: str
    id_number: str
    phone: str
    home_region: str
    level: Level
    agent: Agent | None = None


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
    row = reading.row(SESSION, {"digest": digest(token), **_when(at or clock.now())})
    if row is None:
        return None
    issuer, level, began_at, mandate, role, organization, region, post, *told = row
    if issuer != here().code and not trust.takes_part(issuer):
        return None  # who vouches for them was suspended, or has left
    found = _signed_in(told[behalf.WIDTH :], issuer, Level(level), began_at, session=digest(token))
    if found is None:
        return None
    if found.kind == "staff":
        return replace(found, actor=_posted(found.actor, role, organization, region, post))
    return found if mandate is None else _acting(found, behalf.principal(told[: behalf.WIDTH]))


def _posted(actor: Actor, role: str, organization: str | None, region: str | None, post: str | None) -> Actor:
    """The same member of staff at the post they have taken up; in their first role where they took up none."""
    if post is not None and organization is not None and region is not None:
        held = Role(post)
        actor = replace(actor, organization=organization, region=region, role=held, roles=frozenset({held}))
    elif role in actor.roles:
        actor = replace(actor, role=Role(role))
    return actor


def _when(at: datetime) -> dict[str, Any]:
    """The instant and the day on which something is in force."""
    return {"at": at, "day": clock.local_date(at)}


def _acting(own: SignedIn, principal: Principal | None) -> SignedIn:
    """The same person, for somebody else; what they act under may have ended meanwhile."""
    if principal is None:
        return replace(own, is_over=True)
    actor = replace(own.actor, behalf=principal.behalf, index=principal.index, region=principal.home_region)
    return replace(own, actor=actor, principal=principal)


def bearer(token: str, at: datetime | None = None) -> SignedIn | None:
    """Whom a program with this API token acts for; None when nobody. At most one select a second for each token.

    A token that is revoked in another process is therefore good for a second more, and no longer.
    """
    if not token:
        return None
    place, now = (here().code, digest(token)), clock.monotonic()
    kept = _bearers.get(place)
    if kept is None or now - kept.looked_at >= BEARER_SECONDS:
        kept = _Bearer(now, *_read_bearer(place[1], at or clock.now()))
        _keep_bearer(place, kept)
    if kept.ends_at is not None and kept.ends_at <= (at or clock.now()):
        return None
    return kept.who


def forget_bearer(token: str) -> None:
    """Look again next time: the token was given or revoked here."""
    _bearers.pop((here().code, digest(token)), None)


def forget_bearers() -> None:
    """Look all of them up again: several were revoked here."""
    _bearers.clear()


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


def _read_bearer(digest: bytes, at: datetime) -> tuple[datetime | None, SignedIn | None]:
    row = reading.row(TOKEN, {"digest": digest, "at": at})
    if row is None:
        return None, None
    scopes, created_at, ends_at, post_id, role, organization, region, post, *who = row
    found = _signed_in(who, here().code, None, created_at, frozenset(scopes))
    if found is None or found.kind != "staff":
        return ends_at, found
    if (post_id and post is None) or (role and role not in found.actor.roles):
        return ends_at, None  # what its program was to act as was taken away
    return ends_at, replace(found, actor=_posted(found.actor, role, organization, region, post))


def person_details(actor: Actor, at: datetime | None = None) -> PersonDetails:
    """An applicant's details, to fill in their form. NotAllowed for anybody else, MandateOver for who acts no longer.

    One select.
    """
    mandate = actor.behalf.mandate if actor.behalf else None
    told = {"person": actor.id, "mandate": mandate, **_when(at or clock.now())}
    row = reading.row(DETAILS, told) if actor.role is Role.APPLICANT else None
    if row is None:
        raise NotAllowed()
    principal = behalf.principal(row[: behalf.WIDTH])
    if mandate is not None and principal is None:
        raise MandateOver()
    return _details(_person(row[behalf.WIDTH :]), principal)


def level_of(person: UUID, at: datetime) -> Level:
    """How surely a person is known at this instant. One select."""
    asked = {"at": at, "person": person}
    ((level,),) = reading.rows(f"SELECT {LEVEL} FROM identity_person p WHERE p.id = %(person)s", asked)  # noqa: S608
    return Level(level)


def _person(row: Sequence[Any]) -> Person:
    """A person from the columns of WHO and DETAILS."""
    id, name, id_type, id_sealed, phone_sealed, home_region, level, id_index = row
    person = Person(
        id=id,
        name=name,
        id_type=id_type,
        id_sealed=id_sealed,
        phone_sealed=phone_sealed,
        home_region=home_region,
        id_index=id_index,
    )
    person.level = level
    return person


def _details(person: Person, principal: Principal | None) -> PersonDetails:
    """Of the person, or of whoever they act for: reached by their phone, known as surely as they are."""
    own = PersonDetails(
        id=person.id,
        name=person.name,
        id_type=person.id_type,
        id_number=sealing.opened(person.id, "id_number", person.id_sealed),
        phone=sealing.opened(person.id, "phone", person.phone_sealed),
        home_region=person.home_region,
        level=Level(person.level),
    )
    if principal is None:
        return own
    return replace(
        own,
        id=principal.behalf.id,
        name=principal.behalf.name,
        id_type=principal.id_type,
        id_number=principal.id_number,
        home_region=principal.home_region,
        agent=Agent(own.name, own.id_type, own.id_number, principal.behalf.role),
    )


def claims_for(person: Person, subject: str, level: Level, sid: str, mandates: tuple[Vouched, ...] = ()) -> Claims:
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
        mandates=mandates,
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
        level = min(level, Level(person.level)) if level else Level(person.level)  # what expires is lost at once
        return SignedIn("person", person_actor(person), person.name, issuer, level, began_at, scopes, session, person)
    staff_id, staff_name, organization, region, roles, left_at, away = who[8:]
    if staff_id is None or left_at is not None:
        return None
    staff = Staff(id=staff_id, name=staff_name, organization=organization, region=region, roles=roles)
    actor = replace(staff_actor(staff), stands_in=frozenset(away or ()))
    level = level or Level.CERTIFIED
    return SignedIn("staff", actor, staff_name, issuer, level, began_at, scopes, session)


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


def applicant(person: UUID) -> Actor:
    """A person acting for themselves, by id."""
    return person_actor(Person.objects.get(id=person))


def colleagues(organization: str, role: Role) -> list[tuple[str, str]]:
    """(pseudonym, name) of everybody who works for this organization in that role today, by name."""
    taken_on = Q(organization=organization, roles__contains=[str(role)])
    posted = Q(post__organization=organization, post__role=str(role), post__ended_at=None)
    rows = Staff.objects.filter(taken_on | posted, left_at=None).distinct()
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
