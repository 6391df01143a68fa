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
    version_offered,
)
from tongban.cases.application import Applicant, Application, as_kept, check_form, missing_materials
from tongban.cases.errors import NotComplete
from tongban.cases.signing import Signer, asked, roles
from tongban.cases.states import Delivery, Mode, Part
from tongban.catalogue.content import ItemContent
from tongban.catalogue.filling import Day
from tongban.regions.queries import organization
from tongban.standards.actor import Actor, Role
from tongban.standards.clock import local_date
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
    address: str = ""  # where the result is posted to
    signers: Sequence[Signer] = ()  # who signed before the clerk, beside the applicant
    again: str = ""  # why one more, when the applicant has another case of the same item
    ways: Sequence[Mapping[str, Any]] = ()  # how its materials were had, where the system was to have them


def collect(collection: Collection, *, actor: Actor, keyed: Keyed, at: datetime) -> Submitted:
    """Take in for the handling organization; the same case again is the same receipt."""
    if actor.role is not Role.CLERK or not actor.organization:
        raise NotAllowed()
    application = collection.application
    version = version_offered(application.task_code, application.version, Mode.PROXY)
    check_form(version.item, application.answers, application.form, Day(local_date(at), here().demo))
    application = as_kept(version.item, application)
    lacking = missing_materials(version.item, application.answers, application.materials)
    on_paper = set(collection.originals)
    if any(material.name not in on_paper for material in lacking):
        raise NotComplete(field=lacking[0].code, what=f"请扫描或者收取原件：{lacking[0].name}。")
    wanted = asked(version.item, application.answers)
    if wanted is not None and len(collection.signers) < wanted.least:
        raise NotComplete(field="signers", what=f"请至少录入 {wanted.least} 名{roles(wanted)}。")
    facts: dict[str, Any] = {
        "verification": dict(collection.verification),
        "checks": [dict(each) for each in collection.checks],
        "originals": originals_told(collection.originals, collection.parcel_no),
        "delivery": {"way": str(collection.delivery), "address": collection.address},
    }
    facts |= {"ways": [dict(each) for each in collection.ways]} if collection.ways else {}
    office = organization(actor.organization)
    names = [_name(version.item, file.requirement) for file in application.materials]
    opening = Opening(
        move="collect",
        application=application,
        version=version,
        applicant=collection.applicant,
        actor=actor,
        intake=party_of(1, Part.INTAKE, office, here().code),
        keyed=keyed,
        delivery=collection.delivery,
        facts=facts,
        signers=collection.signers,
        again=collection.again,
        received={
            "materials": "、".join(dict.fromkeys(names)) or "无",
            "originals": "、".join(collection.originals) or "无",
        },
    )
    return open_case(opening, key=f"intake:{keyed.case_id}", at=at)


def _name(item: ItemContent, code: str) -> str:
    material = item.material(code)
    return material.name if material else code
