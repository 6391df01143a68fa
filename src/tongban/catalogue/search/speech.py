# SPDX-License-Identifier: Apache-2.0
"""From what people type to the words of the lists: one spelling, and common speech by a table."""

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tongban.catalogue.search import pinyin

DATA = Path(__file__).parent / "data"
LONG = 6  # letters; in shorter words one wrong letter may be another word
MOST = 100  # characters of a question that are read
LETTERS = re.compile(r"[a-z]{3,}")
GAP = re.compile(r"[^0-9a-z\u4e00-\u9fff]+")


@dataclass(frozen=True)
class Piece:
    """A stretch of a question; `weight` says how much it counts."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True)
class Saying:
    """A line of the table: what is said, what the lists call it."""

    said: str
    meant: tuple[str, ...]
    kind: str  # same: names are read so too; speech: questions only; empty: says nothing about which item


@cache
def _simplified() -> dict[int, str]:
    lines = (DATA / "simplified.txt").read_text("utf-8").splitlines()
    return {ord(line[0]): line[1] for line in lines} | {ord("囗"): "口"}


@cache
def sayings() -> dict[str, Saying]:
    """The table, by what is said."""
    with (DATA / "speech.csv").open(encoding="utf-8", newline="") as lines:
        rows = [Saying(row["said"], tuple(row["meant"].split()), row["kind"]) for row in csv.DictReader(lines)]
    return {row.said: row for row in rows}


@cache
def _by_head() -> dict[str, list[Saying]]:
    """Longest first, by their first character."""
    heads: dict[str, list[Saying]] = {}
    for saying in sorted(sayings().values(), key=lambda each: -len(each.said)):
        heads.setdefault(saying.said[0], []).append(saying)
    return heads


def plain(text: str) -> str:
    """One spelling: half width, simplified, small letters, a space for whatever else stands between."""
    folded = unicodedata.normalize("NFKC", text[:MOST]).translate(_simplified()).lower()
    return GAP.sub(" ", folded).strip()


def asked(text: str) -> list[Piece]:
    """The pieces of a question, as said and as meant; what was translated counts little in its own words."""
    said = LETTERS.sub(lambda run: f" {_spelt_out(run[0])} ", plain(text))
    return list(_pieces(said, {"same", "speech", "empty"}))


def named(name: str) -> list[Piece]:
    """The pieces of an item's name, with the words that people use in place of the official ones."""
    text = plain(name)
    short = (text.replace(each.meant[0], each.said) for each in _same() if each.meant[0] in text)
    return [*_pieces(text, {"same"}), *(Piece(each, AS_CALLED) for each in dict.fromkeys(short))]


def completed(text: str) -> str:
    """The saying that these characters begin, the shortest; themselves when they begin none."""
    begun = [said for said, saying in sayings().items() if said.startswith(text) and saying.kind != "empty"]
    return min(begun, key=len) if begun and len(text) > 1 else text


@cache
def _same() -> list[Saying]:
    return [saying for saying in sayings().values() if saying.kind == "same" and saying.meant[0] != saying.said]


@cache
def _by_sound() -> dict[str, str]:
    """Sayings by their syllables and by their first letters; the table's earlier lines go first."""
    known: dict[str, str] = {}
    telling = [each.said for each in sayings().values() if each.kind != "empty" and len(each.said) > 1]
    for said in telling:
        known.setdefault("".join(pinyin.readings(each)[0] for each in said), said)
    for said in (each for each in telling if len(each) > 2):
        known.setdefault(pinyin.initials(said), said)
    return known


def _spelt_out(letters: str) -> str:
    """Letters with the sayings that they spell written in characters, where that leaves no half syllable."""
    for length in range(len(letters), 2, -1):
        for begin in range(len(letters) - length + 1):
            said = _by_sound().get(letters[begin : begin + length])
            before, after = letters[:begin], letters[begin + length :]
            if said and _is_whole(before, len(said) < length) and _is_whole(after, len(said) < length):
                return " ".join(filter(None, (_spelt_out(before), said, _spelt_out(after))))
    return letters if len(letters) < LONG or pinyin.syllables(letters) else _mistyped(letters)


def _mistyped(letters: str) -> str:
    """The saying that these letters miss by one: left out, put in, or two of them swapped; themselves for none."""
    return next((_slips()[each] for each in (letters, *_less_one(letters)) if each in _slips()), letters)


@cache
def _slips() -> dict[str, str]:
    """Sayings by their syllables less one letter."""
    return {less: said for sound, said in _by_sound().items() if len(sound) >= LONG for less in _less_one(sound)}


def _less_one(letters: str) -> list[str]:
    return [letters[:at] + letters[at + 1 :] for at in range(len(letters))]


def _is_whole(letters: str, by_syllables: bool) -> bool:
    return not letters or not by_syllables or bool(pinyin.syllables(letters))


AS_CALLED = 0.8  # the weight of a name in people's words
AS_SAID = 0.3  # the weight of words that were translated


def _pieces(text: str, kinds: set[str]) -> Iterator[Piece]:
    begin = at = 0
    while at < len(text):
        saying = _saying(text, at, kinds)
        if saying is None:
            at += 1
            continue
        yield from _between(text[begin:at])
        if saying.kind != "empty":
            yield Piece(saying.said, AS_SAID)
        yield from (_meant(word) for word in saying.meant)
        begin = at = at + len(saying.said)
    yield from _between(text[begin:])


def _between(text: str) -> Iterator[Piece]:
    return (Piece(part) for part in text.split())


def _meant(word: str) -> Piece:
    """A word of the table; one that only leans towards something is written word*0.5."""
    text, _, weight = word.partition("*")
    return Piece(text, float(weight or 1))


def _saying(text: str, at: int, kinds: set[str]) -> Saying | None:
    for saying in _by_head().get(text[at], ()):
        if saying.kind in kinds and text.startswith(saying.said, at):
            return saying
    return None
