# SPDX-License-Identifier: Apache-2.0
"""Whole columns as values of a statement, in PostgreSQL's own form: no byte is spelled out as hexadecimal digits."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from psycopg.types.array import ListBinaryDumper


class Column(list[Any]):
    """Values of one type for `unnest`; never empty."""


def columns(rows: Iterable[Sequence[object]]) -> list[Column]:
    """The columns of these rows, for `unnest`."""
    return [Column(values) for values in zip(*rows, strict=True)]


psycopg.adapters.register_dumper(Column, ListBinaryDumper)
