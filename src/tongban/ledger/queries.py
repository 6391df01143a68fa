# SPDX-License-Identifier: Apache-2.0
"""Reading the diary and checking that nobody has touched it."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db import connection

from tongban.ledger.lines import START, Tip, line_digest
from tongban.ledger.models import Chain, Head, Leaf, Line, Pending
from tongban.standards.crypto import Suite, merkle, suite
from tongban.standards.crypto.merkle import Frontier
from tongban.standards.node import here

LEAVES = (
    "SELECT f.*, l.digest AS kept FROM ledger_leaf f LEFT JOIN ledger_line l USING (subject, number) ORDER BY position"
)
Verify = Callable[[str, str, bytes, bytes], bool]  # suite, key id, data, signature


@dataclass(frozen=True)
class Broken:
    """The first place that is not as it must be."""

    subject: str
    number: int
    why: str


def tip(subject: str) -> Tip:
    """Where the chain of a subject ends."""
    row = Chain.objects.filter(subject=subject).values_list("length", "head").first()
    return Tip(*row) if row else START


def story(subject: str) -> list[Line]:
    """All lines about one subject, oldest first."""
    return list(Line.objects.filter(subject=subject).order_by("number"))


def first_broken(subject: str | None = None, verify: Verify | None = None) -> Broken | None:
    """The first broken place of one subject, or of the whole node: chains, tree, signed heads."""
    mine = suite(here().suite)
    lines = Line.objects.order_by("subject", "number")
    if subject is not None:
        lines = lines.filter(subject=subject)
    for name, chain in groupby(lines.iterator(chunk_size=2000), key=lambda line: line.subject):
        if (broken := _broken_chain(mine, name, chain)) is not None:
            return broken
    return _broken_tail(subject) or (_broken_tree(mine, verify) if subject is None else None)


def _broken_chain(mine: Suite, subject: str, chain: Iterator[Line]) -> Broken | None:
    previous = ""
    for number, line in enumerate(chain, start=1):
        if line.number != number:
            return Broken(subject, number, "缺少这一行")
        if line.previous != previous:
            return Broken(subject, number, "与上一行不衔接")
        true = line_digest(
            mine,
            subject=line.subject,
            number=line.number,
            verb=line.verb,
            at=line.at,
            actor=line.actor,
            facts_digest=line.facts_digest,
            previous=line.previous,
        )
        if true != line.digest:
            return Broken(subject, number, "内容与摘要不符")
        previous = line.digest
    return None


def _broken_tail(subject: str | None) -> Broken | None:
    """A chain whose last lines were cut off, or whose kept end is another, or none."""
    these = "" if subject is None else "WHERE subject = %s"
    return _first(
        "SELECT COALESCE(c.subject, l.subject), COALESCE(c.length, l.number) "  # noqa: S608
        f"FROM (SELECT * FROM ledger_chain {these}) c FULL JOIN (SELECT DISTINCT ON (subject) subject, number, digest "
        f"FROM ledger_line {these} ORDER BY subject, number DESC) l ON l.subject = c.subject "
        "WHERE (l.number IS DISTINCT FROM c.length OR l.digest IS DISTINCT FROM c.head) "
        "AND COALESCE(c.length, 1) > 0 ORDER BY 1 LIMIT 1",
        [] if subject is None else [subject, subject],
        "链尾与记录不符",
    )


def _broken_tree(mine: Suite, verify: Verify | None) -> Broken | None:
    frontier = Frontier()
    heads = iter(Head.objects.order_by("size").iterator(chunk_size=500))
    head = next(heads, None)
    for leaf in Leaf.objects.raw(LEAVES).iterator():
        if leaf.position != frontier.size:
            return Broken(leaf.subject, leaf.number, "账本树缺少一片叶")
        if getattr(leaf, "kept", None) != leaf.line_digest:
            return Broken(leaf.subject, leaf.number, "账本树中的摘要与该行不符")
        frontier = frontier.add(mine, [merkle.leaf_hash(mine, leaf.line_digest.encode())])
        if head is not None and head.size == frontier.size:
            if (why := _broken_head(head, frontier.root(mine), verify)) is not None:
                return Broken(leaf.subject, leaf.number, why)
            head = next(heads, None)
    if head is not None:
        return Broken("tree", head.size, "账本树比已签名的树头短")
    return _unplaced()


def _broken_head(head: Head, root: bytes, verify: Verify | None) -> str | None:
    if _told(head) != (root.hex(), head.size):
        return "账本树的根与已签名的树头不符"
    if verify is not None and not verify(head.suite, head.key_id, bytes(head.document), bytes(head.signature)):
        return "树头的签名无效"
    return None


def _told(head: Head) -> tuple[object, object] | None:
    """Root and size as a head tells them; None when it is no head any more."""
    try:
        told = json.loads(bytes(head.document))
        return told["root"], told["size"]
    except (ValueError, KeyError, TypeError):
        return None


def _unplaced() -> Broken | None:
    """A line that neither waits for the tree nor stands in it was slipped in."""
    return _first(
        "SELECT l.subject, l.number FROM ledger_line l LEFT JOIN ledger_leaf f USING (subject, number) "
        "LEFT JOIN ledger_pending p USING (subject, number) "
        "WHERE f.position IS NULL AND p.subject IS NULL ORDER BY l.subject, l.number LIMIT 1",
        [],
        "不在账本树中，也不在待入树之列",
    )


def _first(sql: str, values: Sequence[str], why: str) -> Broken | None:
    """The first row (subject, number) of a query, as a broken place."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        row = cursor.fetchone()
    return None if row is None else Broken(row[0], row[1], why)


def waiting() -> int:
    """Lines that the tree has not taken in yet."""
    return Pending.objects.count()
