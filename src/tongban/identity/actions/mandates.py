# SPDX-License-Identifier: Apache-2.0
"""Letting somebody act: given by whose matters they are, accepted by who acts, ended by either, used in a session."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from tongban.identity import documents, logins, sealing, trust
from tongban.identity.actions.answers import mandate as new_mandate
from tongban.identity.actions.ending import end_mandates
from tongban.identity.assurance import REAL_NAME
from tongban.identity.errors import MandateRefused, NotProven, OwnNumber
from tongban.identity.models import Mandate, Session
from tongban.identity.queries import SignedIn
from tongban.identity.queries.mandates import represented, standing, usable
from tongban.ledger import actions as ledger
from tongban.standards import clock, identifiers
from tongban.standards.actor import Actor
from tongban.standards.refusal import BadInput, NotAllowed, NotFound

Role = Mandate.Role
LONGEST = timedelta(days=3 * 366)  # nobody is let act for ever by one press
MOST_ITEMS = 200


def proven(own: SignedIn) -> bytes:
    """The index of the number that is theirs. NotProven while it is only declared."""
    if own.person is None or own.scopes:
        raise NotAllowed()
    if own.level < REAL_NAME or own.person.id_index is None:
        raise NotProven()
    return bytes(own.person.id_index)


def check_term(until: date, at: datetime) -> None:
    """A last day that is not past and not too far. BadInput."""
    today = clock.local_date(at)
    if not today <= until <= today + LONGEST:
        raise BadInput("until", f"截止日期应在今天到 {today + LONGEST:%Y-%m-%d} 之间。")


@transaction.atomic
def let_act(
    own: SignedIn,
    *,
    name: str,
    id_number: str,
    items: Sequence[str],
    until: date,
    at: datetime,
    id_type: str = logins.RESIDENT_ID,
) -> UUID:
    """Let somebody act for oneself, or for the company that one represents, once they accept. BadInput, OwnNumber."""
    index, behalf = proven(own), own.actor.behalf
    assert own.person is not None
    if behalf is not None and behalf.role != Role.REPRESENTATIVE:
        raise MandateRefused(why="只有本人，或者单位的法定代表人，才能授权别人办理。")
    if behalf is not None:
        _require_given_here(Mandate.objects.get(id=behalf.mandate))
    told = identifiers.name(name, field="name")
    number = documents.number_of(id_type, id_number)
    check_term(until, at)
    agent = sealing.id_index(id_type, number)
    if agent == index:
        raise OwnNumber(field="id_number")
    own_matters = {"person_id": own.person.id, "role": Role.HELPER}
    whose = {"company_id": behalf.id, "role": Role.AGENT} if behalf else own_matters
    words = {**whose, "items": sorted(set(items))[:MOST_ITEMS], "begins_on": clock.local_date(at), "ends_on": until}
    made = new_mandate(agent, told, number, at=at, granted=own.actor, accepted=False, **words)
    _write_down(made, "mandate.granted", own.actor, at)
    return made


@transaction.atomic
def accept(own: SignedIn, mandate: UUID, *, at: datetime) -> None:
    """Whoever is to act agrees. NotFound for anybody else."""
    row = _open(mandate, Q(agent_index=proven(own)))
    if identifiers.tidy_name(row.agent_name) != identifiers.tidy_name(own.person_name):
        raise MandateRefused(why="授权写的姓名与您的实名不一致，请对方核对后重新授权。")
    if row.accepted_at is None:
        Mandate.objects.filter(id=row.id).update(accepted_at=at)
        _write_down(row.id, "mandate.accepted", own.actor, at)


@transaction.atomic
def confirm(own: SignedIn, mandate: UUID, *, at: datetime) -> None:
    """The company's legal representative agrees, signed in as themselves. NotFound for anybody else."""
    row = _open(mandate, Q(company__in=represented(proven(own), at)))
    if row.granted_at is None:
        Mandate.objects.filter(id=row.id).update(granted_at=at, granted_by=own.actor.pseudonym)
        _write_down(row.id, "mandate.granted", own.actor, at)


@transaction.atomic
def end_mandate(own: SignedIn, mandate: UUID, *, at: datetime) -> None:
    """Either side ends it, or says no to it; from this instant nobody acts under it. NotFound, MandateRefused."""
    index = proven(own)
    assert own.person is not None
    whose = Q(agent_index=index) | Q(person=own.person) | Q(company__in=represented(index, at))
    row = _open(mandate, whose)
    if row.role == Role.REPRESENTATIVE:
        raise MandateRefused(why="法定代表人以登记机关的登记为准，变更登记后在这里重新核验单位即可。")
    _require_given_here(row)
    end_mandates(Mandate.objects.filter(id=row.id), by=own.actor, at=at)
    Session.objects.filter(mandate=row.id, ended_at=None, person=own.person).update(mandate=None)
    _write_down(row.id, "mandate.ended", own.actor, at)


@transaction.atomic
def act_for(own: SignedIn, mandate: UUID | None, *, at: datetime) -> None:
    """From now on this session acts for somebody else, or for oneself again. NotFound for what one may not use."""
    if mandate is not None:
        row = standing(at).filter(usable(own), id=mandate, agent_index=proven(own)).first()
        if row is None:
            raise NotFound(what="这项授权")
    if Session.objects.filter(digest=own.session, ended_at=None).update(mandate=mandate) and mandate is not None:
        _write_down(mandate, "mandate.used", own.actor, at)


def _require_given_here(row: Mandate) -> None:
    """What another node told of is changed where it was given. MandateRefused."""
    if row.issuer:
        raise MandateRefused(why=f"这项授权是在{trust.name_of(row.issuer)}登记的，请到那里的通办网站办理。")


def _open(mandate: UUID, whose: Q) -> Mandate:
    """One that has not ended, of somebody whom it concerns. NotFound."""
    rows: QuerySet[Mandate] = Mandate.objects.select_for_update().filter(whose, id=mandate, ended_at=None)
    row = rows.first()
    if row is None:
        raise NotFound(what="这项授权")
    return row


def _write_down(mandate: UUID, verb: str, actor: Actor, at: datetime) -> None:
    ledger.write(f"mandate/{mandate}", verb=verb, actor=actor, at=at, facts={})
