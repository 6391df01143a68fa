# SPDX-License-Identifier: Apache-2.0
"""The database follows the node at work, in every way of reaching it."""

from contextvars import copy_context

import pytest
from django.db import connection, connections, transaction

from tests.world import World
from tongban.database import nodes
from tongban.standards import node as context

HUNAN, GANSU = "430000", "620000"


def name_of_database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        return str(cursor.fetchone()[0])


def test_each_node_has_its_own_database(federation: World) -> None:
    found = {}
    for code in federation.nodes:
        with federation.at(code):
            found[code] = name_of_database()

    assert found == {code: nodes.attached(code) for code in federation.nodes}
    assert len(set(found.values())) == len(federation.nodes)


def test_without_a_node_the_database_is_an_error(federation: World) -> None:
    with pytest.raises(RuntimeError, match="no node is set"), connection.cursor():
        pass
    with pytest.raises(RuntimeError, match="no node is set"), transaction.atomic():
        pass


def test_a_node_that_is_not_attached_has_no_database() -> None:
    with pytest.raises(Exception, match="999999"):
        copy_context().run(_look_at_nowhere)


def _look_at_nowhere() -> None:
    nowhere = context.Node("999999", "", "ed25519", "", "", None, "")  # type: ignore[arg-type]
    with context.at(nowhere):
        name_of_database()


def test_a_transaction_at_one_node_does_not_touch_another(town: World) -> None:
    with town.running(), town.at(HUNAN), transaction.atomic():
        with town.at(GANSU):
            assert connection.get_autocommit()
            with connection.cursor() as cursor:
                cursor.execute("UPDATE exchange_myself SET epoch = 41")
                cursor.execute("INSERT INTO exchange_myself (id, epoch) VALUES (1, 41) ON CONFLICT DO NOTHING")
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO exchange_myself (id, epoch) VALUES (1, 99) ON CONFLICT (id) DO UPDATE SET epoch = 99"
            )
        transaction.set_rollback(True)

    assert epoch(town, GANSU) == 41
    assert epoch(town, HUNAN) != 99


def epoch(world: World, code: str) -> int:
    with world.running(), world.at(code), connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(max(epoch), 1) FROM exchange_myself")
        return int(cursor.fetchone()[0])


def test_a_commit_waits_for_its_own_node_only(town: World) -> None:
    done: list[str] = []
    with town.running(), town.at(HUNAN), transaction.atomic():
        transaction.on_commit(lambda: done.append(HUNAN))
        with town.at(GANSU):
            transaction.on_commit(lambda: done.append(GANSU))  # no transaction is open there: at once
        assert done == [GANSU]

    assert done == [GANSU, HUNAN]


def test_a_node_can_be_given_another_database_and_forgotten(town: World) -> None:
    with town.running(), town.at(GANSU):
        before = name_of_database()
        nodes.detach(GANSU)
        nodes.detach(GANSU)  # a second time is no error
        assert nodes.attached(GANSU) is None
        town.attach(GANSU)
        assert name_of_database() == before


def test_connections_still_know_plain_aliases(federation: World) -> None:
    assert all(connections[alias].alias == alias for alias in connections.settings if alias.startswith(nodes.PREFIX))
