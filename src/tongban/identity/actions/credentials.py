# SPDX-License-Identifier: Apache-2.0
"""Another password, for who knows the present one; every other session ends."""

from datetime import datetime

from django.db import transaction

from tongban.identity import limits, passwords, sealing
from tongban.identity.actions.counting import count, forgive
from tongban.identity.actions.ending import end
from tongban.identity.actions.steps import set_staff_password
from tongban.identity.errors import WeakPassword, WrongPassword
from tongban.identity.models import Account, Session, Staff
from tongban.identity.queries import SignedIn
from tongban.ledger import actions as ledger
from tongban.standards.refusal import NotAllowed


def change_password(own: SignedIn, password: str, new: str, *, address: str, at: datetime) -> None:
    """A person's. WrongPassword, TooManyTries, WeakPassword; NotAllowed for a visitor, whose password is elsewhere."""
    account = Account.objects.select_related("person").filter(person_id=own.actor.id).first()
    if account is None or not own.is_own:
        raise NotAllowed()
    _require_known(f"change:{account.person_id}", account.password_hash, password, address, at)
    person = account.person
    known = [person.name, *(sealing.opened(person.id, *each) for each in _numbers(account))]
    if (why := passwords.weakness(new, *known)) is not None:
        raise WeakPassword(field="new_password", why=why)
    with transaction.atomic():
        Account.objects.filter(person=person).update(password_hash=passwords.hashed(new), changed_at=at)
        _end_others(own, at)
        ledger.write(f"person/{person.id}", verb="password.changed", actor=own.actor, at=at, facts={})


def change_staff_password(own: SignedIn, password: str, new: str, *, address: str, at: datetime) -> None:
    """A member of staff's. WrongPassword, TooManyTries, WeakPassword."""
    staff = Staff.objects.filter(id=own.actor.id, left_at=None).first()
    if staff is None:
        raise NotAllowed()
    _require_known(f"change:{staff.id}", staff.password_hash, password, address, at)
    with transaction.atomic():
        set_staff_password(staff, new, at)
        _end_others(own, at)


def _require_known(login: str, kept: str, password: str, address: str, at: datetime) -> None:
    """Whoever finds a browser open may not make the account their own."""
    count(limits.PASSWORD, login, address, at, "password")
    if not passwords.is_right(kept, password):
        raise WrongPassword(field="password")
    forgive(limits.PASSWORD, login, address, at)


def _numbers(account: Account) -> list[tuple[str, bytes | memoryview | None]]:
    return [("id_number", account.person.id_sealed), ("phone", account.person.phone_sealed)]


def _end_others(own: SignedIn, at: datetime) -> None:
    mine = {"person_id": own.actor.id} if own.kind == "person" else {"staff_id": own.actor.id}
    rows = Session.objects.select_related("person", "staff").filter(**mine, ended_at=None)
    for row in rows.exclude(digest=own.session):
        end(row, at=at)
