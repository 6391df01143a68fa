# SPDX-License-Identifier: Apache-2.0
"""The pieces of the set-up that need no server; the whole of it is what `make demo-check` runs on."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest
from click import Command, Group
from click.testing import CliRunner

from tongban.cli import main
from tongban.demo import processes, setup
from tongban.demo.plan import NODES, PORT, Places, places


def test_what_was_done_is_remembered_across_starts(tmp_path: Path) -> None:
    setup.Done(tmp_path / "prepared.json").note("migrations", "abc")

    assert setup.Done(tmp_path / "prepared.json").get("migrations") == "abc"
    assert setup.Done(tmp_path / "prepared.json").get("trust") is None


def test_a_process_of_a_node_hears_of_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGBAN_DATABASE_URL", "postgresql:///of-somebody-else")
    monkeypatch.setenv("PGPASSWORD", "secret")
    demo = Places(tmp_path)

    said = setup.environment(demo.nodes()[1], demo)

    assert said["TONGBAN_HOME"] == str(tmp_path / "nodes" / "430000")
    assert not {"TONGBAN_DATABASE_URL", "PGPASSWORD"} & set(said)


def test_the_plan_speaks_for_different_regions_on_different_ports() -> None:
    demo = Places(Path("/demo"))

    assert [node.code for node in demo.nodes()] == ["000000", "430000", "620000", "220000", "130000"]
    assert demo.nodes()[3].address == "http://220000.localhost:8003"
    assert demo.nodes()[3].dial == "http://127.0.0.1:8103"
    assert [node.code for node in NODES if node.suite == "sm2"] == ["220000"]
    assert len(set(demo.ports())) == len(demo.ports()) > 2 * len(NODES)
    assert all(node.regions == (node.code[:2],) for node in NODES)


def test_the_environment_names_another_folder_and_other_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TONGBAN_DEMO_DATA", "/somewhere/else")
    monkeypatch.setenv("TONGBAN_DEMO_PORT", "9000")
    assert places() == Places(Path("/somewhere/else"), 9000)

    monkeypatch.delenv("TONGBAN_DEMO_DATA")
    monkeypatch.delenv("TONGBAN_DEMO_PORT")
    assert (places().data.name, places().port) == (".tongban", PORT)


def test_a_failed_step_tells_its_last_words() -> None:
    command = [sys.executable, "-c", "print('1 2 halfway'); raise SystemExit('no more')"]

    with pytest.raises(setup.SetupFailure, match=r"halfway(\n|.)*no more"):
        list(setup.lines(command, {}))


def test_a_port_in_use_is_seen_with_its_owner() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert not processes.is_free(port)
        assert "进程" in processes.listener(port)
    assert processes.is_free(port)


def test_libraries_are_preloaded_without_reading_any_settings() -> None:
    program = (
        "import tongban.demo.preload, sys; from django.conf import settings\n"
        "print(settings.configured, 'tongban.config.settings' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env={})

    assert told.stdout.split() == ["False", "False"]


def every_command(group: Group, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [before]
    for name, command in group.commands.items():
        assert isinstance(command, Command)
        here = (*before, name)
        found += every_command(command, here) if isinstance(command, Group) else [here]
    return found


@pytest.mark.parametrize("words", every_command(main), ids=" ".join)
def test_every_level_of_the_command_explains_itself(words: tuple[str, ...]) -> None:
    told = CliRunner().invoke(main, [*words, "--help"])

    assert told.exit_code == 0
    assert "。" in told.output


def test_a_folder_that_is_no_node_is_a_sentence(tmp_path: Path) -> None:
    told = CliRunner().invoke(main, ["node", "serve", "pages", "--home", str(tmp_path)])

    assert told.exit_code == 1
    assert "node.toml" in told.output
    assert "Traceback" not in told.output
