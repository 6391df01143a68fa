# SPDX-License-Identifier: Apache-2.0
"""A node comes back from an older backup: what it told others and heard from them comes back, and nothing twice."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.federation.restored import GANSU, HUNAN, Backup, Told, as_kept, play, require_whole
from tests.people import CHEN
from tests.world import Sent, World


@pytest.mark.parametrize("lost", [HUNAN, GANSU])
@pytest.mark.parametrize(
    ("backed_up", "died"), [(0, 1), (0, 4), (0, 7), (1, 2), (1, 3), (2, 5), (3, 6), (4, 7), (6, 7)]
)
def test_a_restored_node_knows_again_what_it_told_and_heard(
    federation: World, tmp_path: Path, lost: str, backed_up: int, died: int
) -> None:
    told = Told.begun(federation, "430100", CHEN)
    steps = told.steps()
    play(told, steps[:backed_up])
    backup = Backup.of(federation, lost, tmp_path)
    play(told, steps[backed_up:died])
    assert told.case_id is not None
    before = as_kept(federation, HUNAN, told.case_id)

    backup.restore()
    federation.settle()

    assert as_kept(federation, HUNAN, told.case_id) == before
    require_whole(told, HUNAN)
    play(told, steps[died:])
    require_whole(told, HUNAN)
    assert as_kept(federation, GANSU, told.case_id)["state"][0] == "delivered"  # type: ignore[index]


def test_a_paper_whose_only_file_was_lost_with_the_machine_is_made_again(federation: World, tmp_path: Path) -> None:
    told = Told.begun(federation, "430100", CHEN)
    steps = told.steps()
    play(told, steps[:2])
    backup = Backup.of(federation, HUNAN, tmp_path)
    play(told, steps[2:5])
    federation.network.faults.append(files_do_not_arrive)
    play(told, steps[5:6])
    assert told.case_id is not None

    federation.network.faults.clear()
    backup.restore()
    federation.settle()
    for _ in range(4):  # the file that nobody has is asked for once, and then made again
        federation.pass_time(timedelta(minutes=6))
        federation.settle()

    moves = [move for move, _ in as_kept(federation, GANSU, told.case_id)["lines"]]  # type: ignore[attr-defined]
    assert moves[-2:] == ["issue", "remake"]
    play(told, steps[6:])
    require_whole(told, HUNAN)


def files_do_not_arrive(sent: Sent) -> Sent | None:
    """Messages pass, files do not."""
    return None if "/exchange/files/" in sent.url else sent
