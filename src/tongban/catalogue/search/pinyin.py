# SPDX-License-Identifier: Apache-2.0
"""How characters are read, and what was meant by Latin letters: whole syllables, or the first letter of each."""

from functools import cache, lru_cache
from pathlib import Path

DATA = Path(__file__).parent / "data"
# Characters read in two ways in names of items and places; the first is the usual one.
TWO_WAYS = {
    "长": ("zhang", "chang"),
    "调": ("diao", "tiao"),
    "还": ("hai", "huan"),
    "重": ("zhong", "chong"),
    "参": ("can", "shen"),
    "会": ("hui", "kuai"),
    "行": ("xing", "hang"),
    "曾": ("ceng", "zeng"),
    "朝": ("chao", "zhao"),
    "藏": ("cang", "zang"),
    "厦": ("sha", "xia"),
    "传": ("chuan", "zhuan"),
    "校": ("xiao", "jiao"),
    "率": ("lv", "shuai"),
    "给": ("gei", "ji"),
    "单": ("dan", "shan"),
    "女": ("nv", "nu"),
    "旅": ("lv", "lu"),
    "绿": ("lv", "lu"),
}
LONGEST = 6  # letters of a syllable
MOST_LETTERS = 60  # of one run that is looked at


@cache
def _readings() -> dict[str, str]:
    lines = (line.split(" ") for line in (DATA / "readings.txt").read_text("utf-8").splitlines())
    return {character: reading for reading, characters in lines for character in characters}


@cache
def _syllables() -> frozenset[str]:
    return frozenset(_readings().values()) | {each for ways in TWO_WAYS.values() for each in ways}


def readings(character: str) -> tuple[str, ...]:
    """How it is read, the usual way first; none for what is no Chinese character."""
    if character in TWO_WAYS:
        return TWO_WAYS[character]
    reading = _readings().get(character)
    return (reading,) if reading else ()


def initials(text: str) -> str:
    """The first letter of each character's reading; other characters are left out."""
    return "".join(readings(character)[0][0] for character in text if readings(character))


@lru_cache(maxsize=4096)
def syllables(letters: str) -> tuple[str, ...]:
    """The fewest syllables that these letters spell; none when they spell none. The last may be unfinished."""
    letters = letters[:MOST_LETTERS]
    best: list[tuple[str, ...] | None] = [()] + [None] * len(letters)
    for end in range(1, len(letters) + 1):
        for begin in range(max(0, end - LONGEST), end):
            before, part = best[begin], letters[begin:end]
            if before is None or part not in _syllables():
                continue
            if best[end] is None or len(before) + 1 < len(best[end] or ()):
                best[end] = (*before, part)
    return best[-1] or _unfinished(letters, best)


def _unfinished(letters: str, best: list[tuple[str, ...] | None]) -> tuple[str, ...]:
    """Whole syllables and the beginning of one more, as while somebody is typing."""
    for end in range(len(letters) - 1, max(1, len(letters) - LONGEST), -1):
        before, rest = best[end], letters[end:]
        if before and len(before) > 1 and any(each.startswith(rest) for each in _syllables()):
            return before
    return ()
