# SPDX-License-Identifier: Apache-2.0
"""What is missing is asked for again; what was refused or set aside waits for a person, who is given the means."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from tests import story
from tests.federation.test_exchange import GANSU, HUNAN, NOTE, heard, knock, letter, pack, take_down, tell
from tests.federation.test_window_pages import Desk
from tests.people import CHEN, SUN, staff
from tests.world import World
from tongban.exchange import actions as exchange
from tongban.exchange import queries, registry
from tongban.exchange.actions import refusing
from tongban.exchange.actions.writing import Priority
from tongban.exchange.errors import NotDead
from tongban.exchange.models import Followed, Gap, Inbox, Outbox, Refused, Sample
from tongban.ledger.queries import story as diary
from tongban.standards.actor import Actor
from tongban.standards.refusal import NotAllowed

JILIN = "220000"


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    registry.handles(NOTE)(take_down)
    yield
    registry.KINDS.pop(NOTE, None)


@pytest.fixture
def sun(federation: World) -> Actor:
    """The operator."""
    return story.officer(federation, SUN)


def mend(world: World, node: str = HUNAN) -> bool:
    with world.at(node):
        return exchange.mend_gaps_once(world.clock.now(), world.network)


def forget(world: World, *sequences: int, node: str = HUNAN) -> None:
    """Something took these out of the inbox: a damaged disk, a careless hand."""
    with world.at(node):
        Inbox.objects.filter(sender=GANSU, subject="note:1", sequence__in=sequences).delete()
        Followed.objects.filter(sender=GANSU, subject="note:1").update(last=min(sequences) - 1)


# Gaps


def test_what_is_missing_before_a_waiting_message_is_asked_for_again(federation: World) -> None:
    for word in ("one", "two", "three"):
        tell(federation, word)
    federation.settle()
    forget(federation, 2, 3)
    tell(federation, "four")
    federation.settle()
    assert heard(federation) == ["one", "two", "three"]

    federation.pass_time(timedelta(seconds=11))
    assert mend(federation)
    federation.settle()

    assert heard(federation) == ["one", "two", "three", "two", "three", "four"]
    assert not mend(federation)
    with federation.at(HUNAN):
        assert not Gap.objects.exists()


def test_a_gap_is_given_a_moment_to_close_by_itself(federation: World) -> None:
    knock(federation, pack(federation, [letter(federation, "two", sequence=2)]))

    assert not mend(federation)
    knock(federation, pack(federation, [letter(federation, "one")]))
    federation.settle()
    federation.pass_time(timedelta(seconds=11))

    assert not mend(federation)
    assert heard(federation) == ["one", "two"]


def test_a_gap_that_cannot_be_closed_is_asked_about_less_and_less_and_shown(federation: World) -> None:
    knock(federation, pack(federation, [letter(federation, "two", sequence=2)]))
    federation.pass_time(timedelta(seconds=11))

    asked = 0
    for _ in range(60):
        asked += mend(federation)
        federation.pass_time(timedelta(seconds=10))

    assert 4 <= asked <= 8
    with federation.at(HUNAN):
        shown = queries.gaps()[0]
    assert (shown.sender, shown.subject, shown.after, shown.before) == (GANSU, "note:1", 0, 2)
    assert shown.answer == "对方重新发送 0 件"


def test_a_peer_that_is_away_is_asked_when_it_is_back(federation: World) -> None:
    tell(federation, "one")
    tell(federation, "two")
    federation.settle()
    forget(federation, 1)
    with federation.at(HUNAN):
        Inbox.objects.filter(sender=GANSU, sequence=2).update(state="received")
    federation.network.down.add(GANSU)
    federation.pass_time(timedelta(seconds=11))
    assert mend(federation)
    federation.network.down.clear()

    federation.pass_time(timedelta(seconds=11))
    assert mend(federation)
    federation.settle()
    assert heard(federation)[-2:] == ["one", "two"]


# One place of a subject belongs to one message


def test_another_message_at_a_place_that_is_taken_is_refused_by_name(federation: World) -> None:
    first, second = letter(federation, "one"), letter(federation, "other")
    assert knock(federation, pack(federation, [first])).answers == {str(first.id): "stored"}

    came = knock(federation, pack(federation, [second]))
    federation.settle()

    assert came.answers == {str(second.id): "sequence_reused"}
    assert heard(federation) == ["one"]


def test_two_messages_at_one_place_in_one_batch_are_not_both_believed(federation: World) -> None:
    first, second = letter(federation, "one"), letter(federation, "other")

    came = knock(federation, pack(federation, [first, second]))

    assert came.answers == {str(first.id): "stored", str(second.id): "sequence_reused"}


def test_two_messages_with_one_number_in_one_batch_spoil_it(federation: World) -> None:
    first = letter(federation, "one")

    came = knock(federation, pack(federation, [first, letter(federation, "other", id=first.id, sequence=2)]))

    assert (came.status, came.code) == (400, "malformed")


# The desk


def refused_letter(world: World) -> UUID:
    """A letter of Gansu's that Hunan has refused: its place was taken by a forgery of ours."""
    knock(world, pack(world, [letter(world, "taken")]))
    tell(world, "refused")
    world.settle()
    with world.at(GANSU):
        return queries.dead_letters()[0].message_id


