# SPDX-License-Identifier: Apache-2.0
"""Writing the diary, and taking its lines into the node's tree."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction

from tongban.database.statement import Statement
from tongban.ledger import queries
from tongban.ledger import tree as trees
from tongban.ledger.errors import EpochNotNew
from tongban.ledger.heads import After, Mark, TreeHead
from tongban.ledger.lines import START, Entry, Tip, Written, next_line
from tongban.ledger.models import Branch, Chain, Head, Leaf, Line, Pending, Tree
from tongban.standards.actor import Actor
from tongban.standards.crypto import merkle, suite
from tongban.standards.crypto.merkle import Frontier
from tongban.standards.node import here
from tongban.standards.signer import Signer, signed

SEQUENCER = 0x746F6E67  # the advisory lock that makes the sequencer single
BATCH = 5000  # lines
COLUMNS = ("subject", "number", "verb", "at", "actor", "salt", "facts_digest", "previous", "digest")
KINDS = ("text", "int8", "text", "timestamptz", "text", "bytea", "text", "text", "text")
TIPS = "SELECT subject, length, head FROM ledger_chain WHERE subject = ANY(%s) ORDER BY subject FOR UPDATE"
CHAINS = (
    "INSERT INTO ledger_chain (subject, length, head) SELECT * FROM unnest(%s::text[], %s::int8[], %s::text[]) "
    "ON CONFLICT (subject) DO UPDATE SET length = EXCLUDED.length, head = EXCLUDED.head"
)


def continue_chain(write: Statement, subject: str, tip: Tip, entries: Sequence[Entry]) -> Tip:
    """Put lines into the statement of the act they tell of; the caller has read the tip in this act.

    Two acts that read the same tip collide on the line's key: the later one fails whole and reads again.
    """
    mine = suite(here().suite)
    lines = []
    for entry in entries:
        line = next_line(mine, subject, tip, entry)
        lines.append(vars(line))
        tip = Tip(length=line.number, head=line.digest)
    write.insert(Line, lines)
    write.insert(Pending, [{"subject": subject, "number": line["number"]} for line in lines])
    write.insert(
        Chain,
        [{"subject": subject, "length": tip.length, "head": tip.head}],
        on_conflict="ON CONFLICT (subject) DO UPDATE SET length = EXCLUDED.length, head = EXCLUDED.head",
    )
    return tip


def write(subject: str, *, verb: str, actor: Actor, at: datetime, facts: Mapping[str, Any]) -> None:
    """Write one line, on the rarer paths that are not one statement. Part of the caller's transaction."""
    with transaction.atomic():
        Chain.objects.bulk_create([Chain(subject=subject, length=0, head="")], ignore_conflicts=True)
        chain = Chain.objects.select_for_update().get(subject=subject)
        statement = Statement()
        statement.guard("SELECT 1", [])
        entry = Entry(verb=verb, actor=actor.pseudonym, at=at, facts=facts)
        continue_chain(statement, subject, Tip(length=chain.length, head=chain.head), [entry])
        statement.run()


def write_many(entries: Iterable[tuple[str, Entry]]) -> int:
    """One line for each of very many subjects, none of them twice; part of the caller's transaction. How many.

    Another act that continues one of these chains meanwhile collides on the line's key, as everywhere.
    """
    told, rest = 0, iter(entries)
    with transaction.atomic():
        while chunk := list(islice(rest, BATCH)):
            _write_chunk(sorted(chunk, key=lambda pair: pair[0]))
            told += len(chunk)
    return told


def _write_chunk(chunk: Sequence[tuple[str, Entry]]) -> None:
    mine = suite(here().suite)
    with connection.cursor() as cursor:
        cursor.execute(TIPS, [[subject for subject, _ in chunk]])
        tips = {subject: Tip(length, head) for subject, length, head in cursor.fetchall()}
        lines = [next_line(mine, subject, tips.get(subject, START), entry) for subject, entry in chunk]
        _copy(cursor, "ledger_line", COLUMNS, KINDS, (_values(line) for line in lines))
        _copy(cursor, "ledger_pending", COLUMNS[:2], KINDS[:2], ((line.subject, line.number) for line in lines))
        ends: list[Any] = [[line.subject for line in lines], [line.number for line in lines]]
        cursor.execute(CHAINS, [*ends, [line.digest for line in lines]])


