# SPDX-License-Identifier: Apache-2.0
"""A line is tried from end to end: what is said to a peer comes back, once, and from nobody else's subject."""

from datetime import timedelta

import pytest

from tests.world import World
from tongban.exchange import actions as exchange
from tongban.exchange import queries
from tongban.exchange.models import Inbox, Outbox
from tongban.regions.errors import UnknownNode
from tongban.standards.canonical import parse

HUNAN, GANSU, JILIN = "430000", "620000", "220000"


@pytest.mark.parametrize("peer", [HUNAN, JILIN])
def test_an_echo_comes_back_to_whoever_sent_it(federation: World, peer: str) -> None:
    with federation.at(GANSU):
        subject = exchange.echo(peer, "你好", federation.clock.now())
        assert "还没有送到" in queries.echo(peer, subject).sentence
    federation.settle()

    with federation.at(GANSU):
        assert "来回 0.00 秒" in queries.echo(peer, subject).sentence
        back = Inbox.objects.get(sender=peer, subject=subject)
        assert (back.kind, back.state) == ("exchange.echoed", "applied")
        letter = Outbox.objects.get(subject=subject)
    assert bytes(back.content).count("你好".encode()) == 1
    assert str(letter.message_id).encode() in bytes(back.content)


def test_an_echo_that_was_taken_in_and_not_applied_is_told_apart(federation: World) -> None:
    with federation.at(GANSU):
        subject = exchange.echo(HUNAN, "hello", federation.clock.now())
        exchange.deliver_once(HUNAN, federation.clock.now(), federation.network)
        assert "已收下" in queries.echo(HUNAN, subject).sentence


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        (f"echo/{JILIN}/1", {"text": "hello"}),
        ("case:1", {"text": "hello"}),
        (f"echo/{GANSU}0", {"text": "hello"}),
        (f"echo/{GANSU}/1", {"text": "x" * 201}),
        (f"echo/{GANSU}/1", {"text": 1}),
        (f"echo/{GANSU}/1", {}),
    ],
)
def test_an_echo_out_of_form_is_parked_and_not_answered(
    federation: World, subject: str, body: dict[str, object]
) -> None:
    with federation.at(GANSU):
        exchange.send([HUNAN], kind="exchange.echo", subject=subject, body=body, at=federation.clock.now())
    federation.settle()

    with federation.at(HUNAN):
        assert Inbox.objects.get(subject=subject).reason.startswith("malformed")
        assert not Outbox.objects.filter(subject=subject).exists()


def test_echoes_of_one_subject_come_back_in_their_order(federation: World) -> None:
    subject = f"echo/{GANSU}"
    for word in ("first", "second", "third"):
        with federation.at(GANSU):
            body = {"text": word}
            exchange.send([HUNAN], kind="exchange.echo", subject=subject, body=body, at=federation.clock.now())
        federation.settle()
        federation.pass_time(timedelta(seconds=1))

    with federation.at(GANSU):
        back = Inbox.objects.filter(sender=HUNAN, subject=subject).order_by("sequence")
        assert [row.sequence for row in back] == [1, 2, 3]
        words = [parse(bytes(row.content))["body"] for row in back]
    assert [(each["sequence"], each["text"]) for each in words] == [(1, "first"), (2, "second"), (3, "third")]


def test_a_node_does_not_call_to_itself_or_to_nobody(federation: World) -> None:
    with federation.at(GANSU):
        for code in (GANSU, "990000"):
            with pytest.raises(UnknownNode):
                exchange.echo(code, "hello", federation.clock.now())
