# SPDX-License-Identifier: Apache-2.0
"""Recovery when things go wrong: silent and lying peers, crashes, two at once, the lost machine alive again."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests import story
from tests.federation.restored import GANSU, HUNAN, JILIN, Backup, Told, as_kept, play, require_whole
from tests.federation.test_story_proxy import HE, rule_card, seen, taken_in
from tests.people import CHEN, LIU, MA, SUN
from tests.world import World
from tongban.cases import actions as cases
from tongban.cases.models import Case, Event, Request
from tongban.catalogue import actions as catalogue
from tongban.catalogue.models import ItemVersion
from tongban.exchange import actions as exchange
from tongban.exchange import queries
from tongban.exchange.errors import NotRecovering
from tongban.exchange.models import Inbox, Myself, Outbox, Peer, Recovery, Returned, Wanted
from tongban.exchange.queries import returning
from tongban.exchange.transport import Answer, Transport
from tongban.ledger.queries import story as diary
from tongban.licences.models import Licence
from tongban.regions import membership
from tongban.regions.queries import trust_list
from tongban.standards.actor import system
from tongban.standards.canonical import canonical

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
JSON = {"Accept": "application/json"}


def begun(world: World, folder: Path, lost: str = HUNAN, *, kept: int = 1, died: int = 6) -> tuple[Told, Backup]:
    """A case that went on after a node was backed up, and that node's restored state, nobody asked yet."""
    told = Told.begun(world, "430100", CHEN)
    steps = told.steps()
    play(told, steps[:kept])
    backup = Backup.of(world, lost, folder)
    play(told, steps[kept:died])
    backup.restore()
    return told, backup


def recover(world: World, node: str = HUNAN, transport: Transport | None = None) -> bool:
    """One step of a node's recovery."""
    with world.at(node):
        return exchange.recover_once(world.clock.now(), transport or world.network)


def carry(world: World, sender: str, recipient: str) -> None:
    """What waits goes across and is kept there; nothing else is done."""
    with world.at(sender):
        exchange.deliver_once(recipient, world.clock.now(), world.network)


# Silent peers


def test_a_silent_peer_is_waited_for_and_nothing_is_served_meanwhile(federation: World, tmp_path: Path) -> None:
    told, _ = begun(federation, tmp_path)
    federation.network.down.add(GANSU)

    federation.settle()

    page = ask(federation, HUNAN, "/")
    assert (page.status, "正在从备份恢复" in page.body.decode()) == (503, True)
    assert "甘肃" in page.body.decode()
    program = ask(federation, HUNAN, "/api/v1/items", JSON)
    assert (program.status, json.loads(program.body)["code"]) == (503, "recovering")
    ready = ask(federation, HUNAN, "/readyz")
    assert (ready.status, json.loads(ready.body)["checks"]["recovery"]) == (503, "recovering")
    assert ask(federation, HUNAN, "/healthz").status == 200
    with federation.at(HUNAN):
        states = {peer.code: peer.done_at is not None for peer in queries.recovery()}
    assert states == {"000000": True, "130000": True, JILIN: True, GANSU: False}

    federation.network.down.clear()
    federation.pass_time(timedelta(seconds=10))
    federation.settle()

    require_whole(told, HUNAN)
    assert ask(federation, HUNAN, "/").status == 200
    assert ask(federation, HUNAN, "/readyz").status == 200


def ask(world: World, node: str, path: str, headers: Mapping[str, str] | None = None) -> Answer:
    """A page of a node."""
    return world.request(node, "GET", world.nodes[node].address + path, headers or {}, b"", door="pages")


def test_peers_keep_what_they_have_to_say_until_the_node_is_whole_again(federation: World, tmp_path: Path) -> None:
    told, _ = begun(federation, tmp_path, kept=1, died=2)
    told.correct()  # asked for at the intake, while the handling node has not come back
    federation.network.down.add(JILIN)
    federation.pass_time(timedelta(seconds=10))
    federation.settle()
    with federation.at(GANSU):
        assert Outbox.objects.filter(recipient=HUNAN, answered_at=None).count() == 1
        assert "recovering" in Peer.objects.get(code=HUNAN).last_error

    federation.network.down.clear()
    federation.pass_time(timedelta(minutes=6))
    federation.settle()  # refused once more on the way, while the last page is followed
    federation.pass_time(timedelta(minutes=6))
    federation.settle()

    require_whole(told, HUNAN)
    play(told, told.steps()[3:])
    require_whole(told, HUNAN)


