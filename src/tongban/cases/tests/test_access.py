# SPDX-License-Identifier: Apache-2.0
"""What you have no part in does not exist for you: no page, no file, no draft, no row in any list."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID, uuid4

import pytest

from tests import story
from tests.people import CHEN, LI, MA, SUN, ZHANG, ZHAO, staff
from tests.world import World
from tongban.cases import actions, queries
from tongban.cases.models import Case, Draft, Event
from tongban.standards.actor import Actor, Behalf, Role
from tongban.standards.refusal import NotAllowed, NotFound, Refusal

HUNAN, GANSU = "430000", "620000"


@dataclass(frozen=True)
class Scene:
    """张伟's case, filed in Gansu, held in Hunan; his second draft; and people who have nothing to do with it."""

    world: World
    case_id: UUID
    number: str
    draft: UUID
    zhang: Actor
    strangers: dict[str, Actor]  # by the node where they act


@pytest.fixture
def scene(federation: World) -> Scene:
    zhang = story.visitor(federation, ZHANG, GANSU)
    task = story.item_of(federation, GANSU, "430100")
    given = story.submit(federation, zhang, task)
    federation.settle()
    draft = story.draft(federation, zhang, task)
    fund = story.approver(federation, staff("hefang", HUNAN))
    strangers = {
        "another person": story.visitor(federation, LI, GANSU),
        "another organization of the handling node": fund,
        "the node's own operator": story.officer(federation, SUN),
        "a window of the node where it was filed": story.officer(federation, MA),
        "another authority of that node": story.approver(federation, ZHAO),
        "somebody without an index": replace(zhang, id=uuid4(), index=b""),
        "an agent for another item": replace(zhang, id=uuid4(), behalf=for_another_item(zhang)),
    }
    return Scene(federation, given.case_id, given.receipt_no, draft, zhang, strangers)


def for_another_item(whose: Actor) -> Behalf:
    """The mandate of somebody who may act for this person, but not in what they applied for here."""
    return Behalf(whose.id, whose.name, False, "helper", uuid4(), frozenset({"another"}))


def everything(scene: Scene, who: Actor) -> Iterator[tuple[str, Callable[[], object]]]:
    """Every way of reaching a case."""
    now = scene.world.clock.now()
    yield "page", lambda: queries.case_page(scene.number, who)
    yield "page by id", lambda: queries.case_page(str(scene.case_id), who)
    yield "material", lambda: queries.material_file(scene.number, 1, who)
    yield "result", lambda: actions.fetch_result(scene.number, actor=who, at=now)
    yield "evidence", lambda: queries.evidence(scene.number, who)
    for move in ("accept", "withdraw", "deliver"):
        yield move, partial(actions.make_move, scene.case_id, move, actor=who, at=now, facts=FACTS)
        yield f"ask {move}", partial(actions.ask, scene.case_id, move, actor=who, at=now, facts=FACTS)


FACTS = {"reason": "无。", "note": "无。"}


@pytest.mark.parametrize(
    "stranger",
    [
        "another person",
        "another organization of the handling node",
        "the node's own operator",
        "a window of the node where it was filed",
        "another authority of that node",
        "somebody without an index",
        "an agent for another item",
    ],
)
def test_a_case_does_not_exist_for_whoever_has_no_part_in_it(scene: Scene, stranger: str) -> None:
    who = scene.strangers[stranger]
    with scene.world.at(who.node):
        before = Event.objects.count()
        for way, reach in everything(scene, who):
            with pytest.raises(NotFound) as no:
                reach()
            assert no.value.code == "not_found", way
        assert Event.objects.count() == before


def test_a_number_that_was_never_given_is_refused_in_the_same_words(scene: Scene) -> None:
    who = scene.strangers["another person"]
    with scene.world.at(who.node):
        with pytest.raises(NotFound) as never:
            queries.case_page("6200002026112300000000", who)
        with pytest.raises(NotFound) as theirs:
            queries.case_page(scene.number, who)
        assert never.value.problem() == theirs.value.problem()


@pytest.mark.parametrize(
    "number",
    ["", "\x00", "a\x00b", "0" * 300, "😀", "' OR 1=1 --", "urn:uuid:x", "018f0000-0000-7000-8000-000000000000"],
)
def test_whatever_is_asked_for_as_a_number_is_not_found(scene: Scene, number: str) -> None:
    for who in (scene.zhang, scene.strangers["another authority of that node"]):
        with scene.world.at(who.node), pytest.raises(NotFound):
            queries.case_page(number, who)


