# SPDX-License-Identifier: Apache-2.0
"""What a running demo is: its processes and addresses (run.json), how much waits, and how to end it."""

import fcntl
import json
import os
import shutil
import signal
import time
from typing import Any

import psycopg

from tongban.config import home
from tongban.database.server import Server
from tongban.demo import processes
from tongban.demo.plan import Places
from tongban.standards import clock
from tongban.standards.node import Node

STOP_WITHIN = 40.0  # seconds
BACKLOG = (
    "SELECT (SELECT count(*) FROM exchange_outbox WHERE answered_at IS NULL),"
    " (SELECT count(*) FROM exchange_inbox WHERE state IN ('received', 'parked'))"
)


class AlreadyRunning(Exception):
    """The demo runs already, as this process (None when it is just starting)."""

    def __init__(self, pid: int | None) -> None:
        self.pid = pid
        super().__init__(f"演示环境已经在运行(进程 {pid})。" if pid else "演示环境正在启动。")


class NotStopping(Exception):
    """The demo was told to stop and has not."""


def note(places: Places, state: str, pid: int, running: dict[str, dict[str, Any]], database: int | None) -> None:
    """Write down what runs, for the other commands; what runs under no node's code is shared."""
    nodes = {code: own for code, own in running.items() if code}
    told = {"state": state, "pid": pid, "database": database, "shared": running.get("", {}), "nodes": nodes}
    new = places.state.with_suffix(".new")
    new.write_text(json.dumps(told, indent=1), encoding="utf-8")
    new.replace(places.state)


def forget(places: Places) -> None:
    """Nothing runs any more."""
    places.state.unlink(missing_ok=True)


def pid_of(places: Places) -> int | None:
    """The process that runs the demo, or None when none does."""
    try:
        with places.lock.open("r+") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return int(file.read() or 0) or None
    except FileNotFoundError:
        pass
    return None


def report(places: Places) -> dict[str, Any]:
    """Nodes, addresses, process ids, memory and backlog; `state` is "stopped" when nothing runs."""
    pid = pid_of(places)
    told = json.loads(places.state.read_text()) if pid and places.state.exists() else {}
    state = told.get("state", "starting" if pid else "stopped")
    nodes = [_node(node, told.get("nodes", {}).get(node.code, {})) for node in places.nodes()]
    data = {"data": str(places.data), "database": {"pid": told.get("database")}}
    source = {"address": places.identity_source, **told.get("shared", {}).get("identity_source", {"pid": None})}
    return {"state": state, "pid": pid, **data, "identity_source": source, "nodes": nodes}


def stop(places: Places) -> bool:
    """End a running demo and wait until it is gone. False when none ran; NotStopping after 40 seconds."""
    pid = pid_of(places)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    until = clock.monotonic() + STOP_WITHIN
    while pid_of(places) is not None:
        if clock.monotonic() > until:
            raise NotStopping(f"演示环境(进程 {pid})没有停下来。")
        time.sleep(0.1)
    return True


def reset(places: Places) -> None:
    """Stop the demo and delete everything it kept."""
    stop(places)
    processes.end_all(lambda: processes.strays(places.data), patience=5)
    if places.data.exists():
        Server(places.database).remove()
        shutil.rmtree(places.data)


def _node(node: Node, running: dict[str, Any]) -> dict[str, Any]:
    pids = [process["pid"] for process in running.values() if process["pid"]]
    families = {member for pid in pids for member in processes.family(pid)}
    return {
        "code": node.code,
        "name": node.name,
        "suite": node.suite,
        "address": node.address,
        "exchange": node.dial,
        "processes": running,
        "memory_bytes": processes.memory(families),
        "backlog": _backlog(node) if running else None,
    }


def _backlog(node: Node) -> dict[str, int] | None:
    """Messages that wait to be acknowledged by peers, and to be applied here; None when nobody can say."""
    try:
        with psycopg.connect(home.read(node.home).database_url, connect_timeout=2) as connection:
            row = connection.execute(BACKLOG).fetchone() or (0, 0)
            return {"to_send": row[0], "to_apply": row[1]}
    except (psycopg.Error, home.BadHome):
        return None
