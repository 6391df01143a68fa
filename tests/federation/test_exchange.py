# SPDX-License-Identifier: Apache-2.0
"""What a node lets in, what it refuses by which name, and that nothing is lost or doubled on the way."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from tests import story
from tests.people import SUN
from tests.world import Sent, World
from tongban.database.statement import Statement
from tongban.exchange import actions as exchange
from tongban.exchange import batch, hop, keys, queries, registry
from tongban.exchange.envelope import Envelope
from tongban.exchange.errors import Unreachable
from tongban.exchange.models import Batch, Inbox, Outbox, Peer, Refused
from tongban.exchange.registry import Message
from tongban.exchange.transport import Answer
from tongban.ledger.actions import continue_chain
from tongban.ledger.lines import Entry
from tongban.ledger.queries import story as diary
from tongban.ledger.queries import tip
from tongban.regions.actions import accept_trust_list, publish_trust_list
from tongban.regions.queries import trust_list, trust_list_document
from tongban.regions.tests.hub import Keys
from tongban.regions.trustlist import TrustedNode, unpacked
from tongban.standards.actor import system
from tongban.standards.crypto import suite
from tongban.standards.node import here
from tongban.standards.refusal import NotAllowed
from tongban.standards.signer import Signer

HUB, HUNAN, GANSU, JILIN = "000000", "430000", "620000", "220000"
NOTE, SECRET = "test.note", "test.secret"


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    """Two kinds of message that only these tests have: one for everybody, one that is personal."""
    registry.handles(NOTE)(take_down)
    registry.handles(SECRET, personal=True)(take_down)
    yield
    for name in (NOTE, SECRET):
        registry.KINDS.pop(name, None)


POISONS = {"refusal": NotAllowed, "key": KeyError, "stop": StopIteration, "recursion": RecursionError}


def take_down(message: Message, write: Statement) -> None:
    """Write what came into the diary of its subject, in the statement that also says it was read."""
    if (poison := POISONS.get(message.body.get("poison", ""))) is not None:
        raise poison()
    entry = Entry(verb=str(message.body["word"]), actor=message.sender, at=message.received_at, facts={})
    continue_chain(write, message.subject, tip(message.subject), [entry])


def tell(
    world: World, word: str, subject: str = "note:1", *, sender: str = GANSU, to: str = HUNAN, **more: str
) -> None:
    """One node has something to tell another."""
    with world.at(sender):
        exchange.send([to], kind=NOTE, subject=subject, body={"word": word, **more}, at=world.clock.now())


def heard(world: World, subject: str = "note:1", node: str = HUNAN) -> list[str]:
    """What a node has understood about a subject, in order."""
    with world.at(node):
        return [line.verb for line in diary(subject)]


def letter(world: World, word: str = "hello", **changed: Any) -> Envelope:
    """A message of Gansu's to Hunan."""
    words: dict[str, Any] = {
        "id": uuid7(),
        "sender": GANSU,
        "recipient": HUNAN,
        "epoch": 1,
        "kind": NOTE,
        "subject": "note:1",
        "sequence": 1,
        "occurred_at": world.clock.now(),
        "trust_serial": 1,
        "body": {"word": word},
    }
    return Envelope(**(words | changed))


def pack(world: World, letters: Sequence[Envelope], *, signer: Signer | None = None, **changed: Any) -> batch.Batch:
    """Gansu's signed batch."""
    words: dict[str, Any] = {
        "batch": uuid7(),
        "sender": GANSU,
        "recipient": HUNAN,
        "epoch": 1,
        "trust_serial": 1,
        "at": world.clock.now(),
    }
    with world.at(GANSU):
        return batch.pack(
            [one.bytes() for one in letters],
            suite=suite("ed25519"),
            signer=signer or keys.signer(),
            **(words | changed),
        )


@dataclass(frozen=True)
class Knock:
    """What came of a request at Hunan's door."""

    status: int
    told: Mapping[str, Any]

    @property
    def code(self) -> str:
        return str(self.told.get("code", ""))

    @property
    def answers(self) -> dict[str, str]:
        """The acknowledged messages."""
        answers: dict[str, str] = json.loads(self.told["acknowledgement"])["answers"]
        return answers