def _values(line: Written) -> tuple[Any, ...]:
    return tuple(vars(line)[column] for column in COLUMNS)


def _copy(cursor: Any, table: str, columns: Sequence[str], kinds: Sequence[str], rows: Iterable[Any]) -> None:
    with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(kinds)
        for row in rows:
            copy.write_row(row)


def sequence_once(at: datetime, signer: Signer) -> int:
    """Take committed lines into the tree and sign the new head. How many were taken.

    A line becomes visible as pending only when its transaction commits, however long that took, so a late
    commit is taken later and never missed. One sequencer works at a time; a second one finds nothing to do.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [SEQUENCER])
        if not cursor.fetchone()[0]:
            return 0
        taken = _pending(cursor)
        if taken:
            _append(taken, at, signer)
        return len(taken)


def _pending(cursor: Any) -> list[tuple[str, int, str]]:
    """The lines to take: subject, number, digest. They leave the pending table with this transaction."""
    cursor.execute(
        "DELETE FROM ledger_pending p USING ledger_line l WHERE (p.subject, p.number) IN "
        "(SELECT subject, number FROM ledger_pending ORDER BY subject, number LIMIT %s) "
        "AND l.subject = p.subject AND l.number = p.number RETURNING l.subject, l.number, l.digest",
        [BATCH],
    )
    return sorted(cursor.fetchall())


def _append(taken: list[tuple[str, int, str]], at: datetime, signer: Signer) -> None:
    mine = suite(here().suite)
    tree, _ = Tree.objects.get_or_create(id=1)
    before = Frontier(size=tree.size, peaks=tuple(bytes.fromhex(peak) for peak in tree.peaks))
    hashes = [merkle.leaf_hash(mine, digest.encode()) for _, _, digest in taken]
    frontier, whole = trees.grow(mine, before, hashes)
    leaves = [
        Leaf(position=position, subject=subject, number=number, line_digest=digest)
        for position, (subject, number, digest) in enumerate(taken, start=before.size)
    ]
    Leaf.objects.bulk_create(leaves, batch_size=1000)
    Branch.objects.bulk_create([Branch(level=each.level, place=each.place, hash=each.hash) for each in whole])
    tree.size, tree.peaks = frontier.size, [peak.hex() for peak in frontier.peaks]
    tree.save(update_fields=["size", "peaks"])
    root = frontier.root(mine).hex()
    after = None if tree.after is None else After(**tree.after)
    head = signed(signer, TreeHead(here().code, tree.epoch, frontier.size, root, at, after).bytes())
    Head.objects.create(
        size=frontier.size,
        epoch=tree.epoch,
        document=head.data,
        signature=head.signature,
        key_id=head.key_id,
        suite=head.suite,
        at=at,
    )


@transaction.atomic
def begin_epoch(epoch: int, behind: Mark | None, kept: int, *, actor: Actor, at: datetime) -> None:
    """After a restore: go on as a new epoch, which says behind which head that peers hold it begins.

    Without one it begins behind our own last head. The line this writes makes the next head; what the backup kept of
    the tree stands in it too.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEQUENCER])
    tree, _ = Tree.objects.get_or_create(id=1)
    if epoch <= tree.epoch:
        raise EpochNotNew(epoch=epoch, present=tree.epoch)
    line = behind or queries.own_mark()
    after = {"epoch": line.epoch, "size": line.size, "root": line.root, "kept": min(kept, line.size)}
    tree.epoch, tree.after = epoch, after
    tree.save(update_fields=["epoch", "after"])
    write(f"ledger/{here().code}", verb="ledger.restarted", actor=actor, at=at, facts={"epoch": epoch, **after})
