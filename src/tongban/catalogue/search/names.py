# SPDX-License-Identifier: Apache-2.0
"""The names of what can be asked for, kept in memory and ranked by a question.

A million implementations bear a few thousand names: names are ranked here, places are looked up in the database.
"""

import re
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice
from math import log, sqrt

from tongban.catalogue.search import pinyin, speech
from tongban.catalogue.search.features import features
from tongban.catalogue.search.speech import Piece

CANDIDATES = 600  # names that the rarest features bring in; the others only add to these
ABBREVIATED = 0.3  # for a name whose first letters, in order, are those of the question
LENGTH = 0.55  # how much a long name pays for what was not asked
LETTERS = re.compile(r"[a-z]{2,12}")


@dataclass(frozen=True)
class Hit:
    """A name and how well it answers, 0 to about 2."""

    id: int
    score: float


class Holding:
    """The names that hold a feature, and how much it weighs in each."""

    __slots__ = ("ids", "weights")

    def __init__(self) -> None:
        self.ids, self.weights = array("l"), array("f")


class Names:
    """An inverted index of names; it only grows, one thread at a time, while others rank: they look over copies.

    `weigh` after the last of several that were added; what is not weighed yet is not found.
    """

    def __init__(self) -> None:
        self.texts: dict[int, str] = {}
        self._initials: dict[int, tuple[str, ...]] = {}
        self._holding: dict[str, Holding] = {}
        self._lengths: dict[int, float] = {}

    def add(self, id: int, name: str) -> None:
        """One more name. The same id again changes nothing."""
        if id in self.texts:
            return
        pieces = speech.named(name)
        for feature, weight in features(pieces, asked=False).items():
            holding = self._holding.setdefault(feature, Holding())
            holding.ids.append(id)
            holding.weights.append(weight)
        self._initials[id] = tuple({pinyin.initials(piece.text) for piece in pieces})
        self.texts[id] = name

    def weigh(self) -> None:
        """Reckon how long each name is by what its features are worth now."""
        squares = dict.fromkeys(self.texts, 0.0)
        for feature, holding in self._holding.items():
            worth = self._rarity(feature) ** 2
            for id, weight in zip(holding.ids, holding.weights, strict=True):
                squares[id] += weight * weight * worth
        self._lengths = {id: square ** (LENGTH / 2) for id, square in squares.items()}

    def rank(self, pieces: Sequence[Piece], limit: int, allowed: Callable[[int], bool] | None = None) -> list[Hit]:
        """The names that answer best, among those allowed."""
        wanted = features(pieces, asked=True)
        rarity = {feature: self._rarity(feature) for feature in wanted if feature in self._holding}
        if not rarity:
            return []
        worth = {feature: wanted[feature] * rare**2 for feature, rare in rarity.items()}
        full = sqrt(sum((wanted[feature] * rare) ** 2 for feature, rare in rarity.items()))
        letters = [piece.text for piece in pieces if LETTERS.fullmatch(piece.text)]
        scores = {
            id: met / self._lengths[id] / full + ABBREVIATED * self._abbreviates(id, letters)
            for id, met in self._met(worth, rarity).items()
            if id in self._lengths
        }
        best = sorted(scores, key=lambda id: (-scores[id], len(self.texts[id]), id))
        fitting = best if allowed is None else filter(allowed, best)
        return [Hit(id, scores[id]) for id in islice(fitting, limit)]

    def containing(self, text: str, limit: int) -> list[int]:
        """Names that hold exactly these characters, the earlier in the name the better."""
        found = [(at, len(name), id) for id, name in list(self.texts.items()) if (at := name.find(text)) >= 0]
        return [id for _, _, id in sorted(found)[:limit]]

    def _met(self, worth: dict[str, float], rarity: dict[str, float]) -> dict[int, float]:
        """What each candidate holds of what is wanted; the rarest features come first and choose the candidates."""
        met: dict[int, float] = {}
        for feature in sorted(worth, key=lambda each: -rarity[each]):
            holding, is_open = self._holding[feature], len(met) < CANDIDATES
            for id, weight in zip(holding.ids, holding.weights, strict=False):
                if is_open or id in met:
                    met[id] = met.get(id, 0.0) + worth[feature] * weight
        return met

    def _abbreviates(self, id: int, letters: list[str]) -> bool:
        """Whether all of these are first letters of the name, in order, as of its main words."""
        return bool(letters) and any(all(_in_order(each, run) for each in letters) for run in self._initials[id])

    def _rarity(self, feature: str) -> float:
        return log(1 + len(self.texts) / (1 + len(self._holding[feature].ids)))


def _in_order(letters: str, run: str) -> bool:
    rest = iter(run)
    return all(letter in rest for letter in letters)