def test_a_refused_letter_is_shown_and_written_anew(federation: World, sun: Actor) -> None:
    dead = refused_letter(federation)
    with federation.at(GANSU):
        shown = queries.dead_letters()[0]
        assert (shown.recipient, shown.answer, shown.subject) == (HUNAN, "sequence_reused", "note:1")
        exchange.write_anew(dead, actor=sun, at=federation.clock.now())
        assert queries.dead_letters() == []
    federation.settle()

    assert heard(federation) == ["taken", "refused"]
    with federation.at(GANSU):
        assert diary(f"exchange/{HUNAN}")[-1].verb == "exchange.letter.rewritten"
        with pytest.raises(NotDead):
            exchange.write_anew(dead, actor=sun, at=federation.clock.now())


def test_a_letter_can_go_to_the_node_that_speaks_for_its_region_now(federation: World, sun: Actor) -> None:
    dead = refused_letter(federation)

    with federation.at(GANSU):
        exchange.write_anew(dead, to=JILIN, actor=sun, at=federation.clock.now())
    federation.settle()

    assert heard(federation, node=JILIN) == ["refused"]


def test_a_letter_can_go_once_more_as_it_is(federation: World, sun: Actor) -> None:
    dead = refused_letter(federation)
    forget(federation, 1)

    with federation.at(GANSU):
        exchange.send_refused_again(dead, actor=sun, at=federation.clock.now())
    federation.settle()

    assert heard(federation) == ["taken", "refused"]


def test_a_letter_can_be_handed_to_somebody(federation: World, sun: Actor) -> None:
    dead = refused_letter(federation)

    with federation.at(GANSU):
        exchange.hand_letter(dead, to="兰州市政务服务中心值班室", actor=sun, at=federation.clock.now())

        assert queries.dead_letters() == []
        assert Outbox.objects.get(message_id=dead).note == "兰州市政务服务中心值班室"


def test_only_operators_may(federation: World, sun: Actor) -> None:
    dead = refused_letter(federation)
    chen = story.officer(federation, CHEN)

    with federation.at(GANSU), pytest.raises(NotAllowed):
        exchange.write_anew(dead, actor=chen, at=federation.clock.now())


def test_a_message_set_aside_can_be_handed_to_somebody_and_still_waits(federation: World, sun: Actor) -> None:
    tell(federation, "bad", poison="refusal")
    federation.settle()

    with federation.at(HUNAN):
        shown = queries.parked()[0]
        exchange.hand_parked(GANSU, shown.message_id, to="李工", actor=sun, at=federation.clock.now())
        assert queries.parked()[0].note == "李工"


# Priorities


def test_what_people_wait_for_goes_before_what_is_sent_in_bulk(federation: World) -> None:
    with federation.at(GANSU):
        for number in range(3):
            body = {"word": f"bulk {number}"}
            exchange.send(
                [HUNAN],
                kind=NOTE,
                subject=f"note:{number}",
                body=body,
                at=federation.clock.now(),
                priority=Priority.BULK,
            )
    tell(federation, "urgent", "note:9")

    with federation.at(GANSU):
        waiting = queries.due(HUNAN, 10, 1_000_000)
        kinds = [Outbox.objects.get(position=each.position).subject for each in waiting]
    assert kinds == ["note:9", "note:0", "note:1", "note:2"]


# Refusals


