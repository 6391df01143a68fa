# SPDX-License-Identifier: Apache-2.0
"""The writes of one act as one SQL statement: one round trip, one commit, all or nothing."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection, models


class Statement:
    """Collects writes, then sends them together.

    The first part is the guard: a write that returns a row when the act may go on (a revision that is
    still what was read, a key that nobody used before). When it returns none, nothing else is written.
    Parts see the database as it was before the statement, not each other.
    """

    def __init__(self) -> None:
        self._guard: tuple[str, list[Any]] | None = None
        self._parts: list[tuple[str, list[Any]]] = []

    def guard(self, sql: str, params: Sequence[Any]) -> None:
        """What must return a row; said once."""
        if self._guard is not None:
            raise RuntimeError("a statement has one guard")
        self._guard = (sql, list(params))

    @property
    def guarded(self) -> bool:
        """Whether the guard is already said."""
        return self._guard is not None

    def insert(
        self, model: type[models.Model], rows: Sequence[Mapping[str, Any]], *, on_conflict: str = ""
    ) -> None:
        """Insert rows that all name the same columns; values are already what the column holds."""
        if not rows:
            return
        columns = tuple(rows[0])
        sql = _insert_sql(model, columns, len(rows), on_conflict)
        self._parts.append((sql, [row[column] for row in rows for column in columns]))

    def write(self, sql: str, params: Sequence[Any]) -> None:
        """Any other data-modifying part; write WHERE EXISTS (SELECT 1 FROM guard) yourself."""
        self._parts.append((sql, list(params)))

    def run(self) -> tuple[Any, ...] | None:
        """Send it. The guard's row, or None when nothing was written."""
        if self._guard is None:
            raise RuntimeError("a statement needs a guard")
        guard, params = self._guard
        named = [f"p{number} AS ({sql})" for number, (sql, _) in enumerate(self._parts)]
        sql = f"WITH guard AS ({guard}){''.join(', ' + part for part in named)} SELECT * FROM guard"  # noqa: S608
        values = [*params, *(value for _, part in self._parts for value in part)]
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return cursor.fetchone()  # type: ignore[no-any-return]


@lru_cache(maxsize=512)
def _insert_sql(model: type[models.Model], columns: tuple[str, ...], rows: int, on_conflict: str) -> str:
    """The text of one insert; every value is cast, as VALUES inside a sub-select knows no column types."""
    meta = model._meta
    types = [_column_type(meta.get_field(column)) for column in columns]
    one = "(" + ", ".join(f"%s::{kind}" for kind in types) + ")"
    names = ", ".join(f'"{meta.get_field(column).column}"' for column in columns)  # type: ignore[union-attr]
    values = ", ".join([one] * rows)
    return (
        f'INSERT INTO "{meta.db_table}" ({names}) SELECT * FROM (VALUES {values}) AS given '  # noqa: S608
        f"WHERE EXISTS (SELECT 1 FROM guard) {on_conflict} RETURNING 1"
    )


def _column_type(field: Any) -> str:
    kind = field.rel_db_type(connection) if field.auto_created else field.db_type(connection)
    return str(kind).replace("bigserial", "bigint")
