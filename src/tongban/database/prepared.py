# SPDX-License-Identifier: Apache-2.0
"""Statements that are sent again and again, prepared once on each connection and answered in one call of the driver.

The driver's own cursor decides anew each time whether to prepare, and asks the socket in between: in Python, which is
half of what a short statement costs here. Its adapters, its errors and its connection are used as they are.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, cast
from weakref import WeakKeyDictionary

from psycopg import Connection, OperationalError, RawCursor
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import DiagnosticField, ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult

KEPT = 100  # statements on one connection; a plan takes memory in the server
UNKNOWN = b"26000"  # invalid_sql_statement_name
PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?([s%])")

Key = tuple[bytes, tuple[int, ...]]


def rows(connection: "Connection[Any]", sql: str, values: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """What a statement with the driver's placeholders (%s, %(name)s) returns."""
    numbered, names = in_numbers(sql)
    if isinstance(values, Mapping):
        values = [values[name] for name in names]
    return numbered_rows(connection, numbered, values)


def numbered_rows(connection: "Connection[Any]", sql: bytes, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """What a statement in PostgreSQL's own words ($1, $2) returns. The driver's errors, as its cursor raises them."""
    if connection.pgconn.transaction_status != TransactionStatus.IDLE:
        # The driver drops all that is prepared when it rolls back; here alone that would end a transaction.
        cursor = RawCursor(connection).execute(sql, values)
        return cursor.fetchall() if cursor.description else []
    adapting = Transformer(connection)
    given = cast(Any, adapting.dump_sequence(values, [PyFormat.AUTO] * len(values)))  # None is NULL to both
    result = _of(connection).send(sql, adapting, given)
    if result.status == ExecStatus.TUPLES_OK:
        adapting.set_pgresult(result)
        return adapting.load_rows(0, result.ntuples, tuple)
    if result.status == ExecStatus.COMMAND_OK:
        return []
    if connection.closed:  # the server went away and told no SQLSTATE
        raise OperationalError(result.get_error_message(adapting.encoding))
    raise error_from_result(result, encoding=adapting.encoding)


class Prepared:
    """What one connection has prepared: a statement that is sent for the second time is kept."""

    def __init__(self, connection: "Connection[Any]") -> None:
        self._line = connection.pgconn
        self._names: OrderedDict[Key, bytes] = OrderedDict()  # empty: sent once
        self._given = 0

    def send(self, sql: bytes, adapting: Any, given: Any) -> PGresult:
        """Have it answered, under its name when it has one."""
        key = (sql, adapting.types or ())
        if name := self._name(key):
            result = self._line.exec_prepared(name, given, adapting.formats, Format.TEXT)
            if result.error_field(DiagnosticField.SQLSTATE) != UNKNOWN:
                return result
            self._names.clear()  # the driver has dropped them all; nothing was done
        return self._line.exec_params(sql, given, adapting.types, adapting.formats, Format.TEXT)

    def _name(self, key: Key) -> bytes:
        """The name it is prepared under; empty when it is sent for the first time, or cannot be prepared."""
        known = self._names.get(key)
        if known:
            self._names.move_to_end(key)
            return known
        if known is None:
            self._names[key] = b""
            self._forget()
            return b""
        self._given += 1
        name = b"tongban_%d" % self._given
        if self._line.prepare(name, *key).status != ExecStatus.COMMAND_OK:
            return b""  # sent as it is, it says what is wrong
        self._names[key] = name
        return name

    def _forget(self) -> None:
        while len(self._names) > KEPT:
            _, name = self._names.popitem(last=False)
            if name:
                self._line.exec_(b"DEALLOCATE " + name)


_prepared: "WeakKeyDictionary[Connection[Any], Prepared]" = WeakKeyDictionary()


def _of(connection: "Connection[Any]") -> Prepared:
    found = _prepared.get(connection)
    if found is None:
        found = _prepared[connection] = Prepared(connection)
    return found


@lru_cache(maxsize=256)
def in_numbers(sql: str) -> tuple[bytes, tuple[str, ...]]:
    """A statement in PostgreSQL's own words, and the names of its values where it has names."""
    names: dict[str, int] = {}
    count = 0

    def one(found: re.Match[str]) -> str:
        nonlocal count
        if found[2] == "%":
            return "%"
        if found[1]:
            return f"${names.setdefault(found[1], len(names) + 1)}"
        count += 1
        return f"${count}"

    return PLACEHOLDER.sub(one, sql).encode(), tuple(names)
