# SPDX-License-Identifier: Apache-2.0
"""Progress without a sign-in: number and end of the ID number open it, nothing personal is shown, nobody guesses."""

import pytest
from django.test import Client

from tests import story
from tests.people import CHEN, ZHANG
from tests.world import World
from tongban.cases import actions, queries

HUNAN, GANSU = "430000", "620000"
TAIL = ZHANG.id_number[-4:]


def asked(world: World, number: str, tail: str, address: str = "192.0.2.1") -> tuple[int, str]:
    client = Client(headers={"host": world.nodes[GANSU].address.removeprefix("http://")})
    with world.at(GANSU):
        answer = client.post("/progress/", {"number": number, "tail": tail}, REMOTE_ADDR=address)
    return answer.status_code, answer.content.decode().replace(number, "")


@pytest.fixture
def number(federation: World) -> str:
    """张伟's case, which Changsha wants corrected."""
    zhang, chen = story.visitor(federation, ZHANG, GANSU), story.approver(federation, CHEN)
    given = story.submit(federation, zhang, story.item_of(federation, GANSU, "430100"))
    federation.settle()
    facts = {"what": "请补交居住证明。", "wrong": "id_card"}
    with federation.at(HUNAN):
        actions.make_move(given.case_id, "request_correction", actor=chen, at=federation.clock.now(), facts=facts)
    federation.settle()
    return given.receipt_no


def test_number_and_end_of_the_id_number_show_where_it_is_and_nothing_personal(federation: World, number: str) -> None:
    status, page = asked(federation, number, TAIL.lower())
    assert status == 200 and "待补正" in page and "长沙市公安局" in page
    assert ZHANG.name not in page and ZHANG.id_number not in page and ZHANG.phone not in page
    assert "居住证明" not in page


def test_a_wrong_end_and_an_unknown_number_are_answered_alike(federation: World, number: str) -> None:
    wrong = asked(federation, number, "0000")
    unknown = asked(federation, number[:-2] + "99", "0000")
    odd = asked(federation, "'\\x00😀", TAIL)
    assert wrong[0] == unknown[0] == odd[0] == 404
    assert wrong[1].partition("<form")[0] == unknown[1].partition("<form")[0] == odd[1].partition("<form")[0]
    assert asked(federation, number, "")[0] == asked(federation, number, TAIL[-1])[0] == 404


def test_nobody_tries_all_ends_of_a_number(federation: World, number: str) -> None:
    answers = [asked(federation, number, f"{guess:04d}", f"192.0.2.{guess}")[0] for guess in range(1, 25)]
    assert set(answers[:20]) == {404} and set(answers[20:]) == {429}
    assert asked(federation, number, TAIL, "198.51.100.1")[0] == 429


def test_a_correction_asks_only_for_what_is_wrong(federation: World, number: str) -> None:
    zhang = story.visitor(federation, ZHANG, GANSU)
    with federation.at(GANSU):
        page = queries.case_page(number, zhang)
    assert page.correction is not None and page.correction.wrong == ("id_card",)
    (paper,) = page.notices
    assert paper.words is not None and any(words.startswith("需要补正的材料：") for words in paper.words.paragraphs)