def test_lists_and_searches_show_strangers_nothing(scene: Scene) -> None:
    for who in scene.strangers.values():
        with scene.world.at(who.node):
            shown = set()
            with suppress(NotAllowed):
                shown |= {row.receipt_no for row in queries.my_cases(who)}
            for q in ("", scene.number, "张伟", "无犯罪", "%", "_", "张%"):
                with suppress(NotAllowed):
                    shown |= {row.receipt_no for row in queries.worklist(who, q=q).rows}
            assert scene.number not in shown


@pytest.mark.parametrize("q", ["a\x00", "😀", "\\", "'", "%%", "_", "张%", "x" * 500])
def test_whatever_is_searched_for_is_read_as_it_stands(scene: Scene, q: str) -> None:
    chen = story.approver(scene.world, CHEN)
    with scene.world.at(HUNAN):
        assert queries.worklist(chen, q=q).rows == ()
        assert queries.worklist(chen, q="\x00 ").rows == queries.worklist(chen).rows  # nothing was typed


@pytest.mark.parametrize("after", ["", "x", "\x00", "MjAyNi0wMS0wMS8=", "!!!!", "é"])
def test_a_page_mark_that_nobody_gave_is_refused_by_name(scene: Scene, after: str) -> None:
    chen = story.approver(scene.world, CHEN)
    with scene.world.at(HUNAN), pytest.raises(Refusal) as no:
        queries.worklist(chen, after=after)
    assert no.value.code == "bad_input"


def test_those_who_have_a_part_find_it_by_number_name_and_item(scene: Scene) -> None:
    chen = story.approver(scene.world, CHEN)
    with scene.world.at(HUNAN):
        for q in (scene.number, "张伟", "无犯罪"):
            assert scene.number in {row.receipt_no for row in queries.worklist(chen, q=q).rows}
        assert scene.number in {row.receipt_no for row in queries.worklist(chen).rows}
    with scene.world.at(GANSU):
        assert [row.receipt_no for row in queries.my_cases(scene.zhang)] == [scene.number]


def draft_ways(draft: UUID, who: Actor, now: datetime) -> tuple[Callable[[], object], ...]:
    """Every way of reaching a draft."""
    return (
        lambda: queries.draft(draft, who),
        lambda: actions.answer(draft, "who", "agent", actor=who, at=now),
        lambda: actions.fill(draft, {"phone": "1"}, actor=who, at=now),
        lambda: actions.add_material(draft, "id_card", "a.png", [story.PNG], actor=who, at=now),
        lambda: actions.remove_material(draft, "id_card", "sha256:0", actor=who, at=now),
        lambda: actions.submit_draft(draft, actor=who, at=now),
    )


def test_a_draft_is_its_writers_alone(scene: Scene) -> None:
    now, draft = scene.world.clock.now(), scene.draft
    others = [who for who in scene.strangers.values() if who.node == GANSU]
    assert len(others) >= 3
    with scene.world.at(GANSU):
        before = bytes(Draft.objects.get(id=draft).sealed)
        for who in others:
            for reach in draft_ways(draft, who, now):
                with pytest.raises(NotFound):
                    reach()
            assert draft not in {row.id for row in queries.my_drafts(who)}
        assert bytes(Draft.objects.get(id=draft).sealed) == before
        assert Case.objects.count() == 1


def test_whoever_has_a_part_but_not_this_move_is_told_so(scene: Scene) -> None:
    now = scene.world.clock.now()
    with scene.world.at(GANSU), pytest.raises(Refusal) as no:
        actions.make_move(scene.case_id, "accept", actor=scene.zhang, at=now)
    assert no.value.code == "not_yours"
    clerk = replace(story.approver(scene.world, CHEN), role=Role.CLERK)
    with scene.world.at(HUNAN), pytest.raises(Refusal) as no:
        actions.make_move(scene.case_id, "accept", actor=clerk, at=now)
    assert no.value.code == "not_yours"


def test_an_applicant_has_no_desk_and_staff_have_no_own_cases(scene: Scene) -> None:
    with scene.world.at(GANSU), pytest.raises(NotAllowed):
        queries.worklist(scene.zhang)
    with scene.world.at(GANSU), pytest.raises(NotAllowed):
        queries.my_cases(scene.strangers["another authority of that node"])
