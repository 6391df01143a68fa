# SPDX-License-Identifier: Apache-2.0
"""The writes of one act as one SQL statement: one round trip, one commit, all or nothing."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection, connections, models

from tongban.database import reading
from tongban.database.prepared import in_numbers

MANY = 8  # rows; more go as one array for each column, so that the text stays the same however many there are


class Statement:
    """Collects writes, then sends them together.

    The first part is the guard: a write that returns a row when the act may go on (a revision that is
    still what was read, a key that nobody used before). When it returns none, nothing else is written.
    Parts see the database as it was before the statement, not each other.
    """

    def __init__(self) -> None:
        self._guard: tuple[str, Sequence[Any]] | None = None
        self._parts: list[tuple[str, Sequence[Any]]] = []

    def guard(self, sql: str, params: Sequence[Any]) -> None:
        """What must return a row; said once."""
        if self._guard is not None:
            raise RuntimeError("a statement has one guard")
        self._guard = (sql, params)

    @property
    def guarded(self) -> bool:
        """Whether the guard is already said."""
        return self._guard is not None

    def insert(self, model: type[models.Model], rows: Sequence[Mapping[str, Any]], *, on_conflict: str = "") -> None:
        """Insert rows that all name the same columns; values are already what the column holds."""
        if not rows:
            return
        columns = tuple(rows[0])
        if len(rows) > MANY:
            values: list[Any] = [[row[column] for row in rows] for column in columns]
            self._parts.append((_insert_arrays_sql(model, columns, on_conflict), values))
            return
        sql = _insert_sql(model, columns, len(rows), on_conflict)
        self._parts.append((sql, [row[column] for row in rows for column in columns]))

    def write(self, sql: str, params: Sequence[Any]) -> None:
        """Any other data-modifying part; write WHERE EXISTS (SELECT 1 FROM guard) yourself."""
        self._parts.append((sql, params))

    def run(self) -> tuple[Any, ...] | None:
        """Send it. The guard's row, or None when nothing was written."""
        if self._guard is None:
            raise RuntimeError("a statement needs a guard")
        parts = [self._guard, *self._parts]
        sql, numbered = _texts(tuple(sql for sql, _ in parts))
        values = [value for _, part in parts for value in part]
        mine = connections["default"]
        if not reading.is_watched(mine):
            return reading.written(mine, numbered, values)
        with mine.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchone()  # type: ignore[no-any-return]


@lru_cache(maxsize=512)
def _texts(parts: tuple[str, ...]) -> tuple[str, bytes]:
    """The whole statement, with placeholders as Django knows them and as PostgreSQL does.

    The driver would look for placeholders in these pages of text every time anew.
    """
    guard, *rest = parts
    named = "".join(f", p{number} AS ({sql})" for number, sql in enumerate(rest))
    sql = f"WITH guard AS ({guard}){named} SELECT * FROM guard"  # noqa: S608
    return sql, in_numbers(sql)[0]


@lru_cache(maxsize=512)
def _insert_sql(model: type[models.Model], columns: tuple[str, ...], rows: int, on_conflict: str) -> str:
    """The text of one insert; every value is cast, as VALUES inside a sub-select knows no column types."""
    one = "(" + ", ".join(f"%s::{kind}" for kind in _types(model, columns)) + ")"
    return _insert_from(model, columns, f"(VALUES {', '.join([one] * rows)}) AS given", on_conflict)


@lru_cache(maxsize=64)
def _insert_arrays_sql(model: type[models.Model], columns: tuple[str, ...], on_conflict: str) -> str:
    """The same for any number of rows."""
    arrays = ", ".join(f"%s::{kind}[]" for kind in _types(model, columns))
    return _insert_from(model, columns, f"unnest({arrays}) AS given", on_conflict)


def _insert_from(model: type[models.Model], columns: tuple[str, ...], given: str, on_conflict: str) -> str:
    meta = model._meta
    names = ", ".join(f'"{meta.get_field(column).column}"' for column in columns)  # type: ignore[union-attr]
    return (
        f'INSERT INTO "{meta.db_table}" ({names}) SELECT * FROM {given} '  # noqa: S608
        f"WHERE EXISTS (SELECT 1 FROM guard) {on_conflict} RETURNING 1"
    )


def _types(model: type[models.Model], columns: tuple[str, ...]) -> list[str]:
    return [_column_type(model._meta.get_field(column)) for column in columns]


def _column_type(field: Any) -> str:
    kind = field.rel_db_type(connection) if field.auto_created else field.db_type(connection)
    return str(kind).replace("bigserial", "bigint")
