# SPDX-License-Identifier: Apache-2.0
"""Statements that are sent again and again are prepared, answer as the driver's cursor does, and fail as it does."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import connections
from psycopg import errors

from tongban.database import prepared
from tongban.standards.node import Node


@pytest.fixture
def line(node: Node) -> Iterator[psycopg.Connection[Any]]:
    """A connection of its own: that of a test is in a transaction."""
    mine = connections["default"]
    told = mine.get_connection_params()
    for name in ("cursor_factory", "context", "server_side_binding", "prepare_threshold"):
        told.pop(name, None)
    with psycopg.connect(**told, autocommit=True) as own:
        yield own


def count(line: psycopg.Connection[Any]) -> int:
    found = line.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE 'tongban%'").fetchone()
    assert found is not None
    return int(found[0])


def test_it_answers_as_the_drivers_own_cursor_does(line: psycopg.Connection[Any]) -> None:
    values = (None, True, 7, 2**40, "字", b"\x00\xff", uuid4(), date(2026, 2, 17), datetime(2026, 2, 17, 8, tzinfo=UTC))
    kinds = ("text", "bool", "int", "bigint", "text", "bytea", "uuid", "date", "timestamptz")
    sql = "SELECT " + ", ".join(f"%s::{kind}" for kind in kinds) + ", '{\"a\": [1]}'::json, '100%%'"
    expected = psycopg.Cursor(line).execute(sql.encode(), values).fetchall()
    for _ in range(3):  # as it comes, while it is prepared, and prepared
        assert prepared.rows(line, sql, values) == expected


def test_a_name_may_stand_in_several_places(line: psycopg.Connection[Any]) -> None:
    sql = "SELECT %(a)s::text, %(b)s::int, %(a)s::text"
    assert prepared.in_numbers(sql) == (b"SELECT $1::text, $2::int, $1::text", ("a", "b"))
    assert prepared.rows(line, sql, {"b": 2, "a": "甲"}) == [("甲", 2, "甲")]


def test_what_is_sent_twice_is_prepared_and_only_so_many_are_kept(
    line: psycopg.Connection[Any],
) -> None:
    before = count(line)
    prepared.rows(line, "SELECT 1", [])
    assert count(line) == before
    prepared.rows(line, "SELECT 1", [])
    assert count(line) == before + 1
    for number in range(prepared.KEPT + 20):
        for _ in range(2):
            assert prepared.rows(line, f"SELECT {number}, 'kept'", []) == [(number, "kept")]
    assert count(line) <= prepared.KEPT


def test_values_of_another_size_are_another_statement_to_the_server(line: psycopg.Connection[Any]) -> None:
    for value in (1, 2**40, 1, 2**40, 1, 2**40):
        assert prepared.rows(line, "SELECT %s + 1", [value]) == [(value + 1,)]


@pytest.mark.parametrize(
    ("sql", "value", "refusal"),
    [
        ("SELECT 1 / %s::int", 0, errors.DivisionByZero),
        ("SELECT * FROM no_such_table WHERE a = %s", 1, errors.UndefinedTable),
        ("INSERT INTO vault_subject_key (subject) VALUES (%s) RETURNING 1", None, errors.NotNullViolation),
    ],
)
def test_it_fails_as_the_driver_does_and_the_connection_goes_on(
    line: psycopg.Connection[Any], sql: str, value: object, refusal: type[Exception]
) -> None:
    for _ in range(3):
        with pytest.raises(refusal):
            prepared.rows(line, sql, [value])
    assert prepared.rows(line, "SELECT 1", []) == [(1,)]


def test_what_the_driver_drops_is_sent_again(line: psycopg.Connection[Any]) -> None:
    for _ in range(2):
        prepared.rows(line, "SELECT 4", [])
    line.execute("DEALLOCATE ALL")
    for _ in range(3):
        assert prepared.rows(line, "SELECT 4", []) == [(4,)]
    assert count(line) == 1


def test_within_a_transaction_the_driver_does_it(line: psycopg.Connection[Any]) -> None:
    with line.transaction():
        for _ in range(3):
            assert prepared.rows(line, "SELECT %s::int, 'inside'", [4]) == [(4, "inside")]
    assert count(line) == 0


@pytest.mark.parametrize("times", [0, 1, 2])
def test_a_server_that_has_gone_away_is_named_as_the_driver_names_it(line: psycopg.Connection[Any], times: int) -> None:
    for _ in range(times):
        prepared.rows(line, "SELECT 1", [])
    connections["default"].cursor().execute("SELECT pg_terminate_backend(%s)", [line.info.backend_pid])
    with pytest.raises(psycopg.OperationalError):
        prepared.rows(line, "SELECT 1", [])
    assert line.closed
