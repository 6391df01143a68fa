# SPDX-License-Identifier: Apache-2.0
"""The drawn flow: every declared order is in it, nothing lies on anything else, and words stay in their boxes."""

from itertools import combinations
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.catalogue import content
from tongban.catalogue.flow import ACCEPT, DECIDE, STEP, Box, flow, reduced, told
from tongban.catalogue.flow_drawing import ROOM, WIDE, Drawing, Line, Placed, broken, draw, fits, svg
from tongban.catalogue.tests.items import content as item_words
from tongban.catalogue.tests.items import promised

WORDS = st.text("现场勘验专家评审核查（A级）“补”，。9m", min_size=1, max_size=24)


@st.composite
def examinations(draw_: st.DrawFn) -> list[dict[str, Any]]:
    """Steps of which each waits for some of those before it."""
    count = draw_(st.integers(0, 9))
    found: list[dict[str, Any]] = []
    for at in range(count):
        before = [step["code"] for step in found]
        after = draw_(st.lists(st.sampled_from(before), unique=True, max_size=3)) if before else []
        step = {"code": f"s{at}", "name": draw_(WORDS), "after": after, "persons": draw_(st.integers(1, 3))}
        found.append(step | ({"limit": promised(at)} if draw_(st.booleans()) else {}))
    return found


def item_of(examination: list[dict[str, Any]], **more: Any) -> content.ItemContent:
    return content.convert(item_words(examination=examination, **more))


CORRECTION = {"days": 10, "unit": "working_day", "consequence": "withdrawn", "source": "假定"}
MODES = st.sampled_from(["online", "proxy", "joint"])
MORE = st.fixed_dictionaries({"mode": MODES}, optional={"correction": st.just(CORRECTION)})


def inside(words: Any, box: Placed) -> bool:
    half = fits(words.text, words.size) / 2
    across = box.x + ROOM - 0.01 <= words.x - half and words.x + half <= box.x + box.wide - ROOM + 0.01
    return bool(across and box.y < words.y - words.size * 0.72 and words.y + words.size * 0.3 < box.y + box.high)


def overlap(one: Placed, other: Placed) -> bool:
    return (
        one.x < other.x + other.wide
        and other.x < one.x + one.wide
        and one.y < other.y + other.high
        and other.y < one.y + one.high
    )


def segments(line: Line) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    return list(zip(line.points, line.points[1:], strict=False))


