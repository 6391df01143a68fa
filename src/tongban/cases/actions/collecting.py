# SPDX-License-Identifier: Apache-2.0
"""Taking in at a window for another place (收件): a legal event of its own, never an acceptance."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tongban.cases.actions.opening import (
    Keyed,
    Opening,
    Submitted,
    open_case,
    originals_told,
    party_of,
    version_in_force,
)
from tongban.cases.application import Applicant, Application, check
from tongban.cases.transitions import Delivery, Mode, Part
from tongban.regions.queries import organization
from tongban.standards.actor import Actor, Role
from tongban.standards.node import here
from tongban.standards.refusal import NotAllowed


@dataclass(frozen=True, kw_only=True)
class Collection:
    """What a clerk has established at the window."""

    application: Application
    applicant: Applicant
    verification: Mapping[str, Any]  # how identity was verified: method, source, result, at
    checks: Sequence[Mapping[str, str]]  # per material: requirement, verdict, note
    originals: Sequence[str] = ()  # names of the paper originals taken in
    parcel_no: str = ""
    delivery: Delivery = Delivery.NET


def collect(collection: Collection, *, actor: Actor, keyed: Keyed, at: datetime) -> Submitted:
    """Take in for the handling organization; the same case again is the same receipt."""
    if actor.role is not Role.CLERK or not actor.organization:
        raise NotAllowed()
    application = collection.application
    version = version_in_force(application.task_code, application.version, Mode.PROXY, at)
    check(version.item, application)
    facts = {
        "verification": dict(collection.verification),
        "checks": [dict(each) for each in collection.checks],
        "originals": originals_told(collection.originals, collection.parcel_no),
        "delivery": str(collection.delivery),
    }
    opening = Opening(
        move="collect",
        application=application,
        version=version,
        applicant=collection.applicant,
        actor=actor,
        intake=party_of(1, Part.INTAKE, organization(actor.organization), here().code),
        keyed=keyed,
        delivery=collection.delivery,
        facts=facts,
    )
    return open_case(opening, key=f"intake:{keyed.case_id}", at=at)
