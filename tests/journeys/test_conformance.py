# SPDX-License-Identifier: Apache-2.0
"""Nodes that run, tried from outside over real sockets by a peer that joined only for it, in both suites."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.journeys.running import Demo, running, wait_until
from tongban.demo.browser import Browser
from tongban.demo.plan import HUB
from tongban.regions import trustlist

pytestmark = pytest.mark.slow
SUSPENDED, REMOVED = "650000", "630000"  # joined and put aside, so that the probe can speak in their names
PORTS = {"640000": 150, "540000": 160, SUSPENDED: 170, REMOVED: 180}  # of the probes, behind those of the demo
EXPIRED = ("过期的名单", "对方的信任名单还没有到期")  # a hub that is well lets none expire
HUNAN, JILIN = "430000", "220000"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One that no other journey shares: nodes join it that nobody keeps alive."""
    with running() as made:
        for code in (SUSPENDED, REMOVED):
            join(made, tmp_path_factory.mktemp(code) / "probe", "ed25519", code)
        at_hub(made, "trust", "suspend", SUSPENDED, "--reason", "试验")
        at_hub(made, "trust", "leave", REMOVED)
        yield made


@pytest.mark.parametrize(("suite", "code", "tried"), [("sm2", "640000", HUNAN), ("ed25519", "540000", JILIN)])
def test_a_running_node_conforms(
    demo: Demo,
    tmp_path: Path,
    suite: str,
    code: str,
    tried: str,
    record_property: Callable[[str, object], None],
) -> None:
    probe, dial = tmp_path / "probe", demo.nodes[tried].dial
    join(demo, probe, suite, code)
    wait_until(lambda: code in listed(dial), lambda: f"{tried} has not heard of {code}", seconds=150)

    may = ("--may-raise-epoch", "--may-open-case")
    done = demo.tongban("conformance", "--home", str(probe), "--patience", "120", *may, "--json", dial)

    report = json.loads(done.stdout)
    verdicts = [each["verdict"] for each in report["results"]]
    record_property("情形", len(verdicts))
    record_property("符合", verdicts.count("conforms"))
    odd = [(each["name"], each["why"]) for each in report["results"] if each["verdict"] != "conforms"]
    assert (odd, report["conforms"], done.returncode) == ([EXPIRED], True, 0)
    assert (report["target"], report["peer"], report["suite"]) == (tried, code, suite)


def join(demo: Demo, probe: Path, suite: str, code: str) -> None:
    """A folder with keys, and the hub's word for them; nothing of it runs."""
    dial = demo.places.port + PORTS[code]
    addresses = ["--address", f"http://127.0.0.1:{dial + 1}", "--dial", f"http://127.0.0.1:{dial}"]
    words = ["--code", code, "--name", "测试节点", "--suite", suite, *addresses]
    asked = probe.with_name("join.json")
    succeed(demo, "node", "init", "--home", str(probe), *words, "--database-url", "postgresql://none")
    said = succeed(demo, "trust", "request", "--home", str(probe), "--region", code[:2], "--out", str(asked))
    fingerprint = said.strip().rpartition("：")[2]
    at_hub(demo, "trust", "join", str(asked), "--fingerprint", fingerprint)


def at_hub(demo: Demo, *words: str) -> None:
    done = demo.tongban_at(HUB, *words)
    assert done.returncode == 0, done.stdout + done.stderr


def succeed(demo: Demo, *words: str) -> str:
    done = demo.tongban(*words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def listed(dial: str) -> set[str]:
    """The nodes that a node knows."""
    return set(trustlist.read(trustlist.unpacked(Browser().get(f"{dial}/exchange/trust-list").body).data).nodes)


def test_an_operator_tries_a_line_and_hears_how_long_it_took(demo: Demo) -> None:
    done = demo.tongban_at(HUNAN, "exchange", "echo", JILIN, "--text", "听得到吗？", "--wait", "60")
    nobody = demo.tongban_at(HUNAN, "exchange", "echo", "990000")

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("回声已回，来回 ")
    assert nobody.returncode == 1
    assert "990000" in nobody.stderr