def side(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def crosses(one: Any, other: Any) -> bool:
    """Whether the two cut each other; touching at an end is no crossing."""
    (a, b), (c, d) = one, other
    return side(a, b, c) * side(a, b, d) < -1e-6 and side(c, d, a) * side(c, d, b) < -1e-6


def through(segment: Any, box: Placed) -> bool:
    """Whether a line runs through a box; along its edge is not through it."""
    (x1, y1), (x2, y2) = segment
    points = [(x1 + (x2 - x1) * n / 40, y1 + (y2 - y1) * n / 40) for n in range(41)]
    return any(box.x + 0.1 < x < box.x + box.wide - 0.1 and box.y + 0.1 < y < box.y + box.high - 0.1 for x, y in points)


def check(boxes: tuple[Box, ...], made: Drawing) -> None:
    solid = [box for box in made.boxes if box.kind != "frame"]
    frames = [box for box in made.boxes if box.kind == "frame"]
    assert [pair for pair in combinations(solid, 2) if overlap(*pair)] == []
    assert all(
        box.x >= 0 and box.x + box.wide <= WIDE and box.y >= 0 and box.y + box.high <= made.high for box in solid
    )
    assert [words for box in made.boxes for words in box.words if not inside(words, box)] == []
    assert sorted(box.code for box in solid if box.code) == sorted(box.code for box in boxes)
    cuts = [segment for line in made.lines for segment in segments(line)]
    assert [pair for pair in combinations(cuts, 2) if crosses(*pair)] == []
    assert [(cut, box.code) for cut in cuts for box in solid if through(cut, box)] == []
    place = {box.code: box for box in solid if box.code}
    drawn = {(line.begins, line.ends) for line in made.lines}
    for box in boxes:
        for before in reduced(boxes)[box.code]:
            assert place[before].y + place[before].high < place[box.code].y
            assert frames or (before, box.code) in drawn


@given(examinations(), MORE)
def test_every_order_is_drawn_and_nothing_overlaps_or_crosses(steps: list[dict[str, Any]], more: Any) -> None:
    boxes = flow(item_of(steps, **more))
    check(boxes, draw(boxes))


@given(examinations())
def test_what_is_left_out_of_the_drawn_order_follows_from_the_rest(steps: list[dict[str, Any]]) -> None:
    boxes = flow(item_of(steps))
    kept = reduced(boxes)
    reached: dict[str, set[str]] = {}
    for box in boxes:
        reached[box.code] = {*kept[box.code]}.union(*(reached[code] for code in kept[box.code]))
    assert all({*box.after} <= reached[box.code] for box in boxes)
    assert {box.code for box in boxes[:-1]} - {"deliver"} <= reached["deliver"]


@given(examinations())
def test_the_drawing_says_every_word_and_is_one_element(steps: list[dict[str, Any]]) -> None:
    boxes = flow(item_of(steps))
    read = ElementTree.fromstring(svg(draw(boxes), "流程", "说明"))
    said = "".join("".join(text.itertext()) for text in read.iter() if text.tag == "text")
    assert all(box.name in said and all(line in said for line in box.lines) for box in boxes)
    assert [read.find(tag).text for tag in ("title", "desc")] == ["流程", "说明"]  # type: ignore[union-attr]


@given(WORDS, st.floats(40, 200))
def test_a_text_is_broken_into_lines_that_fit_and_loses_nothing(text: str, wide: float) -> None:
    lines = broken(text, 13.0, wide)
    assert "".join(lines) == text
    assert all(fits(line, 13.0) <= wide for line in lines)


def step(code: str, *after: str) -> dict[str, Any]:
    return {"code": code, "name": f"环节{code}", "after": list(after)}


def test_branches_stand_side_by_side_between_what_they_wait_for_and_what_waits_for_them() -> None:
    boxes = flow(item_of([step("a"), step("b", "a"), step("c", "a"), step("d", "b", "c")]))
    place = {box.code: box for box in draw(boxes).boxes}

    assert place[f"{STEP}b"].y == place[f"{STEP}c"].y
    assert place[f"{STEP}b"].x + place[f"{STEP}b"].wide < place[f"{STEP}c"].x
    assert (boxes[2].after, boxes[-2].after) == ((ACCEPT,), (f"{STEP}d",))


def test_where_lines_would_cross_each_step_says_what_it_waits_for() -> None:
    upper, lower = [step(each) for each in "abc"], [step(each, "a", "b", "c") for each in "xyz"]
    made = draw(flow(item_of([*upper, *lower])))

    assert [box.kind for box in made.boxes].count("frame") == 2
    said = ["".join(words.text for words in box.words) for box in made.boxes if box.code == f"{STEP}x"]
    assert said == ["环节x在“环节a”“环节b”“环节c”之后"]


@pytest.mark.parametrize("mode", ["online", "proxy", "joint"])
def test_the_way_begins_as_the_mode_has_it(mode: str) -> None:
    sentences = told(flow(item_of([], mode=mode)))
    assert {"online": "申请（申请人在网上提交）。", "proxy": "收件", "joint": "申请"}[mode] in sentences[0]
    assert any("由收件地转给办理地" in each for each in sentences) == (mode == "proxy")


def test_what_comes_back_stands_beside_its_step_and_in_the_sentences() -> None:
    boxes = flow(item_of([], correction=CORRECTION, extension=promised(5)))
    beside = {box.code: [each.name for each in box.beside] for box in boxes if box.beside}

    assert beside == {ACCEPT: ["补正"], DECIDE: ["延长"]}
    assert any("补正：材料不齐的一次告知，10 个工作日内补正。" in each for each in told(boxes))
