# SPDX-License-Identifier: Apache-2.0
"""Reading the diary and checking that nobody has touched it."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from django.db import connection

from tongban.ledger import heads
from tongban.ledger.errors import NoSuchHead, NotInTree
from tongban.ledger.heads import After, Mark
from tongban.ledger.lines import START, Tip, line_digest
from tongban.ledger.models import Branch, Chain, Head, Leaf, Line, Pending, Tree
from tongban.ledger.tree import Reader, grow
from tongban.standards.crypto import Suite, merkle, suite
from tongban.standards.crypto.merkle import Frontier
from tongban.standards.node import here
from tongban.standards.signer import Signed

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
    frontier, kept = Frontier(), {(each.level, each.place): bytes(each.hash) for each in Branch.objects.all()}
    signed_heads = iter(Head.objects.order_by("size").iterator(chunk_size=500))
    head = next(signed_heads, None)
    for leaf in Leaf.objects.raw(LEAVES).iterator():
        if leaf.position != frontier.size:
            return Broken(leaf.subject, leaf.number, "账本树缺少一片叶")
        if getattr(leaf, "kept", None) != leaf.line_digest:
            return Broken(leaf.subject, leaf.number, "账本树中的摘要与该行不符")
        frontier, whole = grow(mine, frontier, [merkle.leaf_hash(mine, leaf.line_digest.encode())])
        if any(kept.pop((each.level, each.place), each.hash) != each.hash for each in whole):
            return Broken(leaf.subject, leaf.number, "账本树中保存的子树与叶不符")
        if head is not None and head.size == frontier.size:
            if (why := _broken_head(head, frontier.root(mine), verify)) is not None:
                return Broken(leaf.subject, leaf.number, why)
            head = next(signed_heads, None)
    if head is not None:
        return Broken("tree", head.size, "账本树比已签名的树头短")
    return Broken("tree", frontier.size, "账本树中保存了没有叶的子树") if kept else _unplaced()


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


@dataclass(frozen=True)
class SignedHead:
    """A head of this node with what proves it."""

    mark: Mark
    after: After | None
    signed: Signed


@dataclass(frozen=True)
class Inclusion:
    """Where a line stands in the tree of a size, and the hashes that prove it."""

    line_digest: str
    position: int
    size: int
    path: tuple[bytes, ...]


class _Stored:
    """Leaves and subtrees as the tables hold them."""

    def __init__(self, of: Suite) -> None:
        self._suite = of

    def leaves(self, start: int, end: int) -> list[bytes]:
        rows = Leaf.objects.filter(position__gte=start, position__lt=end).order_by("position")
        return [merkle.leaf_hash(self._suite, digest.encode()) for digest in rows.values_list("line_digest", flat=True)]

    def branches(self, wanted: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """One statement for all of them: how many there are grows with the logarithm of the tree."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT b.level, b.place, b.hash FROM ledger_branch b JOIN unnest(%s::smallint[], %s::bigint[]) "
                "AS wanted (level, place) ON b.level = wanted.level AND b.place = wanted.place",
                [[level for level, _ in wanted], [place for _, place in wanted]],
            )
            return {(level, place): bytes(hash) for level, place, hash in cursor.fetchall()}


def tree_size() -> int:
    """How many lines the tree has taken in."""
    return Tree.objects.values_list("size", flat=True).first() or 0


def epoch() -> int:
    """The epoch in which the next head will be made."""
    return Tree.objects.values_list("epoch", flat=True).first() or 1


def newest_head() -> SignedHead | None:
    """The last head this node signed; None before the first."""
    row = Head.objects.order_by("-size").first()
    return None if row is None else _signed_head(row)


def head_of(size: int) -> SignedHead:
    """The head that was signed at this size. NoSuchHead."""
    row = Head.objects.filter(size=size).first()
    if row is None:
        raise NoSuchHead(size=size)
    return _signed_head(row)


def own_mark() -> Mark:
    """Where this node's tree stands by its own word."""
    newest = newest_head()
    return Mark(epoch(), 0, suite(here().suite).hash(b"").hex()) if newest is None else newest.mark


def beginnings() -> dict[int, After]:
    """For each later epoch, behind which head it began."""
    rows = Head.objects.filter(epoch__gt=1).order_by("epoch", "size").distinct("epoch")
    read = (heads.read(bytes(row.document)) for row in rows)
    return {each.epoch: each.after for each in read if each.after is not None}


def inclusion(subject: str, number: int, size: int | None = None) -> Inclusion:
    """The proof that a line stands in the tree of this size, by default the newest head's. NotInTree, NoSuchHead."""
    leaf = Leaf.objects.filter(subject=subject, number=number).first()
    of = own_mark().size if size is None else size
    if leaf is None or leaf.position >= of:
        raise NotInTree(subject=subject, number=number)
    path = _within(of).path(leaf.position, of)
    return Inclusion(line_digest=leaf.line_digest, position=leaf.position, size=of, path=tuple(path))


def consistency(old: int, new: int) -> tuple[bytes, ...]:
    """The proof that the tree of size `new` begins with the one of size `old`. NoSuchHead when it has no such."""
    if old > new:
        raise NoSuchHead(size=old)
    return tuple(_within(new).consistency(old, new))


def root_at(size: int) -> bytes:
    """The root over the first `size` lines as they stand now. NoSuchHead."""
    return _within(size).root(size)


def line_at(position: int) -> tuple[str, int] | None:
    """Subject and number of the line at a place of the tree."""
    return Leaf.objects.filter(position=position).values_list("subject", "number").first()


def _within(size: int) -> Reader:
    mine, present = suite(here().suite), tree_size()
    if size > present:
        raise NoSuchHead(size=size)
    return Reader(mine, _Stored(mine), present)


def _signed_head(row: Head) -> SignedHead:
    told = heads.read(bytes(row.document))
    signed = Signed(bytes(row.document), bytes(row.signature), row.key_id, row.suite)
    return SignedHead(mark=told.mark, after=told.after, signed=signed)


def waiting() -> int:
    """Lines that the tree has not taken in yet."""
    return Pending.objects.count()