def test_a_node_goes_on_without_a_peer_only_when_a_person_says_so(federation: World, tmp_path: Path) -> None:
    told, _ = begun(federation, tmp_path, kept=1, died=4)
    federation.network.down.add(GANSU)
    federation.settle()

    with federation.at(HUNAN):
        sun = story.officer(federation, SUN)
        exchange.go_on_without(GANSU, reason="机房进水，无法恢复", actor=sun, at=federation.clock.now())
        with pytest.raises(NotRecovering):
            exchange.go_on_without(GANSU, reason="再次", actor=sun, at=federation.clock.now())
        federation.pass_time(timedelta(seconds=10))
    federation.settle()
    with federation.at(HUNAN):
        assert not queries.is_recovering()
        assert "exchange.recovery.without" in [line.verb for line in diary("exchange/recovery")]
    before = as_kept(federation, GANSU, told.case_id)  # type: ignore[arg-type]
    told.ask_correction()  # decided anew: nobody here knows that it was decided before
    federation.network.down.clear()
    federation.pass_time(timedelta(minutes=6))
    federation.settle()

    # What crosses is refused by name and waits for a person; neither side loses or doubles anything in silence.
    with federation.at(HUNAN):
        refused = Outbox.objects.exclude(answer__in=("stored", "duplicate")).get()
        assert (refused.recipient, refused.answer) == (GANSU, "sequence_reused")
        exchange.write_anew(refused.message_id, actor=sun, at=federation.clock.now())
    federation.settle()
    with federation.at(HUNAN):
        assert Outbox.objects.filter(answer="sequence_reused", settled="").exists()
    assert as_kept(federation, GANSU, told.case_id) == before  # type: ignore[arg-type]
    with federation.at(GANSU):
        assert not Inbox.objects.exclude(state="applied").exists()


def test_the_lost_machine_may_not_speak_again(federation: World, tmp_path: Path) -> None:
    told, _ = begun(federation, tmp_path, kept=1, died=1)
    federation.settle()
    with federation.at(HUNAN):
        raised = Myself.objects.get().epoch
        Myself.objects.update(epoch=1)  # the machine that was thought lost, started once more
    told.accept()
    federation.settle()

    with federation.at(HUNAN):
        assert "epoch_stale" in Peer.objects.get(code=GANSU).last_error
        assert Outbox.objects.filter(recipient=GANSU, answered_at=None).exists()
    assert as_kept(federation, GANSU, told.case_id)["state"][0] == "submitted"  # type: ignore[index,arg-type]
    with federation.at(GANSU):
        assert Peer.objects.get(code=HUNAN).epoch == raised


def test_the_same_backup_may_be_restored_twice(federation: World, tmp_path: Path) -> None:
    told, backup = begun(federation, tmp_path, kept=1, died=4)
    federation.settle()
    again = Backup.of(federation, HUNAN, tmp_path / "again")  # keeps the savepoints in order
    play(told, told.steps()[4:5])
    before = as_kept(federation, HUNAN, told.case_id)  # type: ignore[arg-type]
    backup.put_back()
    with federation.at(HUNAN):
        exchange.begin_recovery(backup.at, actor=story.officer(federation, SUN), at=federation.clock.now())
    federation.settle()

    assert again.savepoint
    assert as_kept(federation, HUNAN, told.case_id) == before  # type: ignore[arg-type]
    require_whole(told, HUNAN)
    play(told, told.steps()[5:])
    require_whole(told, HUNAN)


# Crashes


class Crash(BaseException):
    """kill -9."""


@contextmanager
def crashing(after: int) -> Iterator[None]:
    """The process dies before its next statement but so many."""
    left = [after]

    def strike(execute: Callable[..., Any], *words: Any) -> Any:
        if left[0] == 0:
            raise Crash()
        left[0] -= 1
        return execute(*words)

    with connection.execute_wrapper(strike):
        yield


