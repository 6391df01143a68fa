# SPDX-License-Identifier: Apache-2.0
"""A flow as a drawing, from top to bottom and narrow enough for a phone: placed by plain counting, written as SVG.

Steps that wait for the same ones stand side by side, joined by straight lines that do not cross. Where lines would
cross or boxes become too narrow, the steps of one stage stand in a frame, and each says what it waits for.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise

from tongban.catalogue.flow import Beside, Box, reduced

WIDE = 340.0  # of the drawing, in its own units: one is about a pixel on a phone
ROOM = 8.0  # between the edge of a box and its words
BETWEEN = 12.0  # boxes of one row
DOWN = 26.0  # from row to row
MOST = 3  # boxes side by side
ASIDE = 128.0  # width of what stands beside a step
JOIN = 20.0  # from a step to what stands beside it
LANE = 14.0  # width that a line takes which passes a row
SWEEPS = 8
NAME, LINE = 15.0, 13.0  # sizes of letters
LEAD = 1.4  # from line to line


@dataclass(frozen=True)
class Words:
    """One line of text, by its middle."""

    text: str
    x: float
    y: float
    size: float


@dataclass(frozen=True)
class Placed:
    """A box in its place."""

    code: str  # empty for a frame and for what stands beside a step
    kind: str  # step, beside, frame
    x: float
    y: float
    wide: float
    high: float
    words: tuple[Words, ...] = ()


@dataclass(frozen=True)
class Line:
    """A line through points; with a tip it is an arrow."""

    points: tuple[tuple[float, float], ...]
    begins: str  # codes of the boxes, empty where a frame or what stands beside is meant
    ends: str
    tip: bool = True


@dataclass(frozen=True)
class Drawing:
    """All of it."""

    high: float
    boxes: tuple[Placed, ...]
    lines: tuple[Line, ...]


Row = tuple[str, ...]  # codes, and numbers of lanes as "|n"


def draw(boxes: Sequence[Box]) -> Drawing:
    """Place the boxes. What is declared to come after something stands below it."""
    rows = _ordered(boxes)
    return _joined(boxes, rows) if rows is not None else _framed(boxes)


def svg(drawing: Drawing, title: str, description: str) -> str:
    """The drawing as an element of a page; colours are the page's own."""
    head = (
        f'<svg class="flow" viewBox="0 0 {WIDE:g} {drawing.high:g}" width="{WIDE:g}" height="{drawing.high:g}" '
        f'role="img" aria-labelledby="flow-title flow-description">'
        f'<title id="flow-title">{escape(title)}</title><desc id="flow-description">{escape(description)}</desc>'
    )
    return "".join([head, *map(_line, drawing.lines), *map(_box, drawing.boxes), "</svg>"])


def fits(text: str, size: float) -> float:
    """How wide a text is at most: a Chinese character takes a whole square, a letter less."""
    return sum(_part(each) for each in text) * size


def broken(text: str, size: float, wide: float) -> list[str]:
    """A text in lines that fit; a closing mark never begins a line."""
    lines, line = [], ""
    for each in text:
        if line and fits(line + each, size) > wide:
            cut = len(line) - 1 if each in "，。；：、”）》" and len(line) > 1 else len(line)
            lines.append(line[:cut])
            line = line[cut:]
        line += each
    return [*lines, line] if line else lines


