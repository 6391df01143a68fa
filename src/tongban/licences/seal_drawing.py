# SPDX-License-Identifier: Apache-2.0
"""Draws the round red seal as lines and curves: sharp at any size, no font and no picture needed to show it."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from math import cos, pi, radians, sin
from threading import Lock
from typing import Any

import pylopdf_fonts_zh_cn as fonts_zh
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.ttLib import TTFont

MM = 72 / 25.4  # PDF points
CENTRE = (135.0, 75.0)  # mm from the lower left of the last page: over issuer and date (templates/common.typ)
SIZE = 42.0  # mm across, ring included: what seals of county organs and above measure
RED = (0.784, 0.086, 0.114)
RING = 1.15  # mm
STAR = 6.6  # mm from centre to point
NAME = 15.7  # mm from centre to the middle of the characters of the name
PURPOSE = 16.6  # mm likewise, for the words beneath
WIDEST = 262.0  # degrees the name may span
BOLD = 0.16  # mm of stroke around each character


@dataclass(frozen=True)
class Seal:
    """What stands on the seal: name around the star, purpose beneath, and a word above that."""

    name: str
    purpose: str = "电子文书专用章"
    foot: str = ""


@dataclass(frozen=True)
class _Place:
    """Where one character goes: middle (mm from the centre), height and width in mm, turned by degrees."""

    x: float
    y: float
    height: float
    width: float
    turned: float = 0.0


@lru_cache(maxsize=256)
def draw(seal: Seal) -> bytes:
    """PDF operators that draw the seal in a square of SIZE mm whose lower left corner is the origin."""
    colour = "{:.3f} {:.3f} {:.3f}".format(*RED)
    half = SIZE / 2 * MM
    begin = f"q /SealBlend gs {colour} rg {colour} RG 1 0 0 1 {half:.2f} {half:.2f} cm"
    ring, star, *characters = _strokes(seal)
    return "\n".join([begin, ring, star, f"{BOLD * MM:.2f} w 1 j", *characters, "Q"]).encode()


@lru_cache(maxsize=256)
def draw_svg(seal: Seal) -> bytes:
    """The same as a picture on its own, for pages and for seal structures that hold one."""
    half, colour = SIZE / 2 * MM, "#" + "".join(f"{round(part * 255):02x}" for part in RED)
    ring, star, *characters = _strokes(seal)
    paths = [f'<path d="{_path(ring)}" stroke-width="{RING * MM:.2f}"/>', f'<path d="{_path(star)}" fill="{colour}"/>']
    text = "".join(map(_path, characters))
    paths.append(f'<path d="{text}" fill="{colour}" stroke-width="{BOLD * MM:.2f}" stroke-linejoin="round"/>')
    box = f'viewBox="{-half:.2f} {-half:.2f} {2 * half:.2f} {2 * half:.2f}" width="{SIZE:.0f}mm" height="{SIZE:.0f}mm"'
    group = f'<g transform="scale(1 -1)" fill="none" stroke="{colour}">{"".join(paths)}</g>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box}>{group}</svg>'.encode()


def _strokes(seal: Seal) -> list[str]:
    """Ring, star, then each character that shows something, as PDF operators around the centre."""
    places = (*_around(seal.name), *_beneath(seal.purpose), *_line(seal.foot))
    drawn = (_character(sign, place) for sign, place in places)
    return [_circle((SIZE - RING) / 2 - 0.1, RING), _star(STAR), *filter(None, drawn)]


IN_SVG = {"m": "M", "l": "L", "c": "C", "h": "Z"}


def _path(operators: str) -> str:
    """PDF operators, which stand behind their points, as a path of SVG, where they stand before."""
    said: list[str] = []
    points: list[str] = []
    for word in operators.split():
        if word in IN_SVG:
            said.append(IN_SVG[word] + " ".join(points))
            points = []
        elif word.isalpha():
            points = []  # a width, or how to paint: SVG says that elsewhere
        else:
            points.append(word)
    return "".join(said)


def _around(name: str) -> Iterable[tuple[str, _Place]]:
    """The characters of the name on the upper arc, feet towards the star."""
    count = max(len(name), 1)
    step = min(26.0, WIDEST / max(count - 1, 1))
    height = 5.3 if count <= 12 else 4.6 if count <= 18 else 3.4
    width = min(height * 0.92, NAME * radians(step) * 0.94)
    for number, sign in enumerate(name):
        turned = step * ((count - 1) / 2 - number)
        angle = radians(90 + turned)
        yield sign, _Place(NAME * cos(angle), NAME * sin(angle), height, width, turned)


def _beneath(purpose: str) -> Iterable[tuple[str, _Place]]:
    """The characters of the purpose on the lower arc, feet towards the ring."""
    step = min(12.0, 100.0 / max(len(purpose), 1))
    for number, sign in enumerate(purpose):
        turned = step * (number - (len(purpose) - 1) / 2)
        angle = radians(270 + turned)
        width = PURPOSE * radians(step) * 0.92
        yield sign, _Place(PURPOSE * cos(angle), PURPOSE * sin(angle), 3.1, min(3.1, width), turned)


def _line(foot: str) -> Iterable[tuple[str, _Place]]:
    """The characters of the foot, side by side above the purpose."""
    for number, sign in enumerate(foot):
        yield sign, _Place((number - (len(foot) - 1) / 2) * 3.2, -11.9, 2.6, 2.6)


def _circle(radius: float, line: float) -> str:
    """A ring; radius and line in mm. Four Bézier curves are a circle to one part in four thousand."""
    r, k = radius * MM, radius * MM * 0.5523
    curves = (
        f"{r:.2f} {k:.2f} {k:.2f} {r:.2f} 0 {r:.2f} c -{k:.2f} {r:.2f} -{r:.2f} {k:.2f} -{r:.2f} 0 c "
        f"-{r:.2f} -{k:.2f} -{k:.2f} -{r:.2f} 0 -{r:.2f} c {k:.2f} -{r:.2f} {r:.2f} -{k:.2f} {r:.2f} 0 c"
    )
    return f"{line * MM:.2f} w {r:.2f} 0 m {curves} s"


def _star(radius: float) -> str:
    """The five-pointed star, one point up."""
    inner = 0.382  # golden: each edge is in line with the edge after next
    points = []
    for number in range(10):
        r, angle = radius * MM * (1 if number % 2 == 0 else inner), pi / 2 + number * pi / 5
        points.append(f"{r * cos(angle):.2f} {r * sin(angle):.2f}")
    return f"{points[0]} m " + " ".join(f"{point} l" for point in points[1:]) + " h f"


def _character(sign: str, place: _Place) -> str:
    """One character's outline, turned and put in its place, filled and a little stroked."""
    outline = _outline(sign)
    if not outline:
        return ""
    sx, sy = place.width * MM / 1000, place.height * MM / 1000  # the fonts count 1000 units to the em
    c, s = cos(radians(place.turned)), sin(radians(place.turned))

    def put(point: tuple[float, float]) -> str:
        x, y = (point[0] - 500) * sx, (point[1] - 380) * sy  # 380: the middle of a Chinese character
        return f"{place.x * MM + x * c - y * s:.2f} {place.y * MM + x * s + y * c:.2f}"

    words = [" ".join([*map(put, points), operator]) for operator, points in outline]
    return " ".join([*words, "B"])


@cache
def _font() -> tuple[Any, dict[int, str]]:
    font = TTFont(fonts_zh.serif_path(), lazy=True)
    return font.getGlyphSet(), font.getBestCmap()


# The font is one open file, read as it is needed: two threads at once would read each other's bytes, and keep them.
_READING = Lock()
OPERATORS = {"moveTo": "m", "lineTo": "l", "curveTo": "c", "closePath": "h"}


@lru_cache(maxsize=4096)
def _outline(sign: str) -> tuple[tuple[str, tuple[tuple[float, float], ...]], ...]:
    """The glyph's contours as PDF operators with their points; empty for a blank."""
    with _READING:
        glyphs, names = _font()
        pen = DecomposingRecordingPen(glyphs)
        glyphs[names.get(ord(sign), ".notdef")].draw(pen)
    return tuple((OPERATORS[verb], points) for verb, points in pen.value if verb in OPERATORS)
