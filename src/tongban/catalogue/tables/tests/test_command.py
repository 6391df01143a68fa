# SPDX-License-Identifier: Apache-2.0
"""`tongban items`: operators hand files over and take them away on the command line."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.people import LANZHOU_POLICE
from tongban.catalogue import actions
from tongban.catalogue import queries as catalogues
from tongban.catalogue.models import ImportFile, ItemImport
from tongban.catalogue.tables import actions as importing
from tongban.catalogue.tables.columns import Table
from tongban.catalogue.tables.tests.test_importing import TASK, file, item
from tongban.catalogue.tables.tests.things import tables_of
from tongban.catalogue.tables.writing import table
from tongban.catalogue.tests.layers import NODE, layer
from tongban.cli.items import items as items_command
from tongban.standards import clock
from tongban.standards.node import Node

Run = Callable[..., Result]


@pytest.fixture
def run(node: Node, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command, in this node's process."""
    # This process is the node's already.
    monkeypatch.setattr(sys.modules["tongban.cli.items"], "as_node", lambda folder: None)
    actions.publish_basic(layer(), actor=NODE, at=clock.now())

    def told(*words: str) -> Result:
        return CliRunner().invoke(items_command, [words[0], "--home", str(tmp_path), *words[1:]])

    return told


def test_a_trial_leaves_nothing_and_publishing_publishes(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "items.zip"
    place.write_bytes(file())
    tried = run("import", str(place))
    assert (tried.exit_code, "新增 1，变更 0，不变 0，错误 0" in tried.output) == (0, True), tried.output
    assert not ImportFile.objects.exists()
    assert run("import", str(place), "--publish").exit_code == 0
    assert catalogues.item(TASK).version == 1
    assert "新增 0，变更 0，不变 1" in run("import", str(place), "--publish").output
    assert catalogues.item(TASK).version == 1


def test_when_something_changed_before_publishing_the_command_says_so(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def confirm_late(*given: object, **how: object) -> object:
        actions.publish_basic(layer(visit_reason=""), actor=NODE, at=clock.now())
        return confirm(*given, **how)  # type: ignore[arg-type]

    confirm = importing.confirm
    monkeypatch.setattr(importing, "confirm", confirm_late)
    place = tmp_path / "items.zip"
    place.write_bytes(file())
    told = run("import", str(place), "--publish")

    assert told.exit_code == 1
    assert "有了变化，没有发布" in told.output
    assert ItemImport.objects.get().stage == "dropped"


def test_a_folder_of_tables_is_read_and_its_faults_are_written_down(run: Run, tmp_path: Path) -> None:
    folder, report = tmp_path / "tables", tmp_path / "report.csv"
    folder.mkdir()
    tables = tables_of(item())
    tables[Table.BASIC][1][tables[Table.BASIC][0].index("task_type")] = "77"
    for name, rows in tables.items():
        (folder / f"{name.value}.csv").write_bytes(table(rows))
    told = run("import", str(folder), "--publish", "--report", str(report))

    assert told.exit_code == 1
    assert "一项也没有发布" in told.output
    assert "wrong_value" in report.read_text(encoding="utf-8-sig")
    assert ItemImport.objects.get().stage == "dropped"


def test_what_is_handed_to_an_organization_waits_for_its_people(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "items.zip"
    place.write_bytes(file())
    told = run("import", str(place), "--organization", LANZHOU_POLICE.code)
    assert told.exit_code == 0, told.output
    kept = ItemImport.objects.get()
    assert (kept.stage, kept.organization, kept.lease) == ("ready", LANZHOU_POLICE.code, None)


def test_what_goes_out_comes_back_without_a_change(run: Run, tmp_path: Path) -> None:
    place = tmp_path / "in.zip"
    place.write_bytes(file())
    run("import", str(place), "--publish")
    for name in ("out.xlsx", "out.zip", "out.json"):
        assert run("export", str(tmp_path / name), "--organization", LANZHOU_POLICE.code).exit_code == 0
        assert "新增 0，变更 0" in run("import", str(tmp_path / name)).output
