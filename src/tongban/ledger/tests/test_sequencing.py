# SPDX-License-Identifier: Apache-2.0
"""Lines enter the tree once, in whatever order transactions end, and two acts on one chain take turns."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from tests.world import World
from tongban.database.statement import Statement
from tongban.exchange import keys
from tongban.ledger import actions, queries
from tongban.ledger.actions import SEQUENCER
from tongban.ledger.lines import START, Entry
from tongban.ledger.models import Head, Leaf, Line
from tongban.standards import clock
from tongban.standards.actor import system
from tongban.standards.node import at

GANSU = "620000"


@pytest.fixture
def gansu(town: World) -> Iterator[World]:
    """A node whose database really commits."""
    with town.running(), town.at(GANSU):
        sequence(town)
        yield town


def note(world: World, subject: str) -> None:
    actions.write(subject, verb="note", actor=system(GANSU), at=world.clock.now(), facts={})


def sequence(world: World) -> int:
    return actions.sequence_once(world.clock.now(), keys.signer())


@contextmanager
def elsewhere(world: World) -> Iterator[psycopg.Connection]:
    """Another connection to the same database, as another process has it."""
    name = world._database(world.nodes[GANSU])
    with psycopg.connect(world.server.url(name, world.ROLE, world.PASSWORD)) as other:
        yield other


def copy_of_line(other: psycopg.Connection, subject: str, new: str) -> None:
    """Write a line and its pending row in somebody else's transaction."""
    other.execute(
        "INSERT INTO ledger_line (subject, number, verb, at, actor, salt, facts_digest, previous, digest) "
        "SELECT %s, number, verb, at, actor, salt, facts_digest, previous, digest FROM ledger_line WHERE subject = %s",
        [new, subject],
    )
    other.execute("INSERT INTO ledger_pending (subject, number) VALUES (%s, 1)", [new])


def test_a_line_whose_transaction_ends_late_is_taken_later_and_not_missed(gansu: World) -> None:
    note(gansu, "late:1")
    with elsewhere(gansu) as other:
        copy_of_line(other, "late:1", "late:0")  # begun first
        note(gansu, "late:2")
        assert sequence(gansu) == 2
        other.commit()

    assert not Leaf.objects.filter(subject="late:0").exists()
    assert sequence(gansu) == 1
    assert Leaf.objects.filter(subject="late:0").count() == 1
    assert queries.waiting() == 0


def test_a_line_that_was_rolled_back_never_enters_the_tree(gansu: World) -> None:
    note(gansu, "back:1")
    with elsewhere(gansu) as other:
        copy_of_line(other, "back:1", "back:0")
        other.rollback()

    assert sequence(gansu) == 1
    assert not Leaf.objects.filter(subject="back:0").exists()


def test_while_one_sequencer_works_a_second_has_nothing_to_do(gansu: World) -> None:
    note(gansu, "two:1")
    with elsewhere(gansu) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [SEQUENCER])
        assert sequence(gansu) == 0
        other.commit()

    assert sequence(gansu) == 1


def test_many_sequencers_and_many_writers_take_every_line_once(gansu: World) -> None:
    node, now = gansu.nodes[GANSU], gansu.clock.now()

    def work(number: int) -> int:
        with clock.running(gansu.clock), at(node):
            try:
                for count in range(6):
                    actions.write(f"many:{number}", verb="note", actor=system(GANSU), at=now, facts={"n": count})
                    actions.sequence_once(now, keys.signer())
                return queries.tip(f"many:{number}").length
            finally:
                connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [6] * 4
    while sequence(gansu):
        pass

    assert Leaf.objects.filter(subject__startswith="many:").count() == 24
    assert list(Leaf.objects.order_by("position").values_list("position", flat=True)) == list(
        range(Leaf.objects.count())
    )
    assert Head.objects.latest("size").size == Leaf.objects.count()
    assert queries.first_broken("many:0") is None


def test_of_two_acts_that_read_the_same_end_of_a_chain_one_fails_whole(gansu: World) -> None:
    together, node = Barrier(2), gansu.nodes[GANSU]

    def act(verb: str) -> str:
        with clock.running(gansu.clock), at(node):
            try:
                write = Statement()
                write.guard("SELECT 1", [])
                entry = Entry(verb=verb, actor="x", at=gansu.clock.now(), facts={})
                actions.continue_chain(write, "race:1", START, [entry])
                together.wait(20)
                with transaction.atomic():
                    write.run()
                return verb
            except IntegrityError:
                return "refused"
            finally:
                connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = sorted(pool.map(act, ("first", "second")))

    (line,) = Line.objects.filter(subject="race:1")
    assert done in (sorted([line.verb, "refused"]), sorted(["refused", line.verb]))
    assert queries.tip("race:1").length == 1
    assert queries.first_broken("race:1") is None


def test_lines_on_the_rarer_path_wait_for_each_other(gansu: World) -> None:
    node = gansu.nodes[GANSU]

    def act(_: int) -> None:
        with clock.running(gansu.clock), at(node):
            try:
                note(gansu, "queue:1")
            finally:
                connection.close()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(act, range(8)))

    assert [line.number for line in queries.story("queue:1")] == list(range(1, 9))
    assert queries.first_broken("queue:1") is None
