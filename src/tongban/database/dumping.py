# SPDX-License-Identifier: Apache-2.0
"""Takes a whole database out into one file and puts it back, by PostgreSQL's own programs from the wheel."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tongban.database.server import ServerFailure, installed

OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
# The file makes the schema anew, with its privileges: those of the old one would come on top.
EMPTIED = "DROP SCHEMA IF EXISTS public CASCADE"


def dump(url: str, snapshot: str, to: Path) -> None:
    """Write the database as a snapshot of it shows it into a file. ServerFailure, with what the program said."""
    require_version(url)
    _run("pg_dump", url, f"--snapshot={snapshot}", "--format=custom", "--no-owner", "--schema=public", f"--file={to}")


def load(url: str, file: Path) -> None:
    """Put a file's tables in the place of whatever the database holds: all of them, or it stays empty."""
    require_version(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(EMPTIED)
    _run("pg_restore", url, "--single-transaction", "--exit-on-error", "--no-owner", str(file))


def require_version(url: str) -> None:
    """ServerFailure when the server is newer than the programs: they could not read all of it."""
    with psycopg.connect(url) as connection:
        runs = connection.info.server_version // 10000
    told = subprocess.run(  # noqa: S603  a program of the wheel
        [_program("pg_dump"), "--version"], capture_output=True, text=True, check=True
    )
    found = re.search(r"(\d+)", told.stdout.split(")")[-1])
    has = int(found[1]) if found else 0
    if has < runs:
        raise ServerFailure(
            f"数据库服务器是 PostgreSQL {runs}，随本程序的 pg_dump 是 {has}，不能完整导出。"
            "请先升级本程序，或用该服务器自带的工具备份数据库。"
        )


def tables(url: str) -> int:
    """How many tables there are."""
    return _count(url, TABLES)


def others(url: str) -> int:
    """How many connections besides this question there are."""
    return _count(url, OTHERS)


def _count(url: str, question: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(question.encode()).fetchone()
    return int(row[0]) if row else 0


def _program(name: str) -> Path:
    return installed() / "bin" / name


def _run(name: str, url: str, *words: str) -> None:
    """The password goes by the environment: everybody on the machine can read a command line."""
    parts: dict[str, Any] = conninfo_to_dict(url)
    password = str(parts.pop("password", "") or "")
    done = subprocess.run(  # noqa: S603  a program of the wheel
        [_program(name), "--no-password", f"--dbname={make_conninfo(**parts)}", *words],
        env=os.environ | {"PGPASSWORD": password, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise ServerFailure(f"PostgreSQL 的 {name} 没有成功：\n{done.stderr.strip()[-2000:]}")
