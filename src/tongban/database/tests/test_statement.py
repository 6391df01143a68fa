# SPDX-License-Identifier: Apache-2.0
"""One act is one statement: all of it is written, or nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.test.utils import CaptureQueriesContext

from tongban.database.statement import Statement
from tongban.standards.node import Node

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


class Shelf(models.Model):
    """A thing that has many others."""

    name = models.TextField(unique=True)
    revision = models.IntegerField(default=0)

    class Meta:
        app_label, managed, db_table = "database", False, "statement_shelf"


class Book(models.Model):
    """One of the others, with a column of each sort that cannot be guessed from a value."""

    shelf = models.ForeignKey(Shelf, on_delete=models.DO_NOTHING)
    told = models.JSONField()
    content = models.BinaryField()
    at = models.DateTimeField(null=True)
    pages = models.BigIntegerField(null=True)

    class Meta:
        app_label, managed, db_table = "database", False, "statement_book"


@pytest.fixture
def tables(node: Node) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE statement_shelf (id bigserial PRIMARY KEY, name text UNIQUE, revision integer);"
        )
        cursor.execute(
            "CREATE TEMP TABLE statement_book (id bigserial PRIMARY KEY, shelf_id bigint REFERENCES statement_shelf "
            "DEFERRABLE INITIALLY DEFERRED, told jsonb, content bytea, at timestamptz, pages bigint);"
        )
        cursor.execute("INSERT INTO statement_shelf (id, name, revision) VALUES (7, 'law', 1)")
    yield


def guarded(revision: int) -> Statement:
    """An act that goes on when the shelf still has this revision."""
    write = Statement()
    write.guard(
        "UPDATE statement_shelf SET revision = revision + 1 WHERE id = 7 AND revision = %s RETURNING id, revision",
        [revision],
    )
    return write


def book(**changed: object) -> dict[str, object]:
    return {"shelf": 7, "told": '{"a":1}', "content": b"\x00\xff", "at": AT, "pages": None} | changed


@pytest.mark.usefixtures("tables")
def test_what_the_guard_lets_pass_is_written_with_its_row() -> None:
    write = guarded(1)
    write.insert(Book, [book(), book(pages=3, at=None)])

    assert write.run() == (7, 2)

    first, second = Book._default_manager.order_by("id")
    assert (first.shelf.pk, first.told, bytes(first.content), first.at, first.pages) == (
        7,
        {"a": 1},
        b"\x00\xff",
        AT,
        None,
    )
    assert (second.at, second.pages) == (None, 3)


@pytest.mark.usefixtures("tables")
def test_nothing_is_written_when_the_guard_finds_no_row() -> None:
    write = guarded(99)
    write.insert(Book, [book()])
    write.write("UPDATE statement_shelf SET name = 'changed' WHERE EXISTS (SELECT 1 FROM guard)", [])

    assert write.run() is None

    assert Book._default_manager.count() == 0
    assert Shelf._default_manager.get().name == "law"


@pytest.mark.usefixtures("tables")
def test_one_part_that_fails_takes_all_parts_with_it() -> None:
    write = guarded(1)
    write.insert(Book, [book()])
    write.insert(Shelf, [{"name": "law", "revision": 0}])

    with pytest.raises(IntegrityError), transaction.atomic():
        write.run()

    assert Book._default_manager.count() == 0
    assert Shelf._default_manager.get().revision == 1


@pytest.mark.usefixtures("tables")
def test_what_is_there_already_can_be_let_be() -> None:
    write = guarded(1)
    write.insert(
        Shelf, [{"name": "law", "revision": 5}, {"name": "art", "revision": 5}], on_conflict="ON CONFLICT DO NOTHING"
    )

    assert write.run() is not None

    assert dict(Shelf._default_manager.values_list("name", "revision")) == {"law": 2, "art": 5}


@pytest.mark.usefixtures("tables")
def test_an_act_takes_1_statement_whatever_it_writes() -> None:
    write = guarded(1)
    for number in range(30):
        write.insert(Book, [book(pages=number)] * (number + 1))
    with CaptureQueriesContext(connection) as asked:
        write.run()

    assert len(asked) == 1
    assert Book._default_manager.count() == 30 * 31 // 2


@pytest.mark.usefixtures("tables")
def test_no_rows_are_no_part() -> None:
    write = guarded(1)
    write.insert(Book, [])

    assert write.run() == (7, 2)


def test_a_statement_without_a_guard_is_a_mistake() -> None:
    write = Statement()
    with pytest.raises(RuntimeError):
        write.run()


def test_a_statement_has_one_guard() -> None:
    write = guarded(1)
    assert write.guarded
    with pytest.raises(RuntimeError):
        write.guard("SELECT 1", [])


@pytest.mark.usefixtures("tables")
def test_a_value_is_never_read_as_sql() -> None:
    nasty = "'); DROP TABLE statement_book; --%s"
    write = guarded(1)
    write.insert(Book, [book(told='{"name":"%s"}')])
    write.insert(Shelf, [{"name": nasty, "revision": 0}])

    write.run()

    assert Shelf._default_manager.filter(name=nasty).exists()
    assert Book._default_manager.get().told == {"name": "%s"}
