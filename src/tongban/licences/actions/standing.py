# SPDX-License-Identifier: Apache-2.0
"""Changing how a licence stands, and letting every node know: the row of the change is the work of telling."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from tongban.database.statement import Statement
from tongban.exchange.actions import News, Priority, send_many
from tongban.ledger import actions as ledger
from tongban.licences.actions.status import publish_status
from tongban.licences.errors import ByCaseOnly, ChangeNotPossible
from tongban.licences.messages import STANDING, told_of
from tongban.licences.models import Licence, LicenceChange, State
from tongban.licences.said import require_said
from tongban.licences.standings import CHANGES, Standing, possible
from tongban.regions.queries import trust_list
from tongban.standards.actor import Actor, Role
from tongban.standards.node import here
from tongban.standards.refusal import NotAllowed, NotFound

MOST = 200  # changes told in one go
# Both parts see the licence as it was before the statement.
NOTED = (
    "INSERT INTO licences_change (licence_id, number, change, standing, reason, basis, actor, organization, at) "
    "SELECT id, changes + 1, %s, %s, %s, '', 'case', '', %s FROM licences_licence "
    "WHERE case_id = %s AND NOT is_notice AND standing = ANY(%s) AND EXISTS (SELECT 1 FROM guard)"
)
CHANGED = (
    "UPDATE licences_licence SET standing = %s, standing_since = %s, changes = changes + 1 "
    "WHERE case_id = %s AND NOT is_notice AND standing = ANY(%s) AND EXISTS (SELECT 1 FROM guard)"
)


@transaction.atomic
def change(licence_id: UUID, name: str, *, reason: str, basis: str, actor: Actor, at: datetime) -> Licence:
    """Let a licence of the actor's organization stand otherwise, with reason and legal basis.

    NotFound for licences of others, as for those that do not exist; ChangeNotPossible as it stands; ByCaseOnly for
    what a case has decided.
    """
    if actor.role is not Role.APPROVER:
        raise NotAllowed()
    row = Licence.objects.select_for_update().filter(id=licence_id, issuer_organization=actor.organization).first()
    if row is None or not actor.organization:
        raise NotFound(what="证照")
    reason, basis = require_said("reason", reason, "原因"), require_said("basis", basis, "依据")
    wanted, standing = CHANGES.get(name), Standing(row.standing)
    if wanted is None or standing not in wanted.origins or row.replaced_by is not None:
        raise ChangeNotPossible(wanted=wanted.label if wanted else name, standing=standing.label)
    if wanted not in possible(standing, of_case=row.case_id is not None):
        raise ByCaseOnly(wanted=wanted.label)
    row.standing, row.standing_since, row.changes = wanted.to.value, at, row.changes + 1
    row.save(update_fields=["standing", "standing_since", "changes"])
    LicenceChange.objects.create(
        licence_id=row.id,
        number=row.changes,
        change=wanted.name,
        standing=wanted.to.value,
        reason=reason,
        basis=basis,
        actor=actor.pseudonym,
        organization=actor.organization,
        at=at,
    )
    facts = {"number": row.number, "change": wanted.name, "standing": row.standing, "reason": reason, "basis": basis}
    ledger.write(f"licence:{row.id}", verb=f"licence.{wanted.name}", actor=actor, at=at, facts=facts)
    return row


def decided_by_case(write: Statement, case_id: UUID, *, revoked: bool, at: datetime) -> None:
    """The decision that a licence rests on was revoked, or put back: part of the statement of that move."""
    wanted = CHANGES["revoke" if revoked else "reinstate"]
    origins = sorted(wanted.origins)
    says = "准予的决定已被撤销。" if revoked else "准予的决定恢复效力。"
    write.write(NOTED, [wanted.name, wanted.to.value, says, at, case_id, origins])
    write.write(CHANGED, [wanted.to.value, at, case_id, origins])


def tell_once(at: datetime) -> bool:
    """Tell every node of changes that no node was told of, and publish the list anew. False when there is none.

    A change of a licence whose file is not made yet waits for it: by the file others know the licence.
    """
    with transaction.atomic():
        untold = list(LicenceChange.objects.select_for_update().filter(told_at=None).order_by("at", "number")[:MOST])
        ids = {each.licence_id for each in untold}
        ready = {row.id: row for row in Licence.objects.filter(id__in=ids, state=State.READY)}
        telling = [each for each in untold if each.licence_id in ready]
        news = [
            News(kind=STANDING, subject=f"licence:{each.licence_id}", body=told_of(ready[each.licence_id], each))
            for each in telling
        ]
        listed = trust_list()
        peers = [node.code for node in listed.peers(here().code) if listed.may_send(here().code, node.code, STANDING)]
        send_many(peers, news, at=at, priority=Priority.ORDINARY)
        LicenceChange.objects.filter(id__in=[each.id for each in telling]).update(told_at=at)
        if telling:
            publish_status(at)
    return bool(telling)
