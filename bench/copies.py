# SPDX-License-Identifier: Apache-2.0
"""Many cases out of one real case: its rows again under other ids, so that nothing about them is made up."""

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import Connection

WHOLE = (
    "cases_case",
    "cases_party",
    "cases_material",
    "cases_event",
    "cases_clock",
    "vault_subject_key",
    "ledger_chain",
    "ledger_line",
    "exchange_sent",
)
LISTED = ("cases_case", "cases_party")  # what a worklist reads
DESKS = 20  # a node's cases lie on so many desks
OVER = 2  # every so-manieth case is over
DAYS = 30  # over which due dates are spread

ID = "('00000000-0000-7000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"


def case_id(number: int) -> str:
    """The id of the copy with this number."""
    return f"00000000-0000-7000-8000-{number:012x}"


def columns_of(connection: Connection, table: str) -> list[str]:
    """Names of columns, in order."""
    found = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position", [table]
    )
    return [str(name) for (name,) in found]


def copy(connection: Connection, source: str, count: int) -> None:
    """Write so many copies of a case with all that belongs to it; only what names the case differs."""
    for table in WHOLE:
        _copy_table(connection, table, source, count, {})
    settle(connection, WHOLE)


def copy_listed(connection: Connection, source: str, count: int, desk: str) -> None:
    """Copies as a worklist sees them, on many desks, with many due dates, half of them over."""
    spread = {
        "holder_organization": f"CASE WHEN n %% {DESKS} = 0 THEN {_quoted(desk)} ELSE 'DESK' || n %% {DESKS} END",
        "ended": f"(n / {DESKS}) %% {OVER} = 1",
        "due_on": f"DATE '2026-12-01' + ((n / {DESKS}) %% {DAYS})::int",
    }
    for table in LISTED:
        _copy_table(connection, table, source, count, spread if table == "cases_case" else {})
    settle(connection, LISTED)


def carry(origin: Connection, target: Connection, source: str) -> None:
    """Bring what a worklist reads of a real case into another node's database, to be copied there."""
    for table in LISTED:
        key, _ = _key_of(table, columns_of(origin, table))
        rows = origin.execute(f"SELECT row_to_json(t)::text FROM {table} t WHERE {key} = %s".encode(), [source])
        for row in rows.fetchall():
            read = f"SELECT * FROM json_populate_record(NULL::{table}, %s::json)"
            target.execute(f"INSERT INTO {table} {read}".encode(), row)


def settle(connection: Connection, tables: Sequence[str]) -> None:
    """Leave tables as autovacuum would, so that it does not begin in the middle of a round."""
    for table in tables:
        connection.execute(f"VACUUM ANALYZE {table}".encode())


def opened(url: str) -> "Connection[Any]":
    """A connection for preparing, whose own writes need not wait for the disk."""
    connection = psycopg.connect(url, autocommit=True)
    connection.execute("SET synchronous_commit = off")
    return connection


def _copy_table(connection: Connection, table: str, source: str, count: int, more: Mapping[str, str]) -> None:
    columns = columns_of(connection, table)
    key, is_subject = _key_of(table, columns)
    new = renamed(table, ID.format(number="n"), "n") | dict(more)
    chosen = ", ".join(new.get(name) or f'old."{name}"' for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    connection.execute(
        f"INSERT INTO {table} ({names}) SELECT {chosen} FROM {table} old, generate_series(1, %s::bigint) AS n "
        f"WHERE old.{key} = %s".encode(),
        [count, f"case:{source}" if is_subject else source],
    )


def _key_of(table: str, columns: Sequence[str]) -> tuple[str, bool]:
    """The column that says which case a row belongs to, and whether it says so as a subject."""
    if table == "cases_case":
        return "id", False
    return ("case_id", False) if "case_id" in columns else ("subject", True)


def renamed(table: str, new_id: str, number: str) -> dict[str, str]:
    """SQL for the columns that must differ from copy to copy."""
    new = {"case_id": new_id, "subject": f"'case:' || {new_id}"}
    if table == "cases_case":
        new |= {"id": new_id, "receipt_no": f"'C' || {number}", "project_no": "NULL"}
    return new


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
