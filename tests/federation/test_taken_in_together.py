# SPDX-License-Identifier: Apache-2.0
"""Batches that arrive at the same time: kept in one statement, each answered as if it had come alone."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from uuid_utils.compat import uuid7

from tests.world import World, environ
from tongban.config.carrier import Application
from tongban.database.statement import Statement
from tongban.exchange import actions as exchange
from tongban.exchange import batch, hop, keys, registry
from tongban.exchange.envelope import Envelope
from tongban.exchange.models import Batch, Inbox
from tongban.exchange.queries import open_content
from tongban.exchange.registry import Message
from tongban.standards.crypto import suite
from tongban.standards.refusal import Refusal
from tongban.vault.models import SubjectKey
from tongban.web.doors.peers import USUAL, Peers

HUNAN, GANSU, JILIN = "430000", "620000", "220000"
NOTE, SECRET = "test.note", "test.secret"


@pytest.fixture(autouse=True)
def kinds() -> Iterator[None]:
    """A kind for everybody, and one that is personal."""
    registry.handles(NOTE)(forget)
    registry.handles(SECRET, personal=True)(forget)
    yield
    for name in (NOTE, SECRET):
        registry.KINDS.pop(name, None)


def forget(message: Message, write: Statement) -> None:
    """Read, and no more."""


def letter(world: World, sender: str = GANSU, **changed: Any) -> Envelope:
    words: dict[str, Any] = {
        "id": uuid7(),
        "sender": sender,
        "recipient": HUNAN,
        "epoch": 1,
        "kind": NOTE,
        "subject": f"note:{uuid7()}",
        "sequence": 1,
        "occurred_at": world.clock.now(),
        "trust_serial": 1,
        "body": {},
    }
    return Envelope(**(words | changed))


def sent(world: World, letters: Sequence[Envelope | bytes], sender: str = GANSU, epoch: int = 1) -> hop.Hop:
    """A signed request with these in one batch."""
    with world.at(sender):
        signer = keys.signer()
        packed = batch.pack(
            [one if isinstance(one, bytes) else one.bytes() for one in letters],
            batch=uuid7(),
            sender=sender,
            recipient=HUNAN,
            epoch=epoch,
            trust_serial=1,
            at=world.clock.now(),
            suite=suite(signer.suite),
            signer=signer,
        )
        asked = hop.Hop("POST", f"{world.nodes[HUNAN].dial}/exchange/batches", {}, packed.bytes())
        hop.sign(asked, node=sender, signer=signer, at=world.clock.now())
    return asked


def taken_in(world: World, *requests: hop.Hop) -> list[dict[str, str] | str]:
    """What Hunan answers to each: the answers by message, or the code of a refusal."""
    with world.at(HUNAN):
        outcomes = exchange.receive_together([(request, world.clock.now()) for request in requests])
    return [
        told.code if isinstance(told, Refusal) else json.loads(json.loads(told)["acknowledgement"])["answers"]
        for told in outcomes
    ]


def test_they_are_kept_by_one_reading_and_one_statement(federation: World) -> None:
    letters = [letter(federation, kind=SECRET), letter(federation), letter(federation, JILIN)]
    requests = [sent(federation, [one], one.sender) for one in letters]
    taken_in(federation, sent(federation, [letter(federation)]), sent(federation, [letter(federation, JILIN)], JILIN))

    with federation.at(HUNAN):
        with CaptureQueriesContext(connection) as asked:
            told = taken_in(federation, *requests)
        assert len(asked) == 2

    assert told == [{str(one.id): "stored"} for one in letters]
    with federation.at(HUNAN):
        assert Batch.objects.filter(recipient=HUNAN).count() >= 3
        assert Inbox.objects.filter(message_id__in=[one.id for one in letters]).count() == 3


def test_one_that_is_refused_refuses_no_other(federation: World) -> None:
    good = [letter(federation) for _ in range(3)]
    first, altered, unreadable, again = (sent(federation, [one]) for one in (*good, good[0]))
    altered = replace(altered, body=altered.body.replace(b"test.note", b"test.nota"))
    unreadable = sent(federation, [good[2], b'{"v":1}'])

    told = taken_in(federation, first, altered, unreadable, again, first)

    stored, duplicate = {str(good[0].id): "stored"}, {str(good[0].id): "duplicate"}
    assert told == [stored, "signature_invalid", "malformed", duplicate, "replayed"]


def test_what_crosses_another_of_the_same_time_is_told_so(federation: World) -> None:
    first = letter(federation)
    other_bytes = replace(first, body={"other": 1})
    same_place = letter(federation, subject=first.subject)

    told = taken_in(federation, *(sent(federation, [one]) for one in (first, other_bytes, same_place)))

    assert told == [
        {str(first.id): "stored"},
        {str(first.id): "id_reused"},
        {str(same_place.id): "sequence_reused"},
    ]


def test_a_subject_that_several_bring_for_the_first_time_gets_one_key(federation: World) -> None:
    subject = f"case:{uuid7()}"
    letters = [letter(federation, kind=SECRET, subject=subject, sequence=number) for number in (1, 2)]
    letters.append(letter(federation, JILIN, kind=SECRET, subject=subject))

    told = taken_in(federation, *(sent(federation, [one], one.sender) for one in letters))

    assert told == [{str(one.id): "stored"} for one in letters]
    with federation.at(HUNAN):
        wrapped = SubjectKey.objects.get(subject=subject).wrapped
        rows = {row.message_id: row for row in Inbox.objects.filter(subject=subject)}
        for one in letters:
            assert open_content(bytes(rows[one.id].content), True, subject, wrapped) == one.bytes()


@pytest.mark.parametrize("apart", [True, False])
def test_an_epoch_that_is_over_does_not_pass_beside_the_new_one(federation: World, apart: bool) -> None:
    old, new, last = (letter(federation, epoch=epoch) for epoch in (1, 2, 1))
    requests = [sent(federation, [new], epoch=2), sent(federation, [old])]

    told = [one for request in requests for one in taken_in(federation, request)] if apart else []
    told = told or taken_in(federation, *requests)

    assert told == [{str(new.id): "stored"}, "epoch_stale"]
    assert taken_in(federation, sent(federation, [last])) == ["epoch_stale"]


# At the door itself


def asked_at(world: World, request: hop.Hop, **changed: str) -> dict[str, Any]:
    return environ(request.method, request.url, request.headers, request.body) | changed


def test_what_is_not_its_own_goes_to_the_one_behind(federation: World) -> None:
    asked = asked_at(federation, sent(federation, [letter(federation)]))
    peers = Peers(lambda environ, start: [])

    assert peers.takes(asked)
    for name, value in {
        "PATH_INFO": "/exchange/again",
        "REQUEST_METHOD": "GET",
        "QUERY_STRING": "a=1",
        "CONTENT_LENGTH": str(USUAL + 1),
    }.items():
        assert not peers.takes(asked | {name: value}), name
    for length in ("", "-1", "1" * 6000, "１"):
        assert not peers.takes(asked | {"CONTENT_LENGTH": length})
    assert not peers.takes(asked | {"HTTP_HOST": "["})


@pytest.mark.parametrize("spoil", [b"", b"x"])
def test_both_ways_say_the_same(federation: World, spoil: bytes) -> None:
    told = []
    for way in (lambda behind: behind, Peers):
        request = sent(federation, [letter(federation)])
        request.body += spoil
        with federation.at(HUNAN), federation._door("exchange"):
            asked = asked_at(federation, request, HTTP_X_REQUEST_ID="the-same-id")
            told.append(said(way(WSGIHandler()), asked))

    (status, headers, body), ours = told
    assert ours[:2] == (status, headers)
    assert json.loads(ours[2]).keys() == json.loads(body).keys()


def said(application: Application, asked: dict[str, Any]) -> tuple[str, dict[str, str], bytes]:
    heads: list[tuple[str, dict[str, str]]] = []
    parts = application(asked, lambda status, headers, *_: heads.append((status, dict(headers))))
    return (*heads[0], b"".join(parts))


def test_a_fault_is_answered_by_the_one_behind_to_each(federation: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise DatabaseError

    monkeypatch.setattr("tongban.exchange.actions.keeping._known", away)
    requests = [asked_at(federation, sent(federation, [letter(federation)])) for _ in range(2)]

    def behind(asked: dict[str, Any], start: Any) -> list[bytes]:
        start("503 Service Unavailable", [])
        return [str(len(asked["wsgi.input"].read())).encode()]

    with federation.at(HUNAN):
        told = Peers(behind).together(requests)

    assert told == [(503, [], asked["CONTENT_LENGTH"].encode()) for asked in requests]
    assert isinstance(requests[0]["wsgi.input"], BytesIO)