@pytest.mark.parametrize("lost", [HUNAN, GANSU])
def test_a_recovery_that_dies_at_any_statement_goes_on_from_there(
    federation: World, tmp_path: Path, lost: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(returning, "PAGE", 3)  # several pages from one peer
    told, _ = begun(federation, tmp_path, lost, kept=0, died=7)
    deaths = 0
    for after in range(400):
        with federation.at(lost):
            if not queries.is_recovering():
                break
        try:
            with federation.at(lost), crashing(after % 90):
                exchange.recover_once(federation.clock.now(), federation.network)
        except Crash:
            deaths += 1
    federation.settle()

    assert deaths > 10
    require_whole(told, HUNAN)


# Peers that lie


@dataclass
class Lying:
    """Carries what is asked for and changes what comes back."""

    honest: Transport
    change: Callable[[dict[str, Any]], object]
    of: str  # the address of the liar
    changed: int = 0

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        came = self.honest.ask(method, url, headers, body)
        if not (url.startswith(self.of) and url.endswith("/exchange/returned") and came.status == 200):
            return came
        told = json.loads(came.body)
        self.changed += 1
        self.change(told)
        return Answer(status=200, body=canonical(told))


def alter_word(told: dict[str, Any]) -> None:
    told["items"][0]["envelope"] = told["items"][0]["envelope"].replace('"subject":"', '"subject":"x')


def swap_proofs(told: dict[str, Any]) -> None:
    items = told["items"]
    items[0]["envelope"], items[-1]["envelope"] = items[-1]["envelope"], items[0]["envelope"]


def forge_head(told: dict[str, Any]) -> None:
    head = json.loads(told["items"][0]["head"])
    told["items"][0]["head"] = json.dumps(head | {"count": 7}, separators=(",", ":"), sort_keys=True)


def forge_signature(told: dict[str, Any]) -> None:
    told["items"][0]["signature"] = "00" * 64


def odd_signature(told: dict[str, Any]) -> None:
    told["items"][0]["signature"] = "zz"


def odd_place(told: dict[str, Any]) -> None:
    told["items"][0]["proof"]["index"] = -5


def no_items(told: dict[str, Any]) -> None:
    told["items"] = 7


def no_envelope(told: dict[str, Any]) -> None:
    told["items"][0]["envelope"] = "nothing of the kind"


def odd_envelope(told: dict[str, Any]) -> None:
    told["items"][0]["envelope"] = json.dumps({"v": 1, "id": 5})


LIES = [
    alter_word,
    swap_proofs,
    forge_head,
    forge_signature,
    odd_signature,
    odd_place,
    no_items,
    no_envelope,
    odd_envelope,
]


@pytest.mark.parametrize("lie", LIES)
def test_what_does_not_prove_itself_is_refused_by_name_and_nothing_is_followed(
    federation: World, tmp_path: Path, lie: Callable[[dict[str, Any]], object]
) -> None:
    told, _ = begun(federation, tmp_path)
    lying = Lying(federation.network, lie, of=federation.nodes[GANSU].dial)
    before = as_kept(federation, HUNAN, told.case_id)  # type: ignore[arg-type]
    for _ in range(12):
        recover(federation, transport=lying)

    assert lying.changed
    with federation.at(HUNAN):
        row = Recovery.objects.get(peer=GANSU)
        assert (row.done_at, row.returned, row.failure != "") == (None, 0, True)
        assert queries.is_recovering()
        assert not Returned.objects.filter(recipient=GANSU).exists()
    assert as_kept(federation, HUNAN, told.case_id) == before  # type: ignore[arg-type]

    federation.pass_time(timedelta(seconds=10))  # then somebody mends the peer
    federation.settle()
    require_whole(told, HUNAN)


def test_a_peer_cannot_return_what_another_node_said(federation: World, tmp_path: Path) -> None:
    elsewhere = Told.begun(federation, "220100", LIU)
    play(elsewhere, elsewhere.steps()[:4])
    told, _ = begun(federation, tmp_path)
    with federation.at(GANSU):
        stolen, _ = queries.told(JILIN, federation.clock.now() - timedelta(days=1), queries.place("", BEGINNING))

    def steal(page: dict[str, Any]) -> None:
        page["items"] = stolen

    lying = Lying(federation.network, steal, of=federation.nodes[GANSU].dial)
    for _ in range(12):
        recover(federation, transport=lying)

    with federation.at(HUNAN):
        assert Recovery.objects.get(peer=GANSU).failure == "报文内容与签名的摘要不符。"
        assert not Case.objects.filter(id=elsewhere.case_id).exists()
    federation.pass_time(timedelta(seconds=10))
    federation.settle()
    require_whole(told, HUNAN)


# What was on its way


def test_acts_that_reached_no_peer_are_lost_and_can_be_done_again(federation: World, tmp_path: Path) -> None:
    told = Told.begun(federation, "430100", CHEN)
    play(told, [told.submit])
    backup = Backup.of(federation, HUNAN, tmp_path)
    federation.network.down.add(HUNAN)
    told.accept()
    with federation.at(HUNAN):
        lost = Case.objects.get(id=told.case_id).project_no
    backup.restore()
    federation.network.down.clear()
    federation.settle()
    assert as_kept(federation, HUNAN, told.case_id)["state"][0] == "submitted"  # type: ignore[index,arg-type]

    play(told, told.steps()[3:])

    require_whole(told, HUNAN)
    with federation.at(HUNAN):
        assert Case.objects.get(id=told.case_id).project_no not in (lost, None)


def test_an_application_that_reached_no_peer_can_be_handed_in_again(federation: World, tmp_path: Path) -> None:
    backup = Backup.of(federation, GANSU, tmp_path)
    federation.network.down.add(GANSU)
    first = Told.begun(federation, "430100", CHEN)
    first.submit()
    backup.restore()
    federation.network.down.clear()
    federation.settle()

    again = Told.begun(federation, "430100", CHEN)
    play(again, again.steps())

    require_whole(again, HUNAN)
    assert again.number != first.number
    with federation.at(HUNAN):
        assert not Case.objects.filter(id=first.case_id).exists()


def test_custody_that_was_offered_and_never_taken_is_taken_afterwards(federation: World, tmp_path: Path) -> None:
    told = Told.begun(federation, "430100", CHEN)
    backup = Backup.of(federation, HUNAN, tmp_path)
    told.submit()
    carry(federation, GANSU, HUNAN)
    backup.restore()
    federation.settle()

    require_whole(told, HUNAN)
    assert [move for move, _ in lines(federation, told)] == ["submit", "offer", "take"]
    play(told, told.steps()[3:])
    require_whole(told, HUNAN)


def test_a_request_that_nobody_decided_is_decided_afterwards(federation: World, tmp_path: Path) -> None:
    told = Told.begun(federation, "430100", CHEN)
    play(told, told.steps()[:2])
    backup = Backup.of(federation, HUNAN, tmp_path)
    told.correct()
    carry(federation, GANSU, HUNAN)
    with federation.at(HUNAN):
        assert not Request.objects.filter(case_id=told.case_id).exists()
    backup.restore()
    federation.settle()

    require_whole(told, HUNAN)
    with federation.at(HUNAN):
        assert Request.objects.get(case_id=told.case_id).state == "accepted"
    play(told, told.steps()[3:])
    require_whole(told, HUNAN)


def test_a_paper_that_was_granted_and_never_made_is_made_afterwards(federation: World, tmp_path: Path) -> None:
    told = Told.begun(federation, "430100", CHEN)
    play(told, told.steps()[:5])
    backup = Backup.of(federation, HUNAN, tmp_path)
    told.grant()
    carry(federation, HUNAN, GANSU)
    backup.restore()
    federation.settle()

    require_whole(told, HUNAN)
    with federation.at(HUNAN):
        assert Licence.objects.filter(case_id=told.case_id, is_notice=False).count() == 1
    play(told, told.steps()[6:])
    require_whole(told, HUNAN)


def lines(world: World, told: Told) -> list[tuple[str, str]]:
    """The chain of a case."""
    with world.at(GANSU):
        return list(Event.objects.filter(case_id=told.case_id).order_by("number").values_list("move", "digest"))


# Others than the two of the story


@pytest.mark.parametrize("lost", [JILIN, GANSU])
@pytest.mark.parametrize(("kept", "died"), [(0, 7), pytest.param(2, 5, marks=pytest.mark.slow)])
def test_a_node_that_runs_sm2_comes_back_as_well(
    federation: World, tmp_path: Path, lost: str, kept: int, died: int
) -> None:
    told = Told.begun(federation, "220100", LIU)
    steps = told.steps()
    play(told, steps[:kept])
    backup = Backup.of(federation, lost, tmp_path)
    play(told, steps[kept:died])
    assert told.case_id is not None
    before = as_kept(federation, JILIN, told.case_id)

    backup.restore()
    federation.settle()

    assert as_kept(federation, JILIN, told.case_id) == before
    require_whole(told, JILIN)
    play(told, steps[died:])
    require_whole(told, JILIN)


@pytest.mark.parametrize(("first", "second"), [(HUNAN, GANSU), pytest.param(GANSU, HUNAN, marks=pytest.mark.slow)])
def test_two_nodes_may_be_restored_at_the_same_time(federation: World, tmp_path: Path, first: str, second: str) -> None:
    told = Told.begun(federation, "430100", CHEN)
    steps = told.steps()
    play(told, steps[:2])
    older = Backup.of(federation, first, tmp_path / "older")
    play(told, steps[2:4])
    newer = Backup.of(federation, second, tmp_path / "newer")
    play(told, steps[4:6])

    older.restore()
    newer.restore()
    federation.settle()

    # What the newer backup holds comes back to both; what both forgot is done again.
    require_whole(told, HUNAN)
    assert as_kept(federation, GANSU, told.case_id)["state"][0] == "accepted"  # type: ignore[index,arg-type]
    play(told, steps[4:])
    require_whole(told, HUNAN)


@pytest.mark.parametrize(
    ("lost", "moment"),
    [
        (HUNAN, "before"),
        (GANSU, "after"),
        pytest.param(HUNAN, "after", marks=pytest.mark.slow),
        pytest.param(GANSU, "before", marks=pytest.mark.slow),
    ],
)
def test_the_window_story_survives_at_either_end(federation: World, tmp_path: Path, lost: str, moment: str) -> None:
    ma, he = story.officer(federation, MA), story.approver(federation, HE)
    if moment == "before":
        backup = Backup.of(federation, lost, tmp_path)
    number = taken_in(federation, ma, way="window")
    case_id, now = seen(federation, he, number).id, federation.clock.now()
    if moment == "after":
        backup = Backup.of(federation, lost, tmp_path)
    with federation.at(HUNAN):
        cases.make_move(case_id, "receive_originals", actor=he, at=now)
        cases.make_move(case_id, "request_correction", actor=he, at=now, facts={"what": "请补身份证背面。"})
    federation.settle()
    before = as_kept(federation, HUNAN, case_id)

    backup.restore()
    federation.settle()

    assert as_kept(federation, HUNAN, case_id) == before == as_kept(federation, GANSU, case_id)
    with federation.at(GANSU):
        scan = cases.take_file(number, "id_card", "背面.png", [story.PNG + b"back"], actor=ma)
        cases.make_or_ask(case_id, "hand_in", actor=ma, at=now, facts={"note": "补交背面。"}, files=[scan])
    federation.settle()
    story.decide(federation, he, case_id)
    federation.settle()
    with federation.at(GANSU):
        b"".join(cases.fetch_result(number, actor=ma, at=now).chunks)
        cases.make_or_ask(case_id, "hand_over", actor=ma, at=now, facts={"proof": "张伟本人签收。"})
    federation.settle()
    assert (seen(federation, ma, number).state_name, seen(federation, he, number).state_name) == ("已办结", "已办结")


def test_an_item_published_in_the_lost_time_is_the_publishers_own_again(federation: World, tmp_path: Path) -> None:
    backup = Backup.of(federation, HUNAN, tmp_path)
    code = rule_card(federation, HUNAN, "changsha-fund")
    with federation.at(HUNAN):
        old = ItemVersion.objects.get(task_code=code, status="published")
        words = json.loads(bytes(old.document)) | {"name": old.name + "（新）"}
        manager = story.officer(federation, HE)
        made = catalogue.publish(words, actor=system(HUNAN), at=federation.clock.now())
        assert (made.version, manager.node) == (old.version + 1, HUNAN)
    federation.settle()

    backup.restore()
    federation.settle()

    with federation.at(HUNAN):
        back = ItemVersion.objects.get(task_code=code, status="published")
        assert (back.version, back.digest, back.origin) == (made.version, made.digest, "own")
    with federation.at(GANSU):
        assert ItemVersion.objects.get(task_code=code, status="published").digest == made.digest


def test_a_restored_hub_learns_the_lists_it_signed_from_those_who_hold_them(federation: World, tmp_path: Path) -> None:
    backup = Backup.of(federation, "000000", tmp_path)
    with federation.at("000000"):
        newer = exchange.change_at_hub(membership.renewed, federation.clock.now(), actor=system("000000"))
    with federation.at(HUNAN):
        exchange.fetch_trust_list(federation.clock.now(), federation.network)

    backup.restore()
    with federation.at("000000"):
        assert trust_list().serial == newer.serial - 1
    federation.settle()

    with federation.at("000000"):
        assert not queries.is_recovering()
        assert trust_list() == newer


def test_a_restored_node_does_not_wait_for_files_of_a_wish_that_was_refused(federation: World, tmp_path: Path) -> None:
    told = Told.begun(federation, "430100", CHEN)
    play(told, [told.submit, told.ask_correction])
    assert told.case_id is not None
    backup = Backup.of(federation, GANSU, tmp_path)
    with federation.at(GANSU):
        now = federation.clock.now()
        cases.make_or_ask(told.case_id, "withdraw", actor=told.zhang, at=now, facts={"reason": "不办了。"})
    play(told, [told.correct])

    backup.restore()
    federation.settle()

    with federation.at(GANSU):
        states = dict(Request.objects.filter(case_id=told.case_id).values_list("move", "state"))
        assert states == {"withdraw": "accepted", "correct": "refused"}
        assert not Wanted.objects.filter(fetched_at=None).exists()
