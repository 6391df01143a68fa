# SPDX-License-Identifier: Apache-2.0
"""Arrays arrive in PostgreSQL as they were given."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from psycopg.types.numeric import Int8

from tongban.database import reading
from tongban.database.columns import array, columns
from tongban.standards.node import Node

EARLY, LATE = datetime(1900, 1, 1), datetime(2200, 1, 1)  # noqa: DTZ001  hypothesis adds the zone
ZONES = some.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-11))])
TEXT = some.text(some.characters(codec="utf-8", exclude_characters="\x00"))
VALUES: dict[str, tuple[type, some.SearchStrategy[Any]]] = {
    "text": (str, TEXT),
    "bytea": (bytes, some.binary()),
    "boolean": (bool, some.booleans()),
    "uuid": (UUID, some.uuids()),
    "bigint": (Int8, some.integers(-(2**63), 2**63 - 1).map(Int8)),
    "timestamptz": (datetime, some.datetimes(EARLY, LATE, timezones=ZONES)),
}


@pytest.mark.parametrize("kind", VALUES)
def test_an_array_is_read_back_as_it_was_given(node: Node, kind: str) -> None:
    of, values = VALUES[kind]

    @settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(some.lists(values | some.none(), max_size=5))
    def read_back(given: list[Any]) -> None:
        found = reading.row(f"SELECT %s::{kind}[]", [array(of, given)])
        assert found is not None and found[0] == given

    read_back()


def test_columns_take_their_kind_from_the_first_row(node: Node) -> None:
    at = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
    rows = [("甲", b"\x00\xff", True, Int8(7), at), ("乙\\", b"", False, Int8(-7), at + timedelta(microseconds=1))]
    sql = "SELECT * FROM unnest(%s::text[], %s::bytea[], %s::boolean[], %s::bigint[], %s::timestamptz[])"
    assert reading.rows(sql, columns(rows)) == rows


def test_what_no_column_holds_is_refused_by_its_type() -> None:
    with pytest.raises(KeyError, match="float"):
        columns([(0.5,)])
