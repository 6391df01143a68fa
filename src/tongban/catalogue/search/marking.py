# SPDX-License-Identifier: Apache-2.0
"""Which characters of a name were asked for, by sight or by sound."""

from dataclasses import dataclass
from itertools import groupby, pairwise, product

from tongban.catalogue.search import pinyin
from tongban.catalogue.search.features import Features


@dataclass(frozen=True)
class Stretch:
    """Some characters of a name, asked for or not."""

    text: str
    hit: bool


def marked(name: str, wanted: Features) -> list[Stretch]:
    """The name in stretches."""
    hits = [False] * len(name)
    for at, (left, right) in enumerate(pairwise(name)):
        if _asked(left, right, wanted):
            hits[at] = hits[at + 1] = True
    stretches = groupby(zip(name, hits, strict=True), key=lambda each: each[1])
    return [Stretch("".join(character for character, _ in part), hit) for hit, part in stretches]


def _asked(left: str, right: str, wanted: Features) -> bool:
    if f"p{left}{right}" in wanted or f"w{left}{right}" in wanted:
        return True
    sounds = product(pinyin.readings(left), pinyin.readings(right))
    return any(f"s{one} {other}" in wanted for one, other in sounds)
