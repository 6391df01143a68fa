# SPDX-License-Identifier: Apache-2.0
"""Every way through the questions reaches a form that can be filled in, and everything is on one of them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tongban.catalogue import paths
from tongban.catalogue.content import convert
from tongban.catalogue.scenario import guide
from tongban.catalogue.tests.forms import field, rich
from tongban.catalogue.tests.items import content, material
from tongban.catalogue.tests.work import calls


def question(code: str, options: int, **more: Any) -> dict[str, Any]:
    said = [{"code": f"o{n}", "text": f"选项{n}"} for n in range(options)]
    return {"code": code, "text": f"问题{code}", "options": said} | more


def test_every_way_is_followed_to_where_it_ends() -> None:
    found = paths.coverage(convert(rich()))

    told = {paths.told(path): (path.ended is not None, [m.code for m in path.materials]) for path in found.paths}
    assert told == {
        "“本人”": (False, ["id_card"]),
        "“委托他人”、“是”": (False, ["id_card", "letter", "agent_id"]),
        "“委托他人”、“否”": (False, ["id_card", "letter", "agent_id"]),
        "“单位”": (True, []),
    }
    assert (found.is_whole, found.faults) == (True, ())


def test_a_way_without_a_form_and_what_no_way_reaches_are_told() -> None:
    form = [field("a", only_if=["who:agent"])]
    lone = question("lone", 2, only_if=["who:company"])
    item = convert(content(form=form, questions=[*content()["questions"], lone]))

    found = dict(paths.coverage(item).faults)

    assert "“本人”" in found["form"]
    assert "lone" in found["questions.lone"]


def test_too_many_ways_are_followed_as_far_as_they_go() -> None:
    found = paths.coverage(convert(content(questions=[question(f"q{n}", 3) for n in range(20)], materials=[])))

    assert (len(found.paths), found.is_whole, found.faults) == (paths.MOST, False, ())


def test_a_way_costs_no_more_than_the_item_is_long() -> None:
    def cost(size: int) -> float:
        form = [field(f"f{n}", section=f"s{n}", only_if=["q0:o1"] if n % 2 else []) for n in range(size)]
        sections = [{"code": f"s{n}", "title": "节", "only_if": ["!q1:o1"]} for n in range(size)]
        ends = [{"code": "o0", "text": "是"}, {"code": "o1", "text": "否", "ends": True, "advice": "请到当地办理。"}]
        asked = [question(f"q{n}", 2) | {"options": ends} for n in range(size)]
        asked += [question(f"r{n}", 2, only_if=["q0:o1"]) for n in range(size)]
        papers = [material(f"m{n}") for n in range(size)]
        item = convert(content(form=form, sections=sections, questions=asked, materials=papers))
        paths.coverage(item)  # what is kept of conditions is read once
        return calls(paths.coverage, item) / (size + 1)

    small, large = cost(10), cost(40)
    assert large < 4 * small, (small, large)


@given(st.lists(st.integers(2, 3), max_size=4), st.data())
def test_the_ways_are_all_the_ways_there_are(options: list[int], data: st.DataObject) -> None:
    questions: list[dict[str, Any]] = []
    for number, count in enumerate(options):
        before = [f"{each['code']}:{option['code']}" for each in questions for option in each["options"]]
        hangs = data.draw(st.lists(st.sampled_from(before), max_size=2)) if before else []
        questions.append(question(f"q{number}", count, only_if=hangs))
    item = convert(content(questions=questions, materials=[]))

    found = paths.coverage(item).paths

    ways = [tuple((q.code, o.code) for q, o in path.chosen) for path in found]
    assert len(set(ways)) == len(ways)
    drawn = {f"q{n}": f"o{data.draw(st.integers(0, count - 1))}" for n, count in enumerate(options)}
    followed = tuple((q.code, o.code) for q, o in guide(item, drawn).chosen)
    assert followed in ways
