# SPDX-License-Identifier: Apache-2.0
"""The supervisor over toy nodes: real processes, real signals, a real database server."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.people import ZHANG
from tongban.database.server import Server
from tongban.demo import processes, status
from tongban.demo.plan import SOURCE, Places
from tongban.demo.tests import toy
from tongban.identity.source import HttpSource

PATIENCE = 30.0
STEP = 210  # more than the ports of one demo span


@pytest.fixture
def places() -> Iterator[Places]:
    """A demo folder of its own on ports that nobody else uses."""
    with tempfile.TemporaryDirectory(prefix="tongban-demo-") as folder:
        Path(folder).chmod(0o711)
        made = Places(Path(folder) / "data", port=a_free_range(), planned=toy.TWO)
        yield made
        status.reset(made)


def a_free_range() -> int:
    start = 20000 + os.getpid() % 100 * STEP
    while not all(map(processes.is_free, Places(Path(), start).ports())):
        start += STEP
    return start


def up(places: Places, **more: str) -> subprocess.Popen[str]:
    said = {"TONGBAN_DEMO_DATA": str(places.data), "TONGBAN_DEMO_PORT": str(places.port)}
    source = Path(toy.__file__).parents[3]
    program = "from tongban.demo.tests import toy; toy.main()"
    return subprocess.Popen(
        [sys.executable, "-c", program],
        env=os.environ | said | more | {"PYTHONPATH": str(source)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def until(claim: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE
    while not claim() and time.monotonic() < end:
        time.sleep(0.05)
    assert claim()


def is_ready(places: Places) -> bool:
    try:
        noted = json.loads(places.state.read_text())
    except FileNotFoundError:
        return False
    return bool(noted["state"] == "ready" and noted["pid"] == status.pid_of(places))


def processes_of(places: Places, code: str) -> dict[str, Any]:
    nodes = json.loads(places.state.read_text())["nodes"]
    return dict(nodes[code])


def test_the_nodes_start_and_end_without_leaving_anything(places: Places) -> None:
    demo = up(places)
    until(lambda: is_ready(places))
    report = status.report(places)

    assert [node["code"] for node in report["nodes"]] == [node.code for node in toy.TWO]
    assert all(len(node["processes"]) == 3 and node["memory_bytes"] > 0 for node in report["nodes"])

    demo.send_signal(signal.SIGINT)
    assert demo.wait(PATIENCE) == 0
    until(lambda: processes.strays(places.data) == [])
    assert not Server(places.database).running
    assert status.report(places)["state"] == "stopped"
    assert demo.stdout is not None
    assert "演示环境已就绪" in demo.stdout.read()


def test_a_killed_process_comes_back_and_leaves_no_orphan_on_its_port(places: Places) -> None:
    demo = up(places)
    until(lambda: is_ready(places))
    before = processes_of(places, "430000")["web"]["pid"]
    orphan = processes.family(before)[1]

    os.kill(before, signal.SIGKILL)

    until(lambda: processes_of(places, "430000")["web"]["pid"] not in (before, None))
    until(lambda: not Path(f"/proc/{orphan}").exists())
    assert processes_of(places, "430000")["web"]["restarts"] == 1
    assert demo.poll() is None
    assert status.stop(places)
    assert demo.wait(PATIENCE) == 0


def test_the_identity_source_is_a_process_of_its_own_and_comes_back(places: Places) -> None:
    up(places)
    until(lambda: is_ready(places))
    source = HttpSource(places.identity_source)
    until(lambda: not processes.is_free(places.port + SOURCE))
    before = status.report(places)["identity_source"]["pid"]

    assert source.ask(ZHANG.name, "resident_id", ZHANG.id_number) == "match"

    os.kill(before, signal.SIGKILL)
    until(lambda: status.report(places)["identity_source"]["pid"] not in (before, None))
    until(lambda: not processes.is_free(places.port + SOURCE))
    assert source.ask("张威", "resident_id", ZHANG.id_number) == "mismatch"


def test_a_killed_database_comes_back(places: Places) -> None:
    up(places)
    until(lambda: is_ready(places))
    before = Server(places.database).pid
    assert before is not None

    os.kill(before, signal.SIGKILL)

    until(lambda: Server(places.database).pid not in (before, None))


def test_a_second_start_says_that_the_demo_already_runs(places: Places) -> None:
    up(places)
    until(lambda: is_ready(places))

    said, _ = up(places).communicate(timeout=PATIENCE)

    assert f"演示环境已经在运行(进程 {status.pid_of(places)})" in said


def test_a_busy_port_is_one_sentence_with_its_owner(places: Places) -> None:
    with socket.create_server(("127.0.0.1", places.port + 101)):
        said, _ = up(places).communicate(timeout=PATIENCE)

    assert f"端口 {places.port + 101} 已被占用" in said
    assert f"(进程 {os.getpid()})" in said
    assert "Traceback" not in said


def test_after_the_supervisor_was_killed_nothing_lives_on_and_it_starts_again(places: Places) -> None:
    first = up(places)
    until(lambda: is_ready(places))

    first.kill()
    first.wait()

    until(lambda: processes.strays(places.data) == [])
    up(places)
    until(lambda: is_ready(places) and status.pid_of(places) != first.pid)


def test_a_node_that_cannot_start_ends_the_demo_with_its_last_words(places: Places) -> None:
    said, _ = up(places, TOY_BROKEN="430000").communicate(timeout=PATIENCE)

    assert "节点 430000 的" in said
    assert "进程无法启动" in said
    assert "this node is broken" in said
    until(lambda: processes.strays(places.data) == [])
