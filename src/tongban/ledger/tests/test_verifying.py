# SPDX-License-Identifier: Apache-2.0
"""Whoever touches the diary is found, and the first place is named."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import ProgrammingError, connection, transaction

from tests.world import World
from tongban.exchange import keys
from tongban.ledger import actions, queries
from tongban.ledger.lines import line_digest
from tongban.ledger.models import Head, Leaf, Line
from tongban.ledger.queries import Broken
from tongban.ledger.tests.burglar import tamper
from tongban.standards.actor import system
from tongban.standards.canonical import canonical, parse
from tongban.standards.crypto import merkle, suite
from tongban.standards.crypto.merkle import Frontier
from tongban.standards.node import Node, at, here

SUBJECT = "case:diary"


def write(world: World, count: int, subject: str = SUBJECT) -> None:
    """Some lines about a subject."""
    for number in range(1, count + 1):
        when = world.clock.now() + timedelta(seconds=number)
        actions.write(subject, verb=f"note.{number}", actor=system(here().code), at=when, facts={"n": number})


def sequence(world: World) -> int:
    return actions.sequence_once(world.clock.now(), keys.signer())


def is_ours(suite_name: str, key_id: str, data: bytes, signature: bytes) -> bool:
    """Whether this node signed."""
    mine = suite(suite_name)
    return key_id == keys.signer().key_id and mine.verify(mine.public(keys.private("exchange")), data, signature)


def broken() -> Broken | None:
    return queries.first_broken(verify=is_ours)


@pytest.fixture(params=["620000", "220000"])
def diary(request: pytest.FixtureRequest, standing: World) -> Iterator[World]:
    """A node with five lines about one subject and two about another, all in the tree; once in each suite."""
    standing.attach(request.param)
    with at(standing.nodes[request.param]), transaction.atomic():
        write(standing, 5)
        write(standing, 2, "case:other")
        sequence(standing)
        yield standing
        transaction.set_rollback(True)


def test_a_diary_that_nobody_touched_is_whole(diary: World) -> None:
    assert broken() is None
    assert queries.first_broken(SUBJECT) is None
    assert [line.verb for line in queries.story(SUBJECT)] == [f"note.{n}" for n in range(1, 6)]
    assert queries.waiting() == 0


@pytest.mark.parametrize(
    "change",
    [
        "verb = 'note.never'",
        "at = at + interval '1 second'",
        "actor = 'approver:00000000-0000-0000-0000-000000000001'",
        "facts_digest = 'sha256:00'",
        "digest = 'sha256:00'",
    ],
)
def test_an_altered_line_is_found_and_named(diary: World, change: str) -> None:
    assert tamper(f"UPDATE ledger_line SET {change} WHERE subject = %s AND number = 3", [SUBJECT]) == 1

    assert broken() == Broken(SUBJECT, 3, "内容与摘要不符")
    assert queries.first_broken(SUBJECT) == Broken(SUBJECT, 3, "内容与摘要不符")
    assert queries.first_broken("case:other") is None


def test_a_line_that_was_taken_out_is_found(diary: World) -> None:
    tamper("DELETE FROM ledger_line WHERE subject = %s AND number = 3", [SUBJECT])

    assert broken() == Broken(SUBJECT, 3, "缺少这一行")


def test_a_line_put_in_place_of_another_breaks_the_next_link(diary: World) -> None:
    forge(SUBJECT, 3, "note.kind")

    assert broken() == Broken(SUBJECT, 4, "与上一行不衔接")


def test_a_cut_tail_is_found_by_where_the_chain_should_end(diary: World) -> None:
    tamper("DELETE FROM ledger_line WHERE subject = %s AND number > 3", [SUBJECT])

    assert broken() == Broken(SUBJECT, 5, "链尾与记录不符")
    assert queries.first_broken(SUBJECT) == Broken(SUBJECT, 5, "链尾与记录不符")


def test_a_tail_cut_everywhere_is_found_by_the_signed_head(diary: World) -> None:
    previous = Line.objects.get(subject="case:other", number=1).digest
    tamper("DELETE FROM ledger_line WHERE subject = 'case:other' AND number = 2")
    tamper("DELETE FROM ledger_leaf WHERE subject = 'case:other' AND number = 2")
    tamper("UPDATE ledger_chain SET length = 1, head = %s WHERE subject = 'case:other'", [previous])

    size = Head.objects.latest("size").size
    assert broken() == Broken("tree", size, "账本树比已签名的树头短")


def test_a_whole_chain_without_its_end_is_found(diary: World) -> None:
    tamper("DELETE FROM ledger_chain WHERE subject = %s", [SUBJECT])

    assert broken() == Broken(SUBJECT, 5, "链尾与记录不符")


def test_a_line_slipped_in_at_the_end_is_found(diary: World) -> None:
    head = Line.objects.get(subject=SUBJECT, number=5).digest
    tamper(
        "INSERT INTO ledger_line (subject, number, verb, at, actor, salt, facts_digest, previous, digest) "
        "SELECT subject, 6, verb, at, actor, salt, facts_digest, %s, '' FROM ledger_line "
        "WHERE subject = %s AND number = 5",
        [head, SUBJECT],
    )
    digest = forge(SUBJECT, 6, "note.late")
    tamper("UPDATE ledger_chain SET length = 6, head = %s WHERE subject = %s", [digest, SUBJECT])

    assert broken() == Broken(SUBJECT, 6, "不在账本树中，也不在待入树之列")


def test_a_line_that_waits_for_the_tree_is_not_broken(diary: World) -> None:
    write(diary, 1, "case:new")

    assert queries.waiting() == 1
    assert broken() is None


def test_an_altered_leaf_is_found_and_named(diary: World) -> None:
    tamper("UPDATE ledger_leaf SET line_digest = 'sha256:00' WHERE subject = %s AND number = 2", [SUBJECT])

    assert broken() == Broken(SUBJECT, 2, "账本树中的摘要与该行不符")


def test_a_missing_leaf_is_found(diary: World) -> None:
    tamper("DELETE FROM ledger_leaf WHERE subject = %s AND number = 2", [SUBJECT])

    found = broken()
    assert found is not None
    assert found.why == "账本树缺少一片叶"


def test_a_history_written_anew_throughout_does_not_fit_the_signed_head(diary: World) -> None:
    digest = forge(SUBJECT, 5, "note.never")
    tamper("UPDATE ledger_chain SET head = %s WHERE subject = %s", [digest, SUBJECT])
    tamper("UPDATE ledger_leaf SET line_digest = %s WHERE subject = %s AND number = 5", [digest, SUBJECT])

    found = broken()
    assert found is not None
    assert found.why == "账本树的根与已签名的树头不符"


def test_a_head_forged_to_fit_has_no_valid_signature(diary: World) -> None:
    digest = forge(SUBJECT, 5, "note.never")
    tamper("UPDATE ledger_chain SET head = %s WHERE subject = %s", [digest, SUBJECT])
    tamper("UPDATE ledger_leaf SET line_digest = %s WHERE subject = %s AND number = 5", [digest, SUBJECT])
    head = Head.objects.latest("size")
    fitting = canonical(parse(bytes(head.document)) | {"root": root().hex()})
    tamper("UPDATE ledger_head SET document = %s WHERE size = %s", [fitting, head.size])

    assert queries.first_broken() is None  # without the key nobody could tell
    found = broken()
    assert found is not None
    assert found.why == "树头的签名无效"


@pytest.mark.parametrize("document", [b"", b"not json", b"[]", b"{}", b'{"root":1,"size":"x"}'])
def test_a_head_that_says_nothing_is_broken_not_a_failure(diary: World, document: bytes) -> None:
    size = Head.objects.latest("size").size
    tamper("UPDATE ledger_head SET document = %s WHERE size = %s", [document, size])

    found = broken()
    assert found is not None
    assert found.why == "账本树的根与已签名的树头不符"


@pytest.mark.parametrize("table", ["ledger_line", "ledger_leaf", "ledger_head"])
def test_the_running_node_itself_can_only_add(diary: World, table: str) -> None:
    for sql in (f"DELETE FROM {table}", f"UPDATE {table} SET suite = ''", f"TRUNCATE {table}"):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_facts_are_in_the_diary_only_as_a_salted_digest(node: Node, standing: World) -> None:
    now = standing.clock.now()
    for _ in range(2):
        actions.write("case:x", verb="note", actor=system("620000"), at=now, facts={"name": "张伟"})
    first, second = queries.story("case:x")

    assert first.facts_digest != second.facts_digest
    assert "张伟" not in str([vars(line) for line in (first, second)])


def forge(subject: str, number: int, verb: str) -> str:
    """Rewrite a line so that its digest is right; the new digest."""
    line = Line.objects.get(subject=subject, number=number)
    words = {name: getattr(line, name) for name in ("at", "actor", "facts_digest", "previous")}
    digest = line_digest(suite(here().suite), subject=subject, number=number, verb=verb, **words)
    tamper(
        "UPDATE ledger_line SET verb = %s, digest = %s WHERE subject = %s AND number = %s",
        [verb, digest, subject, number],
    )
    return digest


def root() -> bytes:
    """The root over the leaves as they stand."""
    mine = suite(here().suite)
    leaves = Leaf.objects.order_by("position").values_list("line_digest", flat=True)
    return Frontier().add(mine, [merkle.leaf_hash(mine, digest.encode()) for digest in leaves]).root(mine)
