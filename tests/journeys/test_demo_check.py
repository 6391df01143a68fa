# SPDX-License-Identifier: Apache-2.0
"""The command that a stranger types: it walks the stories through real HTTP and proves every line."""

import subprocess

import pytest

from tests.journeys.running import Demo


def test_the_check_of_the_demo_passes(checked: subprocess.CompletedProcess[str]) -> None:
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "全部相符" in checked.stdout
    assert checked.stdout.count("已办结") == 3
    assert "sm2 签名有效" in checked.stdout


@pytest.mark.slow
def test_the_check_says_where_it_failed_and_does_not_pass(demo: Demo) -> None:
    demo.server.shut("node_430000")
    try:
        said = demo.tongban("demo", "check")
    finally:
        demo.server.reopen("node_430000")

    assert said.returncode == 1
    assert "不符：" in said.stdout


def test_the_demo_says_what_runs(demo: Demo) -> None:
    said = demo.tongban("demo", "status", "--json")

    assert said.returncode == 0
    for node in demo.nodes.values():
        assert node.address in said.stdout
    assert '"state": "ready"' in said.stdout
