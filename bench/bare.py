# SPDX-License-Identifier: Apache-2.0
"""Baselines without a framework: one SELECT as JSON, and a place that takes bytes and says yes.

`python -m bench.bare APPLICATION PORT WORKERS THREADS [CERTIFICATE KEY]` serves one of them with the product's server.
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from granian import Granian
from granian.constants import HTTPModes, Interfaces, RuntimeModes

Start = Callable[[str, list[tuple[str, str]]], object]
HEADERS = [("Content-Type", "application/json")]

_mine = threading.local()


def select(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """The statements of TONGBAN_BENCH_SQL on a connection of this thread; their rows as JSON."""
    if not hasattr(_mine, "connection"):
        _mine.connection = psycopg.connect(os.environ["TONGBAN_BENCH_DATABASE"], autocommit=True)
        _mine.statements = json.loads(os.environ["TONGBAN_BENCH_SQL"])
    rows = [_mine.connection.execute(sql.encode(), values, prepare=True).fetchall() for sql, values in _mine.statements]
    return _answer(start, msgspec.json.encode(rows))


def sink(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """Read the body; answer as many bytes as an acknowledgement has."""
    size = len(environ["wsgi.input"].read())
    return _answer(start, msgspec.json.encode({"read": size, "filler": "x" * int(os.environ["TONGBAN_BENCH_ANSWER"])}))


def _answer(start: Start, body: bytes) -> Iterable[bytes]:
    start("200 OK", [*HEADERS, ("Content-Length", str(len(body)))])
    return [body]


def serve(application: str, port: int, workers: int, threads: int, *tls: str) -> None:
    """As the product serves its doors."""
    Granian(
        f"bench.bare:{application}",
        address="127.0.0.1",
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=workers,
        blocking_threads=threads,
        runtime_mode=RuntimeModes.st,
        runtime_blocking_threads=1,
        backpressure=512,
        log_access=False,
        workers_kill_timeout=5,
        ssl_cert=Path(tls[0]) if tls else None,
        ssl_key=Path(tls[1]) if tls else None,
    ).serve()


if __name__ == "__main__":
    port, workers, threads = map(int, sys.argv[2:5])
    serve(sys.argv[1], port, workers, threads, *sys.argv[5:])
