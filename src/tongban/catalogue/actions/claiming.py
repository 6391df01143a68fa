# SPDX-License-Identifier: Apache-2.0
"""An organization says of a basic item that it is its own to implement, or why it is not (应认领尽认领)."""

from datetime import datetime

from django.db import transaction

from tongban.catalogue import queries
from tongban.catalogue.actions.publishing import require_keeper
from tongban.catalogue.basics import LEVELS, Inherited
from tongban.catalogue.errors import NotForThisLevel, ReasonMissing
from tongban.catalogue.models import Claim
from tongban.catalogue.stages import CLAIMED, DECLINED
from tongban.ledger import actions as ledger
from tongban.regions import queries as regions
from tongban.regions.models import Organization
from tongban.standards import codes
from tongban.standards.actor import Actor
from tongban.standards.enums import UseLevel
from tongban.standards.regions import level


@transaction.atomic
def claim(basic_code: str, *, actor: Actor, at: datetime) -> Claim:
    """The item is ours: an implementation may be written. Claiming again changes nothing."""
    require_keeper(actor, actor.organization)
    organization = regions.organization(actor.organization)
    item = queries.inherited(basic_code, organization.region_code)
    use = level_for(item, organization)
    task = codes.task_code(organization.code, use, basic_code)
    said = {"standing": CLAIMED, "level": str(use), "task_code": task, "reason": ""}
    return _say(organization, basic_code, said, actor, at)


@transaction.atomic
def decline(basic_code: str, *, reason: str, actor: Actor, at: datetime) -> Claim:
    """The item is not ours, and why; it may be claimed later all the same."""
    require_keeper(actor, actor.organization)
    if not reason.strip():
        raise ReasonMissing("reason")
    organization = regions.organization(actor.organization)
    queries.inherited(basic_code, organization.region_code)
    said = {"standing": DECLINED, "level": "", "task_code": "", "reason": reason.strip()}
    return _say(organization, basic_code, said, actor, at)


def level_for(item: Inherited, organization: Organization) -> UseLevel:
    """The level at which an organization uses the power. NotForThisLevel when the catalogue does not ask it to."""
    own = LEVELS[level(organization.region_code)]
    if own not in item.levels and UseLevel.BY_LEVEL not in item.levels:
        raise NotForThisLevel(name=item.name, level=own.label)
    return own


def _say(organization: Organization, basic_code: str, said: dict[str, str], actor: Actor, at: datetime) -> Claim:
    before = Claim.objects.select_for_update().filter(organization=organization.code, basic_code=basic_code).first()
    if before is not None and (before.standing, before.reason) == (said["standing"], said["reason"]):
        return before
    row = {"region_code": organization.region_code, "actor": actor.pseudonym, "at": at, **said}
    Claim.objects.update_or_create(organization=organization.code, basic_code=basic_code, defaults=row)
    told = {"organization": organization.code, "basic_code": basic_code, **said}
    subject = f"claim/{organization.code}/{basic_code}"
    ledger.write(subject, verb=f"item.{said['standing']}", actor=actor, at=at, facts=told)
    return Claim.objects.get(organization=organization.code, basic_code=basic_code)
