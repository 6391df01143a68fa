# SPDX-License-Identifier: Apache-2.0
"""A form that comes twice, by a double click or the way back, changes nothing the second time."""

import pytest

from tests import story
from tests.people import CHEN, MA, ZHANG, ZHAO, ZHOU
from tests.world import World
from tongban.cases import actions, queries
from tongban.cases.errors import AlreadyAsked, NotNow, Repeated
from tongban.cases.models import Event, Request
from tongban.catalogue.search.queries import search
from tongban.windows import actions as windows
from tongban.windows import queries as intakes

GANSU, HUNAN = "620000", "430000"
PERSON = {"name": ZHANG.name, "id_number": ZHANG.id_number, "phone": ZHANG.phone}
AT_A_WINDOW = "出具贷款职工住房公积金缴存使用证明"
FIRST, SECOND, THIRD, FOURTH = (f"01a0000000007000800000000000000{end}" for end in "abcd")


def test_a_file_of_a_form_that_came_before_is_not_added(federation: World) -> None:
    zhou, now = story.visitor(federation, ZHOU, GANSU), federation.clock.now()
    task_code, first = story.item_of(federation, GANSU, "620100"), FIRST * 3  # longer than what is kept of it
    with federation.at(GANSU):
        draft = actions.start_draft(task_code, actor=zhou, at=now)
        actions.answer(draft, "who", "self", actor=zhou, at=now)

        def send(once: str) -> None:
            actions.add_material(draft, "id_card", "a.png", [story.PNG], actor=zhou, at=now, once=once)

        def given() -> list[str]:
            page = queries.draft(draft, zhou)
            return [file.digest for need in page.requirements for file in need.given]

        send(first)
        with pytest.raises(Repeated):
            send(first)
        with pytest.raises(Repeated):
            send(SECOND)  # another form, the very same file
        kept = given()
        actions.remove_material(draft, "id_card", kept[0], actor=zhou, at=now)
        actions.remove_material(draft, "id_card", kept[0], actor=zhou, at=now)
        with pytest.raises(Repeated):
            send(first)  # the way back must not bring back what was taken off
        taken_off = given()
        send(SECOND)

    assert len(kept) == 1
    assert taken_off == []
    with federation.at(GANSU):
        assert given() == kept


def test_a_request_is_asked_once_by_one_form(federation: World) -> None:
    zhang, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    given = story.submit(federation, zhang, story.item_of(federation, GANSU, "430100"))
    federation.settle()
    now = federation.clock.now()
    with federation.at(GANSU):
        actions.withdraw(given.case_id, actor=zhang, at=now, reason="不需要了。", once=FIRST)
        with pytest.raises(Repeated):
            actions.withdraw(given.case_id, actor=zhang, at=now, reason="不需要了。", once=FIRST)
        with pytest.raises(AlreadyAsked):
            actions.withdraw(given.case_id, actor=zhang, at=now, reason="不需要了。", once=SECOND)
        assert Request.objects.count() == 1
    federation.settle()

    with federation.at(GANSU):
        with pytest.raises(Repeated):
            actions.withdraw(given.case_id, actor=zhang, at=now, reason="不需要了。", once=FIRST)
        with pytest.raises(NotNow):
            actions.withdraw(given.case_id, actor=zhang, at=now, reason="不需要了。", once=SECOND)
        assert Request.objects.count() == 1
    assert story.page(federation, chen, given.receipt_no).state == "withdrawn"


def test_a_move_is_made_once_by_one_form_even_where_it_would_be_legal_again(world: World) -> None:
    zhou, zhao = story.visitor(world, ZHOU, GANSU), story.approver(world, ZHAO)
    given = story.submit(world, zhou, story.item_of(world, GANSU, "620100"))
    now = world.clock.now()
    lacking, done = {"what": "请补交背面。"}, {"note": "已补交。"}

    def move(name: str, facts: dict[str, str], once: str, who: object) -> bool:
        assert who in (zhou, zhao)
        actor = zhou if who is zhou else zhao
        return actions.make_or_ask(given.case_id, name, actor=actor, at=now, facts=facts, once=once)

    with world.at(GANSU):
        move("request_correction", lacking, FIRST, zhao)
        with pytest.raises(Repeated):
            move("request_correction", lacking, FIRST, zhao)
        move("correct", done, SECOND, zhou)
        move("return_correction", lacking, THIRD, zhao)
        with pytest.raises(Repeated):
            move("correct", done, SECOND, zhou)  # legal again, but this form was taken
        move("correct", done, FOURTH, zhou)
        with pytest.raises(Repeated):
            move("return_correction", lacking, THIRD, zhao)
        made = list(Event.objects.filter(case_id=given.case_id).order_by("number").values_list("move", flat=True))
    assert made[3:] == ["request_correction", "correct", "return_correction", "correct"]


def test_a_token_spent_on_one_case_is_free_for_another(federation: World) -> None:
    zhou = story.visitor(federation, ZHOU, GANSU)
    task_code = story.item_of(federation, GANSU, "620100")
    both = [story.submit(federation, zhou, task_code) for _ in range(2)]
    now = federation.clock.now()
    with federation.at(GANSU):
        real = [actions.withdraw(one.case_id, actor=zhou, at=now, reason="不需要了。", once=FIRST) for one in both]
    assert real == [True, True]


def test_a_window_begins_one_empty_intake_however_often_the_button_is_pressed(federation: World) -> None:
    ma, now = story.officer(federation, MA), federation.clock.now()
    with federation.at(GANSU):
        made = windows.start_intake(actor=ma, at=now)
        assert windows.start_intake(actor=ma, at=now) == made
        windows.set_applicant(made, PERSON, "typed", actor=ma, at=now)
        assert windows.start_intake(actor=ma, at=now) != made


def test_a_scan_that_was_taken_off_is_not_put_back_by_the_same_form(federation: World) -> None:
    ma, now = story.officer(federation, MA), federation.clock.now()
    with federation.at(GANSU):
        made = windows.start_intake(actor=ma, at=now)
        windows.set_applicant(made, PERSON, "typed", actor=ma, at=now)
        windows.choose_item(made, search(AT_A_WINDOW).items[0].task_code, actor=ma, at=now)
        windows.answer(made, "who", "self", actor=ma, at=now)

        def send(once: str) -> None:
            windows.add_file(made, "id_card", "a.png", [story.PNG], actor=ma, at=now, once=once)

        def given() -> list[str]:
            return [file.digest for need in intakes.intake(made, ma).requirements for file in need.given]

        send(FIRST)
        with pytest.raises(Repeated):
            send(FIRST)
        kept = given()
        windows.remove_file(made, "id_card", kept[0], actor=ma, at=now)
        with pytest.raises(Repeated):
            send(FIRST)
        taken_off = given()
        send(SECOND)
        send("")  # without a token the same scan is still one scan
        after = given()
    assert len(kept) == 1
    assert (taken_off, after) == ([], kept)
