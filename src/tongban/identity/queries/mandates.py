# SPDX-License-Identifier: Apache-2.0
"""Who may act for whom: what a person has let others do, what others have let them do, and what they asked about."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import cast
from uuid import UUID

from django.db.models import F, Q, QuerySet

from tongban.identity import sealing, trust
from tongban.identity.models import Company, Mandate, Person, Session, Verification
from tongban.identity.outcomes import Trouble
from tongban.identity.queries import SignedIn, state_at
from tongban.identity.vouching import MOST, MOST_ITEMS, Role, Vouched, VouchedCompany, VouchedPerson
from tongban.standards import clock, identifiers
from tongban.standards.node import here

ROLES = {"representative": "法定代表人", "agent": "经办人", "helper": "帮办代办人", "guardian": "监护人"}
SHOWN = 50  # rows of a page


@dataclass(frozen=True)
class MandateView:
    """One mandate, as one of its two sides reads it."""

    id: UUID
    role: str
    role_name: str
    principal: str  # a company's name, or a person's
    code: str  # of a company
    agent: str
    agent_masked: str  # number
    items: tuple[str, ...]  # task codes; none: all
    basis: str
    begins_on: date
    ends_on: date | None
    state: str  # asked, stands, early, past, ended
    waits_for: str  # principal or agent, while it is asked
    ended_at: datetime | None
    is_used: bool  # this session acts under it
    told_by: str  # name of the home node, where it was given there


@dataclass(frozen=True)
class Asked:
    """What one asked the source about, as far as it is known."""

    id: UUID
    purpose: str
    name: str
    state: str
    trouble: str
    asked_at: datetime


def standing(at: datetime) -> QuerySet[Mandate]:
    """Those under which somebody may act on this day."""
    day = clock.local_date(at)
    rows = Mandate.objects.filter(ended_at=None, granted_at__isnull=False, accepted_at__isnull=False)
    return rows.filter(begins_on__lte=day).filter(Q(ends_on=None) | Q(ends_on__gte=day))


def usable(own: SignedIn) -> Q:
    """What was given here, and what home told of this very sign-in."""
    this = Session.objects.filter(digest=own.session)
    return Q(issuer="") | Q(issuer__in=this.values("issuer"), sid__in=this.exclude(sid="").values("sid"))


def represented(index: bytes, at: datetime) -> QuerySet[Company]:
    """The companies that the register says, to this node itself, this person represents."""
    own = standing(at).filter(agent_index=index, role=Mandate.Role.REPRESENTATIVE, issuer="")
    return Company.objects.filter(mandate__in=own)


def vouched(person: Person, at: datetime) -> tuple[Vouched, ...]:
    """What another node may be told: mandates of this node, for those for whom it speaks. One select."""
    if person.id_index is None:
        return ()
    rows = standing(at).filter(agent_index=bytes(person.id_index), issuer="").select_related("company", "person")
    rows = rows.filter(Q(person=None) | Q(person__id_index__isnull=False))
    told = [row for row in rows.order_by("-asked_at") if len(row.items) <= MOST_ITEMS and _is_ours(row)]
    return tuple(_vouched(row) for row in told[:MOST])


def _is_ours(row: Mandate) -> bool:
    whose = row.company or row.person
    return whose is not None and trust.speaks_for(here().code, whose.home_region)


def _vouched(row: Mandate) -> Vouched:
    company = VouchedCompany(row.company.code, row.company.name) if row.company else None
    person = None
    if row.person is not None:
        number = sealing.opened(row.person.id, "id_number", row.person.id_sealed)
        person = VouchedPerson(row.person.name, row.person.id_type, number, row.person.home_region)
    return Vouched(row.id, cast(Role, row.role), company, person, list(row.items), row.basis, row.ends_on)


def mandates(own: SignedIn, at: datetime) -> tuple[list[MandateView], list[MandateView]]:
    """What others have let them do, and what they, or the companies they represent, have let others do.

    Two selects.
    """
    if own.person is None or own.person.id_index is None:
        return [], []
    index = bytes(own.person.id_index)
    rows = Mandate.objects.select_related("company", "person")
    rows = rows.order_by(F("ended_at").desc(nulls_first=True), "-asked_at")
    received = rows.filter(usable(own), agent_index=index)[:SHOWN]
    given = rows.filter(Q(person=own.person) | Q(company__in=represented(index, at))).exclude(agent_index=index)
    return [_view(row, own, at) for row in received], [_view(row, own, at) for row in given[:SHOWN]]


def _view(row: Mandate, own: SignedIn, at: datetime) -> MandateView:
    whose = row.company or row.person
    assert whose is not None
    behalf = own.actor.behalf
    return MandateView(
        id=row.id,
        role=row.role,
        role_name=ROLES[row.role],
        principal=whose.name,
        code=row.company.code if row.company else "",
        agent=row.agent_name,
        agent_masked=identifiers.mask_id(sealing.opened(row.id, "id_number", row.agent_sealed)),
        items=tuple(row.items),
        basis=row.basis,
        begins_on=row.begins_on,
        ends_on=row.ends_on,
        state=_state(row, clock.local_date(at)),
        waits_for="principal" if row.granted_at is None else "agent" if row.accepted_at is None else "",
        ended_at=row.ended_at,
        is_used=behalf is not None and behalf.mandate == row.id,
        told_by=trust.name_of(row.issuer) if row.issuer else "",
    )


def _state(row: Mandate, day: date) -> str:
    if row.ended_at is not None:
        return "ended"
    if row.ends_on is not None and row.ends_on < day:
        return "past"
    if row.granted_at is None or row.accepted_at is None:
        return "asked"
    return "early" if row.begins_on > day else "stands"


def asked(own: SignedIn, at: datetime) -> list[Asked]:
    """What a person asked the source about themselves and theirs, latest first. One select."""
    rows = Verification.objects.defer("id_index", "id_sealed", "beside").filter(person=own.actor.id)
    return [
        Asked(row.id, row.purpose, row.name, state_at(row, at), row.trouble or Trouble.SILENT, row.asked_at)
        for row in rows.order_by("-asked_at")[:SHOWN]
    ]
