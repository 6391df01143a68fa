# SPDX-License-Identifier: Apache-2.0
"""Reading what was witnessed: of others here, and of this node elsewhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from tongban.exchange import witness
from tongban.exchange.models import ToldHead, WitnessedHead
from tongban.exchange.witness import Held, Standing, Testimony, Told
from tongban.ledger import heads
from tongban.ledger import queries as diary
from tongban.ledger.heads import Mark, NotAHead, TreeHead
from tongban.regions.queries import trust_list
from tongban.standards.crypto import suite
from tongban.standards.node import here
from tongban.standards.signer import Signed


@dataclass(frozen=True)
class WitnessView:
    """A peer in both directions: what we hold of its diary, and what it was told of ours."""

    code: str
    name: str
    size: int | None  # lines of its diary under the newest head we hold
    received_at: datetime | None
    conflicts: int
    told_size: int | None
    told_at: datetime | None


@dataclass(frozen=True)
class ConflictView:
    """A head that cannot stand beside another of the same node: somebody must look."""

    node: str
    name: str
    epoch: int
    size: int
    standing: str  # conflict, restarted, unlinked
    why: str
    received_at: datetime


@dataclass(frozen=True)
class Compared:
    """What came of comparing this node's tree with one peer's word."""

    witness: str
    name: str
    agrees: bool
    sentence: str


def witnessing() -> list[WitnessView]:
    """Every peer, for the operator's page."""
    told = {row.recipient: row for row in ToldHead.objects.all()}
    against = conflict_counts()
    found = []
    for node in trust_list().peers(here().code):
        newest, ours = _standing().filter(node=node.code).order_by("-epoch", "-size").first(), told.get(node.code)
        found.append(
            WitnessView(
                code=node.code,
                name=node.name,
                size=newest.size if newest else None,
                received_at=newest.received_at if newest else None,
                conflicts=against.get(node.code, 0),
                told_size=ours.size if ours else None,
                told_at=ours.at if ours else None,
            )
        )
    return found


def conflict_counts() -> dict[str, int]:
    """For each node of which a contradicting head is kept: how many. Empty is how it should be."""
    rows = WitnessedHead.objects.filter(standing=Standing.CONFLICT)
    return dict(rows.values_list("node").annotate(Count("digest")))


def conflicts(limit: int = 50) -> list[ConflictView]:
    """Heads that somebody should look at, the latest first: contradictions, restores, and what could not be linked."""
    odd = (Standing.CONFLICT, Standing.RESTARTED, Standing.UNLINKED)
    rows = WitnessedHead.objects.filter(standing__in=odd).order_by("-received_at")[:limit]
    names = {node.code: node.name for node in trust_list().nodes.values()}
    return [
        ConflictView(
            row.node, names.get(row.node, row.node), row.epoch, row.size, row.standing, row.why, row.received_at
        )
        for row in rows
    ]


def held(node: str, told: Told) -> Held:
    """What is held of a node that bears on a head it tells."""
    rows, head = _standing().filter(node=node), told.head
    newest = rows.order_by("-epoch", "-size").first()
    same = WitnessedHead.objects.filter(node=node, epoch=head.epoch, size=head.size)
    place = same.filter(root=head.root).first() or same.exclude(standing=Standing.CONFLICT).first()
    since = told.since
    base = since and rows.filter(epoch=since.epoch, size=since.size, root=since.root).exists()
    kept = head.after is not None and rows.filter(epoch__lt=head.epoch, size__gt=0, size__lte=head.after.kept).exists()
    return Held(
        newest=None if newest is None else heads.read(bytes(newest.document)),
        same_place=None if place is None else Mark(place.epoch, place.size, place.root),
        base=since if base else None,
        holds_kept=kept,
    )


def statement_of(code: str, at: datetime) -> bytes:
    """What this node says it holds of a peer's diary, unsigned: the newest heads and ever fewer older ones."""
    rows = [*_spread(code), *WitnessedHead.objects.filter(node=code, standing=Standing.CONFLICT)]
    told = [
        witness.held_head(
            Signed(bytes(row.document), bytes(row.signature), row.key_id, row.suite), row.standing, row.received_at
        )
        for row in sorted(rows, key=lambda row: (row.epoch, row.size, row.digest), reverse=True)
    ]
    return witness.statement(here().code, code, at, told)


