# SPDX-License-Identifier: Apache-2.0
"""Somebody who may do everything in the database, for tests that look whether it is noticed."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection


@contextmanager
def burglary() -> Iterator[None]:
    """Work as the owner of the tables, whom no rule of theirs stops."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE tongban_owner")
        yield
        cursor.execute("RESET ROLE")


def tamper(sql: str, values: Sequence[str | int | bytes] = ()) -> int:
    """Change rows behind everybody's back. How many were changed."""
    with burglary(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)