def knock(
    world: World,
    body: bytes | batch.Batch,
    *,
    signer: Signer | None = None,
    sender: str = GANSU,
    at: datetime | None = None,
    path: str = "/exchange/batches",
    method: str = "POST",
    **headers: str,
) -> Knock:
    """Go to Hunan's real door with a request of Gansu's, or of whoever has this key."""
    data = body if isinstance(body, bytes) else body.bytes()
    asked = hop.Hop(method=method, url=world.nodes[HUNAN].dial + path, headers=dict(headers), body=data)
    with world.at(GANSU):
        hop.sign(asked, node=sender, signer=signer or keys.signer(), at=at or world.clock.now())
    came = world.request(HUNAN, method, asked.url, asked.headers, data, door="exchange")
    return Knock(came.status, json.loads(came.body) if came.body[:1] == b"{" else {})


def kept(world: World) -> int:
    """Messages that Hunan has taken in from Gansu."""
    with world.at(HUNAN):
        return Inbox.objects.filter(sender=GANSU).count() + Batch.objects.filter(sender=GANSU).count()


def counted(world: World) -> dict[tuple[str, str], int]:
    """What Hunan has refused, by sender and name."""
    with world.at(HUNAN):
        return {(row.sender, row.code): row.count for row in Refused.objects.all()}


# Refused at the door, by name


def test_a_letter_that_is_in_order_is_let_in(federation: World) -> None:
    one = letter(federation)

    came = knock(federation, pack(federation, [one]))

    assert (came.status, came.answers) == (200, {str(one.id): "stored"})
    federation.settle()
    assert heard(federation) == ["hello"]


def test_a_body_altered_on_the_way_is_refused(federation: World) -> None:
    before = kept(federation)
    federation.network.faults.append(lambda sent: replace(sent, body=sent.body.replace(b"hello", b"HELLO")))
    tell(federation, "hello")
    with federation.at(GANSU):
        done = exchange.deliver_once(HUNAN, federation.clock.now(), federation.network)
        why = Peer.objects.get(code=HUNAN).last_error

    assert done.failed
    assert "signature_invalid" in why
    assert kept(federation) == before
    assert counted(federation)["unknown", "signature_invalid"] == 1  # the altered letter proves nothing of its sender
    federation.network.faults.clear()
    federation.pass_time(timedelta(minutes=1))
    federation.settle()
    assert heard(federation) == ["hello"]


def test_one_letter_altered_and_the_hop_signed_anew_by_the_sender_is_tampered(federation: World) -> None:
    before, packed = kept(federation), pack(federation, [letter(federation), letter(federation, sequence=2)])
    altered = replace(packed, messages=(packed.messages[0], packed.messages[1].replace(b"hello", b"HELLO")))

    came = knock(federation, altered)

    assert (came.status, came.code) == (403, "tampered")
    assert kept(federation) == before
    assert counted(federation)[GANSU, "tampered"] == 1


def test_an_attacker_without_the_key_cannot_sign_the_hop_anew(federation: World) -> None:
    stranger, packed = Keys.fresh(), pack(federation, [letter(federation)])
    altered = replace(packed, messages=(packed.messages[0].replace(b"hello", b"HELLO"),))
    pretending = Pretender(packed.head.key_id, stranger)

    assert knock(federation, altered, signer=stranger).code == "signature_invalid"
    assert knock(federation, altered, signer=pretending).code == "signature_invalid"
    assert heard(federation) == []


def test_an_attacker_without_the_key_cannot_sign_the_head_anew(federation: World) -> None:
    with federation.at(GANSU):
        pretending = Pretender(keys.signer().key_id, Keys.fresh())

    assert knock(federation, pack(federation, [letter(federation)], signer=pretending)).code == "signature_invalid"


@dataclass(frozen=True)
class Pretender:
    """Signs with a key of its own under somebody else's name."""

    key_id: str
    own: Keys
    suite: str = "ed25519"

    def sign(self, data: bytes) -> bytes:
        return self.own.sign(data)


def test_a_batch_sent_again_is_replayed_and_changes_nothing(federation: World) -> None:
    packed = pack(federation, [letter(federation)])
    knock(federation, packed)
    federation.settle()
    before = kept(federation)

    came = knock(federation, packed)

    assert (came.status, came.code) == (409, "replayed")
    assert kept(federation) == before
    federation.settle()
    assert heard(federation) == ["hello"]


def test_a_sender_that_is_on_no_list_is_unknown(federation: World) -> None:
    stranger = Keys.fresh()
    packed = pack(federation, [letter(federation, sender="990000")], sender="990000", signer=stranger)

    came = knock(federation, packed, signer=stranger, sender="990000")

    assert (came.status, came.code) == (403, "unknown_sender")
    assert counted(federation) == {("unknown", "unknown_sender"): 1}


