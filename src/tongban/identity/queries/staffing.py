# SPDX-License-Identifier: Apache-2.0
"""Who works here, where and as what, for those who manage them and for those who audit it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from tongban.identity import sealing
from tongban.identity.documents import ACCEPTED, number_of
from tongban.identity.models import Leave, Person, Post, Session, Staff
from tongban.identity.queries.strength import FactorView, my_factors
from tongban.standards.actor import Actor, Role
from tongban.standards.node import here
from tongban.standards.refusal import BadInput, NotAllowed, NotFound

MOST = 200  # on one page
SENSITIVE = frozenset({Role.OPERATOR, Role.AUDITOR, Role.HALL_MANAGER})  # given by operators only


@dataclass(frozen=True)
class PostView:
    """Where and as what somebody works."""

    id: UUID | None  # none for the one they were taken on for
    organization: str
    region: str
    role: str
    title: str
    hall: str


@dataclass(frozen=True)
class LeaveView:
    """Somebody is away."""

    id: UUID
    name: str
    substitute: str
    begins_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class StaffRow:
    """A member of staff in the list."""

    id: UUID
    login: str
    name: str
    organization: str
    roles: tuple[str, ...]
    title: str
    hall: str
    has_left: bool
    away: bool
    has_factor: bool


@dataclass(frozen=True)
class StaffPage:
    """One member of staff, for whoever manages them."""

    id: UUID
    login: str
    name: str
    organization: str
    region: str
    roles: tuple[str, ...]
    title: str
    hall: str
    created_at: datetime
    left_at: datetime | None
    password_due: bool
    posts: tuple[PostView, ...]
    leaves: tuple[LeaveView, ...]
    factors: tuple[FactorView, ...]
    sessions: tuple[tuple[str, datetime, datetime], ...]  # key, began, ends
    is_me: bool


def may_see(actor: Actor) -> None:
    """Operators, hall managers, auditors, and whoever sits at the machine. NotAllowed for all others."""
    if actor.node != here().code or actor.role not in (Role.OPERATOR, Role.HALL_MANAGER, Role.AUDITOR, Role.SYSTEM):
        raise NotAllowed()


def managed(actor: Actor) -> QuerySet[Staff]:
    """Whom somebody may see: a hall manager their own organization's, the others everybody. NotAllowed."""
    may_see(actor)
    rows = Staff.objects.all()
    return rows.filter(organization=actor.organization) if actor.role is Role.HALL_MANAGER else rows


def staff_list(actor: Actor, at: datetime, q: str = "", *, left: bool = False) -> list[StaffRow]:
    """Who works here, by organization and name. Three selects."""
    rows = managed(actor).filter(left_at__isnull=not left)
    if q:
        rows = rows.filter(Q(name__contains=q) | Q(login=q) | Q(organization=q))
    found = list(rows.order_by("organization", "name", "id")[:MOST])
    ids = [row.id for row in found]
    away = set(_away(at).filter(staff_id__in=ids).values_list("staff_id", flat=True))
    strong = set(
        Staff.objects.filter(id__in=ids, factor__ended_at=None, factor__proven_at__isnull=False)
        .exclude(factor__kind="recovery")
        .values_list("id", flat=True)
    )
    return [
        StaffRow(
            id=row.id,
            login=row.login,
            name=row.name,
            organization=row.organization,
            roles=tuple(row.roles),
            title=row.title,
            hall=row.hall,
            has_left=row.left_at is not None,
            away=row.id in away,
            has_factor=row.id in strong,
        )
        for row in found
    ]


def staff_page(actor: Actor, staff: UUID, at: datetime) -> StaffPage:
    """One of those one manages. NotFound. Five selects."""
    row = managed(actor).filter(id=staff).first()
    if row is None:
        raise NotFound(what="这名工作人员")
    sessions = Session.objects.filter(staff=row, ended_at=None, ends_at__gt=at).order_by("-began_at")
    return StaffPage(
        id=row.id,
        login=row.login,
        name=row.name,
        organization=row.organization,
        region=row.region,
        roles=tuple(row.roles),
        title=row.title,
        hall=row.hall,
        created_at=row.created_at,
        left_at=row.left_at,
        password_due=row.password_due,
        posts=tuple(posts(row.id)),
        leaves=tuple(leaves(row.id, at)),
        factors=tuple(my_factors(row.id)),
        sessions=tuple((bytes(each.digest).hex(), each.began_at, each.ends_at) for each in sessions),
        is_me=row.id == actor.id,
    )


def posts(staff: UUID) -> list[PostView]:
    """The posts beside the one they were taken on for, oldest first. One select."""
    rows = Post.objects.filter(staff_id=staff, ended_at=None).order_by("began_at")
    return [PostView(each.id, each.organization, each.region, each.role, each.title, each.hall) for each in rows]


def leaves(staff: UUID, at: datetime) -> list[LeaveView]:
    """Somebody's present and coming leave. One select."""
    rows = Leave.objects.filter(staff_id=staff, ended_at=None, ends_at__gt=at)
    return _leaves(rows)


def stands_in(staff: UUID, at: datetime) -> list[LeaveView]:
    """For whom somebody stands in now. One select."""
    return _leaves(_away(at).filter(substitute_id=staff))


def substitutes(staff: UUID) -> list[tuple[UUID, str]]:
    """Who could stand in: the same organization, a role in common. Two selects."""
    row = Staff.objects.get(id=staff)
    rows = Staff.objects.filter(organization=row.organization, left_at=None, roles__overlap=row.roles)
    return list(rows.exclude(id=staff).order_by("name", "id").values_list("id", "name"))


def is_away(staff: Sequence[UUID], begins_at: datetime, ends_at: datetime) -> bool:
    """Whether one of them is on leave at some instant in between."""
    rows = Leave.objects.filter(staff_id__in=staff, ended_at=None)
    return rows.filter(begins_at__lt=ends_at, ends_at__gt=begins_at).exists()


def _away(at: datetime) -> QuerySet[Leave]:
    return Leave.objects.filter(ended_at=None, begins_at__lte=at, ends_at__gt=at)


def _leaves(rows: QuerySet[Leave]) -> list[LeaveView]:
    return [
        LeaveView(each.id, each.staff.name, each.substitute.name, each.begins_at, each.ends_at)
        for each in rows.select_related("staff", "substitute").order_by("begins_at")
    ]


def staff_names(ids: Iterable[UUID]) -> dict[UUID, str]:
    """What these people are called, whether or not they still work here. One select."""
    return dict(Staff.objects.filter(id__in=[*ids]).values_list("id", "name"))


def named(login: str) -> UUID | None:
    """Who signs in by this name, whether or not they still work here. One select."""
    return Staff.objects.filter(login=login.lower()).values_list("id", flat=True).first()


def person_numbered(number: str) -> UUID | None:
    """Whose number this is, of whatever document; nobody's while it is only declared. One select."""
    which = Q()
    for kind in ACCEPTED:
        try:
            which |= Q(id_type=kind, id_index=sealing.id_index(kind, number_of(kind, number)))
        except BadInput:
            continue
    return Person.objects.filter(which).values_list("id", flat=True).first() if which else None
