# SPDX-License-Identifier: Apache-2.0
"""A copy of one's own data, and closing one's account."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from uuid_utils.compat import uuid7

from tongban.cases.actions import forget_drafts
from tongban.cases.queries import my_cases
from tongban.database.statement import Statement
from tongban.identity import actions as identity
from tongban.identity.queries import SignedIn, applicant
from tongban.ledger import actions as ledger
from tongban.space.contents import gather
from tongban.space.errors import CasesOpen, NoAccountHere, NotConfirmed
from tongban.space.models import Export
from tongban.space.queries import subject
from tongban.standards.refusal import NotAllowed
from tongban.vault import files, keys
from tongban.vault.actions import destroy_key, keep_key
from tongban.vault.queries import subject_key

LIFE = timedelta(days=7)
CLAIMED = timedelta(minutes=5)  # nobody else makes it meanwhile
MOST_CASES = 1000  # of which the file tells

CLAIM = """
UPDATE space_export SET try_at = %(again)s, tries = tries + 1 WHERE id = (
    SELECT id FROM space_export WHERE try_at <= %(at)s AND ends_at > %(at)s
    ORDER BY try_at LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING *"""


@transaction.atomic
def ask_export(own: SignedIn, *, at: datetime) -> UUID:
    """A copy of all that is here of oneself, made by the worker; the one that is being made, if there is one."""
    if own.person is None or own.scopes or own.actor.behalf:
        raise NotAllowed()
    waiting = Export.objects.filter(person=own.actor.id, made_at=None, ends_at__gt=at).first()
    if waiting is not None:
        return waiting.id
    made = Export.objects.create(id=uuid7(), person=own.actor.id, asked_at=at, try_at=at, ends_at=at + LIFE)
    write = Statement()
    write.guard("SELECT 1", [])
    keep_key(write, subject(made.id), keys.new_key()[1])
    write.run()
    ledger.write(f"person/{own.actor.id}", verb="data.asked", actor=own.actor, at=at, facts={"export": str(made.id)})
    return made.id


def make_export_once(at: datetime) -> bool:
    """Make one copy that waits, or remove one that is over. Whether there was any."""
    for row in Export.objects.raw(CLAIM, {"again": at + CLAIMED, "at": at}):
        content = gather(row.person, applicant(row.person), at)
        stored = files.store(subject(row.id), subject_key(subject(row.id)) or b"", content)
        Export.objects.filter(id=row.id).update(try_at=None, made_at=at, digest=stored.digest, size=stored.size)
        return True
    over = Export.objects.filter(ends_at__lte=at).first()
    if over is not None:
        _forget(over, at)
    return over is not None


def _forget(row: Export, at: datetime) -> None:
    destroy_key(subject(row.id), at=at)
    files.forget(subject(row.id))
    Export.objects.filter(id=row.id).delete()


@transaction.atomic
def close_account(own: SignedIn, *, is_sure: bool, at: datetime) -> None:
    """End the account: sign-ins, sessions, mandates, drafts. What the law has kept of cases stays with the cases.

    CasesOpen while something is under way, NoAccountHere for who signs in elsewhere, NotConfirmed.
    """
    if own.person is None or own.scopes or own.actor.behalf:
        raise NotAllowed()
    if not own.is_own:
        raise NoAccountHere()
    under_way = [each for each in my_cases(own.actor, limit=MOST_CASES) if not each.ended]
    if under_way:
        raise CasesOpen(count=len(under_way))
    if not is_sure:
        raise NotConfirmed(field="sure")
    forget_drafts(own.actor)
    for row in Export.objects.filter(person=own.actor.id):
        _forget(row, at)
    identity.close_account(own, at=at)
