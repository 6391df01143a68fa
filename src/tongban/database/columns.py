# SPDX-License-Identifier: Apache-2.0
"""Arrays as values of a statement, in PostgreSQL's own form: no byte is spelled out as hexadecimal digits.

The driver asks of every value anew how it is written; here a whole array knows what it holds.
"""

import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
from psycopg.adapt import Dumper, PyFormat
from psycopg.postgres import types
from psycopg.pq import Format
from psycopg.types.numeric import Int8

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)  # from which PostgreSQL counts
MICROSECOND = timedelta(microseconds=1)
HEAD = struct.Struct("!iiI").pack  # dimensions, whether any is null, type
SIZE = struct.Struct("!ii").pack  # of the one dimension, and its first index
LENGTH = struct.Struct("!i").pack  # of what follows
WHOLE = struct.Struct("!q").pack
NULL = LENGTH(-1)


@dataclass(frozen=True)
class Array:
    """A written array of one dimension."""

    kind: type
    data: bytes


def _instant(at: datetime) -> bytes:
    return WHOLE((at - EPOCH) // MICROSECOND)


WRITTEN: dict[type, tuple[str, Callable[[Any], bytes]]] = {
    str: ("text", str.encode),
    bytes: ("bytea", bytes),
    bool: ("bool", lambda value: b"\x01" if value else b"\x00"),
    UUID: ("uuid", lambda value: value.bytes),
    Int8: ("int8", WHOLE),
    datetime: ("timestamptz", _instant),
}
KINDS = {kind: (types[name].oid, types[name].array_oid, write) for kind, (name, write) in WRITTEN.items()}


def array(kind: type, values: Sequence[Any]) -> Array:
    """These values, each of this type or None."""
    oid, _, write = KINDS[kind]
    parts = [HEAD(1, None in values, oid), SIZE(len(values), 1)] if values else [HEAD(0, 0, oid)]
    for value in values:
        if value is None:
            parts.append(NULL)
        else:
            parts += (LENGTH(len(written := write(value))), written)
    return Array(kind, b"".join(parts))


def columns(rows: Iterable[Sequence[object]]) -> list[Array]:
    """The columns of these rows, for `unnest`; of each column the first row says what it holds."""
    return [array(type(values[0]), values) for values in zip(*rows, strict=True)]


class ArrayDumper(Dumper):
    """Hands the driver what is written already."""

    format = Format.BINARY

    def get_key(self, obj: Array, format: PyFormat) -> tuple[type, type]:
        return Array, obj.kind

    def upgrade(self, obj: Array, format: PyFormat) -> "ArrayDumper":
        of_this = type(self)(Array)
        _, of_this.oid, _ = KINDS[obj.kind]
        return of_this

    def dump(self, obj: Array) -> bytes:
        return obj.data


class ArrayTold(ArrayDumper):
    """What stands in the text of a statement that somebody only reads: Django's log of them."""

    format = Format.TEXT

    def dump(self, obj: Array) -> bytes:
        return obj.data.hex().encode()


psycopg.adapters.register_dumper(Array, ArrayTold)
psycopg.adapters.register_dumper(Array, ArrayDumper)  # the last is the one that sends
