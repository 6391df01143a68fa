# SPDX-License-Identifier: Apache-2.0
"""应认领尽认领: which basic items each region is to have, which of them it has, and the rates."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tongban.catalogue.basics import LEVELS
from tongban.catalogue.stages import CLAIMED, DECLINED
from tongban.standards.enums import UseLevel
from tongban.standards.regions import level

HEADER = (
    *("行政区划代码", "行政区划", "应认领", "已发布", "已认领未发布", "不认领（有理由）", "未认领"),
    *("认领率", "发布率"),
)


MATTERS = ("行政区划代码", "行政区划", "基本编码", "事项", "认领情况")


@dataclass(frozen=True)
class Coverage:
    """One region: the basic items that its level is to claim, by what has become of them."""

    region: str
    due: frozenset[str]
    published: frozenset[str]
    claimed: frozenset[str]  # and not published yet
    declined: frozenset[str]  # by every organization that has spoken, with a reason

    @property
    def missing(self) -> frozenset[str]:
        """Due, and nobody has spoken."""
        return self.due - self.published - self.claimed - self.declined

    def matters(self) -> list[tuple[str, str]]:
        """Each basic item that is due with what has become of it; first those of which nobody has spoken."""
        told = (
            (self.missing, "未认领"),
            (self.claimed, "已认领，未发布"),
            (self.declined, "不认领（有理由）"),
            (self.published, "已发布"),
        )
        return [(code, word) for codes, word in told for code in sorted(codes)]

    @property
    def claim_rate(self) -> float | None:
        """Claimed or published of what is due and was not declined; None when nothing is."""
        return _rate(len(self.published | self.claimed), len(self.due - self.declined))

    @property
    def publish_rate(self) -> float | None:
        """Published of what is due and was not declined."""
        return _rate(len(self.published), len(self.due - self.declined))


def due(asked: Mapping[str, Sequence[UseLevel]], region: str) -> frozenset[str]:
    """The basic items that somebody in this region is to claim, by its level and those that each item asks."""
    own = LEVELS[level(region)]
    return frozenset(code for code, levels in asked.items() if own in levels or UseLevel.BY_LEVEL in levels)


def coverage(
    asked: Mapping[str, Mapping[str, Sequence[UseLevel]]],
    published: Iterable[tuple[str, str]],
    spoken: Iterable[tuple[str, str, str]],
) -> list[Coverage]:
    """For each region the items it shares, against (basic code, region) published and (basic code, region, said)."""
    has, says = defaultdict(set), defaultdict(set)
    for basic, region in published:
        has[region].add(basic)
    for basic, region, word in spoken:
        says[region, word].add(basic)
    return [_of(region, due(items, region), has[region], says) for region, items in sorted(asked.items())]


def rows(of: Iterable[Coverage], names: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """The rates as a table, header first."""
    yield HEADER
    for each in of:
        counted = (each.due, each.published, each.claimed, each.declined, each.missing)
        rates = map(shown, (each.claim_rate, each.publish_rate))
        yield (each.region, names.get(each.region, ""), *(str(len(one)) for one in counted), *rates)


def matters(of: Coverage, region_name: str, names: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """What one region is to claim, item by item, as a table, header first."""
    yield MATTERS
    for code, word in of.matters():
        yield of.region, region_name, code, names.get(code, ""), word


def shown(rate: float | None) -> str:
    """A rate for people."""
    return "—" if rate is None else f"{rate:.1%}"


def _of(region: str, wanted: frozenset[str], has: set[str], says: Mapping[tuple[str, str], set[str]]) -> Coverage:
    published = frozenset(wanted & has)
    claimed = frozenset(wanted & says[region, CLAIMED]) - published
    declined = frozenset(wanted & says[region, DECLINED]) - published - claimed
    return Coverage(region, wanted, published, claimed, declined)


def _rate(part: int, whole: int) -> float | None:
    return part / whole if whole else None
