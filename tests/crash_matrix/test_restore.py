# SPDX-License-Identifier: Apache-2.0
"""A node of real processes comes back from its backup, by the commands that an operator types."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.crash_matrix import invariants
from tests.journeys.running import Demo
from tests.journeys.walking import HUNAN, walk
from tongban.demo import setup
from tongban.standards import clock

GANSU, CHANGSHA = "620000", "430000"
pytestmark = pytest.mark.slow


@pytest.mark.parametrize("lost", [CHANGSHA, GANSU])
def test_a_restored_node_goes_on_where_the_federation_stood(
    demo: Demo, lost: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    demo.settle()
    early = walk(demo, HUNAN)
    early.submit(early.begin())
    made = demo.tongban_at(lost, "backup", "--to", str(tmp_path))
    assert made.returncode == 0, made.stdout + made.stderr
    late = walk(demo, HUNAN)
    late.submit(late.begin())
    late._decide()
    early._decide()
    invariants.require(demo, (GANSU, CHANGSHA))  # the papers too: what only the lost node has must be made anew
    kept = lines(demo, lost)

    demo.tongban("demo", "stop")
    began = clock.monotonic()
    said = restore(demo, lost, next(tmp_path.glob(f"{lost}-*")))
    demo.start()
    seconds = clock.monotonic() - began

    assert "索回" in said
    assert kept <= lines(demo, lost)
    late.citizen = early.citizen  # signed in before the backup; who signed in afterwards has to do it again
    for story in (early, late):
        story._verify(story._fetch())
        story._prove()
    invariants.require(demo, (GANSU, CHANGSHA))
    invariants.require_ledgers(demo, (GANSU, CHANGSHA))
    returned = demo.rows(lost, "SELECT COALESCE(sum(returned), 0) FROM exchange_recovery")[0][0]
    record_property("node", lost)
    record_property("messages returned", int(returned))
    record_property("seconds from backup to service", round(seconds, 1))


def restore(demo: Demo, node: str, backup: Path) -> str:
    """Put the node back while nothing of it runs. What the operator reads."""
    server = demo.server.ensure()
    try:
        said = setup.environment(demo.nodes[node], demo.places)
        said["TONGBAN_OWNER_URL"] = server.owner_url(f"node_{node}")
        command = [sys.executable, "-m", "tongban.cli", "restore", "--replace", "--from", str(backup)]
        done = subprocess.run(command, env=os.environ | said, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout
    finally:
        server.stop()


def lines(demo: Demo, node: str) -> set[tuple[object, ...]]:
    """Every line of every case that a node holds."""
    return set(demo.rows(node, "SELECT case_id, number, digest FROM cases_event"))
