# SPDX-License-Identifier: Apache-2.0
"""How the materials of a draft were had, or are being had: every try, and what it brought."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tongban.cases.ways import FETCHED, MARKS, NAMES, Level, Way
from tongban.database import reading
from tongban.standards.canonical import parse
from tongban.vault import keys

# What the resident worker asks: is there a material to be had, or an answer to be read?
GATHERING_DUE = (
    "SELECT 1 FROM cases_attempt a WHERE a.ended_at IS NULL AND (a.question IS NULL OR EXISTS "
    "(SELECT 1 FROM exchange_asked q WHERE q.id = a.question AND q.state <> 'waiting'))"
)
ALL = (
    "SELECT json_agg(json_build_array(a.number, a.requirement, a.way, a.source, a.outcome, a.digest, "
    "encode(a.sealed, 'hex'), a.begun_at, a.ended_at) ORDER BY a.number) FROM cases_attempt a WHERE a.case_id = "
)
ATTEMPTS, OF_ONE = f"({ALL}cases_draft.id)", f"{ALL}%s"
MET = "met"
WITHDRAWN = "withdrawn"  # whom it was of, or what it was for, has changed since: it counts for nothing


@dataclass(frozen=True)
class TriedWay:
    """One try as the applicant reads it."""

    way: Way
    way_name: str
    outcome: str  # met, or the code of why not; empty while it is tried
    begun_at: datetime
    ended_at: datetime | None
    says: str  # why it brought nothing, in a sentence
    name: str  # of what it brought
    number: str
    issuer: str
    source: str = ""  # the node that was asked

    @property
    def trust(self) -> str:
        """How far what a source gave can be trusted, in words."""
        return f"可信等级 {Level.A}：{MARKS[Level.A]}"


@dataclass(frozen=True)
class Attempt:
    """One try, opened."""

    number: int
    requirement: str
    way: Way
    source: str
    outcome: str  # met, or the code of why not; empty while it is tried
    digest: str
    told: Mapping[str, Any]  # what was agreed to, what was answered
    begun_at: datetime
    ended_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.ended_at is None

    @property
    def view(self) -> "TriedWay":
        """As its page shows it."""
        words = {name: str(self.told.get(name, "")) for name in ("says", "name", "number", "issuer")}
        return TriedWay(
            self.way, NAMES[self.way], self.outcome, self.begun_at, self.ended_at, **words, source=self.source
        )

    def plain(self) -> dict[str, Any]:
        """As the first line of the case tells of it."""
        shown = ("name", "number", "issuer", "file", "type", "agreed_at", "until", "as_of", "verification", "method")
        told = {name: self.told[name] for name in shown if self.told.get(name)}
        at = (self.ended_at or self.begun_at).isoformat()
        words = {"requirement": self.requirement, "way": str(self.way), "source": self.source, "at": at}
        return words | told | {"outcome": self.outcome} | ({"digest": self.digest} if self.digest else {})


def context(case_id: UUID, number: int) -> bytes:
    """What one try holds cannot be moved to another unseen."""
    return b"attempt:" + case_id.bytes + b":%d" % number


def read(key: bytes, case_id: UUID, rows: Iterable[Sequence[Any]] | None) -> tuple[Attempt, ...]:
    """The tries in the rows of ATTEMPTS, opened."""
    return tuple(_attempt(key, case_id, row) for row in rows or ())


def of(key: bytes, case_id: UUID) -> tuple[Attempt, ...]:
    """The tries for one application, opened. One select."""
    row = reading.row(OF_ONE, [case_id])
    return read(key, case_id, row[0] if row else None)


def _attempt(key: bytes, case_id: UUID, row: Sequence[Any]) -> Attempt:
    number, requirement, way, source, outcome, digest, sealed, begun_at, ended_at = row
    return Attempt(
        number=number,
        requirement=requirement,
        way=Way(way),
        source=source,
        outcome=outcome,
        digest=digest,
        told=parse(keys.unseal(key, bytes.fromhex(sealed), context(case_id, number))),
        begun_at=_instant(begun_at),
        ended_at=_instant(ended_at) if ended_at else None,
    )


def _instant(told: str) -> datetime:
    return datetime.fromisoformat(told).astimezone(UTC)


def told(attempts: Sequence[Attempt], digests: Collection[str]) -> list[dict[str, Any]]:
    """The tries that go with the case: those whose file is handed in, and those that brought none."""
    over = [each for each in attempts if not each.is_open and each.outcome != WITHDRAWN]
    return [each.plain() for each in over if each.outcome != MET or each.digest in digests]


@dataclass(frozen=True)
class Standing:
    """How a requirement stands with the ways that the system tries."""

    open: TriedWay | None  # being tried now
    met: TriedWay | None  # whose file is among those handed in
    failed: tuple[TriedWay, ...]  # until one of them brought it
    may_fetch: bool  # the applicant may agree to it now


def standing(requirement: str, ways: Sequence[Way], attempts: Sequence[Attempt], digests: Collection[str]) -> Standing:
    """What to show at a requirement."""
    mine = [each for each in attempts if each.requirement == requirement and each.outcome != WITHDRAWN]
    last = mine[-1] if mine else None
    met = next((each for each in reversed(mine) if each.outcome == MET and each.digest in digests), None)
    failed = [each for each in mine if not each.is_open and each.outcome != MET] if met is None else []
    trying = last if last is not None and last.is_open else None
    return Standing(
        open=trying.view if trying else None,
        met=met.view if met else None,
        failed=tuple(each.view for each in _latest(failed)),
        may_fetch=bool(set(ways) & set(FETCHED)) and met is None and trying is None,
    )


def _latest(failed: Sequence[Attempt]) -> list[Attempt]:
    """Of each way the last try, in the order of the ways."""
    return list({each.way: each for each in failed}.values())
