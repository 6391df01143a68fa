# SPDX-License-Identifier: Apache-2.0
"""Reads that every request makes: past the layers around Django's cursor, which cost more than the driver itself."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import Connection

from tongban.database import prepared

Values = Sequence[Any] | Mapping[str, Any]


def rows(sql: str, values: Values) -> list[tuple[Any, ...]]:
    """What a SELECT finds."""
    mine = connections["default"]
    if is_watched(mine):
        with mine.cursor() as cursor:
            cursor.execute(sql, cast(Any, values))
            return list(cursor.fetchall())
    with mine.wrap_database_errors:
        return prepared.rows(driver(mine), sql, values)


def row(sql: str, values: Values) -> tuple[Any, ...] | None:
    """The first row, or None."""
    found = rows(sql, values)
    return found[0] if found else None


def is_watched(mine: BaseDatabaseWrapper) -> bool:
    """Whether somebody counts or sees statements: they must all pass Django's cursor then."""
    return mine.queries_logged or bool(mine.execute_wrappers)


def driver(mine: BaseDatabaseWrapper) -> "Connection[Any]":
    """The driver's connection, open and in no broken transaction."""
    mine.ensure_connection()
    mine.validate_no_broken_transaction()
    return cast("Connection[Any]", mine.connection)


def written(mine: BaseDatabaseWrapper, sql: bytes, values: Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row that a statement in PostgreSQL's own words ($1, $2) returns."""
    with mine.wrap_database_errors:
        found = prepared.numbered_rows(driver(mine), sql, values)
    return found[0] if found else None
