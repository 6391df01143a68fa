# SPDX-License-Identifier: Apache-2.0
"""Somebody opens an account in the portal, and proves step by step who they, their company and their child are."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from tongban.identity import documents, logins
from tongban.identity.actions.answers import of_age_on
from tongban.identity.actions.evidence import Method, prove
from tongban.identity.actions.mandates import check_term, proven
from tongban.identity.actions.people import new_person, open_account, refuse_weak
from tongban.identity.actions.verification import ask_about
from tongban.identity.assurance import REAL_NAME, Level
from tongban.identity.errors import AlreadyProven, NotAMinor, OwnNumber
from tongban.identity.models import Verification
from tongban.identity.oidc import Claims
from tongban.identity.queries import SignedIn, person_actor
from tongban.standards import clock, identifiers
from tongban.standards.actor import system
from tongban.standards.node import here
from tongban.standards.refusal import BadInput, NotAllowed

Purpose = Verification.Purpose
LONGEST_COMPANY = 100  # characters of a name
BRACKETS = str.maketrans("()", "（）")  # as registers write them, whatever was typed


def check_registration(*, name: str, id_type: str, id_number: str, phone: str, password: str) -> None:
    """What was typed, before the code is used up. BadInput, WeakPassword."""
    known = identifiers.name(name, field="name")
    number = documents.number_of(id_type, id_number)
    refuse_weak(password, known, number, identifiers.phone(phone, field="phone"))


@transaction.atomic
def register(
    *, name: str, id_type: str, id_number: str, phone: str, home_region: str, password: str, at: datetime
) -> UUID:
    """An account for who says to be this person, and the question to the source whether they are. LoginTaken, BadInput.

    The phone is proven by whoever calls. Until the source has answered, the number is theirs by their own word only:
    it opens nobody's cases and signs nobody in.
    """
    said = Claims(
        subject="",
        level=Level.DECLARED,
        name=identifiers.name(name, field="name"),
        id_type=id_type,
        id_number=documents.number_of(id_type, id_number),
        phone=identifiers.phone(phone, field="phone"),
        home_region=home_region,
    )
    actor = system(here().code)
    person = new_person(said, actor, at)
    open_account(person, said, password, at)
    prove(person.id, Level.DECLARED, Method.DECLARED, source="", actor=actor, at=at, verification=None)
    ask_about(
        Purpose.SELF,
        name=said.name,
        id_type=said.id_type,
        id_number=said.id_number,
        actor=person_actor(person),
        at=at,
    )
    return person.id


def ask_again(own: SignedIn, *, at: datetime) -> UUID:
    """Ask the source once more about oneself, as one was entered. AlreadyProven when there is nothing to ask."""
    if own.person is None or not own.is_own:
        raise NotAllowed()
    if own.person.level >= REAL_NAME:
        raise AlreadyProven()
    told = own.own_details
    return ask_about(
        Purpose.SELF, name=told.name, id_type=told.id_type, id_number=told.id_number, actor=own.actor, at=at
    )


def ask_company(
    own: SignedIn,
    *,
    name: str,
    code: str,
    representative_name: str,
    representative_number: str,
    items: Sequence[str] = (),
    until: date,
    at: datetime,
) -> UUID:
    """Whether the register knows this company under this representative; `until` is for who does not represent it."""
    proven(own)
    told = identifiers.tidy(name).translate(BRACKETS)
    if not 2 <= len(told) <= LONGEST_COMPANY:
        raise BadInput("company_name", f"单位名称应为 2 至 {LONGEST_COMPANY} 个字，请与营业执照一致。")
    check_term(until, at)
    beside: dict[str, Any] = {
        "name": identifiers.name(representative_name, field="representative_name"),
        "id_number": identifiers.resident_id(
            representative_number, field="representative_number", demo=here().demo
        ).number,
        "items": list(items),
        "until": until.isoformat(),
    }
    number = identifiers.credit_code(code, field="code")
    return ask_about(
        Purpose.COMPANY, name=told, id_type=logins.CREDIT_CODE, id_number=number, beside=beside, actor=own.actor, at=at
    )


def ask_ward(own: SignedIn, *, name: str, id_number: str, at: datetime) -> UUID:
    """Whether the register names this person as the guardian of this child. NotAMinor, OwnNumber."""
    proven(own)
    guardian = own.own_details
    told = identifiers.name(name, field="name")
    number = identifiers.resident_id(id_number, field="id_number", demo=here().demo).number
    if number == guardian.id_number:
        raise OwnNumber(field="id_number")
    if of_age_on(number) <= clock.local_date(at):
        raise NotAMinor(field="id_number")
    beside = {"name": guardian.name, "id_number": guardian.id_number}
    return ask_about(
        Purpose.WARD, name=told, id_type=logins.RESIDENT_ID, id_number=number, beside=beside, actor=own.actor, at=at
    )