def test_a_known_node_that_is_refused_stands_in_the_ledger_so_often_an_hour(federation: World) -> None:
    packed = pack(federation, [letter(federation)])
    knock(federation, packed)
    for _ in range(refusing.NOTED + 5):
        assert knock(federation, packed).code == "replayed"

    with federation.at(HUNAN):
        assert len(diary(f"exchange/{GANSU}")) == refusing.NOTED
        assert Refused.objects.get(sender=GANSU, code="replayed").count == refusing.NOTED + 5
    federation.pass_time(timedelta(hours=1, minutes=1))
    stale = knock(federation, packed, at=federation.clock.now())
    assert stale.status == 409
    with federation.at(HUNAN):
        assert len(diary(f"exchange/{GANSU}")) == refusing.NOTED + 1


def test_strangers_are_counted_and_only_the_last_few_are_kept_in_part(federation: World) -> None:
    for number in range(refusing.SAMPLES + 20):
        assert knock(federation, b"x" * 5000, sender=f"stranger {number}").status == 400

    with federation.at(HUNAN):
        assert Refused.objects.get(sender="unknown").count == refusing.SAMPLES + 20
        assert Sample.objects.count() == refusing.SAMPLES
        assert max(len(bytes(row.beginning)) for row in Sample.objects.all()) == refusing.BEGINNING
        assert diary("exchange/unknown") == []


def test_a_stranger_who_claims_a_name_is_not_noted_under_it(federation: World) -> None:
    forged = pack(federation, [letter(federation)], batch=uuid7())

    came = knock(federation, forged.bytes()[:-1] + b"X", sender=GANSU)

    assert came.status >= 400
    with federation.at(HUNAN):
        assert not Refused.objects.filter(sender=GANSU, code="signature_invalid").exists()


# The page


@pytest.fixture
def desk(federation: World) -> Desk:
    """The operator's browser at Gansu's node, where letters were refused."""
    return Desk(federation, staff("sunqiang", GANSU))


def test_the_operator_sees_on_a_page_what_waits_and_writes_it_anew(federation: World, desk: Desk) -> None:
    dead = refused_letter(federation)
    assert "被拒收 1 份" in desk.get("/desk/operations/")
    page = desk.get("/desk/operations/letters/")
    assert str(dead) in page and "同一对象的同一序号已用于另一份报文" in page

    done = desk.post(f"/desk/operations/letters/{dead}/anew/", {"to": HUNAN})

    assert "已按新编号重新写发" in done and str(dead) not in done
    federation.settle()
    assert heard(federation) == ["taken", "refused"]


def test_handing_over_needs_a_name_and_says_so_beside_the_field(federation: World, desk: Desk) -> None:
    dead = refused_letter(federation)

    page = desk.post(f"/desk/operations/letters/{dead}/hand/", {"to": "  "})
    assert desk.answer.status_code == 422
    assert f'href="#f-{dead}-hand"' in page and "请填写交给谁处理" in page

    assert "已交出" in desk.post(f"/desk/operations/letters/{dead}/hand/", {"to": "值班室"})


def test_what_somebody_else_has_settled_meanwhile_is_said_plainly(federation: World, desk: Desk) -> None:
    dead = refused_letter(federation)
    desk.post(f"/desk/operations/letters/{dead}/again/", {})

    assert "不需要再处理" in desk.post(f"/desk/operations/letters/{dead}/again/", {})
    assert desk.answer.status_code == 409


def test_messages_set_aside_and_gaps_stand_on_the_page_too(federation: World) -> None:
    desk = Desk(federation, staff("sunqiang", HUNAN))
    tell(federation, "bad", poison="refusal")
    federation.settle()
    knock(federation, pack(federation, [letter(federation, "late", subject="note:2", sequence=4)]))
    federation.pass_time(timedelta(seconds=11))
    mend(federation)
    with federation.at(HUNAN):
        parked = queries.parked()[0]

    page = desk.get("/desk/operations/letters/")
    assert "第 0 件之后、第 4 件之前" in page

    done = desk.post(f"/desk/operations/letters/{GANSU}/{parked.message_id}/assign/", {"to": "李工"})
    assert "李工" in done
    assert "马上重新处理" in desk.post(f"/desk/operations/letters/{GANSU}/{parked.message_id}/retry/", {})


def test_the_page_is_for_operators(federation: World) -> None:
    desk = Desk(federation, CHEN)
    desk.get("/desk/operations/letters/")

    assert desk.answer.status_code == 403