@pytest.mark.parametrize(("status", "code"), [("suspended", "sender_suspended"), ("removed", "unknown_sender")])
def test_a_sender_that_the_hub_has_stopped_is_refused_and_not_written_to(
    federation: World, status: str, code: str
) -> None:
    packed = pack(federation, [letter(federation)])
    relist(federation, {GANSU: {"status": status}})

    assert knock(federation, packed).code == code
    tell(federation, "an answer", sender=HUNAN, to=GANSU)
    with federation.at(HUNAN):
        assert exchange.deliver_once(GANSU, federation.clock.now(), federation.network).failed
        assert Outbox.objects.filter(recipient=GANSU, answered_at=None).count() == 1


def test_a_batch_for_another_node_is_refused(federation: World) -> None:
    packed = pack(federation, [letter(federation, recipient=JILIN)], recipient=JILIN)

    came = knock(federation, packed)

    assert (came.status, came.code) == (421, "wrong_recipient")


def test_with_an_expired_trust_list_nobody_is_believed(federation: World) -> None:
    federation.pass_time(timedelta(days=31))

    came = knock(federation, pack(federation, [letter(federation)]))

    assert came.code == "trust_list_expired"
    tell(federation, "hello")
    with federation.at(GANSU):
        assert exchange.deliver_once(HUNAN, federation.clock.now(), federation.network).failed
        assert "trust_list_expired" in Peer.objects.get(code=HUNAN).last_error


def test_a_key_that_is_not_on_the_list_is_unknown(federation: World) -> None:
    fresh = Keys.fresh()

    came = knock(federation, pack(federation, [letter(federation)], signer=fresh), signer=fresh)

    assert (came.status, came.code) == (403, "unknown_key")


def test_a_key_that_is_no_longer_in_force_is_unknown(federation: World) -> None:
    with federation.at(HUB):
        listed = trust_list().node(GANSU)
    over = tuple(replace_key(key, federation.clock.now()) for key in listed.keys)
    relist(federation, {GANSU: {"keys": over}})

    assert knock(federation, pack(federation, [letter(federation)])).code == "unknown_key"


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_letter_from_another_time_is_refused(federation: World, minutes: int) -> None:
    other = federation.clock.now() + timedelta(minutes=minutes)
    old_head = pack(federation, [letter(federation)], at=other)

    assert knock(federation, old_head).code == "clock_skew"
    assert knock(federation, pack(federation, [letter(federation)]), at=other).code == "clock_skew"
    assert kept(federation) == kept(federation)


def test_an_epoch_before_the_one_already_seen_is_stale(federation: World) -> None:
    knock(federation, pack(federation, [letter(federation, epoch=5)], epoch=5))

    came = knock(federation, pack(federation, [letter(federation, sequence=2, epoch=4)], epoch=4))

    assert (came.status, came.code) == (409, "epoch_stale")
    assert knock(federation, pack(federation, [letter(federation, sequence=2, epoch=5)], epoch=5)).status == 200


def test_an_id_used_again_for_another_content_is_told_so_and_the_first_stays(federation: World) -> None:
    one = letter(federation)
    knock(federation, pack(federation, [one]))

    came = knock(federation, pack(federation, [replace(one, body={"word": "something else"})]))

    assert came.answers == {str(one.id): "id_reused"}
    federation.settle()
    assert heard(federation) == ["hello"]


def test_one_letter_twice_in_one_batch_is_applied_once(federation: World) -> None:
    one = letter(federation)

    came = knock(federation, pack(federation, [one, one]))

    assert came.answers == {str(one.id): "stored"}
    federation.settle()
    assert heard(federation) == ["hello"]


def test_a_letter_that_names_another_sender_or_recipient_than_its_batch_is_refused_alone(federation: World) -> None:
    good, theirs, elsewhere = (
        letter(federation),
        letter(federation, sender=JILIN, sequence=1, subject="note:2"),
        letter(federation, recipient=JILIN, subject="note:3"),
    )

    came = knock(federation, pack(federation, [good, theirs, elsewhere]))

    assert came.answers == {
        str(good.id): "stored",
        str(theirs.id): "wrong_sender",
        str(elsewhere.id): "wrong_recipient",
    }
    federation.settle()
    assert (heard(federation), heard(federation, "note:2"), heard(federation, "note:3")) == (["hello"], [], [])


