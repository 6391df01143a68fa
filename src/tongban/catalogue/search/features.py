# SPDX-License-Identifier: Apache-2.0
"""What a name and a question are compared by: words, pairs of neighbouring characters, pairs of neighbouring syllables.

Words carry the meaning; pairs forgive a slip of one character; syllables forgive a wrong character of the same sound.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise, product

import rjieba

from tongban.catalogue.search import pinyin
from tongban.catalogue.search.speech import Piece

WORD, SINGLE, PAIR, SYLLABLES, INITIALS = 1.0, 0.25, 0.5, 0.3, 0.5
RUN = re.compile(r"[a-z]+|[0-9]+|[\u4e00-\u9fff]+")
LETTERS = re.compile(r"[a-z]+")

Features = Mapping[str, float]


def features(pieces: Iterable[Piece], *, asked: bool) -> Features:
    """Each feature with its weight; what stands in several pieces counts once, as it counts most."""
    found: defaultdict[str, float] = defaultdict(float)
    for piece in pieces:
        for run in RUN.findall(piece.text):
            for feature, weight in _of_run(run, asked=asked):
                found[feature] = max(found[feature], weight * piece.weight)
    return found


def _of_run(run: str, *, asked: bool) -> Iterator[tuple[str, float]]:
    if run[0].isascii():
        yield from _of_letters(run) if asked and LETTERS.fullmatch(run) else ((f"w{run}", WORD),)
        return
    for word in rjieba.cut_for_search(run, True):
        yield f"w{word}", WORD if len(word) > 1 else SINGLE
    for pair in pairwise(run):
        yield f"p{''.join(pair)}", PAIR
    for left, right in pairwise(run):
        for one, other in product(pinyin.readings(left), pinyin.readings(right)):
            yield f"s{one} {other}", SYLLABLES
    if not asked:
        yield from _of_initials(pinyin.initials(run))


def _of_letters(letters: str) -> Iterator[tuple[str, float]]:
    """Latin letters in a question: a word as it is, syllables, or first letters."""
    yield f"w{letters}", WORD
    spelt = pinyin.syllables(letters)
    if len(spelt) > 1:
        yield from ((f"s{one} {other}", 1.0) for one, other in pairwise(spelt))
    else:
        yield from _of_initials(letters)


def _of_initials(letters: str) -> Iterator[tuple[str, float]]:
    """Pairs and threes of first letters: a longer run is found by its parts."""
    for length, weight in ((2, INITIALS / 2), (3, INITIALS)):
        yield from ((f"i{letters[at : at + length]}", weight) for at in range(len(letters) - length + 1))
