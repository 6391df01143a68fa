# SPDX-License-Identifier: Apache-2.0
"""The way in for staff after the right password: a second factor, a password of one's own, or setting a factor up.

Each returns the cookie of the session when that was the last thing to show, and nothing when there is more.
"""

from datetime import datetime

from django.db import transaction

from tongban.identity import limits, passwords
from tongban.identity.actions.counting import count, forgive
from tongban.identity.actions.factors import begin_totp, prove_totp, use_code, use_passkey
from tongban.identity.actions.sessions import begin_session
from tongban.identity.assurance import Level
from tongban.identity.errors import StepOver, WeakPassword, WrongFactor
from tongban.identity.models import Staff, Step
from tongban.identity.oidc import digest
from tongban.identity.queries import staff_actor
from tongban.identity.queries.strength import has_factor, open_step, wants
from tongban.ledger import actions as ledger
from tongban.standards.node import here


def show_code(token: str, code: str, *, address: str, at: datetime, previous: str = "") -> str:
    """A code of the telephone, or of the paper. WrongFactor, TooManyTries, StepOver."""
    row = _tried(token, "factor", address, at)
    with transaction.atomic():
        if not use_code(row.staff_id, code, at=at):
            raise WrongFactor(field="code")
        forgive(limits.FACTOR, row.staff.login, address, at)
        return _on(token, row, at, previous, shown=True)


def show_passkey(token: str, answer: str, *, address: str, at: datetime, previous: str = "") -> str:
    """What a passkey signed. PasskeyRefused, TooManyTries, StepOver."""
    row = _tried(token, "factor", address, at)
    with transaction.atomic():
        use_passkey(row.staff_id, answer, bytes(row.challenge), at=at)
        forgive(limits.FACTOR, row.staff.login, address, at)
        return _on(token, row, at, previous, shown=True)


@transaction.atomic
def choose_password(token: str, password: str, *, at: datetime, previous: str = "") -> str:
    """A password that nobody else knows, where somebody else made the first. WeakPassword, StepOver."""
    row = _wanting(token, "password", at)
    if passwords.is_right(row.staff.password_hash, password):
        raise WeakPassword(field="new_password", why="新密码要与管理员给您的初始密码不同。")
    set_staff_password(row.staff, password, at)
    return _on(token, row, at, previous)


@transaction.atomic
def begin_enrolment(token: str, *, at: datetime) -> Staff:
    """Who has to set a second factor up, and has one waiting for its first code now. StepOver."""
    row = _wanting(token, "enrol", at)
    begin_totp(row.staff, at=at)
    return row.staff


def enrol(token: str, code: str, *, at: datetime, previous: str = "") -> tuple[str, list[str]]:
    """The first right code. The session's cookie, and the recovery codes to write down. WrongFactor, StepOver."""
    row = _wanting(token, "enrol", at)
    with transaction.atomic():
        codes = prove_totp(row.staff, code, at=at)
        return _on(token, row, at, previous, shown=True), codes


def set_staff_password(staff: Staff, password: str, at: datetime) -> None:
    """Part of the caller's transaction. WeakPassword."""
    if (why := passwords.weakness(password, staff.login, staff.name)) is not None:
        raise WeakPassword(field="new_password", why=why)
    staff.password_hash, staff.password_due = passwords.hashed(password), False
    staff.save(update_fields=["password_hash", "password_due"])
    ledger.write(f"staff/{staff.id}", verb="password.changed", actor=staff_actor(staff), at=at, facts={})


def _tried(token: str, wanted: str, address: str, at: datetime) -> Step:
    """The try is counted before it is judged, over all ways in: whoever has the password can begin many."""
    row = _wanting(token, wanted, at)
    count(limits.FACTOR, row.staff.login, address, at, "code")
    return row


def _wanting(token: str, wanted: str, at: datetime) -> Step:
    row = open_step(token, at)
    if wants(row, has_any=has_factor(row.staff_id)) != wanted:
        raise StepOver()
    return row


def _on(token: str, row: Step, at: datetime, previous: str, *, shown: bool = False) -> str:
    """On to the next step, or in."""
    if shown:
        row.shown_at = at
        Step.objects.filter(digest=digest(token)).update(shown_at=at)
    if wants(row, has_any=has_factor(row.staff_id)):
        return ""
    Step.objects.filter(digest=digest(token)).update(ends_at=at)
    return begin_session(row.staff, issuer=here().code, level=Level.CERTIFIED, at=at, previous=previous)
