# SPDX-License-Identifier: Apache-2.0
"""Counts tries before they are judged, and forgives them when one was right."""

from datetime import datetime

from django.db import connection

from tongban.identity import limits
from tongban.identity.errors import TooManyTries
from tongban.identity.limits import Counted, Limit, Limits
from tongban.vault import keys

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


def count(of: Limits, login: str, address: str, at: datetime, field: str) -> None:
    """Count one try. TooManyTries, told beside the field, when there were too many."""
    left = limits.wait([_count(limit, _key(of, limit, login, address), at) for limit in of], at, of)
    if left is not None:
        raise TooManyTries(field=field, minutes=limits.minutes(left))


def forgive(of: Limits, login: str, address: str, at: datetime) -> None:
    """The try that was counted was right: earlier ones from here are forgiven, and the address is known."""
    found = [_key(of, limit, login, address) for limit in of]
    with connection.cursor() as cursor:
        cursor.execute(RIGHT, {"here": found[0], "at": at, "keys": found})


def _key(of: Limits, limit: Limit, login: str, address: str) -> bytes:
    """Neither logins nor addresses can be read from the table."""
    named = {of.here: f"{address} {login}", of.address: address, of.login: login}[limit]
    return keys.blind(f"tries:{limit.kind}", named)


def _count(limit: Limit, key: bytes, at: datetime) -> Counted:
    """Its own transaction: a refusal must not take it back."""
    with connection.cursor() as cursor:
        cursor.execute(COUNT, {"key": key, "at": at, "over": at - limit.within})
        number, since, known = cursor.fetchone()
    return Counted(limit, number, since, known)
