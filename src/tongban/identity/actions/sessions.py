# SPDX-License-Identifier: Apache-2.0
"""Signing in by password, and signing out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from secrets import token_bytes
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from tongban.identity import limits, logins, passwords
from tongban.identity.actions.counting import count, forgive
from tongban.identity.actions.ending import end
from tongban.identity.assurance import Level
from tongban.identity.errors import MoreNeeded, WrongPassword
from tongban.identity.models import Account, Login, Person, Session, Staff, Step, Use
from tongban.identity.oidc import digest, fresh
from tongban.identity.queries import SignedIn, person_actor, staff_actor
from tongban.identity.queries.strength import has_factor, level_by_password, needs_factor
from tongban.ledger import actions as ledger
from tongban.standards.identifiers import tidy
from tongban.standards.node import here
from tongban.standards.refusal import NotFound

T = TypeVar("T", Account, Staff)

PERSON_LIFE = timedelta(hours=8)
STAFF_LIFE = timedelta(hours=10)  # a working day
STEP_LIFE = timedelta(minutes=10)  # from the password to the end of the second step


def sign_in(login: str, password: str, *, address: str, at: datetime, previous: str = "") -> str:
    """The cookie of a new session, for a right ID number or phone and password of this node's own people.

    WrongPassword, TooManyTries. `address` is where the browser is, `previous` the cookie it had: that session ends.
    """

    def find() -> tuple[str, Account] | None:
        index = logins.index(login) or b""  # looked for as well, so that what is no login takes as much work
        row = Login.objects.select_related("account__person").filter(index=index).first()
        return (row.account.password_hash, row.account) if row else None

    account = _checked(logins.folded(login), password, address, at, find)
    level = level_by_password(account, at)
    return begin_session(account.person, issuer=here().code, level=level, at=at, previous=previous)


def sign_in_staff(login: str, password: str, *, address: str, at: datetime, previous: str = "") -> str:
    """The cookie of a new session for a member of staff. WrongPassword, TooManyTries; MoreNeeded leads on (steps)."""

    def find() -> tuple[str, Staff] | None:
        row = Staff.objects.filter(login=tidy(login), left_at=None).first()
        return (row.password_hash, row) if row else None

    staff = _checked(f"staff:{logins.folded(login)}", password, address, at, find)
    if staff.password_due or needs_factor(staff) or has_factor(staff.id):
        raise MoreNeeded(_step(staff, at))
    return begin_session(staff, issuer=here().code, level=Level.CERTIFIED, at=at, previous=previous)


@transaction.atomic
def begin_session(
    who: Person | Staff, *, issuer: str, level: Level, at: datetime, previous: str = "", sid: str = ""
) -> str:
    """A session under a new cookie, never under one that the browser brought (session fixation)."""
    token, is_person = fresh(), isinstance(who, Person)
    before = _open_session(previous)
    row = Session.objects.create(
        digest=digest(token),
        person_id=who.id if is_person else None,
        staff_id=None if is_person else who.id,
        issuer=issuer,
        sid=sid,
        level=level,
        began_at=at,
        ends_at=at + (PERSON_LIFE if is_person else STAFF_LIFE),
    )
    if before is not None:
        _replace(before, row, at)
    actor = person_actor(who) if isinstance(who, Person) else staff_actor(who)
    subject = f"{'person' if is_person else 'staff'}/{who.id}"
    ledger.write(subject, verb="signed_in", actor=actor, at=at, facts={"issuer": issuer, "level": int(level)})
    return token


@transaction.atomic
def sign_out(token: str, *, at: datetime) -> UUID | None:
    """End the session of this cookie, here and wherever the sign-in serves. Nothing happens when there is none.

    What `queries.sign_out` tells the progress by.
    """
    row = _open_session(token)
    return end(row, at=at) if row is not None else None


@transaction.atomic
def end_session(signed_in: SignedIn, key: str, *, at: datetime) -> UUID | None:
    """A person, or a member of staff, ends one of their own sessions. NotFound when it is nobody's or another's."""
    try:
        which = bytes.fromhex(key)
    except ValueError:
        raise NotFound(what="这次登录") from None
    rows = Session.objects.select_related("person", "staff").filter(digest=which, ended_at=None)
    row = rows.filter(Q(person_id=signed_in.actor.id) | Q(staff_id=signed_in.actor.id)).first()
    if row is None:
        raise NotFound(what="这次登录")
    return end(row, at=at)


def _step(staff: Staff, at: datetime) -> str:
    """The cookie of who has shown the password and has something else to show."""
    token = fresh()
    Step.objects.create(
        digest=digest(token), staff=staff, challenge=token_bytes(32), created_at=at, ends_at=at + STEP_LIFE
    )
    return token


def _open_session(token: str) -> Session | None:
    rows = Session.objects.select_related("person", "staff").filter(digest=digest(token), ended_at=None)
    return rows.first() if token else None


def _replace(before: Session, now: Session, at: datetime) -> None:
    """Whoever types the password again stays signed in elsewhere; whoever takes over a browser ends what was there."""
    if before.person_id is None or before.person_id != now.person_id:
        end(before, at=at)
        return
    Session.objects.filter(digest=before.digest).update(ended_at=at)
    Use.objects.filter(session_id=before.digest).update(session_id=now.digest)


def _checked(login: str, password: str, address: str, at: datetime, find: Callable[[], tuple[str, T] | None]) -> T:
    """The owner of the login, when the password is theirs; the try is counted before it is judged."""
    count(limits.PASSWORD, login, address, at, "password")
    found = find()
    if not passwords.is_right(found[0] if found else None, password) or found is None:
        raise WrongPassword(field="password")
    forgive(limits.PASSWORD, login, address, at)
    return found[1]
