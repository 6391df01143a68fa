# SPDX-License-Identifier: Apache-2.0
"""Signing in by password, and signing out."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from tongban.identity import limits, logins, passwords
from tongban.identity.actions.ending import end
from tongban.identity.assurance import Level
from tongban.identity.errors import TooManyTries, WrongPassword
from tongban.identity.limits import ADDRESS, HERE, LOGIN, Counted, Limit
from tongban.identity.models import Login, Person, Session, Staff, Use
from tongban.identity.oidc import digest, fresh
from tongban.identity.queries import SignedIn, person_actor, staff_actor
from tongban.ledger import actions as ledger
from tongban.standards.node import here
from tongban.standards.refusal import NotFound
from tongban.vault import keys

T = TypeVar("T", Person, Staff)

PERSON_LIFE = timedelta(hours=8)
STAFF_LIFE = timedelta(hours=10)  # a working day

COUNT = """
INSERT INTO identity_tries AS t (key, count, since) VALUES (%(key)s, 1, %(at)s)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN t.since <= %(over)s THEN 1 ELSE t.count + 1 END,
    since = CASE WHEN t.since <= %(over)s THEN %(at)s ELSE t.since END
RETURNING count, since, known_at IS NOT NULL"""

RIGHT = """
UPDATE identity_tries SET count = CASE WHEN key = %(here)s THEN 0 ELSE greatest(count - 1, 0) END,
    known_at = CASE WHEN key = %(here)s THEN %(at)s ELSE known_at END
WHERE key = ANY(%(keys)s)"""


def sign_in(login: str, password: str, *, address: str, at: datetime, previous: str = "") -> str:
    """The cookie of a new session, for a right ID number or phone and password of this node's own people.

    WrongPassword, TooManyTries. `address` is where the browser is, `previous` the cookie it had: that session ends.
    """

    def find() -> tuple[str, Person] | None:
        index = logins.index(login)
        row = Login.objects.select_related("account__person").filter(index=index).first() if index else None
        return (row.account.password_hash, row.account.person) if row else None

    person = _checked(logins.folded(login), password, address, at, find)
    return begin_session(person, issuer=here().code, level=Level(person.level), at=at, previous=previous)


def sign_in_staff(login: str, password: str, *, address: str, at: datetime, previous: str = "") -> str:
    """The cookie of a new session for a member of staff. WrongPassword, TooManyTries."""

    def find() -> tuple[str, Staff] | None:
        row = Staff.objects.filter(login=login.strip(), left_at=None).first()
        return (row.password_hash, row) if row else None

    staff = _checked(f"staff:{logins.folded(login)}", password, address, at, find)
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
    limited = {limit: _key(limit, login, address) for limit in (HERE, ADDRESS, LOGIN)}
    left = limits.wait([_count(limit, key, at) for limit, key in limited.items()], at)
    if left is not None:
        raise TooManyTries(field="password", minutes=limits.minutes(left))
    found = find()
    if not passwords.is_right(found[0] if found else None, password) or found is None:
        raise WrongPassword(field="password")
    with connection.cursor() as cursor:
        cursor.execute(RIGHT, {"here": limited[HERE], "at": at, "keys": list(limited.values())})
    return found[1]


def _key(limit: Limit, login: str, address: str) -> bytes:
    """Neither logins nor addresses can be read from the table."""
    named = {HERE: f"{address} {login}", ADDRESS: address, LOGIN: login}[limit]
    return keys.blind(f"tries:{limit.kind}", named)


def _count(limit: Limit, key: bytes, at: datetime) -> Counted:
    """Count one try. Its own transaction: a refusal must not take it back."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"key": key, "at": at, "over": at - limit.within})
        count, since, known = cursor.fetchone()
    return Counted(limit, count, since, known)
