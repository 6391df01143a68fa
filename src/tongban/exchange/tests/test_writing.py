# SPDX-License-Identifier: Apache-2.0
"""Several peers are told of many subjects: each letter has its number, and many cost as many statements as one."""

from datetime import UTC, datetime

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tongban.exchange.actions import News, send_many
from tongban.exchange.models import Outbox, Sent
from tongban.standards.node import Node

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
PEERS = ["430000", "220000", "000000"]


def told(first: int, number: int, peers: list[str]) -> int:
    """How many statements it takes to tell these peers of so many items."""
    news = [News("item.published", f"try/{n}", {"version": 1}) for n in range(first, first + number)]
    with CaptureQueriesContext(connection) as counted:
        send_many(peers, news, at=NOON)
    return len(counted)


def test_many_subjects_take_as_many_statements_as_one(node: Node) -> None:
    told(0, 1, PEERS)

    assert told(100, 1, PEERS[:1]) == told(200, 100, PEERS)
    assert Outbox.objects.filter(recipient="430000", subject__startswith="try/").count() == 102


def test_each_subject_is_numbered_for_each_peer(node: Node) -> None:
    told(0, 20, PEERS)
    told(10, 20, PEERS[:1])

    numbers = Outbox.objects.filter(subject="try/15").order_by("recipient", "sequence")
    assert list(numbers.values_list("recipient", "sequence")) == [
        ("000000", 1), ("220000", 1), ("430000", 1), ("430000", 2),
    ]  # fmt: skip
    assert Sent.objects.get(recipient="430000", subject="try/15").last == 2
    assert Sent.objects.get(recipient="430000", subject="try/25").last == 1


def test_nobody_and_nothing_are_told_without_a_word(node: Node) -> None:
    assert (told(0, 3, []), told(0, 0, PEERS)) == (0, 0)
