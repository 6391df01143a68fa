# SPDX-License-Identifier: Apache-2.0
"""Places in a question: 长沙, 湖南省, 天心区 after its city, changsha."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate

import rjieba

from tongban.catalogue.search import pinyin
from tongban.standards.regions import Level

ENDS = re.compile(r"(?:省|市|地区|盟|特别行政区|(?:壮族|回族|维吾尔)?自治区)$")
LETTERS = re.compile(r"[a-z]+")
ALSO_WORDS = {"东方", "市辖", "白银", "开封"}  # short names of cities that are words of their own


@dataclass(frozen=True)
class Found:
    """A place that a question names, and what is left to look for."""

    code: str
    rest: str


class Places:
    """The names of regions, as they are said."""

    def __init__(self, regions: Iterable[tuple[str, str, int]]) -> None:
        self._said: dict[str, str] = {}
        self._counties: dict[str, list[str]] = {}
        self._spelt: dict[str, str] = {}
        for code, name, level in sorted(regions, key=lambda each: (each[2], each[0])):
            if level in (Level.PROVINCE, Level.CITY):
                self._enter(code, name)
            elif level == Level.COUNTY:
                self._counties.setdefault(name, []).append(code)

    def find(self, text: str) -> Found:
        """The narrowest place in a plain text, with the rest of it; an empty code when there is none."""
        code, rest = "", text
        for phrase in self._phrases(text):
            inner = self._inside(phrase, code)
            if inner:
                code, rest = inner, rest.replace(phrase, " ", 1)
        return Found(code, rest.strip())

    def strip(self, name: str) -> str:
        """A name without the place at its beginning; the same matter is called so in every city."""
        for length in range(min(len(name), 14), 1, -1):
            head, rest = name[:length], name[length:]
            if len(rest) >= 2 and ((head in self._said and ENDS.search(head)) or head in self._counties):
                return self.strip(rest)
        return name

    def _enter(self, code: str, name: str) -> None:
        short = ENDS.sub("", name)
        for said in (name, short):
            if len(said) > 1 and said not in ALSO_WORDS:
                self._said.setdefault(said, code)
        if len(short) > 1:
            for spelt in {_spelt(short, 0), _spelt(short, -1)}:
                self._spelt.setdefault(spelt, code)

    def _inside(self, phrase: str, code: str) -> str:
        """The region that this phrase names within what was found before; empty when it leads elsewhere."""
        known = self._said.get(phrase) or self._spelt.get(phrase)
        within = [each for each in self._counties.get(phrase, ()) if each.startswith(_stem(code))]
        if known and known.startswith(_stem(code)):
            return known
        return within[0] if len(within) == 1 else ""

    def _phrases(self, text: str) -> Iterable[str]:
        """What may be a place, from left to right, longest first; a word is not cut, or 医保定点 would hold 保定."""
        at, begins = 0, set(accumulate((len(word) for word in rjieba.cut(text, True)), initial=0))
        while at < len(text):
            length = next((n for n in range(min(14, len(text) - at), 1, -1) if self._knows(text[at : at + n])), 0)
            if length and at in begins and self._stands_alone(text, at, length):
                yield text[at : at + length]
            at += length or 1

    def _knows(self, phrase: str) -> bool:
        return phrase in self._said or phrase in self._counties or phrase in self._spelt

    def _stands_alone(self, text: str, at: int, length: int) -> bool:
        """Chinese always does; letters must be followed by whole syllables, or xian would begin xiangang."""
        if not LETTERS.fullmatch(text[at : at + length]):
            return True
        before, after = text[at - 1 : at], LETTERS.match(text[at + length :])
        is_first = at == 0 or not before.isalpha() or not before.isascii()
        return is_first and (after is None or len(pinyin.syllables(after[0])) > 1)


def _spelt(text: str, way: int) -> str:
    return "".join(pinyin.readings(each)[way] for each in text if pinyin.readings(each))


def _stem(code: str) -> str:
    """The digits that all regions inside share."""
    return code[:2] if code.endswith("0000") else code[:4] if code.endswith("00") else code
