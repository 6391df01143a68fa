# SPDX-License-Identifier: Apache-2.0
"""Submitting online: through a node's portal or by a program, in the applicant's own name."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tongban.cases.actions.opening import (
    Keyed,
    Opening,
    Submitted,
    new_keyed,
    open_case,
    party_of,
    version_offered,
)
from tongban.cases.actions.uploading import Upload, keep_files
from tongban.cases.application import Applicant, Application, as_kept, check
from tongban.cases.custody import Party
from tongban.cases.errors import LevelNeeded, NoPortal, NotCovered, NotServed, SignersElsewhere
from tongban.cases.queries.held import subject
from tongban.cases.signing import Signer, asked, roles
from tongban.cases.states import Mode, Part
from tongban.catalogue.content import ItemContent, Material
from tongban.catalogue.filling import Day
from tongban.catalogue.queries import item_cached
from tongban.identity.assurance import LEVELS, REAL_NAME, Level
from tongban.regions.fresh import Fresh
from tongban.regions.models import Organization
from tongban.standards.actor import Actor, Role
from tongban.standards.clock import local_date
from tongban.standards.enums import ServedObject
from tongban.standards.node import here
from tongban.standards.refusal import BadInput, NotAllowed, Refusal
from tongban.vault import files

PORTAL = "网上收件"  # the duty of the organization that runs a node's portal


def submit(
    application: Application,
    *,
    applicant: Applicant,
    actor: Actor,
    at: datetime,
    key: str,
    keyed: Keyed | None = None,
    again: str = "",
    signers: Sequence[Signer] = (),
    ways: Sequence[Mapping[str, Any]] = (),
) -> Submitted:
    """Take an application in; the same key and content gives the same case. `key` is unique to the applicant.

    Who has another case of the same item says in `again` why one more is wanted. SignersElsewhere unless as many
    as the item asks for have confirmed, which only a draft can show. `ways` are how its materials were had.
    """
    if actor.role is not Role.APPLICANT or not actor.index:
        raise NotAllowed()
    require_covered(application.task_code, actor)
    version = version_offered(application.task_code, application.version, Mode.ONLINE)
    require_served(version.item, actor)
    require_level(version.item, Level(int(applicant.level)))
    check(version.item, application, Day(local_date(at), here().demo))
    application = as_kept(version.item, application)
    wanted = asked(version.item, application.answers)
    if wanted is not None and len(signers) < wanted.least:
        raise SignersElsewhere(field="signers", roles=roles(wanted))
    opening = Opening(
        move="submit",
        application=application,
        version=version,
        applicant=applicant,
        actor=actor,
        intake=portal_party(),
        keyed=keyed or new_keyed(),
        facts={"ways": [dict(each) for each in ways]} if ways else {},
        signers=signers,
        again=again,
    )
    return open_case(opening, key=f"{actor.owner}:{key}", at=at)


def require_covered(task_code: str, actor: Actor) -> None:
    """NotCovered when whoever acts for somebody was not let act in this item."""
    if actor.behalf is not None and not actor.covers(task_code):
        raise NotCovered(whose=actor.behalf.name)


def require_served(item: ItemContent, actor: Actor) -> None:
    """NotServed when a company applies for what is for natural persons only."""
    if actor.behalf is not None and actor.behalf.is_company and set(item.served) <= {ServedObject.NATURAL}:
        raise NotServed(whose=actor.behalf.name)


def require_level(item: ItemContent, level: Level) -> None:
    """LevelNeeded unless the applicant is known as surely as the item asks, and at least by their real name."""
    least = max(Level(item.assurance or REAL_NAME), REAL_NAME)
    if level < least:
        raise LevelNeeded(least=LEVELS[least], level=LEVELS[level])


def submit_with_files(
    application: Application,
    uploads: Sequence[Upload],
    *,
    applicant: Applicant,
    actor: Actor,
    at: datetime,
    key: str,
    again: str = "",
) -> Submitted:
    """Submit with files in one call, as programs do. Files of a call that opened no case are not kept.

    Only a refusal says for certain that there is no case: when the database goes away in between, the files stay.
    """
    keyed = new_keyed()
    name = subject(keyed.case_id)
    try:
        brought = [(_wanted(application, upload), upload.filename, upload.chunks) for upload in uploads]
        given = keep_files(name, keyed.key, brought) if brought else []
        made = submit(
            replace(application, materials=given),
            applicant=applicant,
            actor=actor,
            at=at,
            key=key,
            keyed=keyed,
            again=again,
        )
    except Refusal:
        files.forget(name)
        raise
    if not made.is_new:
        files.forget(name)
    return made


def _wanted(application: Application, upload: Upload) -> Material:
    wanted = item_cached(application.task_code, application.version).item.material(upload.requirement)
    if wanted is None:
        raise BadInput("materials", f"该事项没有名为“{upload.requirement}”的材料。")
    return wanted


def _find_portal() -> Party | None:
    """The organization that takes in what comes through this node's portal."""
    found = Organization.objects.filter(node_code=here().code, role_note__contains=PORTAL).first()
    return None if found is None else party_of(1, Part.INTAKE, found, here().code)


_portal: Fresh[Party | None] = Fresh(lambda: 0, _find_portal, seconds=30.0)


def portal_party() -> Party:
    """The part of that organization. NoPortal when there is none."""
    found = _portal.get()
    if found is None:
        _portal.forget()
        raise NoPortal()
    return found
