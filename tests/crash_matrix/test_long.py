# SPDX-License-Identifier: Apache-2.0
"""What takes hours, on a virtual clock: a peer down for three days, a wrong clock, a backup two hours old."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.federation.restored import GANSU, HUNAN, Backup, Told, as_kept, play, require_whole
from tests.people import CHEN
from tests.world import World
from tongban.exchange.models import Inbox, Outbox, Peer

pytestmark = pytest.mark.slow
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
Record = Callable[[str, object], None]


def test_a_peer_that_is_down_for_three_days_misses_nothing(federation: World, record_property: Record) -> None:
    told = Told.begun(federation, "430100", CHEN)
    federation.network.down.add(HUNAN)
    told.submit()
    federation.network.seen.clear()
    for _ in range(72 * 20):
        federation.pass_time(3 * MINUTE)
        federation.work(GANSU)
    tries = len([sent for sent in federation.network.seen if sent.recipient == HUNAN])
    with federation.at(GANSU):
        waiting = Outbox.objects.filter(recipient=HUNAN, answered_at=None).count()

    federation.network.down.clear()
    federation.pass_time(5 * MINUTE)
    federation.settle()

    assert waiting == 1
    assert 72 * 8 <= tries <= 72 * 20  # it goes on knocking, and not like mad
    require_whole(told, HUNAN)
    play(told, told.steps()[3:])
    require_whole(told, HUNAN)
    record_property("hours down", 72)
    record_property("tries", tries)


@pytest.mark.parametrize("wrong", [GANSU, HUNAN])
@pytest.mark.parametrize("off", [10 * MINUTE, -10 * MINUTE], ids=["ahead", "behind"])
def test_a_clock_off_by_ten_minutes_is_refused_by_name_until_it_is_mended(
    federation: World, wrong: str, off: timedelta
) -> None:
    told = Told.begun(federation, "430100", CHEN)
    told.submit()
    federation.clock.off[wrong] = off
    federation.settle()
    with federation.at(GANSU):
        assert "clock_skew" in Peer.objects.get(code=HUNAN).last_error
    with federation.at(HUNAN):
        assert not Inbox.objects.filter(subject=f"case:{told.case_id}").exists()

    federation.clock.off.clear()
    federation.pass_time(20 * MINUTE)
    federation.settle()

    require_whole(told, HUNAN)
    play(told, told.steps()[3:])
    require_whole(told, HUNAN)


@pytest.mark.parametrize("lost", [HUNAN, GANSU])
def test_a_backup_two_hours_old_is_followed_up_before_anything_is_served(
    federation: World, tmp_path: Path, lost: str
) -> None:
    told = Told.begun(federation, "430100", CHEN)
    steps = told.steps()
    play(told, steps[:1])
    backup = Backup.of(federation, lost, tmp_path)
    for step in steps[1:6]:
        play(told, [step])
        federation.pass_time(HOUR * 2 / 5)
    assert told.case_id is not None
    before = as_kept(federation, HUNAN, told.case_id)

    backup.restore()
    federation.settle()

    assert federation.clock.now() - backup.at > 2 * HOUR
    assert as_kept(federation, HUNAN, told.case_id) == before
    play(told, steps[6:])
    require_whole(told, HUNAN)