def _part(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WFA":
        return 1.0
    return 0.95 if character in "MW@%m" else 0.75 if character.isupper() else 0.62


# Rows: by the longest way from the beginning; lines that pass a row have a lane of their own in it


def _depths(boxes: Sequence[Box]) -> dict[str, int]:
    depths: dict[str, int] = {}
    for box in boxes:
        depths[box.code] = 1 + max((depths[code] for code in box.after), default=-1)
    return depths


def _ordered(boxes: Sequence[Box]) -> list[Row] | None:
    """The rows with boxes and lanes from left to right; None where lines would cross or boxes be too narrow."""
    depths, edges = _depths(boxes), reduced(boxes)
    rows: list[list[str]] = [[] for _ in range(max(depths.values()) + 1)]
    for box in boxes:
        rows[depths[box.code]].append(box.code)
    links: list[tuple[str, str]] = []
    for code, before in edges.items():
        for other in before:
            way = [other, *(f"|{other}|{code}|{at}" for at in range(depths[other] + 1, depths[code])), code]
            for at, lane in enumerate(way[1:-1], depths[other] + 1):
                rows[at].append(lane)
            links += pairwise(way)
    if any(sum(not _is_lane(each) for each in row) > MOST or len(row) > 2 * MOST for row in rows):
        return None
    for _ in range(SWEEPS):
        if not _crossings(rows, links):
            return [tuple(row) for row in rows]
        _sweep(rows, links)
    return None if _crossings(rows, links) else [tuple(row) for row in rows]


def _sweep(rows: list[list[str]], links: Sequence[tuple[str, str]]) -> None:
    """Put each box under the middle of what it hangs on, then above the middle of what hangs on it."""
    above: dict[str, list[str]] = {}
    below: dict[str, list[str]] = {}
    for upper, lower in links:
        above.setdefault(lower, []).append(upper)
        below.setdefault(upper, []).append(lower)
    for at in range(1, len(rows)):
        rows[at] = _by_middle(rows[at], rows[at - 1], above)
    for at in reversed(range(len(rows) - 1)):
        rows[at] = _by_middle(rows[at], rows[at + 1], below)


def _by_middle(row: Sequence[str], other: Sequence[str], near: Mapping[str, Sequence[str]]) -> list[str]:
    places = {code: at for at, code in enumerate(other)}
    middle = {code: sum(places[each] for each in near[code]) / len(near[code]) for code in row if code in near}
    return sorted(row, key=lambda code: middle.get(code, 0.0))


def _crossings(rows: Sequence[Sequence[str]], links: Sequence[tuple[str, str]]) -> int:
    places = {code: at for row in rows for at, code in enumerate(row)}
    row_of = {code: at for at, row in enumerate(rows) for code in row}
    pairs: dict[int, list[tuple[int, int]]] = {}
    for upper, lower in links:
        pairs.setdefault(row_of[upper], []).append((places[upper], places[lower]))
    return sum(
        (one[0] - other[0]) * (one[1] - other[1]) < 0
        for between in pairs.values()
        for at, one in enumerate(between)
        for other in between[:at]
    )


def _is_lane(code: str) -> bool:
    return code.startswith("|")


# Placing: row by row downwards


def _joined(boxes: Sequence[Box], rows: Sequence[Row]) -> Drawing:
    """Boxes joined by lines, box to box."""
    named = {box.code: box for box in boxes}
    placed: list[Placed] = []
    lanes: dict[str, tuple[float, float, float]] = {}  # x, top and bottom
    beside: list[Line] = []
    y, left = 1.0, any(box.beside for box in boxes)
    for row in rows:
        here, passing, lines = _row(row, named, y, left=left)
        high = max((box.high for box in here), default=0.0)
        placed += here
        lanes |= {code: (x, y, y + high) for code, x in passing.items()}
        beside += lines
        y += high + DOWN
    steps = {box.code: box for box in placed if box.kind == "step"}
    lines = [_arrow(steps, lanes, before, box.code) for box in boxes for before in reduced(boxes)[box.code]]
    return Drawing(y - DOWN + 1.0, tuple(placed), (*lines, *beside))


def _arrow(
    steps: Mapping[str, Placed], lanes: Mapping[str, tuple[float, float, float]], begins: str, ends: str
) -> Line:
    upper, lower = steps[begins], steps[ends]
    passing = sorted(lane for code, lane in lanes.items() if code.startswith(f"|{begins}|{ends}|"))
    through = [
        point for x, top, bottom in sorted(passing, key=lambda lane: lane[1]) for point in ((x, top), (x, bottom))
    ]
    start, end = (upper.x + upper.wide / 2, upper.y + upper.high), (lower.x + lower.wide / 2, lower.y)
    return Line((start, *through, end), begins, ends)


def _row(
    row: Row, named: Mapping[str, Box], y: float, *, left: bool
) -> tuple[list[Placed], dict[str, float], list[Line]]:
    """The boxes of one row, all as high as the highest, and where its lanes pass."""
    count = sum(not _is_lane(code) for code in row)
    if count == 1 and len(row) == 1:
        placed, lines = _alone(named[row[0]], y, left=left)
        return placed, {}, lines
    wide = (WIDE - 2 - LANE * (len(row) - count) - BETWEEN * (len(row) - 1)) / max(count, 1)
    x, here, passing = 1.0, [], {}
    for code in row:
        if _is_lane(code):
            passing[code] = x + LANE / 2
        else:
            here.append(_filled(named[code], x, y, wide))
        x += (LANE if _is_lane(code) else wide) + BETWEEN
    return _level(here), passing, []


def _alone(box: Box, y: float, *, left: bool) -> tuple[list[Placed], list[Line]]:
    """A step in the middle; where there is something beside any of them, they all stand at the left."""
    if not left:
        wide = WIDE * 0.6
        return [_filled(box, (WIDE - wide) / 2, y, wide)], []
    wide = WIDE - 2 - ASIDE - JOIN
    x, top, beside = 1.0 + wide + JOIN, y, []
    for each in box.beside:
        beside.append(_noted(each, x, top))
        top = beside[-1].y + beside[-1].high + BETWEEN / 2
    high = max(_filled(box, 1.0, y, wide).high, top - BETWEEN / 2 - y if beside else 0.0)
    step = _filled(box, 1.0, y, wide, high)
    lines = [Line(((1.0 + wide, m), (x, m)), box.code, "", tip=False) for m in (b.y + b.high / 2 for b in beside)]
    return [step, *beside], lines


def _filled(box: Box, x: float, y: float, wide: float, high: float = 0.0, more: str = "") -> Placed:
    lines = (*box.lines, *((more,) if more else ()))
    return _written(Placed(box.code, "step", x, y, wide, high), box.name, lines)


def _noted(beside: Beside, x: float, y: float) -> Placed:
    return _written(Placed("", "beside", x, y, ASIDE, 0.0), beside.name, (beside.text,))


def _written(box: Placed, name: str, lines: Iterable[str]) -> Placed:
    """The box with its words, as high as they need."""
    inside = box.wide - 2 * ROOM
    told = [(line, NAME) for line in broken(name, NAME, inside)]
    told += [(part, LINE) for line in lines for part in broken(line, LINE, inside)]
    needed = sum(size * LEAD for _, size in told) + 2 * ROOM
    high = max(box.high, needed)
    words, y = [], box.y + (high - needed) / 2 + ROOM
    for text, size in told:
        words.append(Words(text, box.x + box.wide / 2, y + size * (LEAD + 0.72) / 2, size))  # 0.72: height of a letter
        y += size * LEAD
    return replace(box, high=high, words=tuple(words))


def _level(row: Sequence[Placed]) -> list[Placed]:
    """All as high as the highest; words stay at the top."""
    high = max((box.high for box in row), default=0.0)
    return [replace(box, high=high) for box in row]


# Where lines would cross


def _framed(boxes: Sequence[Box]) -> Drawing:
    """Stage under stage; in a frame several boxes a row, each with what it waits for."""
    depths, names = _depths(boxes), {box.code: box.name for box in boxes}
    placed: list[Placed] = []
    lines: list[Line] = []
    y, last, left = 1.0, 0.0, any(box.beside for box in boxes)
    for depth in range(max(depths.values()) + 1):
        stage = [box for box in boxes if depths[box.code] == depth]
        middle = (1.0 + (WIDE - 2 - ASIDE - JOIN) / 2) if left else WIDE / 2
        lines += [Line(((middle, last), (middle, y)), "", "")] if depth else []
        here, beside = _alone(stage[0], y, left=left) if len(stage) == 1 else (_stage(stage, names, y), [])
        placed += here
        lines += beside
        last = max(box.y + box.high for box in here)
        y = last + DOWN
    return Drawing(last + 1.0, tuple(placed), tuple(lines))


def _stage(stage: Sequence[Box], names: Mapping[str, str], y: float) -> list[Placed]:
    wide = (WIDE - 2 - 2 * ROOM - BETWEEN) / 2
    top, inside = y + ROOM, []
    for at in range(0, len(stage), 2):
        row = [
            _filled(box, 1.0 + ROOM + n * (wide + BETWEEN), top, wide, more=_waits(box, names))
            for n, box in enumerate(stage[at : at + 2])
        ]
        inside += _level(row)
        top = inside[-1].y + inside[-1].high + BETWEEN
    return [Placed("", "frame", 1.0, y, WIDE - 2, top - BETWEEN + ROOM - y), *inside]


def _waits(box: Box, names: Mapping[str, str]) -> str:
    return f"在“{'”“'.join(names[code] for code in box.after)}”之后"


# Writing


def _line(line: Line) -> str:
    way = "L".join(f"{x:g} {y:g}" for x, y in line.points)
    drawn = f'<path class="flow-line{"" if line.tip else " flow-beside-line"}" d="M{way}"/>'
    return drawn + (_tip(line.points[-1]) if line.tip else "")


def _tip(at: tuple[float, float]) -> str:
    x, y = at
    return f'<path class="flow-tip" d="M{x:g} {y:g}l-5 -8h10z"/>'


def _box(box: Placed) -> str:
    rect = (
        f'<rect class="flow-{box.kind}" x="{box.x:g}" y="{box.y:g}" width="{box.wide:g}" height="{box.high:g}" rx="6"/>'
    )
    return rect + "".join(_words(box.words))


def _words(words: Iterable[Words]) -> Iterator[str]:
    for each in words:
        kind = "flow-name" if each.size == NAME else "flow-word"
        yield f'<text class="{kind}" x="{each.x:g}" y="{each.y:g}">{escape(each.text)}</text>'