def test_a_kind_we_do_not_know_is_named_and_kept_until_we_do(federation: World) -> None:
    one = letter(federation, kind="test.newer")

    came = knock(federation, pack(federation, [one, letter(federation, "after it", sequence=2)]))
    federation.settle()

    assert came.answers[str(one.id)] == "unknown_kind"
    assert heard(federation) == []
    try:
        registry.handles("test.newer")(take_down)
        with federation.at(HUNAN):
            assert exchange.unpark_known() == 1
        federation.settle()
    finally:
        registry.KINDS.pop("test.newer")
    assert heard(federation) == ["hello", "after it"]


def test_more_than_a_batch_may_hold_is_oversize(federation: World) -> None:
    url = federation.nodes[HUNAN].dial + "/exchange/batches"
    body = b"x" * (batch.LIMIT + 1)

    came = federation.request(HUNAN, "POST", url, {}, body, door="exchange")

    assert (came.status, json.loads(came.body)["code"]) == (413, "oversize")


@pytest.mark.parametrize("body", [b"", b"{}", b"\n\n\n", b"\xff" * 50, b"{\n}\n{}"])
def test_what_is_no_batch_is_malformed(federation: World, body: bytes) -> None:
    assert knock(federation, body).code == "malformed"


def test_one_unreadable_letter_makes_the_batch_malformed(federation: World) -> None:
    before = kept(federation)
    with federation.at(GANSU):
        packed = batch.pack(
            [letter(federation).bytes(), b'{"v":1}'],
            batch=uuid7(),
            sender=GANSU,
            recipient=HUNAN,
            epoch=1,
            trust_serial=1,
            at=federation.clock.now(),
            suite=suite("ed25519"),
            signer=keys.signer(),
        )

    assert knock(federation, packed).code == "malformed"
    assert kept(federation) == before


def test_strangers_cannot_fill_the_disk_with_refusals(federation: World) -> None:
    for number in range(20):
        knock(federation, b"nonsense", sender=f"{number:06}", signer=Keys.fresh())

    assert counted(federation) == {("unknown", "malformed"): 20}


# On the way


def test_an_answer_lost_on_the_way_back_makes_a_duplicate_that_is_applied_once(federation: World) -> None:
    def swallow(sent: Sent) -> None:
        federation.request(sent.recipient, sent.method, sent.url, sent.headers, sent.body, door="exchange")

    federation.network.faults.append(swallow)
    tell(federation, "hello")
    with federation.at(GANSU):
        assert exchange.deliver_once(HUNAN, federation.clock.now(), federation.network).failed
    federation.network.faults.clear()
    federation.pass_time(timedelta(seconds=2))
    federation.settle()

    assert heard(federation) == ["hello"]
    with federation.at(GANSU):
        assert Outbox.objects.get(subject="note:1").answer == "duplicate"
    with federation.at(HUNAN):
        assert Inbox.objects.filter(subject="note:1").count() == 1


def test_a_batch_that_overtakes_waits_for_what_was_written_before_it(federation: World) -> None:
    held: list[Sent] = []
    federation.network.faults.append(lambda sent: held.append(sent))
    tell(federation, "first")
    tell(federation, "of another subject", "note:2")
    with federation.at(GANSU):
        first = [one.data for one in queries.due(HUNAN, 1, 10**6)]
    later = pack(federation, [letter(federation, "second", sequence=2)])

    assert knock(federation, later).status == 200
    federation.network.faults.clear()
    with federation.at(HUNAN):
        while exchange.apply_once(federation.clock.now()):
            pass
    assert heard(federation) == []

    federation.pass_time(timedelta(minutes=10))
    federation.settle()
    assert first
    assert heard(federation) == ["first", "second"]
    assert heard(federation, "note:2") == ["of another subject"]


@pytest.mark.parametrize("poison", sorted(POISONS))
def test_a_letter_that_cannot_be_understood_parks_its_subject_and_all_others_go_on(
    federation: World, poison: str
) -> None:
    tell(federation, "bad", poison=poison)
    tell(federation, "after it")
    tell(federation, "elsewhere", "note:2")
    federation.settle()

    assert (heard(federation), heard(federation, "note:2")) == ([], ["elsewhere"])
    with federation.at(HUNAN):
        parked = Inbox.objects.get(state="parked")
        assert parked.reason
        assert queries.load().inbox_parked == 1

    kind = registry.KINDS.pop(NOTE)
    registry.handles(NOTE)(lambda message, write: take_down(replace(message, body={"word": "mended"}), write))
    sun = story.officer(federation, SUN)
    with federation.at(HUNAN):
        exchange.try_parked_again(GANSU, parked.message_id, actor=sun, at=federation.clock.now())
    federation.settle()
    registry.KINDS[NOTE] = kind
    assert heard(federation) == ["mended", "mended"]


