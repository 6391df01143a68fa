# SPDX-License-Identifier: Apache-2.0
"""Very many rows into a table at once, by COPY in PostgreSQL's own form."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection


def copy_rows(table: str, kinds: Mapping[str, str], rows: Iterable[Sequence[Any]]) -> None:
    """Rows whose values stand in the order of `kinds`, columns with their types; in the transaction of the caller."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(kinds)}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types(tuple(kinds.values()))
        for row in rows:
            copy.write_row(row)
