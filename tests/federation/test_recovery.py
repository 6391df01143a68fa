# SPDX-License-Identifier: Apache-2.0
"""A node comes back from an older backup: what it told others and heard from them comes back, and nothing twice."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.federation.restored import GANSU, HUNAN, Backup, Told, as_kept, play, require_whole
from tests.people import CHEN
from tests.world import Sent, World
from tongban.cases import actions as cases

MOMENTS = [(0, 1), (0, 4), (0, 7), (1, 2), (1, 3), (2, 5), (3, 6), (4, 7), (6, 7)]
OFTEN = MOMENTS[1::3]  # of the node that took in, which differs little; the others in `make verify`


@pytest.mark.parametrize(
    ("lost", "backed_up", "died"),
    [(HUNAN, *moment) for moment in MOMENTS]
    + [pytest.param(GANSU, *each, marks=() if each in OFTEN else pytest.mark.slow) for each in MOMENTS],
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


def test_a_file_comes_back_with_a_line_that_was_still_on_its_way_when_it_was_lost(
    federation: World, tmp_path: Path
) -> None:
    told = Told.begun(federation, "430100", CHEN)
    play(told, told.steps()[:2])
    backup = Backup.of(federation, GANSU, tmp_path)
    federation.network.faults.append(lambda sent: None if sent.sender == HUNAN and is_batch(sent) else sent)
    told.correct()
    for _ in range(4):
        federation.work(GANSU)
        federation.work(HUNAN)
    assert told.case_id is not None
    assert as_kept(federation, HUNAN, told.case_id)["lines"][-1][0] == "correct"  # type: ignore[index]

    backup.restore()
    federation.settle()
    federation.network.faults.clear()
    federation.pass_time(timedelta(minutes=10))
    federation.settle()

    require_whole(told, HUNAN)


def is_batch(sent: Sent) -> bool:
    """Whether it carries messages."""
    return sent.url.endswith("/exchange/batches")


def files_do_not_arrive(sent: Sent) -> Sent | None:
    """Messages pass, files do not."""
    return None if "/exchange/files/" in sent.url else sent


def answers_are_lost(world: World) -> Callable[[Sent], Sent | None]:
    """What Lanzhou's node sends arrives, and it never hears of it."""

    def fault(sent: Sent) -> Sent | None:
        if sent.sender != GANSU or not is_batch(sent):
            return sent
        world.request(sent.recipient, sent.method, sent.url, sent.headers, sent.body, door="exchange")
        return None

    return fault


@pytest.mark.parametrize("unheard", ["submit", "withdraw"])
def test_what_was_decided_on_a_letter_that_its_sender_still_keeps_sending_is_not_decided_again(
    federation: World, tmp_path: Path, unheard: str
) -> None:
    told = Told.begun(federation, "430100", CHEN)
    if unheard == "withdraw":
        play(told, told.steps()[:1])
    backup = Backup.of(federation, HUNAN, tmp_path)
    federation.network.faults.append(answers_are_lost(federation))
    if unheard == "submit":
        told.submit()
    else:
        withdraw(told)
    for _ in range(4):
        federation.work(GANSU)
        federation.work(HUNAN)
    assert told.case_id is not None
    before = as_kept(federation, HUNAN, told.case_id)
    assert as_kept(federation, GANSU, told.case_id)["lines"] == before["lines"]

    federation.network.faults.clear()
    backup.restore()
    federation.pass_time(timedelta(minutes=10))
    federation.settle()
    federation.pass_time(timedelta(minutes=10))
    federation.settle()

    assert as_kept(federation, HUNAN, told.case_id)["lines"] == before["lines"]
    require_whole(told, HUNAN)


def withdraw(told: Told) -> None:
    """The applicant asks for it where they are."""
    assert told.case_id is not None
    with told.world.at(GANSU):
        now = told.world.clock.now()
        cases.withdraw(told.case_id, actor=told.zhang, at=now, reason="不需要了。")
