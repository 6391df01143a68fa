# SPDX-License-Identifier: Apache-2.0
"""The physical limit: PostgreSQL's own pgbench writes the same rows, in six statements a transaction.

Scripts are made from the rows that the product wrote for one real case, so they follow every migration. BEGIN and
COMMIT are two of the six; the four between them are grouped by WITH, so that no round trip is counted that a plain
program could save.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

import psycopg

from bench.client import CLIENTS
from tongban.database.server import Server

RATE = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)
THREADS = 2


class NoPgbench(Exception):
    """Neither the server's wheel nor the system brings pgbench."""


def program(server: Server) -> Path:
    """The pgbench that came with the server, else the system's."""
    own = server.programs.bin / "pgbench"
    found = own if own.exists() else which("pgbench")
    if found is None:
        raise NoPgbench("没有 pgbench：请安装 postgresql-contrib")
    return Path(found)


def run(server: Server, url: str, script: str, seconds: float, first: int) -> float:
    """Transactions a second. `first` keeps the numbers of rounds apart."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql", encoding="utf-8") as file:
        file.write(script)
        file.flush()
        words = ["-n", "-M", "prepared", f"-c{CLIENTS}", f"-j{THREADS}", f"-T{seconds:.0f}", f"-Dfirst={first}"]
        done = subprocess.run(
            [program(server), *words, "-D", "n=0", "-f", file.name, url],
            capture_output=True,
            text=True,
            check=False,
            env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
        )
    rate = RATE.search(done.stdout)
    if done.returncode or rate is None or "aborted" in done.stderr:
        raise RuntimeError(f"pgbench: {done.stdout[-500:]} {done.stderr[-1500:]}")
    return float(rate[1])


@dataclass(frozen=True)
class Rows:
    """Real rows of one table, as literals that pgbench leaves alone."""

    connection: psycopg.Connection
    table: str

    def insert(self, where: str, values: Sequence[Any], new: Mapping[str, str], tail: str = "") -> str:
        """An INSERT that writes these rows again, with other expressions in some columns."""
        columns = self._columns()
        texts = ", ".join(f"encode(convert_to((\"{name}\")::text, 'UTF8'), 'hex')" for name, _ in columns)
        rows = self.connection.execute(f"SELECT {texts} FROM {self.table} WHERE {where}".encode(), values).fetchall()
        if not rows:
            raise RuntimeError(f"no row of {self.table} to write again")
        told = [
            ", ".join(new.get(name) or _literal(text, kind) for (name, kind), text in zip(columns, row, strict=True))
            for row in rows
        ]
        names = ", ".join(f'"{name}"' for name, _ in columns)
        return f'INSERT INTO "{self.table}" ({names}) VALUES {", ".join(f"({row})" for row in told)} {tail}'

    def _columns(self) -> list[tuple[str, str]]:
        """Names and types; what the table numbers itself is left to it."""
        found = self.connection.execute(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute "
            "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = '' ORDER BY attnum",
            [self.table],
        )
        return [(name, kind) for name, kind in found]


def _literal(text: str | None, kind: str) -> str:
    """A value in hexadecimal: a colon in plain text would look like a variable to pgbench."""
    if text is None:
        return f"NULL::{kind}"
    return f"convert_from('\\x{text}'::bytea, 'UTF8')::{kind}"


def grouped(*commands: str) -> str:
    """Several writes as one statement."""
    *first, last = commands
    named = ", ".join(f"w{number} AS ({command})" for number, command in enumerate(first))
    return f"{'WITH ' + named if named else ''} {last};"