def test_a_database_that_is_away_is_no_work_done(federation: World) -> None:
    def away(*_: object) -> None:
        raise OperationalError("the database is away")

    tell(federation, "hello")
    with federation.at(GANSU):
        exchange.deliver_once(HUNAN, federation.clock.now(), federation.network)
    with federation.at(HUNAN), connection.execute_wrapper(away), pytest.raises(OperationalError):
        exchange.apply_once(federation.clock.now())  # whoever calls it pauses then, instead of asking again at once

    federation.settle()
    assert heard(federation) == ["hello"]


def test_a_silent_peer_is_asked_less_and_less_often(federation: World) -> None:
    federation.network.down.add(HUNAN)
    tell(federation, "hello")
    waits = []
    with federation.at(GANSU):
        for _ in range(14):
            now = federation.clock.now()
            assert exchange.deliver_once(HUNAN, now, federation.network).failed
            resting = Peer.objects.get(code=HUNAN).next_try_at
            assert resting is not None
            assert exchange.deliver_once(HUNAN, now, federation.network) == exchange.sending.NOTHING
            waits.append((resting - now).total_seconds())
            federation.clock.advance(resting - now)

    assert len(federation.network.seen) == 14
    assert waits[0] <= 1
    assert all(0.5 * min(45, 2**number) <= wait <= min(45, 2**number) for number, wait in enumerate(waits))
    assert 22.5 <= waits[-1] <= 45


def test_a_peer_that_speaks_again_is_written_to_at_once(federation: World) -> None:
    federation.network.down.add(HUNAN)
    tell(federation, "hello")
    with federation.at(GANSU):
        for _ in range(9):
            exchange.deliver_once(HUNAN, federation.clock.now(), federation.network)
            federation.pass_time(timedelta(minutes=5))
        exchange.deliver_once(HUNAN, federation.clock.now(), federation.network)
    federation.network.down.clear()
    tell(federation, "we are back", sender=HUNAN, to=GANSU)
    federation.settle()

    assert heard(federation) == ["hello"]


def test_after_a_day_of_silence_both_sides_catch_up_in_order(federation: World) -> None:
    federation.network.down.add(HUNAN)
    for hour in range(24):
        for subject in ("note:1", f"note:day:{hour}"):
            tell(federation, f"{hour}", subject)
            tell(federation, f"{hour}", subject, sender=HUNAN, to=GANSU)
        federation.settle()
        federation.pass_time(timedelta(hours=1))
    assert heard(federation) == []
    with federation.at(GANSU):
        (line,) = [peer for peer in queries.peers() if peer.code == HUNAN]
        assert (line.backlog, line.failing) == (48, True)
    seen = len(federation.network.seen)
    federation.network.down.clear()
    federation.settle()

    in_order = [f"{hour}" for hour in range(24)]
    assert heard(federation) == in_order
    assert heard(federation, node=GANSU) == in_order
    assert all(heard(federation, f"note:day:{hour}", node) for hour in range(24) for node in (HUNAN, GANSU))
    batches = [sent for sent in federation.network.seen[seen:] if sent.url.endswith("/batches")]
    assert len(batches) <= 4, "a day's letters travel together"


def test_a_false_acknowledgement_closes_nothing(federation: World) -> None:
    tell(federation, "hello")
    for answer in (Answer(200, b"{}"), Answer(200, b"<html>"), Answer(302, b""), Answer(200, signed_by_stranger())):
        with federation.at(GANSU):
            assert exchange.deliver_once(HUNAN, federation.clock.now(), Saying(answer)).failed
            assert Outbox.objects.filter(subject="note:1", answered_at=None).count() == 1
        federation.pass_time(timedelta(minutes=10))
    federation.settle()

    assert heard(federation) == ["hello"]


