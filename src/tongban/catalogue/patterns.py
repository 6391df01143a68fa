# SPDX-License-Identifier: Apache-2.0
"""Patterns that an item may hold a field to: a small language that is matched in bounded time, whoever wrote it.

An item comes from another organization, and the regular expressions of the language take exponential time on some
texts. Here are only characters, classes, repetitions of one of them, and alternatives of the whole: no group, no
reference back.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

MOST = 200  # characters of a pattern, and of a text that is held to one
_PIECE = re.compile(
    r"(?P<one>\\[dDwW\\.\[\](){}|*+?^$/-]|\.|\[(?P<not>\^?)(?P<class>(?:\\.|[^\\\[\]])+)\]|[^\\.\[\](){}|*+?^$])"
    r"(?P<times>[*+?]|\{(?P<least>[0-9]{1,3})(?P<to>,(?P<most>[0-9]{0,3}))?\})?"
)
_INSIDE = re.compile(r"(\\?.)(?:-(\\?.))?", re.DOTALL)
_KINDS = {"d": (("0", "9"),), "w": (("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z"))}


@dataclass(frozen=True)
class Piece:
    """One character or class with how often it may stand."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool
    least: int
    most: int

    def takes(self, char: str) -> bool:
        """Whether this character is one of them."""
        return any(low <= char <= high for low, high in self.ranges) is not self.negated


def is_pattern(text: str) -> bool:
    """Whether it is of this language."""
    return 0 < len(text) <= MOST and _read(text) is not None


def matches(pattern: str, text: str) -> bool:
    """Whether the whole text is as the pattern says; what cannot be read holds nobody to anything."""
    read = _read(pattern) if len(pattern) <= MOST else None
    return read is None or (len(text) <= MOST and any(_fits(pieces, text) for pieces in read))


def _fits(pieces: tuple[Piece, ...], text: str) -> bool:
    ends = {0}
    for piece in pieces:
        ends = {end for start in ends for end in _runs(piece, text, start)}
    return len(text) in ends


def _runs(piece: Piece, text: str, start: int) -> Iterator[int]:
    """Where this piece may end when it begins here."""
    end = start
    while True:
        if end - start >= piece.least:
            yield end
        if end - start >= piece.most or end >= len(text) or not piece.takes(text[end]):
            return
        end += 1


@lru_cache(256)
def _read(pattern: str) -> tuple[tuple[Piece, ...], ...] | None:
    found = [_pieces(each) for each in _alternatives(pattern)]
    return None if None in found else tuple(each for each in found if each is not None)


def _alternatives(pattern: str) -> list[str]:
    """Parted at | that stands outside a class and is not escaped."""
    bare = pattern.removeprefix("^").removesuffix("$") if not pattern.endswith("\\$") else pattern.removeprefix("^")
    parts, depth, escaped = [""], False, False
    for char in bare:
        if char == "|" and not depth and not escaped:
            parts.append("")
            continue
        depth = depth if escaped else (char == "[" or (depth and char != "]"))
        escaped = char == "\\" and not escaped
        parts[-1] += char
    return parts


def _pieces(text: str) -> tuple[Piece, ...] | None:
    found, at = [], 0
    while at < len(text):
        piece = _PIECE.match(text, at)
        if piece is None or (made := _piece(piece)) is None:
            return None
        found.append(made)
        at = piece.end()
    return tuple(found)


def _piece(found: re.Match[str]) -> Piece | None:
    ranges, negated = _ranges(found)
    times = found["times"]
    if times in ("*", "+", "?"):
        least, most = {"*": (0, MOST), "+": (1, MOST), "?": (0, 1)}[times]
    elif times:
        least = int(found["least"])
        most = least if not found["to"] else int(found["most"]) if found["most"] else MOST
    else:
        least = most = 1
    return Piece(ranges, negated, least, most) if least <= most <= MOST and ranges else None


def _ranges(found: re.Match[str]) -> tuple[tuple[tuple[str, str], ...], bool]:
    one = found["one"]
    if found["class"]:
        return _inside(found["class"]), bool(found["not"])
    if one == ".":
        return (("\n", "\n"),), True
    if one[0] == "\\" and one[1].lower() in _KINDS and len(one) == 2:
        return _KINDS[one[1].lower()], one[1].isupper()
    return ((one[-1], one[-1]),), False


def _inside(text: str) -> tuple[tuple[str, str], ...]:
    """The ranges of a class; none where one runs backwards."""
    ranges: list[tuple[str, str]] = []
    for low, high in _INSIDE.findall(text):
        if low[0] == "\\" and len(low) == 2 and low[1] in _KINDS:
            if high:
                return ()
            ranges += _KINDS[low[1]]
        elif high and high[-1] < low[-1]:
            return ()
        else:
            ranges.append((low[-1], (high or low)[-1]))
    return tuple(ranges)