def _spread(code: str) -> Iterable[WitnessedHead]:
    """Of each epoch the newest head, then those one, two, four … lines before it: a break is found within a few."""
    found: dict[str, WitnessedHead] = {}
    for epoch in _standing().filter(node=code).values_list("epoch", flat=True).distinct().order_by("-epoch")[:8]:
        rows = _standing().filter(node=code, epoch=epoch).order_by("-size")
        newest = rows[0]
        found[newest.digest] = newest
        for distance in range(40):
            earlier = rows.filter(size__lte=newest.size - 2**distance).first()
            if earlier is None:
                break
            found[earlier.digest] = earlier
    return found.values()


def _standing() -> Any:
    return WitnessedHead.objects.exclude(standing=Standing.CONFLICT)


@dataclass(frozen=True)
class OwnHead:
    """A head of ours as a peer holds it; our own signature on it was checked."""

    witness: str
    head: TreeHead


def own_heads(statements: Sequence[Testimony]) -> list[OwnHead]:
    """The heads in these statements that this node did sign; others prove nothing against it."""
    keys = {key.id: key for key in trust_list().node(here().code).keys if key.use == "exchange"}
    found = []
    for said in statements:
        for each in said.heads:
            key, signed = keys.get(each.key_id), each.signed
            if key is None or not suite(key.suite).verify(key.public_bytes, signed.data, signed.signature):
                continue
            try:
                head = heads.read(signed.data)
            except NotAHead:
                continue
            if head.node == here().code:
                found.append(OwnHead(said.witness, head))
    return found


def compare(said: Testimony) -> Compared:
    """Whether this node's tree, as it stands now, is the one that this peer witnessed; the first break is named."""
    name = trust_list().node(said.witness).name
    mine = sorted(own_heads([said]), key=lambda each: (each.head.epoch, each.head.size))
    if not mine:
        return Compared(said.witness, name, True, f"{name}（{said.witness}）还没有见证过本节点的账本。")
    good = 0
    for each in mine:
        why = _difference(each.head, good)
        if why:
            return Compared(said.witness, name, False, f"与{name}（{said.witness}）的见证不符：{why}。")
        good = max(good, min(each.head.size, diary.tree_size()))
    last = mine[-1].head
    return Compared(said.witness, name, True, f"{name}（{said.witness}）见证到第 {last.size} 行，与本节点账本一致。")


def _difference(head: TreeHead, good: int) -> str:
    """Why the tree is not the one of a head that this node once signed; empty when it is."""
    present, size = diary.epoch(), diary.tree_size()
    later = {epoch: after for epoch, after in diary.beginnings().items() if epoch > head.epoch}
    if head.epoch > present:
        return f"对方见证过第 {head.epoch} 纪元，本节点却在第 {present} 纪元，像是未经申明地换上了旧备份"
    for epoch, after in later.items():
        if (head.epoch, head.size) > (after.epoch, after.size):
            return f"对方见证到第 {head.size} 行，第 {epoch} 纪元却只申明接在第 {after.size} 行之后"
    reach = min([after.kept for after in later.values()], default=head.size)
    if head.size > reach:
        return ""  # lost with the machine, as the node has declared
    if head.size > size:
        return f"对方见证过 {head.size} 行，本节点只有 {size} 行，账本被截短"
    if diary.root_at(head.size).hex() == head.root:
        return ""
    line = diary.line_at(good)
    first = f"（从 {line[0]} 第 {line[1]} 行起）" if line else ""
    where = f"第 {good + 1} 行" if head.size == good + 1 else f"第 {good + 1} 至 {head.size} 行之间"
    return f"账本树{where}{first}在见证之后被改动过，{head.at:%Y-%m-%d %H:%M} (UTC) 的树头已经对不上"