@dataclass(frozen=True)
class Saying:
    """A line on which somebody always answers the same."""

    answer: Answer

    def ask(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        return self.answer


def signed_by_stranger() -> bytes:
    """An acknowledgement in good form by a key that nobody listed."""
    own = Keys.fresh()
    words = json.dumps({"batch": str(UUID(int=0)), "recipient": HUNAN, "root": "", "answers": {}})
    told = {"acknowledgement": words, "signature": own.sign(words.encode()).hex(), "key_id": own.key_id}
    return json.dumps(told | {"suite": "ed25519"}).encode()


def test_letters_to_one_silent_peer_do_not_delay_those_to_another(federation: World) -> None:
    federation.network.down.add(JILIN)
    tell(federation, "to nobody", to=JILIN)
    tell(federation, "hello")
    federation.settle()

    assert heard(federation) == ["hello"]


def test_letters_cross_between_two_suites(federation: World) -> None:
    tell(federation, "你好", to=JILIN)
    tell(federation, "也好", sender=JILIN, to=GANSU)
    federation.settle()

    assert (heard(federation, node=JILIN), heard(federation, node=GANSU)) == (["你好"], ["也好"])
    with federation.at(JILIN):
        assert Inbox.objects.get(subject="note:1").digest.startswith("sha256:")  # the sender's suite
    with federation.at(GANSU):
        assert Inbox.objects.get(subject="note:1").digest.startswith("sm3:")


def test_what_is_personal_is_kept_sealed(federation: World) -> None:
    one = letter(federation, "身份证", kind=SECRET)
    knock(federation, pack(federation, [one]))
    with federation.at(HUNAN):
        row = Inbox.objects.get(message_id=one.id)
        assert row.sealed
        assert "身份证".encode() not in bytes(row.content)
    federation.settle()

    assert heard(federation) == ["身份证"]


def test_applying_takes_as_many_statements_however_much_waits(federation: World) -> None:
    counts = []
    for waiting in (1, 30):
        for number in range(waiting):
            tell(federation, "hello", f"note:{waiting}:{number}")
        now = federation.clock.now()
        with federation.at(GANSU):
            exchange.deliver_once(HUNAN, now, federation.network)
        with federation.at(HUNAN):
            with CaptureQueriesContext(connection) as asked:
                assert exchange.apply_once(now)
            counts.append(len(asked))
            assert len(asked) <= 6  # savepoint, the next letter, the reader's own read, one statement, release
    federation.settle()

    assert counts[0] == counts[1]


def test_doors_that_only_read_refuse_other_methods(federation: World) -> None:
    dial = federation.nodes[HUNAN].dial
    assert federation.request(HUNAN, "GET", f"{dial}/exchange/batches", {}, b"", door="exchange").status == 405
    assert federation.request(HUNAN, "POST", f"{dial}/exchange/trust-list", {}, b"", door="exchange").status == 405
    assert federation.request(HUNAN, "GET", f"{dial}/nothing-here", {}, b"", door="exchange").status == 404


# Trust lists


def relist(world: World, changes: Mapping[str, Mapping[str, Any]]) -> None:
    """The hub signs another list, and Hunan takes it over."""
    with world.at(HUB):
        listed = trust_list()
        entries = [changed(node, changes.get(node.code, {})) for node in listed.nodes.values()]
        publish_trust_list(
            entries, world.clock.now(), signer=keys.signer(), actor=system(here().code), federation=listed.federation
        )
        handed = unpacked(trust_list_document())
    with world.at(HUNAN):
        accept_trust_list(handed, world.clock.now(), actor=system(HUNAN))


def changed(node: TrustedNode, words: Mapping[str, Any]) -> TrustedNode:
    return TrustedNode(**({name: getattr(node, name) for name in node.__struct_fields__} | dict(words)))


def replace_key(key: Any, until: datetime) -> Any:
    """The same key, in force no longer."""
    words = {name: getattr(key, name) for name in key.__struct_fields__}
    return type(key)(**(words | {"not_after": until}))


def test_a_node_that_lost_the_hub_fetches_the_next_list_when_it_is_back(federation: World) -> None:
    federation.pass_time(timedelta(days=16))
    with federation.at(HUB):
        assert exchange.renew_trust_list(federation.clock.now())
        assert not exchange.renew_trust_list(federation.clock.now())
    federation.network.down.add(HUB)
    with federation.at(GANSU):
        assert not exchange.renew_trust_list(federation.clock.now())
        with pytest.raises(Unreachable):
            exchange.fetch_trust_list(federation.clock.now(), federation.network)
    federation.network.down.clear()
    with federation.at(GANSU):
        before = trust_list().serial
        assert exchange.fetch_trust_list(federation.clock.now(), federation.network).serial == before + 1
        assert trust_list().serial == before + 1
